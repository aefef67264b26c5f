// auth_gate_upstream_jwt
#include "nginx/jwt/directives.hpp"
#include "nginx/jwt/session_places.hpp"
#include "nginx/ngx/pool_object.hpp"

#include "core/json/json.hpp"
#include "core/json/path.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

constexpr const char* expected =
    "\"copy\", \"minimal\", ttl=time of at least 1s, set=claim:value or to=header:NAME, to=cookie:NAME, to=bearer";

// The dates are the gate's own word. A JWT with a purpose is no session.
bool may_be_set(std::string_view claim) noexcept {
    static constexpr std::string_view own[] = {"exp", "iat", "nbf", "purpose"};
    return !claim.empty() && std::find(std::begin(own), std::end(own), claim) == std::end(own);
}

bool is_literal(std::string_view text) noexcept {
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    const bool is_integer = !digits.empty() && digits.size() < 16 &&
                            digits.find_first_not_of("0123456789") == std::string_view::npos &&
                            (digits.size() == 1 || digits.front() != '0');
    return is_integer || text == "true" || text == "false";
}

// "claim:value", the claim by its name alone.
std::optional<ClaimToSet> claim_to_set(ngx_conf_t* cf, std::string_view text) {
    const std::size_t colon = find_colon_behind_path(text);
    if (colon == std::string_view::npos || !may_be_set(text.substr(0, colon))) {
        return std::nullopt;
    }
    ClaimToSet claim{.name = std::string(text.substr(0, colon)), .json = {}};
    ngx_str_t value = borrowed(text.substr(colon + 1));
    if (view(value).find("$auth_gate_jwt") != std::string_view::npos ||
        view(value).find("${auth_gate_jwt") != std::string_view::npos) {
        return std::nullopt;  // it would be in itself
    }
    if (ngx_http_script_variables_count(&value) == 0) {
        claim.json = is_literal(view(value)) ? std::string(view(value)) : json::quote(view(value));
        return claim;
    }
    claim.value = static_cast<ngx_http_complex_value_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t)));
    if (claim.value == nullptr) {
        throw std::bad_alloc();
    }
    ngx_http_compile_complex_value_t compile{};
    compile.cf = cf;
    compile.value = &value;
    compile.complex_value = claim.value;
    return ngx_http_compile_complex_value(&compile) == NGX_OK ? std::optional(std::move(claim)) : std::nullopt;
}

bool set_ttl(UpstreamJwt& upstream, std::string_view text) noexcept {
    const auto ms = milliseconds(text);
    upstream.ttl = static_cast<time_t>(ms.value_or(0) / 1000);
    return upstream.ttl > 0;
}

bool read_option(ngx_conf_t* cf, ngx_str_t& argument, UpstreamJwt& upstream) {
    if (const auto ttl = option(argument, "ttl")) {
        return set_ttl(upstream, *ttl);
    }
    if (const auto to = option(argument, "to")) {
        upstream.to = session_place(*to);
        return upstream.to.has_value();
    }
    if (const auto set = option(argument, "set")) {
        auto claim = claim_to_set(cf, *set);
        if (claim) {
            upstream.claims.push_back(std::move(*claim));
        }
        return claim.has_value();
    }
    upstream.minimal = view(argument) == "minimal";
    return upstream.minimal || view(argument) == "copy";
}

}  // namespace

char* set_upstream_jwt(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.jwt.upstream != nullptr) {
        return duplicate();
    }
    location.jwt.upstream = make<UpstreamJwt>(cf->pool);
    const std::span<ngx_str_t> args = arguments(cf);
    const std::string_view flag = view(args[0]);
    if (flag != "on" && flag != "off") {
        return invalid(cf, args[0], "\"on\" or \"off\"");
    }
    location.jwt.upstream->on = flag == "on";
    for (ngx_str_t& argument : args.subspan(1)) {
        if (!read_option(cf, argument, *location.jwt.upstream)) {
            return invalid(cf, argument, expected);
        }
    }
    return NGX_CONF_OK;
}

}  // namespace auth_gate
