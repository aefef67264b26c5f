// Adds a member to the application's JSON answer.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <string>

namespace auth_gate {

struct RequestState;

// How one request's answer is extended.
struct Extension {
    // The form of `require_mfa`: true or false, "true" or "false".
    enum class Form : std::uint8_t { none, boolean, text };

    Form form = Form::none;
    bool collecting = false;  // the header waits for the whole body, whose new length is not known before
    std::string collected;

    // Collects the next part of the application's answer. Returns true at its end.
    bool collect(ngx_chain_t* in);

    // The value of `require_mfa`, as JSON.
    std::string_view value(bool require_mfa) const noexcept;
};

// Asks the application for an answer that can be extended: uncompressed, complete, and not a 304. Returns what the
// handler is to return.
ngx_int_t extend_answer(ngx_http_request_t* r, RequestState& state, Extension::Form form);

void install_extend_filters() noexcept;

}  // namespace auth_gate
