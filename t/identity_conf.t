# Mistakes in auth_gate_identity: nginx -t detects them, with a message that names the mistake and its place.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
_EOC_

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig) if !defined $block->http_config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n") if !defined $block->must_die && !defined $block->no_error_log;
});

no_root_location();
run_tests();

__DATA__

=== TEST 1: auth_gate_identity: neither claims nor a URI
--- config
auth_gate_identity me;
--- must_die
--- error_log
invalid value "me" in "auth_gate_identity", expected "claims" or the URI of a location



=== TEST 2: auth_gate_identity: no parameter
--- config
auth_gate_identity;
--- must_die
--- error_log
invalid number of arguments in "auth_gate_identity" directive



=== TEST 3: auth_gate_identity: twice
--- config
auth_gate_identity claims;
auth_gate_identity /me;
--- must_die
--- error_log
"auth_gate_identity" directive is duplicate



=== TEST 4: auth_gate_identity: an unknown option
--- config
auth_gate_identity /me name=x;
--- must_die
--- error_log
invalid value "name=x" in "auth_gate_identity", expected id=path, role=path, admin=path|role:name,..., mfa=path[:value,...], cache=time or per=user|session



=== TEST 5: auth_gate_identity: a bad time
--- config
auth_gate_identity /me cache=soon;
--- must_die
--- error_log
invalid value "cache=soon" in "auth_gate_identity"



=== TEST 6: auth_gate_identity: a negative time
--- config
auth_gate_identity /me cache=-1s;
--- must_die
--- error_log
invalid value "cache=-1s" in "auth_gate_identity"



=== TEST 7: auth_gate_identity: claims are not cached
--- config
auth_gate_identity claims cache=10s;
--- must_die
--- error_log
invalid value "cache=10s" in "auth_gate_identity", expected role=path, admin=path|role:name,..., mfa=path[:value,...], each once



=== TEST 8: auth_gate_identity: claims take no id option
--- config
auth_gate_identity claims id=sub;
--- must_die
--- error_log
invalid value "id=sub" in "auth_gate_identity", expected role=path, admin=path|role:name,..., mfa=path[:value,...], each once



=== TEST 9: auth_gate_identity: an empty path to MFA would lock out everyone
--- config
auth_gate_identity /me mfa=;
--- must_die
--- error_log
invalid value "mfa=" in "auth_gate_identity"



=== TEST 10: auth_gate_identity: a path with an empty name
--- config
auth_gate_identity /me mfa=user..mfa;
--- must_die
--- error_log
invalid value "mfa=user..mfa" in "auth_gate_identity"



=== TEST 11: auth_gate_identity: an option twice
--- config
auth_gate_identity /me mfa=a mfa=b;
--- must_die
--- error_log
invalid value "mfa=b" in "auth_gate_identity"



=== TEST 12: auth_gate_identity: no cache, no id to compare, top-level paths
--- config
auth_gate_identity /me cache=0 id= role=r mfa=m;
location = /ok { empty_gif; }
--- request
GET /ok
--- error_code: 200



=== TEST 13: auth_gate_identity: per= takes user or session
--- config
auth_gate_identity /me per=jwt;
--- must_die
--- error_log
invalid value "per=jwt" in "auth_gate_identity"



=== TEST 14: auth_gate_identity: per= twice
--- config
auth_gate_identity /me per=user per=session;
--- must_die
--- error_log
invalid value "per=session" in "auth_gate_identity"



=== TEST 15: auth_gate_identity: claims are always the session's own
--- config
auth_gate_identity claims per=session;
--- must_die
--- error_log
invalid value "per=session" in "auth_gate_identity", expected role=path, admin=path|role:name,..., mfa=path[:value,...], each once



=== TEST 16: auth_gate_identity: no role that makes an administrator
--- config
auth_gate_identity /me admin=role:;
--- must_die
--- error_log
invalid value "admin=role:" in "auth_gate_identity"



=== TEST 17: auth_gate_identity: values in the path of an administrator
--- config
auth_gate_identity /me admin=user.type:boss;
--- must_die
--- error_log
invalid value "admin=user.type:boss" in "auth_gate_identity"



=== TEST 18: auth_gate_identity: an empty value that counts as MFA
--- config
auth_gate_identity /me mfa=user.mfa:totp,;
--- must_die
--- error_log
invalid value "mfa=user.mfa:totp," in "auth_gate_identity"



=== TEST 19: auth_gate_identity: an administrator twice
--- config
auth_gate_identity /me admin=a admin=b;
--- must_die
--- error_log
invalid value "admin=b" in "auth_gate_identity"



=== TEST 20: a lookup for which a server has no location causes a warning
--- config
    auth_gate_identity /_identiti;
    location = /_identity { internal; return 200; }
    location /api         { auth_gate jwt; auth_gate_mfa policy; return 200 ok; }
--- error_log eval: qr{\[warn\] .*\Q"auth_gate_identity" asks "/_identiti", for which a server has no location, in \E\S+nginx\.conf:\d+}
--- request
GET /api
--- error_code: 200
--- no_error_log
[alert]



=== TEST 21: none where there may be one, or nobody is asked
--- config
    auth_gate_identity /_identity/x?a=b;
    location /_id      { internal; return 200; }
    location /api      { auth_gate jwt; auth_gate_mfa policy; return 200 ok; }
    location /claims   { auth_gate jwt; auth_gate_mfa policy; auth_gate_identity claims; return 200 ok; }
    location /no_mfa   { auth_gate jwt; auth_gate_identity /nowhere; return 200 ok; }
--- request
GET /api
--- error_code: 200
--- no_error_log
for which a server has no location
