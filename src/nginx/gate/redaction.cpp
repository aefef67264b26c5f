#include "nginx/gate/redaction.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/headers.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

bool is_credential(std::string_view value) {
    return is_token_text(value) || jwt::looks_like_jwt(value);
}

std::span<char> text_of(ngx_str_t& s) noexcept {
    return {chars(s.data), s.len};
}

// The query within the request line, which ends before a fragment or " HTTP/x.y".
std::span<char> query_of(ngx_str_t& request_line) noexcept {
    const std::string_view line = view(request_line);
    const std::size_t mark = line.find('?');
    if (mark == std::string_view::npos) {
        return {};
    }
    const std::size_t end = std::min({line.find('#', mark), line.rfind(" HTTP/"), line.size()});
    return text_of(request_line).subspan(mark + 1, end - mark - 1);
}

void cover_request_line(ngx_http_request_t* r) {
    ngx_str_t raw_line = r->request_line;
    const std::span<char> query = query_of(raw_line);
    query::each({query.data(), query.size()}, token_parameter, [&](std::string_view raw) {
        if (!is_credential(query::Decoded(raw))) {
            return;
        }
        if (r->request_line.data == raw_line.data) {
            r->request_line = copy(r->pool, view(raw_line));
        }
        std::fill_n(r->request_line.data + (raw.data() - chars(raw_line.data)), raw.size(), '*');
    });
}

// The usual case: one token is the whole query, and stands at the end of the raw URL. False: it is another case.
bool remove_sole_token(ngx_http_request_t* r, query::Wanted wanted) {
    const std::string_view args = view(r->args);
    const std::string_view uri = view(r->unparsed_uri);
    if (!args.starts_with(token_parameter) || args.size() == token_parameter.size() ||
        args[token_parameter.size()] != '=' || args.find('&') != std::string_view::npos || !uri.ends_with(args) ||
        uri.find('?') + 1 + args.size() != uri.size()) {
        return false;
    }
    const std::string_view value = args.substr(token_parameter.size() + 1);
    // redact_request() has covered a token in the request line, and nothing else.
    if (!is_token_text(value) || !wanted(value)) {
        return false;
    }
    std::fill_n(r->args.data + token_parameter.size() + 1, value.size(), '*');
    std::fill_n(r->unparsed_uri.data + uri.size() - value.size(), value.size(), '*');
    r->unparsed_uri.len -= args.size() + 1;
    r->args.len = 0;
    return true;
}

}  // namespace

ngx_int_t redact_request(ngx_http_request_t* r) noexcept {
    if (server_conf(r)->gated != 1 || r != r->main || r->internal) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        if (r->args.len != 0) {
            cover_request_line(r);
        }
        each_header(r, [](ngx_table_elt_t& header) {
            if (lower_name(header) == "referer") {
                query::mask_in_url(text_of(header.value), token_parameter, is_credential);
            }
        });
        return NGX_DECLINED;
    });
}

void remove_token_parameter(ngx_http_request_t* r, query::Wanted wanted) {
    if (remove_sole_token(r, wanted)) {
        return;
    }
    const std::string args = query::without(view(r->args), token_parameter);
    query::mask(query_of(r->request_line), token_parameter, wanted);
    query::mask_in_url(text_of(r->unparsed_uri), token_parameter, wanted);
    query::mask(text_of(r->args), token_parameter, wanted);

    const std::string_view uri = view(r->unparsed_uri);
    set_unparsed_uri(r, uri.substr(0, uri.find('?')), args);
    r->args = copy(r->pool, args);
}

void cover_in_headers(ngx_http_request_t* r, std::string_view text) {
    if (text.size() < token_text_size) {
        return;
    }
    each_header(r, [&](ngx_table_elt_t& header) {
        const std::string_view value = view(header.value);
        // Search on behind what was covered: the text may itself be stars.
        for (std::size_t at = value.find(text); at != std::string_view::npos; at = value.find(text, at + text.size())) {
            std::fill_n(header.value.data + at, text.size(), '*');
        }
    });
}

void set_unparsed_uri(ngx_http_request_t* r, std::string_view path, std::string_view args) {
    r->unparsed_uri = join(r->pool, {path, args.empty() ? "" : "?", args});
}

}  // namespace auth_gate
