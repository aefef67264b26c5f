#include "nginx/redis/directives.hpp"

#include "nginx/jwt/secrets.hpp"
#include "nginx/redis/remote_store.hpp"

#include "core/base/ascii.hpp"
#include "core/base/crypto.hpp"
#include "core/redis/server_url.hpp"

#include <algorithm>

namespace auth_gate {

#if AUTH_GATE_HIREDIS

namespace {

constexpr std::string_view default_prefix = "auth-gate:";
constexpr in_port_t default_port = 6379;
constexpr std::size_t longest_prefix = 64;  // bytes
constexpr std::uint32_t most_inflight = 65'536;
constexpr std::uint64_t longest_timeout = 10'000;

// What the directive says, before anything is made of it.
struct Options {
    std::optional<std::string_view> prefix;
    std::optional<std::uint64_t> timeout;
    std::optional<std::uint32_t> inflight;
    std::optional<std::string_view> user;
    std::optional<std::string> password;

    Options() = default;
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;
    ~Options() {
        if (password) {
            wipe(*password);
        }
    }
};

// A colon is the custom, and no character has a meaning in an ACL's pattern or in a cluster.
bool is_prefix(std::string_view text) noexcept {
    return !text.empty() && text.size() <= longest_prefix && std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == ':' || c == '-' || c == '_' || c == '.';
    });
}

char* read_option(ngx_conf_t* cf, ngx_str_t& argument, Options& options) {
    if (const auto prefix = option(argument, "prefix"); prefix && !options.prefix) {
        if (!is_prefix(*prefix)) {
            return invalid(cf, argument, "prefix=TEXT of at most 64 letters, digits, \":\", \"-\", \"_\" or \".\"");
        }
        options.prefix = prefix;
    } else if (const auto timeout = option(argument, "timeout"); timeout && !options.timeout) {
        options.timeout = milliseconds(*timeout);
        if (!options.timeout || *options.timeout > longest_timeout) {
            return invalid(cf, argument, "timeout=time of at most 10s");
        }
    } else if (const auto inflight = option(argument, "inflight"); inflight && !options.inflight) {
        options.inflight = positive(*inflight);
        if (!options.inflight || *options.inflight > most_inflight) {
            return invalid(cf, argument, "inflight=number of at most 65536");
        }
    } else if (const auto user = option(argument, "user"); user && !user->empty() && !options.user) {
        options.user = user;
    } else if (const auto password = option(argument, "password"); password && !options.password) {
        options.password = configured_secret(cf, "auth_gate_store password", borrowed(*password));
        if (!options.password) {
            return failed;
        }
    } else {
        return invalid(cf, argument, "prefix=, timeout=, inflight=, user= or password=, each once");
    }
    return NGX_CONF_OK;
}

// nginx resolves the name now: later that would block.
char* resolve(ngx_conf_t* cf, const redis::ServerUrl& url, RedisServer& server) {
    if (!url.socket.empty()) {
        server.addresses.push_back({url.socket, 0});
        return NGX_CONF_OK;
    }
    ngx_url_t parsed{};
    parsed.url = copy(cf->pool, url.authority);
    parsed.default_port = default_port;
    if (ngx_parse_url(cf->pool, &parsed) != NGX_OK || parsed.naddrs == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "auth_gate_store: %s in \"%s\"",
                           parsed.err != nullptr ? parsed.err : "no address", url.authority.c_str());
        return failed;
    }
    for (const ngx_addr_t& address : std::span(parsed.addrs, parsed.naddrs)) {
        u_char text[NGX_SOCKADDR_STRLEN];
        const std::size_t size = ngx_sock_ntop(address.sockaddr, address.socklen, text, sizeof(text), 0);
        server.addresses.push_back({std::string(chars(text), size), ngx_inet_get_port(address.sockaddr)});
    }
    return NGX_CONF_OK;
}

}  // namespace

char* set_store(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    const std::span<ngx_str_t> args = arguments(cf);
    if (main.store != nullptr) {
        return duplicate();
    }
    auto url = redis::parse_server_url(view(args[0]));
    if (!url) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid address in \"auth_gate_store\", it must be "
                           "redis://[user[:password]@]host[:port][/database] or unix:/path");
        return failed;
    }
    Options options;
    for (ngx_str_t& argument : args.subspan(1)) {
        if (char* result = read_option(cf, argument, options); result != NGX_CONF_OK) {
            return result;
        }
    }
    if ((options.user && !url->user.empty()) || (options.password && !url->password.empty())) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_store\" has two users or two passwords");
        return failed;
    }
    if (!load_libhiredis()) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_store\" needs hiredis (%s)", libhiredis_name());
        return failed;
    }
    main.store = make<RemoteStore>(cf->pool, options.prefix.value_or(default_prefix));
    RedisServer& server = main.store->server;
    server.shown = url->shown();
    server.user = options.user.value_or(url->user);
    server.password = options.password.value_or(url->password);
    if (!server.user.empty() && server.password.empty()) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_store\" has a user without a password");
        return failed;
    }
    server.database = url->database;
    server.timeout = options.timeout.value_or(server.timeout);
    server.inflight = options.inflight.value_or(server.inflight);
    wipe(url->password);
    return resolve(cf, *url, server);
}

#else

char* set_store(ngx_conf_t* cf, void*) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"auth_gate_store\" needs hiredis, and the module was built without its headers "
                       "(Debian: libhiredis-dev)");
    return failed;
}

#endif

}  // namespace auth_gate
