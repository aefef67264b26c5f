// Whose pages may use a session that browsers send by themselves (RFC 6454; RFC 6455, 10.2; Fetch Metadata).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auth_gate {

// What a request says of the page that made it. An absent header is an empty view.
struct Page {
    std::string_view origin;
    std::string_view fetch_site;  // Sec-Fetch-Site
    std::string_view host;
    bool tls = false;  // the request came over TLS
};

class OriginRule {
public:
    // Admits the pages of all origins.
    void add_any() noexcept { any_ = true; }

    // Admits the pages of one origin, "scheme://host[:port]", beside those of the request's own host. Returns false for
    // anything else. Throws bad_alloc.
    bool add(std::string_view origin);

    // An Origin must be a listed one, or have the host and port of Host; a default port is the same as none. The
    // schemes may differ, because TLS may end in front of us, but a plain page is never the same as one over TLS.
    // Without Origin, only a browser's word that the page is of the same origin counts. Throws bad_alloc.
    bool admits(const Page& page) const;

    // Whether this is one of the listed origins. Throws bad_alloc.
    bool lists(std::string_view origin) const;

    bool lists_some() const noexcept { return !listed_.empty(); }

private:
    bool any_ = false;
    std::vector<std::string> listed_;
};

}  // namespace auth_gate
