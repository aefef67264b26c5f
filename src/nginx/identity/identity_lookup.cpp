#include "nginx/identity/identity_lookup.hpp"

#include "nginx/gate/request_state.hpp"
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

// Without the configured claims a session has no second factor and no role.
Identity from_claims(const json::Claims& claims, const IdentityPaths& paths) {
    Identity identity;
    identity.mfa = at_path(claims, paths.mfa).is_true();
    if (const auto role = at_path(claims, paths.role).string()) {
        identity.role = role->substr(0, Identity::longest_role);
    }
    return identity;
}

Identity from_facts(SessionFacts facts) {
    return {facts.has(SessionFacts::mfa), facts.has(SessionFacts::admin) ? "admin" : ""};
}

Identity from_table(const IdentityTable::Found& found) {
    return {found.mfa, std::string(found.role, found.role_size)};
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
    std::uint64_t key = 0;
    std::uint32_t ticket = 0;
    std::uint64_t cache_ms = 0;
    const IdentityPaths* paths = nullptr;
    UserId user;
    Pending<IdentityAnswer>* answer = nullptr;  // null: nobody waits any more

    // A lookup that ends with its request is for the next one to make.
    static void cancel(void* question) noexcept {
        auto& query = *static_cast<IdentityQuery*>(question);
        query.answer = nullptr;
        query.zone->give_up(query.key, query.ticket);
    }
};

IdentityAnswer unavailable(ngx_http_request_t* sr, const char* why) noexcept {
    ngx_log_error(NGX_LOG_ERR, sr->connection->log, 0, "auth_gate: asking \"%V\" for the user failed: %s, status %ui",
                  &sr->uri, why, sr->headers_out.status);
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
    const json::Value document =
        query.body.size() <= Subrequest::largest_answer ? json::parse_object(query.body) : nullptr;
    if (document == nullptr) {
        return unavailable(sr, "no JSON object");
    }
    auto identity = identity_from(document.get(), *query.paths, query.user);
    if (!identity) {
        return unavailable(sr, "the JSON lacks what is configured");
    }
    return {IdentityStatus::known, std::move(*identity)};
}

void application_answered(ngx_http_request_t* sr, Subrequest& subrequest, ngx_int_t rc) {
    auto& query = static_cast<IdentityQuery&>(subrequest);
    if (query.answer == nullptr) {
        return;
    }
    IdentityAnswer answer = read_answer(sr, rc, query);
    if (answer.status == IdentityStatus::known) {
        query.zone->store(query.key, query.ticket, answer.identity, query.cache_ms);
    } else {
        query.zone->give_up(query.key, query.ticket);
    }
    std::exchange(query.answer, nullptr)->answer(std::move(answer));
}

void ask_application(ngx_http_request_t* r, const LocationConf& conf, RequestState& state, std::uint32_t ticket,
                     ngx_uint_t flags) {
    const IdentitySource& source = *conf.identity.source;
    IdentityLookup& lookup = state.lookup;
    auto* query = make<IdentityQuery>(r->pool);
    query->done = application_answered;
    query->zone = conf.zone;
    query->key = lookup.key;
    query->ticket = ticket;
    query->cache_ms = source.cache_ms;
    query->paths = &source.paths;
    query->user = state.user();

    ngx_http_request_t* sr = begin_subrequest(r, source.uri, *query, flags);
    if (sr == nullptr) {
        conf.zone->give_up(lookup.key, ticket);
        lookup.answer.answer({IdentityStatus::unavailable, {}});
        return;
    }
    query->answer = &lookup.answer;
    lookup.answer.ask(query, IdentityQuery::cancel);
    set_authorization(sr, join(sr->pool, {"Bearer ", view(fresh_jwt(sr, state))}));
}

// Asks the zone, and the application when it is this request's turn. With Turn::others the answer stays idle.
Turn ask_zone(ngx_http_request_t* r, const LocationConf& conf, RequestState& state, ngx_uint_t flags) {
    IdentityLookup& lookup = state.lookup;
    lookup.key = identity_key(state, conf);
    const IdentityTable::Found found = conf.zone->look_up(lookup.key, asking_ms);
    switch (found.turn) {
    case Turn::none:
        lookup.answer.answer({IdentityStatus::known, from_table(found)});
        break;
    case Turn::others:
        break;
    case Turn::mine:
        ask_application(r, conf, state, found.ticket, flags);
        break;
    }
    return found.turn;
}

// Another request asks: look again in a moment. (A worker cannot wake a request of another worker.)
void await_others(ngx_http_request_t* r, IdentityLookup& lookup) {
    if (lookup.deadline_ms == 0) {
        lookup.deadline_ms = zone_clock() + patience_ms;
    }
    if (zone_clock() >= lookup.deadline_ms || !wake_after(r, poll_ms)) {
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
        lookup.answer.answer({IdentityStatus::known, state.admission == Admission::jwt
                                                         ? from_claims(state.subject.session->claims, source.paths)
                                                         : from_facts(state.subject.facts)});
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

const Identity* IdentityLookup::identity_of(const IdentitySource* wanted) const noexcept {
    return source == wanted ? identity() : nullptr;
}

void IdentityLookup::ask_only(const IdentitySource* wanted) noexcept {
    if (std::exchange(source, wanted) != wanted) {
        answer.cancel();
        deadline_ms = 0;
    }
}

const Pending<IdentityAnswer>& obtain_identity(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    look_up_or_ask(r, conf, state);
    Pending<IdentityAnswer>& answer = state.lookup.answer;
    if (answer.is_ready() && answer.value().status == IdentityStatus::known && !answer.value().identity.mfa &&
        session_has_mfa(r, state)) {
        answer.value().identity.mfa = true;
    }
    return answer;
}

std::uint64_t identity_key(const RequestState& state, const LocationConf& conf) {
    return conf.zone->user_key(conf.identity.source_id, state.user()) | 1;
}

void ask_in_background(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    state.lookup.ask_only(conf.identity.source);
    ask_zone(r, conf, state, NGX_HTTP_SUBREQUEST_BACKGROUND);
}

SessionFacts facts_of(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state) {
    SessionFacts facts;
    facts.set(SessionFacts::provider_mfa, session_has_mfa(r, state));
    if (conf.identity.source != nullptr && conf.identity.source->from_claims && state.subject.session != nullptr) {
        const Identity identity = from_claims(state.subject.session->claims, conf.identity.source->paths);
        facts.set(SessionFacts::mfa, identity.mfa);
        facts.set(SessionFacts::admin, identity.is_admin());
    }
    return facts;
}

}  // namespace auth_gate
