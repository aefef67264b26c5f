#include "core/json/document.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace auth_gate::json {

namespace {

constexpr std::size_t usual_chunk = 1000;  // bytes; what the claims of a usual JWT need, and malloc() is quick with

Arena* arena_in_use;

void* allocate(std::size_t size) noexcept {
    return arena_in_use->allocate(size);
}

void release(void*) noexcept {}

// While it lives, jansson takes its memory from an arena. Nothing of it is given back to jansson afterwards, and
// what others allocated by jansson before is theirs to free after.
class Allocating {
public:
    explicit Allocating(Arena& arena) noexcept {
        json_get_alloc_funcs(&malloc_, &free_);
        arena_in_use = &arena;
        json_set_alloc_funcs(allocate, release);
    }
    ~Allocating() { json_set_alloc_funcs(malloc_, free_); }
    Allocating(const Allocating&) = delete;
    Allocating& operator=(const Allocating&) = delete;

private:
    json_malloc_t malloc_;
    json_free_t free_;
};

}  // namespace

struct alignas(std::max_align_t) Arena::Chunk {
    Chunk* next;
};

Arena::Arena(Arena&& other) noexcept {
    *this = std::move(other);
}

Arena& Arena::operator=(Arena&& other) noexcept {
    std::swap(chunks_, other.chunks_);
    std::swap(free_, other.free_);
    std::swap(left_, other.left_);
    std::swap(bytes_, other.bytes_);
    return *this;
}

Arena::~Arena() {
    while (chunks_ != nullptr) {
        std::free(std::exchange(chunks_, chunks_->next));
    }
}

bool Arena::grow(std::size_t size) noexcept {
    const std::size_t whole = std::max(usual_chunk, sizeof(Chunk) + size);
    void* memory = std::malloc(whole);
    if (memory == nullptr) {
        return false;
    }
    chunks_ = new (memory) Chunk{chunks_};
    free_ = static_cast<std::byte*>(memory) + sizeof(Chunk);
    left_ = whole - sizeof(Chunk);
    bytes_ += whole;
    return true;
}

void* Arena::allocate(std::size_t size) noexcept {
    size = (size + alignof(std::max_align_t) - 1) / alignof(std::max_align_t) * alignof(std::max_align_t);
    if (size > left_ && !grow(size)) {
        return nullptr;
    }
    left_ -= size;
    return std::exchange(free_, free_ + size);
}

Document Document::parse_object(std::string_view text) {
    Document document;
    const Allocating allocating(document.arena_);
    document.object_ = json::parse_object(text).release();
    return document;
}

}  // namespace auth_gate::json
