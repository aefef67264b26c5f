# Configurations that nginx refuses: `auth_gate_pass opaque` where the gate must know who it is.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

lines_that_nginx_refuses(
    http_config => 'auth_gate_secret env:JWT_SECRET; auth_gate_identity claims; auth_gate_zone zone=gate:1m tokens=100; '
        . 'auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state; '
        . 'auth_gate_oidc_provider sso { client_id gate; issuer https://127.0.0.1:1; app_url https://app.example; }',
    config => 'location /api { LINE }',
);
run_tests();

__DATA__

=== TEST 1: beside auth_gate_mfa policy
--- line: auth_gate jwt; auth_gate_mfa policy; auth_gate_pass opaque;
--- error_log eval
qr{"auth_gate_pass opaque" lets keys through without MFA: beside "auth_gate_mfa" say "auth_gate_pass opaque without_mfa", in location "/api", in \S+nginx\.conf:\d+}



=== TEST 2: beside auth_gate_mfa always
--- line: auth_gate jwt; auth_gate_pass opaque arg:state; auth_gate_mfa always;
--- error_log
"auth_gate_pass opaque" lets keys through without MFA



=== TEST 3: beside a dry run
--- line: auth_gate jwt; auth_gate_mfa policy dry_run; auth_gate_pass opaque;
--- error_log
"auth_gate_pass opaque" lets keys through without MFA



=== TEST 4: beside auth_gate_mfa of the server
--- http_config
    auth_gate_secret env:JWT_SECRET;
    auth_gate_identity claims;
--- config
    auth_gate_mfa policy;
    location /api { auth_gate jwt; auth_gate_pass opaque; }
--- error_log
"auth_gate_pass opaque" lets keys through without MFA



=== TEST 5: in a location around one with auth_gate_mfa
--- line: auth_gate jwt; auth_gate_pass opaque; location /api/in { auth_gate_mfa always; }
--- error_log
"auth_gate_pass opaque" lets keys through without MFA: beside "auth_gate_mfa" say "auth_gate_pass opaque without_mfa", in location "/api/in"



=== TEST 6: at auth_gate_issue
--- line: auth_gate_issue ws; auth_gate_pass opaque without_mfa;
--- error_log
"auth_gate_pass opaque" cannot stand in a location where the gate itself answers or changes an answer



=== TEST 7: at auth_gate_app_settings
--- line: auth_gate jwt; auth_gate_app_settings on; auth_gate_pass opaque without_mfa; proxy_pass http://127.0.0.1:1;
--- error_log
"auth_gate_pass opaque" cannot stand in a location where the gate itself



=== TEST 8: at auth_gate_app_config
--- line: auth_gate jwt; auth_gate_app_config on; auth_gate_pass opaque without_mfa;
--- error_log
"auth_gate_pass opaque" cannot stand in a location where the gate itself



=== TEST 9: at auth_gate_mfa_disable
--- line: auth_gate jwt; auth_gate_mfa_disable on; auth_gate_pass opaque without_mfa; proxy_pass http://127.0.0.1:1;
--- error_log
"auth_gate_pass opaque" cannot stand in a location where the gate itself



=== TEST 10: at auth_gate_oidc_settings
--- line: auth_gate jwt; auth_gate_oidc_settings sso; auth_gate_pass opaque without_mfa;
--- error_log
"auth_gate_pass opaque" cannot stand in a location where the gate itself



=== TEST 11: at auth_gate_oidc
--- line: auth_gate_oidc sso; auth_gate_pass opaque without_mfa;
--- error_log
"auth_gate_pass opaque" cannot stand in a location where the gate itself



=== TEST 12: at auth_gate_status
--- line: auth_gate_status; auth_gate_pass opaque without_mfa;
--- error_log
"auth_gate_pass opaque" cannot stand in a location where the gate itself



=== TEST 13: beside auth_gate_require
--- line: auth_gate jwt; auth_gate_require role=admin; auth_gate_pass opaque;
--- error_log
"auth_gate_pass opaque" lets keys through without claims, which "auth_gate_require" demands, in location "/api"



=== TEST 14: beside satisfy any
--- line: auth_gate jwt; satisfy any; deny all; auth_gate_pass opaque;
--- error_log
"auth_gate_pass opaque" would be enough for "satisfy any", though nobody has checked the key



=== TEST 15: without a gate
--- line: auth_gate off; auth_gate_pass opaque;
--- error_log
"auth_gate_pass opaque" needs "auth_gate": without it, every key goes through



=== TEST 16: in a server
--- config
    auth_gate_pass opaque;
    location /api { auth_gate jwt; }
--- error_log
invalid value "opaque" in "auth_gate_pass", expected "opaque" in the locations for such keys only



=== TEST 17: in http
--- http_config
    auth_gate_pass opaque;
--- config
    location /api { auth_gate jwt; }
--- error_log
invalid value "opaque" in "auth_gate_pass", expected "opaque" in the locations for such keys only



=== TEST 18: opaque twice
--- line: auth_gate jwt; auth_gate_pass opaque opaque;
--- error_log
invalid value "opaque" in "auth_gate_pass"



=== TEST 19: without_mfa alone
--- line: auth_gate jwt; auth_gate_pass without_mfa;
--- error_log
invalid value "without_mfa" in "auth_gate_pass", expected "opaque", "opaque without_mfa", "off" or arg:NAME



=== TEST 20: off with something else
--- line: auth_gate jwt; auth_gate_pass off opaque;
--- error_log
invalid value "opaque" in "auth_gate_pass", expected no other argument with "off"



=== TEST 21: another word
--- line: auth_gate jwt; auth_gate_pass opaque with_mfa;
--- error_log
invalid value "with_mfa" in "auth_gate_pass"



=== TEST 22: endpoints and open places within take no keys, and where it says so, MFA may be in force
--- http_config
    auth_gate_secret env:JWT_SECRET;
    auth_gate_zone zone=gate:1m tokens=100;
    auth_gate_identity claims;
--- config
    location /api {
        auth_gate jwt; auth_gate_mfa always; auth_gate_pass opaque without_mfa;
        location /api/token { auth_gate_issue ws; }
        location /api/open  { auth_gate off; return 200 open; }
        location /api/off   { auth_gate_pass off; empty_gif; }
        empty_gif;
    }
--- request eval: ['POST /api/token', 'GET /api/open', 'GET /api/off', 'GET /api']
--- more_headers: Authorization: Token x
--- error_code eval: [401, 200, 401, 200]
