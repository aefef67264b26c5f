// hiredis, loaded only if a store is configured.
#pragma once

#if AUTH_GATE_HIREDIS

#include <hiredis/async.h>

namespace auth_gate {

// hiredis' functions, without their prefix.
struct LibHiredis {
    decltype(&redisAsyncConnect) async_connect;
    decltype(&redisAsyncConnectUnix) async_connect_unix;
    decltype(&redisAsyncFree) async_free;
    decltype(&redisAsyncSetConnectCallback) async_set_connect_callback;
    decltype(&redisAsyncSetDisconnectCallback) async_set_disconnect_callback;
    decltype(&redisAsyncHandleRead) async_handle_read;
    decltype(&redisAsyncHandleWrite) async_handle_write;
    decltype(&redisAsyncCommandArgv) async_command_argv;
};

// Valid after load_libhiredis() has returned true.
extern LibHiredis libhiredis;

// The name of the library whose headers the module was built with: its structures change with it.
const char* libhiredis_name() noexcept;

// False if the library or one of its functions is missing. The library stays loaded until the process ends.
bool load_libhiredis() noexcept;

}  // namespace auth_gate

#endif
