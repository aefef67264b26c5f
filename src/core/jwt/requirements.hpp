// The claims that a location demands of a JWT (`auth_gate_require`).
#pragma once

#include "core/json/claims.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auth_gate {

class Requirements {
public:
    // `claim` (must be there and not null) or `claim=value|value` (one of them; `\|` is a bar in a value). The claim is
    // a path. False: it is none, or a value is empty.
    bool add(std::string_view text);

    // A value is met by the same text, or by an array that has it: aud and roles are lists as often as not. In `scope`
    // and `scp`, a string is a list of words.
    bool met_by(const json::Claims& claims) const { return unmet_by(claims).empty(); }

    // The first one that is not met, as the configuration has it. Empty: all are.
    std::string_view unmet_by(const json::Claims& claims) const;

    bool empty() const noexcept { return list_.empty(); }

    // The same for the same requirements in the same order, 0 for none: a token remembers by it what
    // the session that asked for it had to satisfy.
    std::uint32_t fingerprint() const noexcept { return fingerprint_; }

private:
    struct Requirement {
        std::string text;
        std::string claim;
        std::vector<std::string> values;  // one of them; none: any value

        bool is_met_by(const json::Claim& claim) const;
    };

    std::vector<Requirement> list_;
    std::string canonical_;
    std::uint32_t fingerprint_ = 0;
};

}  // namespace auth_gate
