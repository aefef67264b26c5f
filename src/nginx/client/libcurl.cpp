#include "nginx/client/libcurl.hpp"

#include <dlfcn.h>

#include <bit>

namespace auth_gate {

LibCurl libcurl;

namespace {

constexpr const char* library = "libcurl.so.4";  // the ABI since 2006

template <typename Function>
bool find(void* handle, const char* name, Function& function) noexcept {
    function = std::bit_cast<Function>(dlsym(handle, name));
    return function != nullptr;
}

}  // namespace

bool load_libcurl() noexcept {
    static void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    return handle != nullptr && find(handle, "curl_easy_cleanup", libcurl.easy_cleanup) &&
           find(handle, "curl_easy_getinfo", libcurl.easy_getinfo) &&
           find(handle, "curl_easy_init", libcurl.easy_init) && find(handle, "curl_easy_setopt", libcurl.easy_setopt) &&
           find(handle, "curl_easy_strerror", libcurl.easy_strerror) &&
           find(handle, "curl_global_cleanup", libcurl.global_cleanup) &&
           find(handle, "curl_global_init", libcurl.global_init) &&
           find(handle, "curl_multi_add_handle", libcurl.multi_add_handle) &&
           find(handle, "curl_multi_assign", libcurl.multi_assign) &&
           find(handle, "curl_multi_cleanup", libcurl.multi_cleanup) &&
           find(handle, "curl_multi_info_read", libcurl.multi_info_read) &&
           find(handle, "curl_multi_init", libcurl.multi_init) &&
           find(handle, "curl_multi_remove_handle", libcurl.multi_remove_handle) &&
           find(handle, "curl_multi_setopt", libcurl.multi_setopt) &&
           find(handle, "curl_multi_socket_action", libcurl.multi_socket_action) &&
           find(handle, "curl_multi_socket_all", libcurl.multi_socket_all) &&
           find(handle, "curl_slist_append", libcurl.slist_append) &&
           find(handle, "curl_slist_free_all", libcurl.slist_free_all) &&
           find(handle, "curl_version_info", libcurl.version_info);
}

}  // namespace auth_gate
