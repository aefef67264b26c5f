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
invalid value "name=x" in "auth_gate_identity", expected id=path, role=path, mfa=path or cache=time



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
invalid value "cache=10s" in "auth_gate_identity", expected role=path or mfa=path



=== TEST 8: auth_gate_identity: claims take no id option
--- config
auth_gate_identity claims id=sub;
--- must_die
--- error_log
invalid value "id=sub" in "auth_gate_identity", expected role=path or mfa=path



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
