// The processor time of processes, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace load {

// Of a process and its threads, in nanoseconds since its start.
struct Share {
    std::int64_t running_ns = 0;
    std::int64_t waiting_ns = 0;  // runnable while another process ran
};

// Of all processors together, in nanoseconds since boot; the resolution is a tick.
struct Total {
    std::int64_t busy_ns = 0;
    std::int64_t stolen_ns = 0;  // by other virtual machines
};

struct Reading {
    std::int64_t clock_ns = 0;
    Total total;
    std::vector<Share> shares;  // the watched processes, then this one
};

// Throws std::runtime_error if one of the processes has exited.
Reading read_processors(const std::vector<pid_t>& watched);

std::int64_t monotonic_ns() noexcept;

// Pins this process to one processor.
void stay_on(int processor);

}  // namespace load
