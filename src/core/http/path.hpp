// Paths: whether two servers would read one the same way, and the lists of paths in the configuration.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auth_gate::path {

// nginx decides on the decoded, resolved path; the application sees what is passed on. A path that an
// application might resolve to another one is ambiguous: a backslash (some take it for a slash), ";"
// (some cut it and what follows off), or a control character. `raw` is the path as it was sent, without
// the query; `decoded` is nginx's reading of it.
bool is_ambiguous(std::string_view raw, std::string_view decoded) noexcept;

// Whether whoever decodes `raw` once, without resolving every_value, arrives at `decoded`: no dot segments,
// doubled slashes, encoded slashes, or letters, digits and dots in needless escapes (RFC 3986, 6.2.2).
bool reads_as(std::string_view raw, std::string_view decoded);

// Escapes a decoded path so that decoding it once gives it back, whatever the reader thinks of ";".
std::string escape(std::string_view decoded);

// The path of a URL or a request target: without scheme, host, query and fragment, decoded, dot segments resolved
// (RFC 3986, 5.2.4).
std::string of_url(std::string_view url);

// Whether two decoded paths differ in ASCII case, doubled slashes and a final slash at most.
bool same(std::string_view a, std::string_view b) noexcept;

// Paths with methods, as in `auth_gate_public GET /api/health /api/auth/invite/*`.
class Rules {
public:
    // Exact, or by prefix with a final '*'. False for what would never match: a path that does not begin with '/',
    // with a '*' elsewhere, a query, a dot segment or an escape.
    bool add(std::string_view method, std::string_view path);

    // ASCII case, doubled slashes and a final slash make no difference; a rule for GET is one for HEAD.
    // `decoded` is nginx's normalised path.
    bool match(std::string_view method, std::string_view decoded) const;

    bool empty() const noexcept { return list_.empty(); }

private:
    struct Rule {
        std::string method;  // "*": any
        std::string path;
        bool prefix;
    };

    std::vector<Rule> list_;
};

}  // namespace auth_gate::path
