#include "nginx/gate/variables.hpp"

#include "nginx/gate/redaction.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/oidc/claim_variable.hpp"

#include "core/base/ascii.hpp"
#include "core/http/request_traits.hpp"
#include "core/http/return_path.hpp"
#include "core/http/url.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <string>

namespace auth_gate {

namespace {

using Value = std::optional<std::string>;

// A claim is somebody's text: what would end a header line on its way to the application is no value.
bool fits_in_header(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), is_field_char);
}

Value user_id(ngx_http_request_t* r, std::string_view) {
    const KnownUser user = known_user(r);
    return user.id != nullptr ? Value(user.id->text) : std::nullopt;
}

Value claim(ngx_http_request_t* r, std::string_view name) {
    const KnownUser user = known_user(r);
    // nginx lower-cases the names of variables.
    return user.claims != nullptr ? user.claims->member_ignoring_case(name).text() : std::nullopt;
}

Value oidc_claim(ngx_http_request_t* r, std::string_view name) {
    return provider_claim(r, name);
}

// The state of a request whose user the access phase has let in.
RequestState* admitted_state(ngx_http_request_t* r) {
    return known_user(r).admitted ? find_state(r) : nullptr;
}

Value purpose(ngx_http_request_t* r, std::string_view) {
    const RequestState* state = admitted_state(r);
    if (state == nullptr || state->admission != Admission::token) {
        return std::nullopt;
    }
    const Purpose* found = std::as_const(*main_conf(r)).find_purpose(state->subject.purpose);
    return found == nullptr ? std::nullopt : Value(found->name);
}

Value jwt_value(ngx_http_request_t* r, std::string_view) {
    RequestState* state = admitted_state(r);
    return state != nullptr ? Value(view(fresh_jwt(r, *state))) : std::nullopt;
}

Value role(ngx_http_request_t* r, std::string_view) {
    const RequestState* state = admitted_state(r);
    const Identity* identity = state != nullptr ? state->lookup.identity() : nullptr;
    return identity != nullptr && !identity->role.empty() ? Value(identity->role) : std::nullopt;
}

Value mfa(ngx_http_request_t* r, std::string_view) {
    const RequestState* state = admitted_state(r);
    const Identity* identity = state != nullptr ? state->lookup.identity() : nullptr;
    if (identity == nullptr) {
        return std::nullopt;
    }
    return identity->mfa ? "true" : "false";
}

Value decision(ngx_http_request_t* r, std::string_view) {
    const RequestState* state = find_state(r);
    if (state == nullptr || state->admission == Admission::undecided) {
        return std::nullopt;
    }
    if (state->refusal == Refusal::none && state->dry_run_refusal) {
        return "mfa_required_dry_run";
    }
    if (state->refusal == Refusal::none && state->mfa_bypassed) {
        return "mfa_bypass";
    }
    if (state->refusal == Refusal::none && state->admission == Admission::opaque) {
        return "opaque";
    }
    return std::string(answer_to(state->refusal).decision);
}

// Or was one, until the gate covered it.
bool is_credential(std::string_view value) {
    const bool was_covered = !value.empty() && value.find_first_not_of('*') == std::string_view::npos;
    return was_covered || contains_token(value) || jwt::contains_jwt(value);
}

// Behind a redirect of nginx's own, too, it is the URL that the client asked for.
Value return_path(ngx_http_request_t* r, std::string_view) {
    return url::encode(auth_gate::return_path(view(r->main->unparsed_uri), token_parameter, is_credential));
}

// What an application may take for the token must not stand beside the one that the site's configuration writes.
Value args(ngx_http_request_t* r, std::string_view) {
    return query::without_any(view(r->args),
                              [&](const query::Parameter& parameter) { return may_carry_token(r, parameter.name); });
}

using Getter = Value (*)(ngx_http_request_t*, std::string_view name);

struct Variable {
    std::string_view name;
    Getter get;
    bool prefix = false;
};

constexpr Variable variables[] = {
    {"auth_gate_user_id", user_id},
    {"auth_gate_purpose", purpose},
    {"auth_gate_jwt", jwt_value},
    {"auth_gate_role", role},
    {"auth_gate_mfa", mfa},
    {"auth_gate_decision", decision},
    {"auth_gate_return", return_path},
    {"auth_gate_args", args},
    {"auth_gate_claim_", claim, true},
    {"auth_gate_oidc_claim_", oidc_claim, true},
};

ngx_int_t get_variable(ngx_http_request_t* r, ngx_http_variable_value_t* v, Getter get, std::string_view name) {
    v->not_found = 1;
    const Value value = get(r, name);
    if (!value || !fits_in_header(*value)) {
        return NGX_OK;
    }
    const ngx_str_t text = copy(r->pool, *value);
    v->data = text.data;
    v->len = static_cast<unsigned>(text.len) & 0x0fffffff;
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    return NGX_OK;
}

// A rule that asked in vain must not let in what it would have refused: then nothing is let in.
ngx_int_t tell(ngx_http_request_t* r, ngx_http_variable_value_t* v, Getter get, std::string_view name) noexcept {
    const ngx_int_t rc =
        shielded(r->connection->log, ngx_int_t{NGX_ERROR}, [&] { return get_variable(r, v, get, name); });
    if (RequestState* state = rc == NGX_OK ? nullptr : find_state(r)) {
        state->variable_failed = true;
    }
    return rc;
}

// `data` is the variable's index here, or for a prefix the whole name as it is written.
ngx_int_t get_plain(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t data) noexcept {
    return tell(r, v, variables[data].get, {});
}

ngx_int_t get_by_prefix(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t data) noexcept {
    const std::string_view name = view(*static_cast<ngx_str_t*>(std::bit_cast<void*>(data)));
    const auto* variable = std::find_if(std::begin(variables), std::end(variables), [name](const Variable& candidate) {
        return candidate.prefix && name.starts_with(candidate.name);
    });
    return tell(r, v, variable->get, name.substr(variable->name.size()));
}

}  // namespace

ngx_int_t add_variables(ngx_conf_t* cf) noexcept {
    for (std::size_t i = 0; i < std::size(variables); ++i) {
        ngx_str_t name = borrowed(variables[i].name);
        const ngx_uint_t flags = NGX_HTTP_VAR_NOCACHEABLE | (variables[i].prefix ? NGX_HTTP_VAR_PREFIX : 0);
        ngx_http_variable_t* variable = ngx_http_add_variable(cf, &name, flags);
        if (variable == nullptr) {
            return NGX_ERROR;
        }
        variable->get_handler = variables[i].prefix ? get_by_prefix : get_plain;
        variable->data = i;
    }
    const auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    main_conf(cf)->builtin_variables = core->variables_keys->keys.nelts;
    return NGX_OK;
}

}  // namespace auth_gate
