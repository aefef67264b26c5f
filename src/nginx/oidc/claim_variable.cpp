#include "nginx/oidc/claim_variable.hpp"

#include "nginx/ngx/subrequest.hpp"
#include "nginx/oidc/login_request.hpp"

#include "core/http/url.hpp"
#include "core/oidc/user.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

// Some applications decode a slash before they look for "..": that is another path than the configuration has in mind.
bool has_dot_segment(std::string_view text) noexcept {
    while (true) {
        const std::size_t end = std::min(text.find_first_of("/\\"), text.size());
        if (text.substr(0, end) == "." || text.substr(0, end) == "..") {
            return true;
        }
        if (end == text.size()) {
            return false;
        }
        text.remove_prefix(end + 1);
    }
}

}  // namespace

std::optional<std::string> provider_claim(ngx_http_request_t* r, std::string_view name) {
    LoginRequest* login = LoginRequest::find(r);
    if (login == nullptr || !login->answers.are_complete) {
        return std::nullopt;
    }
    login->answers.claims_were_read = true;
    auto text = oidc::claim_text(login->answers.claims.get(), name);
    if (!is_inside_lookup(r)) {
        return text;
    }
    if (!text || text->empty() || has_dot_segment(*text)) {
        login->answers.lacked_claim = name;
        return std::nullopt;
    }
    return url::encode(*text);
}

}  // namespace auth_gate
