// The answers to requests that are not let in, to the letter of the contract.
#pragma once

#include <cstdint>
#include <string_view>

namespace auth_gate {

enum class Refusal : std::uint8_t {
    none,
    no_credentials,
    bad_credentials,
    prefetch,  // a token is not spent on a page that nobody may look at
    bad_path,
    websocket_version,
    mfa_required,
    not_admin,
    not_saved,  // a setting that the application took and the gate could not keep
    unavailable,
};

enum class Remedy : std::uint8_t { none, login, mfa_setup };

struct RefusalAnswer {
    std::uint16_t status;
    std::string_view body;
    std::string_view www_authenticate;  // empty: none
    std::uint16_t websocket_code;       // 0: a WebSocket gets the plain status too
    std::string_view websocket_reason;
    Remedy remedy;              // where a page navigation may be redirected
    std::string_view decision;  // for $auth_gate_decision
};

// Refusal::none has 200 and "allow".
const RefusalAnswer& answer_to(Refusal refusal) noexcept;

}  // namespace auth_gate
