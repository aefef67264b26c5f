// Copies of login records, and a store that answers later.
#include <map>

#include "core/oidc/store.hpp"
#include "unit.hpp"

namespace {

using namespace unit;
using namespace auth_gate;

oidc::Record record_of(std::string_view payload) {
    oidc::Record record;
    record.found = true;
    record.size = static_cast<std::uint16_t>(payload.copy(record.bytes, oidc::Record::longest));
    return record;
}

void a_copy_has_the_whole_payload(void**) {
    for (const std::string& payload : {""s, "x"s, std::string(oidc::Record::longest, 'y')}) {
        const oidc::Record record = record_of(payload);
        const oidc::Record copy = record;
        expect(copy.found, "found");
        expect_equal(copy.payload(), payload, "payload");
    }
}

void an_assignment_leaves_nothing_of_the_longer_payload(void**) {
    oidc::Record record = record_of("a long secret");
    record = record_of("short");
    expect_equal(record.payload(), "short", "payload");
    expect(std::string_view(record.bytes, 13).find("secret") == std::string_view::npos, "the rest is wiped");
    const oidc::Record& same = record;
    record = same;
    expect_equal(record.payload(), "short", "also after an assignment to itself");
}

// A store on the network, whose answers a test sends when it likes.
class LateStore : public oidc::Store {
public:
    void put(oidc::RecordKind, const Digest& digest, std::uint64_t, std::string_view payload, std::uint64_t,
             Pending<bool>& kept) noexcept override {
        records_[digest] = payload;
        kept.answer(true);
    }

    void take(oidc::RecordKind kind, const Digest& digest, Pending<oidc::Record>& record) noexcept override {
        look(kind, digest, record);
    }

    void look(oidc::RecordKind, const Digest& digest, Pending<oidc::Record>& record) noexcept override {
        asked_ = &record;
        digest_ = digest;
        record.ask(this, [](void* store) noexcept { static_cast<LateStore*>(store)->asked_ = nullptr; });
    }

    bool is_asked() const { return asked_ != nullptr; }
    void answer() { std::exchange(asked_, nullptr)->answer(record_of(records_[digest_])); }

private:
    std::map<Digest, std::string> records_;
    Pending<oidc::Record>* asked_ = nullptr;
    Digest digest_{};
};

void a_store_may_answer_later(void**) {
    LateStore late;
    oidc::Store& store = late;
    Pending<bool> kept;
    store.put(oidc::RecordKind::flow, sha256("state"), 7, "the flow", 1000, kept);
    expect(kept.is_ready() && kept.value(), "kept");

    Pending<oidc::Record> record;
    int woken = 0;
    store.take(oidc::RecordKind::flow, sha256("state"), record);
    record.on_ready(&woken, [](void* count) noexcept { ++*static_cast<int*>(count); });
    expect(record.is_asked() && woken == 0, "not yet");
    late.answer();
    expect(record.is_ready() && woken == 1, "woken once");
    expect_equal(record.value().payload(), "the flow", "payload");
}

void a_store_is_told_when_nobody_waits_any_more(void**) {
    LateStore late;
    {
        Pending<oidc::Record> record;
        late.look(oidc::RecordKind::mfa, sha256("jwt"), record);
        expect(late.is_asked(), "asked");
    }
    expect(!late.is_asked(), "cancelled");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_has_the_whole_payload),
        cmocka_unit_test(an_assignment_leaves_nothing_of_the_longer_payload),
        cmocka_unit_test(a_store_may_answer_later),
        cmocka_unit_test(a_store_is_told_when_nobody_waits_any_more),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
