#include "nginx/gate/request_facts.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/ngx/headers.hpp"

#include "core/http/request_traits.hpp"

namespace auth_gate {

bool is_public(ngx_http_request_t* r) {
    if (location_conf(r)->token.issues != nullptr) {
        return false;
    }
    return is_listed(r, server_conf(r)->public_rules);
}

bool is_listed(ngx_http_request_t* r, const path::Rules* rules) {
    if (rules == nullptr) {
        return false;
    }
    if (location_conf(r)->gate.path_as_sent != 1) {
        return rules->match(view(r->method_name), view(r->uri));
    }
    const RequestState* state = r == r->main ? find_state(r) : nullptr;
    const bool is_noted = state != nullptr && state->path.as_sent.len != 0;
    return rules->match_as_sent(view(r->method_name), view(r->uri), view(is_noted ? state->path.as_sent : r->uri));
}

bool is_preflight(ngx_http_request_t* r) noexcept {
    return r->method == NGX_HTTP_OPTIONS && is_preflight(view(r->method_name), find_header(r, "origin"),
                                                         find_header(r, "access-control-request-method"));
}

bool changes_something(ngx_http_request_t* r) noexcept {
    return (r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS)) == 0;
}

bool is_fetched_ahead(ngx_http_request_t* r) noexcept {
    bool ahead = false;
    each_header(r, [&](const ngx_table_elt_t& header) {
        const std::string_view name = lower_name(header);
        if (name == "sec-purpose" || name == "purpose" || name == "x-purpose" || name == "x-moz") {
            ahead |= is_prefetch_purpose(view(header.value));
        }
    });
    return ahead;
}

bool is_prefetch(ngx_http_request_t* r) noexcept {
    return is_fetched_ahead(r) || count_headers(r, "service-worker-navigation-preload") != 0;
}

bool is_page_navigation(ngx_http_request_t* r) noexcept {
    return is_page_navigation(view(r->method_name), find_header(r, "sec-fetch-mode"), find_header(r, "accept"),
                              find_header(r, "x-requested-with"));
}

}  // namespace auth_gate
