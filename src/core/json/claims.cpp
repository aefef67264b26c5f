#include "core/json/claims.hpp"

#include "core/http/request_traits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace auth_gate::json {

namespace {

constexpr std::size_t most_members = 24;
constexpr std::size_t most_digits = 18;  // so many always fit in 64 bits

constexpr std::array<bool, 256> plain_characters = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0x20; c < 0x80; ++c) {
        plain[c] = c != '"' && c != '\\';
    }
    return plain;
}();

// What a string can contain without an escape and without a look at its UTF-8.
constexpr bool is_plain(char c) noexcept {
    return plain_characters[static_cast<unsigned char>(c)];
}

constexpr bool is_white(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

// Reads flat objects: strings without escapes in ASCII, integers, true, false, null, and arrays of these. It accepts
// nothing that jansson refuses, and leaves to jansson whatever else there is.
class Claims::Reader {
public:
    explicit Reader(std::string_view text) noexcept : at_(text.data()), begin_(at_), end_(at_ + text.size()) {}

    bool object() noexcept {
        if (!next_is('{')) {
            return false;
        }
        if (!next_is('}')) {
            do {
                if (!member()) {
                    return false;
                }
            } while (next_is(','));
            if (!next_is('}')) {
                return false;
            }
        }
        skip_white();
        return at_ == end_ && !has_duplicates();
    }

    std::unique_ptr<Block, Free> block() const {
        const auto text_size = static_cast<std::size_t>(end_ - begin_);
        const std::size_t places_size = members_ * sizeof(Place);
        void* memory = std::malloc(sizeof(Block) + places_size + text_size);
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        std::unique_ptr<Block, Free> block(
            new (memory) Block{static_cast<std::uint16_t>(members_), static_cast<std::uint16_t>(text_size)});
        char* behind = reinterpret_cast<char*>(block.get() + 1);
        std::memcpy(behind, places_.data(), places_size);
        std::memcpy(behind + places_size, begin_, text_size);
        return block;
    }

private:
    void skip_white() noexcept {
        while (at_ != end_ && is_white(*at_)) {
            ++at_;
        }
    }

    // Skips white space and then `c`.
    bool next_is(char c) noexcept {
        skip_white();
        if (at_ == end_ || *at_ != c) {
            return false;
        }
        ++at_;
        return true;
    }

    bool member() noexcept {
        skip_white();
        if (members_ == most_members) {
            return false;
        }
        const char* name = at_ + 1;
        if (!string()) {
            return false;
        }
        const char* name_end = at_ - 1;
        if (!next_is(':')) {
            return false;
        }
        skip_white();
        const std::ptrdiff_t name_size = name_end - name;
        const std::ptrdiff_t gap = at_ - name_end;
        constexpr std::ptrdiff_t most = std::numeric_limits<std::uint8_t>::max();
        if (name_size > most || gap > most) {
            return false;
        }
        places_[members_++] = {static_cast<std::uint16_t>(name - begin_), static_cast<std::uint8_t>(name_size),
                               static_cast<std::uint8_t>(gap)};
        return at_ != end_ && (*at_ == '[' ? array() : scalar());
    }

    bool string() noexcept {
        const char* at = at_;
        if (at == end_ || *at != '"') {
            return false;
        }
        do {
            ++at;
        } while (at != end_ && is_plain(*at));
        if (at == end_ || *at != '"') {
            return false;
        }
        at_ = at + 1;
        return true;
    }

    bool word(std::string_view word) noexcept {
        if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    bool integer() noexcept {
        const bool negative = *at_ == '-';
        at_ += negative;
        const char* digits = at_;
        while (at_ != end_ && is_digit(*at_)) {
            ++at_;
        }
        const auto size = static_cast<std::size_t>(at_ - digits);
        // jansson writes -0 as 0; a fraction or an exponent comes next when this is no integer, and is no delimiter.
        return size != 0 && size <= most_digits && (*digits != '0' || (size == 1 && !negative));
    }

    bool scalar() noexcept {
        switch (*at_) {
        case '"':
            return string();
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            return integer();
        }
    }

    bool array() noexcept {
        ++at_;
        if (next_is(']')) {
            return true;
        }
        do {
            skip_white();
            if (at_ == end_ || !scalar()) {
                return false;
            }
        } while (next_is(','));
        return next_is(']');
    }

    bool has_duplicates() const noexcept {
        for (std::size_t i = 1; i < members_; ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (places_[i].name_size == places_[j].name_size &&
                    std::memcmp(begin_ + places_[i].name, begin_ + places_[j].name, places_[i].name_size) == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    const char* at_;
    const char* begin_;
    const char* end_;
    std::size_t members_ = 0;
    std::array<Place, most_members> places_;
};

Claim::Type Claim::type() const noexcept {
    if (tree_ != nullptr) {
        switch (json_typeof(tree_)) {
        case JSON_OBJECT:
            return Type::object;
        case JSON_ARRAY:
            return Type::array;
        case JSON_STRING:
            return Type::string;
        case JSON_INTEGER:
        case JSON_REAL:
            return Type::number;
        case JSON_TRUE:
        case JSON_FALSE:
            return Type::boolean;
        case JSON_NULL:
            return Type::null;
        }
    }
    switch (first()) {
    case '\0':
        return Type::none;
    case '"':
        return Type::string;
    case '[':
        return Type::array;
    case 't':
    case 'f':
        return Type::boolean;
    case 'n':
        return Type::null;
    default:
        return Type::number;
    }
}

std::optional<std::string_view> Claim::string() const noexcept {
    if (tree_ != nullptr) {
        return json::string(tree_);
    }
    return first() == '"' ? std::optional(flat_.substr(1, flat_.size() - 2)) : std::nullopt;
}

std::optional<std::int64_t> Claim::integer() const noexcept {
    if (tree_ != nullptr) {
        return json_is_integer(tree_) ? std::optional<std::int64_t>(json_integer_value(tree_)) : std::nullopt;
    }
    std::int64_t value = 0;
    const auto read = std::from_chars(flat_.data(), flat_.data() + flat_.size(), value);
    return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<double> Claim::number() const noexcept {
    if (tree_ != nullptr) {
        return json_is_number(tree_) ? std::optional(json_number_value(tree_)) : std::nullopt;
    }
    const auto value = integer();
    return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

std::optional<std::string> Claim::text() const {
    if (tree_ != nullptr) {
        return json::text(tree_);
    }
    if (flat_.empty() || is_null()) {
        return std::nullopt;
    }
    if (const auto characters = string()) {
        return std::string(*characters);
    }
    return first() == '[' ? json::text(parse(flat_).get()) : std::string(flat_);
}

bool Claim::is_or_has(std::string_view wanted) const {
    Value holder;
    const json_t* elements = array(holder);
    if (elements == nullptr) {
        return text() == wanted;
    }
    for (std::size_t i = 0; i < json_array_size(elements); ++i) {
        if (json::text(json_array_get(elements, i)) == wanted) {
            return true;
        }
    }
    return false;
}

const json_t* Claim::array(Value& holder) const {
    if (first() == '[') {
        holder = parse(flat_);
        return holder.get();
    }
    return json_is_array(tree_) ? tree_ : nullptr;
}

Claim Claim::element(std::size_t index) const noexcept {
    if (tree_ != nullptr) {
        return Claim(json_array_get(tree_, index));
    }
    if (first() != '[') {
        return {};
    }
    // A flat array has scalars without escapes in it: only a string can hide a comma.
    const char* at = flat_.data() + 1;
    while (true) {
        while (is_white(*at)) {
            ++at;
        }
        const char* begin = at;
        if (*at == '"') {
            at = std::find(at + 1, flat_.data() + flat_.size(), '"') + 1;
        } else {
            at = std::find_if(at, flat_.data() + flat_.size(),
                              [](char c) { return c == ',' || c == ']' || is_white(c); });
        }
        if (index == 0) {
            return Claim(std::string_view(begin, static_cast<std::size_t>(at - begin)));
        }
        while (is_white(*at)) {
            ++at;
        }
        if (*at++ == ']') {
            return {};
        }
        --index;
    }
}

void Claims::Free::operator()(Block* block) const noexcept {
    std::free(block);
}

Claims Claims::parse_object(std::string_view text) {
    Claims claims;
    if (Reader reader(text); text.size() <= std::numeric_limits<std::uint16_t>::max() && reader.object()) {
        claims.block_ = reader.block();
        return claims;
    }
    if (Document tree = Document::parse_object(text)) {
        claims.tree_ = std::make_unique<const Document>(std::move(tree));
    }
    return claims;
}

std::string_view Claims::name_at(std::size_t i) const noexcept {
    const Place& place = block_->places()[i];
    return block_->text().substr(place.name, place.name_size);
}

Claim Claims::claim_at(std::size_t i) const noexcept {
    const Place* place = block_->places() + i;
    const std::string_view text = block_->text();
    // Back from the quote of the next name, or from the end: over white space, and a comma or brace.
    const char* begin = text.data() + place->value();
    const char* end = i + 1 < size() ? text.data() + place[1].name - 1 : text.data() + text.size();
    while (is_white(end[-1])) {
        --end;
    }
    --end;
    while (is_white(end[-1])) {
        --end;
    }
    return Claim(std::string_view(begin, static_cast<std::size_t>(end - begin)));
}

Claim Claims::member(std::string_view name) const noexcept {
    if (tree_ != nullptr) {
        return Claim(json::member(tree_->get(), name));
    }
    for (std::size_t i = 0; i < size(); ++i) {
        if (name_at(i) == name) {
            return name.size() <= longest_name ? claim_at(i) : Claim();
        }
    }
    return {};
}

Claim Claims::member_ignoring_case(std::string_view name) const noexcept {
    if (const Claim exact = member(name)) {
        return exact;
    }
    Claim found;
    bool just_one = true;
    for_each([&](std::string_view key, const Claim& claim) {
        if (equal_ignoring_case(key, name)) {
            just_one = !found;
            found = claim;
        }
        return just_one;
    });
    return just_one ? found : Claim();
}

std::size_t Claims::bytes() const noexcept {
    if (tree_ != nullptr) {
        return sizeof(Document) + tree_->bytes();
    }
    return block_ == nullptr ? 0 : sizeof(Block) + size() * sizeof(Place) + block_->text_size;
}

}  // namespace auth_gate::json
