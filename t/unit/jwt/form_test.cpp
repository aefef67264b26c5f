// The compact form, the header and the signature of a JWT: what is refused before its payload is read.
#include <vector>

#include "jwt/kit.hpp"

namespace {

using namespace unit;

// RFC 7515, A.1; its payload has no id.
void the_example_of_rfc_7515_has_a_matching_signature(void**) {
    const auto secret =
        base64url::decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
    const HmacKey example(*secret);
    const std::string token =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    jwt::Checks checks = checks_at(1300819379);
    checks.user_claim = "iss";
    const jwt::Verified verified = jwt::verify(token, std::span(&example, 1), checks);
    expect_equal(verified.status, Status::valid, "a second before its exp");
    expect_equal(verified.session->user.text, "joe"sv, "user");
    expect_equal(verified.session->exp, 1300819380.0, "exp");

    checks.now = 1300819380;
    expect(jwt::verify(token, std::span(&example, 1), checks).status == Status::expired, "at its exp");
    expect_status(token, Status::bad_signature, "under another key");
}

void headers_other_than_hs256_are_refused(void**) {
    static constexpr struct {
        std::string_view header;
        Status status;
    } table[] = {
        {R"({"alg":"HS256","typ":"JWT"})", Status::valid},
        {R"({"typ":"JWT","alg":"HS256"})", Status::valid},
        {R"({"alg":"HS256"})", Status::valid},
        {R"( { "alg" : "HS256" } )", Status::valid},
        {R"({"\u0061lg":"HS256"})", Status::valid},
        {R"({"alg":"HS256","kid":"1","x":{"y":[1]}})", Status::valid},
        {R"({"alg":"none"})", Status::wrong_algorithm},
        {R"({"alg":"None","typ":"JWT"})", Status::wrong_algorithm},
        {R"({"alg":"HS384"})", Status::wrong_algorithm},
        {R"({"alg":"HS512"})", Status::wrong_algorithm},
        {R"({"alg":"RS256"})", Status::wrong_algorithm},
        {R"({"alg":"ES256"})", Status::wrong_algorithm},
        {R"({"alg":"EdDSA"})", Status::wrong_algorithm},
        {R"({"alg":"hs256"})", Status::wrong_algorithm},
        {R"({"alg":"Hs256"})", Status::wrong_algorithm},
        {R"({"alg":"HS256 "})", Status::wrong_algorithm},
        {R"({"alg":" HS256"})", Status::wrong_algorithm},
        {R"({"alg":"HS256\n"})", Status::wrong_algorithm},
        {R"({"alg":"HS2567"})", Status::wrong_algorithm},
        {R"({"alg":"HS25"})", Status::wrong_algorithm},
        {R"({"alg":""})", Status::wrong_algorithm},
        {R"({"alg":["HS256"]})", Status::wrong_algorithm},
        {R"({"alg":{"HS256":1}})", Status::wrong_algorithm},
        {R"({"alg":null})", Status::wrong_algorithm},
        {R"({"alg":256})", Status::wrong_algorithm},
        {R"({"alg":true})", Status::wrong_algorithm},
        {R"({"Alg":"HS256"})", Status::wrong_algorithm},
        {R"({"ALG":"HS256"})", Status::wrong_algorithm},
        {R"({"typ":"JWT"})", Status::wrong_algorithm},
        {R"({})", Status::wrong_algorithm},
        {R"({"alg":"none","alg":"HS256"})", Status::bad_header},
        {R"({"alg":"HS256","alg":"HS256"})", Status::bad_header},
        {R"({"alg":"HS256","\u0061lg":"none"})", Status::bad_header},
        {R"({"alg":"HS256","x":{"y":1,"y":2}})", Status::bad_header},
        {R"({"alg":"HS256\u0000"})", Status::bad_header},
        {"{\"alg\":\"HS256\0\"}"sv, Status::bad_header},
        {"{\"alg\":\"HS256\"}\0"sv, Status::bad_header},
        {"{\"alg\":\"HS256\"}{}", Status::bad_header},
        {"{\"alg\":\"HS256\",\"x\":\"\xff\"}", Status::bad_header},
        {"\xef\xbb\xbf{\"alg\":\"HS256\"}", Status::bad_header},
        {R"(["alg","HS256"])", Status::bad_header},
        {R"("HS256")", Status::bad_header},
        {"null", Status::bad_header},
        {"HS256", Status::bad_header},
        {"{", Status::bad_header},
        {" ", Status::bad_header},
        {"", Status::bad_header},
        {R"({"alg":"HS256","crit":["exp"]})", Status::critical_header},
        {R"({"alg":"HS256","crit":[]})", Status::critical_header},
        {R"({"alg":"HS256","crit":null})", Status::critical_header},
        {R"({"alg":"HS256","crit":["b64"],"b64":false})", Status::critical_header},
    };
    for (const auto& row : table) {
        expect_status(token_of(usual_payload, row.header), row.status, row.header);
    }
}

void a_header_nested_a_million_deep_is_refused(void**) {
    jwt::Checks checks = checks_at();
    checks.max_size = 10'000'000;
    const std::string deep = R"({"alg":"HS256","x":)" + std::string(1000000, '[') + std::string(1000000, ']') + '}';
    expect_status(token_of(usual_payload, deep), Status::bad_header, "deep", checks);
}

void only_three_parts_are_a_jwt(void**) {
    const std::string good = token_of(usual_payload);
    const std::string header = good.substr(0, good.find('.')), signature = good.substr(good.rfind('.') + 1);
    const std::string payload = base64url::encode(usual_payload);
    const struct {
        std::string token;
        Status status;
    } table[] = {
        {good, Status::valid},
        {"", Status::malformed},
        {".", Status::malformed},
        {header, Status::malformed},
        {header + '.' + payload, Status::malformed},
        {header + payload + '.' + signature, Status::malformed},
        {good + '.', Status::malformed},
        {'.' + good, Status::malformed},
        {good + ".x", Status::malformed},
        {header + ".." + payload + '.' + signature, Status::malformed},
        {header + "....", Status::malformed},
        {std::string(8192, '.'), Status::malformed},
        {"..", Status::bad_header},
        {'.' + payload + '.' + signature, Status::bad_header},
        {header + "..", Status::bad_signature},
        {header + '.' + payload + '.', Status::bad_signature},
        {header + ".." + signature, Status::bad_signature},
        {signed_text(header + '.'), Status::bad_payload},
        {good.substr(0, good.size() - 1), Status::bad_signature},
        {good + 'A', Status::bad_signature},
        {good + good, Status::malformed},
    };
    for (const auto& row : table) {
        expect_status(row.token, row.status, row.token);
    }
}

void every_byte_that_is_added_makes_another_token(void**) {
    const std::string good = token_of(usual_payload);
    for (std::size_t at = 0; at <= good.size(); ++at) {
        for (char c : "= \n\r\t\0+/%\xff"sv) {
            std::string token = good;
            token.insert(at, 1, c);
            expect(verify(token) != Status::valid, token);
        }
    }
    for (std::string_view tail : {"=", "==", "===", "\n", "\r\n", " ", "%", "%3d", ";", ","}) {
        expect(verify(good + std::string(tail)) != Status::valid, tail);
        expect(verify(std::string(tail) + good) != Status::valid, tail);
    }
    expect(verify(good + "\0"s) != Status::valid, "a NUL behind it");
}

void every_changed_byte_makes_another_token(void**) {
    const std::string good = token_of(usual_payload);
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string token = good;
            token[at] = static_cast<char>(byte);
            expect_equal(verify(token) == Status::valid, token == good, token);
        }
        std::string token = good;
        token.erase(at, 1);
        expect(verify(token) != Status::valid, token);
    }
}

// Stray bits in a part that was signed just so: the signature matches and the token is refused nevertheless.
void stray_bits_and_padding_are_refused_even_when_they_were_signed(void**) {
    const std::string header = base64url::encode(R"({"alg":"HS256" })");  // 16 bytes: 2 characters at the end
    const std::string payload = base64url::encode(R"({"id":1,"exp":1700003600 })");  // 26 bytes: 3 characters
    expect_equal(header.size() % 4, std::size_t{2}, "header");
    expect_equal(payload.size() % 4, std::size_t{3}, "payload");
    expect_status(signed_text(header + '.' + payload), Status::valid, "without stray bits");
    const auto next = [](std::string text) {
        text.back() = static_cast<char>(text.back() + 1);
        return text;
    };
    expect_status(signed_text(next(header) + '.' + payload), Status::malformed, "in the header");
    expect_status(signed_text(header + '.' + next(payload)), Status::malformed, "in the payload");
    for (std::string_view tail : {"=", "==", "\n", " ", "A", "!"}) {
        // With an "A" each part has a length that is possible, and a NUL at its end.
        const std::string longer_header = header + std::string(tail), longer_payload = payload + std::string(tail);
        expect_status(signed_text(longer_header + '.' + payload), tail == "A" ? Status::bad_header : Status::malformed,
                      longer_header);
        expect_status(signed_text(header + '.' + longer_payload), tail == "A" ? Status::bad_payload : Status::malformed,
                      longer_payload);
    }

    const std::string good = signed_text(header + '.' + payload);
    for (char last = static_cast<char>(good.back() - 3); last <= good.back() + 3; ++last) {
        const std::string token = good.substr(0, good.size() - 1) + last;
        expect_equal(verify(token) == Status::valid, token == good, "in the signature");
    }
    expect_status(good + '=', Status::bad_signature, "behind the signature");
}

void a_signature_is_43_characters_of_the_right_bytes(void**) {
    const std::string text = base64url::encode(usual_header) + '.' + base64url::encode(usual_payload);
    const Digest digest = key().sign(text);
    const std::string bytes(digest.begin(), digest.end());
    expect_status(text + '.' + base64url::encode(bytes), Status::valid, "all 32 bytes");
    for (std::size_t size = 0; size < 32; ++size) {
        expect_status(text + '.' + base64url::encode(bytes.substr(0, size)), Status::bad_signature,
                      std::to_string(size));
    }
    expect_status(text + '.' + base64url::encode(bytes + '\0'), Status::bad_signature, "33 bytes");
    expect_status(text + '.' + base64url::encode(bytes + bytes), Status::bad_signature, "64 bytes, as of HS512");
    expect_status(text + '.' + std::string(43, 'A'), Status::bad_signature, "zeros");
    expect_status(text + '.' + unit::hex(digest), Status::bad_signature, "hex");
    for (std::size_t bit = 0; bit < 256; ++bit) {
        std::string changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
        expect_status(text + '.' + base64url::encode(changed), Status::bad_signature, std::to_string(bit));
    }
}

void the_signature_is_checked_before_the_payload_is_looked_at(void**) {
    for (std::string_view payload : {"", "x", "=", "!!!", "e30", "bnVsbA", "eyJpZCI6MX0"}) {
        const std::string text = base64url::encode(usual_header) + '.' + std::string(payload);
        expect_status(text + '.' + std::string(43, 'A'), Status::bad_signature, payload);
    }
}

void any_of_several_keys_will_do(void**) {
    const std::vector<HmacKey> keys = {HmacKey("first"), HmacKey("second"), HmacKey("third")};
    const std::string text = base64url::encode(usual_header) + '.' + base64url::encode(usual_payload);
    for (const HmacKey& one : keys) {
        const std::string token = signed_text(text, one);
        expect(jwt::verify(token, keys, checks_at()).status == Status::valid, "one of three");
        expect(jwt::verify(token, std::span(&one, 1), checks_at()).status == Status::valid, "the only one");
        expect(jwt::verify(token, {}, checks_at()).status == Status::bad_signature, "no key verifies nothing");
    }
    expect(jwt::verify(signed_text(text, HmacKey("fourth")), keys, checks_at()).status == Status::bad_signature,
           "none of three");
    expect(jwt::verify(signed_text(text, HmacKey("")), keys, checks_at()).status == Status::bad_signature,
           "an empty key");
}

void the_size_limit_is_exact(void**) {
    const std::string token = token_of(usual_payload);
    jwt::Checks checks = checks_at();
    checks.max_size = token.size();
    expect_status(token, Status::valid, "as large as allowed", checks);
    checks.max_size = token.size() - 1;
    expect_status(token, Status::too_large, "a byte larger", checks);
    checks.max_size = 0;
    expect_status("", Status::malformed, "nothing", checks);
    expect_status("x", Status::too_large, "something", checks);

    // 75 characters are the header, the dots and the signature: a payload of 6070 bytes makes 8192 characters.
    const auto token_of_size = [](std::size_t padding) {
        return token_of(R"({"id":1,"exp":1700003600,"x":")" + std::string(padding, 'x') + "\"}");
    };
    std::size_t padding = 6000;
    while (token_of_size(padding + 1).size() <= 8192) {
        ++padding;
    }
    expect(token_of_size(padding).size() >= 8190, "near the default limit");
    expect_status(token_of_size(padding), Status::valid, "the default limit");
    expect_status(token_of_size(padding + 1), Status::too_large, "beyond the default limit");

    const std::string huge = token_of_size(64 * 1024);
    expect_status(huge, Status::too_large, "64 KB");
    checks.max_size = 1u << 20;
    expect_status(huge, Status::valid, "64 KB where they are allowed", checks);
}

void any_bytes_are_refused_without_a_crash(void**) {
    Random random(21);
    const std::string good = token_of(usual_payload);
    for (int round = 0; round < 20000; ++round) {
        std::string token = round % 2 == 0 ? good : std::string(random.below(200), '.');
        for (std::uint64_t n = random.below(8) + 1; n != 0 && !token.empty(); --n) {
            token[random.below(token.size())] = static_cast<char>(random.below(256));
        }
        expect(token == good || verify(token) != Status::valid, token);
    }
    for (char c : {'\0', '\xff', 'A', '.', '{'}) {
        expect(verify(std::string(64 * 1024, c)) == Status::too_large, "64 KB of one byte");
        expect(verify(std::string(8000, c)) == Status::malformed, "8000 of one byte");
    }
    expect(verify(std::string_view()) == Status::malformed, "a view of nothing");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_rfc_7515_has_a_matching_signature),
        cmocka_unit_test(headers_other_than_hs256_are_refused),
        cmocka_unit_test(a_header_nested_a_million_deep_is_refused),
        cmocka_unit_test(only_three_parts_are_a_jwt),
        cmocka_unit_test(every_byte_that_is_added_makes_another_token),
        cmocka_unit_test(every_changed_byte_makes_another_token),
        cmocka_unit_test(stray_bits_and_padding_are_refused_even_when_they_were_signed),
        cmocka_unit_test(a_signature_is_43_characters_of_the_right_bytes),
        cmocka_unit_test(the_signature_is_checked_before_the_payload_is_looked_at),
        cmocka_unit_test(any_of_several_keys_will_do),
        cmocka_unit_test(the_size_limit_is_exact),
        cmocka_unit_test(any_bytes_are_refused_without_a_crash),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
