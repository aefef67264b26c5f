# Who may request tokens, and by which methods: auth_gate_issue.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of more than 32 bytes';

our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
_EOC_

our $Config = <<'_EOC_';
    auth_gate_public * /public-token;
    location = /ws-token     { auth_gate_issue ws; }
    location = /cookie-token { auth_gate_issue ws; auth_gate_jwt_from cookie:session; }
    location = /public-token { auth_gate_issue ws; }
    location = /admin-token  { auth_gate_issue ws; auth_gate_require role=admin; }
    location = /any-token    { auth_gate_issue ws; satisfy any; allow all; }
    location = /never-token  { auth_gate_issue ws; deny all; }
    location = /sub-token    { auth_gate_issue ws; auth_gate_user_claim sub; }
    location = /socket       { auth_gate jwt token=ws; empty_gif; }
_EOC_

our $Session = 'Authorization: Bearer ' . session_jwt(7);

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
});

follow_up();
run_tests();

__DATA__

=== TEST 1: any method but POST gets 405 with Allow
--- request eval
['GET /ws-token', map { "$_ /ws-token" } qw(PUT DELETE PATCH OPTIONS PROPFIND LOCK MKCOL REPORT FOO)]
--- more_headers eval: [($::Session) x 10]
--- error_code eval: [(405) x 10]
--- response_headers eval: [("Allow: POST\nContent-Type: application/json\nCache-Control: no-store") x 10]
--- response_body eval: [('{"error":"Method not allowed"}') x 10]



=== TEST 2: HEAD gets 405 with Allow and no body
--- request
HEAD /ws-token
--- more_headers eval: $::Session
--- error_code: 405
--- response_headers
Allow: POST
--- response_body



=== TEST 3: TRACE gets 405 from nginx itself
--- request
TRACE /ws-token
--- more_headers eval: $::Session
--- error_code: 405
--- response_body_unlike: token



=== TEST 4: only POST in capitals is accepted
--- request eval
['post /ws-token', 'Post /ws-token', 'POSTS /ws-token']
--- more_headers eval: [($::Session) x 3]
--- error_code_like eval: ['^40[05]$', '^40[05]$', '^405$']
--- response_body_unlike eval: ['"token"', '"token"', '"token"']



=== TEST 5: a method override in a header changes nothing
--- request
GET /ws-token
--- more_headers eval: "$::Session\nX-HTTP-Method-Override: POST"
--- error_code: 405



=== TEST 6: a preflight gets no token
--- request
OPTIONS /ws-token
--- more_headers
Origin: http://elsewhere.example
Access-Control-Request-Method: POST
--- error_code: 405
--- response_headers
Allow: POST
--- response_body_unlike: "token"



=== TEST 7: without a session there is no token
--- request
POST /ws-token
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer
Content-Type: application/json
Cache-Control: no-store
--- response_body chomp
{"error":"Access token required","code":"AUTH_REQUIRED"}



=== TEST 8: with a JWT that is not a session there is no token
--- request eval
[('POST /ws-token') x 5]
--- more_headers eval
[map { "Authorization: Bearer $_" }
    'nonsense',
    session_jwt(7, -secret => 'another secret of more than 32 bytes'),
    session_jwt(7, exp => time - 10),
    session_jwt(7, purpose => 'mfa_login'),
    session_jwt(7, -header => { alg => 'HS512' })]
--- error_code eval: [(401) x 5]
--- response_headers eval: [('WWW-Authenticate: Bearer error="invalid_token"') x 5]
--- response_body eval: [('{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}') x 5]



=== TEST 9: a refused request with a body is refused
--- request
POST /ws-token
{"purpose":"ws"}
--- error_code: 401
--- response_body chomp
{"error":"Access token required","code":"AUTH_REQUIRED"}



=== TEST 10: a token cannot request tokens, and is not spent by the attempt
--- request
POST /ws-token
--- more_headers eval: $::Session
--- then eval
[
    ['POST /ws-token?token=%TOKEN%', 401, '{"error":"Access token required","code":"AUTH_REQUIRED"}'],
    ['POST /ws-token', 401, '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}', ['Authorization: Bearer %TOKEN%']],
    ['GET /socket?token=%TOKEN%', 200, qr/^GIF89a/],
]



=== TEST 11: a JWT in the URL cannot request tokens
--- request eval
'POST /ws-token?token=' . session_jwt(7)
--- log_level: info
--- error_code: 401
--- response_body chomp
{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}
--- no_access_log
eyJ
--- no_error_log
eyJ
[alert]
[crit]



=== TEST 12: a public endpoint still requires a session
--- request
POST /public-token
--- error_code: 401
--- response_body chomp
{"error":"Access token required","code":"AUTH_REQUIRED"}



=== TEST 13: a public endpoint issues a token to a session
--- request
POST /public-token
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 14: satisfy any: an allowed address is not a session
--- request
POST /any-token
--- error_code: 401
--- response_body_unlike: "token":



=== TEST 15: a denied address gets no token, even with a session
--- request
POST /never-token
--- more_headers eval: $::Session
--- error_code: 403
--- response_body_unlike: "token"



=== TEST 16: a session in a cookie gets a token where cookies are configured
--- request
POST /cookie-token
--- more_headers eval: "Origin: http://localhost\nCookie: a=b; session=" . session_jwt(7) . '; c=d'
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 17: a session in a cookie gets no token where they are not
--- request
POST /ws-token
--- more_headers eval: 'Cookie: session=' . session_jwt(7)
--- error_code: 401



=== TEST 18: the endpoint's requirements on sessions apply
--- request eval
['POST /admin-token', 'POST /admin-token', 'POST /admin-token']
--- more_headers eval
["Authorization: Bearer " . session_jwt(7), "Authorization: Bearer " . session_jwt(7, role => 'user'),
 "Authorization: Bearer " . session_jwt(7, role => 'admin')]
--- error_code eval: [403, 403, 200]



=== TEST 19: the user id is limited to what the store can hold
--- request eval
['POST /ws-token', 'POST /ws-token']
--- more_headers eval
['Authorization: Bearer ' . session_jwt('x' x 41), 'Authorization: Bearer ' . session_jwt('x' x 42)]
--- error_code eval: [200, 403]
--- response_body_like eval: ['"token":"[0-9a-f]{64}"', '^\{"error":"User id too long"\}$']



=== TEST 20: the user id may come from another claim
--- request
POST /sub-token
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(undef, sub => 'ann')
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 21: a WebSocket handshake gets no token
--- request
GET /ws-token
--- more_headers eval
"$::Session\nUpgrade: websocket\nConnection: Upgrade, close\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
--- error_code: 405



=== TEST 22: HTTP/1.0 is accepted
--- request
POST /ws-token HTTP/1.0
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 23: other spellings of the path are accepted
--- request eval
['POST //ws-token', 'POST /x/../ws-token', 'POST /%77s-token', 'POST http://other/ws-token']
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(200) x 4]
