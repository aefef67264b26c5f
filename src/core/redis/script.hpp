// The scripts that run inside Redis, each one atomic step, and a call of one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auth_gate::redis {

struct Script {
    std::string text;  // Lua
    std::string sha1;  // of the text, as EVALSHA wants it: 40 hex digits

    explicit Script(std::string source);
};

// KEYS: record, count of all, count of the share, session. ARGV: the record from its purpose on, the lifetime in
// milliseconds, the most of all (0: not counted), the most of the share, the session's text ("": none), state and
// binding.
// Answers {0}, or {1, wait} and {2, wait} when all places or those of the share are taken; `wait` is in milliseconds.
const Script& put_script();

// KEYS: token, count of all. ARGV: "1" to spend it, bindings by LeaseTo, session clock, accepted purposes (id, lease,
// LeaseTo and whether only bound tokens will do, 10 bytes each), scopes, the prefixes of sessions and of shares,
// places. Answers {status, record, session}; see read_taken().
const Script& take_script();

// KEYS: record, count of all. ARGV: the prefix of shares. Answers {0, record} and removes it, or {3}.
const Script& remove_script();

// A command for Redis; with a script it is an EVALSHA of that.
struct Call {
    std::vector<std::string> words;
    const Script* script = nullptr;

    static Call of(const Script& script, std::vector<std::string> keys, std::vector<std::string> arguments);

    // For a server that does not know the script (yet, or any more): sends its text.
    void use_text();
};

}  // namespace auth_gate::redis
