#include "nginx/conf/conf.hpp"

#include "nginx/state/conf.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

// A plain struct with its unset values. Null, as nginx expects, when memory ran out.
template <typename T>
T* make_plain(ngx_conf_t* cf) noexcept {
    static_assert(std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T>);
    void* memory = ngx_palloc(cf->pool, sizeof(T));
    return memory == nullptr ? nullptr : new (memory) T{};
}

using Step = char* (*)(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// The order matters: a step may rely on what the steps before it decided.
constexpr Step location_steps[] = {
    merge_jwt,            // depends on no other capability
    merge_identity,       // depends on no other capability
    merge_mfa,            // depends on no other capability
    check_issue,          // reads the location's own auth_gate, so it comes before merge_gate
    merge_oidc,           // depends on no other capability
    merge_gate,           // no gate by default where merge_oidc found a login
    complete_keys,        // generates keys for a gate or a login that has none
    complete_identity,    // hashes these keys
    check_mfa,            // needs the gate, the identity and the mode
    check_oidc_settings,  // needs the gate, the identity and the other endpoints
    collect_paths,        // needs the gate and all endpoints
    merge_token,          // needs the purposes that merge_gate may have inherited
};

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

void* create_main_conf(ngx_conf_t* cf) noexcept {
    return shielded(cf->log, static_cast<void*>(nullptr), [&]() -> void* {
        auto* main = make_plain<MainConf>(cf);
        if (main != nullptr) {
            add_built_in_purposes(cf, *main);
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

char* merge_server_conf(ngx_conf_t*, void* parent, void* child) noexcept {
    const auto& prev = *static_cast<ServerConf*>(parent);
    auto& conf = *static_cast<ServerConf*>(child);
    inherit(conf.public_rules, prev.public_rules);
    inherit(conf.mfa_exempt_rules, prev.mfa_exempt_rules);
    return NGX_CONF_OK;
}

void* create_location_conf(ngx_conf_t* cf) noexcept {
    return make_plain<LocationConf>(cf);
}

char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) noexcept {
    return shielded(cf->log, failed, [&] {
        const auto& prev = *static_cast<LocationConf*>(parent);
        auto& conf = *static_cast<LocationConf*>(child);
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
        if (check_state(cf, main) != NGX_OK || check_oidc(cf, main) != NGX_OK) {
            return NGX_ERROR;
        }
        check_purposes(cf, main);
        return NGX_OK;
    });
}

}  // namespace auth_gate
