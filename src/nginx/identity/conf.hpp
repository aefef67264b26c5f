// Where the gate learns a user's role and MFA status.
#pragma once

#include "nginx/conf/merge.hpp"

#include "core/identity/identity.hpp"

namespace auth_gate {

struct LocationConf;
struct MainConf;

struct IdentitySource {
    bool from_claims = false;
    ngx_str_t uri{};  // otherwise: the location of a subrequest
    IdentityRules rules;
    std::uint64_t cache_ms = 10'000;
    bool per_session = false;
    Place place;
};

struct IdentityConf {
    IdentitySource* source = nullptr;
    std::uint64_t source_id = 0;  // not inherited: a hash of the source, the server, and what signs the lookup's JWT
};

char* merge_identity(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// For the merged keys.
char* complete_identity(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Warns of lookups that lead nowhere. Only when everything is merged.
void check_lookups(ngx_conf_t* cf, const MainConf& main);

}  // namespace auth_gate
