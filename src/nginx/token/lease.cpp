#include "nginx/token/lease.hpp"

#include "nginx/conf/conf.hpp"

#include <algorithm>
#include <string>

namespace auth_gate {

namespace {

// A header that is absent is another one than an empty one.
std::string value_of(const ngx_table_elt_t* header) {
    return header != nullptr ? '=' + std::string(view(header->value)) : std::string();
}

std::string redeemer(ngx_http_request_t* r, LeaseTo lease_to) {
    switch (lease_to) {
    case LeaseTo::address:
        return "address " + std::string(view(r->connection->addr_text));
    case LeaseTo::agent:
        return "agent " + value_of(r->headers_in.user_agent);
    case LeaseTo::anybody:
        break;
    }
    return "anybody";
}

// On the same server under the same Host, the same URL as the client asked for it before any rewrite, without the
// token. A page is no WebSocket, nor the reverse.
std::string same_request(ngx_http_request_t* r) {
    std::string text;
    for (const std::string& part :
         {*server_conf(r)->id, std::string(view(r->headers_in.server)), value_of(r->headers_in.host),
          value_of(r->headers_in.upgrade), std::string(view(r->unparsed_uri))}) {
        text += '\n';  // in none of the parts
        text += part;
    }
    return text;
}

}  // namespace

std::array<std::uint64_t, lease_kinds> lease_bindings(ngx_http_request_t* r,
                                                      std::span<const AcceptedPurpose> accepted) {
    std::array<std::uint64_t, lease_kinds> bindings{};
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return bindings;
    }
    const std::string same = same_request(r);
    for (const AcceptedPurpose& purpose : accepted) {
        std::uint64_t& binding = bindings[static_cast<std::size_t>(purpose.lease_to)];
        if (purpose.lease_ms != 0 && binding == 0) {
            binding = std::max<std::uint64_t>(1, short_hash(sha256(redeemer(r, purpose.lease_to) + same)));
        }
    }
    return bindings;
}

}  // namespace auth_gate
