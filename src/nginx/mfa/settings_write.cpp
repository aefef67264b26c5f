// Steps, in the order of time: parse, decide, prepare on disk, ask the application, commit, answer. Without members
// for the application, the commit follows at once.
#include "nginx/mfa/settings_write.hpp"

#include "nginx/gate/refusal_filter.hpp"
#include "nginx/mfa/admin_endpoint.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/request_body.hpp"

#include "core/http/refusal.hpp"

namespace auth_gate {

namespace {

constexpr std::size_t largest_body = 64 * 1024;

constexpr std::string_view success = R"({"success":true})";
constexpr std::string_view needs_own_mfa =
    R"({"error":"Enable two-factor authentication on your own account before requiring it for all users."})";

// The answer to a change that is not allowed. Empty for one that is.
std::string_view objection(const SettingsChange& change, const Identity& administrator, bool has_application) {
    switch (change.status) {
    case SettingsChange::Status::ok:
        break;
    case SettingsChange::Status::invalid_json:
        return R"({"error":"Invalid JSON"})";
    case SettingsChange::Status::invalid_value:
        return R"({"error":"Invalid value for require_mfa"})";
    }
    if (change.require_mfa == true && !administrator.mfa) {
        return needs_own_mfa;
    }
    if (change.has_others && !has_application) {
        return R"({"error":"Unknown setting"})";
    }
    return {};
}

}  // namespace

ngx_int_t put_settings(ngx_http_request_t* r, RequestState& state, const LocationConf& conf) {
    // Parse.
    const auto body = whole_body(r, largest_body);
    if (!body) {
        return answer_instead(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, R"({"error":"Request body too large"})");
    }
    const SettingsChange change = parse_change(*body);

    // Decide.
    if (const auto answer = objection(change, *state.lookup.identity(), has_application(r)); !answer.empty()) {
        return answer_instead(r, NGX_HTTP_BAD_REQUEST, answer);
    }
    if (!change.require_mfa) {
        return has_application(r) ? ngx_int_t{NGX_DECLINED} : answer_instead(r, NGX_HTTP_OK, success);
    }

    // Prepare on disk: what can fail should fail before the application has changed anything.
    auto* writer = make<SettingsWriter>(r->pool);
    if (!writer->prepare(r->connection->log, main_conf(r)->state_path, {.require_mfa = *change.require_mfa})) {
        return refuse(r, state, Refusal::not_saved);
    }

    // Ask the application, if there are settings of its own; it need not know ours. commit_after_application() goes on.
    if (change.has_others) {
        replace_body(r, change.others);
        state.after_success.settings_to_commit = writer;
        return NGX_DECLINED;
    }

    // Commit, and answer.
    if (!writer->commit(r->connection->log, *conf.zone)) {
        return refuse(r, state, Refusal::not_saved);
    }
    return answer_instead(r, NGX_HTTP_OK, success);
}

void commit_after_application(ngx_http_request_t* r, RequestState& state, SettingsWriter& writer) {
    // Commit.
    if (writer.commit(r->connection->log, *state.subject.conf->zone)) {
        return;  // The application's answer goes to the client.
    }

    // Answer with a refusal in place of the application.
    r->headers_out.status = answer_to(Refusal::not_saved).status;
    r->headers_out.status_line.len = 0;
    state.refusal = Refusal::not_saved;
    ngx_http_set_ctx(r, &state, ngx_http_auth_gate_module);
}

}  // namespace auth_gate
