// Where a session cookie stands in a Cookie header, for every parser that an application may have.
//
// RFC 6265 leaves to servers how they read the header, and they differ: some split at commas or white space, too, strip
// quotes and blanks, decode escapes in names, take '.' or a space in a name for '_' (PHP), or ignore case (ASP.NET, and
// nginx's own $cookie_NAME). Of two cookies of one name some take the first and some the last.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace auth_gate::cookie {

// The places in a segment, which is a part of the header between two semicolons. Takes time in proportion to the size
// of the segment, whatever stands in it.
class Places {
public:
    // Borrows both.
    Places(std::string_view segment, std::string_view name) noexcept : segment_(segment), name_(name) {}

    // The next place where some parser finds a cookie of this name: its value, without blanks and quotes around it. It
    // has all of a JWT that any parser reads here. A name that only differs in case counts if the value looks like a
    // JWT. Throws bad_alloc.
    std::optional<std::string_view> next();

private:
    // The last stretch of characters of one kind. Names may stand so close that each would search the same one.
    class Stretch {
    public:
        std::size_t end_from(std::size_t from, std::string_view text, bool (*belongs)(char)) noexcept;

    private:
        std::size_t begin_ = 1;
        std::size_t end_ = 0;
    };

    std::optional<std::string_view> value_behind(std::size_t name_begin, std::size_t name_end) noexcept;
    bool has_jwt(std::string_view value);

    std::string_view segment_;
    std::string_view name_;
    std::size_t at_ = 0;
    Stretch key_, blanks_, value_blanks_, value_;
    const char* checked_end_ = nullptr;
    bool checked_has_jwt_ = false;
};

inline bool stands_in(std::string_view segment, std::string_view name) {
    return Places(segment, name).next().has_value();
}

}  // namespace auth_gate::cookie
