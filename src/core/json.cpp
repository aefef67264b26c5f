#include "json.hpp"

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

}  // namespace

Value parse(std::string_view text) noexcept {
    constexpr std::size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;

    json_error_t error;
    Value value(json_loadb(text.data(), text.size(), flags, &error));
    if (value == nullptr && json_error_code(&error) == json_error_numeric_overflow) {
        value.reset(json_loadb(text.data(), text.size(), flags | JSON_DECODE_INT_AS_REAL, &error));
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
