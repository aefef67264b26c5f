// Classifies requests by their headers. An absent header is an empty view.
#pragma once

#include <string_view>

namespace auth_gate {

// Ignores the case of ASCII letters only.
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

// `part` is in lower case.
bool contains_ignoring_case(std::string_view text, std::string_view part) noexcept;

// Whether a comma-separated list (RFC 9110, 5.6.1) contains the element, ignoring case.
bool list_has(std::string_view list, std::string_view element) noexcept;

// Whether a Content-Type declares JSON: application/json or application/...+json (RFC 6839, 3.1).
bool is_json_type(std::string_view content_type) noexcept;

// A CORS preflight (Fetch standard, 4.8): OPTIONS with both headers.
bool is_preflight(std::string_view method, std::string_view origin,
                  std::string_view access_control_request_method) noexcept;

// Whether the browser loads something that may never be shown, for which no token may be spent. `purpose` is the value
// of Sec-Purpose, Purpose, X-Purpose or X-Moz.
bool is_prefetch_purpose(std::string_view purpose) noexcept;

// Whether the browser navigates to a page and may be redirected to a login page; a script's request may not. Decided by
// Fetch Metadata, or without it by preferring HTML to JSON. Links are followed by GET or HEAD, forms sent by POST.
bool is_page_navigation(std::string_view method, std::string_view sec_fetch_mode, std::string_view accept,
                        std::string_view x_requested_with) noexcept;

}  // namespace auth_gate
