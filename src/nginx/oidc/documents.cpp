#include "nginx/oidc/documents.hpp"

#include "nginx/conf/conf.hpp"
#include "nginx/oidc/zone.hpp"

#include "core/http/url.hpp"

#include <memory>

namespace auth_gate {

namespace {

using Document = oidc::DocumentCache::Document;

constexpr std::uint64_t grace_ms = 2'000;  // after the HTTP request's own timeout
constexpr std::uint64_t between_forced_ms = 10'000;
constexpr std::uint64_t retry_ms = 1'000;
constexpr int most_redirects = 3;

// A fetch belongs to the worker, not to the request that began it: other requests wait for it, too.
struct Fetch {
    OidcConfig config;
    Document document = Document::metadata;
    std::uint32_t ticket = 0;
    ngx_log_t* log = nullptr;
    std::string address;
    int redirects = 0;  // followed so far
};

// Looks for a text newer than generation `outdated`; if that is 0, for any text.
DocumentStatus obtain(const OidcConfig& config, OidcZone& zone, Document document, const std::string& address,
                      std::uint32_t outdated);
oidc::DocumentCache::Times times_of(const OidcConfig& config) noexcept;

// False if the fetch could not be begun; the turn has then been given up.
bool begin_fetch(const OidcConfig& config, OidcZone& zone, Document document, std::uint32_t ticket,
                 const std::string& address);
bool ask(std::unique_ptr<Fetch>& fetch);  // takes the fetch if it is true
void fetched(void* data, HttpAnswer& answer) noexcept;

// Empty if the document is good.
std::string what_is_wrong(const Fetch& fetch, const HttpAnswer& answer);
std::string sentence_of(const oidc::MetadataResult& result);
void log_failure(const OidcConfig& config, Document document, const char* why) noexcept;

}  // namespace

DocumentStatus obtain_metadata(const OidcConfig& config, OidcZone& zone, oidc::Metadata& out) {
    const DocumentStatus status = obtain(config, zone, Document::metadata, config.metadata_url(), 0);
    if (status != DocumentStatus::ready) {
        return status;
    }
    std::uint32_t generation = 0;
    const std::string text = zone.read(config.documents_key, Document::metadata, generation);
    oidc::MetadataResult result = oidc::parse_metadata(text, config.metadata_rules());
    if (result.status != oidc::MetadataStatus::valid) {
        // Another provider's block may have fetched it, and asks less of it.
        log_failure(config, Document::metadata, sentence_of(result).c_str());
        return DocumentStatus::unavailable;
    }
    out = std::move(result.metadata);
    return DocumentStatus::ready;
}

DocumentStatus obtain_keys(const OidcConfig& config, OidcZone& zone, const oidc::Metadata& metadata,
                           std::uint32_t& generation, oidc::KeySet& out) {
    const DocumentStatus status = obtain(config, zone, Document::keys, metadata.jwks_uri, generation);
    if (status != DocumentStatus::ready) {
        return status;
    }
    auto keys = oidc::KeySet::parse(zone.read(config.documents_key, Document::keys, generation));
    if (!keys) {
        return DocumentStatus::unavailable;
    }
    out = std::move(*keys);
    return DocumentStatus::ready;
}

namespace {

DocumentStatus obtain(const OidcConfig& config, OidcZone& zone, Document document, const std::string& address,
                      std::uint32_t outdated) {
    const auto times = times_of(config);
    oidc::DocumentCache::View view = outdated == 0 ? zone.look_up(config.documents_key, document, times)
                                                   : zone.force(config.documents_key, document, outdated, times);
    if (view.turn == Turn::mine && begin_fetch(config, zone, document, view.ticket, address)) {
        view.turn = Turn::others;
    }
    if (view.generation != 0 && view.generation != outdated) {
        return DocumentStatus::ready;  // even while a newer text is being fetched
    }
    return view.turn == Turn::others ? DocumentStatus::waiting : DocumentStatus::unavailable;
}

oidc::DocumentCache::Times times_of(const OidcConfig& config) noexcept {
    return {
        .longest_age_ms = config.provider->cache_ms,
        .fetching_ms = config.provider->timeout_ms + grace_ms,
        .between_forced_ms = between_forced_ms,
    };
}

bool begin_fetch(const OidcConfig& config, OidcZone& zone, Document document, std::uint32_t ticket,
                 const std::string& address) {
    auto fetch = std::make_unique<Fetch>(Fetch{config, document, ticket, ngx_cycle->log, address});
    if (ask(fetch)) {
        return true;
    }
    log_failure(config, document, "out of memory");
    zone.give_up(config.documents_key, document, ticket, retry_ms);
    return false;
}

bool ask(std::unique_ptr<Fetch>& fetch) {
    if (http_begin(request_to(fetch->config, fetch->address), fetched, fetch.get()) == nullptr) {
        return false;
    }
    static_cast<void>(fetch.release());
    return true;
}

// To the same scheme, host and port, such as to a path with a slash at its end. Elsewhere, another server would speak
// for the provider.
bool may_follow(const Fetch& fetch, const HttpAnswer& answer) {
    const auto from = url::parse(fetch.address), to = url::parse(answer.redirect);
    return fetch.redirects < most_redirects && answer.failure == nullptr && from && to && from->https == to->https &&
           from->host == to->host && from->port == to->port;
}

// Null if the configuration in force has no provider any more.
OidcZone* current_zone() noexcept {
    auto* main = current_main_conf();
    return main == nullptr || main->oidc == nullptr ? nullptr : main->oidc->zone;
}

void fetched(void* data, HttpAnswer& answer) noexcept {
    std::unique_ptr<Fetch> fetch(static_cast<Fetch*>(data));
    OidcZone* zone = current_zone();
    if (zone == nullptr) {
        return;
    }
    const std::uint64_t key = fetch->config.documents_key;
    const Document document = fetch->document;
    const std::uint32_t ticket = fetch->ticket;
    const bool followed = shielded(fetch->log, false, [&] {
        if (!may_follow(*fetch, answer)) {
            return false;
        }
        fetch->address = std::move(answer.redirect);
        fetch->redirects++;
        return ask(fetch);
    });
    if (followed) {
        return;
    }
    const bool stored = shielded(fetch->log, false, [&] {
        const std::string why = what_is_wrong(*fetch, answer);
        if (!why.empty()) {
            log_failure(fetch->config, document, why.c_str());
            return false;
        }
        return zone->store(key, document, ticket, answer.body);
    });
    if (!stored) {
        zone->give_up(key, document, ticket, retry_ms);
    }
}

std::string what_is_wrong(const Fetch& fetch, const HttpAnswer& answer) {
    if (answer.failure != nullptr) {
        return answer.failure;
    }
    if (answer.status != 200) {
        const std::string why = "status " + std::to_string(answer.status);
        return url::parse(answer.redirect) ? why + ", to " + answer.redirect + ", which is not followed" : why;
    }
    if (answer.body.size() > oidc::DocumentCache::longest_text) {
        return "the answer is too large";
    }
    if (fetch.document == Document::keys) {
        return oidc::KeySet::parse(answer.body) ? "" : "the answer is not a JWK Set";
    }
    const oidc::MetadataResult result = oidc::parse_metadata(answer.body, fetch.config.metadata_rules());
    return result.status == oidc::MetadataStatus::valid ? "" : sentence_of(result);
}

std::string sentence_of(const oidc::MetadataResult& result) {
    std::string why(sentence(result.status));
    return result.member.empty() ? why : why + ": " + std::string(result.member);
}

const char* name_of(Document document) noexcept {
    return document == Document::metadata ? "metadata" : "keys";
}

void log_failure(const OidcConfig& config, Document document, const char* why) noexcept {
    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "auth_gate: fetching the %s of OpenID provider \"%s\" failed: %s",
                  name_of(document), config.provider->name.c_str(), why);
}

bool is_plain_loopback(const std::string& text) {
    const auto address = url::parse(text);
    return address && !address->https && url::is_loopback(*address);
}

}  // namespace

HttpRequest request_to(const OidcConfig& config, const std::string& address) {
    const OidcProvider& provider = *config.provider;
    HttpRequest request;
    request.url = address;
    request.public_only = config.public_only;
    request.allow_http = !config.public_only && is_plain_loopback(address) && is_plain_loopback(config.metadata_url());
    request.headers = {"Accept: application/json"};
    request.ca_file = provider.ca_file;
    request.proxy = provider.proxy;
    request.connect_timeout_ms = provider.connect_timeout_ms;
    request.timeout_ms = provider.timeout_ms;
    return request;
}

}  // namespace auth_gate
