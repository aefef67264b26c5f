#include "core/identity/account.hpp"

#include "core/base/crypto.hpp"

#include <cstring>
#include <string>

namespace auth_gate {

std::uint64_t account_scope(std::uint64_t key_id, std::string_view user_claim) {
    return short_hash(sha256(std::to_string(key_id) + '\0' + std::string(user_claim)));
}

AccountKey account_key(const SipHashKey& hash_key, std::uint64_t scope, const UserId& user) noexcept {
    char whole[sizeof(scope) + 1 + UserId::longest];
    std::memcpy(whole, &scope, sizeof(scope));
    whole[sizeof(scope)] = user.kind == UserId::Kind::integer ? 'i' : 't';
    const std::size_t size = user.text.copy(whole + sizeof(scope) + 1, UserId::longest);
    const std::uint64_t hash = keyed_hash(hash_key, {whole, sizeof(scope) + 1 + size});
    return static_cast<AccountKey>(hash == 0 ? 1 : hash);
}

std::uint64_t account_owner(std::uint64_t scope, const UserId& user) {
    return short_hash(sha256(std::to_string(scope) + ' ' + user.to_json()));
}

// All parts are hashes that nobody else can compute or choose, so their sum is as good as a hash of them.
IdentityKey identity_key(AccountKey account, std::uint32_t drops, const IdentityContext& context) noexcept {
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    const std::uint64_t key =
        static_cast<std::uint64_t>(account) + drops * odd + context.source + context.host + context.session;
    return static_cast<IdentityKey>(key == 0 ? 1 : key);
}

std::uint64_t HostHash::of(const SipHashKey& hash_key, std::string_view name, std::string_view host) noexcept {
    if (name.size() == name_size_ && host.size() == host_size_ && std::memcmp(text_, host.data(), host.size()) == 0) {
        const bool begins_both = is_prefix_ && name.data() == host.data();
        if (begins_both || std::memcmp(text_ + host.size(), name.data(), name.size()) == 0) {
            return hash_;
        }
    }
    const std::uint64_t hashes[] = {keyed_hash(hash_key, name), keyed_hash(hash_key, host)};
    char text[sizeof(hashes)];
    std::memcpy(text, hashes, sizeof(hashes));
    const std::uint64_t hash = keyed_hash(hash_key, {text, sizeof(text)});
    if (name.size() + host.size() <= sizeof(text_)) {
        host.copy(text_, host.size());
        name.copy(text_ + host.size(), name.size());
        name_size_ = name.size();
        host_size_ = host.size();
        is_prefix_ = host.starts_with(name);
        hash_ = hash;
    }
    return hash;
}

}  // namespace auth_gate
