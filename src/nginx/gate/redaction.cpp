#include "nginx/gate/redaction.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/ngx/headers.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

std::span<char> text_of(ngx_str_t& s) noexcept {
    return {chars(s.data), s.len};
}

// As behind "#", where the name is another parameter.
bool is_nameless_token(const query::Parameter& parameter) {
    return parameter.whole.size() >= token_text_size && parameter.whole.find('=') == std::string_view::npos &&
           contains_token(query::Decoded(parameter.whole));
}

// What must not be logged of a parameter: a JWT under any name, also one that is a name itself, and a token where some
// parser finds one.
std::string_view hidden_part(ngx_http_request_t* r, const query::Parameter& parameter, Cover cover) {
    if (holds_jwt(parameter)) {
        return jwt::contains_jwt(query::Decoded(parameter.value)) ? parameter.value : parameter.whole;
    }
    if (cover == Cover::tokens_and_jwts && is_nameless_token(parameter)) {
        return parameter.whole;
    }
    const bool is_token = cover == Cover::tokens_and_jwts && may_carry_token(r, parameter.name) &&
                          contains_token(query::Decoded(parameter.value));
    return is_token ? parameter.value : std::string_view();
}

void cover_parameters(ngx_http_request_t* r, std::span<char> text, Cover cover) {
    query::mask_lenient(text, [&](const query::Parameter& parameter) { return hidden_part(r, parameter, cover); });
}

void cover_in_url(ngx_http_request_t* r, ngx_str_t& url, Cover cover) {
    cover_parameters(r, text_of(url).last(query::parameters_of(view(url)).size()), cover);
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

// The usual case: one token is the whole query, it stands at the end of the raw URL, and nothing else there can be a
// parameter. Empty: it is another case.
std::string_view sole_token(ngx_http_request_t* r) noexcept {
    constexpr std::size_t begin = token_parameter.size() + 1;
    const std::string_view args = view(r->args);
    const std::string_view uri = view(r->unparsed_uri);
    if (args.size() != begin + token_text_size || !args.starts_with(token_parameter) || args[begin - 1] != '=' ||
        !is_token_text(args.substr(begin)) || !uri.ends_with(args) || uri.find('?') + 1 + args.size() != uri.size() ||
        uri.find(';') != std::string_view::npos || uri.find('#') != std::string_view::npos) {
        return {};
    }
    return args.substr(begin);
}

// What the URL holds, above all under names that some parser takes for the token parameter.
struct Finding {
    bool has_parameter = false;
    bool has_jwt = false;  // under any name
    std::size_t tokens = 0;
    std::size_t jwts = 0;
    bool to_cover = false;  // also a token that other text is stuck to
    bool misspelt = false;

    std::size_t credentials() const noexcept { return tokens + jwts; }

    // Counts a raw value.
    bool count(std::string_view raw) {
        const query::Decoded value(raw);
        const bool token = is_token_text(value);
        const bool jwt = !token && jwt::contains_jwt(value);
        to_cover |= token || jwt || contains_token(value);
        tokens += token ? 1 : 0;
        jwts += jwt ? 1 : 0;
        return token || jwt;
    }
};

// Usually nothing can be a parameter: nginx has noted a "?" and a "#".
bool has_no_parameters(ngx_http_request_t* r) noexcept {
    return r->args.len == 0 && !r->complex_uri && view(r->unparsed_uri).find(';') == std::string_view::npos;
}

bool is_well_spelt(ngx_http_request_t* r, const query::Parameter& parameter) {
    const std::vector<std::string>& names = *main_conf(r)->token_parameters;
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return parameter.is_named(name); });
}

Finding find_credentials(ngx_http_request_t* r) {
    Finding finding;
    const std::string_view text = query::parameters_of(view(r->unparsed_uri));
    query::each_lenient(text, [&](const query::Parameter& parameter) {
        finding.has_jwt |= holds_jwt(parameter);
        if (is_nameless_token(parameter)) {
            finding.has_parameter = finding.to_cover = true;
        } else if (may_carry_token(r, parameter.name)) {
            finding.has_parameter = true;
            finding.misspelt |= finding.count(parameter.value) && !is_well_spelt(r, parameter);
        }
    });
    if (finding.credentials() != 0 && (text != view(r->args) || query::has_odd_separator(text))) {
        // One that does not stand between two "&" of $args is not found there.
        Finding plain;
        query::each(view(r->args), [&](const query::Parameter& parameter) {
            if (is_well_spelt(r, parameter)) {
                plain.count(parameter.value);
            }
        });
        finding.misspelt |= plain.credentials() != finding.credentials();
    }
    return finding;
}

// Nothing of the URL was changed yet: it stands in the request line.
void cover_request_line(ngx_http_request_t* r, std::string_view sole) {
    const std::size_t begin = view(r->request_line).find(view(r->unparsed_uri));
    r->request_line = copy(r->pool, view(r->request_line));
    if (sole.empty() || begin == std::string_view::npos) {
        cover_in_url(r, r->request_line, Cover::tokens_and_jwts);
        return;
    }
    std::fill_n(r->request_line.data + begin + r->unparsed_uri.len - sole.size(), sole.size(), '*');
}

// Of a request that ended before its location took the token, or that has one for somebody else.
void cover_leftovers(void* data) noexcept {
    auto* r = static_cast<ngx_http_request_t*>(data);
    const RequestState* state = find_state(r);
    if (state != nullptr && state->lifted_token.kind == UrlToken::token) {
        return;  // nothing is left
    }
    shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&]() -> ngx_int_t {
        cover_every_spelling(r, Cover::tokens_and_jwts);
        if (view(r->uri).find(';') != std::string_view::npos) {
            r->uri = copy(r->pool, view(r->uri));
            cover_in_url(r, r->uri, Cover::tokens_and_jwts);
        }
        const TokenConf& token = location_conf(r)->token;
        if (token.is_taken() && !r->internal) {
            remove_parameter(r, token.parameter_name(), [](std::string_view) { return true; });
        }
        if (ngx_table_elt_t* location = r->headers_out.location) {
            location->value = copy(r->pool, view(location->value));
            cover_in_url(r, location->value, Cover::tokens_and_jwts);
        }
        return NGX_OK;
    });
}

void cover_at_the_end(ngx_http_request_t* r) {
    ngx_http_cleanup_t* cleanup = ngx_http_cleanup_add(r, 0);
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    cleanup->handler = cover_leftovers;
    cleanup->data = r;
}

void redact_parameters(ngx_http_request_t* r) {
    const std::string_view sole = sole_token(r);
    const Finding finding =
        sole.empty() ? find_credentials(r) : Finding{.has_parameter = true, .tokens = 1, .to_cover = true};
    if (finding.has_parameter || finding.has_jwt) {
        cover_at_the_end(r);
    }
    if (finding.to_cover || finding.has_jwt) {
        cover_request_line(r, sole);
    }
    if (finding.has_jwt) {
        obtain_state(r).lifted_token.jwt_in_url = true;
    }
    if (finding.misspelt) {
        obtain_state(r).lifted_token.misspelt = finding.jwts != 0 ? UrlToken::jwt : UrlToken::unusable;
    }
}

bool remove_sole_token(ngx_http_request_t* r, query::Wanted wanted) {
    const std::string_view value = sole_token(r);
    if (value.empty() || !wanted(value)) {
        return false;
    }
    // redact_request() has covered a token in the request line, and nothing else.
    std::fill_n(r->args.data + r->args.len - value.size(), value.size(), '*');
    std::fill_n(r->unparsed_uri.data + r->unparsed_uri.len - value.size(), value.size(), '*');
    r->unparsed_uri.len -= r->args.len + 1;
    r->args.len = 0;
    return true;
}

}  // namespace

void redact_request(ngx_http_request_t* r) {
    if (!has_no_parameters(r)) {
        redact_parameters(r);
    }
    each_header(r, [&](ngx_table_elt_t& header) {
        if (lower_name(header) == "referer") {
            cover_in_url(r, header.value, Cover::tokens_and_jwts);
        }
    });
}

void remove_parameter(ngx_http_request_t* r, std::string_view name, query::Wanted wanted) {
    if (name == token_parameter && remove_sole_token(r, wanted)) {
        return;
    }
    const std::string args = query::without(view(r->args), name);
    query::mask(query_of(r->request_line), name, wanted);
    query::mask_in_url(text_of(r->unparsed_uri), name, wanted);
    query::mask(text_of(r->args), name, wanted);

    const std::string_view uri = view(r->unparsed_uri);
    set_unparsed_uri(r, uri.substr(0, uri.find('?')), args);
    r->args = copy(r->pool, args);
}

void cover_every_spelling(ngx_http_request_t* r, Cover cover) {
    cover_in_url(r, r->request_line, cover);
    cover_in_url(r, r->unparsed_uri, cover);
    cover_parameters(r, text_of(r->args), cover);
}

bool may_carry_token(ngx_http_request_t* r, std::string_view raw_name) {
    const std::vector<std::string>& names = *main_conf(r)->token_parameters;
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return query::may_mean(raw_name, name); });
}

bool holds_jwt(const query::Parameter& parameter) {
    const bool may =
        parameter.whole.find('.') != std::string_view::npos || parameter.whole.find('%') != std::string_view::npos;
    if (!may) {
        return false;
    }
    const bool has_wide_escapes =
        parameter.whole.find("%u") != std::string_view::npos || parameter.whole.find("%U") != std::string_view::npos;
    return jwt::contains_jwt(query::Decoded(parameter.whole)) ||
           (has_wide_escapes && jwt::contains_jwt(query::decode_lenient(parameter.whole)));
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
