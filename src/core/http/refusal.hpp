// The responses to refused requests, exactly as CONTRACT.md specifies them.
#pragma once

#include <cstdint>
#include <string_view>

namespace auth_gate {

enum class Refusal : std::uint8_t {
    none,
    no_credentials,
    bad_credentials,
    prefetch,  // a token is not spent on a page that may never be shown
    bad_path,
    websocket_version,
    mfa_required,
    not_admin,
    not_saved,  // the application accepted a setting, but the gate could not save it
    unavailable,
};

enum class Remedy : std::uint8_t { none, login, mfa_setup };

struct RefusalAnswer {
    std::uint16_t status;
    std::string_view body;
    std::string_view www_authenticate;  // empty: none
    std::uint16_t websocket_code;       // 0: a WebSocket handshake gets the plain status, too
    std::string_view websocket_reason;
    Remedy remedy;              // where a page navigation may be redirected to
    std::string_view decision;  // for $auth_gate_decision
};

// The response to Refusal::none has the status 200 and the decision "allow".
const RefusalAnswer& answer_to(Refusal refusal) noexcept;

}  // namespace auth_gate
