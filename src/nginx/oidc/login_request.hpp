// A request of a login, from the handler to its answer: what it waits for, and how it ends. Steps are functions; one
// that waits names the next and returns.
#pragma once

#include "nginx/conf/conf.hpp"
#include "nginx/ngx/timer.hpp"
#include "nginx/oidc/documents.hpp"

#include "core/oidc/error.hpp"
#include "core/oidc/jwks.hpp"
#include "core/oidc/login.hpp"

#include <string>

namespace auth_gate {

class OidcRequest {
public:
    using Step = void (*)(OidcRequest& login);

    // In the request's pool. Throws bad_alloc.
    static OidcRequest& make(ngx_http_request_t* r, const LocationConf& conf, OidcZone& zone, std::string query);

    OidcRequest(const OidcRequest&) = delete;
    OidcRequest& operator=(const OidcRequest&) = delete;

    // For the content handler: takes the first step, and all that need not wait. `otherwise` is taken where a step
    // runs out of memory.
    static ngx_int_t run(OidcRequest& login, Step first, Step otherwise) noexcept;

    // Each takes `next` later, when there is what it is about. Throw bad_alloc.
    void with_metadata(Step next, Step otherwise);
    void with_keys(Step next, Step otherwise);  // of another generation than keys_generation, where that is not 0
    void with_answer(HttpRequest& request, Step next);
    void with_application(std::string_view question, Step next);

    // How a request ends.
    void redirect(std::string_view url);
    void answer(ngx_uint_t status, std::string_view json);

    // One line for the operator; nothing secret. `level` is NGX_LOG_INFO for what a client did.
    void log(ngx_uint_t level, std::string_view what, std::string_view why) const noexcept;

    const OidcProvider& provider() const noexcept { return *config.provider; }

    ngx_http_request_t* const r;
    const LocationConf& conf;
    OidcZone& zone;
    OidcConfig config;
    std::string query;  // as it came; as secret as what is in it

    oidc::Metadata metadata;
    oidc::KeySet keys;
    std::uint32_t keys_generation = 0;  // of `keys`; 0: there are none yet
    bool keys_renewed = false;
    HttpAnswer http;          // of with_answer() and with_application()
    oidc::Flow flow;          // of a callback
    std::string flow_cookie;  // its name; empty: there is no flow
    std::string id_token;
    std::string access_token;
    json::Value claims;
    bool mfa = false;

private:
    OidcRequest(ngx_http_request_t* r, const LocationConf& conf, OidcZone& zone, std::string query);
    ~OidcRequest();

    static void destroy(void* data) noexcept;
    static OidcRequest* find(ngx_http_request_t* r) noexcept;
    static void application_answered(ngx_http_request_t* r) noexcept;

    void wait_for_documents(Step next, Step otherwise);
    void proceed(Step step) noexcept;
    void finish(ngx_int_t rc) noexcept;
    void park() noexcept;

    static void answered(void* data, HttpAnswer& answer) noexcept;
    static void timer_fired(ngx_event_t* event) noexcept;

    enum class Wanted : std::uint8_t { metadata, keys };

    Wanted wanted_ = Wanted::metadata;
    Step next_ = nullptr;
    Step otherwise_ = nullptr;
    Step out_of_memory_ = nullptr;
    HttpCall* call_ = nullptr;
    Timer timer_;
    struct Question* question_ = nullptr;
    bool in_handler_ = false;
    bool finished_ = false;
    ngx_int_t rc_ = NGX_DONE;
};

}  // namespace auth_gate
