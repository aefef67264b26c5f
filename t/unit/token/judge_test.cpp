// The rule for redeeming a stored token, case by case.
#include "core/token/judge.hpp"

#include "unit.hpp"

namespace {

using namespace auth_gate;
using namespace unit;

constexpr std::uint64_t now = 1000;
constexpr std::uint32_t ws = purpose_id("ws");
constexpr std::uint32_t download = purpose_id("download");
constexpr std::uint32_t image = purpose_id("image");

// The location accepts `ws` tokens once and leases `download` tokens.
constexpr AcceptedPurpose accepted[] = {{ws, 0}, {download, 5000}};
constexpr std::uint64_t scope = 77;
constexpr std::uint64_t scopes[] = {77};

constexpr StoredToken fresh_ws = {ws, scope, now + 1, false, 0};
constexpr StoredToken fresh_download = {download, scope, now + 1, false, 0};
constexpr StoredToken leased_download = {download, scope, now + 1, true, 9};

constexpr StoredToken with_purpose(StoredToken token, std::uint32_t purpose) {
    token.purpose = purpose;
    return token;
}

constexpr StoredToken with_scope(StoredToken token, std::uint64_t its_scope) {
    token.account_scope = its_scope;
    return token;
}

constexpr StoredToken expiring_at(StoredToken token, std::uint64_t expires_ms) {
    token.expires_ms = expires_ms;
    return token;
}

Presented presented_with(std::uint64_t binding, bool spend) {
    Presented presented;
    presented.accepted = accepted;
    presented.account_scopes = scopes;
    presented.bindings.fill(binding);
    presented.spend = spend;
    return presented;
}

void expect_judgement(const StoredToken& stored, const Presented& presented, const Judgement& wanted,
                      std::string_view title, const Line at = Line::here()) {
    const Judgement got = judge(stored, presented, now);
    expect_equal(got.status, wanted.status, title, at);
    expect_equal(got.fate, wanted.fate, title, at);
    expect_equal(got.lease_ms, wanted.lease_ms, title, at);
    if (wanted.binding != 0) {
        expect_equal(got.binding, wanted.binding, title, at);
    }
}

void each_case_has_its_status_and_its_effect(void**) {
    using enum TakeStatus;
    using enum TokenFate;
    const struct {
        std::string_view title;
        StoredToken stored;
        std::uint64_t binding;
        Judgement spending;
        Judgement looking;
    } rows[] = {
        {"good for one use", fresh_ws, 1, {redeemed, spent}, {looked_at}},
        {"good, with a lease", fresh_download, 1, {redeemed, leased, 5000}, {looked_at}},
        {"leased by the same redeemer", leased_download, 9, {repeated}, {looked_at}},
        {"leased by another redeemer", leased_download, 1, {leased_elsewhere}, {leased_elsewhere}},
        {"leased, and no lease is given here", with_purpose(leased_download, ws), 9, {repeated}, {looked_at}},

        {"its last millisecond is over", expiring_at(fresh_ws, now), 1, {expired, spent}, {expired, spent}},
        {"it expired long ago", expiring_at(fresh_ws, 1), 1, {expired, spent}, {expired, spent}},
        {"its lease is over", expiring_at(leased_download, now), 9, {expired, spent}, {expired, spent}},
        {"expired, and for another purpose",
         with_purpose(expiring_at(fresh_ws, now), image),
         1,
         {expired, spent},
         {expired, spent}},

        {"another purpose", with_purpose(fresh_ws, image), 1, {wrong_purpose, spent}, {wrong_purpose}},
        {"another account", with_scope(fresh_ws, 78), 1, {wrong_purpose, spent}, {wrong_purpose}},
        {"leased elsewhere, and for another purpose",
         with_purpose(leased_download, image),
         1,
         {wrong_purpose, spent},
         {wrong_purpose}},
    };
    for (const auto& row : rows) {
        expect_judgement(row.stored, presented_with(row.binding, true), row.spending, row.title);
        expect_judgement(row.stored, presented_with(row.binding, false), row.looking, row.title);
    }
}

void a_token_ends_with_its_session(void**) {
    for (StoredToken stored : {fresh_ws, fresh_download, leased_download}) {
        stored.session_exp = 500;
        const std::int64_t clocks[] = {-1, 0, 499, 500, 501, 9'999'999'999};
        for (const std::int64_t clock : clocks) {
            Presented presented = presented_with(9, true);
            presented.session_clock = clock;
            const TakeStatus status = judge(stored, presented, now).status;
            expect_equal(is_good(status), clock < 500, std::to_string(clock));
            expect_equal(status == TakeStatus::expired, clock >= 500, std::to_string(clock));

            stored.session_exp = 0;
            expect(is_good(judge(stored, presented, now).status), "a session without end");
            stored.session_exp = 500;
        }
    }
}

void a_request_that_cannot_be_repeated_has_no_lease(void**) {
    expect_judgement(fresh_download, presented_with(0, true), {TakeStatus::redeemed, TokenFate::spent}, "redeemed");
    expect_judgement(leased_download, presented_with(0, true), {TakeStatus::leased_elsewhere}, "repeated");
    expect_judgement(leased_download, presented_with(0, false), {TakeStatus::leased_elsewhere}, "looked at");
}

void a_bound_token_is_good_at_its_place(void**) {
    using enum TakeStatus;
    using enum TokenFate;
    constexpr std::uint64_t here[] = {4, 5};
    StoredToken bound = fresh_ws;
    bound.bound = true;
    bound.binding = 5;
    StoredToken bound_download = bound;
    bound_download.purpose = download;
    for (const bool spend : {true, false}) {
        Presented presented = presented_with(1, spend);
        expect_judgement(bound, presented, {which_place}, "nobody has computed the place");
        expect_judgement(with_purpose(bound, image), presented, {wrong_purpose, spend ? spent : kept}, "the purpose");
        expect_judgement(expiring_at(bound, now), presented, {expired, spent}, "the end");
        expect_judgement(leased_download, presented_with(9, spend), {spend ? repeated : looked_at}, "a lease");

        presented.places = here;
        expect_judgement(bound, presented, spend ? Judgement{redeemed, spent} : Judgement{looked_at}, "its place");
        expect_judgement(bound_download, presented, spend ? Judgement{redeemed, leased, 5000, 1} : Judgement{looked_at},
                         "and a lease");
        presented.places = std::span(here).first(1);
        expect_judgement(bound, presented, {wrong_place, spend ? spent : kept}, "another place");
        expect_judgement(fresh_ws, presented, spend ? Judgement{redeemed, spent} : Judgement{looked_at}, "any place");
    }
}

void a_purpose_may_demand_bound_tokens(void**) {
    using enum TakeStatus;
    constexpr AcceptedPurpose demanding[] = {{ws, 0, LeaseTo::address, true}};
    constexpr std::uint64_t here[] = {5, 0};
    Presented presented = presented_with(1, true);
    presented.accepted = demanding;
    expect_judgement(fresh_ws, presented, {which_place}, "as for any token that may be bound");
    presented.places = here;
    expect_judgement(fresh_ws, presented, {wrong_place, TokenFate::spent}, "a token for any place");
    StoredToken bound = fresh_ws;
    bound.bound = true;
    bound.binding = 5;
    expect_judgement(bound, presented, {redeemed, TokenFate::spent}, "one for this place");
}

void a_lease_is_to_whom_its_purpose_says(void**) {
    constexpr LeaseTo all[] = {LeaseTo::address, LeaseTo::agent, LeaseTo::anybody};
    for (const LeaseTo lease_to : all) {
        const AcceptedPurpose purposes[] = {{download, 5000, lease_to}};
        Presented presented = presented_with(0, true);
        presented.accepted = purposes;
        presented.bindings = {11, 12, 13};
        const std::uint64_t binding = presented.bindings[static_cast<std::size_t>(lease_to)];
        expect_judgement(fresh_download, presented, {TakeStatus::redeemed, TokenFate::leased, 5000, binding}, "first");
        for (const LeaseTo other : all) {
            StoredToken stored = leased_download;
            stored.binding = presented.bindings[static_cast<std::size_t>(other)];
            expect_judgement(stored, presented,
                             {other == lease_to ? TakeStatus::repeated : TakeStatus::leased_elsewhere}, "again");
        }
    }
}

void a_location_that_accepts_no_purpose_takes_no_token(void**) {
    Presented presented = presented_with(1, true);
    presented.accepted = {};
    expect_judgement(fresh_ws, presented, {TakeStatus::wrong_purpose, TokenFate::spent}, "none accepted");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_case_has_its_status_and_its_effect),
        cmocka_unit_test(a_token_ends_with_its_session),
        cmocka_unit_test(a_request_that_cannot_be_repeated_has_no_lease),
        cmocka_unit_test(a_bound_token_is_good_at_its_place),
        cmocka_unit_test(a_purpose_may_demand_bound_tokens),
        cmocka_unit_test(a_lease_is_to_whom_its_purpose_says),
        cmocka_unit_test(a_location_that_accepts_no_purpose_takes_no_token),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
