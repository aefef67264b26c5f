// Invariants of a token table that hold at whatever instruction a process using it was killed.
#pragma once

#include <map>
#include <vector>

#include "token/table_kit.hpp"

namespace unit {

inline constexpr std::uint32_t surveyed_capacity = 24;
inline constexpr TokenLimits surveyed_limits = {surveyed_capacity, 9};
inline constexpr std::uint64_t crash_time = 1000000;
inline constexpr std::uint64_t operation_binding = 9;

inline bool is_bound(std::uint64_t n) {
    return n % 2 == 0;
}

// How often a token may still be taken.
enum class Left {
    never,
    once,
    at_most_once,  // or repeatedly, if an operation on a leased token was killed
    leased,        // repeatedly, but only for the operation's binding
    maybe_leased,  // leased or good for one use; lost only if it is bound to a place
};

struct Known {
    std::uint64_t user;
    Left left;
    std::uint64_t binding = operation_binding;  // of a leased token
};

using Tokens = std::map<std::uint64_t, Known>;

// An operation, and its effect on the tokens: according to its status if reported, or else if killed before that.
struct Operation {
    enum Kind { put, take, take_leased, take_wrong, look, expire } kind;
    std::uint64_t n = 0;
    std::uint64_t user = 0;

    int run(TokenTable& table) const {
        switch (kind) {
        case put:
            return static_cast<int>(table.put(grant_of(n, user, 30000, crash_time), surveyed_limits, crash_time));
        case take:
            return static_cast<int>(table.take(presenting(n, strict_ws, operation_binding), crash_time).status);
        case take_leased:
            return static_cast<int>(table.take(presenting(n, leased_ws, operation_binding), crash_time).status);
        case take_wrong:
            return static_cast<int>(table.take(presenting(n, strict_download, operation_binding), crash_time).status);
        case look:
            return static_cast<int>(table.take(looking(n, operation_binding), crash_time).status);
        case expire:
            return static_cast<int>(table.expire(crash_time, all));
        }
        return 0;
    }

    void apply(Tokens& tokens, std::optional<int> report) const {
        if (kind == expire || kind == look) {
            return;
        }
        if (kind == put) {
            const bool stored = report == static_cast<int>(PutStatus::stored);
            tokens[n] = {user, stored ? Left::once : report ? Left::never : Left::at_most_once};
            return;
        }
        Known& token = tokens[n];
        if (report == static_cast<int>(TakeStatus::unknown) || report == static_cast<int>(TakeStatus::expired)) {
            expect(token.left == Left::never || token.left == Left::at_most_once,
                   "a token that must be there is unknown");
            token.left = Left::never;
        } else if (report == static_cast<int>(TakeStatus::redeemed)) {
            expect(token.left != Left::never && token.left != Left::leased, "a token is redeemed once more");
            token.left = kind == take_leased ? Left::leased : Left::never;
        } else if (report == static_cast<int>(TakeStatus::repeated)) {
            expect(token.left != Left::never && token.left != Left::once, "only a leased token repeats");
            token.left = Left::leased;
        } else if (report == static_cast<int>(TakeStatus::wrong_place)) {
            expect(is_bound(n) && token.left != Left::once, "only a lease that was killed loses the place");
            token.left = Left::never;
        } else if (report == static_cast<int>(TakeStatus::wrong_purpose)) {
            token.left = Left::never;
        } else if (!report && token.left != Left::never && !(kind == take_leased && token.left == Left::leased)) {
            token.left = kind == take_leased && token.left == Left::once ? Left::maybe_leased : Left::at_most_once;
        }
    }
};

class Survey {
public:
    // `image` is the table's memory as the killed process left it. It is copied, not modified.
    Survey(const void* image, const Tokens& tokens, std::string what)
        : image_(image), tokens_(tokens), what_(std::move(what)) {}

    // Any operation may come next, so each of them goes first once.
    void all_variants() const {
        for (int first = 0; first < variants; ++first) {
            one_variant(first);
        }
    }

    static constexpr int variants = 5;

    void one_variant(int first) const {
        Run run(*this, first);
        run.first_operation(first);
        run.counts();
        run.shares();
        run.takes();
        run.queues();
    }

private:
    struct Run {
        Run(const Survey& survey, int first)
            : memory(surveyed_capacity),
              table(memory.data()),
              tokens(survey.tokens_),
              what(survey.what_ + ", variant " + std::to_string(first)) {
            std::memcpy(memory.data(), survey.image_, memory.size());
            table = TokenTable(memory.data());
        }

        void check(bool holds, std::string_view rule) const {
            if (!holds) {
                expect(false, what + ": " + std::string(rule));
            }
        }

        void first_operation(int first) {
            const std::uint64_t untouched = 1;
            switch (first) {
            case 0:
                table.expire(crash_time, all);
                break;
            case 1: {
                table.expire(crash_time, 0);  // triggers a rebuild, so that the count is right
                const bool room = table.live() < surveyed_capacity;
                const auto status = table.put(grant_of(900, 90, 30000, crash_time), surveyed_limits, crash_time);
                check(status == PutStatus::stored || !room, "a new token has its place");
                if (status == PutStatus::stored) {
                    tokens[900] = {90, Left::once};
                }
                break;
            }
            case 2:
                if (tokens.at(untouched).left == Left::once) {
                    check(unit::take(table, presenting(untouched), crash_time) == TakeStatus::redeemed,
                          "another token is there");
                    tokens[untouched].left = Left::never;
                }
                break;
            case 3:
                check(unit::take(table, looking(901), crash_time) == TakeStatus::unknown,
                      "what was never put is unknown");
                break;
            case 4:
                takes();
                break;
            }
            table.expire(crash_time, all);
        }

        bool is_live(std::uint64_t n) {
            const TakeStatus status = unit::take(table, looking(n, tokens[n].binding), crash_time);
            return status == TakeStatus::looked_at || status == TakeStatus::leased_elsewhere ||
                   status == TakeStatus::wrong_place;
        }

        void counts() {
            std::uint32_t count = 0;
            for (const auto& [n, token] : tokens) {
                const bool live = is_live(n);
                check(!live || token.left != Left::never, "token " + std::to_string(n) + " has come back");
                count += live;
            }
            check(table.live() == count, "live() is the number of tokens that can be taken");
        }

        // A user can put as many more tokens as the limit leaves.
        void shares() {
            Memory copy(surveyed_capacity);
            std::map<std::uint64_t, std::uint32_t> live;
            for (const auto& [n, token] : tokens) {
                live[token.user] += is_live(n);
            }
            for (const auto& [user, count] : live) {
                std::memcpy(copy.data(), memory.data(), memory.size());
                TokenTable other(copy.data());
                std::uint32_t more = 0;
                PutStatus status;
                while ((status = other.put(grant_of(2000 + more, user, 30000, crash_time), surveyed_limits,
                                           crash_time)) == PutStatus::stored) {
                    ++more;
                }
                if (status == PutStatus::user_full) {
                    check(count + more == surveyed_limits.per_user, "a user's tokens are counted right");
                } else {
                    check(other.live() == surveyed_capacity && count + more <= surveyed_limits.per_user,
                          "full means full");
                }
            }
        }

        TakeStatus take(std::uint64_t n, std::uint64_t binding) {
            return unit::take(table, presenting(n, strict_ws, binding), crash_time);
        }

        void takes() {
            for (auto& [n, token] : tokens) {
                const std::string name = "token " + std::to_string(n);
                if (token.left == Left::leased || token.left == Left::maybe_leased) {
                    const TakeStatus other = take(n, token.binding + 1);
                    const bool is_lost = other == TakeStatus::wrong_place && is_bound(n);
                    if (token.left == Left::maybe_leased && (other == TakeStatus::redeemed || is_lost)) {
                        token.left = Left::never;
                    } else {
                        check(other == TakeStatus::leased_elsewhere, name + " is leased");
                        check(take(n, token.binding) == TakeStatus::repeated, name + " repeats");
                        check(take(n, token.binding) == TakeStatus::repeated, name + " repeats again");
                        token.left = Left::leased;
                        continue;
                    }
                } else if (token.left != Left::never) {
                    const TakeStatus status = take(n, token.binding);
                    if (token.left == Left::at_most_once && status == TakeStatus::repeated) {
                        token.left = Left::leased;  // killed while ending a lease or repeating within it
                        continue;
                    }
                    const bool is_lost =
                        status == TakeStatus::unknown || (status == TakeStatus::wrong_place && is_bound(n));
                    check(status == TakeStatus::redeemed || (token.left == Left::at_most_once && is_lost),
                          name + " is redeemed once");
                    token.left = Left::never;
                }
                const TakeStatus again = take(n, token.binding);
                check(again == TakeStatus::unknown || again == TakeStatus::expired, name + " is redeemed never again");
            }
        }

        // No place is lost: the table still holds exactly its capacity.
        void queues() {
            constexpr std::uint64_t late = crash_time + 1000000;
            for (int round = 0; round < 2; ++round) {
                const std::uint32_t live = table.live();
                check(table.expire(late, all) == live && table.live() == 0, "the queues expire everything");
                check(table.sessions() == 0, "no session is left without a token");
                check(table.next_expiry_ms() == 0, "no queue has anything left");
                for (std::uint64_t n = 0; n < surveyed_capacity; ++n) {
                    check(table.put(grant_of(3000 + n, n, 10000 + n % 5, late), surveyed_limits, late) ==
                              PutStatus::stored,
                          "every place is free again");
                }
                check(table.put(grant_of(4000, 99, 10000, late), surveyed_limits, late) == PutStatus::full,
                      "and there are no more");
                for (std::uint64_t n = 0; n < surveyed_capacity; n += 2) {
                    check(unit::take(table, presenting(3000 + n), late) == TakeStatus::redeemed,
                          "new tokens are redeemed");
                    check(unit::take(table, presenting(3000 + n), late) == TakeStatus::unknown, "once");
                }
                if (round == 0) {
                    check(table.expire(late + 9999, all) == 0, "and live as long as they should");
                    check(table.expire(late + 1000000, all) == surveyed_capacity / 2, "the rest expires");
                }
            }
        }

        Memory memory;
        TokenTable table;
        Tokens tokens;
        std::string what;
    };

    const void* image_;
    const Tokens& tokens_;
    std::string what_;
};

}  // namespace unit
