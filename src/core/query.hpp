// The query of a URL: find a parameter, take it out, cover its value.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace auth_gate::query {

// Percent-decodes once. What is no proper escape stays as it is; '+' stays '+'.
std::string decode(std::string_view text);

// The raw value of each parameter called `name` (after percent-decoding, exact), in order.
// Calls `found` with a view into `args`; the view is empty for "name" and "name=".
void each(std::string_view args, std::string_view name, const std::function<void(std::string_view)>& found);

// `args` without the parameters called `name`, everything else to the letter.
std::string without(std::string_view args, std::string_view name);

// Whether a parameter's decoded value is one to cover.
using Wanted = std::function<bool(std::string_view)>;

// Overwrites with '*', in place, the wanted values of the parameters called `name`.
void mask(std::span<char> args, std::string_view name, const Wanted& wanted);

// The same in every query of a text that has a URL in it, such as a Referer.
void mask_in_url(std::span<char> url, std::string_view name, const Wanted& wanted);

}  // namespace auth_gate::query
