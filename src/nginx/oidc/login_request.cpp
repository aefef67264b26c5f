#include "nginx/oidc/login_request.hpp"

#include "nginx/gate/reply.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/subrequest.hpp"
#include "nginx/oidc/handlers.hpp"
#include "nginx/oidc/zone.hpp"

#include "core/base/crypto.hpp"
#include "core/oidc/user.hpp"

namespace auth_gate {

namespace {

constexpr ngx_msec_t poll_ms = 10;

// Asks the application about a user who has logged in.
struct ApplicationQuery : Subrequest {
    Pending<HttpAnswer>* answer = nullptr;
};

void read_application_answer(ngx_http_request_t* sr, Subrequest& subrequest, ngx_int_t rc) {
    HttpAnswer answer;
    answer.status =
        static_cast<long>(rc >= NGX_HTTP_SPECIAL_RESPONSE ? static_cast<ngx_uint_t>(rc) : sr->headers_out.status);
    answer.body = std::move(subrequest.body);
    static_cast<ApplicationQuery&>(subrequest).answer->answer(std::move(answer));
}

void hand_over(void* data, HttpAnswer& answer) noexcept {
    static_cast<Pending<HttpAnswer>*>(data)->answer(std::move(answer));
}

void cancel_call(void* call) noexcept {
    http_cancel(static_cast<HttpCall*>(call));
}

}  // namespace

LoginRequest& LoginRequest::make(ngx_http_request_t* r, const LocationConf& conf, OidcZone& zone, oidc::Store& store,
                                 std::string query) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(LoginRequest));
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    auto* login = new (cleanup->data) LoginRequest(r, conf, zone, store, std::move(query));
    cleanup->handler = destroy;
    return *login;
}

LoginRequest::LoginRequest(ngx_http_request_t* request, const LocationConf& location, OidcZone& memory,
                           oidc::Store& records, std::string raw_query)
    : r(request),
      conf(location),
      zone(memory),
      store(records),
      config(config_in_force(*location.oidc.provider, memory)),
      query(std::move(raw_query)) {
    timer_.init(timer_fired, r->connection->log, this);
}

ngx_int_t LoginRequest::run(LoginRequest& login, Step first, Step out_of_memory) noexcept {
    login.out_of_memory_ = out_of_memory;
    login.in_handler_ = true;
    login.take_step(first);
    login.in_handler_ = false;
    if (login.finished_) {
        return login.rc_;
    }
    login.park();
    return NGX_DONE;
}

void LoginRequest::take_step(Step step) noexcept {
    const bool done = shielded(r->connection->log, false, [&] {
        step(*this);
        return true;
    });
    if (done || finished_) {
        return;
    }
    const bool answered = shielded(r->connection->log, false, [&] {
        out_of_memory_(*this);
        return true;
    });
    if (!answered && !finished_) {
        finish(NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
}

// The request waits for somebody other than its client. If the client goes away, the request ends.
void LoginRequest::park() noexcept {
    r->main->count++;
    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }
}

void LoginRequest::with_metadata(Step next, Step otherwise) {
    const auto obtain = [](LoginRequest& self) {
        return obtain_metadata(self.config, self.zone, self.documents.metadata);
    };
    document_wait_ = {obtain, next, otherwise};
    wait_for_document();
}

void LoginRequest::with_keys(Step next, Step otherwise) {
    const auto obtain = [](LoginRequest& self) {
        ProviderDocuments& known = self.documents;
        return obtain_keys(self.config, self.zone, known.metadata, known.keys_generation, known.keys);
    };
    document_wait_ = {obtain, next, otherwise};
    wait_for_document();
}

void LoginRequest::wait_for_document() {
    switch (document_wait_.obtain(*this)) {
    case DocumentStatus::ready:
        document_wait_.next(*this);
        return;
    case DocumentStatus::waiting:
        next_ = [](LoginRequest& self) { self.wait_for_document(); };
        ngx_add_timer(&timer_.event, poll_ms);
        return;
    case DocumentStatus::unavailable:
        document_wait_.otherwise(*this);
        return;
    }
}

void LoginRequest::timer_fired(ngx_event_t* event) noexcept {
    wake(&timer_owner<LoginRequest>(event));
}

// Called from the event loop, outside of nginx's handling of the request, which may be gone afterwards.
void LoginRequest::wake(void* data) noexcept {
    auto& login = *static_cast<LoginRequest*>(data);
    ngx_connection_t* c = login.r->connection;
    ngx_http_set_log_request(c->log, login.r);
    login.take_step(login.next_);
    ngx_http_run_posted_requests(c);
}

void LoginRequest::with_http_answer(const HttpRequest& request, Step next) {
    http.cancel();
    HttpCall* call = http_begin(request, hand_over, &http);
    if (call == nullptr) {
        throw std::bad_alloc();
    }
    http.ask(call, cancel_call);
    when_ready(http, next);
}

void LoginRequest::with_application_answer(Step next) {
    http.cancel();
    auto* subrequest = auth_gate::make<ApplicationQuery>(r->pool);
    subrequest->done = read_application_answer;
    subrequest->answer = &http;
    ngx_http_request_t* sr = begin_subrequest(r, provider().user_id.uri, *subrequest, NGX_HTTP_SUBREQUEST_WAITED);
    if (sr == nullptr) {
        throw std::bad_alloc();
    }
    if (!provider().user_id.by_get) {
        post_json(sr, oidc::application_query(answers.claims.get(), flow.invite));
    }
    next_ = next;
    r->write_event_handler = application_answered;
}

// nginx itself goes on with the request when its subrequest ends.
void LoginRequest::application_answered(ngx_http_request_t* r) noexcept {
    LoginRequest& login = *find(r);
    if (!login.http.is_ready()) {
        return;
    }
    r->write_event_handler = ngx_http_request_empty_handler;
    login.take_step(login.next_);
}

LoginRequest* LoginRequest::find(ngx_http_request_t* r) noexcept {
    const ngx_pool_cleanup_t* cleanup = r->pool->cleanup;
    while (cleanup != nullptr && cleanup->handler != destroy) {
        cleanup = cleanup->next;
    }
    return cleanup == nullptr ? nullptr : static_cast<LoginRequest*>(cleanup->data);
}

void LoginRequest::redirect(std::string_view address) {
    add_response_header(r, "Location", address);
    answer(NGX_HTTP_MOVED_TEMPORARILY, "");
}

void LoginRequest::answer(ngx_uint_t status, std::string_view json) {
    finish(json.empty() ? send_text(r, status, "", "") : send_json(r, status, json));
}

void LoginRequest::finish(ngx_int_t rc) noexcept {
    finished_ = true;
    rc_ = rc;
    if (!in_handler_) {
        ngx_http_finalize_request(r, rc);  // may destroy this object
    }
}

void LoginRequest::destroy(void* data) noexcept {
    static_cast<LoginRequest*>(data)->~LoginRequest();
}

LoginRequest::~LoginRequest() {
    if (timer_.event.timer_set) {
        ngx_del_timer(&timer_.event);
    }
    for (std::string* secret : {&query, &config.values.client_secret, &flow.nonce, &flow.verifier, &answers.id_token,
                                &answers.access_token, &one_time_code, &jwt}) {
        wipe(*secret);
    }
}

void LoginRequest::log(ngx_uint_t level, std::string_view what, std::string_view why) const noexcept {
    ngx_str_t what_text = borrowed(what);
    ngx_str_t why_text = borrowed(why);
    ngx_log_error(level, r->connection->log, 0, "auth_gate: OpenID login with \"%s\" failed: %V: %V",
                  provider().name.c_str(), &what_text, &why_text);
}

void LoginRequest::note(ngx_uint_t level, std::string_view what) const noexcept {
    ngx_str_t text = borrowed(what);
    ngx_log_error(level, r->connection->log, 0, "auth_gate: OpenID login with \"%s\": %V", provider().name.c_str(),
                  &text);
}

std::string LoginRequest::redirect_uri() const {
    return provider().app_url + oidc_path(*core_conf(r)) + "/callback";
}

}  // namespace auth_gate
