// What a reply means, and what of an error may be logged.
#include "core/redis/reply.hpp"

#include "unit.hpp"

namespace {

using namespace auth_gate;
using namespace unit;
using redis::Reply;

void an_error_is_logged_without_arguments_and_control_characters(void**) {
    const struct {
        std::string_view error, logged;
    } cases[] = {
        {"READONLY You can't write", "READONLY You can't write"},
        {"ERR unknown command 'AUTH', with args beginning with: 'gate' 'secret'", "ERR unknown command 'AUTH'"},
        {"ERR a\nb\x1b[31m\x7f", "ERR a?b?[31m?"},
        {"", ""},
    };
    for (const auto& c : cases) {
        expect_equal(redis::loggable(c.error), c.logged, c.error);
    }
    expect_equal(redis::loggable(std::string(1000, 'x')).size(), std::size_t{200}, "not endless");
}

void some_errors_are_those_of_a_wrong_server(void**) {
    const auto error = [](std::string_view text) {
        Reply reply;
        reply.kind = Reply::Kind::error;
        reply.text = text;
        return reply;
    };
    for (const std::string_view text :
         {"READONLY x", "LOADING x", "MASTERDOWN x", "MOVED 1 h:1", "CLUSTERDOWN x", "NOAUTH x"}) {
        expect(error(text).is_of_wrong_server(), text);
    }
    for (const std::string_view text : {"OOM x", "ERR x", "WRONGTYPE x", ""}) {
        expect(!error(text).is_of_wrong_server(), text);
    }
    Reply status = error("READONLY");
    status.kind = Reply::Kind::text;
    expect(!status.is_of_wrong_server(), "a text is no error");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_logged_without_arguments_and_control_characters),
        cmocka_unit_test(some_errors_are_those_of_a_wrong_server),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
