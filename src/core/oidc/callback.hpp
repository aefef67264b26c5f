// What the browser brings back from the provider (RFC 6749, 4.1.2; RFC 9207).
#pragma once

#include "core/oidc/metadata.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace auth_gate::oidc {

struct Callback {
    static constexpr std::size_t longest_code = 4096;  // bytes

    enum class Status : std::uint8_t {
        code,
        refused,    // by the provider; `error` says why. The state is to be checked and spent all the same
        bad_state,  // there is one, but it is none of ours
        incomplete,
        malformed,  // a parameter twice, too long, broken escapes, control characters
    };

    Status status = Status::incomplete;
    std::string state;
    std::string code;
    std::string issuer;  // empty: none was given
    std::string error;   // fit for a URL and a log: see is_error_code()
};

Callback parse_callback(std::string_view query);

// RFC 9207, 2.4: iss must be the provider's own where it is given, and be given where the provider says that it is.
bool issuer_fits(const Callback& callback, const Metadata& metadata) noexcept;

std::string_view sentence(Callback::Status status) noexcept;

}  // namespace auth_gate::oidc
