// Changes of settings as administrators send them.
#include "core/mfa/settings.hpp"
#include "core/oidc/provider_settings.hpp"

#include "core/json/json.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    const SettingsChange change = parse_change(input);
    const json::Value object = json::parse_object(input);
    demand(object != nullptr || change.status == SettingsChange::Status::invalid_json, "only an object is a change");
    if (change.status == SettingsChange::Status::ok && change.require_mfa) {
        const json_t* value = json::member(object.get(), "require_mfa");
        const std::string text = json::text(value).value_or("");
        demand(text == (*change.require_mfa ? "true" : "false"), "a switch is what was sent");
    }
    if (change.status == SettingsChange::Status::ok && change.has_others) {
        const json::Value others = json::parse_object(change.others);
        demand(others != nullptr && json::member(others.get(), "require_mfa") == nullptr,
               "the application gets the others");
    }
    ProviderSettings before;
    before.client_secret = "kept secret";
    const ProviderSettingsChange provider = change_provider_settings(before, input);
    if (provider.status == ProviderSettingsChange::Status::ok) {
        const json::Value answer = json::parse_object(to_answer(provider.settings, {}));
        demand(answer != nullptr && json::member(answer.get(), "client_secret") == nullptr, "an answer has no secret");
    }
}
