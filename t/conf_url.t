# Configurations that nginx refuses, with a message that names the directive and the value: what may be in the URL.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

lines_that_nginx_refuses();
run_tests();

__DATA__

=== TEST 1: auth_gate jwt token=ws token=download
--- line: auth_gate jwt token=ws token=download;
--- error_log
invalid value "token=download" in "auth_gate"



=== TEST 2: auth_gate jwt param=access_token
--- line: auth_gate jwt param=access_token;
--- error_log
invalid value "param=access_token" in "auth_gate"



=== TEST 3: auth_gate token=ws param=
--- line: auth_gate token=ws param=;
--- error_log
invalid value "param=" in "auth_gate"



=== TEST 4: auth_gate token=ws param=a%20b
--- line: auth_gate token=ws param=a%20b;
--- error_log
invalid value "param=a%20b" in "auth_gate"



=== TEST 5: auth_gate param=a token=ws param=b
--- line: auth_gate param=a token=ws param=b;
--- error_log
invalid value "param=b" in "auth_gate"



=== TEST 6: auth_gate_pass state
--- line: auth_gate_pass state;
--- error_log
invalid value "state" in "auth_gate_pass"



=== TEST 7: auth_gate_pass arg:
--- line: auth_gate_pass arg:;
--- error_log
invalid value "arg:" in "auth_gate_pass"



=== TEST 8: auth_gate_pass "arg:a b"
--- line: auth_gate_pass "arg:a b";
--- error_log
invalid value "arg:a b" in "auth_gate_pass"



=== TEST 9: auth_gate_pass arg:a; auth_gate_pass arg:b
--- line: auth_gate_pass arg:a; auth_gate_pass arg:b;
--- error_log
"auth_gate_pass" directive is duplicate



=== TEST 10: auth_gate_login_url login
--- line: auth_gate_login_url login;
--- error_log
invalid value "login" in "auth_gate_login_url", expected a path such as "/login", or a URL with "https://"



=== TEST 11: auth_gate_login_url app.example/login
--- line: auth_gate_login_url app.example/login;
--- error_log
invalid value "app.example/login" in "auth_gate_login_url", expected a path such as "/login", or a URL with "https://"



=== TEST 12: auth_gate_login_url javascript:alert(1)
--- line: auth_gate_login_url javascript:alert(1);
--- error_log
invalid value "javascript:alert(1)" in "auth_gate_login_url", expected a path such as "/login", or a URL with "https://"



=== TEST 13: auth_gate_login_url ?login
--- line: auth_gate_login_url ?login;
--- error_log
invalid value "?login" in "auth_gate_login_url", expected a path such as "/login", or a URL with "https://"



=== TEST 14: auth_gate_mfa_url settings
--- line: auth_gate_mfa_url settings;
--- error_log
invalid value "settings" in "auth_gate_mfa_url", expected a path such as "/login", or a URL with "https://"
