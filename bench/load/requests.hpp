// The prepared requests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace load {

class Requests {
public:
    // `path` is a file of requests, each preceded by a line with its size. `tokens_path` is a file with one token per
    // line: if given, `path` has one request, which is repeated for each token with TOKEN replaced.
    Requests(const std::string& path, const std::string& tokens_path);

    // The next `count` requests, contiguous in memory. Starts over at the end. `count` must divide size().
    std::string_view next(std::size_t count) noexcept;

    std::size_t size() const noexcept { return begins_.size() - 1; }

private:
    void add(std::string_view request);

    std::string text_;
    std::vector<std::size_t> begins_{0};  // the last element is the end of the text
    std::size_t next_ = 0;
};

}  // namespace load
