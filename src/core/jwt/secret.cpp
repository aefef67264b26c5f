#include "core/jwt/secret.hpp"

#include "core/base/crypto.hpp"

namespace auth_gate {

std::string_view secret_from_file_content(std::string_view content) noexcept {
    if (content.ends_with('\n')) {
        content.remove_suffix(1);
    }
    return content;
}

std::optional<std::string> generate_secret() {
    std::array<std::uint8_t, 32> random;
    if (!random_bytes(random)) {
        return std::nullopt;
    }
    std::string text(2 * random.size(), '\0');
    to_hex(random, text.data());
    wipe(random.data(), random.size());
    return text;
}

std::uint64_t key_id_of(std::string_view secret) {
    const Digest digest = sha256(secret);
    return short_hash(sha256(digest));
}

}  // namespace auth_gate
