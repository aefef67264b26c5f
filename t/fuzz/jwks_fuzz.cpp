// A provider's keys: none verifies a signature that was never made.
#include "core/oidc/jwks.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    const auto keys = oidc::KeySet::parse(input);
    if (!keys) {
        return;
    }
    demand(keys->size() <= oidc::KeySet::most_keys, "a set has a maximum size");
    for (auto i = static_cast<int>(oidc::Algorithm::rs256); i <= static_cast<int>(oidc::Algorithm::eddsa); ++i) {
        const auto algorithm = static_cast<oidc::Algorithm>(i);
        for (const oidc::KeySet::Key* key : keys->find(algorithm, std::nullopt)) {
            demand(!oidc::verify_signature(*key, algorithm, "a text", std::string(64, '\1')), "nobody signed this");
        }
    }
}
