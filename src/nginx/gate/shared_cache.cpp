#include "nginx/gate/shared_cache.hpp"

#include "nginx/gate/request_state.hpp"
#include "nginx/ngx/subrequest.hpp"

namespace auth_gate {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

// Its key let it in, or let in the subrequest by which auth_request asked.
bool is_opaque(ngx_http_request_t* r, const RequestState* state) noexcept {
    bool found = state != nullptr && state->admission == Admission::opaque;
    each_state(
        r, [&](const RequestState& other) { found |= other.before_answer && other.admission == Admission::opaque; });
    return found;
}

// Whether the answer may be meant for the user of this request alone. Whoever another module let in (`satisfy any`) is
// somebody, too. The gate's lookups have a cache of their own.
bool is_private(ngx_http_request_t* r) noexcept {
    if (is_inside_lookup(r)) {
        return true;
    }
    const RequestState* state = find_state(r);
    if (is_opaque(r, state)) {
        return true;  // nobody has checked the key yet, and users' answers are for users
    }
    if (location_conf(r)->gate.cache_shared == 1) {
        return false;
    }
    bool found = state != nullptr && (state->has_user() || state->admission == Admission::other_module);
    // auth_request let the main request in.
    each_state(r, [&](const RequestState& other) { found |= other.before_answer && other.has_user(); });
    return found;
}

void keep_out(ngx_http_upstream_t& upstream) noexcept {
    upstream.cacheable = 0;
    upstream.store = 0;
}

ngx_int_t header_filter(ngx_http_request_t* r) noexcept {
    ngx_http_upstream_t* upstream = r->upstream;
    if (upstream != nullptr && (upstream->cacheable || upstream->store) && is_private(r)) {
        keep_out(*upstream);
    }
    return next_header_filter(r);
}

#if (NGX_HTTP_CACHE)

// The predicate, as nginx's script engine runs it. nginx evaluates cache_bypass before it asks the upstream, so that
// from here on the request is handled as without a cache: with its own Range and If-Modified-Since.
std::size_t predicate_length(ngx_http_script_engine_t* e) noexcept {
    e->ip += sizeof(ngx_http_script_len_code_pt);
    if (!is_private(e->request)) {
        return 0;
    }
    keep_out(*e->request->upstream);
    e->request->upstream->method = {};  // nginx has made GET of HEAD, to store the answer
    return 1;
}

void predicate_text(ngx_http_script_engine_t* e) noexcept {
    e->ip += sizeof(ngx_http_script_code_pt);
    if (e->buf.len != 0) {
        *e->pos++ = '1';
    }
}

struct Codes {
    ngx_http_script_len_code_pt length[2] = {predicate_length, nullptr};
    ngx_http_script_code_pt text[2] = {predicate_text, nullptr};
};

constinit Codes codes;

struct CachingModule {
    std::string_view name;
    std::string_view upstream_name;  // in its ngx_http_upstream_conf_t
};

constexpr CachingModule caching_modules[] = {
    {"ngx_http_proxy_module", "proxy"},
    {"ngx_http_fastcgi_module", "fastcgi"},
    {"ngx_http_uwsgi_module", "uwsgi"},
    {"ngx_http_scgi_module", "scgi"},
};

// Null where nginx was built without it.
const ngx_module_t* find_module(ngx_conf_t* cf, std::string_view name) noexcept {
    for (ngx_module_t** module = cf->cycle->modules; *module != nullptr; ++module) {
        if ((*module)->name == name) {
            return *module;
        }
    }
    return nullptr;
}

// A copy, since blocks inherit the array itself. Throws bad_alloc.
ngx_array_t* with_predicate(ngx_conf_t* cf, const ngx_array_t* predicates) {
    const ngx_uint_t count = predicates == nullptr ? 0 : predicates->nelts;
    ngx_array_t* longer = ngx_array_create(cf->pool, count + 1, sizeof(ngx_http_complex_value_t));
    if (longer == nullptr) {
        throw std::bad_alloc();
    }
    auto* value = static_cast<ngx_http_complex_value_t*>(longer->elts);
    *value = {};
    value->lengths = codes.length;
    value->values = codes.text;
    if (count != 0) {
        std::copy_n(static_cast<const ngx_http_complex_value_t*>(predicates->elts), count, value + 1);
    }
    longer->nelts = count + 1;
    return longer;
}

// The modules keep their structs to themselves, but all begin with nginx's own. Its last member says whether it is
// there.
bool guard_cache(ngx_conf_t* cf, void* conf, std::string_view upstream_name) {
    auto& upstream = *static_cast<ngx_http_upstream_conf_t*>(conf);
    if (view(upstream.module) != upstream_name) {
        return false;
    }
    if (upstream.cache == 1) {
        upstream.cache_bypass = with_predicate(cf, upstream.cache_bypass);
        upstream.no_cache = with_predicate(cf, upstream.no_cache);
    }
    return true;
}

ngx_int_t guard_locations(ngx_conf_t* cf) {
    for (const CachingModule& caching : caching_modules) {
        const ngx_module_t* module = find_module(cf, caching.name);
        if (module == nullptr) {
            continue;
        }
        for (const MergedLocation& location : *main_conf(cf)->locations) {
            if (location.server->sees_users() &&
                !guard_cache(cf, location.confs[module->ctx_index], caching.upstream_name)) {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "auth_gate: \"%s\" is not as in the nginx that auth_gate was built for: it cannot keep "
                              "answers to users out of its cache",
                              module->name);
                return NGX_ERROR;
            }
        }
    }
    return NGX_OK;
}

#endif

}  // namespace

ngx_int_t guard_caches([[maybe_unused]] ngx_conf_t* cf) noexcept {
#if (NGX_HTTP_CACHE)
    return shielded(cf->log, ngx_int_t{NGX_ERROR}, [&] { return guard_locations(cf); });
#else
    return NGX_OK;
#endif
}

void install_cache_filter() noexcept {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header_filter;
}

}  // namespace auth_gate
