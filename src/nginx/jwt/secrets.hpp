// Reading the keys that JWTs are verified and signed with, at configuration time.
#pragma once

#include "nginx/conf/conf.hpp"

#include <optional>
#include <string>
#include <vector>

namespace auth_gate {

// The secret in "env:NAME" or "file:PATH", as the value of this directive. Nothing, and said why, when it cannot be had
// or is empty. Warns about files that others can read.
std::optional<std::string> configured_secret(ngx_conf_t* cf, const char* directive, ngx_str_t source);

// Keys from "env:NAME" and "file:PATH" texts. Null, and said why, when one cannot be had or is empty.
// Warns about short secrets and about files that others can read.
Keys* configured_keys(ngx_conf_t* cf, const ngx_str_t* sources, ngx_uint_t count);

// The key that is generated where none is configured, kept (mode 0600) in the state directory so that a
// restart does not end sessions. Null, and said why, when it cannot be kept.
Keys* generated_keys(ngx_conf_t* cf, const ngx_str_t& state_path);

}  // namespace auth_gate
