#include "nginx/gate/canonical_path.hpp"

#include "nginx/gate/redaction.hpp"
#include "nginx/gate/request_state.hpp"

#include "core/http/path.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

std::string_view raw_path(ngx_http_request_t* r) noexcept {
    const std::string_view uri = view(r->unparsed_uri);
    return uri.substr(0, uri.find('?'));
}

bool note_path(ngx_http_request_t* r) {
    const std::string_view raw = raw_path(r);
    // An empty segment is left where the server that read the request line merges no slashes.
    const bool ambiguous = path::is_ambiguous(raw) || path::has_empty_segment(view(r->uri));
    const bool roundabout = (r->complex_uri || r->quoted_uri) && !path::reads_as(raw, view(r->uri));
    if (ambiguous || roundabout) {
        obtain_state(r).path = {
            .as_sent = borrowed(raw),
            .canonical = roundabout ? copy(r->pool, path::escape(view(r->uri))) : borrowed(raw),
            .ambiguous = ambiguous,
        };
    }
    return ambiguous || roundabout;
}

// To most applications /API/auth/mfa/disable/ is /api/auth/mfa/disable. Every form of an endpoint's path leads to its
// location, unless that form has a location of its own.
bool find_endpoint(ngx_http_request_t* r) {
    const ServerConf& server = *server_conf(r);
    if (server.endpoints == nullptr) {
        return false;
    }
    for (const std::string& endpoint : *server.endpoints) {
        if (view(r->uri) == endpoint) {
            return false;
        }
        if (path::same(view(r->uri), endpoint)) {
            if (std::find(server.literals->begin(), server.literals->end(), view(r->uri)) != server.literals->end()) {
                return false;
            }
            r->uri = copy(r->pool, endpoint);
            SentPath& path = obtain_state(r).path;
            if (path.as_sent.len == 0) {
                path.as_sent = borrowed(raw_path(r));
            }
            path.canonical = r->uri;
            return true;
        }
    }
    return false;
}

// The query of the raw URL, as nginx delimits it: a server's rewrite may have changed $args.
std::string_view raw_query(ngx_http_request_t* r) noexcept {
    const std::string_view uri = view(r->unparsed_uri);
    const std::size_t mark = std::min(uri.find_first_of("?#"), uri.size());
    const std::string_view rest = uri.substr(mark);
    return rest.starts_with('?') ? rest.substr(1, rest.find('#') - 1) : std::string_view();
}

void use_form(ngx_http_request_t* r, std::string_view form) {
    if (form == raw_path(r)) {
        return;
    }
    set_unparsed_uri(r, form, raw_query(r));
    // A variable of the server may have kept the other form.
    const ngx_int_t index = main_conf(r)->request_uri_index;
    if (index != NGX_ERROR) {
        r->variables[index].valid = 0;
        r->variables[index].not_found = 0;
    }
}

void use_wanted_form(ngx_http_request_t* r) {
    const RequestState* state = find_state(r);
    if (state == nullptr || state->path.as_sent.len == 0) {
        return;
    }
    const bool as_sent = location_conf(r)->gate.path_as_sent == 1;
    use_form(r, view(as_sent ? state->path.as_sent : state->path.canonical));
}

}  // namespace

void canonicalise_path(ngx_http_request_t* r) {
    const bool is_noted = note_path(r);
    if (find_endpoint(r) || is_noted) {
        use_wanted_form(r);
    }
}

ngx_int_t use_path_of_location(ngx_http_request_t* r) noexcept {
    if (server_conf(r)->gated != 1 || r != r->main) {
        return NGX_DECLINED;
    }
    return shielded(r->connection->log, ngx_int_t{NGX_HTTP_SERVICE_UNAVAILABLE}, [&]() -> ngx_int_t {
        use_wanted_form(r);
        return NGX_DECLINED;
    });
}

ngx_int_t prepare_paths(ngx_conf_t* cf) noexcept {
    MainConf& main = *main_conf(cf);
    if (!main.some_paths_as_sent) {
        return NGX_OK;
    }
    ngx_str_t name = borrowed("request_uri");
    main.request_uri_index = ngx_http_get_variable_index(cf, &name);
    return main.request_uri_index == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

Outcome check_path(ngx_http_request_t* r, const LocationConf& conf, RequestState& state) {
    if (!refuses_path(conf, state)) {
        return Outcome::go_on();
    }
    log_refusal(r, path_refusal);
    return Outcome::refuse(Refusal::bad_path);
}

bool refuses_path(const LocationConf& conf, const RequestState& state) noexcept {
    return state.path.ambiguous && conf.gate.path_as_sent != 1;
}

}  // namespace auth_gate
