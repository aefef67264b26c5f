#include "json.hpp"

#include <cmath>
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

constexpr double largest_exact = 9007199254740992.0;  // 2^53

// What JSON_DECODE_INT_AS_REAL made a real, and an integer can hold, becomes one again.
json_t* restore_integers(json_t* value) noexcept {
    if (json_is_real(value)) {
        const double real = json_real_value(value);
        if (std::abs(real) <= largest_exact && real == std::trunc(real)) {
            return json_integer(static_cast<json_int_t>(real));
        }
    } else if (json_is_object(value)) {
        const char* name;
        json_t* member;
        json_object_foreach(value, name, member) {
            if (json_t* restored = restore_integers(member)) {
                json_object_set_new(value, name, restored);
            }
        }
    } else if (json_is_array(value)) {
        for (std::size_t i = 0; i < json_array_size(value); ++i) {
            if (json_t* restored = restore_integers(json_array_get(value, i))) {
                json_array_set_new(value, i, restored);
            }
        }
    }
    return nullptr;
}

}  // namespace

Value parse(std::string_view text) noexcept {
    constexpr std::size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;

    json_error_t error;
    Value value(json_loadb(text.data(), text.size(), flags, &error));
    if (value == nullptr && json_error_code(&error) == json_error_numeric_overflow) {
        value.reset(json_loadb(text.data(), text.size(), flags | JSON_DECODE_INT_AS_REAL, &error));
        if (json_t* restored = restore_integers(value.get())) {
            value.reset(restored);
        }
    }
    return value;
}

Value parse_object(std::string_view text) noexcept {
    Value value = parse(text);
    if (value != nullptr && !json_is_object(value.get())) {
        value.reset();
    }
    return value;
}

const json_t* member(const json_t* object, std::string_view name) noexcept {
    // json_object_getn() came with jansson 2.14; names here are few and short.
    char key[128];
    if (name.size() >= sizeof(key)) {
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

std::string quote(std::string_view value) {
    const Value text(json_stringn(value.data(), value.size()));
    if (text == nullptr) {
        throw std::bad_alloc();
    }
    return dump(text.get());
}

}  // namespace auth_gate::json
