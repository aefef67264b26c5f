#include "core/jwt/requirements.hpp"

#include "core/base/crypto.hpp"
#include "core/json/path.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

std::vector<std::string> alternatives(std::string_view text) {
    std::vector<std::string> values(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '|') {
            values.emplace_back();
            continue;
        }
        i += text.substr(i).starts_with("\\|");
        values.back() += text[i];
    }
    return values;
}

// OAuth writes what a token may do as words (RFC 6749, 3.3). In any other claim a space is part of the text.
bool is_list_of_words(std::string_view claim) noexcept {
    return claim == "scope" || claim == "scp";
}

bool has_word(std::string_view words, std::string_view wanted) noexcept {
    while (!words.empty()) {
        const std::size_t end = std::min(words.find(' '), words.size());
        if (end != 0 && words.substr(0, end) == wanted) {
            return true;
        }
        words.remove_prefix(std::min(end + 1, words.size()));
    }
    return false;
}

}  // namespace

bool Requirements::add(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view claim = text.substr(0, equals);
    if (!is_path(claim)) {
        return false;
    }
    std::vector<std::string> values;
    if (equals != std::string_view::npos) {
        values = alternatives(text.substr(equals + 1));
        if (std::count(values.begin(), values.end(), "") != 0) {
            return false;
        }
    }
    list_.push_back({std::string(text), std::string(claim), std::move(values)});

    canonical_.append(text);
    canonical_ += '\0';
    fingerprint_ = static_cast<std::uint32_t>(short_hash(sha256(canonical_))) | 1;
    return true;
}

std::string_view Requirements::unmet_by(const json::Claims& claims) const {
    const auto unmet = std::find_if(list_.begin(), list_.end(), [&claims](const Requirement& requirement) {
        return !requirement.is_met_by(at_path(claims, requirement.claim));
    });
    return unmet == list_.end() ? std::string_view() : std::string_view(unmet->text);
}

bool Requirements::Requirement::is_met_by(const json::Claim& given) const {
    if (!given || given.is_null()) {
        return false;
    }
    const auto words = is_list_of_words(claim) ? given.string() : std::nullopt;
    return values.empty() || std::any_of(values.begin(), values.end(), [&](const std::string& value) {
               return given.is_or_has(value) || (words && has_word(*words, value));
           });
}

}  // namespace auth_gate
