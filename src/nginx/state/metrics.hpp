// The counters of the zone: their names and help texts. To add a counter, add a value and a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace auth_gate {

enum class Counter : std::uint8_t {
    tokens_issued,
    tokens_redeemed,
    tokens_refused,
    requests_refused,
    mfa_refused,
    mfa_dry_run,
    sockets_closed,
};

struct CounterDescription {
    Counter counter;
    const char* name;
    const char* help;
};

// In the order of the enum.
inline constexpr CounterDescription counter_descriptions[] = {
    {Counter::tokens_issued, "tokens_issued", "Tokens issued."},
    {Counter::tokens_redeemed, "tokens_redeemed", "Tokens redeemed."},
    {Counter::tokens_refused, "tokens_refused", "Tokens refused."},
    {Counter::requests_refused, "requests_refused", "Requests refused, for whatever reason."},
    {Counter::mfa_refused, "mfa_refused", "Requests refused for want of MFA."},
    {Counter::mfa_dry_run, "mfa_dry_run", "Requests that a dry run let through and the policy would refuse."},
    {Counter::sockets_closed, "sockets_closed",
     "Open WebSockets closed: their users had no MFA, or it could not be found out."},
};

// The number is part of the layout of the shared memory.
constexpr std::size_t counter_count = std::size(counter_descriptions);

static_assert(
    [] {
        for (std::size_t i = 0; i < counter_count; ++i) {
            if (counter_descriptions[i].counter != static_cast<Counter>(i)) {
                return false;
            }
        }
        return static_cast<std::size_t>(Counter::sockets_closed) + 1 == counter_count;
    }(),
    "each counter has one row, in the order of the enum");

}  // namespace auth_gate
