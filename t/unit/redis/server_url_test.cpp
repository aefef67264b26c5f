// Where a store is, as the configuration says it.
#include "core/redis/server_url.hpp"

#include "unit.hpp"

namespace {

using namespace auth_gate;
using namespace unit;

void each_part_is_read(void**) {
    const struct {
        std::string_view text, socket, authority, user, password, shown;
        std::uint32_t database;
    } cases[] = {
        {"unix:/run/redis.sock", "/run/redis.sock", "", "", "", "unix:/run/redis.sock", 0},
        {"redis://10.0.0.5", "", "10.0.0.5", "", "", "redis://10.0.0.5/0", 0},
        {"redis://10.0.0.5/", "", "10.0.0.5", "", "", "redis://10.0.0.5/0", 0},
        {"redis://redis.example:6380/3", "", "redis.example:6380", "", "", "redis://redis.example:6380/3", 3},
        {"redis://[::1]:6379", "", "[::1]:6379", "", "", "redis://[::1]:6379/0", 0},
        {"redis://gate:password@h:1/2", "", "h:1", "gate", "password", "redis://h:1/2", 2},
        {"redis://:password@h", "", "h", "", "password", "redis://h/0", 0},
        {"redis://gate@h", "", "h", "gate", "", "redis://h/0", 0},
        {"redis://g%40te:p%3a%2F%25@h", "", "h", "g@te", "p:/%", "redis://h/0", 0},
        {"redis://gate:a@b@h", "", "h", "gate", "a@b", "redis://h/0", 0},
    };
    for (const auto& c : cases) {
        const auto url = redis::parse_server_url(c.text);
        expect(url.has_value(), c.text);
        expect_equal(url->socket, c.socket, c.text);
        expect_equal(url->authority, c.authority, c.text);
        expect_equal(url->user, c.user, c.text);
        expect_equal(url->password, c.password, c.text);
        expect_equal(url->database, c.database, c.text);
        expect_equal(url->shown(), c.shown, c.text);
    }
}

void anything_else_is_refused(void**) {
    const std::string too_long = "unix:/" + std::string(107, 'x');
    expect(redis::parse_server_url("unix:/" + std::string(106, 'x')).has_value(), "as long as a socket's path can be");
    const std::string_view refused[] = {"",
                                        too_long,
                                        "unix:",
                                        "unix:relative",
                                        "unix:/",
                                        "10.0.0.5",
                                        "redis:10.0.0.5",
                                        "redis://",
                                        "redis:///1",
                                        "redis://h/x",
                                        "redis://h/-1",
                                        "redis://h/1x",
                                        "redis://h/4294967296",
                                        "redis://h/1/2",
                                        "rediss://h",
                                        "redis://@h",
                                        "redis://:@h",
                                        "redis://gate:@h",
                                        "redis://a%zz@h",
                                        "redis://a%00@h",
                                        "redis://h h",
                                        "redis://h?db=1",
                                        "redis://h\n",
                                        "sentinel://h/m"};
    for (const std::string_view text : refused) {
        expect(!redis::parse_server_url(text).has_value(), text);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_part_is_read),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
