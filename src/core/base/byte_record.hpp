// Byte records for shared memory: fixed-width values in native byte order, and length-prefixed strings.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace auth_gate {

class RecordWriter {
public:
    template <typename T>
    requires std::is_trivially_copyable_v<T>
    void fixed(const T& value) {
        char bytes[sizeof(value)];
        std::memcpy(bytes, &value, sizeof(value));
        bytes_.append(bytes, sizeof(bytes));
    }

    // `value` must not exceed 65535 bytes; its length is stored in 16 bits.
    void text(std::string_view value) {
        fixed(static_cast<std::uint16_t>(value.size()));
        bytes_ += value;
    }

    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

// Reads the fields that RecordWriter wrote, in the same order. The values are valid only if complete() is true at the
// end.
class RecordReader {
public:
    explicit RecordReader(std::string_view bytes) noexcept : left_(bytes) {}

    template <typename T>
    requires std::is_trivially_copyable_v<T>
    void fixed(T& value) noexcept {
        if (const std::string_view bytes = next(sizeof(value)); !bytes.empty()) {
            std::memcpy(&value, bytes.data(), sizeof(value));
        }
    }

    void text(std::string& value) {
        std::uint16_t size = 0;
        fixed(size);
        value = next(size);
    }

    bool complete() const noexcept { return good_ && left_.empty(); }

private:
    std::string_view next(std::size_t size) noexcept {
        if (!good_ || size > left_.size()) {
            good_ = false;
            return {};
        }
        const std::string_view bytes = left_.substr(0, size);
        left_.remove_prefix(size);
        return bytes;
    }

    std::string_view left_;
    bool good_ = true;
};

}  // namespace auth_gate
