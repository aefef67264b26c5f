// The two names of a user in shared memory, both of them keyed hashes.
//
// An account is who somebody is: the key that verifies the sessions, the claim that names the user, and the id. Tokens,
// shares, what is known of sessions, and drops go by accounts. An identity is what one application says of an account:
// it goes by the source, the server and the Host of the lookup too, and is the key of the identity cache alone.
#pragma once

#include "core/base/siphash.hpp"
#include "core/identity/user_id.hpp"

#include <cstdint>
#include <string_view>

namespace auth_gate {

// Distinct types, so that one cannot be taken for the other. 0 is neither.
enum class AccountKey : std::uint64_t { none = 0 };
enum class IdentityKey : std::uint64_t { none = 0 };

// The part of an account that does not depend on the user, in every process and after every reload the same. `key_id`
// stands for the secret.
std::uint64_t account_scope(std::uint64_t key_id, std::string_view user_claim);

// 7 and "7" are two users.
AccountKey account_key(const SipHashKey& hash_key, std::uint64_t scope, const UserId& user) noexcept;

// An account where there is no secret key to hash it with: whom a login's records count against.
std::uint64_t account_owner(std::uint64_t scope, const UserId& user);

struct IdentityContext {
    std::uint64_t source = 0;   // hash of the source and the server, see IdentityConf
    std::uint64_t host = 0;     // HostHash of what the lookup may send
    std::uint64_t session = 0;  // hash of one session or token, where the source answers by session
};

// `drops` is how often the account was dropped: with each time, all its identities get other keys.
IdentityKey identity_key(AccountKey account, std::uint32_t drops, const IdentityContext& context) noexcept;

// The keyed hash of Host, as the client sent it and as nginx made a name of it. Remembers the last one: most requests
// have the same.
class HostHash {
public:
    // Always with the same key.
    std::uint64_t of(const SipHashKey& hash_key, std::string_view name, std::string_view host) noexcept;

private:
    std::uint64_t hash_ = 0;
    std::size_t name_size_ = SIZE_MAX;  // nothing is remembered yet
    std::size_t host_size_ = 0;
    bool is_prefix_ = false;  // the name begins the host; nginx does not copy it then
    char text_[256];          // host, and name behind it
};

}  // namespace auth_gate
