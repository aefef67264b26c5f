// Which JWTs are sessions here, and what the application gets instead of a token.
#pragma once

#include "nginx/conf/merge.hpp"

#include "core/base/crypto.hpp"
#include "core/jwt/requirements.hpp"

#include <string>
#include <vector>

namespace auth_gate {

struct LocationConf;
struct MainConf;

struct Keys {
    std::vector<HmacKey> keys;  // the first signs, all verify
    std::uint64_t key_set_id = 0;
};

struct JwtSources {
    bool bearer = false;
    std::vector<std::string> cookies;
};

struct JwtConf {
    ngx_uint_t accepted = 0;  // auth_gate jwt; merged by merge_gate()
    JwtSources* sources = nullptr;
    Keys* keys = nullptr;
    Requirements* requirements = nullptr;
    time_t leeway = NGX_CONF_UNSET;
    size_t max_size = NGX_CONF_UNSET_SIZE;
    ngx_flag_t require_exp = NGX_CONF_UNSET;
    ngx_str_t user_claim{};
    std::uint64_t verifier_id = 0;  // not inherited: a hash of the keys and the user claim
    ngx_flag_t upstream = NGX_CONF_UNSET;
    time_t upstream_ttl = NGX_CONF_UNSET;
};

char* merge_jwt(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Generates keys for a gate or a login without any. NGX_CONF_ERROR, after logging why, when they cannot be kept.
char* complete_keys(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Tells apart what is remembered of users under different keys, or by different rules.
std::uint64_t key_set_hash(const Keys& keys, std::initializer_list<std::string_view> parts);

// Makes the signer and the cache of verified sessions.
void complete_jwt(ngx_conf_t* cf, MainConf& main);

}  // namespace auth_gate
