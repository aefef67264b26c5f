// What providers publish, metadata and keys: fetched once for all workers, kept in the zone for an hour, and used on
// while a newer one cannot be had.
#pragma once

#include "nginx/client/http_client.hpp"
#include "nginx/oidc/settings.hpp"

#include "core/oidc/jwks.hpp"

namespace auth_gate {

enum class DocumentStatus : std::uint8_t {
    ready,
    waiting,      // a fetch is under way: ask again in a few milliseconds
    unavailable,  // why it failed is in the log
};

// A GET for JSON with the provider's timeouts, authorities and proxy. Plain http only of a provider on this machine
// that is configured so: another one cannot send the gate, and the client's secret, there.
HttpRequest request_to(const OidcConfig& config, const std::string& address);

// Both throw bad_alloc.
DocumentStatus obtain_metadata(const OidcConfig& config, OidcZone& zone, oidc::Metadata& out);

// `generation` 0: any keys do. Otherwise another set than that one, which does not have the key that is looked for:
// the keys are fetched again, unless that was done a moment ago. Set to the generation of those that are handed out.
DocumentStatus obtain_keys(const OidcConfig& config, OidcZone& zone, const oidc::Metadata& metadata,
                           std::uint32_t& generation, oidc::KeySet& out);

}  // namespace auth_gate
