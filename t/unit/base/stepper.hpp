// A single-stepped child process, which can be inspected or killed between any two instructions.
#pragma once

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>

#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.hpp"

namespace unit {

// Memory shared by a child and its parent.
class SharedMemory {
public:
    explicit SharedMemory(std::size_t size)
        : size_(size), data_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (data_ == MAP_FAILED) {
            std::abort();
        }
    }
    ~SharedMemory() { munmap(data_, size_); }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;

    void* data() const { return data_; }
    std::size_t size() const { return size_; }

private:
    std::size_t size_;
    void* data_;
};

inline void kill_and_wait(pid_t child) {
    kill(child, SIGKILL);
    int status;
    waitpid(child, &status, 0);
}

class Stepper {
public:
    explicit Stepper(const std::function<void()>& operation) : child_(fork()) {
        if (child_ == 0) {
            if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0 && raise(SIGSTOP) == 0) {
                operation();
            }
            _exit(0);
        }
        int status = 0;
        stopped_ = child_ > 0 && waitpid(child_, &status, 0) == child_ && WIFSTOPPED(status);
    }
    ~Stepper() {
        if (stopped_) {
            kill_and_wait(child_);
        }
    }
    Stepper(const Stepper&) = delete;
    Stepper& operator=(const Stepper&) = delete;

    // Whether this process may trace its children at all.
    static bool works() {
        Stepper stepper([] {});
        return stepper.step() && stepper.step();
    }

    // Executes one instruction. False if the child has exited or cannot be traced.
    bool step() {
        if (!stopped_) {
            return false;
        }
        int status = 0;
        const bool stepped =
            ptrace(PTRACE_SINGLESTEP, child_, nullptr, nullptr) == 0 && waitpid(child_, &status, 0) == child_;
        stopped_ = stepped && WIFSTOPPED(status);
        if (!stepped) {
            kill_and_wait(child_);
        }
        return stopped_;
    }

private:
    pid_t child_;
    bool stopped_ = false;
};

}  // namespace unit
