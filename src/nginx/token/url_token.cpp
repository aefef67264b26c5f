#include "nginx/token/url_token.hpp"

#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/state/zone.hpp"

#include "core/http/query.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

constexpr std::string_view parameter = "token";

// Each costs a search in all headers, and a request with more than one is refused unless a JWT decides.
constexpr std::size_t most_covered = 4;

bool every_value(std::string_view) noexcept {
    return true;
}

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

void set_unparsed_uri(ngx_http_request_t* r, std::string_view path, std::string_view args) {
    r->unparsed_uri = join(r->pool, {path, args.empty() ? "" : "?", args});
}

void set_path(ngx_http_request_t* r, std::string_view path) {
    set_unparsed_uri(r, path, view(r->args));
}

void set_query(ngx_http_request_t* r, std::string_view args) {
    const std::string_view uri = view(r->unparsed_uri);
    set_unparsed_uri(r, uri.substr(0, uri.find('?')), args);
    r->args = copy(r->pool, args);
}

// Covers the values where they stand, for what nginx or a variable remembers of the raw text, and takes the
// parameter out of what is passed on.
void scrub(ngx_http_request_t* r, query::Wanted wanted) {
    const std::string args = query::without(view(r->args), parameter);
    query::mask(query_of(r->request_line), parameter, wanted);
    query::mask_in_url(text_of(r->unparsed_uri), parameter, wanted);
    query::mask(text_of(r->args), parameter, wanted);
    set_query(r, args);
}

// A client that repeats the token in some header must not bring it to the application that way.
void cover_in_headers(ngx_http_request_t* r, std::string_view text) {
    if (text.size() < token_text_size) {
        return;
    }
    each_header(r, [&](ngx_table_elt_t& header) {
        const std::string_view value = view(header.value);
        // On behind what was covered: the text may be stars itself.
        for (std::size_t at = value.find(text); at != std::string_view::npos; at = value.find(text, at + text.size())) {
            std::fill_n(header.value.data + at, text.size(), '*');
        }
    });
}

void lift_token(ngx_http_request_t* r) {
    std::size_t count = 0;
    bool has_jwt = false;
    std::optional<Digest> digest;
    query::each(view(r->args), parameter, [&](std::string_view raw) {
        const query::Decoded value(raw);
        ++count;
        digest = token_digest(value);
        has_jwt |= !digest && jwt::looks_like_jwt(value);
        if (count <= most_covered) {
            cover_in_headers(r, raw);
            cover_in_headers(r, value);
        }
    });
    if (count == 0) {
        return;
    }
    Context& context = obtain_context(r);
    if (has_jwt) {
        context.url_token = UrlToken::jwt;
    } else if (digest && count == 1 && context.url_token == UrlToken::none) {
        context.url_token = UrlToken::token;
        context.url_token_digest = *digest;
    } else {
        context.url_token = UrlToken::unusable;
    }
    const ShmTokenStore& tokens = location_conf(r)->zone->tokens();
    const bool is_token = context.url_token == UrlToken::token;
    if (is_token) {
        tokens.fetch_bucket(context.url_token_digest);
    }
    scrub(r, every_value);
    if (is_token) {
        tokens.fetch_slot(context.url_token_digest);
    }
}

// Where no tokens are taken, an application's own `?token=` is left alone, but a JWT does not belong there.
void refuse_jwt(ngx_http_request_t* r) {
    bool has_jwt = false;
    query::each(view(r->args), parameter,
                [&](std::string_view raw) { has_jwt |= jwt::looks_like_jwt(query::Decoded(raw)); });
    if (has_jwt) {
        obtain_context(r).url_token = UrlToken::jwt;
        scrub(r, jwt::looks_like_jwt);
    }
}

void normalise(ngx_http_request_t* r) {
    const std::string_view whole_uri = view(r->unparsed_uri);
    const std::string_view raw = whole_uri.substr(0, whole_uri.find('?'));

    // Before any rewrite: what is ambiguous stays so. The access phase refuses it, after who asks is known.
    if (path::is_ambiguous(raw, view(r->uri))) {
        obtain_context(r).ambiguous_path = true;
    }
    if ((r->complex_uri || r->quoted_uri) && !path::reads_as(raw, view(r->uri))) {
        set_path(r, path::escape(view(r->uri)));
    }
}

// To most applications /API/auth/mfa/disable/ is /api/auth/mfa/disable. Where the gate stands at one path, every form
// of the path leads there, and not past it; but for a form that has a location to its name.
void find_endpoint(ngx_http_request_t* r) {
    const ServerConf& server = *server_conf(r);
    if (server.endpoints == nullptr) {
        return;
    }
    for (const std::string& endpoint : *server.endpoints) {
        if (view(r->uri) == endpoint) {
            return;
        }
        if (path::same(view(r->uri), endpoint)) {
            if (std::find(server.literals->begin(), server.literals->end(), view(r->uri)) != server.literals->end()) {
                return;
            }
            r->uri = copy(r->pool, endpoint);
            set_path(r, endpoint);
            return;
        }
    }
}

// nginx may refuse or redirect a request before its location's gate has seen it, and logs its request line. The raw
// text stays, for the gate to read.
void cover_request_line(ngx_http_request_t* r) {
    ngx_str_t raw_line = r->request_line;
    const std::span<char> query = query_of(raw_line);
    query::each({query.data(), query.size()}, parameter, [&](std::string_view raw) {
        if (!is_credential(query::Decoded(raw))) {
            return;
        }
        if (r->request_line.data == raw_line.data) {
            r->request_line = copy(r->pool, view(raw_line));
        }
        std::fill_n(r->request_line.data + (raw.data() - chars(raw_line.data)), raw.size(), '*');
    });
}

}  // namespace

ngx_int_t canonicalise_path(ngx_http_request_t* r) noexcept {
    if (server_conf(r)->gated != 1 || r != r->main || r->internal) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        normalise(r);
        find_endpoint(r);
        if (r->args.len != 0) {
            cover_request_line(r);
        }
        each_header(r, [](ngx_table_elt_t& header) {
            if (lower_name(header) == "referer") {
                query::mask_in_url(text_of(header.value), parameter, is_credential);
            }
        });
        return NGX_DECLINED;
    });
}

ngx_int_t extract_url_token(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if (conf.gate.on != 1 || r->args.len == 0 || r != r->main) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        if (is_public(r)) {
            return NGX_DECLINED;
        }
        if (conf.token.is_taken()) {
            lift_token(r);
        } else {
            refuse_jwt(r);
        }
        return NGX_DECLINED;
    });
}

}  // namespace auth_gate
