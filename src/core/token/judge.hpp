// The rule for redeeming a stored token, independent of where tokens are stored.
#pragma once

#include "core/token/token.hpp"

#include <algorithm>

namespace auth_gate {

// What the rule needs to know of a stored token. A spent token is no longer stored.
struct StoredToken {
    std::uint32_t purpose = 0;
    std::uint64_t account_scope = 0;
    std::uint64_t expires_ms = 0;  // of a leased token: when the lease ends
    bool leased = false;
    std::uint64_t binding = 0;  // of a leased token: as the request that leased it had it; of a bound one: its place
    std::uint32_t session_exp = 0;  // as TokenGrant has it
    bool bound = false;             // to a place; of a leased token, the lease holds nowhere else either
};

// What the store must do with the token.
enum class TokenFate : std::uint8_t {
    kept,
    spent,
    leased,  // to Judgement::binding, from now on, for Judgement::lease_ms
};

struct Judgement {
    TakeStatus status;
    TokenFate fate = TokenFate::kept;
    std::uint64_t lease_ms = 0;
    std::uint64_t binding = 0;
};

// A pure function. Always inlined because TokenTable calls it while holding the zone's lock.
[[gnu::always_inline]] inline Judgement judge(const StoredToken& stored, const Presented& presented,
                                              std::uint64_t now_ms) noexcept {
    const bool session_ended = stored.session_exp != 0 && presented.session_clock >= stored.session_exp;
    if (now_ms >= stored.expires_ms || session_ended) {
        return {TakeStatus::expired, TokenFate::spent};
    }

    const auto accepted = std::find_if(presented.accepted.begin(), presented.accepted.end(),
                                       [&](const AcceptedPurpose& purpose) { return purpose.id == stored.purpose; });
    const auto scopes = presented.account_scopes;
    if (accepted == presented.accepted.end() ||
        std::find(scopes.begin(), scopes.end(), stored.account_scope) == scopes.end()) {
        return {TakeStatus::wrong_purpose, presented.spend ? TokenFate::spent : TokenFate::kept};
    }
    const auto binding = [&] { return presented.bindings[static_cast<std::size_t>(accepted->lease_to)]; };
    if (stored.leased) {
        if (stored.binding != binding()) {
            return {TakeStatus::leased_elsewhere};
        }
        return {presented.spend ? TakeStatus::repeated : TakeStatus::looked_at};
    }

    if (stored.bound || accepted->only_bound) {
        const auto places = presented.places;
        if (places.empty()) {
            return {TakeStatus::which_place};
        }
        if (!stored.bound || std::find(places.begin(), places.end(), stored.binding) == places.end()) {
            return {TakeStatus::wrong_place, presented.spend ? TokenFate::spent : TokenFate::kept};
        }
    }
    if (!presented.spend) {
        return {TakeStatus::looked_at};
    }
    if (accepted->lease_ms == 0 || binding() == 0) {
        return {TakeStatus::redeemed, TokenFate::spent};
    }
    return {TakeStatus::redeemed, TokenFate::leased, accepted->lease_ms, binding()};
}

}  // namespace auth_gate
