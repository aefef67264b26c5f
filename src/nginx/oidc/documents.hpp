// Providers' metadata and keys: fetched once for all workers, kept in the zone, and used beyond their age while newer
// ones cannot be fetched.
#pragma once

#include "nginx/client/http_client.hpp"
#include "nginx/oidc/settings.hpp"

#include "core/oidc/jwks.hpp"

namespace auth_gate {

enum class DocumentStatus : std::uint8_t {
    ready,
    waiting,      // a fetch is in progress: ask again in a few milliseconds
    unavailable,  // the fetch failed, and the log says why
};

// A GET for JSON with the provider's timeouts, CA file and proxy. Plain http is allowed only if the provider is
// configured on a loopback address: no other provider's metadata can direct the client's secret to one. A provider that
// an administrator has set is not asked at a private address.
HttpRequest request_to(const OidcConfig& config, const std::string& address);

// Both throw bad_alloc.
DocumentStatus obtain_metadata(const OidcConfig& config, OidcZone& zone, oidc::Metadata& out);

// If `generation` is 0, any keys will do. Otherwise that generation lacked a key, and the keys are fetched
// again unless that happened a moment ago. On return it is the generation of `out`.
DocumentStatus obtain_keys(const OidcConfig& config, OidcZone& zone, const oidc::Metadata& metadata,
                           std::uint32_t& generation, oidc::KeySet& out);

}  // namespace auth_gate
