// Sessions whose JWT this process has verified already, so that the next request with it costs a look-up.
//
// A session is found by the whole text of its JWT and the verifier_id (keys, user claim) that it was verified for, and
// is what verifying it again would give. What depends on the time or the place (dates, size, required claims) is
// checked each time.
#pragma once

#include "core/base/nh_hash.hpp"
#include "core/jwt/jwt.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace auth_gate {

class SessionCache {
public:
    // Larger JWTs are verified each time.
    static constexpr std::size_t largest_token = 4096;

    // Holds at most `most_bytes`, table included; 0 remembers nothing. Memory is taken when it is needed.
    explicit SessionCache(std::size_t most_bytes) noexcept;
    ~SessionCache();
    SessionCache(const SessionCache&) = delete;
    SessionCache& operator=(const SessionCache&) = delete;

    // As jwt::verify(). `verifier_id` stands for the keys and checks.user_claim: no two pairs of them share one.
    jwt::Verified verify(std::string_view token, std::span<const HmacKey> keys, std::uint64_t verifier_id,
                         const jwt::Checks& checks);

    // All that was allocated, with what the allocator adds.
    std::size_t bytes() const noexcept { return bytes_; }

private:
    struct Remembered;

    // Of a token's end, which has its signature: no two tokens that were verified share one, and nobody can choose it.
    static constexpr std::size_t hashed = 48;
    using Hash = NhHash<hashed>;

    bool set_up();
    std::size_t bucket_of(std::uint64_t hash) const noexcept { return hash & (buckets_.size() - 1); }
    const Remembered* find(std::uint64_t hash, std::string_view token, std::uint64_t verifier_id) noexcept;
    void remember(std::uint64_t hash, std::string_view token, std::uint64_t verifier_id,
                  const std::shared_ptr<const jwt::Session>& session);
    void make_room(std::size_t bytes) noexcept;
    void forget(Remembered*& link) noexcept;

    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::vector<Remembered*> buckets_;  // heads of lists
    std::size_t hand_ = 0;              // the bucket where room is made next
    std::unique_ptr<const Hash> hash_;
};

}  // namespace auth_gate
