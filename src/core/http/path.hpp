// Paths: whether two servers would interpret one the same way, and the path lists of the configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auth_gate::path {

// Whether an application might resolve the path differently from nginx, which decides on the decoded, resolved path.
// Ambiguous are a backslash (some applications treat it as a slash), ";" (some cut the path or segment there), and
// control characters, all of them raw or encoded. `raw` is the path as sent, without the query.
bool is_ambiguous(std::string_view raw) noexcept;

// Whether there is an empty segment in a decoded path, as in //api: most applications take it for /api, nginx does only
// as long as it merges slashes.
bool has_empty_segment(std::string_view decoded) noexcept;

// Whether decoding `raw` once, without resolving anything, yields `decoded`. False for dot segments, doubled slashes,
// encoded slashes, and unreserved characters that are escaped needlessly (RFC 3986, 6.2.2).
bool reads_as(std::string_view raw, std::string_view decoded);

// Escapes a decoded path so that decoding it once gives it back. Also escapes ";", which some applications interpret.
std::string escape(std::string_view decoded);

// The decoded path of a URL or a request target, without scheme, host, query and fragment, with dot segments resolved
// (RFC 3986, 5.2.4). "/" if it has none.
std::string of_url(std::string_view url);

// Whether two decoded paths are equal, ignoring ASCII case, doubled slashes and a final slash.
bool same(std::string_view a, std::string_view b) noexcept;

// A list of methods with paths, as in `auth_gate_public GET /api/health /api/auth/invite/*`.
class Rules {
public:
    // Adds an exact path, or a prefix if it ends with '*'. A '*' before that stands for one segment. Returns false for
    // a path that could never match: one that does not begin with '/', or that has a '*' within a segment, a query, a
    // dot segment or an escape, and one with '*' that is ambiguous.
    bool add(std::string_view method, std::string_view path);

    // Ignores ASCII case, doubled slashes and a final slash. A rule for GET also matches HEAD. `decoded` is nginx's
    // normalised path.
    bool match(std::string_view method, std::string_view decoded) const;

    // As match(), for a path that reaches the application as it was sent. The rule must also match `sent`, with escapes
    // decoded except those of slashes. A rule with '*' matches no path that is ambiguous or that has a dot segment, raw
    // or encoded; one with '*' for a segment none with an empty segment either.
    bool match_as_sent(std::string_view method, std::string_view decoded, std::string_view sent) const;

    bool empty() const noexcept { return list_.empty(); }

private:
    struct Rule {
        std::string method;  // "*": any
        std::string path;
        bool prefix;
        bool any_segment;  // a '*' in `path` stands for one

        bool covers_method(std::string_view wanted) const noexcept;
        bool covers_path(std::string_view folded) const noexcept;
    };

    std::vector<Rule> list_;
};

}  // namespace auth_gate::path
