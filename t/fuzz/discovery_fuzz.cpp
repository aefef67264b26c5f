// A provider's metadata: every endpoint that is accepted is secure.
#include "core/http/url.hpp"
#include "core/oidc/metadata.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    for (const bool overridden : {false, true}) {
        const oidc::MetadataResult result =
            oidc::parse_metadata(input, {.issuer = "https://id.example", .overridden = overridden, .has_secret = true});
        if (result.status != oidc::MetadataStatus::valid) {
            continue;
        }
        const oidc::Metadata& m = result.metadata;
        for (const std::string& endpoint : {m.authorization_endpoint, m.token_endpoint, m.jwks_uri}) {
            demand(url::is_secure(endpoint), "an endpoint is secure");
        }
        demand(m.userinfo_endpoint.empty() || url::is_secure(m.userinfo_endpoint), "so is userinfo");
        demand(overridden || url::same_issuer(m.issuer, "https://id.example"), "the issuer is the configured one");
    }
    if (const auto parsed = url::parse(input)) {
        demand(!parsed->host.empty() && parsed->target.starts_with('/'), "a URL has a host and a path");
        demand(input.size() <= url::longest, "a URL is not too long");
    }
}
