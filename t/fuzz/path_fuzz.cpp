// Paths: what is escaped reads as itself, and a rule matches every spelling that is the same path.
#include "core/http/path.hpp"
#include "core/http/query.hpp"

#include "fuzz.hpp"

using namespace auth_gate;

void fuzz::check(std::string_view input) {
    const auto [one, two] = two_lines(input);
    demand(query::decode(path::escape(one)) == one, "an escaped path decodes to itself");
    demand(path::same(one, one) && path::same(one, two) == path::same(two, one), "sameness is symmetric");
    if (!path::is_ambiguous(one)) {
        const std::string decoded = query::decode(one);
        demand(decoded.find_first_of(";\\") == std::string::npos, "no ambiguous character hides in an escape");
    }
    if (path::reads_as(one, two)) {
        demand(query::decode(one) == two, "what reads as a path decodes to it");
    }
    (void)path::of_url(one);

    path::Rules rules;
    if (rules.add("GET", two) && !two.ends_with('*') && one.starts_with('/')) {
        demand(rules.match("GET", two) && rules.match("HEAD", two) && !rules.match("POST", two),
               "a rule is for its method");
        demand(rules.match("GET", one) == path::same(one, two), "a rule matches every spelling of its path");
    }
    if (rules.match_as_sent("GET", query::decode(one), one) && two.ends_with('*')) {
        demand(!path::is_ambiguous(one), "no prefix matches an ambiguous path");
    }
}
