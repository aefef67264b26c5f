// Rebuilds buckets, queues and counts from the slots' states after a process was killed during a change.
#include "core/token/token_table_layout.hpp"

namespace auth_gate {

void TokenTable::rebuild() noexcept {
    const std::uint32_t capacity = header_->capacity;
    std::fill_n(buckets_, buckets_for(capacity), 0);
    users_.clear();
    sessions_.begin_rebuild();
    header_->live = 0;
    header_->free_slots = 0;
    header_->spent = 0;
    header_->slots_used = std::min(header_->slots_used, capacity);
    for (Header::Queue& queue : header_->queues) {
        queue.first = queue.last = 0;
    }

    for (Index i = header_->slots_used; i != 0; --i) {
        Slot& s = slot(i);
        if (s.state == free_slot) {
            links(i).next = header_->free_slots;
            header_->free_slots = i;
            continue;
        }
        link(i);
        users_.add(s.account);
        sessions_.count(s.session);
        header_->live++;
        links(i).next = header_->queues[s.queue].first;
        header_->queues[s.queue].first = i;
    }

    sessions_.end_rebuild();

    for (Header::Queue& queue : header_->queues) {
        if (queue.first == 0) {
            continue;
        }
        Index i = sort_by_expiry(queue.first);
        queue.first = 0;
        while (i != 0) {
            const Index next = links(i).next;
            enqueue(i);
            i = next;
        }
    }
}

// A bottom-up merge sort of a list linked by `next`. Needs no memory besides the links.
TokenTable::Index TokenTable::sort_by_expiry(Index list) noexcept {
    const auto merge = [this](Index a, Index b) {
        Index first = 0;
        Index* tail = &first;
        while (a != 0 && b != 0) {
            Index& smaller = slot(b).expires_ms < slot(a).expires_ms ? b : a;
            *tail = smaller;
            tail = &links(smaller).next;
            smaller = *tail;
        }
        *tail = a != 0 ? a : b;
        return first;
    };

    Index runs[32] = {};  // runs[n]: empty, or a sorted list of 2^n slots
    while (list != 0) {
        Index run = list;
        list = links(run).next;
        links(run).next = 0;
        std::size_t n = 0;
        for (; n < std::size(runs) - 1 && runs[n] != 0; ++n) {
            run = merge(runs[n], run);
            runs[n] = 0;
        }
        runs[n] = run;
    }
    Index all = 0;
    for (Index run : runs) {
        all = merge(run, all);
    }
    return all;
}

}  // namespace auth_gate
