// Adds members to the application's JSON answer.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <optional>
#include <string>
#include <vector>

namespace auth_gate {

struct RequestState;

// A member of a JSON object: `value` is JSON.
struct JsonMember {
    std::string name;
    std::string value;
};

// How one request's answer is extended.
struct Extension {
    // The form of `require_mfa`: true or false, "true" or "false". `plain`: without that member.
    enum class Form : std::uint8_t { none, plain, boolean, text };

    Form form = Form::none;
    bool collecting = false;  // the header waits for the whole body, whose new length is not known before
    std::string collected;
    std::vector<JsonMember> members;

    // Collects the next part of the application's answer. Returns true at its end.
    bool collect(ngx_chain_t* in);

    // What was collected, with the members; nothing if it is no JSON object. The application's own policy counts, too.
    std::optional<std::string> extended(bool require_mfa) const;
};

// Asks the application for an answer that can be extended: uncompressed, complete, and not a 304. Returns what the
// handler is to return.
ngx_int_t extend_answer(ngx_http_request_t* r, RequestState& state, Extension::Form form,
                        std::vector<JsonMember> members = {});

void install_extend_filters() noexcept;

}  // namespace auth_gate
