// Steps, in the order of time: prepare on disk, ask the application, commit, answer. Without the application, the
// commit comes at once. Nothing waits for the disk in the event loop.
#include "nginx/mfa/admin_change.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/ngx/request_body.hpp"

namespace auth_gate {

AdminChange::~AdminChange() {
    if (step_ == Step::asking && is_to_be_committed()) {
        commit();
    }
}

void AdminChange::begin(std::string_view success) {
    step_ = Step::saving;
    success_ = success;
    saving_.write.commit(saving_.saved, StateWrite::IfChanged::refuse);
}

void AdminChange::begin_with_application(ngx_http_request_t* r, std::string_view body, bool even_in_doubt) {
    // What can fail should fail before the application has changed anything.
    replace_body(r, body);
    step_ = Step::preparing;
    even_in_doubt_ = even_in_doubt;
    saving_.write.prepare(saving_.saved);
}

// An application that may have its switch on gets company, whatever happened to the file meanwhile.
void AdminChange::commit() {
    step_ = Step::committing;
    saving_.saved.cancel();
    saving_.write.commit(saving_.saved,
                         even_in_doubt_ ? StateWrite::IfChanged::decide_anew : StateWrite::IfChanged::refuse);
}

ngx_int_t AdminChange::answer_of_application(ngx_http_request_t* r, RequestState& state) {
    state.admin.change = nullptr;  // an error_page may lead to another endpoint
    state.admin.question = nullptr;
    return relay(r, application_);
}

ngx_int_t AdminChange::go_on(ngx_http_request_t* r, RequestState& state) {
    if (step_ != Step::asking) {
        if (const ngx_int_t rc = await_saved(r, state, saving_); rc != NGX_OK) {
            return rc;
        }
    }
    switch (step_) {
    case Step::saving:
        return answer_instead(r, NGX_HTTP_OK, success_);

    case Step::preparing:
        if (!forward(r, application_)) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        step_ = Step::asking;
        return NGX_AGAIN;

    case Step::asking:
        if (!application_.answered) {
            return NGX_AGAIN;
        }
        if (!is_to_be_committed()) {
            return answer_of_application(r, state);
        }
        commit();
        return go_on(r, state);

    case Step::committing:
        return answer_of_application(r, state);
    }
    return NGX_ERROR;
}

}  // namespace auth_gate
