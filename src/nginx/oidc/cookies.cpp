#include "nginx/oidc/cookies.hpp"

#include "nginx/ngx/headers.hpp"
#include "nginx/oidc/handlers.hpp"

#include "core/http/cookie.hpp"
#include "core/http/url.hpp"

#include <vector>

namespace auth_gate {

namespace {

constexpr std::size_t most_flow_cookies = 8;  // nginx limits the size of request headers

bool has_https(const LoginRequest& login) {
    const auto app = url::parse(login.provider().app_url);
    return app && app->https;
}

std::string_view flow_prefix(const LoginRequest& login) {
    return has_https(login) ? "__Host-auth_gate_oidc_" : "auth_gate_oidc_";
}

// Calls f(name, value) for each cookie with a flow's prefix.
template <typename F>
void each_flow_cookie(const LoginRequest& login, F&& f) {
    const std::string_view prefix = flow_prefix(login);
    each_header(login.r, [&](const ngx_table_elt_t& header) {
        if (lower_name(header) == "cookie") {
            cookie::each_segment(view(header.value), [&](std::string_view segment) {
                const std::size_t equals = segment.find('=');
                if (equals != std::string_view::npos && segment.starts_with(prefix)) {
                    f(segment.substr(0, equals), segment.substr(equals + 1));
                }
            });
        }
    });
}

}  // namespace

void set_cookie(LoginRequest& login, std::string_view name, std::string_view value, std::string_view path,
                std::int64_t max_age, SameSite same_site) {
    std::string text(name);
    text += '=';
    text += value;
    text += "; Path=";
    text += path;
    text += "; Max-Age=" + std::to_string(max_age) + "; HttpOnly; SameSite=";
    text += same_site == SameSite::none ? "None" : "Lax";
    text += has_https(login) ? "; Secure" : "";
    add_response_header(login.r, "Set-Cookie", text);
    wipe(text);
}

std::string flow_cookie_name(const LoginRequest& login, std::string_view state) {
    return oidc::flow_cookie_name(flow_prefix(login), state);
}

void set_flow_cookie(LoginRequest& login, const FlowCookie& cookie, std::int64_t max_age) {
    const auto* core = core_conf(login.r);
    set_cookie(login, cookie.name, cookie.value, has_https(login) ? "/" : oidc_path(*core), max_age,
               login.provider().takes_form_post() ? SameSite::none : SameSite::lax);
}

void remove_flow_cookie(LoginRequest& login, std::string_view name) {
    set_flow_cookie(login, {std::string(name), {}}, 0);
}

std::optional<FlowCookie> find_flow_cookie(const LoginRequest& login, const Digest& binding) {
    std::optional<FlowCookie> found;
    each_flow_cookie(login, [&](std::string_view name, std::string_view value) {
        if (equal_constant_time(sha256(value), binding)) {
            found = FlowCookie{std::string(name), std::string(value)};
        }
    });
    return found;
}

// Browsers send the oldest cookie first (RFC 6265, 5.4).
void forget_old_flows(LoginRequest& login) {
    std::vector<std::string> names;
    each_flow_cookie(login, [&](std::string_view name, std::string_view) { names.emplace_back(name); });
    for (std::size_t i = 0; i + most_flow_cookies <= names.size(); ++i) {
        remove_flow_cookie(login, names[i]);
    }
}

}  // namespace auth_gate
