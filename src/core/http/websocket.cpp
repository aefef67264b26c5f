#include "core/http/websocket.hpp"

#include "core/base/ascii.hpp"
#include "core/base/crypto.hpp"
#include "core/http/request_traits.hpp"

#include <algorithm>
#include <array>

namespace auth_gate::websocket {

namespace {

constexpr std::string_view magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::string_view supported_version = "13";
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Whether it is 16 bytes in padded base64 (RFC 6455, 4.1): 22 characters and "==".
bool is_key(std::string_view key) noexcept {
    return key.size() == 24 && key.ends_with("==") &&
           key.substr(0, 22).find_first_not_of(alphabet) == std::string_view::npos;
}

}  // namespace

Handshake classify(const HandshakeHeaders& headers) noexcept {
    if (headers.method != "GET" || !headers.http11 || !list_has(headers.upgrade, "websocket") ||
        !list_has(headers.connection, "upgrade")) {
        return Handshake::none;
    }
    if (headers.version != supported_version) {
        return Handshake::wrong_version;
    }
    return is_key(headers.key) ? Handshake::valid : Handshake::none;
}

std::string without_other_protocols(std::string_view upgrade) {
    std::string kept;
    while (!upgrade.empty()) {
        const std::size_t end = std::min(upgrade.find(','), upgrade.size());
        const std::string_view protocol = trimmed(upgrade.substr(0, end));
        const bool is_one = std::all_of(protocol.begin(), protocol.end(), [](char c) { return c > ' ' && c != ';'; });
        // "name/version": the name decides which protocol it is.
        if (is_one && contains_ignoring_case(protocol.substr(0, protocol.find('/')), "websocket")) {
            kept += kept.empty() ? "" : ", ";
            kept += protocol;
        }
        upgrade.remove_prefix(std::min(end + 1, upgrade.size()));
    }
    return kept;
}

std::string accept_key(std::string_view key) {
    std::string text(key);
    text += magic;
    const std::array<std::uint8_t, 20> digest = sha1(text);

    // 20 bytes are six groups of three and a last group of two, padded with one '='.
    std::string out;
    for (std::size_t i = 0; i < digest.size(); i += 3) {
        const bool last = i + 3 > digest.size();
        const std::uint32_t third = last ? 0 : digest[i + 2];
        const std::uint32_t group = std::uint32_t{digest[i]} << 16 | std::uint32_t{digest[i + 1]} << 8 | third;
        out += alphabet[group >> 18];
        out += alphabet[group >> 12 & 63];
        out += alphabet[group >> 6 & 63];
        out += last ? '=' : alphabet[group & 63];
    }
    return out;
}

std::string close_frame(std::uint16_t code, std::string_view reason) {
    constexpr std::size_t longest_reason = 123;
    reason = reason.substr(0, longest_reason);

    std::string frame;
    frame += static_cast<char>(0x88);  // FIN, opcode 8
    frame += static_cast<char>(reason.size() + 2);
    frame += static_cast<char>(code >> 8);
    frame += static_cast<char>(code & 0xff);
    frame += reason;
    return frame;
}

void FrameTracker::consume(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        if (payload_left_ != 0) {
            const std::uint64_t skipped = std::min<std::uint64_t>(payload_left_, bytes.size());
            payload_left_ -= skipped;
            bytes.remove_prefix(static_cast<std::size_t>(skipped));
            continue;
        }
        header_[header_size_++] = static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        if (header_size_ < 2) {
            continue;
        }
        const std::uint8_t short_size = header_[1] & 0x7f;
        const int size_bytes = short_size == 126 ? 2 : short_size == 127 ? 8 : 0;
        const int mask_bytes = (header_[1] & 0x80) != 0 ? 4 : 0;
        if (header_size_ < 2 + size_bytes + mask_bytes) {
            continue;
        }
        payload_left_ = size_bytes == 0 ? short_size : 0;
        for (int i = 0; i < size_bytes; ++i) {
            payload_left_ = payload_left_ << 8 | header_[2 + i];
        }
        header_size_ = 0;
    }
}

std::optional<std::string_view> first_protocol(std::string_view offered) noexcept {
    std::string_view first = offered.substr(0, offered.find(','));
    while (!first.empty() && (first.front() == ' ' || first.front() == '\t')) {
        first.remove_prefix(1);
    }
    while (!first.empty() && (first.back() == ' ' || first.back() == '\t')) {
        first.remove_suffix(1);
    }
    const bool token = std::all_of(first.begin(), first.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > 0x20 && byte < 0x7f && std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
    });
    if (first.empty() || !token) {
        return std::nullopt;
    }
    return first;
}

}  // namespace auth_gate::websocket
