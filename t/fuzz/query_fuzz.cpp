// Queries: a parameter that is taken out is gone, one that is masked is covered, and nothing else changes.
#include "core/http/query.hpp"

#include "fuzz.hpp"

#include <vector>

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    std::string joined;
    bool first = true;
    query::each(input, [&](const query::Parameter& parameter) {
        joined += first ? "" : "&";
        joined += parameter.whole;
        first = false;
    });
    demand(joined == input, "the parameters are the whole query");

    const std::string rest = query::without(input, "token");
    query::each(rest, "token", [](std::string_view) { demand(false, "a parameter that was taken out is gone"); });
    demand(query::without(rest, "token") == rest, "taking out twice is taking out once");

    const auto any = [](std::string_view) { return true; };
    std::string masked(input);
    query::mask(masked, "token", any);
    demand(masked.size() == input.size(), "masking keeps the size");
    query::each(masked, "token", [](std::string_view value) {
        demand(value.find_first_not_of('*') == std::string_view::npos, "a masked value is stars");
    });
    std::string url(input);
    query::mask_in_url(url, "token", any);
    demand(url.size() == input.size(), "so does masking in a URL");
    const query::Decoded decoded(input);
    demand(std::string_view(decoded) == query::decode(input), "both decoders agree");
}
