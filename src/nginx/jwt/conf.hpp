// Which JWTs are sessions here, and what the application gets instead of a token.
#pragma once

#include "nginx/conf/merge.hpp"

#include "core/base/crypto.hpp"
#include "core/jwt/requirements.hpp"
#include "core/jwt/session_copy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace auth_gate {

struct LocationConf;
struct MainConf;

struct Keys {
    std::vector<HmacKey> keys;           // the first signs, all verify
    std::vector<std::uint64_t> key_ids;  // one for each
};

// Where a session's JWT is looked for, in this order.
struct JwtSources {
    std::vector<std::string> schemes;  // of Authorization
    std::vector<std::string> headers;  // others, in lower case
    std::vector<std::string> cookies;
};

struct ConfiguredPlace {
    jwt::PlaceKind kind;
    std::string name;
};

// A claim that the gate sets in what it signs. `json` if that is not null, otherwise the value as a string.
struct ClaimToSet {
    std::string name;
    std::string json;
    ngx_http_complex_value_t* value = nullptr;
};

// What the gate signs on behalf of a session.
struct UpstreamJwt {
    bool on = true;  // the application gets it instead of a token
    bool minimal = false;
    time_t ttl = 60;
    std::vector<ClaimToSet> claims;
    std::optional<ConfiguredPlace> to;  // nothing: where the session was
};

struct JwtConf {
    ngx_uint_t accepted = 0;  // auth_gate jwt; merged by merge_gate()
    JwtSources* sources = nullptr;
    JwtSources* places = nullptr;  // not inherited: from where the application may take a session
    Keys* keys = nullptr;
    Requirements* requirements = nullptr;
    time_t leeway = NGX_CONF_UNSET;
    size_t max_size = NGX_CONF_UNSET_SIZE;
    ngx_flag_t require_exp = NGX_CONF_UNSET;
    ngx_str_t user_claim{};
    std::uint64_t verifier_id = 0;                 // not inherited: a hash of the keys and the user claim
    std::vector<std::uint64_t>* scopes = nullptr;  // not inherited: the account_scope() of each key
    UpstreamJwt* upstream = nullptr;
};

char* merge_jwt(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Generates keys for a gate or a login without any. NGX_CONF_ERROR, after logging why, when they cannot be kept.
char* complete_keys(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Tells apart what this process, or the cache of identities, remembers under different keys, or by different rules.
std::uint64_t key_set_hash(const Keys& keys, std::initializer_list<std::string_view> parts);

// Makes the signer and the cache of verified sessions.
void complete_jwt(ngx_conf_t* cf, MainConf& main);

}  // namespace auth_gate
