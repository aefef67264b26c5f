// The module's entry points: phases, filters, processes.

#include "nginx/client/http_client.hpp"
#include "nginx/conf/conf.hpp"
#include "nginx/conf/directives.hpp"
#include "nginx/gate/access.hpp"
#include "nginx/gate/admit.hpp"
#include "nginx/gate/canonical_path.hpp"
#include "nginx/gate/http09.hpp"
#include "nginx/gate/redaction.hpp"
#include "nginx/gate/refusal_filter.hpp"
#include "nginx/gate/variables.hpp"
#include "nginx/mfa/after_success.hpp"
#include "nginx/mfa/extend_filter.hpp"
#include "nginx/mfa/open_sockets.hpp"
#include "nginx/mfa/settings_endpoints.hpp"
#include "nginx/ngx/subrequest.hpp"
#include "nginx/oidc/handlers.hpp"
#include "nginx/oidc/settings_endpoint.hpp"
#include "nginx/state/maintenance.hpp"
#include "nginx/token/url_token.hpp"

#include "version.hpp"

namespace auth_gate {

namespace {

bool add_handler(ngx_conf_t* cf, ngx_http_phases phase, ngx_http_handler_pt handler) noexcept {
    auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto* slot = static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[phase].handlers));
    if (slot != nullptr) {
        *slot = handler;
    }
    return slot != nullptr;
}

ngx_int_t postconfiguration(ngx_conf_t* cf) noexcept {
    if (check_conf(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    // nginx runs the handlers of a phase in the reverse order: first of all, what it logs of a request is redacted.
    if (!add_handler(cf, NGX_HTTP_SERVER_REWRITE_PHASE, canonicalise_path) ||
        !add_handler(cf, NGX_HTTP_SERVER_REWRITE_PHASE, refuse_http09) ||
        !add_handler(cf, NGX_HTTP_SERVER_REWRITE_PHASE, redact_request) ||
        !add_handler(cf, NGX_HTTP_SERVER_REWRITE_PHASE, oidc_query_handler) ||
        !add_handler(cf, NGX_HTTP_REWRITE_PHASE, extract_url_token) ||
        !add_handler(cf, NGX_HTTP_ACCESS_PHASE, access_handler) ||
        !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, settings_handler) ||
        !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, oidc_settings_handler) ||
        !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, accept_other_module) ||
        !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, refuse_unadmitted_subrequest)) {
        return NGX_ERROR;
    }
    install_refusal_filters();
    install_subrequest_filter();
    // nginx runs filters in the reverse order of their installation. after_success goes first: a commit that fails
    // makes a refusal of the application's success, so nothing may be extended, written or sent before.
    install_extend_filters();
    install_after_success_filter();
    return NGX_OK;
}

ngx_int_t init_module(ngx_cycle_t* cycle) noexcept {
    if (!ngx_test_config) {
        ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0, "auth_gate: version %s", version);
    }
    return NGX_OK;
}

ngx_int_t init_process(ngx_cycle_t* cycle) noexcept {
    if (ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE) {
        start_maintenance(cycle);
        start_watching(cycle);
    }
    return NGX_OK;
}

void exit_process(ngx_cycle_t*) noexcept {
    stop_http_client();
}

ngx_http_module_t context = {
    add_variables,      postconfiguration, create_main_conf,     init_main_conf,
    create_server_conf, merge_server_conf, create_location_conf, merge_location_conf,
};

}  // namespace

}  // namespace auth_gate

ngx_module_t ngx_http_auth_gate_module = {
    NGX_MODULE_V1,
    &auth_gate::context,
    auth_gate::directives.data(),
    NGX_HTTP_MODULE,
    nullptr,  // init master
    auth_gate::init_module,
    auth_gate::init_process,
    nullptr,  // init thread
    nullptr,  // exit thread
    auth_gate::exit_process,
    nullptr,  // exit master
    NGX_MODULE_V1_PADDING,
};
