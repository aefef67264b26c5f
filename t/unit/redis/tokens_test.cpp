// The calls for tokens in Redis, and what replies mean. What the scripts do is tested with a real server:
// t/live/store_*.t.
#include "core/redis/tokens.hpp"

#include "core/redis/record.hpp"

#include "unit.hpp"

namespace {

using namespace auth_gate;
using namespace unit;
using redis::Reply;

Reply number(std::int64_t value) {
    return {.kind = Reply::Kind::number, .number = value, .text = {}, .items = {}};
}

Reply text(std::string_view value) {
    return {.kind = Reply::Kind::text, .number = 0, .text = value, .items = {}};
}

Reply list(std::vector<Reply> items) {
    return {.kind = Reply::Kind::list, .number = 0, .text = {}, .items = std::move(items)};
}

Reply error(std::string_view value) {
    return {.kind = Reply::Kind::error, .number = 0, .text = value, .items = {}};
}

const redis::Names names("site:");

TokenGrant grant_of(UserId user, std::string_view session = "") {
    TokenGrant grant;
    grant.digest = sha256("token");
    grant.purpose = 0x01020304;
    grant.account_scope = 0x1112131415161718;
    grant.user = std::move(user);
    grant.session_exp = 0xf1f2f3f4;
    grant.facts.set(SessionFacts::provider_mfa, true);
    grant.session = session;
    grant.lifetime_ms = 60'000;
    return grant;
}

// What the script makes of the record of a call.
std::string stored(const redis::Call& call) {
    return call.words[12].substr(0, 1) + std::string(4, '\0') + call.words[12].substr(1) + call.words[7];
}

void a_grant_comes_back_as_it_was(void**) {
    for (const UserId& user : {UserId{UserId::Kind::integer, "7"}, UserId{UserId::Kind::text, "a\n\"b"},
                               UserId{UserId::Kind::text, std::string(255, 'x')}}) {
        const redis::Call call = redis::put_call(names, grant_of(user, "claims"), {100, 10});
        const std::string record = stored(call);
        const Taken taken = redis::read_taken(list({number(0), text(record), text("claims")}));
        expect_equal(taken.status, TakeStatus::redeemed, user.text);
        expect_equal(taken.purpose, 0x01020304u, user.text);
        expect_equal(taken.account_scope, 0x1112131415161718u, user.text);
        expect_equal(taken.session_exp, 0xf1f2f3f4u, user.text);
        expect(taken.facts.has(SessionFacts::provider_mfa), user.text);
        expect(taken.user == user, user.text);
        expect_equal(taken.session, "claims", user.text);
    }
}

void keys_share_a_hash_tag_and_name_no_token(void**) {
    const redis::Call call = redis::put_call(names, grant_of({UserId::Kind::integer, "7"}, "claims"), {100, 10});
    expect_equal(call.words[0], "EVALSHA", "command");
    expect_equal(call.words[1], redis::put_script().sha1, "script");
    expect_equal(call.words[2], "4", "keys");
    for (int i = 3; i < 7; ++i) {
        expect(call.words[i].starts_with("site:{gate}:"), call.words[i]);
    }
    expect_equal(call.words[3].size(), std::string_view("site:{gate}:t:").size() + 43, "a digest");
    expect_equal(call.words[8], "60000", "lifetime");
    expect_equal(call.words[9], "100", "tokens");
    expect_equal(call.words[10], "10", "per user");
    expect_equal(call.words[11], "claims", "session");
}

void the_same_user_has_one_share_and_the_same_session_one_place(void**) {
    const auto call = [](UserId user, std::string_view session) {
        return redis::put_call(names, grant_of(std::move(user), session), {1, 1});
    };
    const redis::Call one = call({UserId::Kind::integer, "7"}, "a");
    expect_equal(call({UserId::Kind::integer, "7"}, "b").words[5], one.words[5], "the same share");
    expect(call({UserId::Kind::text, "7"}, "a").words[5] != one.words[5], "a text is another user");
    expect_equal(call({UserId::Kind::integer, "8"}, "a").words[6], one.words[6], "the same session");
    expect(call({UserId::Kind::integer, "7"}, "b").words[6] != one.words[6], "another session");
    expect(call({UserId::Kind::integer, "7"}, "").words[7].find(redis::no_session) != std::string::npos, "none");
}

void what_no_script_answers_is_unavailable(void**) {
    const std::string record = stored(redis::put_call(names, grant_of({UserId::Kind::integer, "7"}), {1, 1}));
    const Reply replies[] = {
        Reply{},
        error("READONLY You can't write"),
        text("OK"),
        number(0),
        list({}),
        list({text("0")}),
        list({number(8)}),
        list({number(-1)}),
        list({number(11), text(record), text("")}),
        list({number(99), text(record), text("")}),
        list({number(0)}),
        list({number(0), text(""), text("")}),
        list({number(0), text(record.substr(0, 63)), text("")}),
        list({number(0), number(1), text("")}),
    };
    for (const Reply& reply : replies) {
        expect_equal(redis::read_taken(reply).status, TakeStatus::unavailable, reply.text);
    }
    for (const Reply& reply : {Reply{}, error("OOM"), text("OK"), list({}), list({number(3)})}) {
        expect_equal(redis::read_put(reply).status, PutStatus::unavailable, reply.text);
    }
}

void statuses_are_those_of_shared_memory(void**) {
    const std::string record = stored(redis::put_call(names, grant_of({UserId::Kind::integer, "7"}), {1, 1}));
    const TakeStatus statuses[] = {
        TakeStatus::redeemed,    TakeStatus::repeated,      TakeStatus::looked_at,        TakeStatus::unknown,
        TakeStatus::expired,     TakeStatus::wrong_purpose, TakeStatus::leased_elsewhere, TakeStatus::used,
        TakeStatus::unavailable, TakeStatus::wrong_place,   TakeStatus::which_place,
    };
    std::int64_t i = 0;
    for (const TakeStatus status : statuses) {
        expect_equal(redis::read_taken(list({number(i++), text(record), text("")})).status, status, sentence(status));
    }
    expect_equal(redis::read_put(list({number(0)})).status, PutStatus::stored, "stored");
    expect_equal(redis::read_put(list({number(1), number(5)})).status, PutStatus::full, "full");
    expect_equal(redis::read_put(list({number(2), number(5)})).retry_after_ms, 5u, "wait");
    expect_equal(redis::read_put(list({number(2), number(-5)})).retry_after_ms, 0u, "no time before now");
}

void a_bound_token_says_so(void**) {
    TokenGrant grant = grant_of({UserId::Kind::integer, "7"});
    expect_equal(redis::put_call(names, grant, {1, 1}).words[12], std::string("L") + std::string(8, '\0'), "anywhere");
    grant.place = 0x0102030405060708;
    expect_equal(redis::put_call(names, grant, {1, 1}).words[12], "b\1\2\3\4\5\6\7\10", "at one place");
}

void all_that_decides_is_sent(void**) {
    constexpr AcceptedPurpose accepted[] = {{1, 0}, {2, 5000, LeaseTo::anybody, true}};
    constexpr std::uint64_t scopes[] = {3, 4};
    constexpr std::uint64_t places[] = {5};
    Presented presented;
    presented.accepted = accepted;
    presented.account_scopes = scopes;
    presented.places = places;
    presented.bindings = {6, 7, 8};
    presented.session_clock = -1;
    const redis::Call call = redis::take_call(names, presented);
    expect_equal(call.words[5], "1", "spend");
    expect_equal(call.words[6].size(), std::size_t{24}, "bindings");
    expect_equal(call.words[7], "-1", "clock");
    expect_equal(call.words[8].size(), std::size_t{20}, "purposes");
    expect_equal(call.words[8].substr(10), std::string_view("\0\0\0\2\0\0\x13\x88\2\1", 10), "the second");
    expect_equal(call.words[9].size(), std::size_t{16}, "scopes");
    expect_equal(call.words[12], std::string_view("\0\0\0\0\0\0\0\5", 8), "places");
    presented.spend = false;
    expect_equal(redis::take_call(names, presented).words[5], "0", "not to spend");
}

void a_call_can_send_its_text(void**) {
    redis::Call call = redis::take_call(names, Presented{});
    expect_equal(call.words[1].size(), std::size_t{40}, "digest");
    call.use_text();
    expect_equal(call.words[0], "EVAL", "command");
    expect_equal(call.words[1], redis::take_script().text, "text");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_comes_back_as_it_was),
        cmocka_unit_test(keys_share_a_hash_tag_and_name_no_token),
        cmocka_unit_test(the_same_user_has_one_share_and_the_same_session_one_place),
        cmocka_unit_test(what_no_script_answers_is_unavailable),
        cmocka_unit_test(statuses_are_those_of_shared_memory),
        cmocka_unit_test(a_bound_token_says_so),
        cmocka_unit_test(all_that_decides_is_sent),
        cmocka_unit_test(a_call_can_send_its_text),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
