#include "nginx/ngx/headers.hpp"

#include "core/base/ascii.hpp"
#include "core/base/percent.hpp"
#include "core/http/request_traits.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace auth_gate {

namespace {

template <typename T>
T* allocate(ngx_pool_t* pool, std::size_t count) {
    auto* memory = static_cast<T*>(ngx_palloc(pool, count * sizeof(T)));
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

// Removes element `i` of a part without moving the others, because nginx keeps pointers to them.
void remove_element(ngx_pool_t* pool, ngx_list_part_t* part, ngx_uint_t i) {
    auto* elements = static_cast<ngx_table_elt_t*>(part->elts);
    if (i == 0) {
        part->elts = elements + 1;
        part->nelts--;
        return;
    }
    if (i + 1 < part->nelts) {
        auto* rest = allocate<ngx_list_part_t>(pool, 1);
        rest->elts = elements + i + 1;
        rest->nelts = part->nelts - i - 1;
        rest->next = part->next;
        part->next = rest;
    }
    part->nelts = i;
}

// nginx's loops over a list assume that only the first part may be empty, and ngx_list_push() assumes that every part
// has room for `nalloc` elements. Dropping empty parts and marking the last one as full restores both.
void rebuild_list(ngx_pool_t* pool, ngx_list_t& list) {
    list.last = &list.part;
    for (ngx_list_part_t** next = &list.part.next; *next != nullptr;) {
        if ((*next)->nelts == 0) {
            *next = (*next)->next;
        } else {
            list.last = *next;
            next = &(*next)->next;
        }
    }
    list.nalloc = list.last->nelts;
    if (list.nalloc == 0) {
        constexpr ngx_uint_t room = 4;
        list.part.elts = allocate<ngx_table_elt_t>(pool, room);
        list.nalloc = room;
    }
}

// nginx keeps Cookie headers in an array up to 1.22 and in a linked list since 1.23.
template <typename Headers>
void forget_cookies(Headers& headers) noexcept {
    if constexpr (requires { headers.cookie; }) {
        headers.cookie = nullptr;
    } else {
        headers.cookies.nelts = 0;
    }
}

template <typename Headers>
void remember_cookie(Headers& headers, ngx_pool_t* pool, ngx_table_elt_t* cookie) {
    if constexpr (requires { headers.cookie; }) {
        headers.cookie = cookie;
    } else {
        const bool is_ready = headers.cookies.elts != nullptr ||
                              ngx_array_init(&headers.cookies, pool, 1, sizeof(ngx_table_elt_t*)) == NGX_OK;
        auto** place = is_ready ? static_cast<ngx_table_elt_t**>(ngx_array_push(&headers.cookies)) : nullptr;
        if (place == nullptr) {
            throw std::bad_alloc();
        }
        *place = cookie;
    }
}

// Forgets them without touching what a parent's headers share.
template <typename Headers>
void start_cookies(Headers& headers, ngx_pool_t* pool) {
    if constexpr (requires { headers.cookie; }) {
        headers.cookie = nullptr;
    } else if (ngx_array_init(&headers.cookies, pool, 1, sizeof(ngx_table_elt_t*)) != NGX_OK) {
        throw std::bad_alloc();
    }
}

template <typename Headers>
bool has_several(const Headers& headers) noexcept {
    if constexpr (requires { headers.cookie; }) {
        return headers.cookie != nullptr && headers.cookie->next != nullptr;
    } else {
        return headers.cookies.nelts > 1;
    }
}

// nginx keeps Cache-Control headers the same way as Cookie headers.
template <typename Headers>
void forget_caching(Headers& headers) noexcept {
    headers.expires = nullptr;
    if constexpr (requires { headers.cache_control.nelts; }) {
        headers.cache_control.nelts = 0;
    } else {
        headers.cache_control = nullptr;
    }
}

template <typename Element>
void unlink_next(Element& header) noexcept {
    if constexpr (requires { header.next; }) {
        header.next = nullptr;
    }
}

}  // namespace

std::string_view find_header(ngx_http_request_t* r, std::string_view name) noexcept {
    std::string_view value;
    bool found = false;
    each_header(r, [&](const ngx_table_elt_t& header) {
        if (!found && lower_name(header) == name) {
            value = view(header.value);
            found = true;
        }
    });
    return value;
}

std::size_t count_headers(ngx_http_request_t* r, std::string_view name) noexcept {
    std::size_t count = 0;
    each_header(r, [&](const ngx_table_elt_t& header) { count += lower_name(header) == name; });
    return count;
}

ngx_table_elt_t* add_request_header(ngx_http_request_t* r, std::string_view name, ngx_str_t value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_in.headers));
    auto* lower_case = static_cast<u_char*>(ngx_pnalloc(r->pool, name.size()));
    if (header == nullptr || lower_case == nullptr) {
        throw std::bad_alloc();
    }
    *header = {};
    header->key = borrowed(name);
    header->lowcase_key = lower_case;
    header->hash = ngx_hash_strlow(lower_case, header->key.data, name.size());
    header->value = value;
    unlink_next(*header);
    return header;
}

void remove_headers(ngx_http_request_t* r, std::string_view name) {
    ngx_list_t& list = r->headers_in.headers;
    bool removed = false;
    for (ngx_list_part_t* part = &list.part; part != nullptr;) {
        const auto* elements = static_cast<ngx_table_elt_t*>(part->elts);
        const auto* end = elements + part->nelts;
        const auto* found =
            std::find_if(elements, end, [&](const ngx_table_elt_t& header) { return lower_name(header) == name; });
        if (found == end) {
            part = part->next;
        } else {
            remove_element(r->pool, part, static_cast<ngx_uint_t>(found - elements));
            removed = true;
        }
    }
    if (removed) {
        rebuild_list(r->pool, list);
    }
}

void set_authorization(ngx_http_request_t* r, ngx_str_t value) {
    remove_authorization(r);
    r->headers_in.authorization = add_request_header(r, "Authorization", value);
}

void show_authorization(ngx_http_request_t* r, const ngx_table_elt_t& header) {
    auto* copied = static_cast<ngx_table_elt_t*>(ngx_palloc(r->pool, sizeof(ngx_table_elt_t)));
    if (copied == nullptr) {
        throw std::bad_alloc();
    }
    *copied = header;
    unlink_next(*copied);
    r->headers_in.authorization = copied;
}

void remove_authorization(ngx_http_request_t* r) {
    remove_headers(r, "authorization");
    r->headers_in.authorization = nullptr;
}

void remove_cookies(ngx_http_request_t* r) {
    remove_headers(r, "cookie");
    forget_cookies(r->headers_in);
}

void set_cookies(ngx_http_request_t* r, std::string_view value) {
    remove_cookies(r);
    if (!value.empty()) {
        remember_cookie(r->headers_in, r->pool, add_request_header(r, "Cookie", copy(r->pool, value)));
    }
}

void show_cookies(ngx_http_request_t* sr, std::string_view value) {
    start_cookies(sr->headers_in, sr->pool);
    if (!value.empty()) {
        auto* header = allocate<ngx_table_elt_t>(sr->pool, 1);
        *header = {};
        header->hash = 1;
        header->key = borrowed("Cookie");
        header->value = copy(sr->pool, value);
        unlink_next(*header);
        remember_cookie(sr->headers_in, sr->pool, header);
    }
}

bool has_several_cookie_headers(ngx_http_request_t* r) noexcept {
    return has_several(r->headers_in);
}

void set_upgrade(ngx_http_request_t* r, std::string_view value) {
    remove_headers(r, "upgrade");
    r->headers_in.upgrade = value.empty() ? nullptr : add_request_header(r, "Upgrade", copy(r->pool, value));
}

void remove_negotiation(ngx_http_request_t* r) {
    for (const std::string_view name : {"accept-encoding", "if-none-match", "if-modified-since", "if-match",
                                        "if-unmodified-since", "range", "if-range"}) {
        remove_headers(r, name);
    }
    ngx_http_headers_in_t& headers = r->headers_in;
    headers.if_none_match = nullptr;
    headers.if_modified_since = nullptr;
    headers.if_match = nullptr;
    headers.if_unmodified_since = nullptr;
    headers.range = nullptr;
    headers.if_range = nullptr;
#if (NGX_HTTP_GZIP || NGX_HTTP_HEADERS)
    headers.accept_encoding = nullptr;
#endif
}

void forbid_caching(ngx_http_request_t* r) {
    const ngx_list_part_t* part = &r->headers_out.headers.part;
    do {
        const std::span headers(static_cast<ngx_table_elt_t*>(part->elts), part->nelts);
        for (ngx_table_elt_t& header : headers) {
            if (equal_ignoring_case(view(header.key), "Cache-Control") ||
                equal_ignoring_case(view(header.key), "Expires")) {
                header.hash = 0;  // not sent
            }
        }
        part = part->next;
    } while (part != nullptr);
    forget_caching(r->headers_out);
    add_response_header(r, "Cache-Control", "no-store");
}

ngx_table_elt_t* add_response_header(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    if (header == nullptr) {
        throw std::bad_alloc();
    }
    header->hash = 1;
    header->key = borrowed(name);
    const bool is_safe = std::all_of(value.begin(), value.end(), is_field_char);
    header->value = copy(r->pool, is_safe ? value : std::string_view(percent::escape(value, is_field_char)));
    unlink_next(*header);
    return header;
}

}  // namespace auth_gate
