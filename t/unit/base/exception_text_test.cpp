// What a log line says of an exception.
#include "unit.hpp"

#include "core/base/exception_text.hpp"

#include <stdexcept>

namespace {

using namespace unit;

template <typename F>
std::string text_of(F&& f) {
    try {
        f();
    } catch (...) {
        return auth_gate::exception_text();
    }
    return "no exception";
}

void a_failed_allocation_is_out_of_memory(void**) {
    expect_equal(text_of([] { throw std::bad_alloc(); }), "out of memory"s, "bad_alloc");
    expect_equal(text_of([] { throw std::bad_array_new_length(); }), "out of memory"s, "bad_array_new_length");
}

void a_standard_exception_has_its_own_text(void**) {
    expect_equal(text_of([] { throw std::length_error("too long"); }), "too long"s, "length_error");
    expect_equal(text_of([] { throw std::runtime_error("broken"); }), "broken"s, "runtime_error");
}

void any_other_exception_is_unknown(void**) {
    expect_equal(text_of([] { throw 1; }), "unknown exception"s, "an int");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_allocation_is_out_of_memory),
        cmocka_unit_test(a_standard_exception_has_its_own_text),
        cmocka_unit_test(any_other_exception_is_unknown),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
