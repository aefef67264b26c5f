#include "nginx/oidc/query.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/oidc/handlers.hpp"

#include "core/base/crypto.hpp"
#include "core/http/query.hpp"

#include <algorithm>
#include <span>

namespace auth_gate {

namespace {

struct RawQuery {
    std::string text;

    static void destroy(void* data) noexcept {
        auto* raw = static_cast<RawQuery*>(data);
        wipe(raw->text);
        raw->~RawQuery();
    }
};

bool every_value(std::string_view value) noexcept {
    return !value.empty();
}

std::span<char> text_of(ngx_str_t& s) noexcept {
    return {chars(s.data), s.len};
}

// A login endpoint's code and state concern nobody else.
bool is_login_endpoint(const std::vector<std::string>& paths, std::string_view uri) noexcept {
    return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
        return uri.size() > path.size() && uri.starts_with(path) && uri[path.size()] == '/';
    });
}

void keep_and_mask(ngx_http_request_t* r) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(RawQuery));
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    new (cleanup->data) RawQuery{std::string(view(r->args))};
    cleanup->handler = RawQuery::destroy;
    for (const std::string_view secret : {"code", "state"}) {
        query::mask_in_url(text_of(r->request_line), secret, every_value);
        query::mask_in_url(text_of(r->unparsed_uri), secret, every_value);
        query::mask(text_of(r->args), secret, every_value);
    }
}

constexpr std::string_view login_code = "oidc_code";

// Before the request is logged.
void mask_code_at_the_end(void* data) noexcept {
    auto* r = static_cast<ngx_http_request_t*>(data);
    shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        query::mask_in_url(text_of(r->unparsed_uri), login_code, every_value);
        query::mask(text_of(r->args), login_code, every_value);
        return NGX_OK;
    });
}

// The login page reads the code from its own address, so only what nginx logs is masked.
void mask_code(ngx_http_request_t* r) {
    if (view(r->args).find(login_code) != std::string_view::npos) {
        r->request_line = copy(r->pool, view(r->request_line));
        query::mask_in_url(text_of(r->request_line), login_code, every_value);
        ngx_http_cleanup_t* cleanup = ngx_http_cleanup_add(r, 0);
        if (cleanup == nullptr) {
            throw std::bad_alloc();
        }
        cleanup->handler = mask_code_at_the_end;
        cleanup->data = r;
    }
    each_header(r, [&](ngx_table_elt_t& header) {
        if (lower_name(header) == "referer") {
            query::mask_in_url(text_of(header.value), login_code, every_value);
        }
    });
}

}  // namespace

std::string take_oidc_query(ngx_http_request_t* r) {
    for (ngx_pool_cleanup_t* cleanup = r->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == RawQuery::destroy) {
            return static_cast<RawQuery*>(cleanup->data)->text;
        }
    }
    return std::string(view(r->args));
}

void mask_oidc_query(ngx_http_request_t* r) {
    const std::vector<std::string>* paths = server_conf(r)->oidc_paths;
    if (paths == nullptr) {
        return;
    }
    if (r->args.len != 0 && is_login_endpoint(*paths, view(r->uri))) {
        keep_and_mask(r);
    }
    mask_code(r);
}

}  // namespace auth_gate
