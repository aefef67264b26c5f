#include "nginx/identity/identity_lookup.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/identity/account.hpp"
#include "nginx/jwt/session_cookies.hpp"
#include "nginx/jwt/upstream_session.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/subrequest.hpp"
#include "nginx/ngx/wake.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/state/zone.hpp"

#include <string>

namespace auth_gate {

namespace {

constexpr std::uint64_t asking_ms = 5'000;  // then the next request asks too
constexpr std::uint64_t patience_ms = 30'000;
constexpr ngx_msec_t poll_ms = 10;

IdentityAnswer from_claims(ngx_http_request_t* r, const json::Claims& claims, const IdentityRules& rules) {
    IdentityReading reading = identity_from(claims, rules);
    if (!reading.misfit.empty()) {
        const ngx_str_t why = borrowed(reading.misfit);
        const ngx_uint_t level = reading.identity ? NGX_LOG_INFO : NGX_LOG_WARN;
        ngx_log_error(level, r->connection->log, 0, "auth_gate: reading the user from claims failed: %V", &why);
    }
    return reading.identity ? IdentityAnswer{IdentityStatus::known, std::move(*reading.identity)} : IdentityAnswer{};
}

Identity from_table(const IdentityTable::Found& found) {
    return {found.mfa, std::string(found.role, found.role_size), found.admin};
}

// A question to the application. Lives as long as the main request, as the subrequest does.
struct IdentityQuery : Subrequest {
    // The pool destroys this object before the request's state, which must not cancel a question that is gone.
    ~IdentityQuery() {
        if (answer != nullptr) {
            answer->cancel();
        }
    }

    Zone* zone = nullptr;
    IdentityKey key = IdentityKey::none;
    std::uint32_t ticket = 0;
    std::uint64_t cache_ms = 0;
    const IdentityRules* rules = nullptr;
    UserId user;
    Pending<IdentityAnswer>* answer = nullptr;  // null: nobody waits any more

    // A lookup that ends with its request is for the next one to make.
    static void cancel(void* question) noexcept {
        auto& query = *static_cast<IdentityQuery*>(question);
        query.answer = nullptr;
        query.give_up();
    }

    // A question past the zone has no place there.
    void keep(const Identity& identity) const noexcept {
        if (key != IdentityKey::none) {
            zone->store(key, ticket, identity, cache_ms);
        }
    }
    void give_up() const noexcept {
        if (key != IdentityKey::none) {
            zone->give_up(key, ticket);
        }
    }
};

IdentityAnswer unavailable(ngx_http_request_t* sr, std::string_view why) noexcept {
    const ngx_str_t text = borrowed(why);
    ngx_log_error(NGX_LOG_ERR, sr->connection->log, 0, "auth_gate: asking \"%V\" for the user failed: %V, status %ui",
                  &sr->uri, &text, sr->headers_out.status);
    return {IdentityStatus::unavailable, {}};
}

IdentityAnswer read_answer(ngx_http_request_t* sr, ngx_int_t rc, const IdentityQuery& query) {
    if (sr->headers_out.status == NGX_HTTP_UNAUTHORIZED || rc == NGX_HTTP_UNAUTHORIZED) {
        return {IdentityStatus::unauthorized, {}};
    }
    if (rc == NGX_HTTP_CLIENT_CLOSED_REQUEST) {
        return {IdentityStatus::unavailable, {}};  // nginx has logged it, and nobody waits
    }
    if (rc != NGX_OK || sr->headers_out.status != NGX_HTTP_OK) {
        return unavailable(sr, "no good answer");
    }
    const json::Value document = query.body.size() <= Subrequest::largest_answer ? json::parse(query.body) : nullptr;
    if (!json_is_object(document.get()) && !json_is_array(document.get())) {
        return unavailable(sr, "no JSON object or array");
    }
    IdentityReading reading = identity_from(document.get(), *query.rules, query.user);
    if (!reading.identity) {
        return unavailable(sr, reading.misfit);
    }
    return {IdentityStatus::known, std::move(*reading.identity)};
}

void application_answered(ngx_http_request_t* sr, Subrequest& subrequest, ngx_int_t rc) {
    auto& query = static_cast<IdentityQuery&>(subrequest);
    if (query.answer == nullptr) {
        return;
    }
    IdentityAnswer answer = read_answer(sr, rc, query);
    if (answer.status == IdentityStatus::known) {
        query.keep(answer.identity);
    } else {
        query.give_up();
    }
    std::exchange(query.answer, nullptr)->answer(std::move(answer));
}

void ask_application(ngx_http_request_t* r, const LocationConf& conf, RequestState& state, IdentityKey key,
                     std::uint32_t ticket, ngx_uint_t flags) {
    const IdentitySource& source = *conf.identity.source;
    IdentityLookup& lookup = state.lookup;
    auto* query = make<IdentityQuery>(r->pool);
    query->done = application_answered;
    query->zone = conf.zone;
    query->key = key;
    query->ticket = ticket;
    query->cache_ms = source.cache_ms;
    query->rules = &source.rules;
    query->user = state.user();

    ngx_http_request_t* sr = begin_subrequest(r, source.uri, *query, flags);
    lookup.asked_itself = true;
    if (sr == nullptr) {
        query->give_up();
        lookup.answer.answer({IdentityStatus::unavailable, {}});
        return;
    }
    // The application must not answer about another session that nobody verified.
    const Credential verified = state.choice.kind == Choice::Kind::jwt ? state.choice.credential : Credential{};
    show_cookies(sr, cookies_to_pass_on(r, conf, verified).value_or(std::string(find_header(r, "cookie"))));
    send_session_with_lookup(sr, state);
    query->answer = &lookup.answer;
    lookup.answer.ask(query, IdentityQuery::cancel);
}

// Asks the zone, and the application when it is this request's turn. With Turn::others the answer stays idle.
Turn ask_zone(ngx_http_request_t* r, const LocationConf& conf, RequestState& state, ngx_uint_t flags) {
    IdentityLookup& lookup = state.lookup;
    lookup.key = identity_of(r, state, conf);
    const IdentityTable::Found found = conf.zone->look_up(lookup.key, asking_ms);
    switch (found.turn) {
    case Turn::none:
        lookup.answer.answer({IdentityStatus::known, from_table(found)});
        break;
    case Turn::others:
        break;
    case Turn::mine:
        ask_application(r, conf, state, lookup.key, found.ticket, flags);
        break;
    }
    return found.turn;
}

// Another request asks: look again in a moment. (A worker cannot wake a request of another worker.)
void await_others(ngx_http_request_t* r, IdentityLookup& lookup) {
    if (lookup.deadline_ms == 0) {
        lookup.deadline_ms = zone_clock() + patience_ms;
    }
    if (lookup.timer == nullptr) {
        lookup.timer = WakeTimer::make(r);
    }
    if (lookup.timer == nullptr || zone_clock() >= lookup.deadline_ms || !lookup.timer->wake_after(poll_ms)) {
        lookup.answer.answer({IdentityStatus::unavailable, {}});
    }
}

void look_up_or_ask(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    IdentityLookup& lookup = state.lookup;
    const IdentitySource& source = *conf.identity.source;
    lookup.ask_only(&source);
    if (!lookup.answer.is_idle()) {
        return;
    }
    if (source.from_claims) {
        lookup.answer.answer(from_claims(r, state.subject.claims(), source.rules));
        return;
    }
    if (ask_zone(r, conf, state, NGX_HTTP_SUBREQUEST_WAITED) == Turn::others) {
        await_others(r, lookup);
    }
}

}  // namespace

const Identity* IdentityLookup::identity() const noexcept {
    return answer.is_ready() && answer.value().status == IdentityStatus::known ? &answer.value().identity : nullptr;
}

void IdentityLookup::reuse(const IdentityLookup& other) {
    const Identity* known = other.identity();
    if (known != nullptr && answer.is_idle()) {
        asked_itself = other.asked_itself;
        source = other.source;
        key = other.key;
        answer.answer({IdentityStatus::known, *known});
    }
}

void IdentityLookup::ask_only(const IdentitySource* wanted) noexcept {
    if (std::exchange(source, wanted) != wanted) {
        forget();
    }
}

void IdentityLookup::forget() noexcept {
    answer.cancel();
    deadline_ms = 0;
    asked_itself = false;
}

const Pending<IdentityAnswer>& obtain_identity(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    look_up_or_ask(r, conf, state);
    Pending<IdentityAnswer>& answer = state.lookup.answer;
    if (answer.is_ready() && answer.value().status == IdentityStatus::known) {
        bool& mfa = answer.value().identity.mfa;
        mfa = has_mfa(r, state, mfa);
    }
    return answer;
}

const Pending<IdentityAnswer>& obtain_fresh_identity(ngx_http_request_t* r, const LocationConf& conf,
                                                     RequestState& state) {
    IdentityLookup& lookup = state.lookup;
    lookup.ask_only(conf.identity.source);
    if (!lookup.asked_itself) {
        lookup.forget();
        ask_application(r, conf, state, IdentityKey::none, 0, NGX_HTTP_SUBREQUEST_WAITED);
    }
    return obtain_identity(r, conf, state);
}

void ask_in_background(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    state.lookup.ask_only(conf.identity.source);
    state.fresh.renew();
    ask_zone(r, conf, state, NGX_HTTP_SUBREQUEST_BACKGROUND);
}

}  // namespace auth_gate
