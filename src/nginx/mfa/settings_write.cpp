// Steps, in the order of time: parse, decide, ask whether the application has a switch of its own, and then the change.
//
// Two switches are set in an order that fails closed. On: the gate's follows if the application said yes, and also if
// it died, for then nobody knows whether its own is on. Off: the gate's goes off only when the application's is off.
#include "nginx/mfa/settings_write.hpp"

#include "nginx/gate/refusal_filter.hpp"
#include "nginx/mfa/admin_change.hpp"
#include "nginx/mfa/settings_file.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/request_body.hpp"

#include "core/http/request_traits.hpp"
#include "core/mfa/settings.hpp"

namespace auth_gate {

// What the application's settings are.
struct SettingsQuestion : Forwarded {
    std::string put_body;
    SettingsChange change;
};

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

OwnSwitch own_switch_of(const SettingsQuestion& question) {
    const ngx_http_headers_out_t& headers = question.request->headers_out;
    const bool is_other_text =
        headers.content_encoding == nullptr && view(headers.content_type).find("json") == std::string_view::npos;
    return own_switch(static_cast<unsigned>(question.status), question.body, is_other_text);
}

AdminChange& make_change(ngx_http_request_t* r, RequestState& state, const SettingsChange& change) {
    state.admin.change =
        make<AdminChange>(r->pool, main_conf(r)->state_path,
                          std::make_unique<SettingsEdit>(Settings{.require_mfa = *change.require_mfa}));
    return *state.admin.change;
}

// NGX_OK when the PUT has a change for the gate. Otherwise what the handler is to return.
ngx_int_t begin(ngx_http_request_t* r, RequestState& state) {
    auto body = whole_body(r, largest_body);
    if (!body) {
        return answer_instead(r, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, R"({"error":"Request body too large"})");
    }
    SettingsChange change = parse_change(*body);
    if (const auto answer = objection(change, *state.lookup.identity(), has_application(r)); !answer.empty()) {
        return answer_instead(r, NGX_HTTP_BAD_REQUEST, answer);
    }
    if (!change.require_mfa) {
        return has_application(r) ? ngx_int_t{NGX_DECLINED} : answer_instead(r, NGX_HTTP_OK, success);
    }
    if (!has_application(r)) {
        make_change(r, state, change).begin(success);
        return NGX_OK;
    }
    auto* question = make<SettingsQuestion>(r->pool);
    question->put_body = std::move(*body);
    question->change = std::move(change);
    if (!forward_as_get(r, *question)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    state.admin.question = question;
    return NGX_AGAIN;
}

ngx_int_t refuse_unread(ngx_http_request_t* r, RequestState& state, SettingsQuestion& question) {
    state.admin.question = nullptr;
    if (!question.succeeded) {
        return relay(r, question);
    }
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "auth_gate: changing require_mfa failed: the application's own settings cannot be read");
    return refuse_finally(r, state, Refusal::unavailable);
}

// NGX_OK when the change has begun. Otherwise what the handler is to return.
ngx_int_t begin_change(ngx_http_request_t* r, RequestState& state, SettingsQuestion& question) {
    const SettingsChange& change = question.change;
    const OwnSwitch own = own_switch_of(question);
    if (own == OwnSwitch::unknown && change.require_mfa == false) {
        return refuse_unread(r, state, question);
    }
    const bool there = own == OwnSwitch::there;
    AdminChange& begun = make_change(r, state, change);
    if (there || change.has_others) {
        // An application without a switch of its own need not know ours.
        begun.begin_with_application(r, there ? question.put_body : change.others, there && *change.require_mfa);
    } else {
        begun.begin(success);
    }
    return NGX_OK;
}

}  // namespace

ngx_int_t put_settings(ngx_http_request_t* r, RequestState& state) {
    AdminRequest& admin = state.admin;
    if (admin.change == nullptr && admin.question == nullptr) {
        if (const ngx_int_t rc = begin(r, state); rc != NGX_OK) {
            return rc;
        }
    }
    if (admin.change == nullptr) {
        if (!admin.question->answered) {
            return NGX_AGAIN;
        }
        if (const ngx_int_t rc = begin_change(r, state, *admin.question); rc != NGX_OK) {
            return rc;
        }
    }
    return admin.change->go_on(r, state);
}

}  // namespace auth_gate
