#include "core/oidc/login_session.hpp"

#include "core/base/byte_record.hpp"
#include "core/oidc/session_claims.hpp"
#include "core/oidc/store.hpp"

namespace auth_gate::oidc {

namespace {

constexpr std::size_t longest_id = 255;  // as in UserId

}  // namespace

std::optional<std::string> pack(const LoginSession& session) {
    static_assert(sizeof(std::uint64_t) + 2 + sizeof(Digest) + 2 * sizeof(std::uint16_t) + longest_id +
                      SessionClaims::largest <=
                  Record::longest_code);

    if (session.user.text.empty() || session.user.text.size() > longest_id ||
        session.claims.size() > SessionClaims::largest) {
        return std::nullopt;
    }
    RecordWriter record;
    record.fixed(session.provider);
    record.fixed(static_cast<std::uint8_t>(session.user.kind));
    record.fixed(static_cast<std::uint8_t>(session.mfa));
    record.fixed(session.binding);
    record.text(session.user.text);
    record.text(session.claims);
    return record.take();
}

std::optional<LoginSession> unpack_session(std::string_view payload) {
    LoginSession session;
    std::uint8_t kind = 0, mfa = 0;
    RecordReader record(payload);
    record.fixed(session.provider);
    record.fixed(kind);
    record.fixed(mfa);
    record.fixed(session.binding);
    record.text(session.user.text);
    record.text(session.claims);
    if (!record.complete() || kind > static_cast<std::uint8_t>(UserId::Kind::text) || mfa > 1) {
        return std::nullopt;
    }
    session.user.kind = static_cast<UserId::Kind>(kind);
    session.mfa = mfa == 1;
    return session;
}

}  // namespace auth_gate::oidc
