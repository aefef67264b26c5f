# Mistakes in the configuration of the settings endpoints, the state directory and the status: nginx -t reports what is wrong, and where.

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

=== TEST 1: auth_gate_app_config: neither on nor off
--- config
location = /x { auth_gate_app_config yes; }
--- must_die
--- error_log
invalid value "yes" in "auth_gate_app_config" directive



=== TEST 2: auth_gate_app_config: not in a location
--- config
auth_gate_app_config on;
--- must_die
--- error_log
"auth_gate_app_config" directive is not allowed here



=== TEST 3: auth_gate_app_settings: neither on nor off
--- config
location = /x { auth_gate_app_settings yes; }
--- must_die
--- error_log
invalid value "yes" in "auth_gate_app_settings" directive



=== TEST 4: auth_gate_app_settings: not in a location
--- config
auth_gate_app_settings on;
--- must_die
--- error_log
"auth_gate_app_settings" directive is not allowed here



=== TEST 5: auth_gate_mfa_disable: neither on nor off
--- config
location = /x { auth_gate_mfa_disable yes; }
--- must_die
--- error_log
invalid value "yes" in "auth_gate_mfa_disable" directive



=== TEST 6: auth_gate_mfa_disable: not in a location
--- config
auth_gate_mfa_disable on;
--- must_die
--- error_log
"auth_gate_mfa_disable" directive is not allowed here



=== TEST 7: app-settings without a gate
--- config
auth_gate_identity claims;
location = /s { auth_gate_app_settings on; }
--- must_die
--- error_log
"auth_gate_app_settings" needs "auth_gate jwt" and no "token=", in location "/s"



=== TEST 8: app-settings for tokens
--- config
auth_gate_identity claims;
location = /s { auth_gate token=ws; auth_gate_app_settings on; }
--- must_die
--- error_log
"auth_gate_app_settings" needs "auth_gate jwt" and no "token="



=== TEST 9: app-settings for sessions and tokens
--- config
auth_gate_identity claims;
location = /s { auth_gate jwt token=ws; auth_gate_app_settings on; }
--- must_die
--- error_log
"auth_gate_app_settings" needs "auth_gate jwt" and no "token="



=== TEST 10: app-settings without auth_gate_identity
--- config
location = /s { auth_gate jwt; auth_gate_app_settings on; }
--- must_die
--- error_log
"auth_gate_app_settings" needs "auth_gate_identity" to know who is an administrator, in location "/s"



=== TEST 11: app-settings under `satisfy any`
--- config
auth_gate_identity claims;
location = /s { auth_gate jwt; auth_gate_app_settings on; satisfy any; allow all; }
--- must_die
--- error_log
"satisfy any" would bypass "auth_gate_app_settings", in location "/s"



=== TEST 12: two settings endpoints in one location
--- config
auth_gate_identity claims;
location = /s { auth_gate jwt; auth_gate_app_settings on; auth_gate_app_config on; }
--- must_die
--- error_log
need separate locations, in location "/s"



=== TEST 13: mfa/disable without a gate or an application
--- config
location = /d { auth_gate_mfa_disable on; empty_gif; }
--- must_die
--- error_log
"auth_gate_mfa_disable" needs "auth_gate jwt"



=== TEST 14: auth_gate_status: another format
--- config
location = /s { auth_gate_status xml; }
--- must_die
--- error_log
invalid value "xml" in "auth_gate_status", expected "json" or "prometheus"



=== TEST 15: auth_gate_status without a zone
--- http_config

--- config
location = /s { auth_gate_status; }
--- must_die
--- error_log
"auth_gate_status" needs "auth_gate_zone"



=== TEST 16: auth_gate_status: not in a location
--- config
auth_gate_status;
--- must_die
--- error_log
"auth_gate_status" directive is not allowed here



=== TEST 17: auth_gate_status: twice
--- config
location = /s { auth_gate_status json; auth_gate_status prometheus; }
--- must_die
--- error_log
"auth_gate_status" directive is duplicate



=== TEST 18: auth_gate_state_path: twice
--- http_config
auth_gate_state_path a;
auth_gate_state_path b;
--- config

--- must_die
--- error_log
"auth_gate_state_path" directive is duplicate



=== TEST 19: auth_gate_state_path: empty
--- http_config
auth_gate_state_path "";
--- config

--- must_die
--- error_log
invalid value "" in "auth_gate_state_path", expected a directory
