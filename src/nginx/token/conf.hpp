// Purposes of tokens, which of them let a request in here, and which are issued here.
#pragma once

#include "nginx/conf/merge.hpp"

#include "core/token/token.hpp"

#include <string>
#include <vector>

namespace auth_gate {

struct LocationConf;
struct MainConf;

struct Purpose {
    std::string name;
    std::uint32_t id = 0;
    std::uint64_t ttl_ms = 0;
    std::uint64_t lease_ms = 0;
    LeaseTo lease_to = LeaseTo::address;
    bool only_bound = false;  // a request for a token must name the place that it is for
    bool declared = false;    // by a directive, not only built in
    bool issued = false;
    bool accepted = false;
};

struct TokenConf {
    ngx_array_t* purposes = nullptr;                   // of ngx_str_t: the names in token=; merged by merge_gate()
    std::string* parameter = nullptr;                  // of the URL, by param=; merged by merge_gate()
    std::vector<AcceptedPurpose>* accepted = nullptr;  // not inherited: made of the purposes
    bool has_leases = false;                           // not inherited: whether one of the purposes has
    ngx_array_t* issue_purposes = nullptr;             // not inherited; of ngx_str_t: the names in auth_gate_issue
    Place issue_place;                                 // not inherited
    std::vector<const Purpose*>* issues = nullptr;     // not inherited
    bool checks_identity = false;                      // not inherited: the application is asked before it issues

    std::string_view parameter_name() const noexcept {
        return parameter == nullptr ? std::string_view("token") : std::string_view(*parameter);
    }
    bool is_taken() const noexcept { return accepted != nullptr && !accepted->empty(); }
};

// The purposes that need no directive, and the parameter's usual name.
void add_built_in_purposes(ngx_conf_t* cf, MainConf& main);

// Notes a name that some location takes tokens from. Throws bad_alloc.
void add_token_parameter(MainConf& main, std::string_view name);

// `auth_gate_issue` contradicts some values of `auth_gate` and `auth_gate_identity`. For the location's own values of
// the first, before merge_gate(), and the merged ones of the other.
char* check_issue(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Finds the purposes that this location names. NGX_CONF_ERROR, after logging why, when one is not declared.
char* merge_token(ngx_conf_t* cf, const LocationConf& prev, LocationConf& conf);

// Warns about purposes that are issued and nowhere accepted.
void check_purposes(ngx_conf_t* cf, const MainConf& main);

}  // namespace auth_gate
