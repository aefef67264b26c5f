#include "headers.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

// Takes element `i` of a part out without moving any other: nginx keeps pointers to them.
void remove_element(ngx_http_request_t* r, ngx_list_part_t* part, ngx_uint_t i) {
    ngx_list_t& list = r->headers_in.headers;
    auto* elements = static_cast<ngx_table_elt_t*>(part->elts);

    if (i == 0) {
        part->elts = elements + 1;
        part->nelts--;
        if (part == list.last) {
            list.nalloc--;
        }
        return;
    }
    if (i + 1 < part->nelts) {
        auto* rest = static_cast<ngx_list_part_t*>(ngx_palloc(r->pool, sizeof(ngx_list_part_t)));
        if (rest == nullptr) {
            throw std::bad_alloc();
        }
        rest->elts = elements + i + 1;
        rest->nelts = part->nelts - i - 1;
        rest->next = part->next;
        part->next = rest;
        if (part == list.last) {
            list.last = rest;
            list.nalloc -= i + 1;
        }
    }
    // The rest of a last part is not used again: its room is behind the element that goes.
    part->nelts = i;
    if (part == list.last) {
        list.nalloc = i;
    }
}

void remove_headers(ngx_http_request_t* r, std::string_view name) {
    for (ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr;) {
        const auto* elements = static_cast<ngx_table_elt_t*>(part->elts);
        const auto* found = std::find_if(elements, elements + part->nelts, [&](const ngx_table_elt_t& header) {
            return lower_name(header) == name;
        });
        if (found == elements + part->nelts) {
            part = part->next;
        } else {
            remove_element(r, part, static_cast<ngx_uint_t>(found - elements));
        }
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

void set_authorization(ngx_http_request_t* r, ngx_str_t value) {
    remove_authorization(r);
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_in.headers));
    if (header == nullptr) {
        throw std::bad_alloc();
    }
    ngx_str_set(&header->key, "Authorization");
    header->lowcase_key = bytes(const_cast<char*>("authorization"));
    header->hash = ngx_hash_key(header->lowcase_key, header->key.len);
    header->value = value;
    unlink_next(*header);
    r->headers_in.authorization = header;
}

void remove_authorization(ngx_http_request_t* r) {
    remove_headers(r, "authorization");
    r->headers_in.authorization = nullptr;
}

void remove_cookies(ngx_http_request_t* r) {
    remove_headers(r, "cookie");
    forget_cookies(r->headers_in);
}

void remove_cookies(ngx_http_request_t* r, const std::vector<std::string>& names) {
    each_header(r, [&](ngx_table_elt_t& header) {
        if (lower_name(header) != "cookie") {
            return;
        }
        std::string kept;
        each_cookie(view(header.value), [&](std::string_view pair, std::string_view name, std::string_view) {
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                kept += kept.empty() ? "" : "; ";
                kept += pair;
            }
        });
        header.value = copy(r->pool, kept);
    });
}

ngx_table_elt_t* add_response_header(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    if (header == nullptr) {
        throw std::bad_alloc();
    }
    header->hash = 1;
    header->key = borrowed(name);
    header->value = copy(r->pool, value);
    unlink_next(*header);
    return header;
}

}  // namespace auth_gate
