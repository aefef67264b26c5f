// Sessions within a header that should have none.
#pragma once

#include <string_view>

namespace auth_gate::jwt {

// Whether an application could read a JWT or a JWE from the text: as it stands, behind other text, or encoded up to
// four times in percent-encoding, quoted pairs and base64. Throws bad_alloc.
bool may_hide_session(std::string_view text);

}  // namespace auth_gate::jwt
