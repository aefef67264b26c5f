#include "nginx/token/directives.hpp"

#include "nginx/token/issue.hpp"

#include <algorithm>
#include <utility>

namespace auth_gate {

namespace {

constexpr std::uint64_t longest_lifetime_ms = 3'600'000;

}  // namespace

char* set_purpose(ngx_conf_t* cf, void* conf) {
    auto& main = *static_cast<MainConf*>(conf);
    const std::span<ngx_str_t> args = arguments(cf);
    const std::string_view name = view(args[0]);
    if (!is_name(name)) {
        return invalid(cf, args[0], name_form);
    }

    std::uint64_t ttl = 0;
    std::uint64_t lease = 0;
    for (ngx_str_t& argument : args.subspan(1)) {
        std::uint64_t* target = nullptr;
        std::optional<std::string_view> text;
        if ((text = option(argument, "ttl"))) {
            target = &ttl;
        } else if ((text = option(argument, "lease"))) {
            target = &lease;
        }
        const auto ms = text && *target == 0 ? milliseconds(*text) : std::nullopt;
        if (!ms || *ms > longest_lifetime_ms) {
            return invalid(cf, argument, "ttl=time or lease=time of at most 1h, each once");
        }
        *target = *ms;
    }
    if (ttl == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_purpose %V\" must have \"ttl=time\"", &args[0]);
        return failed;
    }

    Purpose* purpose = main.find_purpose(name);
    if (purpose != nullptr && purpose->declared) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_purpose %V\" is duplicate", &args[0]);
        return failed;
    }
    if (purpose == nullptr) {
        const std::uint32_t id = purpose_id(name);
        if (const Purpose* other = std::as_const(main).find_purpose(id)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"auth_gate_purpose %V\" has the same hash as \"%s\", rename one of them", &args[0],
                               other->name.c_str());
            return failed;
        }
        main.purposes->push_back({std::string(name), id, 0, 0, false, false, false});
        purpose = &main.purposes->back();
    }
    purpose->ttl_ms = ttl;
    purpose->lease_ms = lease;
    purpose->declared = true;
    return NGX_CONF_OK;
}

char* set_issue(ngx_conf_t* cf, void* conf) {
    auto& location = *static_cast<LocationConf*>(conf);
    if (location.token.issue_purposes != nullptr) {
        return duplicate();
    }
    for (ngx_str_t& argument : arguments(cf)) {
        if (view(argument).find('=') != std::string_view::npos) {
            if (view(argument) != "check=identity" || std::exchange(location.token.checks_identity, true)) {
                return invalid(cf, argument, "purposes and check=identity, once");
            }
        } else if (!add_names(cf, view(argument), location.token.issue_purposes)) {
            return invalid(cf, argument, "a purpose");
        }
    }
    location.token.issue_place = place(cf);
    set_content_handler(cf, location, issue_handler);
    return NGX_CONF_OK;
}

}  // namespace auth_gate
    if (location.token.issue_purposes == nullptr) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"auth_gate_issue\" must have a purpose");
        return failed;
    }
