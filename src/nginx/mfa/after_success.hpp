// The step after the application's answer: what a request changes once the application has answered 2xx.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

class SettingsWriter;

struct AfterSuccess {
    std::uint64_t identity_to_drop = 0;            // the key of a user whose MFA the request changes; 0: none
    SettingsWriter* settings_to_commit = nullptr;  // prepared by put_settings()
};

// The step runs in a header filter, as soon as the status is known and before any byte is sent. It can turn the answer
// into a refusal: install this filter in front of those that extend answers and write refusals.
void install_after_success_filter() noexcept;

}  // namespace auth_gate
