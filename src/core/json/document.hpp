// A JSON object to be read and kept, in memory of its own: quickly made, quickly given back, and of a known size.
#pragma once

#include "core/json/json.hpp"

#include <cstddef>

namespace auth_gate::json {

// Pieces of memory that are given back together.
class Arena {
public:
    Arena() noexcept = default;
    Arena(Arena&& other) noexcept;
    Arena& operator=(Arena&& other) noexcept;
    ~Arena();

    // Aligned for any type; null when memory ran out. `size` in bytes.
    void* allocate(std::size_t size) noexcept;

    // All that was taken from the system, in bytes.
    std::size_t bytes() const noexcept { return bytes_; }

private:
    struct Chunk;

    bool grow(std::size_t size) noexcept;

    Chunk* chunks_ = nullptr;
    std::byte* free_ = nullptr;
    std::size_t left_ = 0;
    std::size_t bytes_ = 0;
};

class Document {
public:
    Document() noexcept = default;

    // As json::parse_object(); without a value for what that refuses.
    static Document parse_object(std::string_view text);

    explicit operator bool() const noexcept { return object_ != nullptr; }

    // Borrowed, to be read only: no reference to any part of it may be taken or given back.
    json_t* get() const noexcept { return object_; }

    std::size_t bytes() const noexcept { return arena_.bytes(); }

private:
    Arena arena_;
    json_t* object_ = nullptr;
};

}  // namespace auth_gate::json
