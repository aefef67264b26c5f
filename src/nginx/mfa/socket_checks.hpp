// Asking about the users of open WebSockets, with measure: a few at once, and a few at a time.
#pragma once

#include <cstdint>

namespace auth_gate {

struct OpenSocket;

// From the admission to the end of the request.
void join_checks(OpenSocket& socket) noexcept;
void leave_checks(OpenSocket& socket) noexcept;

// Puts a socket into the row whose user is to be asked about.
void queue_check(OpenSocket& socket) noexcept;

// Asks about those whose turn it is, and closes those whose users stayed unknown. Returns whether the row is not empty.
// Throws bad_alloc.
bool continue_checks(std::uint64_t now_ms);

// For init_process.
void start_checks() noexcept;

}  // namespace auth_gate
