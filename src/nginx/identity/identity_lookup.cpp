#include "nginx/identity/identity_lookup.hpp"

#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/subrequest.hpp"
#include "nginx/oidc/session_mfa.hpp"
#include "nginx/state/zone.hpp"

#include <string>

namespace auth_gate {

namespace {

constexpr std::uint64_t asking_ms = 5'000;  // then the next request asks too
constexpr std::uint64_t patience_ms = 30'000;
constexpr ngx_msec_t poll_ms = 10;

enum Note : std::uint8_t { has_mfa = 1, is_admin = 2 };

// Without the claims that are configured a session has no second factor and no role.
Identity from_claims(const json_t* claims, const IdentityPaths& paths) {
    Identity identity;
    identity.mfa = json_is_true(at_path(claims, paths.mfa));
    if (const auto role = json::string(at_path(claims, paths.role))) {
        identity.role = role->substr(0, Identity::longest_role);
    }
    return identity;
}

Identity from_notes(std::uint8_t notes) {
    Identity identity;
    identity.mfa = (notes & has_mfa) != 0;
    if ((notes & is_admin) != 0) {
        identity.role = "admin";
    }
    return identity;
}

struct Question : Subrequest {
    Context* context = nullptr;
    const LocationConf* conf = nullptr;
    LookupDone asked = nullptr;
};

void unavailable(ngx_http_request_t* sr, Context& context, const char* why) noexcept {
    ngx_log_error(NGX_LOG_ERR, sr->connection->log, 0, "auth_gate: asking \"%V\" for the user failed: %s, status %ui",
                  &sr->uri, why, sr->headers_out.status);
    context.lookup = LookupState::unavailable;
}

void read_answer(ngx_http_request_t* sr, ngx_int_t rc, const Question& question) {
    Context& context = *question.context;
    if (sr->headers_out.status == NGX_HTTP_UNAUTHORIZED || rc == NGX_HTTP_UNAUTHORIZED) {
        context.lookup = LookupState::unauthorized;
        return;
    }
    if (rc == NGX_HTTP_CLIENT_CLOSED_REQUEST) {
        context.lookup = LookupState::unavailable;  // nginx has said so, and nobody waits
        return;
    }
    if (rc != NGX_OK || sr->headers_out.status != NGX_HTTP_OK) {
        unavailable(sr, context, "no good answer");
        return;
    }
    const json::Value document =
        question.body.size() <= Subrequest::largest_answer ? json::parse_object(question.body) : nullptr;
    if (document == nullptr) {
        unavailable(sr, context, "no JSON object");
        return;
    }
    auto identity = identity_from(document.get(), question.conf->identity.source->paths, context.user());
    if (!identity) {
        unavailable(sr, context, "the JSON has not what is configured");
        return;
    }
    context.identity = std::move(*identity);
    context.lookup = LookupState::none;
}

void answered(ngx_http_request_t* sr, Subrequest& subrequest, ngx_int_t rc) {
    auto& question = static_cast<Question&>(subrequest);
    Context& context = *question.context;
    const IdentitySource& source = *question.conf->identity.source;
    read_answer(sr, rc, question);
    if (context.identity) {
        question.conf->zone->store(context.identity_key, context.lookup_ticket, *context.identity, source.cache_ms);
    } else {
        question.conf->zone->give_up(context.identity_key, context.lookup_ticket);
    }
    if (question.asked != nullptr) {
        question.asked(sr->main, context);
    }
}

void poll_again(ngx_http_request_t* r) noexcept {
    ngx_event_t* event = r->connection->write;
    if (event->delayed) {
        if (ngx_handle_write_event(event, 0) != NGX_OK) {
            ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        }
        return;
    }
    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}

// Somebody else asks: look again in a moment. (A worker cannot wake a request of another one.)
IdentityStatus wait(ngx_http_request_t* r, Context& context) {
    if (context.lookup != LookupState::waiting) {
        context.lookup = LookupState::waiting;
        context.lookup_deadline_ms = zone_clock() + patience_ms;
    } else if (zone_clock() >= context.lookup_deadline_ms) {
        return IdentityStatus::unavailable;
    }
    if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
        return IdentityStatus::unavailable;
    }
    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = poll_again;
    r->connection->write->delayed = 1;
    ngx_add_timer(r->connection->write, poll_ms);
    return IdentityStatus::waiting;
}

}  // namespace

std::uint64_t identity_key(const Context& context, const LocationConf& conf) {
    return conf.zone->user_key(conf.identity.source_id, context.user()) | 1;
}

IdentityTable::Found look_up_identity(Context& context, const LocationConf& conf) {
    context.identity_key = identity_key(context, conf);
    const IdentityTable::Found found = conf.zone->look_up(context.identity_key, asking_ms);
    context.lookup_ticket = found.ticket;
    return found;
}

bool ask_application(ngx_http_request_t* r, Context& context, const LocationConf& conf, LookupDone done) {
    auto* question = make<Question>(r->pool);
    question->done = answered;
    question->context = &context;
    question->conf = &conf;
    question->asked = done;

    const ngx_uint_t flags = done != nullptr ? NGX_HTTP_SUBREQUEST_BACKGROUND : NGX_HTTP_SUBREQUEST_WAITED;
    ngx_http_request_t* sr = begin_subrequest(r, conf.identity.source->uri, *question, flags);
    if (sr == nullptr) {
        conf.zone->give_up(context.identity_key, context.lookup_ticket);
        return false;
    }
    context.lookup = LookupState::asking;
    set_authorization(sr, join(sr->pool, {"Bearer ", view(fresh_jwt(sr, context))}));
    return true;
}

namespace {

IdentityStatus look_up_or_ask(ngx_http_request_t* r, Context& context, const LocationConf& conf) {
    context.ask_only(conf.identity.source);
    if (context.identity) {
        return IdentityStatus::known;
    }
    const IdentitySource& source = *conf.identity.source;
    if (source.from_claims) {
        context.identity = context.admission == Admission::jwt
                               ? from_claims(context.session->claims.get(), source.paths)
                               : from_notes(context.token_notes);
        return IdentityStatus::known;
    }
    switch (context.lookup) {
    case LookupState::asking:
        return IdentityStatus::waiting;
    case LookupState::unauthorized:
        return IdentityStatus::unauthorized;
    case LookupState::unavailable:
        return IdentityStatus::unavailable;
    case LookupState::none:
    case LookupState::waiting:
        break;
    }

    const IdentityTable::Found found = look_up_identity(context, conf);
    switch (found.status) {
    case IdentityTable::Status::known:
        context.identity = Identity{found.mfa, std::string(found.role, found.role_size)};
        context.lookup = LookupState::none;
        return IdentityStatus::known;
    case IdentityTable::Status::wait:
        return wait(r, context);
    case IdentityTable::Status::ask:
        return ask_application(r, context, conf, nullptr) ? IdentityStatus::waiting : IdentityStatus::unavailable;
    }
    return IdentityStatus::unavailable;
}

}  // namespace

IdentityStatus obtain_identity(ngx_http_request_t* r, Context& context, const LocationConf& conf) {
    const IdentityStatus status = look_up_or_ask(r, context, conf);
    if (status == IdentityStatus::known && !context.identity->mfa && session_has_mfa(r, context)) {
        context.identity->mfa = true;
    }
    return status;
}

std::uint8_t notes_of(ngx_http_request_t* r, const Context& context, const LocationConf& conf) {
    const std::uint8_t session = session_has_mfa(r, context) ? session_mfa_note : 0;
    if (conf.identity.source == nullptr || !conf.identity.source->from_claims || context.session == nullptr) {
        return session;
    }
    const Identity identity = from_claims(context.session->claims.get(), conf.identity.source->paths);
    return static_cast<std::uint8_t>(session | (identity.mfa ? has_mfa : 0) | (identity.is_admin() ? is_admin : 0));
}

}  // namespace auth_gate
