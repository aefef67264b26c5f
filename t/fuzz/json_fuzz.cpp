// JSON: both ways of reading it agree, and changing one member leaves the rest.
#include "core/json/document.hpp"
#include "core/json/extend.hpp"
#include "core/json/json.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    const json::Value object = json::parse_object(input);
    const json::Document document = json::Document::parse_object(input);
    demand((object != nullptr) == static_cast<bool>(document), "both readers accept the same");
    demand(object == nullptr || json_equal(object.get(), document.get()) != 0, "and read the same");

    const auto extended = json::extend(input, "added", "[1]");
    const auto less = json::without(input, "added");
    demand(extended.has_value() == (object != nullptr) && less.has_value() == (object != nullptr),
           "an object can be changed");
    if (object == nullptr) {
        return;
    }
    const json::Value more = json::parse_object(*extended);
    const json::Value rest = json::parse_object(*less);
    demand(more != nullptr && rest != nullptr, "what was changed is an object");
    const json_t* added = json::member(more.get(), "added");
    demand(json_is_array(added) && json_array_size(added) == 1, "the member is there");
    demand(json::member(rest.get(), "added") == nullptr, "the member is gone");
    json_object_del(more.get(), "added");
    demand(json_equal(more.get(), rest.get()) != 0, "the rest is the same");
}
