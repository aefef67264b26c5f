# The responses to refused requests, error_page, and satisfy.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);

our $Config = <<'_EOC_';
    location = /api { auth_gate jwt; proxy_pass http://app; }
    location /api   { auth_gate jwt; proxy_pass http://app; }
_EOC_

application_behind_the_gate($Config);

run_tests();

__DATA__

=== TEST 1: no credentials: the exact response
--- request
GET /api
--- error_code: 401
--- response_body eval: $::Absent
--- response_headers
Content-Type: application/json
Content-Length: 56
Cache-Control: no-store
WWW-Authenticate: Bearer
!Location
--- no_error_log eval: $::NotReached



=== TEST 2: bad credentials: the exact response
--- request
GET /api
--- more_headers
Authorization: Bearer x
--- error_code: 401
--- response_body eval: $::Invalid
--- response_headers
Content-Type: application/json
Content-Length: 59
Cache-Control: no-store
WWW-Authenticate: Bearer error="invalid_token"
!Location
--- no_error_log eval: $::NotReached



=== TEST 3: a refusal has exactly one WWW-Authenticate, Content-Type and Cache-Control
--- config
    location = /api { auth_gate jwt; default_type text/html; charset utf-8; add_header X-Own 1 always; proxy_pass http://app; }
--- request
GET /api
--- error_code: 401
--- response_headers
Content-Type: application/json
X-Own: 1
--- raw_response_headers_unlike: (?i)(?:WWW-Authenticate:.*WWW-Authenticate:|Content-Type:.*Content-Type:|Cache-Control:.*Cache-Control:|Content-Length:.*Content-Length:)



=== TEST 4: an ambiguous path: the exact response
--- request
GET /api;x
--- more_headers eval: $::Session
--- error_code: 400
--- response_body: {"error":"Bad request"}
--- response_headers
Content-Type: application/json
Cache-Control: no-store
!WWW-Authenticate
--- no_error_log eval: $::NotReached



=== TEST 5: a refused HEAD has headers but no body
--- request
HEAD /api
--- error_code: 401
--- response_headers
Content-Type: application/json
Content-Length: 56
WWW-Authenticate: Bearer
--- response_body
--- no_error_log eval: $::NotReached



=== TEST 6: every method is gated
--- request eval: [map { "$_ /api" } qw(GET POST PUT DELETE PATCH OPTIONS PROPFIND MKCOL REPORT FOO)]
--- error_code eval: [(401) x 10]
--- response_body eval: [($::Absent) x 10]
--- no_error_log eval: $::NotReached



=== TEST 7: TRACE and CONNECT are not admitted
--- request eval: ['TRACE /api', 'CONNECT localhost:80']
--- error_code_like eval: ['40[05]', '40[05]']
--- no_error_log eval: $::NotReached



=== TEST 8: a refused request with a body is answered, and the connection stays usable
--- pipelined_requests eval: ["POST /api\n" . 'x' x 100, 'GET /api']
--- more_headers eval: ['X-No: 1', $::Session]
--- error_code eval: [401, 200]
--- response_body eval: [$::Absent, 'GET /api']



=== TEST 9: a refused request with a large chunked body is answered
--- raw_request eval: "POST /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" . "8000\r\n" . 'x' x 32768 . "\r\n0\r\n\r\n"
--- error_code: 401
--- response_body eval: $::Absent
--- no_error_log eval: $::NotReached



=== TEST 10: refusals are logged at info and no higher
--- log_level: info
--- request eval: [('GET /api') x 2]
--- more_headers eval: ['X-No: 1', 'Authorization: Bearer x']
--- error_code eval: [401, 401]
--- error_log
[info]
auth_gate: request refused:
--- no_error_log
[warn]
[error]
[crit]
[alert]



=== TEST 11: error_page with a file replaces the answer
--- config
    location = /api { auth_gate jwt; error_page 401 /401.html; proxy_pass http://app; }
    location = /401.html { internal; }
--- user_files
>>> 401.html
please sign in
--- request
GET /api
--- error_code: 401
--- response_body
please sign in
--- response_headers
WWW-Authenticate: Bearer
Content-Type: text/html
--- no_error_log eval: $::NotReached



=== TEST 12: error_page with =code replaces the status too
--- config
    location = /api { auth_gate jwt; error_page 401 =200 /401.html; proxy_pass http://app; }
    location = /401.html { internal; }
--- user_files
>>> 401.html
please sign in
--- request
GET /api
--- error_code: 200
--- response_body
please sign in
--- no_error_log eval: $::NotReached



=== TEST 13: error_page with a named location replaces the answer
--- config
    location = /api { auth_gate jwt; error_page 401 = @sign_in; proxy_pass http://app; }
    location @sign_in { return 402 "named"; }
--- request
GET /api
--- error_code: 402
--- response_body: named
--- no_error_log eval: $::NotReached



=== TEST 14: error_page with a named location may proxy to the application
--- config
    location = /api { auth_gate jwt; error_page 401 = @sign_in; proxy_pass http://app; }
    location @sign_in { proxy_pass http://app; }
--- app: $request_method $request_uri [$http_authorization]
--- request
GET /api
--- response_body: GET /api []



=== TEST 15: error_page with a URL replaces the answer
--- config
    location = /api { auth_gate jwt; error_page 401 =302 https://localhost/login; proxy_pass http://app; }
--- request
GET /api
--- error_code: 302
--- response_headers
Location: https://localhost/login
--- no_error_log eval: $::NotReached



=== TEST 16: error_page with a gated URI still refuses
--- config
    auth_gate jwt;
    error_page 401 /401.html;
    location = /api { proxy_pass http://app; }
    location = /401.html { proxy_pass http://app; }
--- request
GET /api
--- error_code: 401
--- response_body eval: $::Absent
--- no_error_log eval: $::NotReached



=== TEST 17: error_page of 401 with a gated URI and recursive_error_pages still refuses
--- config
    auth_gate jwt;
    recursive_error_pages on;
    error_page 401 /401.html;
    location = /api { proxy_pass http://app; }
    location = /401.html { proxy_pass http://app; }
--- request
GET /api
--- error_code_like: ^(401|500)$
--- no_error_log
server: app,



=== TEST 18: error_page replaces the 400 of a bad path
--- config
    location /api { auth_gate jwt; error_page 400 = @bad; proxy_pass http://app; }
    location @bad { return 418 "bad"; }
--- request
GET /api;x
--- more_headers eval: $::Session
--- error_code: 418
--- no_error_log eval: $::NotReached



=== TEST 19: error_page for a response of the application does not change the decision
--- config
    location = /api { auth_gate jwt; proxy_intercept_errors on; error_page 404 = @other; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/none.sock; }
    location @other { auth_gate jwt; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://app; }
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/none.sock; location / { return 404; } }
--- app: user $http_x_user
--- request
GET /api
--- more_headers eval: $::Session
--- response_body: user 7



=== TEST 20: satisfy any: an allowed address admits what the gate refuses
--- config
    location = /api { satisfy any; allow 127.0.0.1; deny all; auth_gate jwt; proxy_set_header X-User "$auth_gate_user_id"; proxy_pass http://app; }
--- app: user [$http_x_user]
--- request eval: [('GET /api') x 2]
--- more_headers eval: ['X-User: 1', 'Authorization: Bearer x']
--- error_code eval: [200, 200]
--- response_body eval: [('user []') x 2]
--- response_headers eval: [('!WWW-Authenticate') x 2]



=== TEST 21: satisfy any: a JWT admits a denied address
--- config
    location = /api { satisfy any; deny all; auth_gate jwt; proxy_pass http://app; }
--- request eval: [('GET /api') x 3]
--- more_headers eval: [$::Session, 'X-No: 1', 'Authorization: Bearer x']
--- error_code_like eval: ['200', '40[13]', '40[13]']



=== TEST 22: satisfy all requires both
--- config
    location = /denied  { deny all; auth_gate jwt; proxy_pass http://app; }
    location = /allowed { allow all; auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /denied', 'GET /allowed', 'GET /allowed']
--- more_headers eval: [$::Session, 'X-No: 1', $::Session]
--- error_code eval: [403, 401, 200]



=== TEST 23: satisfy any with auth_basic: either admits
--- config
    location = /api { satisfy any; auth_basic x; auth_basic_user_file $TEST_NGINX_SERVER_ROOT/html/users; auth_gate jwt; proxy_pass http://app; }
--- user_files
>>> users
u:{PLAIN}pw
--- request eval: [('GET /api') x 4]
--- more_headers eval: [$::Session, 'Authorization: Basic dTpwdw==', 'Authorization: Basic dTp4', 'X-No: 1']
--- error_code eval: [200, 200, 401, 401]



=== TEST 24: with satisfy any, the application's own 401 is left alone
--- config
    location = /api { satisfy any; allow all; auth_gate jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/refusing.sock; }
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/refusing.sock;
        location / { add_header WWW-Authenticate "App realm=x" always; return 401 "the application says no"; }
    }
--- request
GET /api
--- error_code: 401
--- response_body: the application says no
--- response_headers
WWW-Authenticate: App realm=x



=== TEST 25: satisfy any does not admit an ambiguous path
--- config
    location /api { satisfy any; allow all; auth_gate jwt; proxy_pass http://app; }
--- request
GET /api;x
--- error_code: 400
--- response_body: {"error":"Bad request"}
--- no_error_log eval: $::NotReached



=== TEST 26: gzip, added bodies and ranges do not alter a refusal
--- config
    location = /api { auth_gate jwt; gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; add_after_body /tail; proxy_pass http://app; }
    location = /tail { return 200 "tail"; }
--- request
GET /api
--- more_headers
Accept-Encoding: gzip
Range: bytes=0-3
If-Modified-Since: Thu, 01 Jan 2037 00:00:00 GMT
--- error_code: 401
--- response_body eval: $::Absent
