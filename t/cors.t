# auth_gate_cors: pages of listed origins may read the gate's own answers and refusals, and nothing of the application's.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Bearer  = 'Authorization: Bearer ' . session_jwt(7);
our $Cookie  = 'Cookie: sess=' . session_jwt(7);
our $Admin   = 'Authorization: Bearer ' . session_jwt(1, role => 'admin', mfa_enabled => JSON::PP::true());
our $Absent  = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Origin  = 'Origin: https://app.example';
our @Headers = qw(Origin Credentials Expose-Headers Allow-Methods Allow-Headers Max-Age);
our $Ask     = "$Origin\nAccess-Control-Request-Method: POST\nAccess-Control-Request-Headers: content-type,X-Trace";

# What a page of app.example may read, and what anybody else gets.
our $Readable = "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\n"
    . "Access-Control-Expose-Headers: Auth-Gate, Retry-After, WWW-Authenticate\nVary: Origin";
our $None     = "!Access-Control-Allow-Origin\n!Access-Control-Allow-Credentials\n!Access-Control-Expose-Headers";
our $Foreign  = "$None\nVary: Origin";
our $Silent   = "$None\n!Vary";

sub readable { return [($::Readable) x shift] }

application_behind_the_gate(<<'_EOC_');
    keepalive_timeout 0;
    auth_gate_jwt_from bearer header:X-Auth cookie:sess;
    auth_gate_identity claims;
    auth_gate_cors https://app.example http://dev.example:5173 capacitor://localhost;

    location = /token    { auth_gate_issue ws download; }
    location = /settings { auth_gate jwt; auth_gate_app_settings on; }
    location = /upstream { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://app; }
    location = /config   { auth_gate off; auth_gate_app_config on; }
    location = /public   { auth_gate off; auth_gate_app_config on; proxy_pass http://app; }
    location = /disable  { auth_gate jwt; auth_gate_mfa_disable on; auth_gate_mfa always; proxy_pass http://app; }
    location = /status   { auth_gate_status; }
    location = /provider { auth_gate jwt; auth_gate_oidc_settings sso; }
    location /oidc/      { auth_gate_oidc sso; }
    location /api        { auth_gate jwt; proxy_pass http://app; }
    location /mfa        { auth_gate jwt; auth_gate_mfa always; proxy_pass http://app; }
    location /role       { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
    location /file       { auth_gate token=download; proxy_pass http://app; }
    location /lookup     { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_gone; proxy_pass http://app; }
    location = /_gone    { internal; return 500; }
    location /ws         { auth_gate jwt; auth_gate_ws_close on; proxy_http_version 1.1; proxy_pass http://app; }
    location /login      { auth_gate jwt; auth_gate_login_url /sign-in; proxy_pass http://app; }
    location /page       { auth_gate jwt; error_page 401 /own-page; proxy_pass http://app; }
    location = /own-page { auth_gate off; return 200 page; }
    location /added      { auth_gate jwt; add_header Access-Control-Allow-Origin https://site.example always; add_header Vary Origin always; proxy_pass http://app; }
    location /varied     { auth_gate jwt; add_header Vary "Accept, origin" always; proxy_pass http://app; }
    location /app        { auth_gate jwt; proxy_pass http://speaks; }
    location /none       { auth_gate jwt; auth_gate_cors off; proxy_pass http://app; }
    location /other      { auth_gate jwt; auth_gate_cors https://b.example; proxy_pass http://app; }
    location = /off      { auth_gate_issue ws; auth_gate_cors off; }
_EOC_
add_block_preprocessor(sub {
    my $block = shift;
    my $socket = "unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/speaks.sock";
    $block->set_value(http_config => <<"_EOC_" . ($block->http_config // ''));
    auth_gate_zone zone=gate:1m tokens=1000;
    auth_gate_state_path \$TEST_NGINX_SERVER_ROOT/html/state;
    auth_gate_oidc_provider sso { client_id gate; issuer https://127.0.0.1:1; app_url https://app.example; }
    upstream speaks { server $socket; }
    server {
        listen $socket;
        auth_gate off;
        add_header Access-Control-Allow-Origin https://app.example always;
        add_header Access-Control-Allow-Credentials true always;
        location / { return 401 no; }
    }
_EOC_
});
follow_up();
run_tests();

__DATA__

=== TEST 1: a preflight to an endpoint of the gate's own is answered
--- request eval: [map { "OPTIONS /$_" } qw(token settings config provider oidc/login status)]
--- more_headers eval: [($::Ask) x 6]
--- error_code eval: [(204) x 6]
--- response_body eval: [('') x 6]
--- response_headers eval
[map { "Access-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: $_\n"
    . "Access-Control-Allow-Headers: Authorization, Content-Type, x-auth, X-Trace\nAccess-Control-Max-Age: 600\nVary: Origin\n!Allow\n!Content-Type" }
    'POST', 'GET, HEAD, PUT', 'GET, HEAD', 'GET, HEAD, PUT', 'GET, HEAD, POST', 'GET, HEAD']



=== TEST 2: for listed origins alone, as browsers write them; nobody else is told more than before
--- request eval: [('OPTIONS /token') x 12]
--- more_headers eval
[map { "$_\nAccess-Control-Request-Method: POST" } 'Origin: https://evil.example', 'Origin: null', 'Origin: *', 'Origin: https://app.example.evil.example',
    'Origin: https://app.example/', 'Origin: http://app.example', 'Origin: https://app.example:8443', 'Origin: https://sub.app.example', 'Origin: http://localhost',
    "$::Origin\nOrigin: https://evil.example", 'Origin: https://app.example, https://evil.example', 'Origin: https://app.example https://evil.example']
--- error_code eval: [(405) x 12]
--- response_headers eval: [("$::Foreign\n!Access-Control-Allow-Methods\n!Access-Control-Allow-Headers\n!Access-Control-Max-Age") x 12]



=== TEST 3: the origin is repeated as it was sent
--- request eval: [('POST /token') x 3]
--- more_headers eval: [map { "Origin: $_\n$::Bearer" } 'http://dev.example:5173', 'capacitor://localhost', 'https://app.example:443']
--- error_code eval: [(400) x 3]
--- response_headers eval: [map { "Access-Control-Allow-Origin: $_" } 'http://dev.example:5173', 'capacitor://localhost', 'https://app.example:443']



=== TEST 4: OPTIONS that is no preflight is as ever, and unreadable names are not repeated
--- request eval: [('OPTIONS /token') x 3]
--- more_headers eval
[$::Origin, "$::Origin\nAccess-Control-Request-Method: POST\nAccess-Control-Request-Headers: x-a, ,b c,\"d\",authorization,e\x7f,*",
    "$::Origin\nAccess-Control-Request-Method: POST"]
--- error_code eval: [401, 204, 204]
--- response_headers eval
[$::Readable, 'Access-Control-Allow-Headers: Authorization, Content-Type, x-auth, x-a', 'Access-Control-Allow-Headers: Authorization, Content-Type, x-auth']



=== TEST 5: a preflight to the application is the application's
--- request eval: [map { "OPTIONS /$_" } qw(api upstream public app)]
--- more_headers eval: [("$::Ask\n$::Bearer") x 4]
--- error_code eval: [200, 200, 200, 401]
--- response_headers eval: [($::Silent) x 3, "Access-Control-Allow-Origin: https://app.example\n!Access-Control-Allow-Methods\n!Vary"]



=== TEST 6: a token is readable, for a Bearer and for a cookie, which may change something here
--- request eval: [("POST /token\n{\"purpose\":\"ws\"}") x 3]
--- more_headers eval: ["$::Origin\n$::Bearer", "$::Origin\n$::Cookie\nContent-Type: application/json", "$::Origin\n$::Cookie\nContent-Type: text/plain"]
--- error_code eval: [200, 200, 415]
--- response_headers eval: ::readable(3)



=== TEST 7: a cookie of another page changes nothing, and it reads nothing
--- request eval: [('POST /token') x 3]
--- more_headers eval: [map { "$_\n$::Cookie" } 'Origin: https://evil.example', 'Origin: null', 'X-No: 1']
--- error_code eval: [(403) x 3]
--- response_headers eval: [($::Foreign) x 3]



=== TEST 8: where auth_gate_cors is off, auth_gate_origin alone counts
--- request eval: [('POST /off') x 2, 'OPTIONS /off']
--- more_headers eval: ["$::Origin\n$::Cookie", "Origin: http://localhost\n$::Cookie", $::Ask]
--- error_code eval: [403, 200, 405]
--- response_headers eval: [($::Silent) x 3]



=== TEST 9: refusals are readable in every gated location
--- request eval: ['GET /api', 'GET /mfa', 'GET /role', 'GET /file?token=x', 'GET /lookup', 'GET /api;x', 'POST /upstream', 'PUT /settings', 'POST /disable', 'GET /login', 'HEAD /api']
--- more_headers eval: [map { "$::Origin\n$_" } 'X-No: 1', ($::Bearer) x 2, 'X-No: 1', ($::Bearer) x 2, 'X-No: 1', $::Bearer, $::Admin, 'X-No: 1', 'X-No: 1']
--- error_code eval: [401, 403, 403, 401, 503, 400, 401, 403, 403, 401, 401]
--- response_headers eval: ::readable(11)



=== TEST 10: to listed origins alone
--- request eval: [('GET /api') x 4, 'GET /other', 'GET /none']
--- more_headers eval: ['Origin: https://evil.example', 'Origin: null', 'X-No: 1', "$::Origin\n$::Origin", ($::Origin) x 2]
--- error_code eval: [(401) x 6]
--- response_headers eval: [($::Foreign) x 5, $::Silent]



=== TEST 11: the application's answers stay its own
--- request eval: ['GET /api', 'GET /app', 'GET /public', 'GET /upstream', 'POST /disable']
--- more_headers eval: [map { "$::Origin\n$_" } $::Bearer, $::Bearer, 'X-No: 1', $::Admin, 'X-No: 1']
--- app: {}
--- error_code eval: [200, 401, 200, 200, 401]
--- raw_response_headers_unlike eval: [('Vary: Origin') x 4, qr/Allow-Origin.*Allow-Origin/s]
--- response_headers eval: [$::Silent, 'Access-Control-Allow-Origin: https://app.example', ($::Silent) x 2, $::Readable]



=== TEST 12: the gate's own answers are readable where there is no application
--- request eval: ['GET /config', 'GET /settings', 'POST /config', 'GET /oidc/exchange', 'GET /status', 'PUT /settings', "PUT /settings\n{\"require_mfa\":1}"]
--- more_headers eval: [("$::Origin\n$::Admin") x 7]
--- error_code eval: [200, 200, 405, 400, 200, 400, 400]
--- response_headers eval: ::readable(7)



=== TEST 13: what the site says counts alone, and is there once
--- request eval: ['GET /added', 'GET /varied']
--- more_headers eval: [($::Origin) x 2]
--- error_code eval: [401, 401]
--- raw_response_headers_unlike eval: [qr/app\.example|Vary.*Vary/s, qr/Vary.*Vary/s]
--- response_headers eval
["Access-Control-Allow-Origin: https://site.example\n!Access-Control-Allow-Credentials\nVary: Origin", "Access-Control-Allow-Origin: https://app.example\nVary: Accept, origin"]



=== TEST 14: no page reads a redirect to the login, a socket's end, or the page that error_page shows
--- request eval: ['GET /login', 'GET /ws', 'GET /page']
--- more_headers eval
["$::Origin\nSec-Fetch-Mode: navigate", "$::Origin\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", $::Origin]
--- error_code eval: [302, 101, 401]
--- response_headers eval: [($::Silent) x 3]



=== TEST 15: a socket with a cookie is not opened for a page that auth_gate_origin does not name
--- request
GET /ws
--- more_headers eval: "$::Origin\n$::Cookie\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
--- error_code: 101



=== TEST 16: what nginx itself refuses at an endpoint is readable
--- config
    auth_gate_cors https://app.example;
    location = /token { auth_gate_issue few; limit_req zone=one; }
--- http_config
    limit_req_zone $server_name zone=one:64k rate=1r/m;
    auth_gate_purpose few ttl=60s;
--- request eval: [('POST /token') x 2]
--- more_headers eval: [("$::Origin\n$::Bearer") x 2]
--- error_code eval: [200, 503]
--- response_headers eval: ::readable(2)
