// What processes had of the processors, from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace load {

// Of a process with its threads, in nanoseconds since its start.
struct Share {
    std::int64_t running_ns = 0;
    std::int64_t waiting_ns = 0;  // ready to run, while another one ran
};

// Of all processors together, in nanoseconds since the system's start; counted in ticks.
struct Total {
    std::int64_t busy_ns = 0;
    std::int64_t stolen_ns = 0;  // by other virtual machines
};

struct Reading {
    std::int64_t clock_ns = 0;
    Total total;
    std::vector<Share> shares;  // the watched processes, then this one
};

// Throws std::runtime_error when one of them is gone.
Reading read_processors(const std::vector<pid_t>& watched);

std::int64_t monotonic_ns() noexcept;

// Keeps this process on one processor.
void stay_on(int processor);

}  // namespace load
