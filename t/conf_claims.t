# Configurations that nginx refuses, with a message that names the directive and the value: directives on the claims of
# a JWT and on their use.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

lines_that_nginx_refuses();
run_tests();

__DATA__

=== TEST 1: auth_gate_leeway with a word
--- line: auth_gate_leeway soon;
--- error_log
auth_gate_leeway
soon



=== TEST 2: auth_gate_leeway with a negative time
--- line: auth_gate_leeway -5s;
--- error_log
auth_gate_leeway
-5s



=== TEST 3: auth_gate_leeway with milliseconds
--- line: auth_gate_leeway 500ms;
--- error_log
auth_gate_leeway
500ms



=== TEST 4: auth_gate_leeway with an unknown unit
--- line: auth_gate_leeway 5x;
--- error_log
auth_gate_leeway
5x



=== TEST 5: auth_gate_leeway with a number too large
--- line: auth_gate_leeway 99999999999999999999;
--- error_log
auth_gate_leeway
99999999999999999999



=== TEST 6: auth_gate_leeway twice
--- line: auth_gate_leeway 1s; auth_gate_leeway 1s;
--- error_log
"auth_gate_leeway" directive is duplicate



=== TEST 7: auth_gate_require without a claim
--- line: auth_gate_require;
--- error_log
invalid number of arguments in "auth_gate_require" directive



=== TEST 8: auth_gate_require with an empty claim
--- line: auth_gate_require "";
--- error_log
invalid value "" in "auth_gate_require"
claim or claim=value



=== TEST 9: auth_gate_require with a value without a claim
--- line: auth_gate_require =admin;
--- error_log
invalid value "=admin" in "auth_gate_require"



=== TEST 10: auth_gate_require with a bad claim after a good one
--- line: auth_gate_require role =x;
--- error_log
invalid value "=x" in "auth_gate_require"



=== TEST 11: auth_gate_require_exp that is neither on nor off
--- line: auth_gate_require_exp maybe;
--- error_log
invalid value "maybe" in "auth_gate_require_exp" directive, it must be "on" or "off"



=== TEST 12: auth_gate_require_exp twice
--- line: auth_gate_require_exp on; auth_gate_require_exp on;
--- error_log
"auth_gate_require_exp" directive is duplicate



=== TEST 13: auth_gate_user_claim iat
--- line: auth_gate_user_claim iat;
--- error_log
invalid value "iat" in "auth_gate_user_claim"



=== TEST 14: auth_gate_user_claim exp
--- line: auth_gate_user_claim exp;
--- error_log
invalid value "exp" in "auth_gate_user_claim"



=== TEST 15: auth_gate_user_claim nbf
--- line: auth_gate_user_claim nbf;
--- error_log
invalid value "nbf" in "auth_gate_user_claim"



=== TEST 16: auth_gate_user_claim purpose
--- line: auth_gate_user_claim purpose;
--- error_log
invalid value "purpose" in "auth_gate_user_claim"



=== TEST 17: auth_gate_user_claim with an empty name
--- line: auth_gate_user_claim "";
--- error_log
invalid value "" in "auth_gate_user_claim"



=== TEST 18: auth_gate_user_claim twice
--- line: auth_gate_user_claim id; auth_gate_user_claim sub;
--- error_log
"auth_gate_user_claim" directive is duplicate



=== TEST 19: auth_gate_user_claim with two names
--- line: auth_gate_user_claim id sub;
--- error_log
invalid number of arguments in "auth_gate_user_claim" directive



=== TEST 20: auth_gate_upstream_jwt that is neither on nor off
--- line: auth_gate_upstream_jwt yes;
--- error_log
invalid value "yes" in "auth_gate_upstream_jwt"



=== TEST 21: auth_gate_upstream_jwt on with 60s
--- line: auth_gate_upstream_jwt on 60s;
--- error_log
invalid value "60s" in "auth_gate_upstream_jwt"



=== TEST 22: auth_gate_upstream_jwt on with ttl=
--- line: auth_gate_upstream_jwt on ttl=;
--- error_log
invalid value "ttl=" in "auth_gate_upstream_jwt"



=== TEST 23: auth_gate_upstream_jwt on with ttl=0
--- line: auth_gate_upstream_jwt on ttl=0;
--- error_log
invalid value "ttl=0" in "auth_gate_upstream_jwt"



=== TEST 24: auth_gate_upstream_jwt on with ttl=500ms
--- line: auth_gate_upstream_jwt on ttl=500ms;
--- error_log
invalid value "ttl=500ms" in "auth_gate_upstream_jwt"



=== TEST 25: auth_gate_upstream_jwt on with ttl=-1s
--- line: auth_gate_upstream_jwt on ttl=-1s;
--- error_log
invalid value "ttl=-1s" in "auth_gate_upstream_jwt"



=== TEST 26: auth_gate_upstream_jwt on with ttl=x
--- line: auth_gate_upstream_jwt on ttl=x;
--- error_log
invalid value "ttl=x" in "auth_gate_upstream_jwt"



=== TEST 27: auth_gate_upstream_jwt on with lease=1s
--- line: auth_gate_upstream_jwt on lease=1s;
--- error_log
invalid value "lease=1s" in "auth_gate_upstream_jwt"



=== TEST 28: auth_gate_upstream_jwt twice
--- line: auth_gate_upstream_jwt on; auth_gate_upstream_jwt off;
--- error_log
"auth_gate_upstream_jwt" directive is duplicate



=== TEST 29: auth_gate_login_url twice
--- line: auth_gate_login_url /a; auth_gate_login_url /b;
--- error_log
"auth_gate_login_url" directive is duplicate



=== TEST 30: auth_gate_login_url without a URL
--- line: auth_gate_login_url;
--- error_log
invalid number of arguments in "auth_gate_login_url" directive



=== TEST 31: auth_gate_login_url with an unknown variable
--- line: auth_gate_login_url $no_such_variable;
--- error_log
unknown "no_such_variable" variable



=== TEST 32: auth_gate_upstream_jwt on copy minimal x
--- line: auth_gate_upstream_jwt on copy minimal x;
--- error_log
invalid value "x" in "auth_gate_upstream_jwt"



=== TEST 33: auth_gate_upstream_jwt on set=
--- line: auth_gate_upstream_jwt on set=;
--- error_log
invalid value "set=" in "auth_gate_upstream_jwt"



=== TEST 34: auth_gate_upstream_jwt on set=role
--- line: auth_gate_upstream_jwt on set=role;
--- error_log
invalid value "set=role" in "auth_gate_upstream_jwt"



=== TEST 35: auth_gate_upstream_jwt on set=:x
--- line: auth_gate_upstream_jwt on set=:x;
--- error_log
invalid value "set=:x" in "auth_gate_upstream_jwt"



=== TEST 36: auth_gate_upstream_jwt on set=exp:1
--- line: auth_gate_upstream_jwt on set=exp:1;
--- error_log
invalid value "set=exp:1" in "auth_gate_upstream_jwt"



=== TEST 37: auth_gate_upstream_jwt on set=iat:1
--- line: auth_gate_upstream_jwt on set=iat:1;
--- error_log
invalid value "set=iat:1" in "auth_gate_upstream_jwt"



=== TEST 38: auth_gate_upstream_jwt on set=nbf:1
--- line: auth_gate_upstream_jwt on set=nbf:1;
--- error_log
invalid value "set=nbf:1" in "auth_gate_upstream_jwt"



=== TEST 39: auth_gate_upstream_jwt on set=purpose:x
--- line: auth_gate_upstream_jwt on set=purpose:x;
--- error_log
invalid value "set=purpose:x" in "auth_gate_upstream_jwt"



=== TEST 40: auth_gate_upstream_jwt on to=
--- line: auth_gate_upstream_jwt on to=;
--- error_log
invalid value "to=" in "auth_gate_upstream_jwt"



=== TEST 41: auth_gate_upstream_jwt on to=header:
--- line: auth_gate_upstream_jwt on to=header:;
--- error_log
invalid value "to=header:" in "auth_gate_upstream_jwt"



=== TEST 42: auth_gate_upstream_jwt on to=header:Host
--- line: auth_gate_upstream_jwt on to=header:Host;
--- error_log
invalid value "to=header:Host" in "auth_gate_upstream_jwt"



=== TEST 43: auth_gate_upstream_jwt on to=header:Content-Length
--- line: auth_gate_upstream_jwt on to=header:Content-Length;
--- error_log
invalid value "to=header:Content-Length" in "auth_gate_upstream_jwt"



=== TEST 44: auth_gate_upstream_jwt on to=header:authorization
--- line: auth_gate_upstream_jwt on to=header:authorization;
--- error_log
invalid value "to=header:authorization" in "auth_gate_upstream_jwt"



=== TEST 45: auth_gate_upstream_jwt on to=header:a:b
--- line: auth_gate_upstream_jwt on to=header:a:b;
--- error_log
invalid value "to=header:a:b" in "auth_gate_upstream_jwt"



=== TEST 46: auth_gate_upstream_jwt on to=cookie:
--- line: auth_gate_upstream_jwt on to=cookie:;
--- error_log
invalid value "to=cookie:" in "auth_gate_upstream_jwt"



=== TEST 47: auth_gate_upstream_jwt on to=arg:token
--- line: auth_gate_upstream_jwt on to=arg:token;
--- error_log
invalid value "to=arg:token" in "auth_gate_upstream_jwt"



=== TEST 48: auth_gate_upstream_jwt on to=bearer:
--- line: auth_gate_upstream_jwt on to=bearer:;
--- error_log
invalid value "to=bearer:" in "auth_gate_upstream_jwt"



=== TEST 49: auth_gate_upstream_jwt minimal
--- line: auth_gate_upstream_jwt minimal;
--- error_log
invalid value "minimal" in "auth_gate_upstream_jwt"



=== TEST 50: auth_gate_upstream_jwt that sets the user
--- line: auth_gate_upstream_jwt on set=id:8;
--- error_log
"auth_gate_upstream_jwt" cannot set "id", the claim with the user's id



=== TEST 51: auth_gate_upstream_jwt that sets the user under another name
--- line: auth_gate_user_claim sub; auth_gate_upstream_jwt on set=sub:8;
--- error_log
"auth_gate_upstream_jwt" cannot set "sub", the claim with the user's id



=== TEST 52: auth_gate_jwt_from header:Host
--- line: auth_gate_jwt_from "header:Host";
--- error_log
invalid value "header:Host" in "auth_gate_jwt_from"



=== TEST 53: auth_gate_jwt_from header:Cookie
--- line: auth_gate_jwt_from "header:Cookie";
--- error_log
invalid value "header:Cookie" in "auth_gate_jwt_from"



=== TEST 54: auth_gate_jwt_from header:X-Forwarded-For
--- line: auth_gate_jwt_from "header:X-Forwarded-For";
--- error_log
invalid value "header:X-Forwarded-For" in "auth_gate_jwt_from"



=== TEST 55: auth_gate_jwt_from bearer:a b
--- line: auth_gate_jwt_from "bearer:a b";
--- error_log
invalid value "bearer:a b" in "auth_gate_jwt_from"



=== TEST 56: auth_gate_jwt_from header:é
--- line: auth_gate_jwt_from "header:é";
--- error_log
invalid value "header:é" in "auth_gate_jwt_from"



=== TEST 57: auth_gate_require with a path with an empty name
--- line: auth_gate_require realm_access..roles=admin;
--- error_log
invalid value "realm_access..roles=admin
a path of names such as realm_access.roles



=== TEST 58: auth_gate_require with a path that begins with a dot
--- line: auth_gate_require .roles;
--- error_log
invalid value ".roles
a path of names such as realm_access.roles



=== TEST 59: auth_gate_require with a name that is never found
--- line: auth_gate_require nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn;
--- error_log
invalid value "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
a path of names such as realm_access.roles



=== TEST 60: auth_gate_require with an empty one of several values
--- line: auth_gate_require role=admin|;
--- error_log
invalid value "role=admin|
a path of names such as realm_access.roles



=== TEST 61: auth_gate_upstream_jwt that is in itself
--- line: auth_gate_upstream_jwt on set=x:a$auth_gate_jwt;
--- error_log
invalid value "set=x:a$auth_gate_jwt" in "auth_gate_upstream_jwt"



=== TEST 62: auth_gate_require with an empty value, which no claim should have
--- line: auth_gate_require role=;
--- error_log
invalid value "role=" in "auth_gate_require"
