#include "core/jwt/hidden_session.hpp"

#include "core/base/ascii.hpp"
#include "core/base/base64url.hpp"
#include "core/http/query.hpp"
#include "core/jwt/jwt.hpp"

#include <algorithm>
#include <string>

namespace auth_gate::jwt {

namespace {

constexpr int most_encodings = 4;
constexpr std::size_t shortest_word = 8;

constexpr bool is_base64(char c) noexcept {
    return is_alphanumeric(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

// Without percent-encoding and the backslashes of quoted pairs. Neither stands in a JWT or in base64.
std::string unescaped(std::string_view text) {
    std::string plain = query::decode_lenient(text);
    std::erase(plain, '\\');
    return plain;
}

// Of either alphabet. Bits that are left over at the end do not matter here.
std::string decoded(std::string_view word) {
    const std::size_t missing = (4 - word.size() % 4) % 4;
    if (missing == 3) {
        return decoded(word.substr(0, word.size() - 1));
    }
    std::string digits(word);
    digits.append(missing, 'A');
    std::replace(digits.begin(), digits.end(), '+', '-');
    std::replace(digits.begin(), digits.end(), '/', '_');
    std::string bytes = base64url::decode(digits).value_or("");
    bytes.resize(bytes.size() - std::min(bytes.size(), missing));
    return bytes;
}

// Some libraries write base64url as plain base64, with padding, and some readers skip white space.
bool contains_session(std::string_view text) {
    if (contains_jwt_or_jwe(text)) {
        return true;
    }
    if (text.find_first_of("+/= \t") == std::string_view::npos) {
        return false;
    }
    std::string usual(text);
    std::erase_if(usual, [](char c) { return c == '=' || c == ' ' || c == '\t'; });
    std::replace(usual.begin(), usual.end(), '+', '-');
    std::replace(usual.begin(), usual.end(), '/', '_');
    return contains_jwt_or_jwe(usual);
}

bool may_hide(std::string_view text, int encodings);

// The encoded text may begin anywhere: "/" and "-" also divide words.
bool may_hide_in_word(std::string_view word, int encodings) {
    for (std::size_t begin = 0; begin < 4 && begin < word.size(); ++begin) {
        if (may_hide(decoded(word.substr(begin)), encodings)) {
            return true;
        }
    }
    return false;
}

bool may_hide_in_words(std::string_view text, int encodings) {
    for (auto at = text.begin(); at != text.end();) {
        const auto begin = std::find_if(at, text.end(), is_base64);
        at = std::find_if_not(begin, text.end(), is_base64);
        const std::string_view word(begin, at);
        if (word.size() >= shortest_word && may_hide_in_word(word, encodings)) {
            return true;
        }
    }
    return false;
}

bool may_hide(std::string_view text, int encodings) {
    if (contains_session(text)) {
        return true;
    }
    if (encodings == 0) {
        return false;
    }
    const std::string plain = unescaped(text);
    return (plain != text && may_hide(plain, encodings - 1)) || may_hide_in_words(text, encodings - 1);
}

}  // namespace

bool may_hide_session(std::string_view text) {
    return may_hide(text, most_encodings);
}

}  // namespace auth_gate::jwt
