# auth_gate_store: what nginx accepts and refuses. What it does is tested with a server: t/live/store_*.t.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;
$ENV{STORE_PASSWORD} = 'secret';

lines_that_nginx_refuses(http_config => 'auth_gate_zone zone=gate:4m; auth_gate_secret env:JWT_SECRET; LINE',
    config => 'location = /api { auth_gate token=download; proxy_pass http://127.0.0.1:1; }');
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(error_log => 'invalid address in "auth_gate_store"') if defined $block->line && !defined $block->error_log;
});
run_tests();

__DATA__

=== TEST 1: nginx starts without the server, and JWTs work
--- main_config
env STORE_PASSWORD;
--- http_config
    auth_gate_zone zone=gate:4m;
    auth_gate_secret env:JWT_SECRET;
    auth_gate_store redis://[::1]:1/3 user=gate password=env:STORE_PASSWORD prefix=site: timeout=1s inflight=10;
--- config
    location = /api { auth_gate jwt token=download; empty_gif; }
--- request eval
["GET /api", "GET /api?token=" . 'a' x 64]
--- more_headers eval
['Authorization: Bearer ' . session_jwt(1), '']
--- error_code eval
[200, 503]



=== TEST 2: no scheme
--- line: auth_gate_store 127.0.0.1;



=== TEST 3: a scheme that is not known
--- line: auth_gate_store rediss://127.0.0.1;



=== TEST 4: no host
--- line: auth_gate_store redis://;



=== TEST 5: no path
--- line: auth_gate_store unix:;



=== TEST 6: a database that is no number
--- line: auth_gate_store redis://127.0.0.1/x;



=== TEST 7: a port that is none
--- line: auth_gate_store redis://127.0.0.1:99999;
--- error_log
invalid port in "127.0.0.1:99999"



=== TEST 8: a name that nobody knows
--- line: auth_gate_store redis://nobody.invalid;
--- error_log
host not found in "nobody.invalid"



=== TEST 9: an option that is not known
--- line: auth_gate_store redis://127.0.0.1 tls=on;
--- error_log
invalid value "tls=on" in "auth_gate_store"



=== TEST 10: an option twice
--- line: auth_gate_store redis://127.0.0.1 prefix=a: prefix=b:;
--- error_log
invalid value "prefix=b:" in "auth_gate_store"



=== TEST 11: a prefix that an ACL would read as a pattern
--- line: auth_gate_store redis://127.0.0.1 prefix=a*;
--- error_log
invalid value "prefix=a*" in "auth_gate_store"



=== TEST 12: a prefix with a hash tag of its own
--- line: auth_gate_store redis://127.0.0.1 "prefix={a}";
--- error_log
invalid value "prefix={a}" in "auth_gate_store"



=== TEST 13: an empty prefix
--- line: auth_gate_store redis://127.0.0.1 prefix=;
--- error_log
invalid value "prefix=" in "auth_gate_store"



=== TEST 14: no time
--- line: auth_gate_store redis://127.0.0.1 timeout=0;
--- error_log
invalid value "timeout=0" in "auth_gate_store"



=== TEST 15: too long a time
--- line: auth_gate_store redis://127.0.0.1 timeout=11s;
--- error_log
invalid value "timeout=11s" in "auth_gate_store"



=== TEST 16: no commands
--- line: auth_gate_store redis://127.0.0.1 inflight=0;
--- error_log
invalid value "inflight=0" in "auth_gate_store"



=== TEST 17: a password in the clear
--- line: auth_gate_store redis://127.0.0.1 password=secret;
--- error_log
must be env:NAME or file:PATH



=== TEST 18: two passwords
--- line: auth_gate_store redis://:a@127.0.0.1 password=env:STORE_PASSWORD;
--- error_log
"auth_gate_store" has two users or two passwords



=== TEST 19: two users
--- line: auth_gate_store redis://a:b@127.0.0.1 user=c;
--- error_log
"auth_gate_store" has two users or two passwords



=== TEST 20: a user without a password
--- line: auth_gate_store redis://127.0.0.1 user=c;
--- error_log
"auth_gate_store" has a user without a password



=== TEST 21: two stores
--- line: auth_gate_store redis://127.0.0.1; auth_gate_store redis://127.0.0.1;
--- error_log
"auth_gate_store" directive is duplicate



=== TEST 22: no zone
--- http_config
    auth_gate_secret env:JWT_SECRET;
    auth_gate_store redis://127.0.0.1;
--- config
    location = /api { auth_gate jwt; empty_gif; }
--- must_die
--- error_log
"auth_gate_store" needs "auth_gate_zone"



=== TEST 23: a policy that each host keeps for itself is warned about
--- http_config
    auth_gate_zone zone=gate:4m;
    auth_gate_secret env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    auth_gate_store redis://127.0.0.1:1;
--- config
    auth_gate_identity claims;
    location = /settings { auth_gate jwt; auth_gate_app_settings on; }
--- request
GET /other
--- error_code: 404
--- error_log
"auth_gate_mfa" keeps the policy on this host alone, "auth_gate_store" does not share it
