# A user without MFA who opens a page is redirected to the setup page: auth_gate_mfa_url.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# Users 1 and 4 are administrators, 1 and 3 have MFA. The application recognises them by the beginning of the JWT's
# payload, {"id":N, in base64, and logs each identity lookup.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    map $http_authorization $me {
        ~\.eyJpZCI6MSwi '{"user":{"id":1,"role":"admin","mfa_enabled":true}}';
        ~\.eyJpZCI6Miwi '{"user":{"id":2,"role":"user","mfa_enabled":false}}';
        ~\.eyJpZCI6Mywi '{"user":{"id":3,"role":"user","mfa_enabled":true}}';
        ~\.eyJpZCI6NCwi '{"user":{"id":4,"role":"admin","mfa_enabled":false}}';
        default         '{"error":"who?"}';
    }
    server {
        listen      unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        server_name app;
        add_header  X-Upstream reached always;
        location /              { return 200 "app: $request_method $request_uri"; }
        location = /api/auth/me { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; return 200 $me; }
    }
_EOC_

no_root_location();

our $Config = <<'_EOC_';
    auth_gate_identity   /_identity;
    auth_gate_mfa        always;
    location = /_identity { internal; proxy_pass http://app/api/auth/me; }
    location /            { auth_gate jwt; proxy_pass http://app; }
    location /login       { auth_gate jwt; auth_gate_login_url /signin; proxy_pass http://app; }
    location /other       { auth_gate jwt; auth_gate_mfa_url /setup?from=$uri; proxy_pass http://app; }
    location /away        { auth_gate jwt; auth_gate_mfa_url https://id.example/setup; proxy_pass http://app; }
    location /none        { auth_gate jwt; auth_gate_mfa_url ''; proxy_pass http://app; }
    location /self        { auth_gate jwt; auth_gate_mfa_url http://$host/self; proxy_pass http://app; }
    location /coded       { auth_gate jwt; auth_gate_mfa_url /%63oded; proxy_pass http://app; }
    location /dots        { auth_gate jwt; auth_gate_mfa_url /x/../dots#setup; proxy_pass http://app; }
    location /spa         { auth_gate jwt; auth_gate_mfa_url /spa/setup; rewrite ^ /index.html break; proxy_pass http://app; }
    location /ws          { auth_gate jwt; auth_gate_ws_close on; proxy_pass http://app; }
    location = /token     { auth_gate_issue download; auth_gate_mfa off; }
    location = /file      { auth_gate token=download; proxy_pass http://app; }
_EOC_
our $Page = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
our $Navigation = "Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n$Page";

our %As = map { $_ => 'Authorization: Bearer ' . session_jwt($_) } 1 .. 9;
our $Required = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';

# Section policy: on or off, as an earlier nginx left it. Section lookups: the number of identity lookups.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n") if !defined $block->no_error_log;
    my $policy = $block->policy // return;
    $block->set_value(user_files => [['state/settings.json', sprintf '{"require_mfa":%s}', $policy =~ /on/ ? 'true' : 'false']]);
});

add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request;
    return if !defined $block->lookups || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    open my $log, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/logs/me.log" or die $!;
    my $count = () = <$log>;
    Test::More::is($count, 0 + $block->lookups, $block->name . ' - lookups');
});


follow_up();
run_tests();

__DATA__

=== TEST 1: a page navigation of a user without MFA is redirected to the default page
--- request eval: ['GET /trips/1', 'GET /trips/1', 'HEAD /trips/1']
--- more_headers eval: ["$::As{2}\n$::Navigation", "$::As{2}\n$::Page", "$::As{2}\n$::Navigation"]
--- error_code eval: [302, 302, 302]
--- response_headers eval: [("Location: /settings?mfa=required\nCache-Control: no-store\n!X-Upstream\n!WWW-Authenticate") x 3]
--- response_body eval: ['', '', '']



=== TEST 2: a navigation of a user with MFA is not redirected
--- request
GET /trips/1
--- more_headers eval: "$::As{3}\n$::Navigation"
--- error_code: 200



=== TEST 3: an API call is not redirected: a script, a form, another method, an image
--- request eval: [('GET /api/trips') x 9, 'POST /trips', 'PUT /trips', 'OPTIONS /trips']
--- more_headers eval
[
    (map { "$::As{2}\n$_" } '', 'Accept: */*', 'Accept: application/json', 'Accept: application/json, text/plain, */*', "Sec-Fetch-Mode: cors\n$::Page", "Sec-Fetch-Mode: no-cors\n$::Page",
        "Sec-Fetch-Mode: same-origin\n$::Page", "X-Requested-With: XMLHttpRequest\n$::Page", 'Accept: text/htmlx'),
    ("$::As{2}\n$::Navigation") x 3
]
--- error_code eval: [(403) x 12]
--- response_headers eval: [("Content-Type: application/json\n!Location") x 12]
--- response_body eval: [($::Required) x 12]



=== TEST 4: a request that prefers JSON, or does not accept HTML, is not redirected
--- request eval: [('GET /api/trips') x 3]
--- more_headers eval
[map { "$::As{2}\nAccept: $_" } 'application/json, text/html;q=0.5', 'text/html;q=0, */*', 'text/html;q=0.1, application/json']
--- error_code eval: [403, 403, 403]



=== TEST 5: the setup page is never redirected to itself, in any form of its path
--- request eval: [map { "GET $_" } '/settings', '/settings?mfa=required', '/settings?mfa=other', '/%73ettings', '//settings', '/x/../settings', 'http://localhost/settings']
--- more_headers eval: [("$::As{2}\n$::Navigation") x 7]
--- error_code eval: [(403) x 7]
--- response_body eval: [($::Required) x 7]



=== TEST 6: nor in another letter case or with a final slash
--- request eval: [map { "GET $_" } '/Settings', '/settings/', '/SETTINGS/']
--- more_headers eval: [("$::As{2}\n$::Navigation") x 3]
--- error_code_like eval: [('^(302|403)$') x 3]



=== TEST 7: the setup page can be another URL, with variables
--- request eval: ['GET /other/page', 'GET /away/page']
--- more_headers eval: [("$::As{2}\n$::Navigation") x 2]
--- error_code eval: [302, 302]
--- response_headers eval: ['Location: /setup?from=/other/page', 'Location: https://id.example/setup']



=== TEST 8: an empty URL turns redirects off
--- request
GET /none/page
--- more_headers eval: "$::As{2}\n$::Navigation"
--- error_code: 403
--- response_body eval: $::Required



=== TEST 9: never in a loop: an absolute URL of this host
--- request
GET /self
--- more_headers eval: "$::As{2}\n$::Navigation"
--- error_code: 403



=== TEST 10: never in a loop: a percent-encoded URL
--- request
GET /coded
--- more_headers eval: "$::As{2}\n$::Navigation"
--- error_code: 403



=== TEST 11: never in a loop: a URL with dot segments and a fragment
--- request
GET /dots
--- more_headers eval: "$::As{2}\n$::Navigation"
--- error_code: 403



=== TEST 12: never in a loop: a page that is rewritten before the gate sees it
--- request
GET /spa/setup
--- more_headers eval: "$::As{2}\n$::Navigation"
--- error_code: 403



=== TEST 13: a user without a session is sent to sign in, not to the setup
--- request eval: ['GET /login/x', 'GET /login/x', 'GET /x']
--- more_headers eval: [$::Navigation, "$::As{2}\n$::Navigation", $::Navigation]
--- error_code eval: [302, 302, 401]
--- response_headers eval: ['Location: /signin', 'Location: /settings?mfa=required', '!Location']



=== TEST 14: a WebSocket handshake is closed, not redirected
--- request
GET /ws
--- more_headers eval
"$::As{2}\n$::Page\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
--- error_code: 101
--- response_body eval: "\x88\x0e\x11\x33MFA required"



=== TEST 15: a download by token is a navigation
--- request
POST /token
--- more_headers eval: $::As{2}
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 302, '', [split /\n/, $::Navigation]],
]
