#include "nginx/jwt/fresh_jwt.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/jwt/own_session.hpp"
#include "nginx/ngx/clock.hpp"

#include "core/json/extend.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace auth_gate {

namespace {

// nginx may cut the line anywhere, also within the JWT.
void cover(std::span<u_char> line, std::string_view jwt) noexcept {
    const std::string_view text(chars(line.data()), line.size());
    for (std::size_t at = text.find("eyJ"); at != std::string_view::npos; at = text.find("eyJ", at + 1)) {
        const std::string_view rest = text.substr(at, jwt.size());
        if (rest == jwt.substr(0, rest.size())) {
            std::fill_n(line.begin() + static_cast<std::ptrdiff_t>(at), rest.size(), '*');
        }
    }
}

// nginx's, or null: ours has not been put before it.
ngx_http_log_handler_pt former_log_handler(ngx_http_request_t* r) noexcept {
    ngx_http_log_handler_pt found = nullptr;
    each_state(r, [&](const RequestState& state) {
        found = state.fresh.log_handler != nullptr ? state.fresh.log_handler : found;
    });
    return found;
}

// nginx logs the URL that it requested from an upstream, and a fresh JWT may be in it. nginx calls this for the end of
// the line; it covers the whole line, which stands in a buffer of NGX_MAX_ERROR_STR bytes with `size` bytes left.
u_char* log_without_jwt(ngx_http_request_t* r, ngx_http_request_t* current, u_char* buffer, size_t size) noexcept {
    const ngx_http_log_handler_pt log_handler = former_log_handler(r);
    if (log_handler == nullptr) {
        return buffer;
    }
    u_char* end = log_handler(r, current, buffer, size);

    const std::span<u_char> line(buffer + size - NGX_MAX_ERROR_STR, end);
    each_state(r, [&](const RequestState& state) {
        cover(line, view(state.fresh.text));
        for (const ngx_str_t& jwt : state.fresh.former) {
            cover(line, view(jwt));
        }
    });
    return end;
}

std::string text_of(ngx_http_request_t* r, const ClaimToSet& claim) {
    if (claim.value == nullptr) {
        return claim.json;
    }
    ngx_str_t value;
    if (ngx_http_complex_value(r, claim.value, &value) != NGX_OK) {
        throw std::bad_alloc();
    }
    return json::quote(view(value));
}

struct ToSign {
    std::string_view header;
    std::string_view claims;
    std::optional<std::int64_t> exp;  // nothing: as the claims say
    std::size_t key = 0;
};

std::string_view sign_with(ngx_http_request_t* r, const JwtConf& conf, ToSign to_sign) {
    std::string changed;
    for (const ClaimToSet& claim : conf.upstream->claims) {
        changed = json::extend_valid(to_sign.claims, claim.name, text_of(r, claim));
        to_sign.claims = changed;
    }
    return main_conf(r)->signer->sign(to_sign.header, to_sign.claims, to_sign.exp, conf.keys->keys[to_sign.key],
                                      conf.keys->key_ids[to_sign.key]);
}

std::string_view sign(ngx_http_request_t* r, const RequestState& state) {
    const Subject& subject = state.subject;
    const JwtConf& conf = subject.conf->jwt;
    const std::int64_t now = wall_clock();
    const std::int64_t latest = now + conf.upstream->ttl;
    const double session_exp = subject.session_exp.value_or(std::numeric_limits<double>::infinity());
    const bool ends_sooner = session_exp <= static_cast<double>(latest);
    if (conf.upstream->minimal) {
        const std::int64_t exp = ends_sooner ? static_cast<std::int64_t>(std::ceil(session_exp)) : latest;
        const std::string claims = jwt::minimal_claims(state.user(), view(conf.user_claim), now, exp);
        return sign_with(r, conf, {.header = jwt::usual_header, .claims = claims, .exp = {}});
    }
    const auto sign_copy = [&](const jwt::SessionCopy& copy) {
        const auto exp = ends_sooner ? std::optional<std::int64_t>() : latest;
        return sign_with(r, conf, {.header = copy.header, .claims = copy.claims, .exp = exp, .key = subject.key()});
    };
    return state.admission == Admission::token ? sign_copy(subject.token_session->copy())
                                               : sign_copy(OwnSession(state).copy());
}

}  // namespace

void FreshJwt::retire() {
    if (text.len != 0) {
        former.push_back(text);
        text = ngx_null_string;
    }
}

void FreshJwt::renew() {
    if (std::exchange(of_lookup, true)) {
        text = ngx_null_string;
    } else {
        retire();
    }
}

ngx_str_t fresh_jwt(ngx_http_request_t* r, RequestState& state) {
    if (!state.has_user()) {
        return ngx_null_string;
    }
    FreshJwt& fresh = state.fresh;
    if (fresh.text.len == 0) {
        fresh.text = copy(r->main->pool, sign(r, state));
        if (former_log_handler(r) == nullptr) {
            fresh.log_handler = std::exchange(r->main->log_handler, log_without_jwt);
        }
    }
    return fresh.text;
}

}  // namespace auth_gate
