// Refusals that are held back. A page from before the gate opens its WebSocket with a JWT in the URL, and opens it
// again as soon as it is refused: `auth_gate_ws_close on slow=` says how long it waits for that.
#pragma once

#include "nginx/ngx/ngx.hpp"

#include <cstdint>

namespace auth_gate {

struct LocationConf;
struct RequestState;

struct HeldRefusal {
    ngx_queue_t queue{};  // while it is held
    ngx_http_request_t* request = nullptr;
    std::uint64_t until_ms = 0;
    bool is_held = false;
};

// For a request that is to be refused for a JWT in its URL. True: it waits, is woken later, and is refused by then.
// False: it is refused now, since nothing is to be held here, it was held before, or the worker has no place. Throws
// bad_alloc.
bool hold_back(ngx_http_request_t* r, const LocationConf& conf, RequestState& state);

// For init_process.
void start_holding(ngx_cycle_t* cycle) noexcept;

}  // namespace auth_gate
