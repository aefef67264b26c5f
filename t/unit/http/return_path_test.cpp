// Where a login page may send a person back to.
#include "unit.hpp"

#include "core/http/return_path.hpp"
#include "core/http/url.hpp"

namespace {

using namespace unit;
using auth_gate::return_path;

bool is_secret(std::string_view value) {
    return value == "SECRET";
}

void a_return_path_is_what_was_asked_for_and_stays_on_this_site(void**) {
    static constexpr struct {
        std::string_view target, path;
    } table[] = {
        {"/", "/"},
        {"/page/list?tag=a&sort=b", "/page/list?tag=a&sort=b"},
        {"/a%20b?c=%20&d=+&e", "/a%20b?c=%20&d=+&e"},
        {"/a?", "/a"},
        {"/a?&", "/a?&"},
        {"/a?b=c#d", "/a?b=c"},
        {"/a#b?c", "/a"},
        {"/a;b=c?d", "/a;b=c?d"},
        {"/a%2Fb", "/a%2Fb"},
        {"/\xc3\xa4?\xc3\xa4=\"", "/%C3%A4?%C3%A4=\""},
        {"/a?url=https://x.example//y\\z", "/a?url=https://x.example//y%5Cz"},
        // Other sites, for some browser or some login page.
        {"", "/"},
        {"x", "/"},
        {"?a=b", "/"},
        {"*", "/"},
        {"https://evil.example/", "/"},
        {"//evil.example/x?y", "/"},
        {"/a//b", "/"},
        {"/%2fevil.example", "/"},
        {"/%2F%2Fevil.example", "/"},
        {"/\\evil.example", "/"},
        {"/%5Cevil.example", "/"},
        {"/a%0d%0ab", "/"},
        {"/a\tb", "/"},
        {"/a%7F", "/"},
        // Parameters that nobody else may see.
        {"/a?token=x", "/a"},
        {"/a?b=1&token=x&c=2", "/a?b=1&c=2"},
        {"/a?token=x&token=y", "/a"},
        {"/a?TOKEN=x&b", "/a?b"},
        {"/a?token[]=x&b", "/a?b"},
        {"/a?%74oken=x&b", "/a?b"},
        {"/a?b=1;token=x&c", "/a?c"},
        {"/a?b?token=x&c", "/a?c"},
        {"/a?tokens=x", "/a?tokens=x"},
        {"/a?other=SECRET&c", "/a?c"},
        {"/a?other=SECRE%54&c", "/a?c"},
        {"/a?b;other=SECRET&c", "/a?c"},
        {"/a;token=x", "/"},
        {"/a;b=SECRET/c", "/a;b=SECRET/c"},
        {"/a;b=SECRET", "/"},
        {"/a?b=%0a&c=1", "/a?c=1"},
        {"/a?b=x%00y&c=1", "/a?c=1"},
    };
    for (const auto& row : table) {
        const std::string path = return_path(row.target, "token", is_secret);
        expect_equal(path, row.path, row.target);
        expect(auth_gate::url::is_return_path(path), "a login would take " + path);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_return_path_is_what_was_asked_for_and_stays_on_this_site),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
