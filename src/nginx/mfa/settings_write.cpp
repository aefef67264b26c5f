// Steps, in the order of time: parse, decide, prepare on disk, ask the application, commit, answer. Without members
// for the application, the commit follows at once. Nothing waits for the disk in the event loop.
#include "nginx/mfa/settings_write.hpp"

#include "nginx/mfa/admin_endpoint.hpp"
#include "nginx/mfa/settings_file.hpp"
#include "nginx/ngx/forward.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/request_body.hpp"

#include "core/mfa/settings.hpp"

namespace auth_gate {

struct SettingsPut {
    enum class Step : std::uint8_t { saving, preparing, asking, committing };

    SettingsPut(ngx_str_t state_path, const Settings& settings)
        : saving(state_path, std::make_unique<SettingsEdit>(settings)) {}

    Step step = Step::saving;
    Saving saving;
    Forwarded application;
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

// NGX_OK when the PUT has a change for the gate. Otherwise what the handler is to return.
ngx_int_t begin(ngx_http_request_t* r, RequestState& state) {
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

    auto* put = make<SettingsPut>(r->pool, main_conf(r)->state_path, Settings{.require_mfa = *change.require_mfa});
    if (change.has_others) {
        // Prepare on disk: what can fail should fail before the application has changed anything. The application need
        // not know our settings.
        replace_body(r, change.others);
        put->step = SettingsPut::Step::preparing;
        put->saving.write.prepare(put->saving.saved);
    } else {
        put->step = SettingsPut::Step::saving;
        put->saving.write.commit(put->saving.saved);
    }
    state.admin.put = put;
    return NGX_OK;
}

ngx_int_t answer_of_application(ngx_http_request_t* r, RequestState& state, SettingsPut& put) {
    state.admin.put = nullptr;  // an error_page may lead to another endpoint
    return relay(r, put.application);
}

ngx_int_t go_on(ngx_http_request_t* r, RequestState& state, SettingsPut& put) {
    if (put.step != SettingsPut::Step::asking) {
        if (const ngx_int_t rc = await_saved(r, state, put.saving); rc != NGX_OK) {
            return rc;
        }
    }
    switch (put.step) {
    case SettingsPut::Step::saving:
        return answer_instead(r, NGX_HTTP_OK, success);

    case SettingsPut::Step::preparing:
        put.step = SettingsPut::Step::asking;
        return forward(r, put.application) ? ngx_int_t{NGX_AGAIN} : ngx_int_t{NGX_HTTP_INTERNAL_SERVER_ERROR};

    case SettingsPut::Step::asking:
        if (!put.application.answered) {
            return NGX_AGAIN;
        }
        if (!put.application.succeeded) {
            return answer_of_application(r, state, put);
        }
        put.step = SettingsPut::Step::committing;
        put.saving.saved.cancel();
        put.saving.write.commit(put.saving.saved);
        return go_on(r, state, put);

    case SettingsPut::Step::committing:
        return answer_of_application(r, state, put);
    }
    return NGX_ERROR;
}

}  // namespace

ngx_int_t put_settings(ngx_http_request_t* r, RequestState& state) {
    if (state.admin.put == nullptr) {
        if (const ngx_int_t rc = begin(r, state); rc != NGX_OK) {
            return rc;
        }
    }
    return go_on(r, state, *state.admin.put);
}

}  // namespace auth_gate
