#include "nginx/token/url_token.hpp"

#include "nginx/gate/redaction.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"

#include "core/http/query.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>

namespace auth_gate {

namespace {

// Each costs a search in all headers, and a request with more than one is refused unless a JWT decides.
constexpr std::size_t most_covered = 4;

bool every_value(std::string_view) noexcept {
    return true;
}

bool lets_pass(const LocationConf& conf, std::string_view parameter) noexcept {
    const auto* passed = conf.gate.pass.args;
    return passed != nullptr && std::find(passed->begin(), passed->end(), parameter) != passed->end();
}

std::string name_for_log(const query::Parameter& parameter) {
    const bool is_nameless = parameter.name.empty() || jwt::contains_jwt(query::Decoded(parameter.name));
    return is_nameless ? "(without a name)" : std::string(parameter.name);
}

// What there is in a URL, for a location.
struct UrlCredentials {
    UrlToken kind = UrlToken::none;
    std::size_t count = 0;                                // of the location's own parameters
    std::array<std::string_view, most_covered> values{};  // of the first of them, raw
    std::optional<Digest> digest;                         // of the last of them, if it is a token
    std::string jwt_parameter;                            // another one with a JWT, which the application might take
};

// Reads, and changes nothing.
class UrlReader {
public:
    UrlReader(const LocationConf& conf, const LiftedToken& noted) noexcept
        : conf_(conf), noted_(noted), has_jwt_(noted.misspelt == UrlToken::jwt) {}

    UrlCredentials read(ngx_http_request_t* r) {
        query::each(view(r->args), [&](const query::Parameter& parameter) {
            if (!parameter.is_named(conf_.token.parameter_name()) || !note_own(parameter.value)) {
                look_for_jwt(parameter);
            }
        });
        if (noted_.jwt_in_url) {
            query::each_lenient(query::parameters_of(view(r->unparsed_uri)),
                                [&](const query::Parameter& parameter) { look_for_jwt(parameter); });
        }
        found_.kind = kind();
        return std::move(found_);
    }

private:
    // Notes a value of the location's own parameter, and says whether it is a token.
    bool note_own(std::string_view raw) {
        if (found_.count < found_.values.size()) {
            found_.values[found_.count] = raw;
        }
        ++found_.count;
        found_.digest = token_digest(query::Decoded(raw));
        return found_.digest.has_value();
    }

    void look_for_jwt(const query::Parameter& parameter) {
        if (!holds_jwt(parameter)) {
            return;
        }
        const bool is_own = parameter.is_named(conf_.token.parameter_name());
        const bool passes = lets_pass(conf_, parameter.name) && !(is_own && conf_.token.is_taken());
        has_jwt_ |= !passes;
        if (!passes && !is_own && found_.jwt_parameter.empty()) {
            found_.jwt_parameter = name_for_log(parameter);
        }
    }

    // Where no tokens are taken, the parameter may be the application's own.
    UrlToken kind() const noexcept {
        if (has_jwt_) {
            return UrlToken::jwt;
        }
        const bool has_misspelt = noted_.misspelt != UrlToken::none;
        if (!conf_.token.is_taken() || (found_.count == 0 && !has_misspelt)) {
            return UrlToken::none;
        }
        return found_.count == 1 && found_.digest && !has_misspelt ? UrlToken::token : UrlToken::unusable;
    }

    const LocationConf& conf_;
    const LiftedToken& noted_;
    UrlCredentials found_;
    bool has_jwt_;
};

// A client that repeats the token in a header must not send it to the application that way.
void cover_repeated(ngx_http_request_t* r, const UrlCredentials& found) {
    for (const std::string_view raw : std::span(found.values).first(std::min(found.count, most_covered))) {
        const query::Decoded decoded(raw);
        const std::string_view value = decoded;
        cover_in_headers(r, raw);
        if (value != raw) {
            cover_in_headers(r, value);
        }
    }
}

void take_out_of_url(ngx_http_request_t* r, const LocationConf& conf, const UrlCredentials& found) {
    const std::string_view parameter = conf.token.parameter_name();
    if (!conf.token.is_taken()) {
        remove_parameter(r, parameter, jwt::contains_jwt);
        cover_every_spelling(r, Cover::jwts);
        return;
    }
    if (found.count != 0) {
        remove_parameter(r, parameter, every_value);
    }
    if (found.kind != UrlToken::token) {
        cover_every_spelling(r, Cover::tokens_and_jwts);
    }
}

void lift(ngx_http_request_t* r, const LocationConf& conf, UrlCredentials&& found) {
    LiftedToken& lifted = obtain_state(r).lifted_token;
    const bool is_token = found.kind == UrlToken::token && lifted.kind == UrlToken::none;
    lifted.kind = found.kind == UrlToken::token && !is_token ? UrlToken::unusable : found.kind;
    if (is_token) {
        lifted.digest = *found.digest;
    }
    lifted.jwt_parameter = std::move(found.jwt_parameter);
    if (conf.token.is_taken()) {
        cover_repeated(r, found);
    }
    // The store begins to read while the URL is being changed.
    const TokenStore* tokens = is_token ? main_conf(r)->tokens : nullptr;
    if (tokens != nullptr) {
        tokens->expect(lifted.digest);
    }
    take_out_of_url(r, conf, found);
    if (tokens != nullptr) {
        tokens->expect_now(lifted.digest);
    }
}

}  // namespace

UrlToken url_token_of(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state) {
    const LiftedToken& lifted = state.lifted_token;
    return lifted.kind != UrlToken::none || r != r->main ? lifted.kind : UrlReader(conf, lifted).read(r).kind;
}

ngx_int_t extract_url_token(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if (conf.gate.on != 1 || r != r->main) {
        return NGX_DECLINED;
    }
    const RequestState* state = find_state(r);
    if (r->args.len == 0 && (state == nullptr || !state->lifted_token.has_note())) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        if (is_public(r)) {
            return NGX_DECLINED;
        }
        UrlCredentials found = UrlReader(conf, obtain_state(r).lifted_token).read(r);
        if (found.kind != UrlToken::none) {
            lift(r, conf, std::move(found));
        }
        return NGX_DECLINED;
    });
}

}  // namespace auth_gate
