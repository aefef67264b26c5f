# Mistakes in what a provider's block says about the login itself: nginx -t catches them.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
delete @ENV{qw(OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_DISCOVERY_URL OIDC_DISPLAY_NAME OIDC_SCOPE APP_URL)};

# Each line stands in the provider's block.
lines_that_nginx_refuses(
    http_config => 'auth_gate_zone zone=gate:4m; auth_gate_secret env:JWT_SECRET; auth_gate_oidc_provider sso { LINE }',
    config      => 'location /x { return 200; }',
);

run_tests();

__DATA__

=== TEST 1: a client_auth that is none
--- line: client_auth client_secret_basic;
--- error_log
invalid value "client_secret_basic" in "client_auth", expected "basic", "post", "jwt" or "none"



=== TEST 2: client_auth twice
--- line: client_auth basic; client_auth post;
--- error_log
"client_auth" is duplicate



=== TEST 3: a userinfo that is neither
--- line: userinfo no;
--- error_log
invalid value "no" in "userinfo", expected "on" or "off"



=== TEST 4: userinfo twice
--- line: userinfo on; userinfo off;
--- error_log
"userinfo" is duplicate



=== TEST 5: a proxy with a path
--- line: proxy http://127.0.0.1:3128/x;
--- error_log
invalid value "http://127.0.0.1:3128/x" in "proxy", expected http://[user:password@]host:port, or env:NAME or file:PATH of it



=== TEST 6: a proxy that is elsewhere, and not there
--- line: proxy env:NOT_THERE;
--- error_log
proxy "env:NOT_THERE": there is no such environment variable



=== TEST 7: a nonce that is neither
--- line: nonce off;
--- error_log
invalid value "off" in "nonce", expected "required" or "optional"



=== TEST 8: a requirement without a claim
--- line: require hd=example.com =x;
--- error_log
invalid value "=x" in "require", expected claim or claim=value



=== TEST 9: email_verified can be assumed, and nothing else
--- line: email_verified true;
--- error_log
invalid value "true" in "email_verified", expected "assume"



=== TEST 10: email_verified twice
--- line: email_verified assume; email_verified assume;
--- error_log
"email_verified" is duplicate



=== TEST 11: a flow_ttl that is too long
--- line: flow_ttl 25h;
--- error_log
invalid value "25h" in "flow_ttl", expected a time of 1s to a day



=== TEST 12: flow_ttl twice
--- line: flow_ttl 10m; flow_ttl 10m;
--- error_log
"flow_ttl" is duplicate



=== TEST 13: a parameter of the login itself is not passed on
--- line: pass acr_values redirect_uri;
--- error_log
invalid value "redirect_uri" in "pass", expected a parameter that the login does not set or read itself



=== TEST 14: nor one that is for the gate
--- line: pass return;
--- error_log
invalid value "return" in "pass"



=== TEST 15: a tenant with a path
--- line: tenant a/b;
--- error_log
invalid value "a/b" in "tenant", expected a tenant's id



=== TEST 16: addresses of many tenants are not to be believed
--- line: tenant a b; email_verified assume;
--- error_log
auth_gate_oidc_provider: "email_verified assume" cannot stand beside "tenant"



=== TEST 17: a response_mode that is neither
--- line: response_mode fragment;
--- error_log
invalid value "fragment" in "response_mode", expected "query" or "form_post"



=== TEST 18: form_post without https is warned about
--- http_config
auth_gate_zone zone=gate:1m tokens=1000;
auth_gate_secret env:JWT_SECRET;
auth_gate_oidc_provider sso { client_id gate; app_url http://127.0.0.1:1; issuer https://provider.example; response_mode form_post; }
--- config
location /x { return 200; }
--- request
GET /x
--- error_log
[warn]
the app_url is not https: logins will fail



=== TEST 19: a client_key that is none
--- line: client_key env:JWT_SECRET kid=a;
--- error_log
invalid value "env:JWT_SECRET" in "client_key", expected a PEM private key without a password



=== TEST 20: a client_key with something else
--- line: client_key env:JWT_SECRET a;
--- error_log
invalid value "a" in "client_key", expected kid=id



=== TEST 21: a client_key for another client_auth
--- user_files
>>> key.pem
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
--- http_config
auth_gate_zone zone=gate:1m tokens=1000;
auth_gate_secret env:JWT_SECRET;
auth_gate_oidc_provider sso { client_auth post; client_key file:$TEST_NGINX_SERVER_ROOT/html/key.pem; }
--- config
location /x { return 200; }
--- error_log
auth_gate_oidc_provider: "client_key" is for "client_auth jwt"
