// The part of RFC 6455 that is needed to refuse a WebSocket with a close code that a script can read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::websocket {

// Absent headers are empty views.
struct HandshakeHeaders {
    std::string_view method;
    bool http11 = false;
    std::string_view upgrade;
    std::string_view connection;
    std::string_view key;
    std::string_view version;
};

enum class Handshake : std::uint8_t {
    none,           // an ordinary request or a malformed handshake
    wrong_version,  // must be answered with 426 and the supported version (section 4.4)
    valid,
};

Handshake classify(const HandshakeHeaders& headers) noexcept;

// The protocols of an Upgrade header that are a WebSocket, also by a name or form that only a lenient server takes for
// one: the others are left out (RFC 9110, 7.8).
std::string without_other_protocols(std::string_view upgrade);

// The Sec-WebSocket-Accept for a Sec-WebSocket-Key (section 4.2.2).
std::string accept_key(std::string_view key);

// An unmasked close frame (sections 5.5.1 and 7.4). `reason` is UTF-8 and is cut after 123 bytes.
std::string close_frame(std::uint16_t code, std::string_view reason);

// Finds the boundaries of frames in a stream (section 5.2).
class FrameTracker {
public:
    void consume(std::string_view bytes) noexcept;

    bool at_boundary() const noexcept { return header_size_ == 0 && payload_left_ == 0; }

private:
    std::uint64_t payload_left_ = 0;
    std::uint8_t header_size_ = 0;  // bytes read of an incomplete header
    std::uint8_t header_[14] = {};
};

// The first subprotocol that the client offers. A browser that offers any fails the connection, and never reads the
// close code, if the response selects none. Empty if there is none or if it is not a token (RFC 9110, 5.6.2).
std::optional<std::string_view> first_protocol(std::string_view offered) noexcept;

}  // namespace auth_gate::websocket
