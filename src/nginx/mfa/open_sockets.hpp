// Open WebSockets: when the policy or a user changes, their users are looked up again, and those of users without MFA
// are closed. Each process watches its own.
#pragma once

#include "nginx/mfa/socket_close.hpp"

#include "core/identity/account.hpp"
#include "core/mfa/socket_check.hpp"

namespace auth_gate {

struct LocationConf;
struct RequestState;

// Zeroed memory is one that is not watched yet.
struct OpenSocket {
    ngx_http_request_t* request;
    const LocationConf* conf;
    ngx_queue_t all;         // of this process
    ngx_queue_t by_account;  // that have the same hash
    ngx_queue_t row;         // while its user is to be asked about

    AccountKey account;
    std::uint32_t seen_drops;  // of the account
    SocketCheck check;
    SocketClose close;
};

// Watches an admitted WebSocket until it ends. Throws bad_alloc.
void watch_socket(ngx_http_request_t* r, RequestState& state, const LocationConf& conf);

// For the end of the request.
void forget_socket(OpenSocket& socket) noexcept;

// For init_process.
void start_watching(ngx_cycle_t* cycle) noexcept;

}  // namespace auth_gate
