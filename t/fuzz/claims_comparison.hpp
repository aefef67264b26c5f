// json::Claims against jansson: the same texts are refused, and every question has the same answer.
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/request_traits.hpp"
#include "core/identity/identity.hpp"
#include "core/json/claims.hpp"

namespace fuzz {

using namespace auth_gate;

inline const json_t* find_ignoring_case(json_t* object, std::string_view name) {
    if (const json_t* exact = json::member(object, name)) {
        return exact;
    }
    std::vector<const json_t*> found;
    const char* key;
    json_t* value;
    json_object_foreach(object, key, value) {
        if (equal_ignoring_case(key, name)) {
            found.push_back(value);
        }
    }
    return found.size() == 1 ? found.front() : nullptr;
}

inline bool array_has(const json_t* array, std::string_view wanted) {
    for (std::size_t i = 0; i < json_array_size(array); ++i) {
        if (json::text(json_array_get(array, i)) == wanted) {
            return true;
        }
    }
    return false;
}

// What the two disagree about, or nothing.
inline std::string claim_disagreement(const json::Claim& claim, const json_t* value) {
    if (static_cast<bool>(claim) != (value != nullptr)) {
        return "whether it is there";
    }
    if (claim.is_null() != json_is_null(value) || claim.is_true() != json_is_true(value)) {
        return "null or true";
    }
    if (claim.text() != json::text(value)) {
        return "its text";
    }
    if (claim.string() != json::string(value)) {
        return "its characters";
    }
    if (claim.is_integer() != json_is_integer(value) || claim.integer().has_value() != json_is_integer(value) ||
        claim.integer().value_or(0) != json_integer_value(value)) {
        return "its integer";
    }
    if (claim.number().has_value() != json_is_number(value) || claim.number().value_or(0) != json_number_value(value)) {
        return "its number";
    }
    if (UserId::from_json(claim) != UserId::from_json(value)) {
        return "the user id";
    }
    std::vector<std::string> wanted = {"", "x", "null", "true", "1", "[]", json::text(value).value_or("-")};
    for (std::size_t i = 0; i < json_array_size(value); ++i) {
        wanted.push_back(json::text(json_array_get(value, i)).value_or("-"));
    }
    for (const std::string& text : wanted) {
        const bool has = json_is_array(value) ? array_has(value, text) : json::text(value) == text;
        if (claim.is_or_has(text) != has) {
            return "whether it has " + text;
        }
    }
    return "";
}

inline std::string lookup_disagreement(const json::Claims& claims, json_t* object, std::string name) {
    // No name that anybody looks for has a NUL.
    name = name.substr(0, name.find('\0'));
    if (std::string what = claim_disagreement(claims.member(name), json::member(object, name)); !what.empty()) {
        return what + " by name";
    }
    if (std::string what = claim_disagreement(claims.member_ignoring_case(name), find_ignoring_case(object, name));
        !what.empty()) {
        return what + " ignoring case";
    }
    for (const std::string& path : {name, name + ".id", name + ".a.b"}) {
        if (std::string what = claim_disagreement(at_path(claims, path), at_path(object, path)); !what.empty()) {
            return what + " at the path " + path;
        }
    }
    return "";
}

inline std::string disagreement(std::string_view text) {
    const json::Claims claims = json::Claims::parse_object(text);
    const json::Value object = json::parse_object(text);
    if (static_cast<bool>(claims) != (object != nullptr)) {
        return "whether this is an object";
    }
    if (object == nullptr) {
        return "";
    }

    struct Member {
        std::string name;
        const json_t* value;
    };
    std::vector<Member> members;
    const char* key;
    json_t* value;
    json_object_foreach(object.get(), key, value) {
        members.push_back({key, value});
    }
    std::size_t at = 0;
    std::string what;
    claims.for_each([&](std::string_view name, const json::Claim& claim) {
        if (at == members.size() || members[at].name != name) {
            what = "the names";
        } else {
            what = claim_disagreement(claim, members[at].value);
        }
        ++at;
        return what.empty();
    });
    if (!what.empty() || at != members.size()) {
        return what.empty() ? "the number of members" : what;
    }

    std::vector<std::string> names = {"", "id", "user", "role", "a", "\"", "a\":1,\"b"};
    for (const Member& member : members) {
        names.push_back(member.name);
        names.push_back(member.name + "x");
        names.push_back(member.name.substr(0, member.name.size() / 2));
        std::string flipped = member.name;
        for (char& c : flipped) {
            c = static_cast<char>(std::isupper(static_cast<unsigned char>(c))
                                      ? std::tolower(static_cast<unsigned char>(c))
                                      : std::toupper(static_cast<unsigned char>(c)));
        }
        names.push_back(std::move(flipped));
    }
    for (const std::string& name : names) {
        if (what = lookup_disagreement(claims, object.get(), name); !what.empty()) {
            return what + ": " + name;
        }
    }
    return "";
}

}  // namespace fuzz
