// A request to one of the login endpoints, from the handler to its answer: what it waits for, and how it ends.
//
// Steps are functions. A step that has to wait names the next step and returns.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/oidc/documents.hpp"

#include "core/base/pending.hpp"
#include "core/identity/user_id.hpp"
#include "core/oidc/jwks.hpp"
#include "core/oidc/login.hpp"
#include "core/oidc/store.hpp"

#include <string>

namespace auth_gate {

// What the provider publishes, as far as this request needed it.
struct ProviderDocuments {
    oidc::Metadata metadata;
    oidc::KeySet keys;
    std::uint32_t keys_generation = 0;  // of `keys`; 0: there are none yet
    bool keys_renewed = false;          // fetched once more for this request
};

// What the provider said about the user.
struct ProviderAnswers {
    std::string id_token;
    std::string access_token;
    json::Value claims;
    bool are_complete = false;      // the claims, with those of userinfo
    bool claims_were_read = false;  // by a variable since then
    std::string lacked_claim;       // one that the application's location has asked for in vain
    UserId user;                    // in the application
    bool mfa = false;               // the provider saw a second factor and is trusted to say so
    std::string session_claims;     // for the JWT of the session: see oidc::SessionClaims::of()
};

class LoginRequest {
public:
    using Step = void (*)(LoginRequest& login);

    // In the request's pool. Throws bad_alloc.
    static LoginRequest& make(ngx_http_request_t* r, const LocationConf& conf, OidcZone& zone, oidc::Store& store,
                              std::string query);

    LoginRequest(const LoginRequest&) = delete;
    LoginRequest& operator=(const LoginRequest&) = delete;

    // For the content handler: takes the first step and all that follow without waiting. A step that runs out of memory
    // is followed by `out_of_memory`.
    static ngx_int_t run(LoginRequest& login, Step first, Step out_of_memory) noexcept;

    // The one that this request, or the one around it, belongs to. Null: it is no such request.
    static LoginRequest* find(ngx_http_request_t* r) noexcept;

    // Each takes `next` when the answer is there, which may be at once. All throw bad_alloc.
    void with_metadata(Step next, Step otherwise);
    void with_keys(Step next, Step otherwise);  // newer keys than keys_generation, unless that is 0
    void with_http_answer(const HttpRequest& request, Step next);
    void with_application_answer(Step next);  // to the verified claims

    template <typename T>
    void when_ready(Pending<T>& answer, Step next) {
        if (answer.is_ready()) {
            next(*this);
            return;
        }
        next_ = next;
        answer.on_ready(this, wake);
    }

    // How a request ends.
    void redirect(std::string_view url);
    void answer(ngx_uint_t status, std::string_view json);

    // One line for the operator, without secrets. NGX_LOG_INFO for what a client did.
    void log(ngx_uint_t level, std::string_view what, std::string_view why) const noexcept;

    // The same, for what does not fail the login.
    void note(ngx_uint_t level, std::string_view what) const noexcept;

    const OidcProvider& provider() const noexcept { return *config.provider; }

    // Where the provider sends the browser back to: from the configuration alone, never from the request.
    std::string redirect_uri() const;

    ngx_http_request_t* const r;
    const LocationConf& conf;
    OidcZone& zone;
    oidc::Store& store;
    OidcConfig config;
    std::string query;  // as the client sent it, with its secrets

    // Answers; a step that asks again empties its own first.
    Pending<HttpAnswer> http;  // of the provider or the application
    Pending<oidc::Record> record;
    Pending<bool> kept;

    ProviderDocuments documents;
    oidc::FlowSecrets secrets;  // of a login that begins
    oidc::Flow flow;            // of a callback
    std::string flow_cookie;    // the name of the flow's cookie; empty: there is no flow
    ProviderAnswers answers;
    std::string one_time_code;
    std::string jwt;  // of the session

private:
    LoginRequest(ngx_http_request_t* r, const LocationConf& conf, OidcZone& zone, oidc::Store& store,
                 std::string query);
    ~LoginRequest();

    static void destroy(void* data) noexcept;

    static void wake(void* login) noexcept;
    static void timer_fired(ngx_event_t* event) noexcept;
    static void application_answered(ngx_http_request_t* r) noexcept;

    void take_step(Step step) noexcept;
    void wait_for_document();
    void park() noexcept;
    void finish(ngx_int_t rc) noexcept;

    // Documents are waited for by looking again: another worker may be the one that fetches them.
    struct DocumentWait {
        DocumentStatus (*obtain)(LoginRequest& login) = nullptr;
        Step next = nullptr;
        Step otherwise = nullptr;
    };

    Step next_ = nullptr;  // when something wakes the request
    Step out_of_memory_ = nullptr;
    DocumentWait document_wait_;
    Timer timer_;
    bool in_handler_ = false;
    bool finished_ = false;
    ngx_int_t rc_ = NGX_DONE;
};

}  // namespace auth_gate
