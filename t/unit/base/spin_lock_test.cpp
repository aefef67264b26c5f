// The spin lock: it excludes others, and a long wait yields the processor.
#include "core/base/spin_lock.hpp"

#include <atomic>

#include "base/stepper.hpp"

namespace {

using namespace unit;
using auth_gate::SpinLock;

struct Counts {
    std::uint32_t tries = 0;
    std::uint32_t pauses = 0;
    std::uint32_t yields = 0;
    std::uint32_t unlocked = 0;
};

// A mutex that is free after a given number of tries.
class ScriptedMutex {
public:
    ScriptedMutex(Counts& counts, std::uint32_t tries, bool alone) : counts_(&counts), tries_(tries), alone_(alone) {}

    bool try_lock() { return ++counts_->tries >= tries_; }
    void unlock() { ++counts_->unlocked; }
    void pause() { ++counts_->pauses; }
    void yield() { ++counts_->yields; }
    bool alone() const { return alone_; }

private:
    Counts* counts_;
    std::uint32_t tries_;
    bool alone_;
};

void waits_grow_and_end_in_yielding(void**) {
    static constexpr struct {
        std::uint32_t tries;
        bool alone;
        std::uint32_t pauses, yields;
    } table[] = {
        {1, false, 0, 0},   {2, false, 32, 0}, {3, false, 160, 0}, {4, false, 672, 0},
        {7, false, 672, 3}, {1, true, 0, 0},   {4, true, 0, 3},
    };
    for (const auto& row : table) {
        Counts counts;
        {
            const SpinLock lock(ScriptedMutex(counts, row.tries, row.alone));
            expect_equal(counts.unlocked, 0u, "held");
        }
        const std::string what = std::to_string(row.tries) + " tries";
        expect_equal(counts.tries, row.tries, what);
        expect_equal(counts.pauses, row.pauses, what);
        expect_equal(counts.yields, row.yields, what);
        expect_equal(counts.unlocked, 1u, what);
    }
}

struct Shared {
    std::atomic<bool> taken;
    volatile std::uint32_t sum;
};

class SharedMutex {
public:
    explicit SharedMutex(Shared& shared) : shared_(&shared) {}

    bool try_lock() { return !shared_->taken.exchange(true); }
    void unlock() { shared_->taken = false; }
    static void pause() {}
    static void yield() { sched_yield(); }
    static bool alone() { return false; }

private:
    Shared* shared_;
};

void processes_take_turns(void**) {
    constexpr std::uint32_t turns = 20000;
    const SharedMemory memory(sizeof(Shared));
    Shared& shared = *new (memory.data()) Shared{};
    pid_t children[3];
    for (pid_t& child : children) {
        child = fork();
        if (child == 0) {
            for (std::uint32_t i = 0; i < turns; ++i) {
                const SpinLock lock{SharedMutex(shared)};
                shared.sum = shared.sum + 1;
            }
            _exit(0);
        }
    }
    for (const pid_t child : children) {
        int status;
        waitpid(child, &status, 0);
    }
    expect_equal(std::uint32_t{shared.sum}, 3 * turns, "no turn is lost");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(waits_grow_and_end_in_yielding),
        cmocka_unit_test(processes_take_turns),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
