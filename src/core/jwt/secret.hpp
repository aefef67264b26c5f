// Secrets as they are configured: what is taken from a file's content, and what a generated one looks like.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate {

constexpr std::size_t short_secret_size = 32;  // bytes; RFC 7518, 3.2 wants no less for HS256

// A file's content without one trailing newline.
std::string_view secret_from_file_content(std::string_view content) noexcept;

// 32 random bytes as 64 hex digits. Nothing when the system has no randomness.
std::optional<std::string> generate_secret();

// Stands for a secret in shared memory, the same in every process.
std::uint64_t key_id_of(std::string_view secret);

}  // namespace auth_gate
