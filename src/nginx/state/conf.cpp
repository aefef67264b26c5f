#include "nginx/state/conf.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

ngx_int_t check_state(ngx_conf_t* cf, MainConf& main) {
    if (main.zone_wanted_by.len != 0 && main.zone == nullptr) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"%V\" needs \"auth_gate_zone\"", &main.zone_wanted_by);
        return NGX_ERROR;
    }
    if (main.state_wanted_by.len == 0) {
        return NGX_OK;
    }
    if (main.state_path.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "\"%V\" needs \"auth_gate_state_path\" to keep its settings",
                      &main.state_wanted_by);
        return NGX_ERROR;
    }
    main.zone->set_state_path(main.state_path);
    return NGX_OK;
}

}  // namespace auth_gate
