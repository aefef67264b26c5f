# Paths: auth_gate_public, and passing on the same path that the gate decided on.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);

our $Config = <<'_EOC_';
    auth_gate_public GET  /api/health /api/auth/invite/*;
    auth_gate_public POST /api/auth/login;
    auth_gate_public *    /api/auth/oidc/*;
    location ~* ^/api(/|$) { auth_gate jwt; proxy_pass http://app; }
    location /open         { proxy_pass http://app; }
_EOC_

application_behind_the_gate($Config);

run_tests();

__DATA__

=== TEST 1: a public path needs no session; all others do
--- request eval: ['GET /api/health', 'GET /api/other']
--- error_code eval: [200, 401]
--- response_body eval: ['GET /api/health', $::Absent]



=== TEST 2: nothing is public by default
--- config
    location ~ ^/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: [map { "GET $_" } qw(/ /login /api/health /favicon.ico /.well-known/x)]
--- error_code eval: [(401) x 5]
--- no_error_log eval: $::NotReached



=== TEST 3: a path is public only for the listed methods
--- request eval: ['POST /api/auth/login', 'GET /api/auth/login', 'PUT /api/auth/login', 'HEAD /api/auth/login', 'POST /api/health', 'DELETE /api/health']
--- error_code eval: [200, (401) x 5]



=== TEST 4: a rule for GET covers HEAD
--- request
HEAD /api/health
--- error_code: 200



=== TEST 5: methods in lower case do not match
--- raw_request eval: "get /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code: 400
--- no_error_log eval: $::NotReached



=== TEST 6: the method * matches any
--- request eval: [map { "$_ /api/auth/oidc/x" } qw(GET POST PUT DELETE PATCH OPTIONS FOO)]
--- error_code eval: [(200) x 7]



=== TEST 7: X-HTTP-Method-Override is ignored
--- request eval: [('PUT /api/auth/login') x 2]
--- more_headers eval: ['X-HTTP-Method-Override: POST', 'X-HTTP-Method: POST']
--- error_code eval: [401, 401]
--- no_error_log eval: $::NotReached



=== TEST 8: without a final *, a path is exact, except for a final slash
--- request eval: [map { "GET $_" } qw(/api/health/ /api/health/x /api/healthy /api/healt /api/health.json /api/x/api/health)]
--- error_code eval: [200, (401) x 5]



=== TEST 9: with a final *, a path is a prefix
--- request eval: [map { "GET $_" } qw(/api/auth/invite/ /api/auth/invite/abc /api/auth/invite/a/b /api/auth/invite /api/auth/invites /api/auth/invit)]
--- error_code eval: [200, 200, 200, 401, 401, 401]



=== TEST 10: the case of a path is ignored, by the gate and for public paths
--- request eval: [map { "GET $_" } qw(/API/health /api/HEALTH /Api/Auth/Invite/X /API/trips /Api/TRIPS)]
--- error_code eval: [200, 200, 200, 401, 401]
--- response_body eval: ['GET /API/health', 'GET /api/HEALTH', 'GET /Api/Auth/Invite/X', ($::Absent) x 2]



=== TEST 11: a query does not affect whether a path is public
--- request eval: [map { "GET $_" } '/api/health?x=/api/trips', '/api/trips?x=/api/health', '/api/trips?/../api/health', '/api/health?']
--- error_code eval: [200, 401, 401, 200]



=== TEST 12: a fragment is not part of the path
--- raw_request eval: "GET /api/trips#/../health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code_like: ^40[01]$
--- no_error_log eval: $::NotReached



=== TEST 13: every spelling of a private path is gated
--- request eval
[map { "GET $_" } qw(//api/trips /api//trips /./api/trips /api/./trips /x/../api/trips /api/health/../trips /api/auth/invite/../../trips /api/auth/invite/%2e%2e/%2E%2e/trips /%61pi/trips /api/%74rips /api%2ftrips /api%2Ftrips /api/trips/ /api/trips/. /api/trips/x/..
 http://localhost/api/trips http://other//api/trips)]
--- error_code eval: [(401) x 17]
--- response_body eval: [($::Absent) x 17]
--- no_error_log eval: $::NotReached



=== TEST 14: the application gets the path that nginx decided on
--- request eval
[map { "GET $_" } qw(//api/health /api//health /./api/health /x/../api/health /api/auth/../health /%61pi/health /api/h%65alth /api%2fhealth /api/trips/../health /api/trips/%2e%2e/health http://localhost/api/health
 http://localhost/x/../api/health /api/health/.)]
--- error_code eval: [(200) x 13]
--- response_body eval: [('GET /api/health') x 12, 'GET /api/health/']



=== TEST 15: also with a session and a query
--- request eval: [map { "GET $_?a=%2e%2e/x" } qw(//api/trips /x/../api/trips /%61pi/trips /api%2ftrips /api/trips)]
--- more_headers eval: [($::Session) x 5]
--- error_code eval: [(200) x 5]
--- response_body eval: [('GET /api/trips?a=%2e%2e/x') x 5]



=== TEST 16: necessary escapes are kept
--- request eval: [map { "GET /api/$_" } 'a%20b', 'a%3fb', 'a%3Fb', 'a%23b', 'a%25b', 'caf%c3%a9', 'a%26b', '%ff']
--- more_headers eval: [($::Session) x 8]
--- error_code eval: [(200) x 8]
--- response_body eval: [map { "GET /api/$_" } 'a%20b', 'a%3fb', 'a%3Fb', 'a%23b', 'a%25b', 'caf%c3%a9', 'a%26b', '%ff']



=== TEST 17: a path escaped twice is decoded once, and stays private
--- request eval: [map { "GET $_" } '/api/health/%252e%252e/trips', '/%2561pi/trips', '/api/auth/invite/%252e%252e/x']
--- error_code eval: [401, 404, 200]
--- response_body eval: [$::Absent, qr/404/, 'GET /api/auth/invite/%252e%252e/x']



=== TEST 18: a path cannot escape above the root
--- request eval: ['GET /../api/trips', 'GET /..', 'GET /%2e%2e/api/trips', 'GET /api/../../api/trips']
--- error_code eval: [(400) x 4]
--- no_error_log eval: $::NotReached



=== TEST 19: path parameters (;) are refused, on public paths, too
--- request eval: [map { "GET $_" } qw(/api/health;x /api;x/health /api/auth/invite/;/../x /api/trips;jsessionid=1 /api/health/..;/trips /;/api/health /api/auth/invite/..;/..;/trips /api/auth/oidc/%2e%2e;/x)]
--- more_headers eval: [($::Session) x 8]
--- error_code eval: [(400) x 8]
--- response_body eval: [('{"error":"Bad request"}') x 8]
--- no_error_log eval: $::NotReached



=== TEST 20: an encoded ; is refused, wherever it stands
--- request eval: [map { "GET $_" } qw(/api/health%3bx/y /api/auth/invite/..%3b/trips /api%3B/health /api/trips%3Bx /api/health%3b /api/x%3B/../trips)]
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [(400) x 6]
--- no_error_log eval: $::NotReached



=== TEST 21: a backslash is refused, encoded or plain
--- request eval
[map { "GET $_" } '/api\\trips', '/api/health\\..\\trips', '/api/auth/invite/..%5c..%5ctrips', '/api/health%5C', '/api/x%5C/../trips', '/api/x\\/../trips']
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [(400) x 6]
--- no_error_log eval: $::NotReached



=== TEST 22: control characters are refused
--- request eval: [map { "GET $_" } qw(/api/health%0a /api/health%0d%0aX:y /api/health%09 /api/health%7f /api/auth/invite/%01 /api/%0a/../trips)]
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [(400) x 6]
--- no_error_log eval: $::NotReached



=== TEST 23: %00 gets nginx's own 400
--- request eval: [map { "GET $_" } qw(/api/health%00 /api/trips%00.html /%00)]
--- more_headers eval: [($::Session) x 3]
--- error_code eval: [(400) x 3]
--- no_error_log eval: $::NotReached



=== TEST 24: a malformed escape gets nginx's own 400
--- request eval: [map { "GET $_" } qw(/api/health% /api/health%2 /api/%zz /api/%u0061)]
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(400) x 4]
--- no_error_log eval: $::NotReached



=== TEST 25: a ; is left alone where nothing is gated
--- config
    location ~ ^/ { proxy_pass http://app; }
--- request
GET /page;x=1
--- response_body: GET /page;x=1



=== TEST 26: an ambiguous path is refused in a location without a gate, too
--- request eval
[map { "GET $_" } '/open;/../api/trips', '/open/..;/api/trips', '/open\\..\\api\\trips', '/open/x;y', '/open/x%3By', '/open/x%3B', '/open/x%5Cy', '/open/x%0a']
--- more_headers eval: [($::Session) x 8]
--- error_code eval: [(400) x 8]
--- no_error_log eval: $::NotReached



=== TEST 27: a location without a gate passes on the path as nginx resolved it
--- request eval: ['GET /open//a/../b', 'GET /open/%2e/c', 'GET /%6fpen/x%2fy']
--- error_code eval: [(200) x 3]
--- response_body eval: ['GET /open/b', 'GET /open/c', 'GET /open/x/y']



=== TEST 28: merge_slashes off: doubled slashes are refused, as most applications merge them
--- http_config
    merge_slashes off;
--- config
    location /api/         { auth_gate jwt; proxy_pass http://app; }
    location ~ ^/re/secret { auth_gate jwt; proxy_pass http://app; }
    location /open         { proxy_pass http://app; }
--- request eval: ['GET //api/trips', 'GET /x//..//api/trips', 'GET //re/secret', 'GET /open//x', 'GET /open/x?a=//b', 'GET /api/trips']
--- more_headers eval: [('X-No: 1') x 5, $::Session]
--- error_code eval: [400, 400, 400, 400, 200, 200]



=== TEST 38: merge_slashes off: auth_gate_path as_sent passes them on
--- http_config
    merge_slashes off;
    auth_gate_path as_sent;
--- config
    location /api/ { auth_gate jwt; proxy_pass http://app; }
    location /open { proxy_pass http://app; }
--- request eval: ['GET /open//x', 'GET /api//x', 'GET /api//x']
--- more_headers eval: ['X-No: 1', 'X-No: 1', $::Session]
--- error_code eval: [200, 401, 200]



=== TEST 29: a rewrite does not hide that a path was ambiguous
--- config
    rewrite ^/short/(.*)$ /api/$1;
    auth_gate_public GET /api/health;
    location /api/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /short/health;x', 'GET /short/health', 'GET /short/trips']
--- more_headers eval: [$::Session, 'X-No: 1', 'X-No: 1']
--- error_code eval: [400, 200, 401]



=== TEST 31: auth_gate_public of http is inherited
--- http_config
    auth_gate_public GET /api/http;
--- config
    location /api/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /api/http', 'GET /api/other']
--- error_code eval: [200, 401]



=== TEST 32: a server's own rules replace those of http
--- http_config
    auth_gate_public GET /api/http;
--- config
    auth_gate_public GET /api/own;
    location /api/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /api/http', 'GET /api/own']
--- error_code eval: [401, 200]



=== TEST 33: the path * matches every path
--- config
    auth_gate_public GET /*;
    location /api/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /api/x', 'POST /api/x']
--- error_code eval: [200, 401]



=== TEST 34: a bad session is ignored on a public path
--- request eval: [('GET /api/health') x 2]
--- more_headers eval: ['Authorization: Bearer x', 'Authorization: X']
--- error_code eval: [200, 200]



=== TEST 35: an application's own ?token= is left alone on a public path
--- request
GET /api/auth/oidc/callback?token=abc&state=x
--- response_body: GET /api/auth/oidc/callback?token=abc&state=x



=== TEST 36: a request target that is not a path gets a response and no crash
--- raw_request eval: "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code_like: ^(400|401|404|405)$
--- no_error_log eval: $::NotReached



=== TEST 37: bytes over 0x7f in a path get a response and no crash
--- raw_request eval: "GET /api/\xff\xfe\x80 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code: 401
--- no_error_log eval: $::NotReached



=== TEST 39: the server that reads the request line decides what becomes of doubled slashes
--- http_config
    server { listen $TEST_NGINX_SERVER_PORT; server_name first; merge_slashes off; location / { return 204; } }
--- config
    merge_slashes on;
    location /api/ { auth_gate jwt; proxy_pass http://app; }
    location /open { proxy_pass http://app; }
--- request eval: ['GET //api/trips', 'GET /open//api/trips', 'GET /api/trips', 'GET /api/trips']
--- more_headers eval: [('X-No: 1') x 3, $::Session]
--- error_code eval: [400, 400, 401, 200]



=== TEST 40: a * in the middle is one segment, in every form of the path
--- config
    auth_gate_public GET /api/auth/*/callback;
    location ~* ^/api(/|$) { auth_gate jwt; proxy_pass http://app; }
--- request eval
[map { "GET $_" } qw(/api/auth/google/callback /API/auth/Google/callback/ /api/auth/x/../google/callback //api//auth/g%6Fogle/callback
    /api/auth/callback /api/auth//callback /api/auth/a/b/callback /api/auth/a%2Fb/callback /api/auth/a%252Fb/callback /api/auth/a%255Cb/callback
    /api/auth/%252e%252e/callback /api/auth/.../callback /api/auth/a%C0%AFb/callback /api/auth/a%EF%BC%8Fb/callback /api/auth/google
    /api/auth/google/callback/x /api/auth/google/../callback)]
--- error_code eval: [(200) x 4, (401) x 13]
--- response_body eval
[map({ "GET $_" } qw(/api/auth/google/callback /API/auth/Google/callback/ /api/auth/google/callback /api/auth/google/callback)), ($::Absent) x 13]



=== TEST 41: a rule may have several, and a prefix behind them
--- config
    auth_gate_public GET /api/*/public/*/x*;
    location ~* ^/api(/|$) { auth_gate jwt; proxy_pass http://app; }
--- request eval: [map { "GET /api/$_" } qw(a/public/b/x a/public/b/xyz/z a/public/x a/b/public/c/x public/a/x)]
--- error_code eval: [200, 200, 401, 401, 401]
