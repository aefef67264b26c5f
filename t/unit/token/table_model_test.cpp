// The token table against a simple model in a std::map, over many random operations.
#include <map>
#include <set>
#include <vector>

#include "token/table_kit.hpp"

namespace {

using namespace unit;

constexpr int operations = 200000;

struct Token {
    TokenGrant grant;
    bool leased = false;
    std::uint64_t binding = 0;
};

struct Plan {
    std::uint32_t capacity;
    TokenLimits limits;
    std::vector<std::uint64_t> lifetimes;
    int reload_every;       // in operations; a reload changes the lifetimes in use
    bool cut_short;         // whether sessions end before their tokens would
    bool counts_are_exact;  // no expired token is queued behind a live one
};

class Comparison {
public:
    Comparison(const Plan& plan, std::uint64_t seed)
        : plan_(plan), random_(seed), memory_(plan.capacity), table_(memory_.table()) {}

    void run() {
        for (int i = 0; i < operations; ++i) {
            what_ = "operation " + std::to_string(i);
            if (i % plan_.reload_every == 0) {
                reload();
            }
            now_ += random_.below(50) == 0 ? random_.below(20000) : random_.below(60);
            const std::uint64_t kind = random_.below(20);
            if (kind < 9) {
                put();
            } else if (kind < 18) {
                take();
            } else {
                expire();
            }
        }
        take_all();
    }

private:
    void reload() {
        in_use_.clear();
        for (int i = 0; i < 4; ++i) {
            in_use_.push_back(plan_.lifetimes[random_.below(plan_.lifetimes.size())]);
        }
        table_ = TokenTable(memory_.data());
    }

    bool expired(const Token& token) const { return now_ >= token.grant.expires_ms; }

    void forget_expired() {
        std::erase_if(model_, [&](const auto& entry) {
            if (expired(entry.second)) {
                forgotten_.insert(entry.first);
            }
            return expired(entry.second);
        });
    }

    std::uint32_t count_of(AccountKey account) const {
        std::uint32_t count = 0;
        for (const auto& [n, token] : model_) {
            count += token.grant.account == account;
        }
        return count;
    }

    void put() {
        const std::uint64_t n = next_++;
        TokenGrant grant = grant_of(n, random_.below(12), in_use_[random_.below(4)], now_);
        grant.purpose = random_.below(3) == 0 ? download : ws;
        grant.account_scope = 77 + random_.below(20) / 19;
        grant.place = random_.below(4) == 0 ? usual_places[0] : 0;
        set_session(grant, random_.below(40));
        if (plan_.cut_short && random_.below(5) == 0) {
            grant.expires_ms = now_ + random_.below(grant.lifetime_ms + 1);
        }

        // As a store does: `full` may be due to expired tokens.
        PutStatus status = table_.put(grant, plan_.limits, now_);
        if (status != PutStatus::stored) {
            table_.expire(now_, all);
            status = table_.put(grant, plan_.limits, now_);
        }
        forget_expired();
        const std::uint32_t limit = std::min(plan_.limits.tokens, plan_.capacity);
        const bool full = model_.size() >= limit;
        const bool user_full = count_of(grant.account) >= plan_.limits.per_user;
        if (plan_.counts_are_exact) {
            expect_equal(status, full ? PutStatus::full : user_full ? PutStatus::user_full : PutStatus::stored, what_);
        } else if (full) {
            expect_equal(status, PutStatus::full, what_);
        } else if (user_full) {
            expect(status != PutStatus::stored, what_);
        }
        if (status == PutStatus::stored) {
            model_[n] = Token{grant};
        }
        ++statuses_[static_cast<int>(status)];
    }

    TakeStatus expected(std::uint64_t n, const Presented& presented) {
        const auto at = model_.find(n);
        if (at == model_.end()) {
            return TakeStatus::unknown;
        }
        Token& token = at->second;
        const TokenGrant& grant = token.grant;
        if (expired(token)) {
            model_.erase(at);
            return TakeStatus::expired;
        }
        const AcceptedPurpose* accepted = nullptr;
        for (const AcceptedPurpose& one : presented.accepted) {
            accepted = one.id == grant.purpose ? &one : accepted;
        }
        if (accepted == nullptr || presented.account_scopes.front() != grant.account_scope) {
            if (presented.spend) {
                model_.erase(at);
            }
            return TakeStatus::wrong_purpose;
        }
        if (token.leased && token.binding != presented.bindings[0]) {
            return TakeStatus::leased_elsewhere;
        }
        if (!token.leased && grant.place != 0) {
            if (presented.places.empty()) {
                return TakeStatus::which_place;
            }
            if (presented.places.front() != grant.place) {
                if (presented.spend) {
                    model_.erase(at);
                }
                return TakeStatus::wrong_place;
            }
        }
        if (!presented.spend) {
            return TakeStatus::looked_at;
        }
        if (token.leased) {
            return TakeStatus::repeated;
        }
        if (accepted->lease_ms == 0 || presented.bindings[0] == 0) {
            model_.erase(at);
        } else {
            token.leased = true;
            token.binding = presented.bindings[0];
            token.grant.expires_ms = now_ + accepted->lease_ms;
        }
        return TakeStatus::redeemed;
    }

    void take() {
        static constexpr AcceptedPurpose strict[] = {{ws, 0}, {download, 0}};
        static constexpr AcceptedPurpose leased[] = {{ws, 5000}, {download, 20000}};
        std::uint64_t n = next_ - std::min<std::uint64_t>(next_, random_.below(150));
        if (!model_.empty() && random_.below(3) != 0) {
            const auto at = model_.lower_bound(n);
            n = at != model_.end() ? at->first : model_.begin()->first;
        }
        std::span<const AcceptedPurpose> accepted = random_.below(2) == 0 ? std::span(strict) : std::span(leased);
        if (random_.below(8) == 0) {
            accepted = accepted.first(1);
        }
        Presented presented = presenting(n, accepted, random_.below(3));
        presented.spend = random_.below(4) != 0;
        static constexpr std::uint64_t elsewhere[] = {6};
        switch (random_.below(8)) {
        case 0:
            presented.places = elsewhere;
            break;
        case 1:
            presented.places = {};
            break;
        default:
            break;
        }
        compare_take(n, presented);
    }

    void compare_take(std::uint64_t n, const Presented& presented) {
        const auto at = model_.find(n);
        const TokenGrant grant = at != model_.end() ? at->second.grant : TokenGrant{};
        const TakeStatus wanted = expected(n, presented);
        const TokenTable::Found found = table_.take(presented, now_);
        // An expired token may or may not have been removed already.
        const bool swept = wanted == TakeStatus::expired && found.status == TakeStatus::unknown;
        const bool unswept =
            wanted == TakeStatus::unknown && found.status == TakeStatus::expired && forgotten_.erase(n) == 1;
        expect(found.status == wanted || swept || unswept,
               what_ + ": take gave " + std::string(sentence(found.status)) + ", not " + std::string(sentence(wanted)));
        if (wanted == TakeStatus::redeemed || wanted == TakeStatus::repeated || wanted == TakeStatus::looked_at) {
            expect_equal(std::string(found.user, found.user_size), grant.user.text, what_);
            expect_equal(found.purpose, grant.purpose, what_);
            expect_equal(std::string_view(found.session, found.session_size), grant.session, what_);
        }
        ++takes_[static_cast<int>(wanted)];
    }

    void expire() {
        const std::uint32_t most = random_.below(2) == 0 ? all : static_cast<std::uint32_t>(random_.below(5));
        const std::uint32_t before = table_.live();
        const std::uint32_t count = table_.expire(now_, most);
        expect(count <= most, what_);
        expect_equal(table_.live(), before - count, what_);
        if (most == all) {
            forget_expired();
            check_counts();
        }
    }

    void check_counts() {
        expect(table_.live() >= model_.size(), what_);
        if (!plan_.counts_are_exact) {
            return;
        }
        expect_equal(table_.live(), model_.size(), what_);
        std::uint64_t next = 0;
        for (const auto& [n, token] : model_) {
            next = next == 0 ? token.grant.expires_ms : std::min(next, token.grant.expires_ms);
        }
        expect_equal(table_.next_expiry_ms(), next, what_);
    }

    void take_all() {
        static constexpr AcceptedPurpose both[] = {{ws, 0}, {download, 0}};
        what_ = "at the end";
        while (!model_.empty()) {
            const auto& [n, token] = *model_.begin();
            Presented presented = presenting(n, both, token.binding);
            const std::uint64_t scope = token.grant.account_scope;  // the model forgets the token before the table does
            presented.account_scopes = {&scope, 1};
            if (token.leased && !expired(token)) {
                presented.accepted = strict_for_neither_;  // presenting it in the wrong place ends a lease
            }
            compare_take(n, presented);
        }
        table_.expire(now_ + 1000000000, all);
        expect_equal(table_.live(), 0u, what_);
        expect_equal(table_.sessions(), 0u, what_);
        for (int status = 0; status < 3; ++status) {
            expect(statuses_[status] > 0, "every answer to put was seen: " + std::to_string(status));
        }
        for (int status = 0; status < 9; ++status) {
            expect(takes_[status] > 0, "every answer to take was seen: " + std::to_string(status));
        }
    }

    const Plan& plan_;
    Random random_;
    Memory memory_;
    TokenTable table_;
    std::map<std::uint64_t, Token> model_;
    std::set<std::uint64_t> forgotten_;  // expired, but possibly still in the table
    std::vector<std::uint64_t> in_use_;
    std::span<const AcceptedPurpose> strict_for_neither_;
    std::uint64_t now_ = 1000000;
    std::uint64_t next_ = 0;
    std::string what_;
    std::map<int, int> statuses_, takes_;
};

void a_table_behaves_like_its_model(void**) {
    const Plan plan = {64, {50, 9}, {1000, 2000, 5000, 9000, 20000, 30000}, operations, false, true};
    Comparison(plan, 11).run();
}

void lifetimes_may_change_with_every_reload(void**) {
    Plan plan = {40, {40, 9}, {}, 500, false, true};
    for (std::uint64_t n = 1; n <= 30; ++n) {
        plan.lifetimes.push_back(n * 700);
    }
    Comparison(plan, 12).run();
}

void sessions_may_end_before_their_tokens(void**) {
    const Plan plan = {64, {40, 9}, {1000, 5000, 30000}, operations, true, false};
    Comparison(plan, 13).run();
}

void there_may_be_more_lifetimes_than_queues(void**) {
    Plan plan = {400, {200, 22}, {}, 3, true, false};  // tokens with some 160 different lifetimes are live at a time
    for (std::uint64_t n = 1; n <= 1000; ++n) {
        plan.lifetimes.push_back(n * 2000);
    }
    Comparison(plan, 14).run();
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_table_behaves_like_its_model),
        cmocka_unit_test(lifetimes_may_change_with_every_reload),
        cmocka_unit_test(sessions_may_end_before_their_tokens),
        cmocka_unit_test(there_may_be_more_lifetimes_than_queues),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
