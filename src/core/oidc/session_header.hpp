// The JOSE header of a session that the gate gives out for a login.
#pragma once

#include <string>
#include <string_view>

namespace auth_gate::oidc {

// A header that no other session has, in base64url. `session` is random text. A provider's name, if there is one, says
// that only this provider's second factor counts for the session. Both stand in JSON as they are.
std::string session_header(std::string_view session, std::string_view provider);

// The provider that such a header names; empty for none, and for any other header. Throws bad_alloc.
std::string provider_in(std::string_view header);

}  // namespace auth_gate::oidc
