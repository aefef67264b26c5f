// As much of RFC 6455 as it takes to refuse a WebSocket in a way that a browser can read.
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
    none,           // an ordinary request, or one that asks for a WebSocket in no valid way
    wrong_version,  // to be answered 426 with the version that would do (section 4.4)
    valid,
};

Handshake classify(const HandshakeHeaders& headers) noexcept;

// Sec-WebSocket-Accept for a Sec-WebSocket-Key (section 4.2.2).
std::string accept_key(std::string_view key);

// One unmasked close frame (sections 5.5.1, 7.4). `reason` is UTF-8 of at most 123 bytes.
std::string close_frame(std::uint16_t code, std::string_view reason);

// Follows a stream of frames (section 5.2) to tell where one ends.
class FrameTracker {
public:
    void consume(std::string_view bytes) noexcept;

    bool at_boundary() const noexcept { return header_size_ == 0 && payload_left_ == 0; }

private:
    std::uint64_t payload_left_ = 0;
    std::uint8_t header_size_ = 0;  // bytes of a header that is not complete
    std::uint8_t header_[14] = {};
};

// The first subprotocol offered: a browser that offered any fails the connection without one in the
// answer, and would not read the close code. Nothing when it is no token (RFC 9110, 5.6.2).
std::optional<std::string_view> first_protocol(std::string_view offered) noexcept;

}  // namespace auth_gate::websocket
