#include "nginx/state/directives.hpp"

#include "nginx/state/status.hpp"
#include "nginx/state/zone.hpp"

namespace auth_gate {

namespace {

constexpr std::uint32_t default_tokens = 10'000;

}  // namespace

char* set_zone(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    if (main.zone != nullptr) {
        return duplicate();
    }

    ngx_str_t name = ngx_null_string;
    ssize_t size = 0;
    std::uint32_t tokens = 0;
    std::uint32_t per_user = 0;

    for (ngx_str_t& argument : arguments(cf)) {
        if (const auto zone = option(argument, "zone"); zone && name.len == 0) {
            const std::size_t colon = zone->rfind(':');
            if (colon == 0 || colon == std::string_view::npos) {
                return invalid(cf, argument, "zone=name:size");
            }
            name = borrowed(zone->substr(0, colon));
            ngx_str_t size_text = borrowed(zone->substr(colon + 1));
            size = ngx_parse_size(&size_text);
            if (size == NGX_ERROR) {
                return invalid(cf, argument, "zone=name:size with a size such as 4m");
            }
        } else if (const auto count = option(argument, "tokens"); count && positive(*count) && tokens == 0) {
            tokens = *positive(*count);
        } else if (const auto share = option(argument, "per_user"); share && positive(*share) && per_user == 0) {
            per_user = *positive(*share);
        } else {
            return invalid(cf, argument, "zone=name:size, tokens=number or per_user=number, each once");
        }
    }
    if (name.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_zone\" must have \"zone=name:size\"");
        return failed;
    }
    main.zone = Zone::add(cf, name, static_cast<std::size_t>(size), tokens == 0 ? default_tokens : tokens, per_user);
    if (main.zone == nullptr) {
        return failed;
    }
    main.tokens = &main.zone->tokens();
    return NGX_CONF_OK;
}

char* set_state_path(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    if (main.state_path.len != 0) {
        return duplicate();
    }
    ngx_str_t path = arguments(cf)[0];
    if (path.len == 0) {
        return invalid(cf, path, "a directory");
    }
    if (ngx_conf_full_name(cf->cycle, &path, 0) != NGX_OK) {
        return failed;
    }
    main.state_path = path;

    // nginx creates the directory for the workers' user, as it does for its temporary paths.
    auto* registered = static_cast<ngx_path_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_path_t)));
    if (registered == nullptr) {
        return failed;
    }
    registered->name = path;
    registered->conf_file = cf->conf_file->file.name.data;
    registered->line = cf->conf_file->line;
    return ngx_add_path(cf, &registered) == NGX_OK ? NGX_CONF_OK : failed;
}

char* set_status(ngx_conf_t* cf, void* conf) {
    const std::span<ngx_str_t> args = arguments(cf);
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.content_handler == status_json_handler || location.content_handler == status_prometheus_handler) {
        return duplicate();
    }
    ngx_str_set(&main_conf(cf)->zone_wanted_by, "auth_gate_status");
    if (args.empty() || view(args[0]) == "json") {
        set_content_handler(cf, location, status_json_handler);
    } else if (view(args[0]) == "prometheus") {
        set_content_handler(cf, location, status_prometheus_handler);
    } else {
        return invalid(cf, args[0], "\"json\" or \"prometheus\"");
    }
    return NGX_CONF_OK;
}

}  // namespace auth_gate
