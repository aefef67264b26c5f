// A file descriptor that closes itself; reading and writing whole files. The calls block.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace auth_gate {

class File {
public:
    explicit File(int fd) noexcept : fd_(fd) {}
    File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    ~File() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    int fd() const noexcept { return fd_; }
    bool is_open() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

// Nothing, with errno set, when the file cannot be read or is larger than `most` bytes.
std::optional<std::string> read_all(const File& file, std::size_t most);

// False, with errno set, when not everything could be written.
bool write_all(const File& file, std::string_view text) noexcept;

}  // namespace auth_gate
