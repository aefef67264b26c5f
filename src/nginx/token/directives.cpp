#include "nginx/token/directives.hpp"

#include "nginx/token/issue.hpp"

#include <algorithm>
#include <utility>

namespace auth_gate {

namespace {

constexpr std::uint64_t longest_lifetime_ms = 3'600'000;

constexpr const char* purpose_options =
    "ttl=time or lease=time of at most 1h, or bind=path,address|agent|none, each once";

// What the options of a purpose say.
struct PurposeOptions {
    std::uint64_t ttl_ms = 0;
    std::uint64_t lease_ms = 0;
    std::optional<LeaseTo> lease_to;
    bool only_bound = false;
};

bool set_lease_to(PurposeOptions& options, LeaseTo lease_to) noexcept {
    const bool is_first = !options.lease_to.has_value();
    options.lease_to = lease_to;
    return is_first;
}

bool set_bind_word(PurposeOptions& options, std::string_view word) noexcept {
    if (word == "path") {
        return !std::exchange(options.only_bound, true);
    }
    if (word == "address") {
        return set_lease_to(options, LeaseTo::address);
    }
    if (word == "agent") {
        return set_lease_to(options, LeaseTo::agent);
    }
    return word == "none" && set_lease_to(options, LeaseTo::anybody);
}

// path, one of the others, or both.
bool set_bind(PurposeOptions& options, std::string_view list) noexcept {
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(',', begin), list.size());
        if (!set_bind_word(options, list.substr(begin, end - begin))) {
            return false;
        }
        begin = end + 1;
    }
    return true;
}

bool set_time(std::uint64_t& ms, std::string_view text) noexcept {
    const auto given = ms == 0 ? milliseconds(text) : std::nullopt;
    ms = given.value_or(0);
    return given && ms <= longest_lifetime_ms;
}

bool set_option(PurposeOptions& options, const ngx_str_t& argument) noexcept {
    if (const auto text = option(argument, "ttl")) {
        return set_time(options.ttl_ms, *text);
    }
    if (const auto text = option(argument, "lease")) {
        return set_time(options.lease_ms, *text);
    }
    const auto text = option(argument, "bind");
    return text && !options.only_bound && !options.lease_to && set_bind(options, *text);
}

}  // namespace

char* set_purpose(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    const std::span<ngx_str_t> args = arguments(cf);
    const std::string_view name = view(args[0]);
    if (!is_name(name)) {
        return invalid(cf, args[0], name_form);
    }

    PurposeOptions options;
    for (ngx_str_t& argument : args.subspan(1)) {
        if (!set_option(options, argument)) {
            return invalid(cf, argument, purpose_options);
        }
    }
    if (options.ttl_ms == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_purpose %V\" must have \"ttl=time\"", &args[0]);
        return failed;
    }
    if (options.lease_to && options.lease_ms == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"auth_gate_purpose %V\": bind=address, agent and none are for a lease, add \"lease=time\"",
                           &args[0]);
        return failed;
    }

    Purpose* purpose = main.find_purpose(name);
    if (purpose != nullptr && purpose->declared) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_purpose %V\" is duplicate", &args[0]);
        return failed;
    }
    if (purpose == nullptr) {
        const std::uint32_t id = purpose_id(name);
        if (const Purpose* other = std::as_const(main).find_purpose(id)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"auth_gate_purpose %V\" has the same hash as \"%s\", rename one of them", &args[0],
                               other->name.c_str());
            return failed;
        }
        purpose = &main.purposes->emplace_back();
        purpose->name = name;
        purpose->id = id;
    }
    purpose->ttl_ms = options.ttl_ms;
    purpose->lease_ms = options.lease_ms;
    purpose->lease_to = options.lease_to.value_or(LeaseTo::address);
    purpose->only_bound = options.only_bound;
    purpose->declared = true;
    return NGX_CONF_OK;
}

char* set_issue(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.token.issue_purposes != nullptr) {
        return duplicate();
    }
    for (ngx_str_t& argument : arguments(cf)) {
        if (view(argument).find('=') != std::string_view::npos) {
            if (view(argument) != "check=identity" || std::exchange(location.token.checks_identity, true)) {
                return invalid(cf, argument, "purposes and check=identity, once");
            }
        } else if (!add_names(cf, view(argument), location.token.issue_purposes)) {
            return invalid(cf, argument, "a purpose");
        }
    }
    if (location.token.issue_purposes == nullptr) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_issue\" must have a purpose");
        return failed;
    }
    location.token.issue_place = place(cf);
    set_content_handler(cf, location, issue_handler);
    return NGX_CONF_OK;
}

}  // namespace auth_gate
