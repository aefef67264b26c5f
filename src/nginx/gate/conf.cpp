#include "nginx/gate/conf.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/pool_object.hpp"

#include "core/http/origin.hpp"

namespace auth_gate {

namespace {

void merge_auth_gate(const LocationConf& prev, LocationConf& conf) noexcept {
    if (conf.gate.on != NGX_CONF_UNSET) {
        return;
    }
    if (conf.oidc.provider != nullptr) {
        conf.gate.on = 0;  // nobody has a session while logging in
        return;
    }
    if (conf.token.issue_purposes != nullptr) {
        // Only sessions are given tokens, whatever else the enclosing block accepts.
        conf.gate.on = 1;
        conf.jwt.accepted = 1;
        conf.gate.place = conf.token.issue_place;
        return;
    }
    conf.gate.on = prev.gate.on == NGX_CONF_UNSET ? 0 : prev.gate.on;
    conf.jwt.accepted = prev.jwt.accepted;
    conf.gate.optional = prev.gate.optional;
    conf.token.purposes = prev.token.purposes;
    conf.token.parameter = prev.token.parameter;
    conf.gate.place = prev.gate.place;
}

char* refuse_pass(ngx_conf_t* cf, const Pass& pass, const char* why) noexcept {
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"auth_gate_pass opaque\" %s, in location \"%V\", in %V:%ui", why,
                  &core_conf(cf)->name, &pass.place.file, pass.place.line);
    return failed;
}

void add_to(ngx_conf_t* cf, std::vector<std::string>*& list, const ngx_str_t& name) {
    if (list == nullptr) {
        list = make<std::vector<std::string>>(cf->pool);
    }
    list->emplace_back(view(name));
}

}  // namespace

char* merge_gate(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf) {
    if (conf.gate.websocket_close == NGX_CONF_UNSET) {
        conf.gate.websocket_slow_ms = prev.gate.websocket_slow_ms;
    }
    ngx_conf_merge_value(conf.gate.websocket_close, prev.gate.websocket_close, 0);
    inherit(conf.gate.login_url, prev.gate.login_url);
    ngx_conf_merge_value(conf.gate.path_as_sent, prev.gate.path_as_sent, 0);
    inherit(conf.gate.origins, prev.gate.origins);
    inherit(conf.gate.cors, prev.gate.cors);
    if (conf.gate.pass.args == nullptr) {
        conf.gate.pass = prev.gate.pass;
    }
    if (conf.gate.origins == nullptr) {
        conf.gate.origins = make<OriginRule>(cf->pool);
    }
    const bool is_said = conf.gate.on != NGX_CONF_UNSET || conf.token.issue_purposes != nullptr;
    const bool is_location = core_conf(cf)->name.len != 0;
    conf.gate.of_location = is_said ? is_location : prev.gate.of_location;
    merge_auth_gate(prev, conf);
    if (conf.gate.on == 1) {
        server_conf(cf)->gated = 1;
    }
    return NGX_CONF_OK;
}

bool is_own_endpoint(const LocationConf& conf) noexcept {
    return conf.token.issue_purposes != nullptr || conf.mfa.has_endpoint() || conf.oidc.settings_provider != nullptr;
}

char* check_pass(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf) {
    Pass& pass = conf.gate.pass;
    if (!pass.opaque) {
        return NGX_CONF_OK;
    }
    const bool is_said_here = pass.args != prev.gate.pass.args;
    const bool is_endpoint = is_own_endpoint(conf) || conf.content_handler != nullptr;
    if (!is_said_here && (is_endpoint || conf.gate.on != 1)) {
        pass.opaque = false;
        return NGX_CONF_OK;
    }
    if (is_endpoint) {
        return refuse_pass(cf, pass, "cannot stand in a location where the gate itself answers or changes an answer");
    }
    if (conf.gate.on != 1) {
        return refuse_pass(cf, pass, "needs \"auth_gate\": without it, every key goes through");
    }
    const bool needs_mfa = conf.mfa.mode() == MfaMode::policy || conf.mfa.mode() == MfaMode::always;
    if (needs_mfa && !pass.without_mfa) {
        return refuse_pass(cf, pass,
                           "lets keys through without MFA: beside \"auth_gate_mfa\" say "
                           "\"auth_gate_pass opaque without_mfa\"");
    }
    if (!conf.jwt.requirements->empty()) {
        return refuse_pass(cf, pass, "lets keys through without claims, which \"auth_gate_require\" demands");
    }
    if (core_conf(cf)->satisfy == NGX_HTTP_SATISFY_ANY) {
        return refuse_pass(cf, pass, "would be enough for \"satisfy any\", though nobody has checked the key");
    }
    return NGX_CONF_OK;
}

char* collect_paths(ngx_conf_t* cf, const LocationConf&, LocationConf& conf) {
    ServerConf& server = *server_conf(cf);
    const auto* core = core_conf(cf);
    if (is_regex(*core) || core->named || core->name.len == 0) {
        return NGX_CONF_OK;
    }
    add_to(cf, server.literals, core->name);

    if (is_own_endpoint(conf) || (conf.gate.on == 1 && core->exact_match)) {
        add_to(cf, server.endpoints, core->name);
        server.gated = 1;
    }
    return NGX_CONF_OK;
}

}  // namespace auth_gate
