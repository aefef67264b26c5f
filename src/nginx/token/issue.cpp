#include "nginx/token/issue.hpp"

#include "nginx/gate/refusal_filter.hpp"
#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/identity/account.hpp"
#include "nginx/jwt/own_session.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/ngx/clock.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/request_body.hpp"
#include "nginx/ngx/wake.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/state/zone.hpp"
#include "nginx/token/bound_place.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace auth_gate {

namespace {

constexpr std::size_t largest_body = 16 * 1024;

constexpr std::string_view invalid_purpose = R"({"error":"Invalid purpose"})";

ngx_int_t send_json_later(ngx_http_request_t* r, ngx_uint_t status, std::string_view body, std::uint64_t wait_ms) {
    const std::uint64_t seconds = std::max<std::uint64_t>(1, (wait_ms + 999) / 1000);
    add_response_header(r, "Retry-After", std::to_string(seconds));
    return send_json(r, status, body);
}

// Which purpose is asked for. Null: none that this endpoint issues. An endpoint with a single purpose need
// not be told which.
const Purpose* asked_purpose(const std::vector<const Purpose*>& issues, const json::Claims& body) {
    const json::Claim named = body.member("purpose");
    if (!named) {
        return issues.size() == 1 ? issues.front() : nullptr;
    }
    const auto name = named.string();
    const auto found = std::find_if(issues.begin(), issues.end(),
                                    [&](const Purpose* purpose) { return name && purpose->name == *name; });
    return found == issues.end() ? nullptr : *found;
}

// A token does not outlive the session that asked for it.
std::uint64_t lifetime_left(const Purpose& purpose, const LocationConf& conf, const RequestState& state) noexcept {
    if (!state.subject.session_exp) {
        return purpose.ttl_ms;
    }
    const double left =
        (*state.subject.session_exp + static_cast<double>(conf.jwt.leeway) - static_cast<double>(wall_clock())) * 1000;
    return left < static_cast<double>(purpose.ttl_ms)
               ? shortened_lifetime(static_cast<std::uint64_t>(std::max(left, 0.0)))
               : purpose.ttl_ms;
}

// 0 for a session without end, or one beyond 2106.
std::uint32_t session_end(const RequestState& state) noexcept {
    constexpr double latest = 4294967295.0;
    const double exp = state.subject.session_exp.value_or(0);
    return exp > 0 && exp < latest ? static_cast<std::uint32_t>(std::ceil(exp)) : 0;
}

SessionFacts facts_of(ngx_http_request_t* r, const RequestState& state) {
    SessionFacts facts;
    facts.set(SessionFacts::provider_mfa, session_has_mfa(r, state));
    return facts;
}

// Of the JWT's signature, which nobody can choose.
std::uint32_t hash_of(std::string_view jwt) noexcept {
    return static_cast<std::uint32_t>(std::hash<std::string_view>()(jwt.substr(jwt.rfind('.') + 1)));
}

// A token that is being stored. In the request's pool.
struct Issuing {
    ~Issuing() { wipe(token.text.data(), token.text.size()); }

    ngx_http_request_t* r = nullptr;
    NewTokenText token{};
    Pending<Put> put;
};

ngx_int_t answer(ngx_http_request_t* r, const Issuing& issuing) {
    const Put& put = issuing.put.value();
    switch (put.status) {
    case PutStatus::stored:
        location_conf(r)->zone->count(Counter::tokens_issued);
        return send_json(r, NGX_HTTP_OK, view(join(r->pool, {R"({"token":")", issuing.token.view(), "\"}"})));
    case PutStatus::full:
    case PutStatus::sessions_full:
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0, "auth_gate: issuing a token failed: the zone is full%s",
                      put.status == PutStatus::full ? "" : ", it has no room for another session");
        return send_json_later(r, NGX_HTTP_SERVICE_UNAVAILABLE, answer_to(Refusal::unavailable).body,
                               put.retry_after_ms);
    case PutStatus::unavailable:
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: issuing a token failed: the store is away");
        return send_json_later(r, NGX_HTTP_SERVICE_UNAVAILABLE, answer_to(Refusal::unavailable).body,
                               put.retry_after_ms);
    case PutStatus::user_full:
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "auth_gate: issuing a token refused: the user's share of the zone is used up");
        return send_json_later(r, NGX_HTTP_TOO_MANY_REQUESTS, R"({"error":"Too many tokens"})", put.retry_after_ms);
    case PutStatus::user_id_too_long:
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "auth_gate: issuing a token refused: the user id is longer than %uz bytes",
                      TokenTable::longest_user_id);
        return send_json(r, NGX_HTTP_FORBIDDEN, R"({"error":"User id too long"})");
    }
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
}

void stored(void* data) noexcept {
    const auto& issuing = *static_cast<const Issuing*>(data);
    ngx_http_request_t* r = issuing.r;
    ngx_connection_t* c = r->connection;
    ngx_http_finalize_request(
        r, shielded(c->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&] { return answer(r, issuing); }));
    ngx_http_run_posted_requests(c);
}

// Nothing: stored() will answer.
std::optional<ngx_int_t> issue(ngx_http_request_t* r, const RequestState& state, const Purpose& purpose,
                               std::uint64_t place) {
    const LocationConf& conf = *location_conf(r);
    const Credential& credential = state.choice.credential;
    const OwnSession own(state);
    const jwt::SessionCopy session = own.copy();
    if (!session.fits()) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "auth_gate: issuing a token refused: the session's header and claims are larger than %uz bytes",
                      jwt::SessionCopy::largest);
        return send_json(r, NGX_HTTP_FORBIDDEN, R"({"error":"Session too large"})");
    }
    const std::string packed = session.packed();

    auto token = make_token_text();
    if (!token) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "auth_gate: issuing a token failed: no randomness");
        return send_json_later(r, NGX_HTTP_SERVICE_UNAVAILABLE, answer_to(Refusal::unavailable).body, 0);
    }
    const std::uint64_t now = zone_clock();
    const std::uint64_t lifetime = lifetime_left(purpose, conf, state);
    const TokenGrant grant = {
        .digest = token->digest,
        .purpose = purpose.id,
        .account_scope = state.subject.account_scope,
        .user = state.user(),
        .session_exp = session_end(state),
        .facts = facts_of(r, state),
        .session = packed,
        .session_hash = hash_of(credential.text),
        .account = account_of(state, *conf.zone),
        .lifetime_ms = lifetime,
        .expires_ms = now + lifetime,
        .place = place,
    };
    auto& issuing = *make<Issuing>(r->pool);
    issuing.r = r;
    issuing.token = *token;
    wipe(token->text.data(), token->text.size());

    main_conf(r)->tokens->put(grant, now, issuing.put);
    if (issuing.put.is_ready()) {
        return answer(r, issuing);
    }
    park(r);
    issuing.put.on_ready(&issuing, stored);
    return std::nullopt;
}

std::optional<ngx_int_t> handle_body(ngx_http_request_t* r) {
    const RequestState* state = find_state(r);
    if (state == nullptr || state->admission != Admission::jwt) {
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }
    const auto text = whole_body(r, largest_body);
    if (!text) {
        return send_json(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, R"({"error":"Request body too large"})");
    }
    const std::vector<const Purpose*>& issues = *location_conf(r)->token.issues;
    json::Claims body;
    if (!text->empty()) {
        body = json::Claims::parse_object(*text);
        if (!body) {
            const bool is_json = json::parse(*text) != nullptr;
            return send_json(r, NGX_HTTP_BAD_REQUEST, is_json ? invalid_purpose : R"({"error":"Invalid JSON"})");
        }
    }
    const Purpose* purpose = asked_purpose(issues, body);
    if (purpose == nullptr) {
        return send_json(r, NGX_HTTP_BAD_REQUEST, invalid_purpose);
    }
    const AskedPlace place = asked_place(body, state->subject.account_scope, purpose->only_bound);
    if (!place.error.empty()) {
        return send_json(r, NGX_HTTP_BAD_REQUEST, place.error);
    }
    return issue(r, *state, *purpose, place.hash);
}

void answer_body(ngx_http_request_t* r) noexcept {
    const auto rc = shielded(r->connection->log, std::optional<ngx_int_t>(NGX_HTTP_SERVICE_UNAVAILABLE),
                             [&] { return handle_body(r); });
    if (rc) {
        ngx_http_finalize_request(r, *rc);
    }
}

// Nothing: the application has not answered yet, or the session has passed again and the body is answered.
std::optional<ngx_int_t> check_and_answer(ngx_http_request_t* r) {
    RequestState& state = obtain_state(r);
    const LocationConf& conf = *location_conf(r);
    Outcome outcome = identify(r, conf, state);
    if (outcome.goes_on()) {
        outcome = enforce_mfa(r, conf, state);
    }
    if (outcome.waits()) {
        return std::nullopt;
    }
    r->write_event_handler = ngx_http_request_empty_handler;
    if (outcome.goes_on()) {
        answer_body(r);
        return std::nullopt;
    }
    state.admission = Admission::refused;
    return refuse(r, state, outcome.refusal());
}

void check_again(ngx_http_request_t* r) noexcept {
    const auto rc = shielded(r->connection->log, std::optional<ngx_int_t>(NGX_HTTP_SERVICE_UNAVAILABLE),
                             [&] { return check_and_answer(r); });
    if (rc) {
        ngx_http_finalize_request(r, *rc);
    }
}

// Who holds the body back does not outrun the session's end.
void body_read(ngx_http_request_t* r) noexcept {
    RequestState* state = find_state(r);
    if (state == nullptr || state->reads_body || !location_conf(r)->token.checks_identity) {
        answer_body(r);
        return;
    }
    state->lookup.forget();
    r->write_event_handler = check_again;
    check_again(r);
}

// Nobody let the request in for a session: a public path, or another module under `satisfy any`.
ngx_int_t refuse_without_session(ngx_http_request_t* r) {
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
        return rc;
    }
    return refuse(r, obtain_state(r), Refusal::no_credentials);
}

ngx_int_t refuse_method(ngx_http_request_t* r) {
    if (const ngx_int_t rc = ngx_http_discard_request_body(r); rc != NGX_OK) {
        return rc;
    }
    add_response_header(r, "Allow", "POST");
    return send_json(r, NGX_HTTP_NOT_ALLOWED, R"({"error":"Method not allowed"})");
}

}  // namespace

ngx_int_t issue_handler(ngx_http_request_t* r) noexcept {
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        if (r->method != NGX_HTTP_POST) {
            r->expect_tested = 1;  // no "100 Continue" for a body that is thrown away
            return refuse_method(r);
        }
        RequestState* state = find_state(r);
        if (state == nullptr || state->admission != Admission::jwt) {
            r->expect_tested = 1;
            return refuse_without_session(r);
        }
        state->reads_body = true;
        const ngx_int_t rc = ngx_http_read_client_request_body(r, body_read);
        state->reads_body = false;
        return rc >= NGX_HTTP_SPECIAL_RESPONSE ? rc : ngx_int_t{NGX_DONE};
    });
}

}  // namespace auth_gate
