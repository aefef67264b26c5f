#include "nginx/token/url_token.hpp"

#include "nginx/gate/redaction.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"

#include "core/http/query.hpp"

#include <string>

namespace auth_gate {

namespace {

// Each costs a search in all headers, and a request with more than one is refused unless a JWT decides.
constexpr std::size_t most_covered = 4;

bool every_value(std::string_view) noexcept {
    return true;
}

void lift_token(ngx_http_request_t* r) {
    std::size_t count = 0;
    bool has_jwt = false;
    std::optional<Digest> digest;
    query::each(view(r->args), token_parameter, [&](std::string_view raw) {
        const query::Decoded decoded(raw);
        const std::string_view value = decoded;
        ++count;
        digest = token_digest(value);
        has_jwt |= !digest && jwt::looks_like_jwt(value);
        // A client that repeats the token in a header must not send it to the application that way.
        if (count <= most_covered) {
            cover_in_headers(r, raw);
            if (value != raw) {
                cover_in_headers(r, value);
            }
        }
    });
    if (count == 0) {
        return;
    }
    LiftedToken& lifted = obtain_state(r).lifted_token;
    if (has_jwt) {
        lifted.kind = UrlToken::jwt;
    } else if (digest && count == 1 && lifted.kind == UrlToken::none) {
        lifted.kind = UrlToken::token;
        lifted.digest = *digest;
    } else {
        lifted.kind = UrlToken::unusable;
    }
    const TokenStore& tokens = *main_conf(r)->tokens;
    const bool is_token = lifted.kind == UrlToken::token;
    if (is_token) {
        tokens.expect(lifted.digest);
    }
    remove_token_parameter(r, every_value);
    if (is_token) {
        tokens.expect_now(lifted.digest);
    }
}

void refuse_jwt(ngx_http_request_t* r) {
    bool has_jwt = false;
    query::each(view(r->args), token_parameter,
                [&](std::string_view raw) { has_jwt |= jwt::looks_like_jwt(query::Decoded(raw)); });
    if (has_jwt) {
        obtain_state(r).lifted_token.kind = UrlToken::jwt;
        remove_token_parameter(r, jwt::looks_like_jwt);
    }
}

}  // namespace

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
