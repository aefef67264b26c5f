// libcurl, loaded only if a provider is configured: with the two dozen libraries that it needs, it would cost every
// worker two megabytes.
#pragma once

#include <curl/curl.h>

namespace auth_gate {

// libcurl's functions, without their prefix.
struct LibCurl {
    decltype(&curl_easy_cleanup) easy_cleanup;
    decltype(&curl_easy_getinfo) easy_getinfo;
    decltype(&curl_easy_init) easy_init;
    decltype(&curl_easy_setopt) easy_setopt;
    decltype(&curl_easy_strerror) easy_strerror;
    decltype(&curl_global_cleanup) global_cleanup;
    decltype(&curl_global_init) global_init;
    decltype(&curl_multi_add_handle) multi_add_handle;
    decltype(&curl_multi_assign) multi_assign;
    decltype(&curl_multi_cleanup) multi_cleanup;
    decltype(&curl_multi_info_read) multi_info_read;
    decltype(&curl_multi_init) multi_init;
    decltype(&curl_multi_remove_handle) multi_remove_handle;
    decltype(&curl_multi_setopt) multi_setopt;
    decltype(&curl_multi_socket_action) multi_socket_action;
    int (*multi_socket_all)(CURLM*, int*);  // deprecated; CURLMcode
    decltype(&curl_slist_append) slist_append;
    decltype(&curl_slist_free_all) slist_free_all;
    decltype(&curl_version_info) version_info;
};

// Valid after load_libcurl() has returned true.
extern LibCurl libcurl;

// False if the library or one of its functions is missing. The library stays loaded until the process ends.
bool load_libcurl() noexcept;

}  // namespace auth_gate
