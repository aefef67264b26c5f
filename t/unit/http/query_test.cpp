// Queries: finding, removing and masking parameters.
#include "unit.hpp"

#include <span>

#include "core/http/query.hpp"

namespace {

using namespace unit;
namespace query = auth_gate::query;

constexpr std::string_view secret = "0123456789abcdef";

bool is_secret(std::string_view value) {
    return value == secret;
}

std::string found_in(std::string_view args, std::string_view name) {
    std::string out;
    query::each(args, name, [&](std::string_view value) { out += '[' + std::string(value) + ']'; });
    return out;
}

void percent_escapes_are_decoded_once(void**) {
    static constexpr struct {
        std::string_view text, decoded;
    } table[] = {
        {"", ""},           {"abc", "abc"},   {"%61b%63", "abc"},       {"%2f%2F", "//"}, {"%00", "\0"sv},
        {"%ff", "\xff"sv},  {"%2561", "%61"}, {"%25%36%31", "%61"},     {"a+b", "a+b"},   {"%", "%"},
        {"%6", "%6"},       {"%%61", "%a"},   {"%g1", "%g1"},           {"%1g", "%1g"},   {"%6%61", "%6a"},
        {"%-1", "%-1"},     {"% 1", "% 1"},   {"\xff\0"sv, "\xff\0"sv}, {"a%61", "aa"},   {"%61a%", "aa%"},
        {"%0x41", "%0x41"}, {"%c3%a4", "ä"},
    };
    for (const auto& row : table) {
        expect_equal(query::decode(row.text), row.decoded, row.text);
    }
}

void parameters_are_found_by_their_decoded_name(void**) {
    static constexpr struct {
        std::string_view args, found;
    } table[] = {
        {"", ""},
        {"token=a", "[a]"},
        {"token=", "[]"},
        {"token", "[]"},
        {"token=a=b", "[a=b]"},
        {"token==", "[=]"},
        {"x=1&token=a&y=2", "[a]"},
        {"token=a&token=b", "[a][b]"},
        {"token&token=b&token=", "[][b][]"},
        {"&&token=a&&", "[a]"},
        {"%74oken=a", "[a]"},
        {"%74%6f%6B%65%6e=a", "[a]"},
        {"token%3da", ""},
        {"%2574oken=a", ""},
        {"Token=a&TOKEN=b", ""},
        {"xtoken=a&tokenx=b&token%00=c& token=d&token[]=e", ""},
        {"=token", ""},
        {"=", ""},
        {"&", ""},
        {"x=token=a", ""},
        {"x=%26token=a", ""},
        {"token=%61", "[%61]"},
        {"token=a;token=b", "[a;token=b]"},
        {"token=a#b", "[a#b]"},
    };
    for (const auto& row : table) {
        expect_equal(found_in(row.args, "token"), row.found, row.args);
    }
}

void a_value_found_is_a_view_into_the_arguments(void**) {
    const std::string args = "a=1&token&token=&token=xyz";
    query::each(args, "token", [&](std::string_view value) {
        expect(value.data() >= args.data() && value.data() + value.size() <= args.data() + args.size(), "inside");
    });
}

void removing_a_parameter_keeps_all_other_bytes(void**) {
    static constexpr struct {
        std::string_view args, rest;
    } table[] = {
        {"", ""},
        {"token=a", ""},
        {"token", ""},
        {"token=a&token=b", ""},
        {"x=1", "x=1"},
        {"x=1&token=a", "x=1"},
        {"token=a&x=1", "x=1"},
        {"x=1&token=a&y=2", "x=1&y=2"},
        {"x=1&%74oken=a&y=2&token", "x=1&y=2"},
        {"x=%41+%zz&token=a&y=a=b&z", "x=%41+%zz&y=a=b&z"},
        {"x&&y&token=a", "x&&y"},
        {"x=token=a", "x=token=a"},
        {"Token=a", "Token=a"},
    };
    for (const auto& row : table) {
        expect_equal(query::without(row.args, "token"), row.rest, row.args);
        expect_equal(found_in(query::without(row.args, "token"), "token"), ""sv, "none is left");
    }
}

void a_lenient_parser_may_take_many_names_for_one(void**) {
    static constexpr std::string_view same[] = {
        "token",
        "Token",
        "TOKEN",
        "tOkEn",
        "%74oken",
        "%54OKEN",
        "tok%65n",
        "token[]",
        "token[0]",
        "token%5B%5D",
        "TOKEN[a][b]",
        "token[",
        "[token]",
        "[[token",
        "]token",
        ".token",
        "token.x",
        "token.",
        "+token",
        "%20token",
        "token+",
        "++token%20",
        "%09token",
        "%0atoken",
        "token%0d%0a",
        "token%00",
        "token%00x",
        "%u0074oken",
        "%U0054oken",
        "to%u006Ben",
        "to%E2%84%AAen",
        "to\xe2\x84\xaa"
        "en",
        "to%u212aen",
        "%EF%BD%94oken",
        "%EF%BC%B4oken",
        "%uff54oken",
        " token",
        "token]",
        "token%5d%00",
        "%00token",
    };
    for (std::string_view name : same) {
        expect(query::may_mean(name, "token"), name);
    }
    static constexpr std::string_view other[] = {
        "",         "t",        "toke",          "tokens",        "xtoken",   "access_token", "id_token_hint",
        "token_",   "token2",   "to ken",        "to[ken",        "x[token]", "x.token",      "%2574oken",
        "token%3D", "to%00ken", "%u00e4oken",    "%uzzzz",        "%u007",    "tokeñ",        "[]",
        "+++++",    "token-x",  "to%E2%84%ABen", "%EF%BD%80oken", "%EF%BD",   "%e2%84",       "tok%c3%a9n",
    };
    for (std::string_view name : other) {
        expect(!query::may_mean(name, "token"), name);
    }
}

std::string leniently_found_in(std::string_view text) {
    std::string out;
    query::each_lenient(text, [&](const query::Parameter& parameter) {
        if (query::may_mean(parameter.name, "token")) {
            out += '[' + std::string(parameter.value) + ']';
        }
    });
    return out;
}

void lenient_parsers_find_parameters_behind_other_separators_too(void**) {
    static constexpr struct {
        std::string_view url, found;
    } table[] = {
        {"/x", ""},
        {"/token=a", ""},
        {"", ""},
        {"/x?token=a", "[a]"},
        {"?token=a", "[a]"},
        {"/x?a=1;token=b", "[b]"},
        {"/x?a=1&amp;token=b", "[b]"},
        {"/x?token=a;b&TOKEN=c", "[a][c]"},
        {"/x?a?token=b", "[b]"},
        {"/x?a=/y?token=b&token[]=c", "[b][c]"},
        {"/x?a#token=b", "[b]"},
        {"/x#?token=a", "[a]"},
        {"/x#a&token=b", "[b]"},
        {"/x;token=a/y", "[a/y]"},
        {"/x;a=b;token=c?token=d#token=e", "[c][d][e]"},
        {"GET /x?token=a HTTP/1.1", "[a]"},
        {"GET /x?token=a\tHTTP/1.1", "[a]"},
        {"/x?token", "[]"},
        {"/x?token=;&?#", "[]"},
        {"/x?q=token%3Da&r=%26token=b", ""},
    };
    for (const auto& row : table) {
        expect_equal(leniently_found_in(query::parameters_of(row.url)), row.found, row.url);
    }
}

void mask_leniently(std::string& text) {
    query::mask_lenient(std::span(text.data(), text.size()), [](const query::Parameter& parameter) {
        const bool hidden = query::may_mean(parameter.name, "token") && is_secret(query::Decoded(parameter.value));
        return hidden ? parameter.value : std::string_view();
    });
}

void lenient_masking_covers_what_lenient_parsers_find(void**) {
    static constexpr struct {
        std::string_view text, covered;
    } table[] = {
        {"", ""},
        {"a=1;token=0123456789abcdef&b", "a=1;token=****************&b"},
        {"TOKEN[]=%30123456789abcdef#x", "TOKEN[]=******************#x"},
        {"token=0123456789abcdef?token=a", "token=****************?token=a"},
        {"tokens=0123456789abcdef;x", "tokens=0123456789abcdef;x"},
    };
    for (const auto& row : table) {
        std::string text(row.text);
        mask_leniently(text);
        expect_equal(text, row.covered, row.text);
    }
}

void only_wanted_values_are_masked(void**) {
    static constexpr struct {
        std::string_view args, covered;
    } table[] = {
        {"", ""},
        {"token=0123456789abcdef", "token=****************"},
        {"token=0123456789abcdeF", "token=0123456789abcdeF"},
        {"token=%30123456789abcdef&x=1", "token=******************&x=1"},
        {"x=1&%74oken=0123456789abcdef&token=a", "x=1&%74oken=****************&token=a"},
        {"token=0123456789abcdef&token=0123456789abcdef", "token=****************&token=****************"},
        {"token=a&token&token=", "token=a&token&token="},
        {"other=0123456789abcdef", "other=0123456789abcdef"},
    };
    for (const auto& row : table) {
        std::string args(row.args);
        query::mask(std::span(args.data(), args.size()), "token", is_secret);
        expect_equal(args, row.covered, row.args);
    }
}

void every_query_in_a_text_is_masked(void**) {
    static constexpr struct {
        std::string_view url, covered;
    } table[] = {
        {"", ""},
        {"?", "?"},
        {"http://a.example/", "http://a.example/"},
        {"http://a.example/token=0123456789abcdef", "http://a.example/token=0123456789abcdef"},
        {"http://a.example/x?token=0123456789abcdef", "http://a.example/x?token=****************"},
        {"http://a.example/x?y=1&token=0123456789abcdef&z#frag",
         "http://a.example/x?y=1&token=****************&z#frag"},
        {"http://a.example/x?token=0123456789abcdef#frag", "http://a.example/x?token=****************#frag"},
        {"/x?y=http://b/?token=0123456789abcdef", "/x?y=http://b/?token=****************"},
        {"/x?token=0123456789abcdef?token=0123456789abcdef", "/x?token=****************?token=****************"},
        {"GET /x?token=0123456789abcdef HTTP/1.1", "GET /x?token=**************** HTTP/1.1"},
        {"http://a/#/route?token=0123456789abcdef", "http://a/#/route?token=****************"},
        {"/x?token=%30123456789abcdef", "/x?token=******************"},
        {"/x?other=0123456789abcdef", "/x?other=0123456789abcdef"},
        {"??token=0123456789abcdef?", "??token=****************?"},
    };
    for (const auto& row : table) {
        std::string url(row.url);
        query::mask_in_url(std::span(url.data(), url.size()), "token", is_secret);
        expect_equal(url, row.covered, row.url);
    }
}

// Takes linear time; quadratic time would be minutes.
void masking_many_queries_takes_linear_time(void**) {
    constexpr std::string_view end = "token=0123456789abcdef";
    std::string url = std::string(4'000'000, '?').append(end);
    query::mask_in_url(std::span(url.data(), url.size()), "token", is_secret);
    expect_equal(url.substr(url.size() - end.size()), "token=****************"sv, "the last query");

    for (char separator : {'?', ';', '&'}) {
        url = std::string(4'000'000, separator).append(end);
        mask_leniently(url);
        expect_equal(url.substr(url.size() - end.size()), "token=****************"sv, "the last parameter");
    }
}

// For any text: a removed or masked value is not found any more, and everything else stays.
void random_arguments_keep_their_properties(void**) {
    static constexpr std::string_view pieces[] = {
        "token", "%74oken", "=", "&", "0123456789abcdef", "%30123456789abcdef", "%", "?", "#", " ", "x", "%zz", "\xff"};
    Random random(2);
    for (int round = 0; round < 20000; ++round) {
        std::string args;
        for (std::uint64_t n = random.below(12); n != 0; --n) {
            args += pieces[random.below(std::size(pieces))];
        }
        expect_equal(found_in(query::without(args, "token"), "token"), ""sv, args);
        expect_equal(found_in(query::without(args, "x"), "token"), found_in(args, "token"), args);

        std::string masked = args;
        query::mask(std::span(masked.data(), masked.size()), "token", is_secret);
        expect_equal(masked.size(), args.size(), args);
        query::each(masked, "token", [&](std::string_view value) { expect(query::decode(value) != secret, args); });
        query::mask_in_url(std::span(args.data(), args.size()), "token", is_secret);

        masked = args;
        mask_leniently(masked);
        expect_equal(masked.size(), args.size(), args);
        query::each_lenient(masked, [&](const query::Parameter& parameter) {
            expect(!query::may_mean(parameter.name, "token") || query::decode(parameter.value) != secret, args);
        });
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(percent_escapes_are_decoded_once),
        cmocka_unit_test(parameters_are_found_by_their_decoded_name),
        cmocka_unit_test(a_value_found_is_a_view_into_the_arguments),
        cmocka_unit_test(removing_a_parameter_keeps_all_other_bytes),
        cmocka_unit_test(a_lenient_parser_may_take_many_names_for_one),
        cmocka_unit_test(lenient_parsers_find_parameters_behind_other_separators_too),
        cmocka_unit_test(lenient_masking_covers_what_lenient_parsers_find),
        cmocka_unit_test(only_wanted_values_are_masked),
        cmocka_unit_test(every_query_in_a_text_is_masked),
        cmocka_unit_test(masking_many_queries_takes_linear_time),
        cmocka_unit_test(random_arguments_keep_their_properties),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
