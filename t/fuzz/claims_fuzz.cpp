// json::Claims says of any text what jansson says.
#include "claims_comparison.hpp"
#include "fuzz.hpp"

void fuzz::check(std::string_view input) {
    const std::string what = disagreement(input);
    demand(what.empty(), what.c_str());
}
