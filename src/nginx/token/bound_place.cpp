#include "nginx/token/bound_place.hpp"

#include "nginx/gate/request_state.hpp"

#include "core/token/bound_place.hpp"

namespace auth_gate {

namespace {

constexpr std::string_view path_required = R"({"error":"Path required"})";
constexpr std::string_view invalid_path = R"({"error":"Invalid path"})";
constexpr std::string_view invalid_method = R"({"error":"Invalid method"})";

// nginx makes a GET of a request that goes to an error page.
std::string_view sent_method(ngx_http_request_t* r) noexcept {
    const std::string_view line = view(r->request_line);
    return line.substr(0, line.find(' '));
}

std::string_view path_in(const ngx_str_t& url) noexcept {
    return view(url).substr(0, view(url).find('?'));
}

}  // namespace

AskedPlace asked_place(const json::Claims& body, std::uint64_t scope, bool is_required) {
    json::Claim path;
    json::Claim method;
    body.for_each([&](std::string_view name, const json::Claim& value) {
        if (name == "path") {
            path = value;
        } else if (name == "method") {
            method = value;
        }
        return true;
    });
    if (!path && !is_required && !method) {
        return {};
    }
    if (!path) {
        return {0, path_required};
    }
    const auto path_text = path.string();
    const auto form = path_text ? place::form_of(*path_text) : std::nullopt;
    if (!form) {
        return {0, invalid_path};
    }
    const auto method_text = method ? method.string() : std::optional<std::string_view>("GET");
    if (!method_text || !place::is_method(*method_text)) {
        return {0, invalid_method};
    }
    return {place::hash_of(scope, place::text_of(*method_text, *form)), {}};
}

std::vector<std::uint64_t> places_of(ngx_http_request_t* r, const LocationConf& conf, const RequestState& state) {
    const SentPath& path = state.path;
    const bool is_noted = path.as_sent.len != 0;
    const std::string_view sent = is_noted ? view(path.as_sent) : path_in(r->unparsed_uri);
    const std::string_view canonical = is_noted ? view(path.canonical) : sent;
    std::vector<std::uint64_t> places;
    for (const std::string& form : place::forms_of_request(sent, canonical, conf.gate.path_as_sent == 1)) {
        const std::string text = place::text_of(sent_method(r), form);
        for (const std::uint64_t scope : *conf.jwt.scopes) {
            places.push_back(place::hash_of(scope, text));
        }
    }
    if (places.empty()) {
        places.push_back(0);  // no token is bound to this
    }
    return places;
}

}  // namespace auth_gate
