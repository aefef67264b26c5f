#include "nginx/ngx/file.hpp"

#include "core/base/crypto.hpp"

#include <cerrno>

namespace auth_gate {

namespace {

std::int64_t nanoseconds(const timespec& time) noexcept {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::uint64_t FileStamp::hash() const noexcept {
    std::uint64_t hash = exists ? 1 : 0;
    for (const std::uint64_t part : {device, inode, static_cast<std::uint64_t>(size),
                                     static_cast<std::uint64_t>(modified_ns), static_cast<std::uint64_t>(changed_ns)}) {
        hash = (hash ^ part) * 0x9E3779B97F4A7C15;
        hash ^= hash >> 32;
    }
    return hash | 1;
}

FileStamp FileStamp::of(const struct stat& status) noexcept {
    return {
        .exists = true,
        .device = status.st_dev,
        .inode = status.st_ino,
        .size = status.st_size,
        .modified_ns = nanoseconds(status.st_mtim),
        .changed_ns = nanoseconds(status.st_ctim),
    };
}

FileStamp FileStamp::of(const std::string& path) noexcept {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? of(status) : FileStamp();
}

std::optional<std::string> read_all(const File& file, std::size_t most) {
    std::string content(most + 1, '\0');
    std::size_t size = 0;
    while (size < content.size()) {
        const ssize_t n = read(file.fd(), content.data() + size, content.size() - size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return std::nullopt;
        }
        if (n == 0) {
            break;
        }
        size += static_cast<std::size_t>(n);
    }
    if (size > most) {
        errno = EFBIG;
        return std::nullopt;
    }
    // The content may be a secret: leave no second copy in memory.
    std::string exact(content, 0, size);
    wipe(content);
    return exact;
}

bool write_all(const File& file, std::string_view text) noexcept {
    while (!text.empty()) {
        const ssize_t n = write(file.fd(), text.data(), text.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace auth_gate
