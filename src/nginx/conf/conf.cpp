#include "nginx/conf/conf.hpp"

#include "nginx/ngx/pool_object.hpp"
#include "nginx/redis/store.hpp"
#include "nginx/state/conf.hpp"

#include <algorithm>
#include <span>

namespace auth_gate {

namespace {

// A plain struct with its unset values. Null, as nginx expects, when memory ran out.
template <typename T>
T* make_plain(ngx_conf_t* cf) noexcept {
    static_assert(std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T>);
    void* memory = ngx_palloc(cf->pool, sizeof(T));
    return memory == nullptr ? nullptr : new (memory) T{};
}

// One file may be included twice, so the place alone is not enough.
std::string id_of_server(ngx_conf_t* cf) {
    const auto* server =
        static_cast<ngx_http_core_srv_conf_t*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module));
    const auto* main =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    const std::span servers(static_cast<ngx_http_core_srv_conf_t**>(main->servers.elts), main->servers.nelts);
    const auto position = std::find(servers.begin(), servers.end(), server) - servers.begin();
    std::string id = std::to_string(position) + ' ' + std::to_string(server->line) + ' ';
    id += chars(server->file_name);
    id += ' ';
    id += view(server->server_name);
    return id;
}

using Step = char* (*)(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// nginx's content handler is one: the directive that comes last would decide.
char* check_handlers(ngx_conf_t* cf, const LocationConf&, LocationConf& conf) {
    const ngx_http_core_loc_conf_t& core = *core_conf(cf);
    if (conf.content_handler == nullptr || (!conf.has_other_handler && core.handler == conf.content_handler)) {
        return NGX_CONF_OK;
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "location \"%V\" answers by an endpoint of auth_gate and by another directive: give each a "
                       "location of its own",
                       &core.name);
    return failed;
}

// The order matters: a step may rely on what the steps before it decided.
constexpr Step location_steps[] = {
    check_handlers,       // depends on no capability
    merge_jwt,            // depends on no other capability
    merge_identity,       // depends on no other capability
    merge_mfa,            // depends on no other capability
    check_issue,          // reads the location's own auth_gate, so it comes before merge_gate
    merge_oidc,           // depends on no other capability
    merge_gate,           // no gate by default where merge_oidc found a login
    complete_keys,        // generates keys for a gate or a login that has none
    complete_identity,    // hashes these keys
    check_mfa,            // needs the gate, the identity and the mode
    check_pass,           // needs the gate, the mode, the endpoints and the required claims
    check_oidc_settings,  // needs the gate, the identity and the other endpoints
    collect_paths,        // needs the gate and all endpoints
    merge_token,          // needs the purposes that merge_gate may have inherited
};

// A block without a name, `if` or `limit_except`, has a configuration of its own, but no directive of the gate may
// stand in it: it is the location around it, in everything.
void take_over(ngx_http_core_loc_conf_t& core, const LocationConf& prev, LocationConf& conf) noexcept {
    conf = prev;
    // At `if`, nginx keeps the location's handler.
    if (core.lmt_excpt && core.handler == nullptr) {
        core.handler = conf.content_handler;
    }
}

}  // namespace

Purpose* MainConf::find_purpose(std::string_view name) const noexcept {
    const auto found =
        std::find_if(purposes->begin(), purposes->end(), [&](const Purpose& purpose) { return purpose.name == name; });
    return found == purposes->end() ? nullptr : &*found;
}

const Purpose* MainConf::find_purpose(std::uint32_t id) const noexcept {
    const auto found =
        std::find_if(purposes->begin(), purposes->end(), [&](const Purpose& purpose) { return purpose.id == id; });
    return found == purposes->end() ? nullptr : &*found;
}

bool MainConf::has_gate() const noexcept {
    return std::any_of(locations->begin(), locations->end(),
                       [](const MergedLocation& location) { return location.server->sees_users(); });
}

void* create_main_conf(ngx_conf_t* cf) noexcept {
    return shielded(cf->log, static_cast<void*>(nullptr), [&]() -> void* {
        auto* main = make_plain<MainConf>(cf);
        if (main != nullptr) {
            add_built_in_purposes(cf, *main);
            main->locations = make<std::vector<MergedLocation>>(cf->pool);
        }
        return main;
    });
}

char* init_main_conf(ngx_conf_t* cf, void* conf) noexcept {
    return shielded(cf->log, failed, [&] {
        complete_jwt(cf, *static_cast<MainConf*>(conf));
        return static_cast<char*>(NGX_CONF_OK);
    });
}

void* create_server_conf(ngx_conf_t* cf) noexcept {
    return make_plain<ServerConf>(cf);
}

char* merge_server_conf(ngx_conf_t* cf, void* parent, void* child) noexcept {
    return shielded(cf->log, failed, [&] {
        const auto& prev = *static_cast<ServerConf*>(parent);
        auto& conf = *static_cast<ServerConf*>(child);
        conf.id = make<std::string>(cf->pool, id_of_server(cf));
        inherit(conf.public_rules, prev.public_rules);
        inherit(conf.mfa_exempt_rules, prev.mfa_exempt_rules);
        return static_cast<char*>(NGX_CONF_OK);
    });
}

void* create_location_conf(ngx_conf_t* cf) noexcept {
    return make_plain<LocationConf>(cf);
}

char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept {
    return shielded(cf->log, failed, [&] {
        const auto& prev = *static_cast<LocationConf*>(parent);
        auto& conf = *static_cast<LocationConf*>(child);
        const auto* all = static_cast<ngx_http_conf_ctx_t*>(cf->ctx);
        main_conf(cf)->locations->push_back({all->loc_conf, server_conf(cf)});
        if (core_conf(cf)->noname) {
            take_over(*core_conf(cf), prev, conf);
            return static_cast<char*>(NGX_CONF_OK);
        }
        conf.zone = main_conf(cf)->zone;
        for (const Step step : location_steps) {
            if (char* rc = step(cf, prev, conf); rc != NGX_CONF_OK) {
                return rc;
            }
        }
        return static_cast<char*>(NGX_CONF_OK);
    });
}

ngx_int_t check_conf(ngx_conf_t* cf) noexcept {
    return shielded(cf->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        MainConf& main = *main_conf(cf);
        if (check_state(cf, main) != NGX_OK || check_oidc(cf, main) != NGX_OK || check_store(cf, main) != NGX_OK) {
            return NGX_ERROR;
        }
        check_purposes(cf, main);
        check_lookups(cf, main);
        return NGX_OK;
    });
}

}  // namespace auth_gate
