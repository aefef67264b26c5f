#include "core/json/extend.hpp"

#include "core/json/json.hpp"

namespace auth_gate::json {

namespace {

// Positions in a text that is known to be a JSON object.
struct Member {
    std::size_t begin;  // of its name
    std::size_t value;
    std::size_t end;  // behind its value
};

// Walks over the members of an object that jansson has found to be one; no need to doubt anything again.
class Members {
public:
    explicit Members(std::string_view object) noexcept : text_(object), at_(object.find('{') + 1) {}

    std::optional<Member> next() noexcept {
        skip([](char c) { return is_blank(c) || c == ','; });
        if (text_[at_] == '}') {
            return std::nullopt;
        }
        Member member{};
        member.begin = at_;
        skip_string();
        skip([](char c) { return is_blank(c) || c == ':'; });
        member.value = at_;
        skip_value();
        member.end = at_;
        return member;
    }

    bool is_named(const Member& member, std::string_view name) const {
        const std::size_t size = text_.find_last_of('"', text_.find_last_of(':', member.value)) + 1 - member.begin;
        const std::string_view quoted = text_.substr(member.begin, size);
        if (quoted.find('\\') == std::string_view::npos) {
            return quoted.substr(1, size - 2) == name;
        }
        const Value key = parse(quoted);
        return string(key.get()) == name;
    }

private:
    static bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    template <typename Belongs>
    void skip(Belongs belongs) noexcept {
        while (belongs(text_[at_])) {
            ++at_;
        }
    }

    void skip_string() noexcept {
        for (++at_; text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') {
                ++at_;
            }
        }
        ++at_;
    }

    void skip_value() noexcept {
        std::size_t depth = 0;
        do {
            const char c = text_[at_];
            if (c == '"') {
                skip_string();
                continue;
            }
            if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                --depth;
            }
            ++at_;
        } while (depth != 0 || !ends_value());
    }

    // After a whole string, object or array, or a character of a number or word.
    bool ends_value() const noexcept { return is_blank(text_[at_]) || text_[at_] == ',' || text_[at_] == '}'; }

    std::string_view text_;
    std::size_t at_;
};

std::optional<Member> find(std::string_view object, std::string_view name) {
    Members members(object);
    while (const auto member = members.next()) {
        if (members.is_named(*member, name)) {
            return member;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> extend(std::string_view object, std::string_view name, std::string_view value) {
    return parse_object(object) != nullptr ? std::optional(extend_valid(object, name, value)) : std::nullopt;
}

std::string extend_valid(std::string_view object, std::string_view name, std::string_view value) {
    if (const auto member = find(object, name)) {
        std::string replaced(object.substr(0, member->value));
        replaced += value;
        replaced += object.substr(member->end);
        return replaced;
    }
    const std::size_t brace = object.rfind('}');
    std::string extended(object.substr(0, brace));
    if (Members(object).next()) {
        extended += ',';
    }
    extended += quote(name);
    extended += ':';
    extended += value;
    extended += object.substr(brace);
    return extended;
}

std::optional<std::string> without(std::string_view object, std::string_view name) {
    if (parse_object(object) == nullptr) {
        return std::nullopt;
    }
    const auto member = find(object, name);
    if (!member) {
        return std::string(object);
    }
    // With the comma behind it, or for the last one the comma before it.
    std::size_t begin = member->begin;
    std::size_t end = object.find_first_not_of(" \t\r\n", member->end);
    if (object[end] == ',') {
        end = object.find_first_not_of(" \t\r\n", end + 1);
    } else {
        const std::size_t before = object.find_last_not_of(" \t\r\n", begin - 1);
        begin = object[before] == ',' ? before : begin;
    }
    std::string rest(object.substr(0, begin));
    rest += object.substr(end);
    return rest;
}

}  // namespace auth_gate::json
