# When a second factor is required: auth_gate_mfa.

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
    map "$http_authorization $http_cookie" $me {
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

our $Config = <<'_EOC_';
    auth_gate_identity /_identity;
    auth_gate_mfa      policy;
    location = /_identity { internal; proxy_pass http://app/api/auth/me; }
    location = /settings  { auth_gate jwt; auth_gate_app_settings on; auth_gate_mfa exempt; }
    location = /token     { auth_gate_issue download; }
    location = /file      { auth_gate token=download; proxy_pass http://app; }
    location = /ws        { auth_gate jwt token=ws; auth_gate_ws_close on; proxy_pass http://app; }
    location = /plain     { auth_gate jwt; proxy_pass http://app; }
    location /api         { auth_gate jwt; proxy_pass http://app; }
    location /cookie      { auth_gate jwt; auth_gate_jwt_from cookie:session; proxy_pass http://app; }
    location /always      { auth_gate jwt; auth_gate_mfa always; proxy_pass http://app; }
    location /off         { auth_gate jwt; auth_gate_mfa off; proxy_pass http://app; }
    location /exempt      { auth_gate jwt; auth_gate_mfa exempt; proxy_pass http://app; }
    location /nested      { auth_gate jwt; location /nested/in { proxy_pass http://app; } }
    location /open        { auth_gate off; proxy_pass http://app; }
_EOC_

our %As = map { $_ => 'Authorization: Bearer ' . session_jwt($_) } 1 .. 5;
our $Required = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';
our $Handshake = "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
our $Frame = "\x88\x0e\x11\x33MFA required";    # FIN and close, the length, 4403, the reason

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

=== TEST 1: at the first start the switch is off: every session is admitted, and no identity is looked up
--- request eval: ['GET /api/trips', 'GET /api/trips']
--- more_headers eval: [$::As{2}, $::As{1}]
--- error_code eval: [200, 200]
--- lookups: 0



=== TEST 2: the same after it was turned off
--- policy: off
--- request
GET /api/trips
--- more_headers eval: $::As{2}
--- error_code: 200
--- lookups: 0



=== TEST 3: while it is on, a user without MFA gets the contract's 403 to the letter, and the application is not reached
--- policy: on
--- request
GET /api/trips
--- more_headers eval: $::As{2}
--- error_code: 403
--- response_headers
Content-Type: application/json
Cache-Control: no-store
!X-Upstream
!WWW-Authenticate
!Location
--- response_body eval: $::Required
--- lookups: 1



=== TEST 4: a user with MFA is admitted
--- policy: on
--- request
GET /api/trips
--- more_headers eval: $::As{3}
--- error_code: 200
--- response_body: app: GET /api/trips
--- lookups: 1



=== TEST 5: the policy holds for administrators too
--- policy: on
--- request eval: ['GET /api/trips', 'GET /api/trips']
--- more_headers eval: [$::As{4}, $::As{1}]
--- error_code eval: [403, 200]



=== TEST 6: the policy holds for every method
--- policy: on
--- request eval: [map { "$_ /api/trips" } qw(GET POST PUT PATCH DELETE OPTIONS PROPFIND REPORT)]
--- more_headers eval: [($::As{2}) x 8]
--- error_code eval: [(403) x 8]
--- response_headers eval: [('!X-Upstream') x 8]
--- response_body eval: [($::Required) x 8]
--- lookups: 1



=== TEST 7: the policy holds for HEAD, whose refusal has no body
--- policy: on
--- request
HEAD /api/trips
--- more_headers eval: $::As{2}
--- error_code: 403
--- response_body



=== TEST 8: a missing session is reported first
--- policy: on
--- request eval: ['GET /api/trips', 'GET /api/trips']
--- more_headers eval: ['', 'Authorization: Bearer nonsense']
--- error_code eval: [401, 401]
--- response_body eval
['{"error":"Access token required","code":"AUTH_REQUIRED"}', '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}']
--- lookups: 0



=== TEST 9: a refused POST does not leave its body behind as the next request
--- policy: on
--- pipelined_requests eval
["POST /api/trips\nGET /open/smuggled HTTP/1.1\nHost: localhost\n\n", 'GET /api/next']
--- more_headers eval: [$::As{2}, $::As{3}]
--- error_code eval: [403, 200]
--- response_body eval: [$::Required, 'app: GET /api/next']



=== TEST 10: `always` needs no switch
--- request eval: ['GET /always/x', 'GET /always/x']
--- more_headers eval: [$::As{2}, $::As{3}]
--- error_code eval: [403, 200]
--- response_body eval: [$::Required, 'app: GET /always/x']
--- lookups: 2



=== TEST 11: `off` ignores the switch
--- policy: on
--- request
GET /off/x
--- more_headers eval: $::As{2}
--- error_code: 200
--- lookups: 0



=== TEST 12: `exempt` admits sessions without MFA, and nobody else
--- policy: on
--- request eval: ['GET /exempt/x', 'GET /exempt/x']
--- more_headers eval: [$::As{2}, '']
--- error_code eval: [200, 401]
--- lookups: 0



=== TEST 13: a nested location inherits the mode
--- policy: on
--- request eval: ['GET /nested/in', 'GET /nested/in']
--- more_headers eval: [$::As{2}, $::As{3}]
--- error_code eval: [403, 200]



=== TEST 14: without a gate, MFA is not required
--- policy: on
--- request eval: ['GET /open', 'GET /open']
--- more_headers eval: [$::As{2}, '']
--- error_code eval: [200, 200]
--- lookups: 0



=== TEST 15: the policy holds for cookies as for headers
--- policy: on
--- request eval: ['GET /cookie', 'GET /cookie']
--- more_headers eval: [map { 'Cookie: a=b; session=' . session_jwt($_) } 2, 3]
--- error_code eval: [403, 200]



=== TEST 16: issuing a token needs MFA
--- policy: on
--- request eval: ['POST /token', 'POST /token']
--- more_headers eval: [$::As{2}, $::As{3}]
--- error_code eval: [403, 200]
--- response_body_like eval: [quotemeta $::Required, '^\{"token":"[0-9a-f]{64}"\}$']



=== TEST 17: a token issued before the switch was turned on does not bypass it
--- request
POST /token
--- more_headers eval: $::As{2}
--- error_code: 200
--- then eval
[
    ["PUT /settings\n{\"require_mfa\":true}", 200, '{"success":true}', [$::As{1}]],
    ['GET /file?token=%TOKEN%', 403, $::Required],
    ['GET /file?token=%TOKEN%', 401, undef],
]



=== TEST 18: a token issued before the switch to a user with MFA stays valid
--- request
POST /token
--- more_headers eval: $::As{3}
--- error_code: 200
--- then eval
[
    ["PUT /settings\n{\"require_mfa\":true}", 200, '{"success":true}', [$::As{1}]],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
    ['GET /file?token=%TOKEN%', 401, undef],
]



=== TEST 19: the switch works at once, both ways
--- request
GET /api/trips
--- more_headers eval: $::As{2}
--- error_code: 200
--- then eval
[
    ["PUT /settings\n{\"require_mfa\":true}",  200, '{"success":true}', [$::As{1}]],
    ['GET /api/trips', 403, $::Required, [$::As{2}]],
    ['GET /api/trips', 200, undef, [$::As{3}]],
    ["PUT /settings\n{\"require_mfa\":false}", 200, '{"success":true}', [$::As{1}]],
    ['GET /api/trips', 200, undef, [$::As{2}]],
]



=== TEST 20: a WebSocket handshake is completed and closed with 4403, one frame and no more
--- policy: on
--- request
GET /ws
--- more_headers eval: "$::Handshake\n$::As{2}"
--- error_code: 101
--- response_headers
Upgrade: websocket
Connection: upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
!X-Upstream
--- response_body eval: $::Frame



=== TEST 21: without websocket_close, a handshake gets the plain 403
--- policy: on
--- request
GET /plain
--- more_headers eval: $::Handshake =~ s/: Upgrade/: Upgrade, close/r . "\n$::As{2}"
--- error_code: 403
--- response_body eval: $::Required



=== TEST 22: a request that is not a handshake gets the plain 403
--- policy: on
--- request
GET /ws
--- more_headers eval: $::As{2}
--- error_code: 403
--- response_body eval: $::Required



=== TEST 23: the switch holds for all servers
--- policy: on
--- http_config eval
$::HttpConfig . 'server { listen unix:$TEST_NGINX_SERVER_ROOT/logs/two.sock; auth_gate_mfa policy; auth_gate jwt;
    auth_gate_identity claims; location / { proxy_pass http://app; } }'
--- config eval
$::Config . 'location = /other { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/two.sock; }'
--- request
GET /other
--- more_headers eval: $::As{3}
--- error_code: 403
--- response_body eval: $::Required



=== TEST 24: a preflight needs no MFA, and the application sees no credentials
--- policy: on
--- request
OPTIONS /api/trips
--- more_headers eval: "$::As{2}\nOrigin: http://elsewhere.example\nAccess-Control-Request-Method: GET"
--- error_code: 200
--- lookups: 0
