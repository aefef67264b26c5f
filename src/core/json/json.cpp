#include "core/json/json.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <new>

namespace auth_gate::json {

namespace {

std::string dump(const json_t* value) {
    char* raw = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    if (raw == nullptr) {
        throw std::bad_alloc();
    }
    const std::unique_ptr<char, decltype(&free)> owned(raw, &free);
    return std::string(raw);
}

// The text with ".0" behind each integer that 64 bits cannot hold, so that jansson reads those as reals and
// leaves all others exact.
std::string with_huge_integers_as_reals(std::string_view text) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        out += c;
        if (in_string && c == '\\' && i + 1 < text.size()) {
            out += text[++i];
        } else if (c == '"') {
            in_string = !in_string;
        } else if (!in_string && (is_digit(c) || c == '-')) {
            const std::size_t end = std::min(text.find_first_not_of("0123456789", i + 1), text.size());
            const std::string_view number = text.substr(i, end - i);
            out += number.substr(1);
            json_int_t value;
            const bool huge = std::from_chars(number.data(), number.data() + number.size(), value).ec ==
                              std::errc::result_out_of_range;
            const bool is_real = end < text.size() && (text[end] == '.' || text[end] == 'e' || text[end] == 'E');
            if (is_real) {
                const std::size_t rest = std::min(text.find_first_not_of("0123456789.eE+-", end), text.size());
                out += text.substr(end, rest - end);
                i = rest - 1;
                continue;
            }
            if (huge) {
                out += ".0";
            }
            i = end - 1;
        }
    }
    return out;
}

}  // namespace

Value parse(std::string_view text) {
    constexpr std::size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;

    json_error_t error;
    Value value(json_loadb(text.data(), text.size(), flags, &error));
    if (value == nullptr && json_error_code(&error) == json_error_numeric_overflow) {
        const std::string rewritten = with_huge_integers_as_reals(text);
        value.reset(json_loadb(rewritten.data(), rewritten.size(), flags, &error));
    }
    return value;
}

Value parse_object(std::string_view text) {
    Value value = parse(text);
    if (value != nullptr && !json_is_object(value.get())) {
        value.reset();
    }
    return value;
}

const json_t* member(const json_t* object, std::string_view name) noexcept {
    // json_object_getn() came with jansson 2.14; names here are few and short.
    char key[longest_name + 1];
    if (name.size() > longest_name) {
        return nullptr;
    }
    name.copy(key, name.size());
    key[name.size()] = '\0';
    return json_object_get(object, key);
}

std::optional<std::string_view> string(const json_t* value) noexcept {
    if (!json_is_string(value)) {
        return std::nullopt;
    }
    return std::string_view(json_string_value(value), json_string_length(value));
}

std::optional<std::string> text(const json_t* value) {
    if (value == nullptr || json_is_null(value)) {
        return std::nullopt;
    }
    if (const auto characters = string(value)) {
        return std::string(*characters);
    }
    return dump(value);
}

std::string to_json(const json_t* value) {
    return dump(value);
}

std::string quote(std::string_view value) {
    // Most texts have nothing to escape.
    if (std::all_of(value.begin(), value.end(),
                    [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; })) {
        std::string quoted;
        quoted.reserve(value.size() + 2);
        return quoted.append(1, '"').append(value).append(1, '"');
    }
    const Value text(json_stringn(value.data(), value.size()));
    if (text == nullptr) {
        throw std::bad_alloc();
    }
    return dump(text.get());
}

}  // namespace auth_gate::json
