#include "nginx/redis/libhiredis.hpp"

#if AUTH_GATE_HIREDIS

#include "nginx/ngx/library.hpp"

#define AUTH_GATE_TEXT_OF(text) #text
#define AUTH_GATE_TEXT(macro) AUTH_GATE_TEXT_OF(macro)

namespace auth_gate {

LibHiredis libhiredis;

const char* libhiredis_name() noexcept {
    return "libhiredis.so." AUTH_GATE_TEXT(HIREDIS_SONAME);
}

bool load_libhiredis() noexcept {
    static void* const handle = dlopen(libhiredis_name(), RTLD_NOW | RTLD_LOCAL);
    return handle != nullptr && find_function(handle, "redisAsyncConnect", libhiredis.async_connect) &&
           find_function(handle, "redisAsyncConnectUnix", libhiredis.async_connect_unix) &&
           find_function(handle, "redisAsyncFree", libhiredis.async_free) &&
           find_function(handle, "redisAsyncSetConnectCallback", libhiredis.async_set_connect_callback) &&
           find_function(handle, "redisAsyncSetDisconnectCallback", libhiredis.async_set_disconnect_callback) &&
           find_function(handle, "redisAsyncHandleRead", libhiredis.async_handle_read) &&
           find_function(handle, "redisAsyncHandleWrite", libhiredis.async_handle_write) &&
           find_function(handle, "redisAsyncCommandArgv", libhiredis.async_command_argv);
}

}  // namespace auth_gate

#endif
