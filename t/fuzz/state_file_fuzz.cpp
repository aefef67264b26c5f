// The files in the state directory: what is read is written back the same.
#include "core/mfa/settings.hpp"
#include "core/oidc/login_session.hpp"
#include "core/oidc/provider_settings.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    std::string why;
    if (const auto settings = from_file(input, why)) {
        demand(from_file(to_file(*settings), why) == settings, "settings are written as they were read");
    } else {
        demand(!why.empty(), "a damaged file has a reason");
    }
    why.clear();
    if (const auto providers = provider_settings_from_file(input, why)) {
        demand(provider_settings_from_file(to_file(*providers), why) == providers,
               "providers are written as they were read");
    } else {
        demand(!why.empty(), "a damaged file of providers has a reason");
    }
    if (const auto session = oidc::unpack_session(input)) {
        const auto packed = oidc::pack(*session);
        demand(!packed || *packed == input, "a login's session is packed as it was unpacked");
    }
}
