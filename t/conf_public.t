# Configurations that nginx refuses, with a message that names the directive and the value: directives on public paths
# and on the state directory.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

lines_that_nginx_refuses();
run_tests();

__DATA__

=== TEST 1: auth_gate_public without a path
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET;
--- error_log
invalid number of arguments in "auth_gate_public" directive



=== TEST 2: auth_gate_public with a method in lower case
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public get /api;
--- error_log
invalid value "get" in "auth_gate_public"
a method in capitals, or "*"



=== TEST 3: auth_gate_public without a method
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public /api /other;
--- error_log
invalid value "/api" in "auth_gate_public"



=== TEST 4: auth_gate_public with an empty method
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public "" /api;
--- error_log
invalid value "" in "auth_gate_public"



=== TEST 5: auth_gate_public with several methods in one parameter
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET,POST /api;
--- error_log
invalid value "GET,POST" in "auth_gate_public"



=== TEST 6: auth_gate_public with a path without a slash
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET api;
--- error_log
invalid value "api" in "auth_gate_public"
a decoded path that begins with "/", with "*" for a whole segment or at its end



=== TEST 7: auth_gate_public with a * within a segment
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET /api/a*/x;
--- error_log
invalid value "/api/a*/x" in "auth_gate_public"



=== TEST 8: auth_gate_public with two *
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET /api/**;
--- error_log
invalid value "/api/**" in "auth_gate_public"



=== TEST 9: auth_gate_public with only *
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET *;
--- error_log
invalid value "*" in "auth_gate_public"



=== TEST 10: auth_gate_public with an empty path
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET "";
--- error_log
invalid value "" in "auth_gate_public"



=== TEST 11: auth_gate_public with a URL
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET http://localhost/api;
--- error_log
invalid value "http://localhost/api" in "auth_gate_public"



=== TEST 12: auth_gate_public with a bad path after a good one
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET /api x;
--- error_log
invalid value "x" in "auth_gate_public"



=== TEST 13: auth_gate_public with a query, which would never match
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET /api?x=1;
--- error_log
invalid value "/api?x=1" in "auth_gate_public"



=== TEST 14: auth_gate_public with a dot segment, which would never match
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET /api/../x;
--- error_log
invalid value "/api/../x" in "auth_gate_public"



=== TEST 15: auth_gate_public with an escape, which would never match
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET /caf%c3%a9;
--- error_log
invalid value "/caf%c3%a9" in "auth_gate_public"



=== TEST 16: auth_gate_public in a location
--- line: auth_gate_public GET /api;
--- error_log
"auth_gate_public" directive is not allowed here



=== TEST 17: auth_gate_state_path with an empty path
--- http_config
    auth_gate_state_path "";
--- config

--- error_log
invalid value "" in "auth_gate_state_path"



=== TEST 18: auth_gate_state_path twice
--- http_config
    auth_gate_state_path a; auth_gate_state_path b;
--- config

--- error_log
"auth_gate_state_path" directive is duplicate



=== TEST 19: auth_gate_state_path without a path
--- http_config
    auth_gate_state_path;
--- config

--- error_log
invalid number of arguments in "auth_gate_state_path" directive



=== TEST 20: auth_gate_state_path in a server
--- http_config

--- config
    auth_gate_state_path a;
--- error_log
"auth_gate_state_path" directive is not allowed here



=== TEST 21: auth_gate_path with another value
--- line: auth_gate_path loose;
--- error_log
invalid value "loose" in "auth_gate_path"
"strict" or "as_sent"



=== TEST 22: auth_gate_path twice
--- line: auth_gate_path strict; auth_gate_path as_sent;
--- error_log
"auth_gate_path" directive is duplicate



=== TEST 23: auth_gate_path with two values
--- line: auth_gate_path strict as_sent;
--- error_log
invalid number of arguments in "auth_gate_path" directive



=== TEST 24: auth_gate_path in an if block
--- line: if ($arg_x) { auth_gate_path as_sent; }
--- error_log
"auth_gate_path" directive is not allowed here



=== TEST 25: auth_gate_public with a prefix that has a ;, which would never match
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_public GET "/a;b/*";
--- error_log
invalid value "/a;b/*" in "auth_gate_public"
