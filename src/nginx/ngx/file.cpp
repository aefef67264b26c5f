#include "nginx/ngx/file.hpp"

#include "core/base/crypto.hpp"

#include <cerrno>

namespace auth_gate {

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
