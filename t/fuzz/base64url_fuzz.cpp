// Decoding has one text for each value: what decodes encodes to the same text again, and the other way round.
#include "core/base/base64url.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    demand(base64url::decode(base64url::encode(input)) == input, "what was encoded decodes to the same bytes");
    if (const auto bytes = base64url::decode(input)) {
        demand(base64url::encode(*bytes) == input, "a value has one text");
        demand(base64url::is_alphabet(input), "only the alphabet decodes");
    }
}
