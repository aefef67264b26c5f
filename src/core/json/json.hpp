// JSON by jansson, with what this project needs of it: strict objects and claims as text.
#pragma once

#include <jansson.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace auth_gate::json {

struct Release {
    void operator()(json_t* value) const noexcept { json_decref(value); }
};

using Value = std::unique_ptr<json_t, Release>;

// Any JSON text (RFC 8259), nothing before or behind it. Null for a syntax error, a duplicate member,
// invalid UTF-8 or a NUL. An integer beyond 64 bits becomes a real.
Value parse(std::string_view text);

// As parse(), and null when the text is no object.
Value parse_object(std::string_view text);

// In bytes: no longer name is ever found.
constexpr std::size_t longest_name = 127;

// Borrowed, or null.
const json_t* member(const json_t* object, std::string_view name) noexcept;

std::optional<std::string_view> string(const json_t* value) noexcept;

// A value as text: a string's own characters, numbers, true and false as JSON writes them, objects and
// arrays compact. Nothing for null.
std::optional<std::string> text(const json_t* value);

// A value as compact JSON.
std::string to_json(const json_t* value);

// `value` as a JSON string, with its quotes.
std::string quote(std::string_view value);

}  // namespace auth_gate::json
