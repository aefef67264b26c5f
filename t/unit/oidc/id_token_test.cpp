#include "core/oidc/id_token.hpp"

#include <algorithm>
#include <vector>

#include "core/base/crypto.hpp"
#include "oidc/kit.hpp"

namespace {

using namespace unit;
using oidc::Algorithm;
using Status = oidc::IdTokenStatus;

constexpr std::int64_t now = 1700000000;
constexpr std::string_view issuer = "https://id.example/realm";
constexpr std::string_view client = "gate";
constexpr std::string_view nonce = "n-0S6_WzA2Mj";
constexpr std::string_view access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";  // OpenID Connect Core, A.3

const oidc::KeySet& keys() {
    static const oidc::KeySet set =
        key_set({SigningKey::rsa().jwk(R"("kid":"r","use":"sig")"), SigningKey::p256().jwk(R"("kid":"e")"),
                 SigningKey::ed25519().jwk(R"("kid":"d","alg":"EdDSA")")});
    return set;
}

oidc::IdTokenChecks checks_at(std::int64_t at = now, std::int64_t leeway = 0) {
    oidc::IdTokenChecks checks;
    checks.issuer = issuer;
    checks.client_id = client;
    checks.nonce = nonce;
    checks.access_token = access_token;
    checks.now = at;
    checks.leeway = leeway;
    return checks;
}

// The usual claims, each given one in the place of the one of the same name; "name" alone takes it out.
std::string claims(std::initializer_list<std::pair<std::string, std::string>> changes = {}) {
    std::vector<std::pair<std::string, std::string>> all = {
        {"iss", R"("https://id.example/realm")"}, {"sub", R"("248289761001")"}, {"aud", R"("gate")"},
        {"nonce", R"("n-0S6_WzA2Mj")"},           {"exp", "1700000300"},        {"iat", "1699999990"}};
    for (const auto& change : changes) {
        std::erase_if(all, [&](const auto& claim) { return claim.first == change.first; });
        if (!change.second.empty()) {
            all.push_back(change);
        }
    }
    std::string out;
    for (const auto& [name, value] : all) {
        out += (out.empty() ? "{\"" : ",\"") + name + "\":" + value;
    }
    return out + '}';
}

std::string token_of(const std::string& payload, std::string_view header = R"({"alg":"EdDSA","kid":"d"})") {
    return jws(SigningKey::ed25519(), Algorithm::eddsa, header, payload);
}

void expect_status(const std::string& token, Status wanted, std::string_view what,
                   const oidc::IdTokenChecks& checks = checks_at(), const unit::Line at = unit::Line::here()) {
    const oidc::IdToken got = oidc::verify_id_token(token, keys(), checks);
    expect(got.status == wanted,
           std::string(what) + ": got \"" + std::string(sentence(got.status)) + "\", wanted \"" +
               std::string(sentence(wanted)) + '"',
           at);
    expect((got.claims != nullptr) == (wanted == Status::valid), what, at);
    expect_equal(got.subject.empty(), wanted != Status::valid, what, at);
}

void an_id_token_of_each_algorithm_is_valid(void**) {
    expect_status(jws(SigningKey::rsa(), Algorithm::rs256, R"({"alg":"RS256","kid":"r"})", claims()), Status::valid,
                  "RS256");
    expect_status(jws(SigningKey::rsa(), Algorithm::ps256, R"({"alg":"PS256","kid":"r","typ":"JWT"})", claims()),
                  Status::valid, "PS256");
    expect_status(jws(SigningKey::p256(), Algorithm::es256, R"({"alg":"ES256","kid":"e","typ":"jwt"})", claims()),
                  Status::valid, "ES256");
    expect_status(jws(SigningKey::ed25519(), Algorithm::eddsa, R"({"alg":"EdDSA","kid":"d","x":1})", claims()),
                  Status::valid, "EdDSA");
    expect_status(jws(SigningKey::ed25519(), Algorithm::eddsa, R"({"alg":"EdDSA"})", claims()), Status::valid,
                  "the only one of its type");
    for (const auto& [name, algorithm] : {std::pair("RS384", Algorithm::rs384), std::pair("RS512", Algorithm::rs512),
                                          std::pair("PS384", Algorithm::ps384), std::pair("PS512", Algorithm::ps512)}) {
        const std::string header = R"({"alg":")" + std::string(name) + R"(","kid":"r"})";
        expect_status(jws(SigningKey::rsa(), algorithm, header, claims()), Status::valid, name);
    }
    const oidc::KeySet curves = key_set({SigningKey::p384().jwk(), SigningKey::p521().jwk()});
    expect(oidc::verify_id_token(jws(SigningKey::p384(), Algorithm::es384, R"({"alg":"ES384"})", claims()), curves,
                                 checks_at())
                   .status == Status::valid,
           "ES384");
    expect(oidc::verify_id_token(jws(SigningKey::p521(), Algorithm::es512, R"({"alg":"ES512","kid":"x"})", claims()),
                                 curves, checks_at())
                   .status == Status::valid,
           "ES512, and a key without a kid");
    const oidc::KeySet twins = key_set({SigningKey::other_rsa().jwk(), SigningKey::rsa().jwk()});
    expect(oidc::verify_id_token(jws(SigningKey::rsa(), Algorithm::rs256, R"({"alg":"RS256"})", claims()), twins,
                                 checks_at())
                   .status == Status::valid,
           "one of two keys without a kid");

    const oidc::IdToken token =
        oidc::verify_id_token(token_of(claims({{"email", R"("a@b.example")"}})), keys(), checks_at());
    expect_equal(token.subject, "248289761001", "sub");
    expect_equal(json::string(json::member(token.claims.get(), "email")).value_or(""), "a@b.example",
                 "the claims are there");
}

void other_algorithms_are_refused(void**) {
    for (std::string_view name :
         {"none", "None", "nOnE", "", "HS256", "HS384", "HS512", "RS1", "rs384", "ES256K", "Ed25519", "eddsa"}) {
        const std::string header = R"({"alg":")" + std::string(name) + R"(","kid":"d"})";
        expect_status(token_of(claims(), header), Status::wrong_algorithm, name);
        const std::string unsigned_text = base64url::encode(header) + '.' + base64url::encode(claims()) + '.';
        expect_status(unsigned_text, Status::wrong_algorithm, name);
    }
    for (std::string_view header :
         {R"({"kid":"d"})", R"({"alg":null})", R"({"alg":1})", R"({"alg":["EdDSA"]})", R"({"ALG":"EdDSA"})"}) {
        expect_status(token_of(claims(), header), Status::wrong_algorithm, header);
    }

    // The known attack: the public key's text as an HMAC secret.
    const std::string text = base64url::encode(R"({"alg":"HS256","kid":"r"})") + '.' + base64url::encode(claims());
    const Digest forged = HmacKey(SigningKey::rsa().jwk()).sign(text);
    std::string token = text + '.';
    base64url::append(token, forged);
    expect_status(token, Status::wrong_algorithm, "HS256 with the public key");
}

void an_algorithm_must_fit_the_keys_type(void**) {
    const auto with = [](std::string_view header) { return token_of(claims(), header); };
    expect_status(with(R"({"alg":"RS256","kid":"d"})"), Status::unknown_key, "RS256 with the Ed25519 key");
    expect_status(with(R"({"alg":"ES256","kid":"d"})"), Status::unknown_key, "ES256 with the Ed25519 key");
    expect_status(with(R"({"alg":"EdDSA","kid":"e"})"), Status::unknown_key, "EdDSA with the EC key");
    expect_status(with(R"({"alg":"EdDSA","kid":"r"})"), Status::unknown_key, "EdDSA with the RSA key");
    expect_status(jws(SigningKey::rsa(), Algorithm::rs256, R"({"alg":"PS256","kid":"r"})", claims()),
                  Status::bad_signature, "RS256's signature called PS256");
}

void headers_that_are_not_an_id_tokens_are_refused(void**) {
    struct Row {
        std::string_view header;
        Status status;
    };
    const Row rows[] = {
        {R"({"alg":"EdDSA","kid":"d","crit":["exp"]})", Status::critical_header},
        {R"({"alg":"EdDSA","kid":"d","crit":[]})", Status::critical_header},
        {R"({"alg":"EdDSA","kid":"d","crit":["b64"],"b64":false})", Status::critical_header},
        {R"({"alg":"EdDSA","kid":"d","typ":"at+jwt"})", Status::wrong_type},
        {R"({"alg":"EdDSA","kid":"d","typ":"logout+jwt"})", Status::wrong_type},
        {R"({"alg":"EdDSA","kid":"d","typ":7})", Status::wrong_type},
        {R"({"alg":"EdDSA","kid":7})", Status::bad_header},
        {R"({"alg":"EdDSA","kid":null})", Status::bad_header},
        {R"({"alg":"EdDSA","alg":"EdDSA"})", Status::bad_header},
        {R"({"alg":"none","alg":"EdDSA"})", Status::bad_header},
        {R"(["EdDSA"])", Status::bad_header},
        {R"({"alg":"EdDSA")", Status::bad_header},
        {"", Status::bad_header},
        {R"({"alg":"EdDSA","kid":"x"})", Status::unknown_key},
        {R"({"alg":"EdDSA","kid":""})", Status::unknown_key},
        // Keys that the token brings along are nobody's.
        {R"({"alg":"EdDSA","kid":"x","jku":"https://evil.example/keys"})", Status::unknown_key},
    };
    for (const Row& row : rows) {
        expect_status(token_of(claims(), row.header), row.status, row.header);
    }
    const std::string own_key = R"({"alg":"RS256","kid":"r","jwk":)" + SigningKey::other_rsa().jwk() + "}";
    expect_status(jws(SigningKey::other_rsa(), Algorithm::rs256, own_key, claims()), Status::bad_signature,
                  "the token's own key");
}

void signatures_that_do_not_match_are_refused(void**) {
    expect_status(jws(SigningKey::other_rsa(), Algorithm::rs256, R"({"alg":"RS256","kid":"r"})", claims()),
                  Status::bad_signature, "another key with the same kid");
    const std::string good = token_of(claims());
    const std::size_t dot = good.rfind('.');
    expect_status(good.substr(0, dot + 1), Status::bad_signature, "no signature");
    expect_status(good.substr(0, dot), Status::malformed, "two parts");
    expect_status(good + ".x", Status::malformed, "four parts");
    expect_status(good + "=", Status::malformed, "padding");
    expect_status("", Status::malformed, "nothing");
    expect_status("..", Status::bad_header, "dots");
    expect_status(good + std::string(32768, 'A'), Status::too_large, "too large");

    const std::string other = token_of(claims({{"sub", R"("somebody else")"}}));
    expect_status(other.substr(0, other.rfind('.')) + good.substr(dot), Status::bad_signature,
                  "the signature of another token");
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string changed = good;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        expect(oidc::verify_id_token(changed, keys(), checks_at()).status != Status::valid,
               "byte " + std::to_string(at));
    }
}

void payloads_that_are_no_claims_are_refused(void**) {
    for (std::string_view payload : {"", "x", "[]", "7", "null", R"("text")", "{", R"({"sub":"a","sub":"b"})"}) {
        expect_status(token_of(std::string(payload)), Status::bad_payload, payload);
    }
}

struct ClaimRow {
    std::string name;
    std::string value;
    Status status;
};

void expect_rows(std::initializer_list<ClaimRow> rows) {
    for (const ClaimRow& row : rows) {
        expect_status(token_of(claims({{row.name, row.value}})), row.status, row.name + ' ' + row.value);
    }
}

void the_issuer_must_be_the_providers(void**) {
    expect_rows({
        {"iss", R"("https://id.example/realm/")", Status::valid},
        {"iss", R"("https://id.example/realm//")", Status::wrong_issuer},
        {"iss", R"("https://id.example/Realm")", Status::wrong_issuer},
        {"iss", R"("https://id.example/realm2")", Status::wrong_issuer},
        {"iss", R"("http://id.example/realm")", Status::wrong_issuer},
        {"iss", R"("")", Status::wrong_issuer},
        {"iss", R"("/")", Status::wrong_issuer},
        {"iss", R"(["https://id.example/realm"])", Status::wrong_issuer},
        {"iss", "null", Status::wrong_issuer},
        {"iss", "", Status::wrong_issuer},
    });
    oidc::IdTokenChecks checks = checks_at();
    checks.issuer = "https://id.example/realm/";
    expect_status(token_of(claims()), Status::valid, "the slash is in the configuration", checks);
    checks.issuer = "";
    expect_status(token_of(claims()), Status::wrong_issuer, "no issuer is configured", checks);
    expect_status(token_of(claims({{"iss", R"("")"}})), Status::wrong_issuer, "no issuer on either side", checks);
}

void the_audience_must_be_this_client(void**) {
    expect_rows({
        {"aud", R"(["gate"])", Status::valid},
        {"aud", R"("other")", Status::wrong_audience},
        {"aud", R"("Gate")", Status::wrong_audience},
        {"aud", R"("gate2")", Status::wrong_audience},
        {"aud", R"("")", Status::wrong_audience},
        {"aud", R"([])", Status::wrong_audience},
        {"aud", R"(["other"])", Status::wrong_audience},
        {"aud", R"(["gate",7])", Status::wrong_audience},
        {"aud", R"([["gate"]])", Status::wrong_audience},
        {"aud", R"({"gate":1})", Status::wrong_audience},
        {"aud", "null", Status::wrong_audience},
        {"aud", "", Status::wrong_audience},
        {"aud", R"(["gate","other"])", Status::valid},
        {"aud", R"(["other","gate"])", Status::valid},
        {"azp", R"("gate")", Status::valid},
        {"azp", R"("other")", Status::wrong_party},
        {"azp", R"("")", Status::wrong_party},
        {"azp", "null", Status::wrong_party},
        {"azp", R"(["gate"])", Status::wrong_party},
    });
    const auto both = [](std::string aud, std::string azp) { return token_of(claims({{"aud", aud}, {"azp", azp}})); };
    expect_status(both(R"(["other","gate"])", R"("gate")"), Status::valid, "several, and azp");
    expect_status(both(R"(["other","gate"])", R"("other")"), Status::wrong_party, "several, and another azp");
    expect_status(both(R"(["other"])", R"("gate")"), Status::wrong_audience, "azp alone does not do");
}

void dates_are_exact_to_the_second(void**) {
    expect_rows({
        {"exp", "1700000001", Status::valid},
        {"exp", "1700000000.5", Status::valid},
        {"exp", "1700000000", Status::expired},
        {"exp", "1699999999", Status::expired},
        {"exp", "0", Status::expired},
        {"exp", "-1", Status::expired},
        {"exp", "1e300", Status::valid},
        {"exp", R"("1700000300")", Status::bad_payload},
        {"exp", "true", Status::bad_payload},
        {"exp", "null", Status::bad_payload},
        {"exp", "", Status::no_expiry},
        {"iat", "1700000000", Status::valid},
        {"iat", "1700000001", Status::issued_in_the_future},
        {"iat", "1700000000.5", Status::issued_in_the_future},
        {"iat", "1699999400", Status::valid},
        {"iat", "1699999399", Status::issued_too_long_ago},
        {"iat", "-1e300", Status::issued_too_long_ago},
        {"iat", R"("1699999990")", Status::bad_payload},
        {"iat", "", Status::no_issue_time},
        {"nbf", "1700000000", Status::valid},
        {"nbf", "1700000001", Status::not_yet_valid},
        {"nbf", R"("x")", Status::bad_payload},
    });
    struct Row {
        std::string name, value;
        std::int64_t leeway;
        Status status;
    };
    const Row rows[] = {
        {"exp", "1699999941", 60, Status::valid}, {"exp", "1699999940", 60, Status::expired},
        {"iat", "1700000060", 60, Status::valid}, {"iat", "1700000061", 60, Status::issued_in_the_future},
        {"nbf", "1700000060", 60, Status::valid}, {"nbf", "1700000061", 60, Status::not_yet_valid},
        {"iat", "1699999340", 60, Status::valid}, {"iat", "1699999339", 60, Status::issued_too_long_ago},
    };
    for (const Row& row : rows) {
        expect_status(token_of(claims({{row.name, row.value}})), row.status, row.name + ' ' + row.value,
                      checks_at(now, row.leeway));
    }
}

void the_nonce_must_be_the_one_that_was_sent(void**) {
    expect_rows({
        {"nonce", "", Status::wrong_nonce},
        {"nonce", R"("")", Status::wrong_nonce},
        {"nonce", "null", Status::wrong_nonce},
        {"nonce", "7", Status::wrong_nonce},
        {"nonce", R"("n-0S6_WzA2M")", Status::wrong_nonce},
        {"nonce", R"("n-0S6_WzA2Mj ")", Status::wrong_nonce},
        {"nonce", R"("n-0S6_WzA2Mk")", Status::wrong_nonce},
        {"nonce", R"(["n-0S6_WzA2Mj"])", Status::wrong_nonce},
    });
    oidc::IdTokenChecks checks = checks_at();
    checks.nonce = "";
    expect_status(token_of(claims({{"nonce", R"("")"}})), Status::wrong_nonce, "an empty one is none", checks);
    expect_status(token_of(claims({{"nonce", ""}})), Status::wrong_nonce, "none on either side", checks);

    checks = checks_at();
    checks.nonce_optional = true;
    expect_status(token_of(claims({{"nonce", ""}})), Status::valid, "it may lack", checks);
    expect_status(token_of(claims()), Status::valid, "it need not", checks);
    for (const char* other : {R"("")", "null", R"("n-0S6_WzA2Mk")"}) {
        expect_status(token_of(claims({{"nonce", other}})), Status::wrong_nonce, "but not be another", checks);
    }
}

void at_hash_must_fit_the_access_token(void**) {
    const auto rs256 = [](const std::string& hash) {
        return jws(SigningKey::rsa(), Algorithm::rs256, R"({"alg":"RS256","kid":"r"})", claims({{"at_hash", hash}}));
    };
    expect_status(rs256(R"("77QmUPtjPfzWtF2AnpK9RQ")"), Status::valid, "the example of OpenID Connect Core, A.3");
    expect_status(jws(SigningKey::p256(), Algorithm::es256, R"({"alg":"ES256","kid":"e"})",
                      claims({{"at_hash", R"("77QmUPtjPfzWtF2AnpK9RQ")"}})),
                  Status::valid, "ES256 hashes the same way");
    for (const std::string& hash :
         {R"("")"s, "7"s, "null"s, R"("77QmUPtjPfzWtF2AnpK9RA")"s, R"("77QmUPtjPfzWtF2AnpK9R")"s,
          R"("77QmUPtjPfzWtF2AnpK9RQ==")"s, '"' + std::string(access_token) + '"'}) {
        expect_status(rs256(hash), Status::wrong_access_token_hash, hash);
    }
    oidc::IdTokenChecks checks = checks_at();
    checks.access_token = "another";
    expect_status(rs256(R"("77QmUPtjPfzWtF2AnpK9RQ")"), Status::wrong_access_token_hash, "another access token",
                  checks);
    checks.access_token = "";
    expect_status(rs256(R"("77QmUPtjPfzWtF2AnpK9RQ")"), Status::wrong_access_token_hash, "no access token", checks);

    const Digest of_nothing = sha256("");
    const std::string half_of_nothing = base64url::encode({reinterpret_cast<const char*>(of_nothing.data()), 16});
    expect_status(rs256('"' + half_of_nothing + '"'), Status::wrong_access_token_hash, "the hash of nothing", checks);

    unsigned char sha512[64];
    EVP_Digest(access_token.data(), access_token.size(), sha512, nullptr, EVP_sha512(), nullptr);
    const std::string half = '"' + base64url::encode({reinterpret_cast<const char*>(sha512), 32}) + '"';
    expect_status(token_of(claims({{"at_hash", half}})), Status::valid, "EdDSA: SHA-512");
    expect_status(token_of(claims({{"at_hash", R"("77QmUPtjPfzWtF2AnpK9RQ")"}})), Status::wrong_access_token_hash,
                  "EdDSA: not SHA-256");
    const auto rs512 = [](const std::string& hash) {
        return jws(SigningKey::rsa(), Algorithm::rs512, R"({"alg":"RS512","kid":"r"})", claims({{"at_hash", hash}}));
    };
    expect_status(rs512(half), Status::valid, "RS512: SHA-512");
    expect_status(rs512(R"("77QmUPtjPfzWtF2AnpK9RQ")"), Status::wrong_access_token_hash, "RS512: not SHA-256");
}

void the_subject_is_1_to_255_bytes(void**) {
    expect_rows({
        {"sub", "", Status::no_subject},
        {"sub", R"("")", Status::no_subject},
        {"sub", "7", Status::valid},
        {"sub", "-7", Status::valid},
        {"sub", "7.0", Status::no_subject},
        {"sub", "true", Status::no_subject},
        {"sub", "18446744073709551616", Status::no_subject},
        {"sub", "null", Status::no_subject},
        {"sub", R"(["a"])", Status::no_subject},
        {"sub", R"("a")", Status::valid},
        {"sub", '"' + std::string(255, 'a') + '"', Status::valid},
        {"sub", '"' + std::string(256, 'a') + '"', Status::no_subject},
    });
}

void every_status_has_a_sentence_of_its_own(void**) {
    std::vector<std::string_view> sentences;
    for (int i = 0; i <= static_cast<int>(Status::wrong_access_token_hash); ++i) {
        const std::string_view text = sentence(static_cast<Status>(i));
        expect(!text.empty() && std::find(sentences.begin(), sentences.end(), text) == sentences.end(), text);
        sentences.push_back(text);
    }
}

void any_bytes_are_refused_without_a_crash(void**) {
    Random random(5);
    const std::string good = token_of(claims());
    for (int round = 0; round < 5000; ++round) {
        std::string token = round % 2 == 0 ? good : std::string(random.below(200), '.');
        for (std::uint64_t n = random.below(8) + 1; n != 0 && !token.empty(); --n) {
            token[random.below(token.size())] = static_cast<char>(random.below(256));
        }
        expect(token == good || oidc::verify_id_token(token, keys(), checks_at()).status != Status::valid, token);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_id_token_of_each_algorithm_is_valid),
        cmocka_unit_test(other_algorithms_are_refused),
        cmocka_unit_test(an_algorithm_must_fit_the_keys_type),
        cmocka_unit_test(headers_that_are_not_an_id_tokens_are_refused),
        cmocka_unit_test(signatures_that_do_not_match_are_refused),
        cmocka_unit_test(payloads_that_are_no_claims_are_refused),
        cmocka_unit_test(the_issuer_must_be_the_providers),
        cmocka_unit_test(the_audience_must_be_this_client),
        cmocka_unit_test(dates_are_exact_to_the_second),
        cmocka_unit_test(the_nonce_must_be_the_one_that_was_sent),
        cmocka_unit_test(at_hash_must_fit_the_access_token),
        cmocka_unit_test(the_subject_is_1_to_255_bytes),
        cmocka_unit_test(every_status_has_a_sentence_of_its_own),
        cmocka_unit_test(any_bytes_are_refused_without_a_crash),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
