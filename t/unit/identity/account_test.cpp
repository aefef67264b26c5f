// Accounts and identities: which differences make another one, and that a drop takes all of an account's identities.
#include <set>

#include "unit.hpp"

#include "core/identity/account.hpp"
#include "core/jwt/secret.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

constexpr SipHashKey hash_key = {1, 2};
const UserId number = {UserId::Kind::integer, "1"};

void the_secret_the_claim_and_the_id_make_an_account(void**) {
    const UserId text = {UserId::Kind::text, "1"};
    const UserId longest = {UserId::Kind::text, std::string(UserId::longest, 'x')};
    const UserId nearly = {UserId::Kind::text, std::string(UserId::longest - 1, 'x') + 'y'};
    std::set<AccountKey> seen;
    for (const std::string_view secret : {"a", "b"}) {
        for (const std::string_view claim : {"id", "sub", "1"}) {
            const std::uint64_t scope = account_scope(key_id_of(secret), claim);
            expect_equal(scope, account_scope(key_id_of(secret), claim), "the same in every process");
            for (const UserId* user : {&number, &text, &longest, &nearly}) {
                expect(seen.insert(account_key(hash_key, scope, *user)).second, "another account");
                expect(!seen.insert(account_key(hash_key, scope, *user)).second, "the same account");
            }
        }
    }
    expect(seen.count(account_key({1, 3}, account_scope(key_id_of("a"), "id"), number)) == 0, "under another hash key");
    expect(seen.count(AccountKey::none) == 0, "0 is none");
}

void an_owner_is_an_account_too(void**) {
    std::set<std::uint64_t> seen;
    for (const std::uint64_t scope : {1u, 11u}) {
        for (const std::string_view id : {"1", "11"}) {
            for (const UserId::Kind kind : {UserId::Kind::integer, UserId::Kind::text}) {
                expect(seen.insert(account_owner(scope, {kind, std::string(id)})).second, "another owner");
            }
        }
    }
}

void the_account_the_source_the_host_and_the_session_make_an_identity(void**) {
    const auto account = account_key(hash_key, 7, number);
    const IdentityContext base = {.source = 1, .host = 2, .session = 0};
    std::set<IdentityKey> seen = {identity_key(account, 0, base), IdentityKey::none};
    for (const IdentityContext& other :
         {IdentityContext{4, 2, 0}, IdentityContext{1, 6, 0}, IdentityContext{1, 2, 9}}) {
        expect(seen.insert(identity_key(account, 0, other)).second, "another identity");
    }
    expect(seen.insert(identity_key(account_key(hash_key, 8, number), 0, base)).second, "another account");
    expect(!seen.insert(identity_key(account, 0, base)).second, "the same identity");
}

void a_drop_gives_all_identities_of_an_account_other_keys(void**) {
    const auto account = account_key(hash_key, 7, number);
    std::set<IdentityKey> seen;
    for (std::uint32_t drops = 0; drops < 100; ++drops) {
        for (std::uint64_t host : {1u, 2u, 3u}) {
            expect(seen.insert(identity_key(account, drops, {.source = 1, .host = host, .session = 0})).second,
                   "dropped");
        }
    }
}

void hosts_are_told_apart_whatever_came_before(void**) {
    const std::string long_one(1000, 'x');
    const std::string other_long_one = std::string(999, 'x') + 'y';
    const std::pair<std::string_view, std::string_view> hosts[] = {
        {"", ""},
        {"a", "b"},
        {"", "b"},
        {"a", "B"},
        {"ab", ""},
        {"", "ab"},
        {"b", "a"},
        {"a", "ab"},
        {"ab", "ab"},
        {"a", "a"},
        {"a", "a:80"},
        {"a", "a:81"},
        {long_one, "b"},
        {"a", long_one},
        {"a", other_long_one},
        {long_one, long_one},
        {"a", std::string_view("b\0", 2)},
    };
    std::set<std::uint64_t> seen;
    for (const auto& [name, host] : hosts) {
        expect(seen.insert(HostHash().of(hash_key, name, host)).second, host);
    }
    HostHash remembering;
    for (const auto& [before_name, before_host] : hosts) {
        for (const auto& [name, host] : hosts) {
            remembering.of(hash_key, before_name, before_host);
            remembering.of(hash_key, before_host.substr(0, before_host.size() / 2), before_host);
            expect_equal(remembering.of(hash_key, name, host), HostHash().of(hash_key, name, host), host);
        }
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_secret_the_claim_and_the_id_make_an_account),
        cmocka_unit_test(an_owner_is_an_account_too),
        cmocka_unit_test(the_account_the_source_the_host_and_the_session_make_an_identity),
        cmocka_unit_test(a_drop_gives_all_identities_of_an_account_other_keys),
        cmocka_unit_test(hosts_are_told_apart_whatever_came_before),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
