# Mistakes in the configuration of OpenID providers: nginx -t catches them, and says what and where.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{EMPTY_SECRET} = '';
delete @ENV{qw(OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_DISCOVERY_URL OIDC_DISPLAY_NAME OIDC_SCOPE APP_URL)};

our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
_EOC_

# The sections issuer and app_url: what OIDC_ISSUER and APP_URL say.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig . ($block->http_config // ''));
    $ENV{OIDC_ISSUER} = $block->issuer // '';
    $ENV{APP_URL} = $block->app_url // '';
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n") if !defined $block->must_die && !defined $block->no_error_log;
});

run_tests();

__DATA__

=== TEST 1: no name
--- http_config
auth_gate_oidc_provider { client_id gate; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid number of arguments in "auth_gate_oidc_provider" directive



=== TEST 2: a name that is none
--- http_config
auth_gate_oidc_provider "a b" { client_id gate; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "a b" in "auth_gate_oidc_provider", expected a name of at most 32 letters, digits, "_" or "-"



=== TEST 3: twice
--- http_config
auth_gate_oidc_provider sso { client_id gate; } auth_gate_oidc_provider sso { client_id gate; }
--- config
location /x { return 200; }
--- must_die
--- error_log
"auth_gate_oidc_provider" directive is duplicate



=== TEST 4: no block
--- http_config
auth_gate_oidc_provider sso;
--- config
location /x { return 200; }
--- must_die
--- error_log
directive "auth_gate_oidc_provider" has no opening "{"



=== TEST 5: in a server
--- config
auth_gate_oidc_provider sso { client_id gate; }
--- must_die
--- error_log
"auth_gate_oidc_provider" directive is not allowed here



=== TEST 6: an unknown line
--- http_config
auth_gate_oidc_provider sso { client_idd gate; }
--- config
location /x { return 200; }
--- must_die
--- error_log
unknown directive "client_idd" in "auth_gate_oidc_provider"



=== TEST 7: a line without a value
--- http_config
auth_gate_oidc_provider sso { client_id; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid number of values, or an empty value, in "client_id"



=== TEST 8: an empty value
--- http_config
auth_gate_oidc_provider sso { client_id ""; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid number of values, or an empty value, in "client_id"



=== TEST 9: too many values
--- http_config
auth_gate_oidc_provider sso { client_id a b; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid number of values, or an empty value, in "client_id"



=== TEST 10: a line twice
--- http_config
auth_gate_oidc_provider sso { client_id a; client_id b; }
--- config
location /x { return 200; }
--- must_die
--- error_log
"client_id" is duplicate



=== TEST 11: an issuer that is no URL
--- http_config
auth_gate_oidc_provider sso { issuer provider.example; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "provider.example" in "issuer", expected an absolute https URL without a query



=== TEST 12: an issuer with a query
--- http_config
auth_gate_oidc_provider sso { issuer https://provider.example/?x; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "https://provider.example/?x" in "issuer", expected an absolute https URL without a query



=== TEST 13: an issuer in the environment that is no URL
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location /x { return 200; }
--- issuer chomp
provider.example
--- must_die
--- error_log
auth_gate_oidc_provider: the issuer is not an absolute URL



=== TEST 14: a discovery_url that is no URL
--- http_config
auth_gate_oidc_provider sso { discovery_url x; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "x" in "discovery_url"



=== TEST 15: an app_url that is no URL
--- http_config
auth_gate_oidc_provider sso { app_url /x; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "/x" in "app_url"



=== TEST 16: a secret that is not there
--- http_config
auth_gate_oidc_provider sso { client_secret env:NOT_THERE; }
--- config
location /x { return 200; }
--- must_die
--- error_log
client_secret "env:NOT_THERE": there is no such environment variable



=== TEST 17: a secret in the file itself
--- http_config
auth_gate_oidc_provider sso { client_secret hunter2; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value in "client_secret", it must be env:NAME or file:PATH



=== TEST 18: an empty secret
--- http_config
auth_gate_oidc_provider sso { client_secret env:EMPTY_SECRET; }
--- config
location /x { return 200; }
--- must_die
--- error_log
client_secret "env:EMPTY_SECRET" is empty



=== TEST 19: a ca_file that is not there
--- http_config
auth_gate_oidc_provider sso { ca_file not-there.pem; }
--- config
location /x { return 200; }
--- must_die
--- error_log
not-there.pem" failed



=== TEST 20: a user_id that is neither
--- http_config
auth_gate_oidc_provider sso { user_id email; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "email" in "user_id", expected claim=name or the URI of a location



=== TEST 21: two user_ids
--- http_config
auth_gate_oidc_provider sso { user_id claim=email; user_id /who; }
--- config
location /x { return 200; }
--- must_die
--- error_log
"user_id" is duplicate



=== TEST 22: a timeout that is none
--- http_config
auth_gate_oidc_provider sso { timeout soon; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "soon" in "timeout", expected a time of at most 60s



=== TEST 23: a timeout that is too long
--- http_config
auth_gate_oidc_provider sso { connect_timeout 61s; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "61s" in "connect_timeout", expected a time of at most 60s



=== TEST 24: a session that is too short
--- http_config
auth_gate_oidc_provider sso { session_ttl 1s; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "1s" in "session_ttl", expected a time of 1m to a year



=== TEST 25: a login page elsewhere
--- http_config
auth_gate_oidc_provider sso { login_page https://evil.example/; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "https://evil.example/" in "login_page", expected a path that begins with "/"



=== TEST 26: a parameter of the login itself
--- http_config
auth_gate_oidc_provider sso { parameter state x; }
--- config
location /x { return 200; }
--- must_die
--- error_log
invalid value "state" in "parameter", expected a parameter that the login does not set itself



=== TEST 27: no app_url is warned about
--- http_config
auth_gate_oidc_provider sso { client_id gate; issuer https://provider.example; }
--- config
location /x { return 200; }
--- request
GET /x
--- error_log
[warn]
auth_gate_oidc_provider "sso" has no app_url and APP_URL is not set: logins will fail



=== TEST 28: an issuer that is not https is warned about
--- http_config
auth_gate_oidc_provider sso { client_id gate; app_url https://app.example; issuer http://provider.example; }
--- config
location /x { return 200; }
--- request
GET /x
--- error_log
[warn]
the issuer "http://provider.example" is not https: logins will fail



=== TEST 29: an issuer in the environment with a query
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location /x { return 200; }
--- issuer chomp
https://provider.example/?x
--- must_die
--- error_log
auth_gate_oidc_provider: the issuer is not an absolute URL without a query



=== TEST 30: an APP_URL with a query
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location /x { return 200; }
--- app_url chomp
https://app.example/?x
--- must_die
--- error_log
auth_gate_oidc_provider: the app_url is not an absolute URL without a query



=== TEST 31: everything that a provider may say
--- http_config
auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
auth_gate_oidc_provider sso {
    issuer          https://provider.example/realm/;
    discovery_url   https://provider.example/realm/openid?policy=a;
    client_id       gate;
    client_secret   env:JWT_SECRET;
    client_auth     post;
    userinfo        off;
    nonce           optional;
    require         hd=example.com groups=staff;
    email_verified  assume;
    display_name    The Provider;
    scope           openid email;
    app_url         https://app.example/;
    user_id         claim=app.id;
    proxy           http://user:p%40ss@127.0.0.1:3128;
    connect_timeout 2s;
    timeout         5s;
    cache           10m;
    leeway          30s;
    session_ttl     8h;
    flow_ttl        1h;
    login_page      /sign-in;
    trust_amr       mfa,otp hwk;
    trust_acr       urn:example:two;
    parameter       prompt login;
    response_mode   form_post;
    pass            acr_values domain_hint;
    parameter       ui_locales "de en";
}
auth_gate_oidc_provider other { client_id gate; app_url https://app.example; user_id /_who; }
--- config
auth_gate jwt;
auth_gate_identity claims;
auth_gate_oidc_session cookie:sid;
location /oidc/  { auth_gate_oidc sso; }
location /other/ { auth_gate_oidc other; auth_gate_oidc_session code; }
location = /admin { auth_gate_oidc_settings sso; }
location /x { auth_gate off; return 200; }
--- request
GET /x
--- error_code: 200
