// Where the person wanted to go is remembered beyond the login: people reload callbacks, and go back to them.

#include "nginx/gate/request_state.hpp"
#include "nginx/jwt/session_cookies.hpp"
#include "nginx/jwt/verify_session.hpp"
#include "nginx/oidc/steps.hpp"

#include "core/base/byte_record.hpp"
#include "core/identity/account.hpp"
#include "core/oidc/callback.hpp"

#include <algorithm>
#include <vector>

namespace auth_gate {

namespace {

// Of a login that has ended. The flow itself is gone.
Digest digest_of(const LoginRequest& login) {
    return sha256("ended " + oidc::parse_callback(login.query).state);
}

void read_way_home(LoginRequest& login) {
    const oidc::Record& found = login.record.value();
    std::uint64_t provider = 0;
    std::string path;
    RecordReader record(found.payload());
    record.fixed(provider);
    record.text(path);
    const bool good = found.found && record.complete() && provider == login.config.key;
    login.redirect(good ? path : "/");
}

bool has_good_session_in(LoginRequest& login, std::string_view cookie) {
    const auto values = session_values(login.r, cookie);
    return values && std::any_of(values->begin(), values->end(), [&](std::string_view value) {
               return session_of(login.r, login.conf, obtain_state(login.r), value) != nullptr;
           });
}

}  // namespace

void keep_way_home(LoginRequest& login, LoginRequest::Step next) {
    if (login.flow.return_path.empty()) {
        next(login);
        return;
    }
    RecordWriter record;
    record.fixed(login.config.key);
    record.text(login.flow.return_path);
    login.kept.cancel();
    login.store.put(oidc::RecordKind::flow, digest_of(login),
                    account_owner(login.conf.jwt.scopes->front(), login.answers.user), record.take(),
                    login.provider().flow_ttl_ms, login.kept);
    login.when_ready(login.kept, next);  // without it, a reload leads to "/"
}

bool has_good_session(LoginRequest& login) {
    std::vector<std::string_view> names(login.conf.jwt.sources->cookies.begin(), login.conf.jwt.sources->cookies.end());
    if (login.conf.oidc.session_cookie.len != 0) {
        names.push_back(view(login.conf.oidc.session_cookie));
    }
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return has_good_session_in(login, name); });
}

void lead_home(LoginRequest& login) {
    login.record.cancel();
    login.store.look(oidc::RecordKind::flow, digest_of(login), login.record);
    login.when_ready(login.record, read_way_home);
}

}  // namespace auth_gate
