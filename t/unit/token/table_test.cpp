// The token table, rule by rule.
#include "token/table_kit.hpp"

#include <vector>

namespace {

using namespace unit;

constexpr TokenLimits wide = {all, all};
constexpr std::uint64_t now = 1000000;

void a_token_is_taken_once(void**) {
    const Memory memory(8);
    TokenTable table = memory.table();
    TokenGrant grant = grant_of(1, 42, 30000, now);
    grant.user = {UserId::Kind::text, "ali\0ce\xff"s};
    expect_equal(table.put(grant, wide, now), PutStatus::stored, "put");
    expect_equal(table.live(), 1u, "live");

    const TokenTable::Found found = table.take(presenting(1), now);
    expect_equal(found.status, TakeStatus::redeemed, "the first take");
    expect_equal(found.purpose, ws, "purpose");
    expect_equal(found.user_kind, UserId::Kind::text, "kind");
    expect_equal(std::string(found.user, found.user_size), "ali\0ce\xff"s, "user");
    expect_equal(table.live(), 0u, "live");
    expect_equal(take(table, presenting(1), now), TakeStatus::unknown, "the second take");
}

void a_token_that_was_never_put_is_unknown(void**) {
    const Memory memory(8);
    TokenTable table = memory.table();
    expect_equal(take(table, presenting(1), now), TakeStatus::unknown, "in an empty table");
    table.put(grant_of(1, 1, 30000, now), wide, now);
    for (std::size_t bit = 0; bit < 256; ++bit) {
        Presented presented = presenting(1);
        presented.digest[bit / 8] = static_cast<std::uint8_t>(presented.digest[bit / 8] ^ 1 << bit % 8);
        expect_equal(take(table, presented, now), TakeStatus::unknown, "another digest");
    }
    expect_equal(take(table, presenting(1), now), TakeStatus::redeemed, "and the token stayed");
}

void a_token_lives_until_its_last_millisecond(void**) {
    static constexpr struct {
        std::uint64_t at;
        TakeStatus status;
    } table[] = {
        {now, TakeStatus::redeemed},
        {now + 29999, TakeStatus::redeemed},
        {now + 30000, TakeStatus::expired},
        {now + 30001, TakeStatus::expired},
        {~std::uint64_t{0}, TakeStatus::expired},
    };
    for (const auto& row : table) {
        for (const bool spend : {true, false}) {
            const Memory memory(4);
            TokenTable tokens = memory.table();
            tokens.put(grant_of(1, 1, 30000, now), wide, now);
            Presented presented = presenting(1);
            presented.spend = spend;
            const TakeStatus wanted = !spend && row.status == TakeStatus::redeemed ? TakeStatus::looked_at : row.status;
            expect_equal(take(tokens, presented, row.at), wanted, std::to_string(row.at));
            if (row.status == TakeStatus::expired) {
                expect_equal(tokens.live(), 0u, "an expired token that was asked for is gone");
                expect_equal(take(tokens, presenting(1), now), TakeStatus::unknown, "for good");
            }
        }
    }
}

void presenting_a_token_in_the_wrong_place_spends_it(void**) {
    static constexpr AcceptedPurpose both[] = {{download, 0}, {ws, 0}};
    static const struct {
        std::string_view what;
        std::span<const AcceptedPurpose> accepted;
        std::vector<std::uint64_t> scopes;
        TakeStatus status;
    } table[] = {
        {"the right one", strict_ws, {77}, TakeStatus::redeemed},
        {"one of two purposes", both, {77}, TakeStatus::redeemed},
        {"another purpose", strict_download, {77}, TakeStatus::wrong_purpose},
        {"no purpose", {}, {77}, TakeStatus::wrong_purpose},
        {"another account", strict_ws, {78}, TakeStatus::wrong_purpose},
        {"no account", strict_ws, {}, TakeStatus::wrong_purpose},
        {"one of two keys", strict_ws, {78, 77}, TakeStatus::redeemed},
    };
    for (const auto& row : table) {
        const Memory memory(4);
        TokenTable tokens = memory.table();
        tokens.put(grant_of(1, 1, 30000, now), wide, now);

        Presented presented = presenting(1, row.accepted);
        presented.account_scopes = row.scopes;
        presented.spend = false;
        const TakeStatus looked = row.status == TakeStatus::redeemed ? TakeStatus::looked_at : row.status;
        expect_equal(take(tokens, presented, now), looked, row.what);
        expect_equal(tokens.live(), 1u, "looking leaves it where it is");

        presented.spend = true;
        expect_equal(take(tokens, presented, now), row.status, row.what);
        expect_equal(tokens.live(), 0u, row.what);
        expect_equal(take(tokens, presenting(1), now), TakeStatus::unknown, row.what);
    }
}

// One user with session after session takes at most half of the room for sessions.
void a_user_with_many_sessions_leaves_room_for_others(void**) {
    const Memory memory(200);
    TokenTable tokens = memory.table();
    auto status = PutStatus::stored;
    std::uint64_t n = 0;
    for (; n < 200 && status == PutStatus::stored; ++n) {
        TokenGrant grant = grant_of(n, 1, 30000, now);
        const std::string text = std::to_string(n) + std::string(900, 'x');
        grant.session = text;
        status = tokens.put(grant, wide, now);
    }
    expect_equal(status, PutStatus::user_full, "the user's share is used up");
    const std::string first = "0" + std::string(900, 'x');
    TokenGrant again = grant_of(500, 1, 30000, now);
    again.session = first;
    expect_equal(tokens.put(again, wide, now), PutStatus::stored, "a session that is there costs nothing");
    expect_equal(tokens.put(grant_of(1000, 2, 30000, now), wide, now), PutStatus::stored, "others have room");
}

void looking_never_spends_a_token(void**) {
    const Memory memory(4);
    TokenTable table = memory.table();
    table.put(grant_of(1, 9, 30000, now), wide, now);
    for (int i = 0; i < 10; ++i) {
        const TokenTable::Found found = table.take(looking(1), now + 29999);
        expect_equal(found.status, TakeStatus::looked_at, "look");
        expect_equal(std::string(found.user, found.user_size), "9"sv, "user");
    }
    expect_equal(take(table, presenting(1), now + 29999), TakeStatus::redeemed, "take");
    expect_equal(take(table, looking(1), now), TakeStatus::unknown, "look afterwards");
}

void only_the_redeemer_may_repeat_within_a_lease(void**) {
    const Memory memory(4);
    TokenTable table = memory.table();
    table.put(grant_of(1, 9, 1000, now), wide, now);
    const std::uint64_t taken = now + 999;
    expect_equal(take(table, presenting(1, leased_ws, 7), taken), TakeStatus::redeemed, "first");
    for (std::uint64_t at : {taken, taken + 1, taken + 4999}) {
        expect_equal(take(table, presenting(1, leased_ws, 8), at), TakeStatus::leased_elsewhere, "another redeemer");
        expect_equal(take(table, presenting(1, leased_ws, 0), at), TakeStatus::leased_elsewhere,
                     "a redeemer without a binding");
        expect_equal(take(table, looking(1, 8), at), TakeStatus::leased_elsewhere, "another one looks");
        expect_equal(take(table, looking(1, 7), at), TakeStatus::looked_at, "the redeemer looks");
        const TokenTable::Found found = table.take(presenting(1, leased_ws, 7), at);
        expect_equal(found.status, TakeStatus::repeated, "the redeemer");
        expect_equal(std::string(found.user, found.user_size), "9"sv, "user");
        expect_equal(table.live(), 1u, "live");
    }
    expect_equal(take(table, presenting(1, leased_ws, 7), taken + 5000), TakeStatus::expired,
                 "repeating does not extend it");
    expect_equal(take(table, presenting(1, leased_ws, 7), taken), TakeStatus::unknown, "and it is gone");
}

void presenting_it_in_the_wrong_place_ends_a_lease(void**) {
    const Memory memory(4);
    TokenTable table = memory.table();
    table.put(grant_of(1, 9, 1000, now), wide, now);
    take(table, presenting(1, leased_ws, 7), now);
    expect_equal(take(table, presenting(1, strict_download, 7), now), TakeStatus::wrong_purpose, "wrong purpose");
    expect_equal(take(table, presenting(1, leased_ws, 7), now), TakeStatus::unknown, "gone");
}

void a_lease_is_per_place(void**) {
    static constexpr AcceptedPurpose mixed[] = {{download, 5000}, {ws, 0}};
    const Memory memory(4);
    TokenTable table = memory.table();
    table.put(grant_of(1, 9, 1000, now), wide, now);
    expect_equal(take(table, presenting(1, mixed, 7), now), TakeStatus::redeemed, "first");
    expect_equal(take(table, presenting(1, mixed, 7), now), TakeStatus::unknown, "ws has no lease here");
}

void an_expired_lease_frees_its_place(void**) {
    const Memory memory(1);
    TokenTable table = memory.table();
    table.put(grant_of(1, 9, 60000, now), wide, now);
    take(table, presenting(1, leased_ws, 7), now);
    expect_equal(table.next_expiry_ms(), now + 5000, "the lease decides");
    expect_equal(table.expire(now + 4999, all), 0u, "before its end");
    expect_equal(table.expire(now + 5000, all), 1u, "at its end");
    expect_equal(table.put(grant_of(2, 9, 60000, now), wide, now), PutStatus::stored, "the place is free");
}

void user_ids_up_to_the_limit_are_kept_exactly(void**) {
    for (std::size_t size = 0; size <= TokenTable::longest_user_id + 300; ++size) {
        const Memory memory(2);
        TokenTable table = memory.table();
        TokenGrant grant = grant_of(1, 1, 30000, now);
        grant.user = {size % 2 == 0 ? UserId::Kind::integer : UserId::Kind::text,
                      std::string(size, static_cast<char>(size))};
        if (size > TokenTable::longest_user_id) {
            expect_equal(table.put(grant, wide, now), PutStatus::user_id_too_long, std::to_string(size));
            expect_equal(table.live(), 0u, "nothing was stored");
            continue;
        }
        expect_equal(table.put(grant, wide, now), PutStatus::stored, std::to_string(size));
        const TokenTable::Found found = table.take(presenting(1), now);
        expect_equal(std::string(found.user, found.user_size), grant.user.text, std::to_string(size));
        expect_equal(found.user_kind, grant.user.kind, std::to_string(size));
    }
}

void a_table_of_n_places_holds_exactly_n_tokens(void**) {
    for (std::uint32_t capacity : {1u, 2u, 3u, 7u, 64u, 1000u}) {
        const Memory memory(capacity);
        TokenTable table = memory.table();
        for (int round = 0; round < 3; ++round) {  // the second and third reuse slots
            for (std::uint32_t n = 0; n < capacity; ++n) {
                expect_equal(table.put(grant_of(n, n, 30000, now), wide, now), PutStatus::stored, std::to_string(n));
            }
            expect_equal(table.put(grant_of(capacity, 0, 30000, now), wide, now), PutStatus::full, "one more");
            expect_equal(take(table, presenting(capacity), now), TakeStatus::unknown, "was not stored");
            expect_equal(table.live(), capacity, "live");
            for (std::uint32_t n = 0; n < capacity; ++n) {
                expect_equal(take(table, presenting(n), now), TakeStatus::redeemed, std::to_string(n));
                expect_equal(table.live(), capacity - n - 1, "live");
            }
        }
    }
}

void the_limit_is_exact_below_the_capacity_too(void**) {
    const Memory memory(8);
    TokenTable table = memory.table();
    for (std::uint32_t n = 0; n < 5; ++n) {
        expect_equal(table.put(grant_of(n, n, 30000, now), {5, all}, now), PutStatus::stored, std::to_string(n));
    }
    expect_equal(table.put(grant_of(5, 5, 30000, now), {5, all}, now), PutStatus::full, "the sixth");
    expect_equal(table.put(grant_of(5, 5, 30000, now), {3, all}, now), PutStatus::full, "a limit that was lowered");
    expect_equal(table.put(grant_of(5, 5, 30000, now), {0, all}, now), PutStatus::full, "no limit allows nothing");
    expect_equal(table.put(grant_of(5, 5, 30000, now), {6, all}, now), PutStatus::stored, "a limit that was raised");
}

void a_spent_token_frees_its_place_at_once(void**) {
    const Memory memory(2);
    TokenTable table = memory.table();
    table.put(grant_of(0, 0, 30000, now), wide, now);
    for (std::uint64_t n = 1; n < 1000; ++n) {
        expect_equal(table.put(grant_of(n, 0, 30000, now), wide, now), PutStatus::stored, std::to_string(n));
        const bool wrong = n % 3 == 0;
        expect_equal(take(table, presenting(n, wrong ? strict_download : strict_ws), now),
                     wrong ? TakeStatus::wrong_purpose : TakeStatus::redeemed, std::to_string(n));
    }
    expect_equal(take(table, presenting(0), now), TakeStatus::redeemed, "the first is still there");
}

void expire_frees_the_places_of_expired_tokens(void**) {
    const Memory memory(100);
    TokenTable table = memory.table();
    for (std::uint64_t n = 0; n < 100; ++n) {
        table.put(grant_of(n, n, n % 2 == 0 ? 10000 : 20000, now + n), wide, now + n);
    }
    expect_equal(table.next_expiry_ms(), now + 10000, "next expiry");
    expect_equal(table.expire(now + 9999, all), 0u, "none yet");
    expect_equal(table.expire(now + 10000, all), 1u, "the first");
    expect_equal(table.next_expiry_ms(), now + 10002, "next expiry");
    expect_equal(table.expire(now + 15000, 0), 0u, "at most none");
    expect_equal(table.expire(now + 15000, 7), 7u, "at most seven");
    expect_equal(table.expire(now + 15000, 1000), 42u, "the rest of the short-lived");
    expect_equal(table.live(), 50u, "live");
    expect_equal(table.next_expiry_ms(), now + 20001, "next expiry");
    for (std::uint64_t n = 0; n < 50; ++n) {
        expect_equal(table.put(grant_of(1000 + n, n, 10000, now + 15000), wide, now + 15000), PutStatus::stored,
                     std::to_string(n));
    }
    expect_equal(table.put(grant_of(2000, 1, 10000, now), wide, now + 15000), PutStatus::full, "and no more");
    expect_equal(table.expire(now + 1000000, all), 100u, "all");
    expect_equal(table.next_expiry_ms(), std::uint64_t{0}, "no next expiry");
    expect_equal(table.live(), 0u, "live");
}

void put_removes_expired_tokens_when_full(void**) {
    const Memory memory(4);
    TokenTable table = memory.table();
    for (std::uint64_t n = 0; n < 4; ++n) {
        table.put(grant_of(n, 1, 1000, now), wide, now);
    }
    expect_equal(table.put(grant_of(5, 1, 1000, now), wide, now + 999), PutStatus::full, "while they live");
    expect_equal(table.put(grant_of(5, 1, 1000, now + 1000), {4, 1}, now + 1000), PutStatus::stored,
                 "once they have expired");
    expect_equal(take(table, presenting(5), now + 1500), TakeStatus::redeemed, "it is there");
}

void one_user_cannot_take_every_place(void**) {
    const Memory memory(10);
    TokenTable table = memory.table();
    const TokenLimits limits = {10, 3};
    for (std::uint64_t n = 0; n < 3; ++n) {
        expect_equal(table.put(grant_of(n, 1, 30000, now), limits, now), PutStatus::stored, std::to_string(n));
    }
    expect_equal(table.put(grant_of(3, 1, 30000, now), limits, now), PutStatus::user_full, "the fourth");
    expect_equal(table.live(), 3u, "was not stored");
    expect_equal(table.put(grant_of(4, 2, 30000, now), limits, now), PutStatus::stored, "another user");

    expect_equal(take(table, presenting(1), now), TakeStatus::redeemed, "spend one");
    expect_equal(table.put(grant_of(5, 1, 30000, now), limits, now), PutStatus::stored,
                 "its place is the user's again");
    expect_equal(take(table, presenting(2, leased_ws), now), TakeStatus::redeemed, "lease one");
    expect_equal(table.put(grant_of(6, 1, 30000, now), limits, now), PutStatus::user_full, "a lease keeps its place");
    expect_equal(table.expire(now + 5000, all), 1u, "the lease ends");
    expect_equal(table.put(grant_of(6, 1, 30000, now), limits, now + 5000), PutStatus::stored, "and frees it");
    expect_equal(table.expire(now + 60000, all), 4u, "all");
    for (std::uint64_t n = 10; n < 13; ++n) {
        expect_equal(table.put(grant_of(n, 1, 90000, now), limits, now), PutStatus::stored, "the whole share is back");
    }
    expect_equal(table.put(grant_of(13, 1, 90000, now), limits, now), PutStatus::user_full, "and no more");
}

void users_whose_keys_collide_are_counted_apart(void**) {
    const Memory memory(61);
    TokenTable table = memory.table();
    for (std::uint64_t user = 0; user < 20; ++user) {
        for (std::uint64_t n = 0; n < 4; ++n) {
            TokenGrant grant = grant_of(user * 10 + n, user, 30000, now);
            grant.account = static_cast<AccountKey>(user);  // all share one home: only the upper half decides
            expect_equal(table.put(grant, {all, 3}, now), n < 3 ? PutStatus::stored : PutStatus::user_full,
                         std::to_string(user));
        }
    }
    for (std::uint64_t user = 0; user < 20; user += 2) {
        expect_equal(take(table, presenting(user * 10 + 1), now), TakeStatus::redeemed, std::to_string(user));
    }
    for (std::uint64_t user = 0; user < 20; ++user) {
        TokenGrant grant = grant_of(user * 10 + 5, user, 30000, now);
        grant.account = static_cast<AccountKey>(user);
        expect_equal(table.put(grant, {60, 3}, now), user % 2 == 0 ? PutStatus::stored : PutStatus::user_full,
                     std::to_string(user));
        if (user % 2 != 0) {
            expect_equal(take(table, presenting(user * 10), now), TakeStatus::redeemed, std::to_string(user));
        }
    }
}

void tokens_whose_digests_collide_are_kept_apart(void**) {
    const Memory memory(50);
    TokenTable table = memory.table();
    const auto digest = [](std::uint64_t n) {
        Digest same = {};
        same[31] = static_cast<std::uint8_t>(n);
        return same;
    };
    for (std::uint64_t n = 0; n < 50; ++n) {
        TokenGrant grant = grant_of(n, n, 30000, now);
        grant.digest = digest(n);
        expect_equal(table.put(grant, wide, now), PutStatus::stored, std::to_string(n));
    }
    for (const std::uint64_t step : {7u, 3u}) {  // removes from the middle of the chain, in different orders
        for (std::uint64_t n = 0; n < 50; ++n) {
            Presented presented = presenting(0);
            presented.digest = digest(n * step % 50);
            const TokenTable::Found found = table.take(presented, now);
            expect_equal(found.status, step == 7 ? TakeStatus::redeemed : TakeStatus::unknown, std::to_string(n));
            if (found.status == TakeStatus::redeemed) {
                expect_equal(std::string(found.user, found.user_size), std::to_string(n * step % 50), "user");
            }
        }
    }
}

void a_token_takes_at_most_160_bytes(void**) {
    for (std::uint32_t capacity : {1u, 10u, 10000u, 1000000u}) {
        expect(TokenTable::bytes_for(capacity) - TokenTable::bytes_for(0) <= std::size_t{160} * capacity,
               std::to_string(capacity));
    }
    expect(TokenTable::bytes_for(10000) < 4u << 20, "10000 tokens fit into the 4 MB of the example");
}

void capacity_of_is_the_largest_that_fits(void**) {
    for (std::uint32_t capacity : {0u, 1u, 2u, 999u, 10000u, 5000000u}) {
        const std::size_t bytes = TokenTable::bytes_for(capacity);
        expect_equal(TokenTable::capacity_of(bytes), capacity, std::to_string(capacity));
        expect_equal(TokenTable::capacity_of(TokenTable::bytes_for(capacity + 1) - 1), capacity,
                     std::to_string(capacity));
    }
    expect_equal(TokenTable::capacity_of(0), 0u, "no bytes");
    expect_equal(TokenTable::capacity_of(100), 0u, "less than a header");
    expect(TokenTable::bytes_for(TokenTable::capacity_of(std::size_t{1} << 45)) <= std::size_t{1} << 45, "32 TB");
}

void only_a_table_of_the_same_capacity_is_attached_to(void**) {
    const std::size_t size = TokenTable::bytes_for(10, blocks_for(10));
    std::vector<std::uint64_t> words(size / 8 + 1);
    expect(!TokenTable(words.data()).is_formatted(10, blocks_for(10)), "zeroed memory");
    expect(!TokenTable(words.data()).is_formatted(0, blocks_for(0)), "zeroed memory is no table of nothing either");
    TokenTable table(words.data());
    table.format(10, blocks_for(10));
    expect(table.is_formatted(10, blocks_for(10)), "the view that formatted");
    expect(TokenTable(words.data()).is_formatted(10, blocks_for(10)), "another view");
    expect(!TokenTable(words.data()).is_formatted(9, blocks_for(9)) &&
               !TokenTable(words.data()).is_formatted(11, blocks_for(11)),
           "other capacities");
    expect(!TokenTable(words.data()).is_formatted(10, blocks_for(10) + 1), "other room for sessions");

    table.put(grant_of(1, 1, 30000, now), wide, now);
    TokenTable other(words.data());
    expect_equal(other.live(), 1u, "a second view, as after a reload, sees the token");
    expect_equal(take(other, presenting(1), now), TakeStatus::redeemed, "and takes it");
    expect_equal(take(table, presenting(1), now), TakeStatus::unknown, "for both");

    words[0] ^= 1;
    expect(!TokenTable(words.data()).is_formatted(10, blocks_for(10)), "foreign memory");
    words.assign(words.size(), 0);
    TokenTable(words.data()).format(5, blocks_for(5));
    expect(TokenTable(words.data()).is_formatted(5, blocks_for(5)) && TokenTable(words.data()).live() == 0,
           "zeroed and formatted anew");
}

void a_changed_lifetime_affects_only_new_tokens(void**) {
    const Memory memory(10);
    TokenTable table = memory.table();
    table.put(grant_of(1, 1, 60000, now), wide, now);
    table.put(grant_of(2, 1, 1000, now), wide, now);  // as after a reload with a shorter lifetime
    table.put(grant_of(3, 1, 60000, now), wide, now);
    table.put(grant_of(4, 1, 1000, now), wide, now);
    expect_equal(table.next_expiry_ms(), now + 1000, "the shorter one is not behind the longer one");
    expect_equal(table.expire(now + 1000, all), 2u, "the new ones go first");
    expect_equal(take(table, presenting(1), now + 59999), TakeStatus::redeemed, "an old one");
    expect_equal(table.expire(now + 60000, all), 1u, "the other old one");
}

// A token does not outlive its session, even if its purpose's lifetime is longer.
void a_shortened_token_expires_on_time_and_frees_its_place(void**) {
    const Memory memory(10);
    TokenTable table = memory.table();
    table.put(grant_of(1, 1, 30000, now), wide, now);
    TokenGrant grant = grant_of(2, 1, 30000, now);
    grant.expires_ms = now + 100;
    table.put(grant, wide, now);
    table.put(grant_of(3, 1, 30000, now), wide, now);
    expect_equal(take(table, looking(2), now + 99), TakeStatus::looked_at, "while the session lives");
    expect_equal(table.expire(now + 30000, all), 3u, "all places are free when its lifetime is over");

    table.put(grant_of(1, 1, 30000, now), wide, now);
    table.put(grant, wide, now);
    expect_equal(take(table, presenting(2), now + 100), TakeStatus::expired, "when the session has ended");
    expect_equal(table.live(), 1u, "and its place is free");
}

void more_lifetimes_than_queues_lose_no_token(void**) {
    const Memory memory(300);
    TokenTable table = memory.table();
    for (int round = 0; round < 3; ++round) {
        for (std::uint64_t n = 0; n < 300; ++n) {
            const std::uint64_t lifetime = 1000 + n * 37 % 300 * 100;  // 300 different lifetimes, unsorted
            expect_equal(table.put(grant_of(n, n % 20, lifetime, now), wide, now), PutStatus::stored,
                         std::to_string(n));
        }
        for (std::uint64_t n = 0; n < 300; n += 3) {
            const std::uint64_t lifetime = 1000 + n * 37 % 300 * 100;
            expect_equal(take(table, presenting(n), now + lifetime - 1), TakeStatus::redeemed, std::to_string(n));
        }
        for (std::uint64_t n = 1; n < 300; n += 3) {
            const std::uint64_t lifetime = 1000 + n * 37 % 300 * 100;
            expect_equal(take(table, presenting(n, leased_ws), now + lifetime - 1), TakeStatus::redeemed,
                         std::to_string(n));
        }
        expect_equal(table.live(), 200u, "live");
        expect_equal(table.expire(now + 1000000, all), 200u, "all go in the end");
        expect_equal(table.next_expiry_ms(), std::uint64_t{0}, "and none is left");
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_taken_once),
        cmocka_unit_test(a_token_that_was_never_put_is_unknown),
        cmocka_unit_test(a_token_lives_until_its_last_millisecond),
        cmocka_unit_test(presenting_a_token_in_the_wrong_place_spends_it),
        cmocka_unit_test(a_user_with_many_sessions_leaves_room_for_others),
        cmocka_unit_test(looking_never_spends_a_token),
        cmocka_unit_test(only_the_redeemer_may_repeat_within_a_lease),
        cmocka_unit_test(presenting_it_in_the_wrong_place_ends_a_lease),
        cmocka_unit_test(a_lease_is_per_place),
        cmocka_unit_test(an_expired_lease_frees_its_place),
        cmocka_unit_test(user_ids_up_to_the_limit_are_kept_exactly),
        cmocka_unit_test(a_table_of_n_places_holds_exactly_n_tokens),
        cmocka_unit_test(the_limit_is_exact_below_the_capacity_too),
        cmocka_unit_test(a_spent_token_frees_its_place_at_once),
        cmocka_unit_test(expire_frees_the_places_of_expired_tokens),
        cmocka_unit_test(put_removes_expired_tokens_when_full),
        cmocka_unit_test(one_user_cannot_take_every_place),
        cmocka_unit_test(users_whose_keys_collide_are_counted_apart),
        cmocka_unit_test(tokens_whose_digests_collide_are_kept_apart),
        cmocka_unit_test(a_token_takes_at_most_160_bytes),
        cmocka_unit_test(capacity_of_is_the_largest_that_fits),
        cmocka_unit_test(only_a_table_of_the_same_capacity_is_attached_to),
        cmocka_unit_test(a_changed_lifetime_affects_only_new_tokens),
        cmocka_unit_test(a_shortened_token_expires_on_time_and_frees_its_place),
        cmocka_unit_test(more_lifetimes_than_queues_lose_no_token),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
