// The user that a request was admitted for.
#pragma once

#include "nginx/conf/conf.hpp"

#include "core/jwt/jwt.hpp"
#include "core/jwt/session_copy.hpp"
#include "core/token/session_facts.hpp"

#include <memory>
#include <optional>

namespace auth_gate {

// The session that asked for a token.
class TokenSession {
public:
    // `packed` as the token store kept it.
    explicit TokenSession(std::string&& packed) noexcept
        : packed_(std::move(packed)), copy_(jwt::SessionCopy::unpacked(packed_)) {}
    TokenSession(const TokenSession&) = delete;
    TokenSession& operator=(const TokenSession&) = delete;

    bool is_readable() const noexcept { return copy_.has_value(); }

    // Only if it is readable.
    const jwt::SessionCopy& copy() const noexcept { return *copy_; }

    // Read when they are first asked for. Throws bad_alloc.
    const json::Claims& claims() const;

private:
    std::string packed_;
    std::optional<jwt::SessionCopy> copy_;
    mutable json::Claims claims_;
};

// A JWT's session, or what a redeemed token says.
struct Subject {
    const LocationConf* conf = nullptr;                 // where the credential was good
    std::shared_ptr<const jwt::Session> session;        // of a JWT; null with a token
    UserId token_user;                                  // of a token
    std::shared_ptr<const TokenSession> token_session;  // the same
    std::uint64_t account_scope = 0;                    // with the user's id it makes the account
    std::optional<double> session_exp;                  // seconds since 1970
    std::uint32_t purpose = 0;                          // of the token
    SessionFacts facts;                                 // of the session that asked for the token

    // Of whichever it is; none where it is neither. Throws bad_alloc.
    const json::Claims& claims() const;

    // The index of the key that verified it, in the location where the credential was good.
    std::size_t key() const noexcept;
};

}  // namespace auth_gate
