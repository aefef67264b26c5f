// The module's entry points: phases, filters, processes.

#include "nginx/client/http_client.hpp"
#include "nginx/conf/conf.hpp"
#include "nginx/conf/directives.hpp"
#include "nginx/gate/access.hpp"
#include "nginx/gate/admit.hpp"
#include "nginx/gate/canonical_path.hpp"
#include "nginx/gate/cors.hpp"
#include "nginx/gate/held_refusals.hpp"
#include "nginx/gate/prepare.hpp"
#include "nginx/gate/refusal_filter.hpp"
#include "nginx/gate/shared_cache.hpp"
#include "nginx/gate/subrequests.hpp"
#include "nginx/gate/variables.hpp"
#include "nginx/mfa/after_success.hpp"
#include "nginx/mfa/extend_filter.hpp"
#include "nginx/mfa/open_sockets.hpp"
#include "nginx/mfa/settings_endpoints.hpp"
#include "nginx/ngx/request_variables.hpp"
#include "nginx/ngx/subrequest.hpp"
#include "nginx/oidc/handlers.hpp"
#include "nginx/oidc/settings_endpoint.hpp"
#include "nginx/redis/store.hpp"
#include "nginx/state/maintenance.hpp"
#include "nginx/state/state_write.hpp"
#include "nginx/state/watch.hpp"
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
    if (check_conf(cf) != NGX_OK || prepare_paths(cf) != NGX_OK || guard_caches(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    if (main_conf(cf)->some_paths_as_sent && !add_handler(cf, NGX_HTTP_REWRITE_PHASE, use_path_of_location)) {
        return NGX_ERROR;
    }
    if (main_conf(cf)->has_gate()) {
        keep_variables_fresh(cf);
    }
    const bool has_oidc = main_conf(cf)->oidc != nullptr;
    // nginx runs the handlers of a phase in the reverse order.
    if (!add_handler(cf, NGX_HTTP_SERVER_REWRITE_PHASE, prepare_request) ||
        !add_handler(cf, NGX_HTTP_SERVER_REWRITE_PHASE, note_path_of_subrequest) ||
        !add_handler(cf, NGX_HTTP_REWRITE_PHASE, extract_url_token) ||
        !add_handler(cf, NGX_HTTP_REWRITE_PHASE, prepare_late_request) ||
        !add_handler(cf, NGX_HTTP_ACCESS_PHASE, access_handler) ||
        !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, settings_handler) ||
        (has_oidc && !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, oidc_settings_handler)) ||
        !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, answer_preflight) ||
        !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, accept_other_module) ||
        !add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, decide_subrequest)) {
        return NGX_ERROR;
    }
    install_refusal_filters();
    install_subrequest_filter();
    // nginx runs filters in the reverse order of their installation.
    install_extend_filters();
    install_after_success_filter();
    install_cache_filter();  // before one holds the header back
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
        start_store();
        start_maintenance(cycle);
        start_watching(cycle);
        start_holding(cycle);
        start_state_watch(cycle);
    }
    return NGX_OK;
}

void exit_process(ngx_cycle_t*) noexcept {
    stop_store();
    stop_http_client();
    stop_state_writes();
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
