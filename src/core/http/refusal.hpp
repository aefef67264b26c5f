// The responses to refused requests, exactly as CONTRACT.md specifies them.
#pragma once

#include <cstdint>
#include <string_view>

namespace auth_gate {

enum class Refusal : std::uint8_t {
    none,
    no_credentials,
    bad_credentials,
    forbidden,  // a good session lacks a claim that the location requires
    prefetch,   // a token is not spent on a page that may never be shown
    bad_path,
    foreign_origin,  // another site's page uses a session cookie
    not_json,        // a body beside a session cookie, of a type that any page may send
    websocket_version,
    mfa_required,
    not_admin,
    not_saved,         // settings could not be saved; the application may have accepted its own
    settings_changed,  // by somebody else, while they were to be saved
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
