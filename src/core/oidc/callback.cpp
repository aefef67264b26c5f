#include "core/oidc/callback.hpp"

#include "core/base/ascii.hpp"
#include "core/http/query.hpp"
#include "core/http/url.hpp"
#include "core/oidc/error.hpp"
#include "core/oidc/login.hpp"
#include "core/oidc/tenant.hpp"

#include <algorithm>
#include <optional>

namespace auth_gate::oidc {

namespace {

constexpr std::size_t longest_query = 3 * Callback::longest_code;  // every byte escaped

// Stands for a provider's error code that is not fit to be passed on.
constexpr std::string_view unnamed_error = "server_error";

// False for a parameter that is repeated, too long, or not printable ASCII (RFC 6749, appendix A).
bool read(std::string_view query, std::string_view name, std::size_t longest, std::optional<std::string>& value) {
    bool good = true;
    query::each(query, name, [&](std::string_view raw) {
        auto text = url::decode_form(raw);
        good =
            good && !value && text && text->size() <= longest && std::all_of(text->begin(), text->end(), is_printable);
        value = std::move(text);
    });
    return good;
}

// For people to read, so whatever it is, it does not make the callback malformed.
std::string read_description(std::string_view query) {
    std::string description;
    query::each(query, "error_description", [&](std::string_view raw) {
        if (description.empty()) {
            description = shown_description(url::decode_form(raw).value_or(""));
        }
    });
    return description;
}

}  // namespace

Callback parse_callback(std::string_view query) {
    Callback callback;
    const auto ends = [&](Callback::Status status) {
        callback.status = status;
        return std::move(callback);
    };

    std::optional<std::string> code, state, issuer, error;
    if (query.size() > longest_query || !read(query, "code", Callback::longest_code, code) ||
        !read(query, "state", Callback::longest_code, state) || !read(query, "iss", url::longest, issuer) ||
        !read(query, "error", Callback::longest_code, error)) {
        return ends(Callback::Status::malformed);
    }
    if (!state || state->empty()) {
        if (error && is_standard_error_code(*error)) {
            callback.error = *error;
            return ends(Callback::Status::refused_unasked);
        }
        return ends(Callback::Status::incomplete);
    }
    if (!is_flow_secret(*state)) {
        return ends(Callback::Status::bad_state);
    }
    callback.state = std::move(*state);
    callback.issuer = issuer.value_or("");
    if (error) {
        callback.description = read_description(query);
        callback.error = is_error_code(*error) ? *error : unnamed_error;
        return ends(Callback::Status::refused);
    }
    if (!code || code->empty()) {
        return ends(Callback::Status::incomplete);
    }
    callback.code = std::move(*code);
    return ends(Callback::Status::code);
}

bool issuer_fits(const Callback& callback, const Metadata& metadata) {
    if (callback.issuer.empty()) {
        return !metadata.names_itself;
    }
    return url::same_issuer(callback.issuer, metadata.issuer) || fits_template(metadata.issuer, callback.issuer);
}

std::string_view sentence(Callback::Status status) noexcept {
    switch (status) {
    case Callback::Status::code:
        return "the provider sent a code";
    case Callback::Status::refused:
        return "the provider refused the login";
    case Callback::Status::refused_unasked:
        return "the provider sent an error without a state";
    case Callback::Status::bad_state:
        return "the callback's state is not one of ours";
    case Callback::Status::incomplete:
        return "the callback lacks code or state";
    case Callback::Status::malformed:
        return "the callback's query is malformed";
    }
    return "";
}

}  // namespace auth_gate::oidc
