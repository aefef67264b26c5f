#include "core/oidc/store.hpp"

#include <algorithm>

namespace auth_gate::oidc {

Record::Record(const Record& other) noexcept : found(other.found), size(other.size) {
    std::copy_n(other.bytes, other.size, bytes);
}

Record& Record::operator=(const Record& other) noexcept {
    if (this != &other) {
        wipe(bytes, size);
        found = other.found;
        size = other.size;
        std::copy_n(other.bytes, other.size, bytes);
    }
    return *this;
}

Record::~Record() {
    wipe(bytes, size);
}

}  // namespace auth_gate::oidc
