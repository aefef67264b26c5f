#include "nginx/oidc/login_request.hpp"

#include "nginx/gate/reply.hpp"
#include "nginx/ngx/headers.hpp"
#include "nginx/ngx/pool_object.hpp"
#include "nginx/ngx/subrequest.hpp"
#include "nginx/oidc/zone.hpp"

#include "core/base/crypto.hpp"

namespace auth_gate {

namespace {

constexpr ngx_msec_t poll_ms = 10;

// From outside of nginx's own handling of the request, which may be gone behind it.
template <typename F>
void resume(ngx_http_request_t* r, F&& f) noexcept {
    ngx_connection_t* c = r->connection;
    ngx_http_set_log_request(c->log, r);
    f();
    ngx_http_run_posted_requests(c);
}

}  // namespace

// The application is asked about somebody who has logged in.
struct Question : Subrequest {
    HttpAnswer answer;
};

OidcRequest& OidcRequest::make(ngx_http_request_t* r, const LocationConf& conf, OidcZone& zone, std::string query) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(OidcRequest));
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    auto* login = new (cleanup->data) OidcRequest(r, conf, zone, std::move(query));
    cleanup->handler = destroy;
    return *login;
}

void OidcRequest::destroy(void* data) noexcept {
    static_cast<OidcRequest*>(data)->~OidcRequest();
}

OidcRequest* OidcRequest::find(ngx_http_request_t* r) noexcept {
    ngx_pool_cleanup_t* cleanup = r->pool->cleanup;
    while (cleanup->handler != destroy) {
        cleanup = cleanup->next;
    }
    return static_cast<OidcRequest*>(cleanup->data);
}

OidcRequest::OidcRequest(ngx_http_request_t* request, const LocationConf& location, OidcZone& memory,
                         std::string raw_query)
    : r(request),
      conf(location),
      zone(memory),
      config(config_in_force(*location.oidc.provider, memory)),
      query(std::move(raw_query)) {
    timer_.init(timer_fired, r->connection->log, this);
}

OidcRequest::~OidcRequest() {
    if (call_ != nullptr) {
        http_cancel(call_);
    }
    if (timer_.event.timer_set) {
        ngx_del_timer(&timer_.event);
    }
    for (std::string* secret :
         {&query, &id_token, &access_token, &flow.nonce, &flow.verifier, &config.values.client_secret, &http.body}) {
        wipe(*secret);
    }
}

ngx_int_t OidcRequest::run(OidcRequest& login, Step first, Step otherwise) noexcept {
    login.out_of_memory_ = otherwise;
    login.in_handler_ = true;
    login.proceed(first);
    login.in_handler_ = false;
    if (login.finished_) {
        return login.rc_;
    }
    login.park();
    return NGX_DONE;
}

// The request waits for something that is not its client's; a client that goes away takes it along.
void OidcRequest::park() noexcept {
    r->main->count++;
    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }
}

void OidcRequest::proceed(Step step) noexcept {
    const bool done = shielded(r->connection->log, false, [&] {
        step(*this);
        return true;
    });
    if (!done && !finished_) {
        // What it takes to say so may be had, or not.
        const bool said = shielded(r->connection->log, false, [&] {
            out_of_memory_(*this);
            return true;
        });
        if (!said && !finished_) {
            finish(NGX_HTTP_INTERNAL_SERVER_ERROR);
        }
    }
}

void OidcRequest::finish(ngx_int_t rc) noexcept {
    finished_ = true;
    rc_ = rc;
    if (!in_handler_) {
        ngx_http_finalize_request(r, rc);  // and with that, perhaps, this object
    }
}

void OidcRequest::with_metadata(Step next, Step otherwise) {
    wanted_ = Wanted::metadata;
    wait_for_documents(next, otherwise);
}

void OidcRequest::with_keys(Step next, Step otherwise) {
    wanted_ = Wanted::keys;
    wait_for_documents(next, otherwise);
}

void OidcRequest::wait_for_documents(Step next, Step otherwise) {
    next_ = next;
    otherwise_ = otherwise;
    const DocumentStatus status = wanted_ == Wanted::metadata
                                      ? obtain_metadata(config, zone, metadata)
                                      : obtain_keys(config, zone, metadata, keys_generation, keys);
    switch (status) {
    case DocumentStatus::ready:
        next(*this);
        return;
    case DocumentStatus::waiting:
        ngx_add_timer(&timer_.event, poll_ms);
        return;
    case DocumentStatus::unavailable:
        otherwise(*this);
        return;
    }
}

void OidcRequest::timer_fired(ngx_event_t* event) noexcept {
    auto& login = timer_owner<OidcRequest>(event);
    resume(login.r,
           [&] { login.proceed([](OidcRequest& self) { self.wait_for_documents(self.next_, self.otherwise_); }); });
}

void OidcRequest::with_answer(HttpRequest& request, Step next) {
    next_ = next;
    call_ = http_begin(request, answered, this);
    if (call_ == nullptr) {
        throw std::bad_alloc();
    }
}

void OidcRequest::answered(void* data, HttpAnswer& answer) noexcept {
    auto& login = *static_cast<OidcRequest*>(data);
    login.call_ = nullptr;
    wipe(login.http.body);
    login.http = std::move(answer);
    resume(login.r, [&] { login.proceed(login.next_); });
}

void OidcRequest::with_application(std::string_view question, Step next) {
    next_ = next;
    question_ = auth_gate::make<Question>(r->pool);
    question_->done = [](ngx_http_request_t* sr, Subrequest& self, ngx_int_t rc) {
        auto& asked = static_cast<Question&>(self);
        const auto status = rc >= NGX_HTTP_SPECIAL_RESPONSE ? static_cast<ngx_uint_t>(rc) : sr->headers_out.status;
        asked.answer.status = static_cast<long>(status);
        asked.answer.body = std::move(self.body);
    };
    ngx_http_request_t* sr = begin_subrequest(r, provider().user_uri, *question_, NGX_HTTP_SUBREQUEST_WAITED);
    if (sr == nullptr) {
        throw std::bad_alloc();
    }
    post_json(sr, question);
    r->write_event_handler = application_answered;
}

void OidcRequest::application_answered(ngx_http_request_t* r) noexcept {
    OidcRequest& login = *find(r);
    if (!login.question_->answered) {
        return;
    }
    r->write_event_handler = ngx_http_request_empty_handler;
    login.http = std::move(login.question_->answer);
    login.proceed(login.next_);
}

void OidcRequest::redirect(std::string_view address) {
    add_response_header(r, "Location", address);
    answer(NGX_HTTP_MOVED_TEMPORARILY, "");
}

void OidcRequest::answer(ngx_uint_t status, std::string_view json) {
    finish(json.empty() ? send_text(r, status, "", "") : send_json(r, status, json));
}

void OidcRequest::log(ngx_uint_t level, std::string_view what, std::string_view why) const noexcept {
    ngx_str_t what_text = borrowed(what);
    ngx_str_t why_text = borrowed(why);
    ngx_log_error(level, r->connection->log, 0, "auth_gate: OpenID login with \"%s\" failed: %V: %V",
                  provider().name.c_str(), &what_text, &why_text);
}

}  // namespace auth_gate
