// The claims of a session: a JSON object that is read once, kept for long and asked for single members.
//
// A flat object, as nearly every claims set is one, is kept as its text with an index of its members. Any other is a
// tree that jansson has read. Both answer alike: jansson decides what JSON is and what a value means.
#pragma once

#include "core/base/ascii.hpp"
#include "core/json/document.hpp"

#include <cstdint>
#include <memory>

namespace auth_gate::json {

// A member's value, borrowed from its Claims. False when there is none.
class Claim {
public:
    enum class Type : std::uint8_t { none, null, boolean, number, string, array, object };

    Claim() noexcept = default;
    explicit Claim(const json_t* tree) noexcept : tree_(tree) {}
    explicit Claim(std::string_view flat) noexcept : flat_(flat) {}

    explicit operator bool() const noexcept { return tree_ != nullptr || !flat_.empty(); }

    Type type() const noexcept;

    bool is_null() const noexcept { return tree_ != nullptr ? json_is_null(tree_) : first() == 'n'; }
    bool is_true() const noexcept { return tree_ != nullptr ? json_is_true(tree_) : first() == 't'; }

    bool is_integer() const noexcept {
        return tree_ != nullptr ? json_is_integer(tree_) : first() == '-' || is_digit(first());
    }

    std::optional<std::string_view> string() const noexcept;
    std::optional<std::int64_t> integer() const noexcept;
    std::optional<double> number() const noexcept;  // an integer too

    // As json::text().
    std::optional<std::string> text() const;

    // The text is `wanted`, or the value is an array and one of its elements has this text.
    bool is_or_has(std::string_view wanted) const;

    // An array's element; false for none, and for what is no array.
    Claim element(std::size_t index) const noexcept;

    // The value as jansson's array, read into `holder` where that is needed; null when it is none.
    const json_t* array(Value& holder) const;

    // What jansson has read; null when the value is flat and so no object.
    const json_t* tree() const noexcept { return tree_; }

private:
    char first() const noexcept { return flat_.empty() ? '\0' : flat_.front(); }

    const json_t* tree_ = nullptr;
    std::string_view flat_;  // as it stands in the text
};

class Claims {
public:
    Claims() noexcept = default;

    // As json::parse_object(); without members for what that refuses.
    static Claims parse_object(std::string_view text);

    explicit operator bool() const noexcept { return block_ != nullptr || tree_ != nullptr; }

    // As json::member().
    Claim member(std::string_view name) const noexcept;

    // The member of this name, or else the only one whose name is the same but for the case of ASCII letters.
    Claim member_ignoring_case(std::string_view name) const noexcept;

    // Calls `f(name, claim)` for the members in their order, until it returns false.
    template <typename F>
    void for_each(F f) const {
        if (tree_ != nullptr) {
            const char* key;
            json_t* value;
            json_object_foreach(tree_->get(), key, value) {
                if (!f(std::string_view(key), Claim(value))) {
                    return;
                }
            }
            return;
        }
        for (std::size_t i = 0; i < size(); ++i) {
            if (!f(name_at(i), claim_at(i))) {
                return;
            }
        }
    }

    // The object as it was written. Empty where it was not kept.
    std::string_view text() const noexcept { return block_ == nullptr ? std::string_view() : block_->text(); }

    // What was allocated, in bytes, without the allocator's own overhead.
    std::size_t bytes() const noexcept;

private:
    // Where a member's name is in the text, and how far behind it its value begins. The value's end shows there.
    struct Place {
        std::uint16_t name;
        std::uint8_t name_size;
        std::uint8_t gap;

        std::size_t value() const noexcept { return std::size_t{name} + name_size + gap; }
    };

    // In one allocation: this, its places and the text.
    struct Block {
        std::uint16_t members;
        std::uint16_t text_size;

        const Place* places() const noexcept { return reinterpret_cast<const Place*>(this + 1); }
        std::string_view text() const noexcept {
            return {reinterpret_cast<const char*>(places() + members), text_size};
        }
    };

    struct Free {
        void operator()(Block* block) const noexcept;
    };

    class Reader;

    std::size_t size() const noexcept { return block_ == nullptr ? 0 : block_->members; }
    std::string_view name_at(std::size_t i) const noexcept;
    Claim claim_at(std::size_t i) const noexcept;

    std::unique_ptr<Block, Free> block_;
    std::unique_ptr<const Document> tree_;
};

}  // namespace auth_gate::json
