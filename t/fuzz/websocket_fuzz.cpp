// WebSockets: handshakes, frames in pieces, and subprotocols.
#include "core/http/websocket.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    const auto [one, two] = two_lines(input);
    const websocket::HandshakeHeaders headers{
        .method = "GET", .http11 = true, .upgrade = "websocket", .connection = one, .key = two, .version = "13"};
    if (websocket::classify(headers) == websocket::Handshake::valid) {
        demand(two.size() == 24, "a key has 16 bytes");
        demand(websocket::accept_key(two).size() == 28, "an accept key has 20 bytes");
    }
    websocket::FrameTracker whole;
    whole.consume(input);
    websocket::FrameTracker pieces;
    for (std::size_t i = 0; i < input.size(); ++i) {
        pieces.consume(input.substr(i, 1));
    }
    demand(whole.at_boundary() == pieces.at_boundary(), "frames end at the same place, however they arrive");
    websocket::FrameTracker ours;
    ours.consume(websocket::close_frame(4001, input));
    demand(ours.at_boundary(), "a close frame is a whole frame");
    if (const auto protocol = websocket::first_protocol(input)) {
        demand(!protocol->empty() && protocol->find_first_of(", \t\r\n") == std::string_view::npos,
               "a protocol is a token");
    }
}
