// A file descriptor that closes itself; reading and writing whole files, and telling one version of a file from
// another. The calls block. None of them uses nginx, so that any thread may call them.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
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

// What tells one version of a file from another, without reading it.
struct FileStamp {
    bool exists = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;         // bytes
    std::int64_t modified_ns = 0;  // the content: mtime, in nanoseconds since 1970
    std::int64_t changed_ns = 0;   // the inode: ctime

    bool operator==(const FileStamp&) const = default;

    // All of it in one number, which is not 0.
    std::uint64_t hash() const noexcept;

    static FileStamp of(const struct stat& status) noexcept;

    // Does not exist, with errno set, also when nobody may look.
    static FileStamp of(const std::string& path) noexcept;
};

// Nothing, with errno set, when the file cannot be read or is larger than `most` bytes.
std::optional<std::string> read_all(const File& file, std::size_t most);

// False, with errno set, when not everything could be written.
bool write_all(const File& file, std::string_view text) noexcept;

}  // namespace auth_gate
