// The path that the gate decides on is the path that the application sees, unless a location wants it as it was sent.
#pragma once

#include "nginx/gate/stages.hpp"

namespace auth_gate {

// The forms of a path that is not in nginx's own reading already, or that servers read differently.
struct SentPath {
    ngx_str_t as_sent{};    // without the query; empty: there is nothing to note about this path
    ngx_str_t canonical{};  // says what nginx read
    bool ambiguous = false;
};

// Makes the raw path say what nginx decoded, notes a path that other servers read differently, and leads every form of
// a gated endpoint's path to that endpoint. Before any rewrite. Throws bad_alloc.
void canonicalise_path(ngx_http_request_t* r);

// Rewrite phase, before the location's rewrites: the location is known now, and the raw path gets the form that it
// wants. Only needed where some location says `auth_gate_path as_sent`.
ngx_int_t use_path_of_location(ngx_http_request_t* r) noexcept;

// Postconfiguration. Fails when memory runs out.
ngx_int_t prepare_paths(ngx_conf_t* cf) noexcept;

// Stage 5: refuses a path that the application may read differently from nginx.
Outcome check_path(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// Whether this location refuses the path that was sent.
bool refuses_path(const LocationConf& conf, const RequestState& state) noexcept;

// For the log.
inline constexpr const char* path_refusal = "the application might read the path differently (auth_gate_path strict)";

}  // namespace auth_gate
