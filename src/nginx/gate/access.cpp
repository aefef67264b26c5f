#include "nginx/gate/access.hpp"

#include "nginx/gate/credentials.hpp"
#include "nginx/gate/reply.hpp"
#include "nginx/gate/request_facts.hpp"
#include "nginx/gate/request_state.hpp"
#include "nginx/mfa/enforce.hpp"
#include "nginx/mfa/open_sockets.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/state/zone.hpp"

#include <string>

namespace auth_gate {

namespace {

void log_refusal(ngx_http_request_t* r, std::string_view why) noexcept {
    ngx_str_t text = borrowed(why);
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "auth_gate: request refused: %V", &text);
}

Refusal decide_by_jwt(ngx_http_request_t* r, const LocationConf& conf, Context& context, const Credential& given) {
    const jwt::Checks checks = {
        .now = ngx_time(),
        .leeway = conf.jwt.leeway,
        .max_size = conf.jwt.max_size,
        .require_exp = conf.jwt.require_exp == 1,
        .user_claim = view(conf.jwt.user_claim),
    };
    jwt::Verified verified =
        main_conf(r)->sessions->verify(given.text, conf.jwt.keys->keys, conf.jwt.verifier_id, checks);
    if (verified.status != jwt::Status::valid) {
        log_refusal(r, jwt::sentence(verified.status));
        return Refusal::bad_credentials;
    }
    if (!conf.jwt.requirements->met_by(verified.session->claims.get())) {
        log_refusal(r, "the JWT lacks a claim that this location requires");
        return Refusal::bad_credentials;
    }
    if (context.session != verified.session) {
        context.forget_user();
    }
    context.admission = Admission::jwt;
    context.conf = &conf;
    context.session = std::move(verified.session);
    context.session_exp = context.session->exp;
    // A session that nobody has looked at must not be the one that the application takes.
    remove_cookies(r, conf.jwt.sources->cookies, given.cookie);
    if (!given.cookie.empty() && has_bearer(r)) {
        remove_authorization(r);
    }
    return Refusal::none;
}

// A lease is its redeemer's: the same address, the same path (as it was asked for, not as a rewrite made it).
std::uint64_t redeemer_of(ngx_http_request_t* r) {
    const std::string_view uri = view(r->unparsed_uri);
    std::string text(view(r->connection->addr_text));
    text += ' ';
    text += uri.substr(0, uri.find('?'));
    return short_hash(sha256(text));
}

// The application must see the user of the token, whatever else the browser sent along.
void replace_credentials(ngx_http_request_t* r, const LocationConf& conf, Context& context) {
    remove_cookies(r, conf.jwt.sources->cookies);
    if (conf.jwt.upstream != 1) {
        remove_authorization(r);
        return;
    }
    set_authorization(r, join(r->pool, {"Bearer ", view(fresh_jwt(r, context))}));
}

Refusal decide_by_token(ngx_http_request_t* r, const LocationConf& conf, Context& context) {
    if (context.url_token == UrlToken::unusable) {
        log_refusal(r, "what came as token= is no token");
        return Refusal::bad_credentials;
    }
    if (is_prefetch(r)) {
        log_refusal(r, "a token is not spent on a prefetch");
        return Refusal::prefetch;
    }
    const bool spend = r->method != NGX_HTTP_HEAD;
    if (spend && context.token_spent) {
        log_refusal(r, "the token was presented before");
        return Refusal::bad_credentials;
    }
    context.token_spent |= spend;

    const Presented presented = {
        .digest = context.url_token_digest,
        .accepted = *conf.token.accepted,
        .demands = {conf.jwt.keys->key_set_id, conf.jwt.requirements->fingerprint()},
        .binding = conf.token.has_leases ? redeemer_of(r) : 0,
        .spend = spend,
    };
    Taken taken = conf.zone->tokens().take(presented, zone_clock());
    if (!taken.good()) {
        conf.zone->count(Counter::tokens_refused);
        log_refusal(r, sentence(taken.status));
        return Refusal::bad_credentials;
    }
    if (taken.status == TakeStatus::redeemed) {
        conf.zone->count(Counter::tokens_redeemed);
    }
    context.forget_user();
    context.admission = Admission::token;
    context.conf = &conf;
    context.token_user = std::move(taken.user);
    if (taken.session_exp != 0) {
        context.session_exp = taken.session_exp;
    }
    context.token_notes = taken.notes;
    context.purpose = taken.purpose;
    replace_credentials(r, conf, context);
    return Refusal::none;
}

// The keys and claims that let the user in would have done here, too.
bool same_demands(const LocationConf& conf, const Context& context) noexcept {
    return context.conf->jwt.keys->key_set_id == conf.jwt.keys->key_set_id &&
           (conf.jwt.requirements->empty() ||
            conf.jwt.requirements->fingerprint() == context.conf->jwt.requirements->fingerprint());
}

// A request that was let in by a token and redirected within nginx stays let in.
bool still_holds(const LocationConf& conf, const Context& context) noexcept {
    return context.admission == Admission::token && same_demands(conf, context);
}

Refusal decide(ngx_http_request_t* r, const LocationConf& conf, Context& context) {
    if (is_preflight(r)) {
        context.admission = Admission::preflight;
        remove_authorization(r);
        remove_cookies(r);
        return Refusal::none;
    }
    if (is_public(r)) {
        context.admission = Admission::public_path;
        return Refusal::none;
    }
    if (still_holds(conf, context)) {
        return Refusal::none;
    }
    context.admission = Admission::refused;

    if (context.url_token == UrlToken::jwt) {
        log_refusal(r, "a JWT came in the URL");
        return Refusal::bad_credentials;
    }
    if (conf.gate.websocket_close == 1 && websocket_handshake(r) == websocket::Handshake::wrong_version) {
        log_refusal(r, "the WebSocket version is not 13");
        return Refusal::websocket_version;
    }

    const Credential bearer = conf.jwt.accepted == 1 ? bearer_credential(r, conf) : Credential{};
    if (bearer.kind == Credential::Kind::unusable) {
        log_refusal(r, "there is not one proper Authorization header");
        return Refusal::bad_credentials;
    }
    if (bearer.kind == Credential::Kind::jwt) {
        return decide_by_jwt(r, conf, context, bearer);
    }
    if (conf.token.is_taken() && context.url_token != UrlToken::none) {
        // Before anything is spent on it.
        return context.ambiguous_path ? Refusal::bad_path : decide_by_token(r, conf, context);
    }
    const Credential cookie = conf.jwt.accepted == 1 ? cookie_credential(r, conf) : Credential{};
    if (cookie.kind == Credential::Kind::unusable) {
        log_refusal(r, "the session cookie came twice");
        return Refusal::bad_credentials;
    }
    if (cookie.kind == Credential::Kind::jwt) {
        return decide_by_jwt(r, conf, context, cookie);
    }
    log_refusal(r, "no credentials");
    return Refusal::no_credentials;
}

// nginx and many applications take any request with an Upgrade for a handshake. HTTP has it in HTTP/1.1 alone
// (RFC 9110, 7.8; RFC 9113, 8.2.2), and what spends no token must open nothing.
bool may_upgrade(ngx_http_request_t* r) noexcept {
    return r->http_version == NGX_HTTP_VERSION_11 && (r->method & (NGX_HTTP_HEAD | NGX_HTTP_OPTIONS)) == 0;
}

// Open sockets outlive the decision that let them in. What is no proper handshake the application may take for one.
bool is_watched(ngx_http_request_t* r, const LocationConf& conf, const Context& context) {
    return context.has_user() && conf.mfa.sockets == 1 && conf.mfa.dry_run != 1 &&
           (conf.mfa.mode() == MfaMode::policy || conf.mfa.mode() == MfaMode::always) &&
           r->headers_in.upgrade != nullptr && !is_mfa_exempt(r, conf);
}

// nginx has no access phase for subrequests. A page's include must not reach what its request was not let in for; a
// location that is internal is the site's own business (auth_request, mirror, the gate's own lookup).
bool subrequest_is_let_in(ngx_http_request_t* r) {
    const LocationConf& conf = *location_conf(r);
    const auto* core = core_conf(r);
    if (conf.gate.on != 1 || core->internal || is_public(r)) {
        return true;
    }
    const Context* context = find_context(r);
    if (context == nullptr || context->admission == Admission::undecided || context->admission == Admission::refused) {
        return false;
    }
    if (r->loc_conf == r->main->loc_conf) {
        return true;  // slices of the same answer
    }
    if (!context->has_user() || !same_demands(conf, *context)) {
        return false;
    }
    const bool asks = conf.mfa.mode() == MfaMode::policy || conf.mfa.mode() == MfaMode::always;
    const bool has_mfa =
        context->identity_source == conf.identity.source && context->identity && context->identity->mfa;
    return !asks || conf.mfa.dry_run == 1 || !is_mfa_required(conf) || has_mfa;
}

}  // namespace

ngx_int_t access_handler(ngx_http_request_t* r) noexcept {
    const LocationConf& conf = *location_conf(r);
    if (conf.gate.on != 1) {
        Context* context = server_conf(r)->gated == 1 ? find_context(r) : nullptr;
        if (context == nullptr || !context->ambiguous_path) {
            return NGX_DECLINED;
        }
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        Context& context = obtain_context(r);
        context.refusal = Refusal::none;
        if (r->headers_in.upgrade != nullptr && !may_upgrade(r)) {
            remove_upgrade(r);
        }
        // Here again, when what was asked for has come: the credentials stand.
        const bool resumed = std::exchange(context.awaiting, nullptr) == &conf;
        Refusal refusal = conf.gate.on == 1 && !resumed ? decide(r, conf, context) : Refusal::none;
        if (refusal == Refusal::none && context.has_user() && conf.gate.on == 1) {
            switch (enforce_mfa(r, context, conf, refusal)) {
            case MfaOutcome::go_on:
                break;
            case MfaOutcome::waiting:
                context.awaiting = &conf;
                return NGX_AGAIN;
            case MfaOutcome::refused:
                log_refusal(r, answer_to(refusal).decision);
                context.admission = Admission::refused;
                break;
            }
        }
        if (refusal == Refusal::none && context.ambiguous_path) {
            log_refusal(r, "the application might read the path another way");
            context.admission = Admission::refused;
            refusal = Refusal::bad_path;
        }
        if (refusal != Refusal::none) {
            return refuse(r, context, refusal);
        }
        if (is_watched(r, conf, context)) {
            watch_socket(r, context, conf);
        }
        return NGX_OK;
    });
}

ngx_int_t guard_handler(ngx_http_request_t* r) noexcept {
    if (r != r->main) {
        return shielded(r->connection->log, ngx_int_t{NGX_HTTP_FORBIDDEN}, [&] {
            return subrequest_is_let_in(r) ? ngx_int_t{NGX_DECLINED} : ngx_int_t{NGX_HTTP_FORBIDDEN};
        });
    }
    Context* context = context_here(r);
    if (context == nullptr) {
        return NGX_DECLINED;
    }
    // Refused, and yet here: under `satisfy any` another module let the request in.
    if (context->refusal != Refusal::none) {
        context->refusal = Refusal::none;
        context->admission = Admission::other_module;
    }
    // What no module can let in is a path that the application may read as another one.
    if (!context->ambiguous_path) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE},
                    [&] { return refuse(r, *context, Refusal::bad_path); });
}

}  // namespace auth_gate
