# What logins answer before any provider is asked, and an administrator's settings of one.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;
$ENV{CLIENT_SECRET} = 'the client secret';

our @Environment = qw(OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_DISCOVERY_URL OIDC_DISPLAY_NAME OIDC_SCOPE APP_URL);
delete @ENV{@Environment};

our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity claims;
    location /oidc/      { auth_gate_oidc sso; }
    location = /admin    { auth_gate jwt; auth_gate_oidc_settings sso; }
    location = /public   { auth_gate jwt; auth_gate_oidc_settings sso; }
    auth_gate_public * /public;
_EOC_

our $Provider = 'auth_gate_oidc_provider sso { client_id gate; issuer https://127.0.0.1:1; client_secret env:CLIENT_SECRET; '
    . 'app_url https://app.example; display_name Provider; }';

our $Admin = 'Authorization: Bearer ' . session_jwt(1, role => 'admin');
our $User  = 'Authorization: Bearer ' . session_jwt(2, role => 'user');
our $Json  = "Content-Type: application/json\nCache-Control: no-store";

our $Shown = '{"issuer":"https://127.0.0.1:1","client_id":"gate","client_secret_set":true,"display_name":"Provider","discovery_url":""}';

our @Private = ('http://provider.example', map { "https://$_" } qw(127.0.0.1:8080/any 127.1 2130706433 0x7f.0.0.1 0.0.0.0 10.0.0.1 100.64.0.1 169.254.169.254
    172.16.0.1 192.168.1.1 224.0.0.1 localhost x.localhost. [::1]:8443 [::] [::ffff:127.0.0.1] [64:ff9b::a00:1] [2002:7f00:1::] [fd00::1] [fe80::1]
    [ff02::1]));

our $State = "$ENV{TEST_NGINX_SERVER_ROOT}/html/state";

# The section environment: NAME=value lines. The section saved: what is in oidc.json afterwards.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig . ($block->http_config // $Provider));
    $block->set_value(log_level => 'warn');
    $block->set_value(config => $Config) if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\nthe client secret\n")
        if !defined $block->must_die && !defined $block->no_error_log;
    delete @ENV{@Environment};
    for my $line (split /\n/, $block->environment // '') {
        my ($name, $value) = split /=/, $line, 2;
        $ENV{$name} = $value;
    }
});

add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request;
    return if !defined $block->saved || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    open my $in, '<', "$State/oidc.json" or die "$State/oidc.json: $!";
    my $text = do { local $/; <$in> };
    Test::More::is($text, $block->saved, $block->name . ' - oidc.json');
    Test::More::is(sprintf('%o', (stat $in)[2] & 07777), '600', $block->name . ' - its mode');
    my @left = grep { !m{/(?:settings\.json|oidc\.json)\z} } glob "$State/*";
    Test::More::is("@left", '', $block->name . ' - nothing else is left in the state directory');
});

no_shuffle();
run_tests();

__DATA__

=== TEST 1: a provider of which nothing is known
--- http_config: auth_gate_oidc_provider sso { app_url https://app.example; }
--- request eval: ['GET /oidc/login', 'GET /oidc/callback?code=x&state=' . 'A' x 43, 'GET /oidc/logout']
--- error_code eval: [400, 302, 302]
--- response_headers eval: [$::Json, 'Location: /login?oidc_error=not_configured', 'Location: /login']
--- response_body eval: ['{"error":"OIDC not configured"}', '', '']



=== TEST 2: without APP_URL
--- http_config: auth_gate_oidc_provider sso { issuer https://127.0.0.1:1; client_id gate; }
--- request: GET /oidc/login
--- error_code: 500
--- response_headers
Referrer-Policy: no-referrer
--- response_body chomp
{"error":"APP_URL is not configured. OIDC cannot be used."}
--- error_log
no APP_URL is configured



=== TEST 3: an issuer that is not https
--- http_config: auth_gate_oidc_provider sso { issuer http://provider.example; client_id gate; app_url https://app.example; }
--- request eval: ['GET /oidc/login', 'GET /oidc/callback?code=x&state=' . 'A' x 43]
--- error_code eval: [400, 302]
--- response_headers eval: [$::Json, 'Location: /login?oidc_error=issuer_not_https']
--- response_body eval: ['{"error":"OIDC issuer must use HTTPS in production"}', '']
--- error_log
the issuer is not an https URL



=== TEST 4: the same from the environment, which wins
--- environment
OIDC_ISSUER=http://provider.example
--- request: GET /oidc/login
--- error_code: 400
--- response_body chomp
{"error":"OIDC issuer must use HTTPS in production"}



=== TEST 5: a provider that is down
--- request: GET /oidc/login
--- error_code: 500
--- response_headers eval: $::Json
--- response_body chomp
{"error":"OIDC login failed"}
--- no_error_log
[alert]
[crit]
--- error_log
auth_gate: fetching the metadata of OpenID provider "sso" failed:
auth_gate: OpenID login with "sso" failed: login: the provider's metadata is unavailable



=== TEST 6: methods and paths
--- request eval: ['POST /oidc/login', 'HEAD /oidc/exchange', 'GET /oidc/', 'GET /oidc/login/', 'GET /oidc/loginx', 'DELETE /oidc/logout']
--- error_code eval: [405, 405, 404, 404, 404, 405]
--- response_headers eval: ['Allow: GET', 'Allow: GET', $::Json, $::Json, $::Json, 'Allow: GET, POST']
--- response_body eval: ['{"error":"Method not allowed"}', '', ('{"error":"Not found"}') x 3, '{"error":"Method not allowed"}']



=== TEST 7: settings are for administrators
--- request eval: ['GET /admin', 'GET /admin', "PUT /admin\n{}", "PUT /admin\n{}", 'GET /public', 'GET /admin']
--- more_headers eval: ['', $::User, '', $::User, '', $::Admin]
--- error_code eval: [401, 403, 401, 403, 401, 200]
--- response_body eval: ['{"error":"Access token required","code":"AUTH_REQUIRED"}', '{"error":"Admin access required"}', '{"error":"Access token required","code":"AUTH_REQUIRED"}', '{"error":"Admin access required"}', '{"error":"Access token required","code":"AUTH_REQUIRED"}', $::Shown]



=== TEST 8: they are changed one by one, kept, and the secret is not told
--- request eval: ['GET /admin', qq(PUT /admin\n{"client_id":"other","client_secret":"hush","discovery_url":"https://provider.example/d"}), 'GET /admin', qq(PUT /admin\n{"client_id":"","display_name":"SSO","client_secret_set":true}), 'GET /admin', qq(PUT /admin\n{"discovery_url":null,"client_secret":null}), 'GET /admin']
--- more_headers eval: [($::Admin) x 7]
--- error_code eval: [(200) x 7]
--- response_headers eval: [($::Json) x 7]
--- response_body eval: [$::Shown, '{"success":true}', $::Shown =~ s/gate/other/r =~ s{l":""}{l":"https://provider.example/d"}r, '{"success":true}', $::Shown =~ s/:"Provider/:"SSO/r =~ s{l":""}{l":"https://provider.example/d"}r, '{"success":true}', $::Shown =~ s/:"Provider/:"SSO/r]
--- saved
{
    "sso": {
        "display_name": "SSO"
    }
}



=== TEST 9: after a restart they are as they were
--- user_files eval: [['state/oidc.json', '{"sso":{"issuer":"https://127.0.0.1:2","display_name":"Kept"},"gone":{"issuer":"https://x.example"}}']]
--- request: GET /admin
--- more_headers eval: $::Admin
--- response_body eval: $::Shown =~ s/Provider/Kept/r =~ s/:1"/:2"/r



=== TEST 10: the environment wins, and the answer says so
--- environment
OIDC_CLIENT_ID=from-outside
OIDC_DISPLAY_NAME=
APP_URL=https://app.example
--- request eval: [qq(PUT /admin\n{"client_id":"mine","display_name":"Mine"}), 'GET /admin']
--- more_headers eval: [($::Admin) x 2]
--- response_body eval: ['{"success":true,"environment":["client_id"]}', $::Shown =~ s/"gate"/"from-outside"/r =~ s/Provider/Mine/r =~ s/\}$/,"environment":["client_id"]}/r]



=== TEST 11: what is no setting changes nothing
--- request eval: ['PUT /admin', "PUT /admin\n[]", qq(PUT /admin\n{"x":1}), qq(PUT /admin\n{"issuer":7}), qq(PUT /admin\n{"issuer":"http://provider.example"}), qq(PUT /admin\n{"issuer":"x"}), qq(PUT /admin\n{"issuer":"https://provider.example/?x"}), qq(PUT /admin\n{"client_id":"a\\nb"}), qq(PUT /admin\n{"discovery_url":"ftp://x"}), "PUT /admin\n" . 'x' x 16385, 'POST /admin', 'GET /admin']
--- more_headers eval: [($::Admin) x 12]
--- error_code eval: [(400) x 9, 413, 405, 200]
--- response_body eval: [('{"error":"Invalid JSON"}') x 2, '{"error":"Unknown setting"}', ('{"error":"Invalid value for issuer"}') x 4, '{"error":"Invalid value for client_id"}', '{"error":"Invalid value for discovery_url"}', '{"error":"Request body too large"}', '{"error":"Method not allowed"}', $::Shown]



=== TEST 12: what is set is in force at once
--- http_config: auth_gate_oidc_provider sso { app_url https://app.example; }
--- config
auth_gate_identity claims;
location /oidc/   { auth_gate_oidc sso; }
location = /admin { auth_gate jwt; auth_gate_oidc_settings sso allow_private; }
--- request eval: ['GET /oidc/login', qq(PUT /admin\n{"client_id":"gate","issuer":"https://127.0.0.1:1"}), 'GET /oidc/login']
--- more_headers eval: ['', $::Admin, '']
--- error_code eval: [400, 200, 500]
--- response_body eval: ['{"error":"OIDC not configured"}', '{"success":true}', '{"error":"OIDC login failed"}']
--- no_error_log
[alert]
[crit]



=== TEST 13: settings that cannot be saved
--- user_files eval: [['state/oidc.json/x', '']]
--- must_die
--- error_log
reading the settings



=== TEST 14: settings that are damaged
--- user_files eval: [['state/oidc.json', '{"sso":{"issuer":7}}']]
--- must_die
--- error_log
oidc.json" are damaged: "sso" has an unknown member or a bad value: "issuer"; repair the file, or remove it to start with the defaults



=== TEST 15: a login's location goes before locations by pattern
--- config
location ~* ^/oidc/ { return 418; }
location /oidc/ { auth_gate_oidc sso; }
--- request: GET /oidc/exchange
--- error_code: 400
--- response_body chomp
{"error":"Code required"}



=== TEST 16: a login needs no session where the server wants one
--- config
auth_gate jwt;
location /oidc/ { auth_gate_oidc sso; }
--- request: GET /oidc/exchange
--- error_code: 400
--- response_body chomp
{"error":"Code required"}



=== TEST 17: an "if" within a login's location leaves it what it is
--- config
location /oidc/ {
    auth_gate_oidc sso;
    if ($arg_x) { set $y 1; }
}
--- request: GET /oidc/exchange?x=1
--- error_code: 400
--- response_headers
Referrer-Policy: no-referrer
--- response_body chomp
{"error":"Code required"}



=== TEST 18: so for the settings
--- config
auth_gate_identity claims;
location = /admin {
    auth_gate jwt;
    auth_gate_oidc_settings sso;
    if ($arg_x) { set $y 1; }
}
--- request eval: ['GET /admin?x=1', 'GET /admin?x=1']
--- more_headers eval: [$::User, $::Admin]
--- error_code eval: [403, 200]
--- response_body eval: ['{"error":"Admin access required"}', $::Shown]



=== TEST 19: no answer tells others where somebody came from, and none is kept
--- request eval: ['GET /oidc/x', 'POST /oidc/login', 'GET /oidc/exchange?code=x']
--- error_code eval: [404, 405, 400]
--- response_headers eval: [("Referrer-Policy: no-referrer\nCache-Control: no-store") x 3]



=== TEST 20: an administrator cannot send nginx to what only nginx can reach
--- request eval
[map { my $url = $_; map { qq(PUT /admin\n{"$_":"$url"}) } qw(issuer discovery_url) } @::Private]
--- more_headers eval: [($::Admin) x (2 * @::Private)]
--- error_code eval: [(400) x (2 * @::Private)]
--- response_body eval: [('{"error":"Invalid value for issuer"}', '{"error":"Invalid value for discovery_url"}') x @::Private]



=== TEST 21: unless the configuration allows it
--- config
auth_gate_identity claims;
location = /admin { auth_gate jwt; auth_gate_oidc_settings sso allow_private; }
--- request eval: [(map { qq(PUT /admin\n{"discovery_url":"$_"}) } grep { !/http:/ } @::Private), map { qq(PUT /admin\n{"discovery_url":"$_"}) } 'http://127.0.0.1:1/d', 'http://10.0.0.1/d']
--- more_headers eval: [($::Admin) x (2 + grep { !/http:/ } @::Private)]
--- error_code eval: [((200) x grep { !/http:/ } @::Private), 200, 400]



=== TEST 22: an address that is in the file all the same is not used
--- user_files eval: [['state/oidc.json', '{"sso":{"issuer":"https://127.0.0.1:2"}}']]
--- request eval: ['GET /oidc/login', 'GET /oidc/callback?code=x&state=' . 'A' x 43]
--- error_code eval: [500, 302]
--- response_body eval: ['{"error":"OIDC login failed"}', '']
--- response_headers eval: [$::Json, 'Location: /login?oidc_error=server_error']
--- no_error_log
[alert]
[crit]
fetching the metadata
--- error_log
an administrator has set a private address



=== TEST 23: what the configuration says may be said again
--- request eval: [qq(PUT /admin\n{"issuer":"https://127.0.0.1:1"}), qq(PUT /admin\n{"issuer":"https://127.0.0.1:2"}), 'GET /oidc/login']
--- more_headers eval: [($::Admin) x 3]
--- error_code eval: [200, 400, 500]
--- no_error_log
[alert]
[crit]
an administrator has set a private address



=== TEST 24: what the environment says instead is
--- environment
OIDC_ISSUER=https://127.0.0.1:3
--- user_files eval: [['state/oidc.json', '{"sso":{"issuer":"https://127.0.0.1:2"}}']]
--- request: GET /oidc/login
--- error_code: 500
--- no_error_log
[alert]
[crit]
an administrator has set a private address
--- error_log
fetching the metadata of OpenID provider "sso" failed:
