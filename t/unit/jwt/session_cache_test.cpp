#include "core/jwt/session_cache.hpp"

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include "jwt/kit.hpp"

using namespace auth_gate;
using namespace unit;

namespace {

constexpr std::size_t usual_size = 1024 * 1024;
constexpr std::uint64_t scope = 7;

std::string token_for(int id, std::string_view more = "") {
    return token_of("{\"id\":" + std::to_string(id) + ",\"iat\":1699999000,\"exp\":1700003600" + std::string(more) +
                    "}");
}

jwt::Verified ask(SessionCache& cache, std::string_view token, const jwt::Checks& checks = checks_at(),
                  std::uint64_t in = scope, const HmacKey& by = key()) {
    return cache.verify(token, std::span(&by, 1), in, checks);
}

// Whether the cache knows the session: with no key at all nothing can be verified anew.
bool remembers(SessionCache& cache, std::string_view token) {
    return cache.verify(token, {}, scope, checks_at()).status == Status::valid;
}

void a_remembered_session_is_the_verified_one(void**) {
    SessionCache cache(usual_size);
    const std::string token = token_for(1, R"(,"role":"admin")");
    const jwt::Verified first = ask(cache, token);
    const jwt::Verified again = ask(cache, token);
    expect(first.status == Status::valid && again.status == Status::valid, "valid");
    expect(first.session == again.session, "one session");
    expect_equal(again.session->user.text, "1"sv, "its user");
    expect_equal(again.session->claims.member("role").text().value_or(""), "admin"sv, "its claims");
}

void dates_are_checked_each_time(void**) {
    SessionCache cache(usual_size);
    const std::string token = token_for(1, R"(,"nbf":1699999500)");
    expect(ask(cache, token).status == Status::valid, "now");
    expect(ask(cache, token, checks_at(1700003599)).status == Status::valid, "just before its end");
    const jwt::Verified late = ask(cache, token, checks_at(1700003600));
    expect(late.status == Status::expired && late.session == nullptr, "at its end");
    expect(ask(cache, token, checks_at(1700003600, 1)).status == Status::valid, "at its end, with leeway");
    expect(ask(cache, token, checks_at(1699999499)).status == Status::not_yet_valid, "before nbf");
    expect(ask(cache, token_for(1)).status == Status::valid, "another one");
    expect(ask(cache, token_for(1), checks_at(1699998940)).status == Status::valid, "a minute before iat");
    expect(ask(cache, token_for(1), checks_at(1699998939)).status == Status::not_yet_valid, "long before iat");
    expect(ask(cache, token_for(1), checks_at(1699998900, 100)).status == Status::valid, "long before it, with leeway");
    const std::string both = token_for(1, R"(,"nbf":1699999000)");
    expect(ask(cache, both).status == Status::valid, "both dates");
    expect(ask(cache, both, checks_at(1699998999)).status == Status::not_yet_valid, "iat's minute is not nbf's");
    expect(ask(cache, token).status == Status::valid, "now again");
}

void a_session_without_end_is_asked_about_each_time(void**) {
    SessionCache cache(usual_size);
    const std::string token = token_of(R"({"id":1})");
    jwt::Checks lax = checks_at();
    lax.require_exp = false;
    expect(ask(cache, token, lax).status == Status::valid, "where that may be");
    expect(ask(cache, token).status == Status::no_expiry, "where it may not");
}

void size_is_checked_each_time(void**) {
    SessionCache cache(usual_size);
    const std::string token = token_for(1);
    expect(ask(cache, token).status == Status::valid, "as usual");
    jwt::Checks small = checks_at();
    small.max_size = token.size() - 1;
    expect(ask(cache, token, small).status == Status::too_large, "where less is allowed");
}

void other_scopes_verify_for_themselves(void**) {
    SessionCache cache(usual_size);
    const HmacKey other("another secret of more than thirty-two bytes");
    const std::string token = token_for(1);
    expect(ask(cache, token).status == Status::valid, "here");
    expect(ask(cache, token, checks_at(), scope + 1, other).status == Status::bad_signature, "with other keys");
    jwt::Checks by_name = checks_at();
    by_name.user_claim = "sub";
    expect(ask(cache, token, by_name, scope + 2).status == Status::no_user_id, "with another user claim");
    expect(ask(cache, token).status == Status::valid, "here again");
}

void only_the_very_same_text_is_known(void**) {
    SessionCache cache(usual_size);
    const std::string token = token_for(1);
    expect(ask(cache, token).status == Status::valid, "the token");
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        expect(!remembers(cache, changed), "another character at " + std::to_string(i));
        expect(!remembers(cache, token.substr(0, i)), "cut at " + std::to_string(i));
    }
    expect(!remembers(cache, token + "A"), "longer");
    expect(remembers(cache, token), "the token again");
    expect(!remembers(cache, token.substr(jwt::usual_header.size())), "without its header");

    const std::string other = token_of(usual_payload, R"({"typ":"JWT","alg":"HS256"})");
    expect(ask(cache, other).status == Status::valid, "one with another header");
    expect(remembers(cache, other) && !remembers(cache, std::string(jwt::usual_header) + other), "the very same text");
}

void what_is_refused_is_not_remembered(void**) {
    SessionCache cache(usual_size);
    const std::string forged = signed_text("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6MX0", HmacKey("x"));
    const std::string half = token_of(R"({"id":1,"exp":1700003600,"purpose":"mfa_login"})");
    for (int i = 0; i < 3; ++i) {
        expect(ask(cache, forged).status == Status::bad_signature, "forged");
        expect(ask(cache, half).status == Status::not_a_session, "no session");
    }
    expect(!remembers(cache, forged) && !remembers(cache, half), "not remembered");
}

void memory_is_bounded(void**) {
    for (const std::size_t most : {64u * 1024u, 256u * 1024u, 1024u * 1024u}) {
        SessionCache cache(most);
        std::size_t largest = 0;
        for (int id = 0; id < 5000; ++id) {
            const std::string more = ",\"text\":\"" + std::string(static_cast<std::size_t>(id * 7 % 2500), 'x') + '"';
            expect(ask(cache, token_for(id, more)).status == Status::valid, std::to_string(id));
            largest = std::max(largest, cache.bytes());
        }
        expect(largest <= most, std::to_string(largest) + " of " + std::to_string(most));
        expect(largest > most / 2, "and it is made use of: " + std::to_string(largest));
    }
}

// 204 bytes, as an application signs them.
std::string usual_token(int id) {
    const std::string token =
        token_of("{\"id\":" + std::to_string(id) +
                 R"(,"email":"alice.lid@example.org","role":"user","iat":1699999000,"exp":1700003600})");
    expect_equal(token.size(), std::size_t{204}, "the size of the token");
    return token;
}

void a_usual_session_takes_480_bytes(void**) {
    SessionCache cache(usual_size);
    ask(cache, usual_token(10000));
    const std::size_t first = cache.bytes();
    ask(cache, usual_token(10001));
    expect(cache.bytes() - first <= 480, std::to_string(cache.bytes() - first));
}

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
// By the allocator's own account, which is 0 with AddressSanitizer.
void that_is_what_the_heap_gave(void**) {
    SessionCache cache(usual_size);
    ask(cache, usual_token(10000));
    const std::size_t first = mallinfo2().uordblks;
    constexpr int sessions = 1000;
    for (int id = 10001; id <= 10000 + sessions; ++id) {
        ask(cache, usual_token(id));
    }
    const std::size_t each = (mallinfo2().uordblks - first) / sessions;
    expect(each <= 480, std::to_string(each));
}
#endif

void the_default_size_holds_a_thousand_sessions(void**) {
    SessionCache cache(512 * 1024);
    for (int id = 10000; id < 11000; ++id) {
        ask(cache, usual_token(id));
    }
    for (int id = 10000; id < 11000; ++id) {
        expect(remembers(cache, usual_token(id)), std::to_string(id));
    }
    expect(cache.bytes() <= 512 * 1024, std::to_string(cache.bytes()));
}

void one_in_use_outlives_its_place(void**) {
    SessionCache cache(64 * 1024);
    const jwt::Verified kept = ask(cache, token_for(1, R"(,"role":"admin")"));
    for (int id = 2; id < 1000; ++id) {
        ask(cache, token_for(id));
    }
    expect_equal(kept.session->claims.member("role").text().value_or(""), "admin"sv, "still there");
}

void those_in_use_stay(void**) {
    SessionCache cache(usual_size);
    const std::string busy = token_for(0);
    ask(cache, busy);
    int known = 0;
    for (int id = 1; id < 2000; ++id) {
        ask(cache, token_for(id));
        known += remembers(cache, busy);
        ask(cache, busy);
    }
    expect(known > 1900, "a session of every other request: " + std::to_string(known) + " of 1999");
}

void huge_tokens_are_verified_each_time(void**) {
    SessionCache cache(usual_size);
    const std::string token = token_for(1, ",\"text\":\"" + std::string(4000, 'x') + '"');
    expect(ask(cache, token).status == Status::valid, "valid");
    expect(!remembers(cache, token), "not remembered");
}

void off_remembers_nothing(void**) {
    SessionCache cache(0);
    const std::string token = token_for(1);
    for (int i = 0; i < 3; ++i) {
        expect(ask(cache, token).status == Status::valid, "valid");
    }
    expect(!remembers(cache, token), "not remembered");
    expect_equal(cache.bytes(), std::size_t{0}, "no memory");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_remembered_session_is_the_verified_one),
        cmocka_unit_test(dates_are_checked_each_time),
        cmocka_unit_test(a_session_without_end_is_asked_about_each_time),
        cmocka_unit_test(size_is_checked_each_time),
        cmocka_unit_test(other_scopes_verify_for_themselves),
        cmocka_unit_test(only_the_very_same_text_is_known),
        cmocka_unit_test(what_is_refused_is_not_remembered),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(a_usual_session_takes_480_bytes),
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
        cmocka_unit_test(that_is_what_the_heap_gave),
#endif
        cmocka_unit_test(the_default_size_holds_a_thousand_sessions),
        cmocka_unit_test(one_in_use_outlives_its_place),
        cmocka_unit_test(those_in_use_stay),
        cmocka_unit_test(huge_tokens_are_verified_each_time),
        cmocka_unit_test(off_remembers_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
