# Mistakes in what a provider's block says about who logs in and what the session says of them: nginx -t catches them.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
delete @ENV{qw(OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_DISCOVERY_URL OIDC_DISPLAY_NAME OIDC_SCOPE APP_URL)};

# Each line stands in the provider's block, behind which a map is defined.
lines_that_nginx_refuses(
    http_config => 'auth_gate_zone zone=gate:4m; auth_gate_secret env:JWT_SECRET; auth_gate_oidc_provider sso { LINE }
        map $auth_gate_oidc_claim_email $user { default 1; } server { server_name ~^(?<captured>.+)\.example$; }',
    config      => 'set $stored 1; location /x { return 200; }',
);

run_tests();

__DATA__

=== TEST 1: user_id by what a client sets: $arg_user
--- line: user_id $arg_user;
--- error_log
"user_id $arg_user" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 2: user_id by what a client sets: $http_x_user
--- line: user_id $http_x_user;
--- error_log
"user_id $http_x_user" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 3: user_id by what a client sets: $cookie_user
--- line: user_id $cookie_user;
--- error_log
"user_id $cookie_user" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 4: user_id by what a client sets: $request_uri
--- line: user_id $request_uri;
--- error_log
"user_id $request_uri" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 5: user_id by what a client sets: $args
--- line: user_id $args;
--- error_log
"user_id $args" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 6: user_id by what a client sets: $query_string
--- line: user_id $query_string;
--- error_log
"user_id $query_string" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 7: user_id by what a client sets: $uri
--- line: user_id $uri;
--- error_log
"user_id $uri" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 8: user_id by what a client sets: $document_uri
--- line: user_id $document_uri;
--- error_log
"user_id $document_uri" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 9: user_id by what a client sets: $request
--- line: user_id $request;
--- error_log
"user_id $request" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 10: user_id by what a client sets: $request_body
--- line: user_id $request_body;
--- error_log
"user_id $request_body" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 11: user_id by what a client sets: $request_method
--- line: user_id $request_method;
--- error_log
"user_id $request_method" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 12: user_id by what a client sets: $host
--- line: user_id $host;
--- error_log
"user_id $host" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 13: user_id by what a client sets: $remote_user
--- line: user_id $remote_user;
--- error_log
"user_id $remote_user" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 14: user_id by what a client sets: $remote_addr
--- line: user_id $remote_addr;
--- error_log
"user_id $remote_addr" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 15: user_id by what a client sets: $content_type
--- line: user_id $content_type;
--- error_log
"user_id $content_type" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 16: user_id by what a client sets: $http_user_agent
--- line: user_id $http_user_agent;
--- error_log
"user_id $http_user_agent" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 17: user_id by what a client sets: $sent_http_x
--- line: user_id $sent_http_x;
--- error_log
"user_id $sent_http_x" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 18: user_id by what a client sets: $upstream_http_x
--- line: user_id $upstream_http_x;
--- error_log
"user_id $upstream_http_x" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 19: user_id by what a client sets: $is_args
--- line: user_id $is_args;
--- error_log
"user_id $is_args" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 20: user_id by what a client sets: $server_name
--- line: user_id $server_name;
--- error_log
"user_id $server_name" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 21: user_id by what a client sets: $ssl_client_s_dn
--- line: user_id $ssl_client_s_dn;
--- error_log
"user_id $ssl_client_s_dn" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 22: user_id by what a client sets: $proxy_add_x_forwarded_for
--- line: user_id $proxy_add_x_forwarded_for;
--- error_log
"user_id $proxy_add_x_forwarded_for" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 23: user_id by what a client sets: $limit_rate
--- line: user_id $limit_rate;
--- error_log
"user_id $limit_rate" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 24: or by a session's claim: $auth_gate_claim_sub
--- line: user_id $auth_gate_claim_sub;
--- error_log
"user_id $auth_gate_claim_sub" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 25: or by a session's claim: $auth_gate_user_id
--- line: user_id $auth_gate_user_id;
--- error_log
"user_id $auth_gate_user_id" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 26: or by a session's claim: $auth_gate_role
--- line: user_id $auth_gate_role;
--- error_log
"user_id $auth_gate_role" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 27: or by a session's claim: $auth_gate_return
--- line: user_id $auth_gate_return;
--- error_log
"user_id $auth_gate_return" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 28: or by a session's claim: $auth_gate_args
--- line: user_id $auth_gate_args;
--- error_log
"user_id $auth_gate_args" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 29: however it is written
--- line: user_id ${ARG_user};
--- error_log
"user_id $arg_user" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 30: a variable that there is not
--- line: user_id $nobody;
--- error_log
"user_id $nobody" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 31: no claim's name
--- line: user_id $auth_gate_oidc_claim_;
--- error_log
"user_id $auth_gate_oidc_claim_" does not follow from the provider's claims: use $auth_gate_oidc_claim_NAME or a map of it, in 



=== TEST 32: a user_id of several parts
--- line: user_id "u-$user";
--- error_log
invalid value "u-$user" in "user_id", expected claim=name or the URI of a location, or $variable; type=integer or type=string for a claim or variable, and method=GET and id=path for a location



=== TEST 33: a user_id of two variables
--- line: user_id $user$user;
--- error_log
invalid value "$user$user" in "user_id", expected 



=== TEST 34: a capture of the configuration's own number
--- line: user_id $1;
--- error_log
invalid value "$1" in "user_id", expected 



=== TEST 35: a type that is none
--- line: user_id $user type=int;
--- error_log
invalid value "type=int" in "user_id", expected 



=== TEST 36: a type of a location's answer
--- line: user_id /x type=integer;
--- error_log
invalid value "type=integer" in "user_id", expected 



=== TEST 37: a path in a variable
--- line: user_id $user id=0.id;
--- error_log
invalid value "id=0.id" in "user_id", expected 



=== TEST 38: a path that is none
--- line: user_id /x id=a..b;
--- error_log
invalid value "id=a..b" in "user_id", expected 



=== TEST 39: a method of another kind
--- line: user_id /x method=PUT;
--- error_log
invalid value "method=PUT" in "user_id", expected 



=== TEST 40: an empty option
--- line: user_id /x "";
--- error_log
invalid number of values, or an empty value, in "user_id"



=== TEST 41: user_id twice
--- line: user_id $user; user_id /x;
--- error_log
"user_id" is duplicate



=== TEST 42: session_claim cannot set exp
--- line: session_claim exp=x;
--- error_log
invalid value "exp=x" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 43: session_claim cannot set iat
--- line: session_claim iat=x;
--- error_log
invalid value "iat=x" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 44: session_claim cannot set nbf
--- line: session_claim nbf=x;
--- error_log
invalid value "nbf=x" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 45: session_claim cannot set purpose
--- line: session_claim purpose=x;
--- error_log
invalid value "purpose=x" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 46: session_claim cannot set id
--- line: session_claim id=x;
--- error_log
invalid value "id=x" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 47: session_claim cannot set sub
--- line: session_claim sub=x;
--- error_log
invalid value "sub=x" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 48: session_claim cannot set ID
--- line: session_claim ID=x;
--- error_log
invalid value "ID=x" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 49: session_claim cannot set Exp
--- line: session_claim Exp=x;
--- error_log
invalid value "Exp=x" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 50: session_claim without a path
--- line: session_claim groups;
--- error_log
invalid value "groups" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 51: session_claim with an empty path
--- line: session_claim groups=;
--- error_log
invalid value "groups=" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 52: session_claim with a path that is none
--- line: session_claim groups=a..b;
--- error_log
invalid value "groups=a..b" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 53: session_claim without a name
--- line: session_claim =groups;
--- error_log
invalid value "=groups" in "session_claim", expected name=path, where the name is not exp, iat, nbf, purpose, id or sub



=== TEST 54: session_claim of one name twice
--- line: session_claim groups=a; session_claim Groups=b;
--- error_log
"session_claim" is duplicate



=== TEST 55: an mfa that is neither
--- line: trust_amr mfa; mfa on;
--- error_log
invalid value "on" in "mfa", expected "account" or "provider"



=== TEST 56: mfa twice
--- line: trust_amr mfa; mfa provider; mfa account;
--- error_log
"mfa" is duplicate



=== TEST 57: mfa provider without a word of the provider's
--- line: mfa provider;
--- error_log
auth_gate_oidc_provider: "mfa provider" needs "trust_amr" or "trust_acr"



=== TEST 58: session_claim cannot set what auth_gate_user_claim names
--- http_config
auth_gate_zone zone=gate:1m tokens=1000;
auth_gate_secret env:JWT_SECRET;
auth_gate_user_claim uid;
auth_gate_oidc_provider sso { client_id gate; app_url http://127.0.0.1:1; session_claim UID=x; }
--- config
location /oidc/ { auth_gate_oidc sso; }
--- must_die
--- error_log
"session_claim" of "sso" sets "uid", which is the user's id (auth_gate_user_claim) in location "/oidc/"



=== TEST 59: all that may stand there
--- http_config
auth_gate_zone zone=gate:1m tokens=1000;
auth_gate_secret env:JWT_SECRET;
auth_gate_oidc_provider a { app_url http://127.0.0.1:1; user_id $late type=integer; trust_amr mfa; mfa provider; session_claim groups=groups roles=realm_access.roles; }
auth_gate_oidc_provider b { app_url http://127.0.0.1:1; user_id ${auth_gate_oidc_claim_Sub}; mfa account; session_claim https://example.com/x=x; }
auth_gate_oidc_provider c { app_url http://127.0.0.1:1; user_id /find method=GET id=data.0.id; }
auth_gate_oidc_provider d { app_url http://127.0.0.1:1; user_id claim=a.b type=string; }
map $auth_gate_oidc_claim_email $late { default 1; }
--- config
location /x { return 200 fine; }
--- request
GET /x
--- response_body chomp
fine
--- no_error_log
[warn] .*user_id



=== TEST 60: a session_claim that names users elsewhere
--- http_config
    auth_gate_zone zone=gate:4m;
    auth_gate_secret env:JWT_SECRET;
    auth_gate_oidc_provider sso { issuer https://provider.test; client_id a; client_secret env:JWT_SECRET; app_url https://app.test; user_id claim=sub; session_claim uid=preferred_username; }
--- config
    location /sso/ { auth_gate_oidc sso; }
    location /z    { auth_gate jwt; auth_gate_user_claim uid; proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
"session_claim" of "sso" sets "uid", which is the user's id (auth_gate_user_claim) in location "/z"
