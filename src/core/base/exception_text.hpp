// The text that a log line gives for an exception.
#pragma once

#include <exception>
#include <new>

namespace auth_gate {

// Call it in a catch block, for the exception that the block handles. The text is valid until the end of the block.
inline const char* exception_text() noexcept {
    try {
        throw;
    } catch (const std::bad_alloc&) {
        return "out of memory";
    } catch (const std::exception& exception) {
        return exception.what();
    } catch (...) {
        return "unknown exception";
    }
}

}  // namespace auth_gate
