# Mistakes in the configuration of MFA: nginx -t detects them, with a message that names the mistake and its place.

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

=== TEST 1: auth_gate_mfa: an unknown parameter
--- config
auth_gate_mfa sometimes;
--- must_die
--- error_log
invalid value "sometimes" in "auth_gate_mfa", expected "off", "policy", "always" or "exempt"



=== TEST 2: auth_gate_mfa: a parameter in capitals
--- config
auth_gate_mfa Policy;
--- must_die
--- error_log
invalid value "Policy" in "auth_gate_mfa"



=== TEST 3: auth_gate_mfa: no parameter
--- config
auth_gate_mfa;
--- must_die
--- error_log
invalid number of arguments in "auth_gate_mfa" directive



=== TEST 4: auth_gate_mfa: another parameter after policy
--- config
auth_gate_mfa policy dry-run;
--- must_die
--- error_log
invalid value "dry-run" in "auth_gate_mfa", expected "policy dry_run"



=== TEST 5: auth_gate_mfa: dry_run of another mode
--- config
auth_gate_mfa always dry_run;
--- must_die
--- error_log
invalid value "dry_run" in "auth_gate_mfa", expected "policy dry_run"



=== TEST 6: auth_gate_mfa: twice
--- config
auth_gate_mfa off;
auth_gate_mfa policy;
--- must_die
--- error_log
"auth_gate_mfa" directive is duplicate



=== TEST 7: auth_gate_mfa without auth_gate_identity
--- config
location = /api { auth_gate jwt; auth_gate_mfa policy; empty_gif; }
--- must_die
--- error_log
"auth_gate_mfa" needs "auth_gate_identity" to know who has MFA, in location "/api"



=== TEST 8: auth_gate_mfa always needs auth_gate_identity
--- config
location = /api { auth_gate jwt; auth_gate_mfa always; empty_gif; }
--- must_die
--- error_log
"auth_gate_mfa" needs "auth_gate_identity"



=== TEST 9: so does an issuing location
--- config
location = /token { auth_gate_issue ws; auth_gate_mfa policy; }
--- must_die
--- error_log
"auth_gate_mfa" needs "auth_gate_identity"



=== TEST 10: so does dry_run
--- config
location = /api { auth_gate jwt; auth_gate_mfa policy dry_run; empty_gif; }
--- must_die
--- error_log
"auth_gate_mfa" needs "auth_gate_identity"



=== TEST 11: satisfy any would bypass MFA
--- config
auth_gate_identity claims;
location = /api { auth_gate jwt; auth_gate_mfa policy; satisfy any; allow all; empty_gif; }
--- must_die
--- error_log
"satisfy any" would bypass "auth_gate_mfa", in location "/api"



=== TEST 12: also if the location inherits satisfy any
--- config
auth_gate_identity claims;
satisfy any;
location = /api { auth_gate jwt; auth_gate_mfa always; empty_gif; }
--- must_die
--- error_log
"satisfy any" would bypass "auth_gate_mfa"



=== TEST 13: also if the location inherits the policy
--- config
auth_gate_identity claims;
auth_gate_mfa policy;
location = /token { auth_gate_issue ws; satisfy any; allow all; }
--- must_die
--- error_log
"satisfy any" would bypass "auth_gate_mfa"



=== TEST 14: satisfy any is allowed where MFA is off
--- config
auth_gate_identity claims;
auth_gate_mfa policy;
location = /a { auth_gate jwt; auth_gate_mfa off; satisfy any; allow all; empty_gif; }
location = /b { auth_gate off; satisfy any; allow all; empty_gif; }
location = /c { auth_gate jwt; satisfy all; allow all; empty_gif; }
location = /ok { empty_gif; }
--- request
GET /ok
--- error_code: 200



=== TEST 15: policy without a zone
--- http_config
auth_gate_secret env:JWT_SECRET;
auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
--- config
auth_gate_identity claims;
location = /api { auth_gate jwt; auth_gate_mfa policy; empty_gif; }
--- must_die
--- error_log
"auth_gate_mfa" needs "auth_gate_zone"



=== TEST 16: policy without a state directory
--- http_config
auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
--- config
auth_gate_identity claims;
location = /api { auth_gate jwt; auth_gate_mfa policy; empty_gif; }
--- must_die
--- error_log
"auth_gate_mfa" needs "auth_gate_state_path" to keep its settings



=== TEST 17: app-config without a state directory
--- http_config
auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
--- config
location = /c { auth_gate_app_config on; }
--- must_die
--- error_log
needs "auth_gate_state_path" to keep its settings



=== TEST 18: always needs neither
--- http_config
auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
--- config
auth_gate_identity claims;
location = /api { auth_gate jwt; auth_gate_mfa always; empty_gif; }
location = /ok { empty_gif; }
--- request
GET /ok
--- error_code: 200



=== TEST 19: set at a higher level and overridden in locations
--- config
auth_gate_identity claims;
auth_gate_mfa policy dry_run;
location = /api { auth_gate jwt; auth_gate_mfa policy; empty_gif; }
location = /b { auth_gate jwt; auth_gate_mfa exempt; empty_gif; }
location = /ok { empty_gif; }
--- request
GET /ok
--- error_code: 200



=== TEST 20: auth_gate_mfa_exempt: no path
--- config
auth_gate_mfa_exempt GET;
--- must_die
--- error_log
invalid number of arguments in "auth_gate_mfa_exempt" directive



=== TEST 21: auth_gate_mfa_exempt: no method
--- config
auth_gate_mfa_exempt /api/me /api/x;
--- must_die
--- error_log
invalid value "/api/me" in "auth_gate_mfa_exempt", expected a method in capitals, or "*"



=== TEST 22: auth_gate_mfa_exempt: a method in lower case
--- config
auth_gate_mfa_exempt get /api/me;
--- must_die
--- error_log
invalid value "get" in "auth_gate_mfa_exempt"



=== TEST 23: auth_gate_mfa_exempt: not a path
--- config
auth_gate_mfa_exempt GET api/me;
--- must_die
--- error_log
invalid value "api/me" in "auth_gate_mfa_exempt", expected a decoded path that begins with "/", with "*" for a whole segment or at its end



=== TEST 24: auth_gate_mfa_exempt: a star within a segment
--- config
auth_gate_mfa_exempt GET /api/m*/me;
--- must_die
--- error_log
invalid value "/api/m*/me" in "auth_gate_mfa_exempt"



=== TEST 25: auth_gate_mfa_exempt: a path with a query would match nothing
--- config
auth_gate_mfa_exempt GET /api/me?x=1;
--- must_die
--- error_log
invalid value "/api/me?x=1" in "auth_gate_mfa_exempt"



=== TEST 26: auth_gate_mfa_exempt: an encoded path would match nothing
--- config
auth_gate_mfa_exempt GET /api/%6de;
--- must_die
--- error_log
invalid value "/api/%6de" in "auth_gate_mfa_exempt"



=== TEST 27: auth_gate_mfa_exempt: a path that nginx would resolve would match nothing
--- config
auth_gate_mfa_exempt GET /api/../me;
--- must_die
--- error_log
invalid value "/api/../me" in "auth_gate_mfa_exempt"



=== TEST 28: auth_gate_mfa_exempt: in a location
--- config
location = /x { auth_gate_mfa_exempt GET /x; }
--- must_die
--- error_log
"auth_gate_mfa_exempt" directive is not allowed here



=== TEST 29: auth_gate_mfa_url: twice
--- config
auth_gate_mfa_url /a;
auth_gate_mfa_url /b;
--- must_die
--- error_log
"auth_gate_mfa_url" directive is duplicate



=== TEST 30: auth_gate_mfa_url: an unknown variable
--- config
auth_gate_mfa_url /a$nonsense;
--- must_die
--- error_log
unknown "nonsense" variable



=== TEST 31: auth_gate_mfa_sockets: neither on nor off
--- config
auth_gate_mfa_sockets yes;
--- must_die
--- error_log
invalid value "yes" in "auth_gate_mfa_sockets" directive, it must be "on" or "off"



=== TEST 32: auth_gate_mfa_sockets: on and a number alone
--- config
auth_gate_mfa_sockets on 16;
--- must_die
--- error_log
invalid value "16" in "auth_gate_mfa_sockets", expected "on checks=number", with a number above 0



=== TEST 33: auth_gate_mfa_sockets: no lookup at all
--- config
auth_gate_mfa_sockets on checks=0;
--- must_die
--- error_log
invalid value "checks=0" in "auth_gate_mfa_sockets", expected "on checks=number"



=== TEST 34: auth_gate_mfa_sockets: not a number
--- config
auth_gate_mfa_sockets on checks=few;
--- must_die
--- error_log
invalid value "checks=few" in "auth_gate_mfa_sockets"



=== TEST 35: auth_gate_mfa_sockets: off, with a number
--- config
auth_gate_mfa_sockets off checks=4;
--- must_die
--- error_log
invalid value "checks=4" in "auth_gate_mfa_sockets"



=== TEST 36: auth_gate_mfa_sockets: twice
--- config
auth_gate_mfa_sockets on;
auth_gate_mfa_sockets on checks=4;
--- must_die
--- error_log
"auth_gate_mfa_sockets" directive is duplicate



=== TEST 37: auth_gate_mfa_sockets: with a number, within another
--- config
auth_gate_mfa_sockets on checks=4;
location = /off { auth_gate_mfa_sockets off; empty_gif; }
location = /on  { auth_gate_mfa_sockets on;  empty_gif; }
--- request
GET /on
--- error_code: 200
