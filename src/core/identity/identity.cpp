#include "core/identity/identity.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>

namespace auth_gate {

namespace {

using json::Claim;

// "a,b" without empty names; nothing for anything else.
std::optional<std::vector<std::string>> listed(std::string_view text) {
    std::vector<std::string> names;
    while (true) {
        const std::size_t comma = std::min(text.find(','), text.size());
        if (comma == 0) {
            return std::nullopt;
        }
        names.emplace_back(text.substr(0, comma));
        if (comma == text.size()) {
            return names;
        }
        text.remove_prefix(comma + 1);
    }
}

// As many digits as `form` has "#", and otherwise its characters.
bool has_form(std::string_view text, std::string_view form) noexcept {
    return text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(),
                                                    [](char c, char f) { return f == '#' ? is_digit(c) : c == f; });
}

bool is_two_digits_within(std::string_view text, std::string_view least, std::string_view most) noexcept {
    return has_form(text, "##") && text >= least && text <= most;
}

bool is_time_zone(std::string_view text) noexcept {
    return text.empty() || text == "Z" ||
           ((text[0] == '+' || text[0] == '-') &&
            (has_form(text.substr(1), "##:##") || has_form(text.substr(1), "####") || has_form(text.substr(1), "##")));
}

// hh:mm[:ss[.fraction]][zone]
bool is_time(std::string_view text) noexcept {
    if (!has_form(text.substr(0, 5), "##:##") || text.substr(0, 2) > "23" || text.substr(3, 2) > "59") {
        return false;
    }
    text.remove_prefix(5);
    if (has_form(text.substr(0, 3), ":##") && text.substr(1, 2) <= "60") {
        text.remove_prefix(3);
        if (text.starts_with('.')) {
            const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
            text.remove_prefix(end == 1 ? 0 : end);
        }
    }
    return is_time_zone(text);
}

bool is_date(std::string_view text) noexcept {
    const std::string_view day = text.substr(0, 10);
    return has_form(day, "####-##-##") && day >= "2000" && is_two_digits_within(day.substr(5, 2), "01", "12") &&
           is_two_digits_within(day.substr(8, 2), "01", "31") &&
           (text.size() == day.size() || ((text[10] == 'T' || text[10] == ' ') && is_time(text.substr(11))));
}

std::string_view name_of(Claim::Type type) noexcept {
    switch (type) {
    case Claim::Type::none:
        return "absent";
    case Claim::Type::null:
        return "null";
    case Claim::Type::boolean:
        return "a boolean";
    case Claim::Type::number:
        return "a number";
    case Claim::Type::string:
        return "a string";
    case Claim::Type::array:
        return "an array";
    case Claim::Type::object:
        return "an object";
    }
    return "";
}

std::string misfit(std::string_view path, const Claim& value, std::string_view wanted) {
    return '"' + std::string(path) + "\" is " + std::string(name_of(value.type())) + ", " + std::string(wanted);
}

bool is_empty(const Claim& value) {
    json::Value holder;
    const json_t* array = value.array(holder);
    return array != nullptr ? json_array_size(array) == 0 : json_object_size(value.tree()) == 0;
}

enum class Elements : std::uint8_t { names, scalars };

// A name, a list of names, or one of objects with a "name"; with `scalars` numbers and booleans are names, too.
std::optional<std::vector<std::string>> names_in(const Claim& value, Elements elements) {
    const auto name_in = [elements](const Claim& one) {
        const Claim::Type type = one.type();
        const bool is_name =
            type == Claim::Type::string ||
            (elements == Elements::scalars && (type == Claim::Type::number || type == Claim::Type::boolean));
        return is_name ? one.text() : std::nullopt;
    };
    if (const auto name = name_in(value)) {
        return std::vector<std::string>{*name};
    }
    if (!value || value.is_null()) {
        return std::vector<std::string>();
    }
    json::Value holder;
    const json_t* array = value.array(holder);
    if (array == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < json_array_size(array); ++i) {
        const json_t* element = json_array_get(array, i);
        auto name = name_in(Claim(json_is_object(element) ? json::member(element, "name") : element));
        if (!name) {
            return std::nullopt;
        }
        names.push_back(std::move(*name));
    }
    return names;
}

bool have_one_of(const std::vector<std::string>& names, const std::vector<std::string>& wanted) noexcept {
    return std::find_first_of(names.begin(), names.end(), wanted.begin(), wanted.end()) != names.end();
}

// One role is cut, so that it fits. Of several only whole ones are kept, and none that looks like two.
std::string shown(const std::vector<std::string>& roles) {
    if (roles.size() == 1) {
        return roles.front().substr(0, Identity::longest_role);
    }
    std::string text;
    for (const std::string& role : roles) {
        const std::size_t size = text.size() + !text.empty() + role.size();
        if (!role.empty() && role.find(',') == std::string::npos && size <= Identity::longest_role) {
            text += (text.empty() ? "" : ",") + role;
        }
    }
    return text;
}

// Reads what is at the paths, by at(path). Without MFA that fits there is no identity; a role that does not fit leaves
// it without one.
template <typename At>
IdentityReading read(const IdentityRules& rules, At at) {
    IdentityReading reading;
    Identity identity;

    const Claim mfa = at(rules.mfa);
    if (rules.mfa_values.empty()) {
        const auto answer = yes_or_no(mfa);
        if (!answer) {
            reading.misfit = misfit(rules.mfa, mfa, "and says neither yes nor no");
            return reading;
        }
        identity.mfa = *answer;
    } else {
        const auto values = names_in(mfa, Elements::scalars);
        if (!values && !(mfa.type() == Claim::Type::object && is_empty(mfa))) {
            reading.misfit = misfit(rules.mfa, mfa, "expected a value or a list of values");
            return reading;
        }
        identity.mfa = values && have_one_of(*values, rules.mfa_values);
    }

    const Claim role = at(rules.role);
    if (const auto roles = names_in(role, Elements::names)) {
        identity.role = shown(*roles);
        identity.admin = rules.admin.empty() && have_one_of(*roles, rules.admin_roles);
    } else {
        reading.misfit = misfit(rules.role, role, "expected a name, or a list of names or of objects with a \"name\"");
    }
    if (!rules.admin.empty()) {
        const Claim admin = at(rules.admin);
        const auto answer = yes_or_no(admin);
        if (!answer) {
            reading.misfit = misfit(rules.admin, admin, "and says neither yes nor no");
        }
        identity.admin = answer.value_or(false);
    }
    reading.identity = std::move(identity);
    return reading;
}

}  // namespace

bool IdentityRules::set_mfa(std::string_view text) {
    const std::size_t colon = find_colon_behind_path(text);
    if (colon != std::string_view::npos) {
        auto values = listed(text.substr(colon + 1));
        if (!values) {
            return false;
        }
        mfa_values = std::move(*values);
    }
    mfa = text.substr(0, colon);
    return is_path(mfa);
}

bool IdentityRules::set_admin(std::string_view text) {
    constexpr std::string_view by_role = "role:";
    if (text.starts_with(by_role)) {
        auto names = listed(text.substr(by_role.size()));
        if (names) {
            admin_roles = std::move(*names);
        }
        return names.has_value();
    }
    admin = text;
    return is_path(text) && find_colon_behind_path(text) == std::string_view::npos;
}

std::string IdentityRules::fingerprint() const {
    std::string text;
    const auto add = [&text](std::string_view part) { text.append(part) += '\0'; };
    for (const std::string* path : {&id, &role, &mfa, &admin}) {
        add(*path);
    }
    for (const std::vector<std::string>* list : {&mfa_values, &admin_roles}) {
        add(std::to_string(list->size()));
        std::for_each(list->begin(), list->end(), add);
    }
    return text;
}

std::optional<bool> yes_or_no(const json::Claim& value) {
    switch (value.type()) {
    case Claim::Type::none:
    case Claim::Type::null:
        return false;
    case Claim::Type::boolean:
        return value.is_true();
    case Claim::Type::number:
        if (const auto number = value.integer(); number == 0 || number == 1) {
            return *number == 1;
        }
        return std::nullopt;
    case Claim::Type::string: {
        const std::string_view text = *value.string();
        if (text.empty() || text == "false" || text == "0") {
            return false;
        }
        return text == "true" || text == "1" || is_date(text) ? std::optional(true) : std::nullopt;
    }
    case Claim::Type::array:
    case Claim::Type::object:
        return is_empty(value) ? std::optional(false) : std::nullopt;
    }
    return std::nullopt;
}

IdentityReading identity_from(const json_t* document, const IdentityRules& rules, const UserId& user) {
    const auto at = [document](std::string_view path) { return Claim(at_path(document, path)); };
    if (const Claim id = at(rules.id); !rules.id.empty() && id.text() != user.text) {
        return {std::nullopt, misfit(rules.id, id, "and not the id of this user")};
    }
    IdentityReading reading = read(rules, at);
    if (!reading.misfit.empty()) {
        reading.identity.reset();
    }
    return reading;
}

IdentityReading identity_from(const json::Claims& claims, const IdentityRules& rules) {
    return read(rules, [&claims](std::string_view path) { return at_path(claims, path); });
}

}  // namespace auth_gate
