#include "nginx/mfa/conf.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/mfa/bypass.hpp"

namespace auth_gate {

namespace {

char* refuse(ngx_conf_t* cf, const char* what) noexcept {
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "%s, in location \"%V\"", what, &core_conf(cf)->name);
    return failed;
}

bool is_enforced(const LocationConf& conf) noexcept {
    return conf.gate.on == 1 && (conf.mfa.mode() == MfaMode::policy || conf.mfa.mode() == MfaMode::always);
}

char* check_enforcement(ngx_conf_t* cf, const LocationConf& conf) noexcept {
    if (!is_enforced(conf)) {
        return NGX_CONF_OK;
    }
    if (conf.identity.source == nullptr) {
        return refuse(cf, "\"auth_gate_mfa\" needs \"auth_gate_identity\" to know who has MFA");
    }
    if (core_conf(cf)->satisfy == NGX_HTTP_SATISFY_ANY) {
        return refuse(cf, "\"satisfy any\" would bypass \"auth_gate_mfa\"");
    }
    return NGX_CONF_OK;
}

char* check_endpoints(ngx_conf_t* cf, const LocationConf& conf) noexcept {
    const MfaConf& mfa = conf.mfa;
    const bool takes_sessions = conf.gate.on == 1 && conf.jwt.accepted == 1;
    if (mfa.app_settings == 1 && (!takes_sessions || conf.token.purposes != nullptr)) {
        return refuse(cf, "\"auth_gate_app_settings\" needs \"auth_gate jwt\" and no \"token=\"");
    }
    if (mfa.app_settings == 1 && mfa.app_config == 1) {
        return refuse(cf, "\"auth_gate_app_settings\" and \"auth_gate_app_config\" need separate locations");
    }
    if (mfa.disable == 1 && mfa.app_config == 1) {
        return refuse(cf, "\"auth_gate_mfa_disable\" and \"auth_gate_app_config\" need separate locations");
    }
    if (mfa.disable == 1 && mfa.app_settings == 1) {
        return refuse(cf, "\"auth_gate_mfa_disable\" and \"auth_gate_app_settings\" need separate locations");
    }
    if (mfa.disable == 1 && !takes_sessions) {
        return refuse(cf, "\"auth_gate_mfa_disable\" needs \"auth_gate jwt\" to know whose MFA it is");
    }
    if (mfa.app_settings == 1 && conf.identity.source == nullptr) {
        return refuse(cf, "\"auth_gate_app_settings\" needs \"auth_gate_identity\" to know who is an administrator");
    }
    if (mfa.app_settings == 1 && core_conf(cf)->satisfy == NGX_HTTP_SATISFY_ANY) {
        return refuse(cf, "\"satisfy any\" would bypass \"auth_gate_app_settings\"");
    }
    return NGX_CONF_OK;
}

}  // namespace

char* merge_mfa(ngx_conf_t*, const LocationConf& prev, LocationConf& conf) {
    if (conf.mfa.raw_mode == NGX_CONF_UNSET_UINT) {
        conf.mfa.dry_run = prev.mfa.dry_run;  // belongs to the mode
    }
    ngx_conf_merge_uint_value(conf.mfa.raw_mode, prev.mfa.raw_mode, static_cast<ngx_uint_t>(MfaMode::off));
    ngx_conf_merge_value(conf.mfa.sockets, prev.mfa.sockets, 1);
    ngx_conf_merge_uint_value(conf.mfa.socket_checks, prev.mfa.socket_checks, default_socket_checks);
    inherit(conf.mfa.url, prev.mfa.url);
    inherit(conf.mfa.bypass, prev.mfa.bypass);
    ngx_conf_init_value(conf.mfa.app_config, 0);
    ngx_conf_init_value(conf.mfa.app_settings, 0);
    ngx_conf_init_value(conf.mfa.disable, 0);
    return NGX_CONF_OK;
}

char* check_mfa(ngx_conf_t* cf, const LocationConf&, LocationConf& conf) {
    if (char* rc = check_enforcement(cf, conf); rc != NGX_CONF_OK) {
        return rc;
    }
    if (char* rc = check_endpoints(cf, conf); rc != NGX_CONF_OK) {
        return rc;
    }
    if (conf.mfa.bypass != nullptr) {
        if (char* rc = check_mfa_bypass(cf, *conf.mfa.bypass); rc != NGX_CONF_OK) {
            return rc;
        }
    }
    MainConf& main = *main_conf(cf);
    if (conf.mfa.has_endpoint() || (is_enforced(conf) && conf.mfa.mode() == MfaMode::policy)) {
        ngx_str_set(&main.state_wanted_by, "auth_gate_mfa");
    }
    if (conf.mfa.has_endpoint() || is_enforced(conf)) {
        ngx_str_set(&main.zone_wanted_by, "auth_gate_mfa");
    }
    return NGX_CONF_OK;
}

}  // namespace auth_gate
