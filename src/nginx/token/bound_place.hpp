// The one place that a token may be bound to: as a request for a token names it, and as a request has it.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include "core/json/claims.hpp"

#include <vector>

namespace auth_gate {

struct LocationConf;
struct RequestState;

// What the body of a request for a token says of its place.
struct AskedPlace {
    std::uint64_t hash = 0;       // TokenGrant::place
    std::string_view error = {};  // the answer's body, if it says something that it must not
};

// `scope` is the account scope of the session that asks. Throws bad_alloc.
AskedPlace asked_place(const json::Claims& body, std::uint64_t scope, bool is_required);

// Presented::places: of the path and the method that the client sent, before any rewrite. Throws bad_alloc.
std::vector<std::uint64_t> places_of(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state);

}  // namespace auth_gate
