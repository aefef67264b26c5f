#include "core/redis/logins.hpp"

#include "core/redis/record.hpp"

#include <algorithm>

namespace auth_gate::redis {

namespace {

char letter_of(oidc::RecordKind kind) noexcept {
    switch (kind) {
    case oidc::RecordKind::flow:
        return 'f';
    case oidc::RecordKind::code:
        return 'c';
    case oidc::RecordKind::mfa:
        return 'm';
    }
    return '?';
}

}  // namespace

Call put_call(const Names& names, oidc::RecordKind kind, const Digest& digest, std::uint64_t owner,
              std::string_view payload, std::uint64_t lifetime_ms) {
    const char letter = letter_of(kind);
    RecordHead head;
    head.share = share_name(owner);
    return Call::of(put_script(),
                    {names.record(letter, digest), names.count(letter), names.shares(letter) + head.share,
                     names.sessions() + head.session},
                    {packed(head, payload), std::to_string(std::max<std::uint64_t>(1, lifetime_ms)),
                     std::to_string(most_logins), std::to_string(most_logins_of_owner), "", beginning(0)});
}

bool read_kept(const Reply& reply) noexcept {
    return reply.status() == 0;
}

Call remove_call(const Names& names, oidc::RecordKind kind, const Digest& digest) {
    const char letter = letter_of(kind);
    return Call::of(remove_script(), {names.record(letter, digest), names.count(letter)}, {names.shares(letter)});
}

Call look_call(const Names& names, oidc::RecordKind kind, const Digest& digest) {
    return {{"GET", names.record(letter_of(kind), digest)}, nullptr};
}

oidc::Record read_record(const Reply& reply) noexcept {
    oidc::Record record;
    const std::string_view bytes = reply.kind == Reply::Kind::text ? reply.text
                                   : reply.status() == 0           ? reply.text_at(1)
                                                                   : std::string_view();
    if (bytes.size() < RecordHead::size || bytes.size() - RecordHead::size > oidc::Record::longest) {
        return record;
    }
    record.found = true;
    record.size = static_cast<std::uint16_t>(bytes.size() - RecordHead::size);
    bytes.copy(record.bytes, record.size, RecordHead::size);
    return record;
}

}  // namespace auth_gate::redis
