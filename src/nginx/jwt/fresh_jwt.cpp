#include "nginx/jwt/fresh_jwt.hpp"

#include "nginx/gate/request_state.hpp"

#include <algorithm>
#include <cmath>
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

// nginx logs the URL that it requested from an upstream, and a fresh JWT may be in it. nginx calls this for the end of
// the line; it covers the whole line, which stands in a buffer of NGX_MAX_ERROR_STR bytes with `size` bytes left.
u_char* log_without_jwt(ngx_http_request_t* r, ngx_http_request_t* current, u_char* buffer, size_t size) noexcept {
    const RequestState* state = find_state(r);
    if (state == nullptr || state->fresh.log_handler == nullptr) {
        return buffer;
    }
    u_char* end = state->fresh.log_handler(r, current, buffer, size);

    const std::span<u_char> line(buffer + size - NGX_MAX_ERROR_STR, end);
    cover(line, view(state->fresh.text));
    for (const ngx_str_t& jwt : state->fresh.former) {
        cover(line, view(jwt));
    }
    return end;
}

}  // namespace

void FreshJwt::retire() {
    if (text.len != 0) {
        former.push_back(text);
        text = ngx_null_string;
    }
}

ngx_str_t fresh_jwt(ngx_http_request_t* r, RequestState& state) {
    if (!state.has_user()) {
        return ngx_null_string;
    }
    FreshJwt& fresh = state.fresh;
    if (fresh.text.len == 0) {
        const JwtConf& conf = state.subject.conf->jwt;
        const std::int64_t now = ngx_time();
        std::int64_t exp = now + conf.upstream_ttl;
        if (const auto session_exp = state.subject.session_exp;
            session_exp && *session_exp < static_cast<double>(exp)) {
            exp = static_cast<std::int64_t>(std::ceil(*session_exp));
        }
        fresh.text = copy(r->main->pool, main_conf(r)->signer->sign(state.user(), view(conf.user_claim), now, exp,
                                                                    conf.keys->keys.front(), conf.verifier_id));
        if (fresh.log_handler == nullptr) {
            fresh.log_handler = std::exchange(r->main->log_handler, log_without_jwt);
        }
    }
    return fresh.text;
}

}  // namespace auth_gate
