// Issuers of many tenants: the metadata has a template, and each token the issuer of its own tenant (Microsoft Entra).
#pragma once

#include <string>
#include <string_view>

namespace auth_gate::oidc {

// Whether it has one "{tenantid}".
bool is_tenant_template(std::string_view issuer) noexcept;

// The issuer of one tenant. A text that is no template stays as it is.
std::string issuer_of_tenant(std::string_view issuer, std::string_view tenant);

// Whether it is the issuer of some tenant.
bool fits_template(std::string_view issuer_template, std::string_view issuer);

// A tenant's id, or one of its domains: letters, digits, "-" and ".".
bool is_tenant(std::string_view text) noexcept;

}  // namespace auth_gate::oidc
