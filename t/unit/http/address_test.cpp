#include "core/http/address.hpp"

#include <arpa/inet.h>

#include "unit.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

bool is_public(const char* text) {
    address::V4 v4;
    if (inet_pton(AF_INET, text, v4.data()) == 1) {
        return address::is_public(v4);
    }
    address::V6 v6;
    expect(inet_pton(AF_INET6, text, v6.data()) == 1, text);
    return address::is_public(v6);
}

struct Range {
    const char* before;  // the last public address before it, or null
    const char* first;
    const char* last;
    const char* after;  // the first public address behind it, or null
};

// A range is closed at both ends, and what borders on it is not part of it.
void check(const Range& range) {
    expect(!is_public(range.first), range.first);
    expect(!is_public(range.last), range.last);
    expect(range.before == nullptr || is_public(range.before), range.first);
    expect(range.after == nullptr || is_public(range.after), range.last);
}

void special_ipv4_addresses_are_not_public(void**) {
    constexpr Range ranges[] = {
        {nullptr, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
        {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
        {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
        {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
        {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
        {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
        {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
        {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
        {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
        {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
        {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
        {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
        {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
        {"223.255.255.255", "224.0.0.0", "239.255.255.255", nullptr},
        {nullptr, "240.0.0.0", "255.255.255.255", nullptr},
    };
    for (const Range& range : ranges) {
        check(range);
    }
}

void special_ipv6_addresses_are_not_public(void**) {
    constexpr Range ranges[] = {
        {nullptr, "::", "::1", nullptr},
        {nullptr, "::8.8.8.8", "::ffff", nullptr},  // IPv4-compatible, long out of use
        {nullptr, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", nullptr},
        {nullptr, "64:ff9b:0:0:0:1::", "64:ff9b:0:ffff:ffff:ffff:ffff:ffff", nullptr},
        {nullptr, "100::", "100::ffff:ffff:ffff:ffff", nullptr},
        {nullptr, "1000::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
        {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
        {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:db9::"},
        {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
        {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "5f00::1", nullptr},
        {nullptr, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr},
        {nullptr, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr},
        {nullptr, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr},
        {nullptr, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr},
    };
    for (const Range& range : ranges) {
        check(range);
    }
}

void an_embedded_ipv4_address_counts(void**) {
    struct Row {
        const char* text;
        bool wanted;
    };
    constexpr Row rows[] = {
        {"::ffff:8.8.8.8", true},
        {"::ffff:127.0.0.1", false},
        {"::ffff:10.1.2.3", false},
        {"::ffff:169.254.169.254", false},
        {"::ffff:0.0.0.0", false},
        {"64:ff9b::8.8.8.8", true},
        {"64:ff9b::127.0.0.1", false},
        {"64:ff9b::192.168.0.1", false},
        {"2002:808:808::1", true},
        {"2002:7f00:1::1", false},
        {"2002:a00:1::", false},
        {"2002:c0a8:1::1", false},
        {"2606:4700::5efe:8.8.8.8", true},
        {"2606:4700::5efe:10.0.0.1", false},
        {"2606:4700::200:5efe:10.0.0.1", false},
        {"2606:4700::100:5efe:10.0.0.1", true},  // an ordinary address
    };
    for (const Row& row : rows) {
        expect(is_public(row.text) == row.wanted, row.text);
    }
}

void ordinary_addresses_are_public(void**) {
    for (const char* text :
         {"1.1.1.1", "8.8.8.8", "93.184.216.34", "192.0.3.1", "2606:4700::1111", "2a00:1450::8", "2001:4860::"}) {
        expect(is_public(text), text);
    }
}

void a_host_may_be_public_unless_it_says_otherwise(void**) {
    for (const char* host :
         {"id.example", "id.example.", "localhost.example", "notlocalhost", "a.b.internal", "8.8.8.8", "8.8.2056",
          "2606:4700::1111", "dead.beef", "127.0.0.1.example", "localhost-"}) {
        expect(address::may_be_public(host), host);
    }
    for (const char* host : {"localhost",
                             "localhost.",
                             "x.localhost",
                             "x.localhost.",
                             "127.0.0.1",
                             "127.0.0.1.",
                             "127.1",
                             "127",
                             "2130706433",
                             "0x7f000001",
                             "0x7f.1",
                             "0177.0.0.1",
                             "0",
                             "0.0.0.0",
                             "10.1",
                             "169.254.169.254",
                             "::1",
                             "::",
                             "::ffff:127.0.0.1",
                             "::ffff:7f00:1",
                             "fe80::1",
                             "fd00::1",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::",
                             "",
                             "."}) {
        expect(!address::may_be_public(host), host);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(special_ipv4_addresses_are_not_public),
        cmocka_unit_test(special_ipv6_addresses_are_not_public),
        cmocka_unit_test(an_embedded_ipv4_address_counts),
        cmocka_unit_test(ordinary_addresses_are_public),
        cmocka_unit_test(a_host_may_be_public_unless_it_says_otherwise),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
