#include "core/oidc/tenant.hpp"

#include "core/base/ascii.hpp"
#include "core/http/url.hpp"

#include <algorithm>

namespace auth_gate::oidc {

namespace {

constexpr std::string_view placeholder = "{tenantid}";

}  // namespace

bool is_tenant_template(std::string_view issuer) noexcept {
    const std::size_t at = issuer.find(placeholder);
    return at != std::string_view::npos && issuer.find(placeholder, at + 1) == std::string_view::npos;
}

std::string issuer_of_tenant(std::string_view issuer, std::string_view tenant) {
    std::string text(issuer);
    if (is_tenant_template(issuer)) {
        text.replace(issuer.find(placeholder), placeholder.size(), tenant);
    }
    return text;
}

bool fits_template(std::string_view issuer_template, std::string_view issuer) {
    const std::size_t begin = issuer_template.find(placeholder);
    if (!is_tenant_template(issuer_template) || issuer.size() <= begin) {
        return false;
    }
    const std::size_t end = std::min(issuer.find('/', begin), issuer.size());
    const std::string_view tenant = issuer.substr(begin, end - begin);
    return is_tenant(tenant) && url::same_issuer(issuer, issuer_of_tenant(issuer_template, tenant));
}

bool is_tenant(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace auth_gate::oidc
