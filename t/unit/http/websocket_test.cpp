// WebSocket handshakes: classification, responses, close frames (RFC 6455).
#include "unit.hpp"

#include "core/http/websocket.hpp"

namespace {

using namespace unit;
using namespace auth_gate::websocket;

constexpr std::string_view example_key = "dGhlIHNhbXBsZSBub25jZQ==";

constexpr HandshakeHeaders good = {"GET", true, "websocket", "Upgrade", example_key, "13"};

HandshakeHeaders with(std::string_view HandshakeHeaders::*member, std::string_view value) {
    HandshakeHeaders headers = good;
    headers.*member = value;
    return headers;
}

void handshakes_are_classified(void**) {
    using H = HandshakeHeaders;
    static constexpr struct {
        std::string_view H::*member;
        std::string_view value;
        Handshake wanted;
    } table[] = {
        {&H::method, "GET", Handshake::valid},
        {&H::upgrade, "WebSocket", Handshake::valid},
        {&H::upgrade, "h2c, websocket", Handshake::valid},
        {&H::connection, "keep-alive, Upgrade", Handshake::valid},
        {&H::connection, "upgrade", Handshake::valid},
        {&H::key, "AAAAAAAAAAAAAAAAAAAAAA==", Handshake::valid},
        {&H::method, "POST", Handshake::none},
        {&H::method, "get", Handshake::none},
        {&H::method, "HEAD", Handshake::none},
        {&H::upgrade, "", Handshake::none},
        {&H::upgrade, "websocket2", Handshake::none},
        {&H::upgrade, "h2c", Handshake::none},
        {&H::connection, "", Handshake::none},
        {&H::connection, "keep-alive", Handshake::none},
        {&H::connection, "close", Handshake::none},
        {&H::key, "", Handshake::none},
        {&H::key, "dGhlIHNhbXBsZSBub25jZQ=", Handshake::none},
        {&H::key, "dGhlIHNhbXBsZSBub25jZQ===", Handshake::none},
        {&H::key, "dGhlIHNhbXBsZSBub25jZ===", Handshake::none},
        {&H::key, "dGhlIHNhbXBsZSBub25jZQ =", Handshake::none},
        {&H::key, " GhlIHNhbXBsZSBub25jZQ==", Handshake::none},
        {&H::key, "-_hlIHNhbXBsZSBub25jZQ==", Handshake::none},
        {&H::key, "dGhlIHNhbXBsZSBub25jZQAA", Handshake::none},
        {&H::version, "", Handshake::wrong_version},
        {&H::version, "8", Handshake::wrong_version},
        {&H::version, "14", Handshake::wrong_version},
        {&H::version, "13, 8", Handshake::wrong_version},
        {&H::version, "013", Handshake::wrong_version},
        {&H::version, "13\0"sv, Handshake::wrong_version},
    };
    expect(classify(good) == Handshake::valid, "the example");
    expect(classify({}) == Handshake::none, "no header at all");
    for (const auto& row : table) {
        expect_equal(classify(with(row.member, row.value)), row.wanted, row.value);
    }
    HandshakeHeaders http10 = good;
    http10.http11 = false;
    expect(classify(http10) == Handshake::none, "HTTP/1.0");
}

void the_accept_key_is_that_of_the_rfc(void**) {
    expect_equal(accept_key(example_key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="sv, "RFC 6455, 1.3");
    expect_equal(accept_key("x3JJHMbDL1EzLkh9GBhXDw=="), "HSmrc0sMlYUkAGmm5OPpG2HaGWk="sv, "Wikipedia's example");
}

void a_close_frame_has_its_code_and_its_reason(void**) {
    static constexpr struct {
        std::uint16_t code;
        std::string_view reason, frame;
    } table[] = {
        {4001, "Authentication required",
         "\x88\x19\x0f\xa1"
         "Authentication required"sv},
        {4001, "Invalid or expired token",
         "\x88\x1a\x0f\xa1"
         "Invalid or expired token"sv},
        {4403, "MFA required", "\x88\x0e\x11\x33MFA required"sv},
        {1000, "", "\x88\x02\x03\xe8"sv},
        {65535, "x", "\x88\x03\xff\xffx"sv},
    };
    for (const auto& row : table) {
        expect_equal(close_frame(row.code, row.reason), row.frame, row.reason);
    }
}

void a_close_frame_is_a_control_frame_whatever_the_reason(void**) {
    for (std::size_t size : {0u, 1u, 122u, 123u, 124u, 125u, 126u, 1000u, 100000u}) {
        const std::string frame = close_frame(4001, std::string(size, 'r'));
        const std::size_t kept = size < 123 ? size : 123;
        expect_equal(frame.size(), 4 + kept, std::to_string(size));
        expect_equal(static_cast<std::size_t>(static_cast<unsigned char>(frame[1])), 2 + kept, std::to_string(size));
    }
}

void the_first_subprotocol_is_the_one_offered_first(void**) {
    static constexpr struct {
        std::string_view offered;
        std::optional<std::string_view> first;
    } table[] = {
        {"chat", "chat"},
        {"chat, superchat", "chat"},
        {"chat,superchat", "chat"},
        {" \tchat\t , x", "chat"},
        {"graphql-transport-ws", "graphql-transport-ws"},
        {"a!#$%&'*+-.^_`|~z", "a!#$%&'*+-.^_`|~z"},
        {"", std::nullopt},
        {" ", std::nullopt},
        {",", std::nullopt},
        {", chat", std::nullopt},
        {"a b", std::nullopt},
        {"a/b", std::nullopt},
        {"\"chat\"", std::nullopt},
        {"a\r\nSet-Cookie: x=y", std::nullopt},
        {"a\nb", std::nullopt},
        {"a\0b"sv, std::nullopt},
        {"a\x7f", std::nullopt},
        {"ch\xc3\xa4t", std::nullopt},
        {"a:b", std::nullopt},
        {"a;b", std::nullopt},
    };
    for (const auto& row : table) {
        expect_equal(first_protocol(row.offered), row.first, row.offered);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(handshakes_are_classified),
        cmocka_unit_test(the_accept_key_is_that_of_the_rfc),
        cmocka_unit_test(a_close_frame_has_its_code_and_its_reason),
        cmocka_unit_test(a_close_frame_is_a_control_frame_whatever_the_reason),
        cmocka_unit_test(the_first_subprotocol_is_the_one_offered_first),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
