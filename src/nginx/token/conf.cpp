#include "nginx/token/conf.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/pool_object.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

struct BuiltInPurpose {
    std::string_view name;
    std::uint64_t ttl_ms;
};

constexpr BuiltInPurpose built_in_purposes[] = {
    {"ws", 30'000},
    {"download", 60'000},
    {"immich", 60'000},
};

// The purposes by these names; false, after logging why, when one is not declared.
bool find_purposes(ngx_conf_t* cf, const MainConf& main, ngx_array_t* names, const Place& place, const char* directive,
                   std::vector<Purpose*>& out) {
    const auto* name = static_cast<ngx_str_t*>(names->elts);
    for (ngx_uint_t i = 0; i < names->nelts; ++i) {
        Purpose* purpose = main.find_purpose(view(name[i]));
        if (purpose == nullptr) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown purpose \"%V\" in \"%s\", declare it with \"auth_gate_purpose\", in %V:%ui",
                          &name[i], directive, &place.file, place.line);
            return false;
        }
        out.push_back(purpose);
    }
    return true;
}

char* find_accepted(ngx_conf_t* cf, MainConf& main, LocationConf& conf) {
    conf.token.accepted = make<std::vector<AcceptedPurpose>>(cf->pool);
    if (conf.token.purposes == nullptr) {
        return NGX_CONF_OK;
    }
    std::vector<Purpose*> purposes;
    if (!find_purposes(cf, main, conf.token.purposes, conf.gate.place, "auth_gate", purposes)) {
        return failed;
    }
    for (Purpose* purpose : purposes) {
        purpose->accepted = true;
        conf.token.accepted->push_back({purpose->id, purpose->lease_ms, purpose->lease_to, purpose->only_bound});
        conf.token.has_leases |= purpose->lease_ms != 0;
    }
    ngx_str_set(&main.zone_wanted_by, "auth_gate token=");
    return NGX_CONF_OK;
}

char* find_issued(ngx_conf_t* cf, MainConf& main, LocationConf& conf) {
    if (conf.token.issue_purposes == nullptr) {
        return NGX_CONF_OK;
    }
    std::vector<Purpose*> purposes;
    if (!find_purposes(cf, main, conf.token.issue_purposes, conf.token.issue_place, "auth_gate_issue", purposes)) {
        return failed;
    }
    conf.token.issues = make<std::vector<const Purpose*>>(cf->pool, purposes.begin(), purposes.end());
    for (Purpose* purpose : purposes) {
        purpose->issued = true;
    }
    ngx_str_set(&main.zone_wanted_by, "auth_gate_issue");
    return NGX_CONF_OK;
}

char* refuse_issue(ngx_conf_t* cf, const LocationConf& conf, const char* why) noexcept {
    const Place& place = conf.token.issue_place;
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"auth_gate_issue\" needs a session%s, in %V:%ui", why, &place.file,
                  place.line);
    return failed;
}

}  // namespace

void add_built_in_purposes(ngx_conf_t* cf, MainConf& main) {
    main.token_parameters = make<std::vector<std::string>>(cf->pool, std::initializer_list<std::string>{"token"});
    main.purposes = make<std::vector<Purpose>>(cf->pool);
    for (const BuiltInPurpose& built_in : built_in_purposes) {
        Purpose& purpose = main.purposes->emplace_back();
        purpose.name = built_in.name;
        purpose.id = purpose_id(built_in.name);
        purpose.ttl_ms = built_in.ttl_ms;
    }
}

void add_token_parameter(MainConf& main, std::string_view name) {
    std::vector<std::string>& names = *main.token_parameters;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.emplace_back(name);
    }
}

char* check_issue(ngx_conf_t* cf, const LocationConf&, LocationConf& conf) {
    if (conf.token.issue_purposes == nullptr) {
        return NGX_CONF_OK;
    }
    if (conf.gate.on == 0) {
        return refuse_issue(cf, conf, ", so this location cannot be \"auth_gate off\"");
    }
    if (conf.gate.on == 1 && conf.gate.optional == 1) {
        return refuse_issue(cf, conf, "; strangers get no tokens, remove \"optional\"");
    }
    if (conf.gate.on == 1 && conf.token.purposes != nullptr) {
        return refuse_issue(cf, conf, "; tokens cannot fetch tokens, remove \"token=\"");
    }
    const IdentitySource* source = conf.identity.source;
    if (conf.token.checks_identity && (source == nullptr || source->from_claims)) {
        const Place& place = conf.token.issue_place;
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"auth_gate_issue check=identity\" needs \"auth_gate_identity\" with a lookup, which asks the "
                      "application, in %V:%ui",
                      &place.file, place.line);
        return failed;
    }
    return NGX_CONF_OK;
}

char* merge_token(ngx_conf_t* cf, const LocationConf&, LocationConf& conf) {
    MainConf& main = *main_conf(cf);
    if (char* rc = find_accepted(cf, main, conf); rc != NGX_CONF_OK) {
        return rc;
    }
    return find_issued(cf, main, conf);
}

void check_purposes(ngx_conf_t* cf, const MainConf& main) {
    for (const Purpose& purpose : *main.purposes) {
        if (purpose.issued && !purpose.accepted) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"auth_gate_issue\" issues tokens for \"%s\", which no \"auth_gate token=\" accepts",
                          purpose.name.c_str());
        }
    }
}

}  // namespace auth_gate
