#include "core/http/refusal.hpp"

namespace auth_gate {

namespace {

constexpr RefusalAnswer let_in = {200, "", "", 0, "", Remedy::none, "allow"};

constexpr RefusalAnswer no_credentials = {401,
                                          R"({"error":"Access token required","code":"AUTH_REQUIRED"})",
                                          "Bearer",
                                          4001,
                                          "Authentication required",
                                          Remedy::login,
                                          "no_credentials"};

constexpr std::string_view invalid_body = R"({"error":"Invalid or expired token","code":"AUTH_REQUIRED"})";
constexpr std::string_view invalid_challenge = R"(Bearer error="invalid_token")";

constexpr RefusalAnswer bad_credentials = {
    401, invalid_body, invalid_challenge, 4001, "Invalid or expired token", Remedy::login, "bad_credentials"};

constexpr RefusalAnswer forbidden = {403,
                                     R"({"error":"Insufficient permissions","code":"FORBIDDEN"})",
                                     R"(Bearer error="insufficient_scope")",
                                     4003,
                                     "Forbidden",
                                     Remedy::none,
                                     "forbidden"};

constexpr RefusalAnswer prefetch = {401, invalid_body, invalid_challenge, 0, "", Remedy::none, "prefetch"};

constexpr RefusalAnswer bad_path = {400, R"({"error":"Bad request"})", "", 0, "", Remedy::none, "bad_path"};

constexpr RefusalAnswer foreign_origin = {
    403, R"({"error":"Forbidden origin","code":"ORIGIN"})", "", 4003, "Forbidden", Remedy::none, "foreign_origin"};

constexpr RefusalAnswer not_json = {415, R"({"error":"Unsupported media type"})", "", 0, "", Remedy::none, "not_json"};

constexpr RefusalAnswer websocket_version = {
    426, R"({"error":"Upgrade required"})", "", 0, "", Remedy::none, "websocket_version"};

constexpr RefusalAnswer mfa_required = {
    403,
    R"({"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"})",
    "",
    4403,
    "MFA required",
    Remedy::mfa_setup,
    "mfa_required"};

constexpr RefusalAnswer not_admin = {403, R"({"error":"Admin access required"})", "", 0, "", Remedy::none, "not_admin"};

constexpr RefusalAnswer not_saved = {500,        R"({"error":"Settings could not be saved"})", "", 0, "", Remedy::none,
                                     "not_saved"};

constexpr RefusalAnswer settings_changed = {
    409, R"({"error":"Settings changed meanwhile"})", "", 0, "", Remedy::none, "settings_changed"};

constexpr RefusalAnswer unavailable = {
    503, R"({"error":"Service unavailable"})", "", 1013, "Try again later", Remedy::none, "unavailable"};

}  // namespace

const RefusalAnswer& answer_to(Refusal refusal) noexcept {
    switch (refusal) {
    case Refusal::none:
        return let_in;
    case Refusal::no_credentials:
        return no_credentials;
    case Refusal::bad_credentials:
        return bad_credentials;
    case Refusal::forbidden:
        return forbidden;
    case Refusal::prefetch:
        return prefetch;
    case Refusal::bad_path:
        return bad_path;
    case Refusal::foreign_origin:
        return foreign_origin;
    case Refusal::not_json:
        return not_json;
    case Refusal::websocket_version:
        return websocket_version;
    case Refusal::mfa_required:
        return mfa_required;
    case Refusal::not_admin:
        return not_admin;
    case Refusal::not_saved:
        return not_saved;
    case Refusal::settings_changed:
        return settings_changed;
    case Refusal::unavailable:
        return unavailable;
    }
    return unavailable;
}

}  // namespace auth_gate
