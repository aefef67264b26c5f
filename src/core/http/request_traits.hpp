// What kind of request this is, told from its headers alone. An absent header is an empty view.
#pragma once

#include <string_view>

namespace auth_gate {

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

// True when a comma-separated header has this element, ignoring case (RFC 9110, 5.6.1).
bool list_has(std::string_view list, std::string_view element) noexcept;

// A CORS preflight (Fetch standard, 4.8): OPTIONS with both headers.
bool is_preflight(std::string_view method, std::string_view origin,
                  std::string_view access_control_request_method) noexcept;

// A load that the person may never look at: nothing may be spent for it.
// `purpose` stands for each of Sec-Purpose, Purpose, X-Purpose and X-Moz.
bool is_prefetch_purpose(std::string_view purpose) noexcept;

// The browser loads a page (Fetch Metadata says so, or without it a GET that prefers HTML): worth a
// redirect to where the person can sign in. A script's call never is.
bool is_page_navigation(std::string_view method, std::string_view sec_fetch_mode, std::string_view accept,
                        std::string_view x_requested_with) noexcept;

}  // namespace auth_gate
