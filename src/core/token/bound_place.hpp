// The one place, a method and a path, that a token may be bound to.
//
// A place is compared as a text: the method, and the path without the differences that servers do not see. Letter case
// and a final slash are none of these. An encoded slash is none either, where the application gets the path as nginx
// reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auth_gate::place {

constexpr std::size_t longest_path = 4096;  // bytes, as a page writes it

// The form of a path that a token is asked for. Empty if it is none that a request could have: it must begin with '/'
// and have neither query nor fragment, no control characters, raw or encoded, and no malformed escapes.
std::optional<std::string> form_of(std::string_view path);

// The forms of a request's path. A token for any of them is good. `sent` is the path as the client sent it, and
// `canonical` one that says what nginx read, both without query. `goes_as_sent`: the application gets it as it was
// sent; then there may be none.
std::vector<std::string> forms_of_request(std::string_view sent, std::string_view canonical, bool goes_as_sent);

// Whether a token can be for this method: a name in capitals. Not HEAD: it spends no token, and a token for GET lets
// HEAD look.
bool is_method(std::string_view method) noexcept;

// What is hashed. HEAD stands where GET does.
std::string text_of(std::string_view method, std::string_view form);

// The hash of a place's text, the same on every host with the same secret. `scope` is that of the session that asks for
// the token; it is made of the secret, so that nobody else can compute the hash, nor find another place with the same.
// Never 0.
std::uint64_t hash_of(std::uint64_t scope, std::string_view text) noexcept;

}  // namespace auth_gate::place
