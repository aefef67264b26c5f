#include <map>
#include <set>

#include "oidc/table_kit.hpp"

namespace {

using namespace unit;

constexpr std::uint64_t now = 1000000;

void a_record_is_taken_once(void**) {
    for (const Kind kind : kinds) {
        OidcMemory memory(one_bucket);
        oidc::RecordTable table = memory.table();
        expect(!take_login(table, kind, 1, now), "zeroed memory is an empty table");
        expect(put_login(table, kind, 1, 7, now + 10, now), "put");
        for (const Kind other : kinds) {
            expect_equal(has_login(table, other, 1, now), kind == other, "only as what it was put");
        }
        expect(!has_login(table, kind, 2, now), "another digest");
        expect(has_login(table, kind, 1, now), "looking leaves it");
        expect(take_login(table, kind, 1, now), "once");
        expect(!take_login(table, kind, 1, now), "and no more");
        expect(!has_login(table, kind, 1, now), "it is gone");
    }
}

void a_record_lives_until_it_expires(void**) {
    for (const Kind kind : kinds) {
        OidcMemory memory(one_bucket);
        oidc::RecordTable table = memory.table();
        put_login(table, kind, 1, 7, now + 10, now);
        put_login(table, kind, 2, 7, now + 10, now);
        expect(has_login(table, kind, 1, now + 9) && take_login(table, kind, 1, now + 9), "the last millisecond");
        expect(!has_login(table, kind, 2, now + 10), "expired");
        expect(!take_login(table, kind, 2, now + 10), "expired");
        expect(!has_login(table, kind, 2, now), "and gone once it was taken");
    }
}

void a_digest_has_one_record_the_last(void**) {
    OidcMemory memory(one_bucket);
    oidc::RecordTable table = memory.table();
    expect(table.put(Kind::code, login_digest(1), 7, "first", now + 10, now), "put");
    expect(table.put(Kind::code, login_digest(1), 8, "second", now + 20, now), "put again");
    const oidc::Record found = table.take(Kind::code, login_digest(1), now + 15);
    expect(found.found, "it lives as long as the second");
    expect_equal(found.payload(), "second", "payload");
    expect(!take_login(table, Kind::code, 1, now), "there is no other");
}

void digests_differ_in_every_byte(void**) {
    OidcMemory memory({256, 256, 256});
    oidc::RecordTable table = memory.table();
    const Digest digest = login_digest(1);
    table.put(Kind::code, digest, 7, "x", now + 10, now);
    for (std::size_t bit = 0; bit < 256; ++bit) {
        Digest other = digest;
        other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1 << bit % 8);
        expect(!table.take(Kind::code, other, now).found, std::to_string(bit));
    }
    expect(table.take(Kind::code, digest, now).found, "the record itself");
}

void payloads_are_of_any_bytes_and_bounded(void**) {
    OidcMemory memory(one_bucket);
    oidc::RecordTable table = memory.table();
    for (const Kind kind : kinds) {
        for (const std::string& payload :
             {""s, "\0\xff\0"s, std::string(room_of(kind), '\0'), std::string(room_of(kind), 'x')}) {
            expect(table.put(kind, login_digest(1), 7, payload, now + 10, now), "put");
            const oidc::Record found = table.take(kind, login_digest(1), now);
            expect(found.found, "found");
            expect_equal(found.payload(), payload, "payload");
        }
        expect(!table.put(kind, login_digest(1), 7, std::string(room_of(kind) + 1, 'x'), now + 10, now), "a byte more");
        expect(!table.take(kind, login_digest(1), now).found, "nothing was put");
    }
}

void a_table_without_places_refuses(void**) {
    for (const oidc::RecordTable::Capacity& capacity :
         {oidc::RecordTable::Capacity{0, 16, 16}, oidc::RecordTable::Capacity{15, 31, 16}}) {
        OidcMemory memory(capacity);
        oidc::RecordTable table = memory.table();
        expect(!put_login(table, Kind::flow, 1, 7, now + 10, now), "no place for flows");
        expect(!take_login(table, Kind::flow, 1, now) && !has_login(table, Kind::flow, 1, now), "none is there");
        expect(put_login(table, Kind::code, 1, 7, now + 10, now) && take_login(table, Kind::code, 1, now),
               "places for codes");
        std::uint32_t cursor = 0;
        table.wipe_expired(cursor, 1000, now);
    }
    OidcMemory nothing({0, 0, 0});
    std::uint32_t cursor = 5;
    nothing.table().wipe_expired(cursor, 1000, now);
    expect_equal(nothing.size(), std::size_t{0}, "bytes");
    expect_equal(oidc::RecordTable::bytes_for({16, 16, 16}), std::size_t{16 * (568 + 1000 + 64)}, "bytes");
    expect_equal(oidc::RecordTable::bytes_for({31, 0, 0}), oidc::RecordTable::bytes_for({16, 0, 0}), "rounded down");
}

void a_flood_of_one_kind_leaves_the_others(void**) {
    for (const Kind flooded : kinds) {
        OidcMemory memory({64, 64, 64});
        oidc::RecordTable table = memory.table();
        for (const Kind kind : kinds) {
            put_login(table, kind, 1, 7, now + 10, now);
        }
        for (std::uint64_t n = 100; n < 5000; ++n) {
            expect(put_login(table, flooded, n, n, now + 20, now), "there is always a place");
        }
        for (const Kind kind : kinds) {
            expect_equal(has_login(table, kind, 1, now), kind != flooded, "the record of before");
        }
    }
}

void whoever_floods_pushes_out_their_own(void**) {
    OidcMemory memory({1024, 0, 0});
    oidc::RecordTable table = memory.table();
    for (std::uint64_t n = 0; n < 200; ++n) {
        put_login(table, Kind::flow, n, n, now + 10, now);  // the first to expire
    }
    for (std::uint64_t n = 1000; n < 20000; ++n) {
        expect(put_login(table, Kind::flow, n, 0xf100d, now + 100, now), "put");
    }
    std::uint32_t there = 0;
    for (std::uint64_t n = 0; n < 200; ++n) {
        there += take_login(table, Kind::flow, n, now) ? 1 : 0;
    }
    expect_equal(there, 200u, "everybody else's are there");
    put_login(table, Kind::flow, 500, 500, now + 1, now);
    expect(take_login(table, Kind::flow, 500, now), "and a newcomer finds a place");
}

// The rule in another form: what is there, as a list, and who has to go.
class Model {
public:
    void put(std::uint64_t n, std::uint64_t owner, std::uint64_t expires_ms, std::uint64_t at) {
        std::erase_if(records_, [&](const auto& record) { return record.second.expires_ms <= at; });
        records_.erase(n);
        if (records_.size() == 16) {
            std::map<std::uint64_t, std::size_t> of_owner = {{owner, 1}};
            for (const auto& [number, record] : records_) {
                of_owner[record.owner]++;
            }
            std::size_t most = 0;
            for (const auto& [number, record] : records_) {
                most = std::max(most, of_owner[record.owner]);
            }
            auto out = records_.end();
            for (auto it = records_.begin(); it != records_.end(); ++it) {
                if (of_owner[it->second.owner] == most &&
                    (out == records_.end() || it->second.expires_ms < out->second.expires_ms)) {
                    out = it;
                }
            }
            records_.erase(out);
        }
        records_[n] = {owner, expires_ms};
    }

    bool has(std::uint64_t n, std::uint64_t at) const {
        const auto found = records_.find(n);
        return found != records_.end() && at < found->second.expires_ms;
    }

    void take(std::uint64_t n) { records_.erase(n); }

private:
    struct Record {
        std::uint64_t owner;
        std::uint64_t expires_ms;
    };

    std::map<std::uint64_t, Record> records_;
};

void the_table_does_what_its_model_does(void**) {
    Random random(17);
    for (int run = 0; run < 20; ++run) {
        OidcMemory memory(one_bucket);
        oidc::RecordTable table = memory.table();
        Model models[3];
        std::uint32_t cursor = static_cast<std::uint32_t>(random.below(100));
        std::uint64_t at = now, unique = 0;
        for (int round = 0; round < 2000; ++round) {
            const Kind kind = kinds[random.below(3)];
            Model& model = models[static_cast<int>(kind)];
            const std::uint64_t n = random.below(40);
            switch (random.below(5)) {
            case 0:
            case 1:
            case 2: {
                // No two expire together, so that there is no doubt which one goes.
                const std::uint64_t owner = random.below(6), expires = at + 1 + random.below(40) * 10000 + ++unique;
                expect(put_login(table, kind, n, owner, expires, at), "put");
                model.put(n, owner, expires, at);
                break;
            }
            case 3:
                expect_equal(take_login(table, kind, n, at), model.has(n, at), "take");
                model.take(n);
                break;
            case 4:
                at += random.below(5000);
                table.wipe_expired(cursor, static_cast<std::uint32_t>(random.below(60)), at);
                break;
            }
            for (std::uint64_t other = 0; other < 40; ++other) {
                expect_equal(has_login(table, kind, other, at), model.has(other, at),
                             "record " + std::to_string(other));
            }
        }
    }
}

void what_was_taken_is_wiped(void**) {
    for (const Kind kind : kinds) {
        OidcMemory memory(one_bucket);
        oidc::RecordTable table = memory.table();
        put_login(table, kind, 1, 7, now + 10, now);
        expect(memory.bytes().find(login_payload(kind, 1)) != std::string_view::npos, "it was there");
        for (bool expired : {false, true}) {
            put_login(table, kind, 1, 7, now + 10, now);
            take_login(table, kind, 1, now + (expired ? 10 : 0));
            expect(memory.bytes().find(login_payload(kind, 1).substr(0, 8)) == std::string_view::npos,
                   "and is no more");
        }
    }
}

void expired_records_are_wiped_little_by_little(void**) {
    OidcMemory memory({32, 16, 48});
    oidc::RecordTable table = memory.table();
    for (const Kind kind : kinds) {
        put_login(table, kind, 1, 7, now + 10, now);
        put_login(table, kind, 2, 7, now + 20, now);
    }
    std::uint32_t cursor = 0;
    for (int step = 0; step < 32; ++step) {
        table.wipe_expired(cursor, 3, now + 10);
    }
    for (const Kind kind : kinds) {
        expect(memory.bytes().find(login_payload(kind, 1)) == std::string_view::npos, "expired");
        expect(memory.bytes().find(login_payload(kind, 2)) != std::string_view::npos, "alive");
        expect(take_login(table, kind, 2, now + 10), "and to be had");
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_taken_once),
        cmocka_unit_test(a_record_lives_until_it_expires),
        cmocka_unit_test(a_digest_has_one_record_the_last),
        cmocka_unit_test(digests_differ_in_every_byte),
        cmocka_unit_test(payloads_are_of_any_bytes_and_bounded),
        cmocka_unit_test(a_table_without_places_refuses),
        cmocka_unit_test(a_flood_of_one_kind_leaves_the_others),
        cmocka_unit_test(whoever_floods_pushes_out_their_own),
        cmocka_unit_test(the_table_does_what_its_model_does),
        cmocka_unit_test(what_was_taken_is_wiped),
        cmocka_unit_test(expired_records_are_wiped_little_by_little),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
