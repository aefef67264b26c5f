#include "nginx/client/libcurl.hpp"

#include "nginx/ngx/library.hpp"

namespace auth_gate {

LibCurl libcurl;

namespace {

constexpr const char* library = "libcurl.so.4";  // the ABI since 2006

}  // namespace

bool load_libcurl() noexcept {
    static void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return handle != nullptr && find_function(handle, "curl_easy_cleanup", libcurl.easy_cleanup) &&
           find_function(handle, "curl_easy_getinfo", libcurl.easy_getinfo) &&
           find_function(handle, "curl_easy_init", libcurl.easy_init) &&
           find_function(handle, "curl_easy_setopt", libcurl.easy_setopt) &&
           find_function(handle, "curl_easy_strerror", libcurl.easy_strerror) &&
           find_function(handle, "curl_global_cleanup", libcurl.global_cleanup) &&
           find_function(handle, "curl_global_init", libcurl.global_init) &&
           find_function(handle, "curl_multi_add_handle", libcurl.multi_add_handle) &&
           find_function(handle, "curl_multi_assign", libcurl.multi_assign) &&
           find_function(handle, "curl_multi_cleanup", libcurl.multi_cleanup) &&
           find_function(handle, "curl_multi_info_read", libcurl.multi_info_read) &&
           find_function(handle, "curl_multi_init", libcurl.multi_init) &&
           find_function(handle, "curl_multi_remove_handle", libcurl.multi_remove_handle) &&
           find_function(handle, "curl_multi_setopt", libcurl.multi_setopt) &&
           find_function(handle, "curl_multi_socket_action", libcurl.multi_socket_action) &&
           find_function(handle, "curl_multi_socket_all", libcurl.multi_socket_all) &&
           find_function(handle, "curl_slist_append", libcurl.slist_append) &&
           find_function(handle, "curl_slist_free_all", libcurl.slist_free_all) &&
           find_function(handle, "curl_version_info", libcurl.version_info);
}

}  // namespace auth_gate
