// Libraries that are loaded when they are needed.
#pragma once

#include <dlfcn.h>

#include <bit>

namespace auth_gate {

// Finds a function of a loaded library. False if there is none.
template <typename Function>
bool find_function(void* library, const char* name, Function& function) noexcept {
    function = std::bit_cast<Function>(dlsym(library, name));
    return function != nullptr;
}

}  // namespace auth_gate
