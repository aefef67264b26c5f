// The requests that are sent, ready made.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace load {

class Requests {
public:
    // `path`: requests one after the other, each after a line with its size. With `tokens_path`, a file of one
    // token a line: the file's one request once for each token, in place of TOKEN.
    Requests(const std::string& path, const std::string& tokens_path);

    // The next `count` of them, one after the other in memory, and from the beginning again. `count` divides size().
    std::string_view next(std::size_t count) noexcept;

    std::size_t size() const noexcept { return begins_.size() - 1; }

private:
    void add(std::string_view request);

    std::string text_;
    std::vector<std::size_t> begins_{0};  // the last one is the end
    std::size_t next_ = 0;
};

}  // namespace load
