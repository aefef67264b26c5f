#include "nginx/gate/origin.hpp"

#include "nginx/gate/authorization.hpp"
#include "nginx/gate/cors.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/gate/upgrade.hpp"
#include "nginx/ngx/headers.hpp"

#include "core/http/origin.hpp"
#include "core/http/request_traits.hpp"

namespace auth_gate {

namespace {

// The header's value. Several lines are never one value: what they say together is nothing that a browser sends.
std::string_view single_header(ngx_http_request_t* r, std::string_view name) noexcept {
    return count_headers(r, name) > 1 ? "," : find_header(r, name);
}

bool is_tls([[maybe_unused]] ngx_http_request_t* r) noexcept {
#if (NGX_HTTP_SSL)
    return r->connection->ssl != nullptr;
#else
    return false;
#endif
}

Page page_of(ngx_http_request_t* r) noexcept {
    return {
        .origin = single_header(r, "origin"),
        .fetch_site = single_header(r, "sec-fetch-site"),
        .host = r->headers_in.host == nullptr ? std::string_view() : view(r->headers_in.host->value),
        .tls = is_tls(r),
    };
}

Outcome refuse_page(ngx_http_request_t* r) {
    log_refusal(r, "the page is of another origin");
    return Outcome::refuse(Refusal::foreign_origin);
}

bool has_body(ngx_http_request_t* r) noexcept {
    return r->headers_in.content_length_n > 0 || r->headers_in.chunked;
}

}  // namespace

Outcome check_origin(ngx_http_request_t* r, const LocationConf& conf) {
    const bool changes = is_own_endpoint(conf) && changes_something(r);
    if (!changes && !asks_for_upgrade(r)) {
        return Outcome::go_on();
    }
    const bool admits = conf.gate.origins->admits(page_of(r)) || (!asks_for_upgrade(r) && is_cors_origin(r, conf));
    if (!admits) {
        return refuse_page(r);
    }
    if (changes && has_body(r) && !is_json_type(single_header(r, "content-type"))) {
        log_refusal(r, "the body beside a session cookie is not declared as JSON");
        return Outcome::refuse(Refusal::not_json);
    }
    return Outcome::go_on();
}

Outcome check_origin_of_opaque(ngx_http_request_t* r, const LocationConf& conf) {
    const bool names_page = count_headers(r, "origin") + count_headers(r, "sec-fetch-site") != 0;
    if (!names_page || !asks_for_upgrade(r) || !is_sent_by_browsers(view(r->headers_in.authorization->value)) ||
        conf.gate.origins->admits(page_of(r))) {
        return Outcome::go_on();
    }
    return refuse_page(r);
}

bool is_of_origin(Refusal refusal) noexcept {
    return refusal == Refusal::foreign_origin || refusal == Refusal::not_json;
}

}  // namespace auth_gate
