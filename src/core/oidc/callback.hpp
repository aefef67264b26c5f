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
        refused,          // by the provider, see `error`; the state is checked and spent all the same
        refused_unasked,  // in a standard's word, but without a state: it tells whose login it was no more than the
                          // page
        bad_state,        // not in the form of our states
        incomplete,
        malformed,  // a parameter repeated or too long, broken escapes, control characters
    };

    Status status = Status::incomplete;
    std::string state;
    std::string code;
    std::string issuer;       // empty: not given
    std::string error;        // safe in a URL and a log: see is_error_code()
    std::string description;  // what the provider says about it: see shown_description()
};

Callback parse_callback(std::string_view query);

// RFC 9207, 2.4: iss must be the provider's own issuer if present, and must be present if the provider's metadata says
// that it always is.
bool issuer_fits(const Callback& callback, const Metadata& metadata);

std::string_view sentence(Callback::Status status) noexcept;

}  // namespace auth_gate::oidc
