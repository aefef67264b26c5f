# Configurations that nginx refuses, with a message that names the directive and the value: directives on credentials,
# keys, and where a JWT is sent.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

lines_that_nginx_refuses();
run_tests();

__DATA__

=== TEST 1: auth_gate with an unknown parameter
--- line: auth_gate on;
--- error_log
invalid value "on" in "auth_gate"
expected "off", "jwt", "token=purpose[,...]"



=== TEST 2: auth_gate in capitals
--- line: auth_gate JWT;
--- error_log
invalid value "JWT" in "auth_gate"



=== TEST 3: auth_gate with an empty word
--- line: auth_gate "";
--- error_log
invalid value "" in "auth_gate"



=== TEST 4: auth_gate without a parameter
--- line: auth_gate;
--- error_log
invalid number of arguments in "auth_gate" directive



=== TEST 5: auth_gate with five parameters
--- line: auth_gate jwt optional token=ws param=a token=download;
--- error_log
invalid number of arguments in "auth_gate" directive



=== TEST 6: auth_gate jwt twice in one directive
--- line: auth_gate jwt jwt;
--- error_log
invalid value "jwt" in "auth_gate"



=== TEST 7: auth_gate off before another parameter
--- line: auth_gate off jwt;
--- error_log
invalid value "jwt" in "auth_gate"
no other argument with "off"



=== TEST 8: auth_gate off after another parameter
--- line: auth_gate jwt off;
--- error_log
invalid value "off" in "auth_gate"



=== TEST 9: auth_gate token= without a purpose
--- line: auth_gate token=;
--- error_log
invalid value "token=" in "auth_gate"



=== TEST 10: auth_gate token= with an empty purpose
--- line: auth_gate token=ws,,download;
--- error_log
invalid value "token=ws,,download" in "auth_gate"



=== TEST 11: auth_gate token= with a comma at the end
--- line: auth_gate token=ws,;
--- error_log
invalid value "token=ws," in "auth_gate"



=== TEST 12: auth_gate with a variable
--- line: auth_gate $arg_gate;
--- error_log
invalid value "$arg_gate" in "auth_gate"



=== TEST 13: auth_gate twice
--- line: auth_gate jwt; auth_gate off;
--- error_log
"auth_gate" directive is duplicate



=== TEST 14: auth_gate in if
--- line: if ($arg_x) { auth_gate jwt; }
--- error_log
"auth_gate" directive is not allowed here



=== TEST 15: auth_gate in limit_except
--- line: limit_except GET { auth_gate jwt; }
--- error_log
"auth_gate" directive is not allowed here



=== TEST 16: auth_gate_secret without a source
--- line: auth_gate_secret;
--- error_log
invalid number of arguments in "auth_gate_secret" directive



=== TEST 17: auth_gate_secret with the secret itself
--- line: auth_gate_secret 0123456789abcdef0123456789abcdef;
--- error_log
invalid value in "auth_gate_secret", it must be env:NAME or file:PATH



=== TEST 18: auth_gate_secret with an empty value
--- line: auth_gate_secret "";
--- error_log
invalid value in "auth_gate_secret"



=== TEST 19: auth_gate_secret env: without a name
--- line: auth_gate_secret env:;
--- error_log
invalid value in "auth_gate_secret"



=== TEST 20: auth_gate_secret file: without a path
--- line: auth_gate_secret file:;
--- error_log
invalid value in "auth_gate_secret"



=== TEST 21: auth_gate_secret with another kind of source
--- line: auth_gate_secret vault:x;
--- error_log
invalid value in "auth_gate_secret"



=== TEST 22: auth_gate_secret with a bad source after a good one
--- line: auth_gate_secret env:JWT_SECRET ENV:JWT_SECRET;
--- error_log
invalid value in "auth_gate_secret"



=== TEST 23: auth_gate_secret twice
--- line: auth_gate_secret env:JWT_SECRET; auth_gate_secret env:JWT_SECRET;
--- error_log
"auth_gate_secret" directive is duplicate



=== TEST 24: auth_gate_jwt_from without a place
--- line: auth_gate_jwt_from;
--- error_log
invalid number of arguments in "auth_gate_jwt_from" directive



=== TEST 25: auth_gate_jwt_from with an unknown place
--- line: auth_gate_jwt_from header;
--- error_log
invalid value "header" in "auth_gate_jwt_from"
"bearer", "bearer:SCHEME", "header:NAME" or "cookie:NAME"



=== TEST 26: auth_gate_jwt_from with Bearer in capitals
--- line: auth_gate_jwt_from Bearer;
--- error_log
invalid value "Bearer" in "auth_gate_jwt_from"
"bearer", "bearer:SCHEME", "header:NAME" or "cookie:NAME"



=== TEST 27: auth_gate_jwt_from with cookie without a name
--- line: auth_gate_jwt_from cookie;
--- error_log
invalid value "cookie" in "auth_gate_jwt_from"
"bearer", "bearer:SCHEME", "header:NAME" or "cookie:NAME"



=== TEST 28: auth_gate_jwt_from with cookie: without a name
--- line: auth_gate_jwt_from cookie:;
--- error_log
invalid value "cookie:" in "auth_gate_jwt_from"
"bearer", "bearer:SCHEME", "header:NAME" or "cookie:NAME"



=== TEST 29: auth_gate_jwt_from with a query parameter
--- line: auth_gate_jwt_from arg:token;
--- error_log
invalid value "arg:token" in "auth_gate_jwt_from"
"bearer", "bearer:SCHEME", "header:NAME" or "cookie:NAME"



=== TEST 30: auth_gate_jwt_from with a cookie name with =
--- line: auth_gate_jwt_from cookie:a=b;
--- error_log
invalid value "cookie:a=b" in "auth_gate_jwt_from"
"bearer", "bearer:SCHEME", "header:NAME" or "cookie:NAME"



=== TEST 31: auth_gate_jwt_from with a cookie name with a space
--- line: auth_gate_jwt_from "cookie:a b";
--- error_log
invalid value "cookie:a b" in "auth_gate_jwt_from"



=== TEST 32: auth_gate_jwt_from with a cookie name with a semicolon
--- line: auth_gate_jwt_from "cookie:a;b";
--- error_log
invalid value "cookie:a;b" in "auth_gate_jwt_from"



=== TEST 33: auth_gate_jwt_from with a bad place after a good one
--- line: auth_gate_jwt_from bearer query;
--- error_log
invalid value "query" in "auth_gate_jwt_from"



=== TEST 34: auth_gate_jwt_from twice
--- line: auth_gate_jwt_from bearer; auth_gate_jwt_from bearer;
--- error_log
"auth_gate_jwt_from" directive is duplicate



=== TEST 35: auth_gate_jwt_max_size with a word
--- line: auth_gate_jwt_max_size big;
--- error_log
auth_gate_jwt_max_size
big



=== TEST 36: auth_gate_jwt_max_size with a negative size
--- line: auth_gate_jwt_max_size -1;
--- error_log
auth_gate_jwt_max_size
-1



=== TEST 37: auth_gate_jwt_max_size with an unknown unit
--- line: auth_gate_jwt_max_size 8kb;
--- error_log
auth_gate_jwt_max_size
8kb



=== TEST 38: auth_gate_jwt_max_size with a fraction
--- line: auth_gate_jwt_max_size 1.5k;
--- error_log
auth_gate_jwt_max_size
1.5k



=== TEST 39: auth_gate_jwt_max_size with a number too large
--- line: auth_gate_jwt_max_size 99999999999999999999;
--- error_log
auth_gate_jwt_max_size
99999999999999999999



=== TEST 40: auth_gate_jwt_max_size twice
--- line: auth_gate_jwt_max_size 1k; auth_gate_jwt_max_size 1k;
--- error_log
"auth_gate_jwt_max_size" directive is duplicate



=== TEST 41: auth_gate_origin without an argument
--- line: auth_gate_origin;
--- error_log
invalid number of arguments in "auth_gate_origin"



=== TEST 42: auth_gate_origin with null
--- line: auth_gate_origin https://app.example "null";
--- error_log
invalid value "null" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 43: auth_gate_origin with *
--- line: auth_gate_origin https://app.example "*";
--- error_log
invalid value "*" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 44: auth_gate_origin with app.example
--- line: auth_gate_origin https://app.example "app.example";
--- error_log
invalid value "app.example" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 45: auth_gate_origin with https://app.example/
--- line: auth_gate_origin https://app.example "https://app.example/";
--- error_log
invalid value "https://app.example/" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 46: auth_gate_origin with https://app.example/path
--- line: auth_gate_origin https://app.example "https://app.example/path";
--- error_log
invalid value "https://app.example/path" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 47: auth_gate_origin with https://*.example
--- line: auth_gate_origin https://app.example "https://*.example";
--- error_log
invalid value "https://*.example" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 48: auth_gate_origin with https://u@app.example
--- line: auth_gate_origin https://app.example "https://u@app.example";
--- error_log
invalid value "https://u@app.example" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 49: auth_gate_origin with https://app.example:0
--- line: auth_gate_origin https://app.example "https://app.example:0";
--- error_log
invalid value "https://app.example:0" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 50: auth_gate_origin with https://app.example:99999
--- line: auth_gate_origin https://app.example "https://app.example:99999";
--- error_log
invalid value "https://app.example:99999" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 51: auth_gate_origin with https://
--- line: auth_gate_origin https://app.example "https://";
--- error_log
invalid value "https://" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 52: auth_gate_origin with wss://app.example
--- line: auth_gate_origin https://app.example "wss://app.example";
--- error_log
invalid value "wss://app.example" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 53: auth_gate_origin with $http_origin
--- line: auth_gate_origin https://app.example "$http_origin";
--- error_log
invalid value "$http_origin" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 54: auth_gate_origin with same-site
--- line: auth_gate_origin https://app.example "same-site";
--- error_log
invalid value "same-site" in "auth_gate_origin"
expected "self", "off" or origins such as "https://app.example", without a path



=== TEST 55: auth_gate_origin off self
--- line: auth_gate_origin off self;
--- error_log
invalid value "self" in "auth_gate_origin", expected no other argument with "off"



=== TEST 56: auth_gate_origin off https://app.example
--- line: auth_gate_origin off https://app.example;
--- error_log
invalid value "https://app.example" in "auth_gate_origin", expected no other argument with "off"



=== TEST 57: auth_gate_origin self off
--- line: auth_gate_origin self off;
--- error_log
invalid value "off" in "auth_gate_origin"



=== TEST 58: auth_gate_origin twice
--- line: auth_gate_origin self; auth_gate_origin off;
--- error_log
"auth_gate_origin" directive is duplicate
