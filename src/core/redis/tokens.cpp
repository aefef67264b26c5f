#include "core/redis/tokens.hpp"

#include "core/redis/record.hpp"

#include <algorithm>
#include <limits>

namespace auth_gate::redis {

namespace {

constexpr char kind = 't';

std::uint32_t milliseconds_in_script(std::uint64_t ms) noexcept {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(ms, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

Call put_call(const Names& names, const TokenGrant& grant, const TokenLimits& limits) {
    const RecordHead head = {
        .purpose = grant.purpose,
        .scope = grant.account_scope,
        .session_exp = grant.session_exp,
        .share = share_name(account_owner(grant.account_scope, grant.user)),
        .session = session_name(grant.session),
    };
    std::string rest;
    rest += static_cast<char>(grant.facts.bits);
    rest += grant.user.kind == UserId::Kind::integer ? 'i' : 't';
    rest += grant.user.text;
    return Call::of(put_script(),
                    {names.record(kind, grant.digest), names.count(kind), names.shares(kind) + head.share,
                     names.sessions() + head.session},
                    {packed(head, rest), std::to_string(std::max<std::uint64_t>(1, grant.lifetime_ms)),
                     std::to_string(limits.tokens), std::to_string(limits.per_user), std::string(grant.session),
                     beginning(grant.place)});
}

Put read_put(const Reply& reply) noexcept {
    const auto wait_ms = [&] {
        const bool has = reply.items.size() > 1 && reply.items[1].kind == Reply::Kind::number;
        return has ? static_cast<std::uint64_t>(std::max<std::int64_t>(0, reply.items[1].number)) : 0;
    };
    switch (reply.status()) {
    case 0:
        return {PutStatus::stored, 0};
    case 1:
        return {PutStatus::full, wait_ms()};
    case 2:
        return {PutStatus::user_full, wait_ms()};
    default:
        return {PutStatus::unavailable, 0};
    }
}

Call take_call(const Names& names, const Presented& presented) {
    std::string bindings, accepted, scopes, places;
    for (const std::uint64_t binding : presented.bindings) {
        append_number(bindings, binding);
    }
    for (const AcceptedPurpose& purpose : presented.accepted) {
        append_number(accepted, purpose.id);
        append_number(accepted, milliseconds_in_script(purpose.lease_ms));
        accepted += static_cast<char>(purpose.lease_to);
        accepted += static_cast<char>(purpose.only_bound);
    }
    for (const std::uint64_t scope : presented.account_scopes) {
        append_number(scopes, scope);
    }
    for (const std::uint64_t place : presented.places) {
        append_number(places, place);
    }
    return Call::of(take_script(), {names.record(kind, presented.digest), names.count(kind)},
                    {presented.spend ? "1" : "0", std::move(bindings), std::to_string(presented.session_clock),
                     std::move(accepted), std::move(scopes), names.sessions(), names.shares(kind), std::move(places)});
}

Taken read_taken(const Reply& reply) {
    static constexpr TakeStatus statuses[] = {
        TakeStatus::redeemed,    TakeStatus::repeated,      TakeStatus::looked_at,        TakeStatus::unknown,
        TakeStatus::expired,     TakeStatus::wrong_purpose, TakeStatus::leased_elsewhere, TakeStatus::used,
        TakeStatus::unavailable, TakeStatus::wrong_place,   TakeStatus::which_place,
    };
    Taken taken;
    const std::int64_t status = reply.status();
    taken.status = status >= 0 && status < static_cast<std::int64_t>(std::size(statuses))
                       ? statuses[static_cast<std::size_t>(status)]
                       : TakeStatus::unavailable;
    if (!taken.good()) {
        return taken;
    }
    const std::string_view record = reply.text_at(1);
    if (record.size() < RecordHead::size + 2) {
        taken.status = TakeStatus::unavailable;
        return taken;
    }
    taken.purpose = number_at<std::uint32_t>(record, RecordHead::before_purpose);
    taken.account_scope = number_at<std::uint64_t>(record, RecordHead::before_purpose + 4);
    taken.session_exp = number_at<std::uint32_t>(record, RecordHead::before_purpose + 12);
    taken.facts.bits = static_cast<std::uint8_t>(record[RecordHead::size]);
    taken.user.kind = record[RecordHead::size + 1] == 'i' ? UserId::Kind::integer : UserId::Kind::text;
    taken.user.text = record.substr(RecordHead::size + 2);
    taken.session = reply.text_at(2);
    return taken;
}

}  // namespace auth_gate::redis
