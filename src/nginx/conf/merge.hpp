// What the merges and checks of all capabilities share.
#pragma once

#include "nginx/ngx/ngx.hpp"

namespace auth_gate {

inline char* const failed = static_cast<char*>(NGX_CONF_ERROR);

// Where a directive stands, for messages about faults that only show when blocks are merged.
struct Place {
    ngx_str_t file{};
    ngx_uint_t line = 0;
};

// A pointer that a block does not set is taken over from the enclosing block.
template <typename T>
void inherit(T*& own, T* outer) noexcept {
    if (own == nullptr) {
        own = outer;
    }
}

inline bool is_regex([[maybe_unused]] const ngx_http_core_loc_conf_t& core) noexcept {
#if (NGX_PCRE)
    return core.regex != nullptr;
#else
    return false;
#endif
}

}  // namespace auth_gate
