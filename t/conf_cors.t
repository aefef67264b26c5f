# Configurations that nginx refuses: origins in auth_gate_cors.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

lines_that_nginx_refuses();
run_tests();

__DATA__

=== TEST 1: auth_gate_cors with *
--- line: auth_gate jwt; auth_gate_cors https://b.example "*";
--- error_log
invalid value "*" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 2: auth_gate_cors with null
--- line: auth_gate jwt; auth_gate_cors https://b.example "null";
--- error_log
invalid value "null" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 3: auth_gate_cors with app.example
--- line: auth_gate jwt; auth_gate_cors https://b.example "app.example";
--- error_log
invalid value "app.example" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 4: auth_gate_cors with https://app.example/
--- line: auth_gate jwt; auth_gate_cors https://b.example "https://app.example/";
--- error_log
invalid value "https://app.example/" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 5: auth_gate_cors with https://app.example/path
--- line: auth_gate jwt; auth_gate_cors https://b.example "https://app.example/path";
--- error_log
invalid value "https://app.example/path" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 6: auth_gate_cors with https://*.example
--- line: auth_gate jwt; auth_gate_cors https://b.example "https://*.example";
--- error_log
invalid value "https://*.example" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 7: auth_gate_cors with https://app.example?x
--- line: auth_gate jwt; auth_gate_cors https://b.example "https://app.example?x";
--- error_log
invalid value "https://app.example?x" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 8: auth_gate_cors with https://u@app.example
--- line: auth_gate jwt; auth_gate_cors https://b.example "https://u@app.example";
--- error_log
invalid value "https://u@app.example" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 9: auth_gate_cors with https://app.example:0
--- line: auth_gate jwt; auth_gate_cors https://b.example "https://app.example:0";
--- error_log
invalid value "https://app.example:0" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 10: auth_gate_cors with https://
--- line: auth_gate jwt; auth_gate_cors https://b.example "https://";
--- error_log
invalid value "https://" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 11: auth_gate_cors with //app.example
--- line: auth_gate jwt; auth_gate_cors https://b.example "//app.example";
--- error_log
invalid value "//app.example" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 12: auth_gate_cors with wss://app.example
--- line: auth_gate jwt; auth_gate_cors https://b.example "wss://app.example";
--- error_log
invalid value "wss://app.example" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 13: auth_gate_cors with $http_origin
--- line: auth_gate jwt; auth_gate_cors https://b.example "$http_origin";
--- error_log
invalid value "$http_origin" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 14: auth_gate_cors with self
--- line: auth_gate jwt; auth_gate_cors https://b.example "self";
--- error_log
invalid value "self" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 15: auth_gate_cors with https://app.example,https://b.example
--- line: auth_gate jwt; auth_gate_cors https://b.example "https://app.example,https://b.example";
--- error_log
invalid value "https://app.example,https://b.example" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 16: auth_gate_cors with HTTPS:app.example
--- line: auth_gate jwt; auth_gate_cors https://b.example "HTTPS:app.example";
--- error_log
invalid value "HTTPS:app.example" in "auth_gate_cors", expected "off" or origins such as "https://app.example", without a path



=== TEST 17: auth_gate_cors
--- line: auth_gate_cors;
--- error_log
invalid number of arguments in "auth_gate_cors"



=== TEST 18: auth_gate_cors off https://a.example
--- line: auth_gate_cors off https://a.example;
--- error_log
invalid value "https://a.example" in "auth_gate_cors", expected no other argument with "off"



=== TEST 19: auth_gate_cors https://a.example off
--- line: auth_gate_cors https://a.example off;
--- error_log
invalid value "off" in "auth_gate_cors"



=== TEST 20: auth_gate_cors https://a.example; auth_gate_cors https://b.example
--- line: auth_gate_cors https://a.example; auth_gate_cors https://b.example;
--- error_log
"auth_gate_cors" directive is duplicate
