# Every inherited directive, set in http, counts in a location within a location. t/directives.t demands a block for each.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}    = $SECRET;
$ENV{CLIENT_SECRET} = 'the client secret';

our $Config = <<'_EOC_';
    location = /token { auth_gate_issue download; }
    location /outer   { location /outer/gate { auth_gate jwt; proxy_pass http://app; } location /outer/open { proxy_pass http://app; } }
    location /file    { location /file/in { auth_gate token=download; proxy_pass http://app; } }
    location /oidc/   { auth_gate_oidc sso; }
_EOC_

our $Zone     = 'auth_gate_zone zone=gate:1m tokens=100; ';
our $Provider = 'auth_gate_oidc_provider sso { client_id gate; issuer https://127.0.0.1:1; client_secret env:CLIENT_SECRET; '
    . 'app_url https://app.example; } ';

sub session { return 'Authorization: Bearer ' . session_jwt(7, @_) }

application_behind_the_gate();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $Zone . $Provider . $block->http_config);
    $block->set_value(config => $Config);
    $block->set_value(request => 'GET /outer/gate') if !defined $block->request;
});
follow_up();

run_tests();

__DATA__

=== TEST 1: auth_gate
--- http_config
auth_gate jwt;
--- request eval: [('GET /outer/open') x 2]
--- more_headers eval: ['X-No: 1', ::session()]
--- error_code eval: [401, 200]



=== TEST 2: auth_gate with a purpose
--- http_config
auth_gate token=download;
--- request
POST /token
--- more_headers eval: ::session()
--- then eval: [['GET /outer/open', 401], ['GET /outer/open?token=%TOKEN%', 200]]



=== TEST 3: auth_gate_secret
--- http_config
--- more_headers eval: ::session()
--- error_code: 200



=== TEST 4: auth_gate_jwt_from
--- http_config
auth_gate_jwt_from cookie:sid;
--- more_headers eval: 'Cookie: sid=' . session_jwt(7)
--- error_code: 200



=== TEST 5: auth_gate_jwt_max_size
--- http_config
auth_gate_jwt_max_size 64;
--- more_headers eval: ::session()
--- error_code: 401



=== TEST 6: auth_gate_leeway
--- http_config
auth_gate_leeway 1h;
--- more_headers eval: ::session(exp => time - 600)
--- error_code: 200



=== TEST 7: auth_gate_require
--- http_config
auth_gate_require aud=other;
--- more_headers eval: ::session()
--- error_code: 403



=== TEST 8: auth_gate_require_exp
--- http_config
auth_gate_require_exp off;
--- more_headers eval: ::session(exp => undef)
--- error_code: 200



=== TEST 9: auth_gate_user_claim
--- http_config
auth_gate_user_claim sub;
--- more_headers eval: ::session(id => undef, sub => 7)
--- error_code: 200



=== TEST 10: auth_gate_upstream_jwt
--- http_config
auth_gate_upstream_jwt off;
--- app: authorization=$http_authorization
--- request
POST /token
--- more_headers eval: ::session()
--- then eval: [['GET /file/in?token=%TOKEN%', 200, 'authorization=']]



=== TEST 11: auth_gate_ws_close
--- http_config
auth_gate_ws_close on slow=1s;
--- raw_request eval
CORE::join "\r\n", 'GET /outer/gate HTTP/1.1', 'Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''
--- error_code: 101



=== TEST 12: auth_gate_login_url
--- http_config
auth_gate_login_url /login;
--- more_headers
Accept: text/html
--- error_code: 302
--- response_headers
Location: /login



=== TEST 13: auth_gate_identity
--- http_config
auth_gate_identity claims mfa=second;
auth_gate_mfa always;
--- more_headers eval: ::session(second => JSON::PP::true())
--- error_code: 200



=== TEST 14: auth_gate_mfa
--- http_config
auth_gate_identity claims;
auth_gate_mfa always;
--- more_headers eval: ::session()
--- error_code: 403



=== TEST 15: auth_gate_mfa_url
--- http_config
auth_gate_identity claims;
auth_gate_mfa always;
auth_gate_mfa_url /setup;
--- more_headers eval: "Accept: text/html\n" . ::session()
--- error_code: 302
--- response_headers
Location: /setup



=== TEST 16: auth_gate_oidc_session
--- http_config
auth_gate_oidc_session cookie:sid;
--- request
GET /oidc/logout
--- error_code: 302
--- response_headers_like
Set-Cookie: sid=;.*



=== TEST 17: auth_gate_public
--- http_config
auth_gate_public GET /outer/gate;
--- error_code: 200



=== TEST 18: auth_gate_origin
--- http_config
auth_gate_jwt_from cookie:sid;
auth_gate_origin https://app.example;
--- request eval: [('POST /token') x 2]
--- more_headers eval: [map { "Origin: https://$_.example\nCookie: sid=" . session_jwt(7) } qw(app evil)]
--- error_code eval: [200, 403]



=== TEST 19: auth_gate_mfa_exempt
--- http_config
auth_gate_identity claims;
auth_gate_mfa always;
auth_gate_mfa_exempt GET /outer/gate;
--- more_headers eval: ::session()
--- error_code: 200



=== TEST 20: auth_gate_mfa_bypass
--- http_config
auth_gate_identity claims;
auth_gate_mfa always;
auth_gate_mfa_bypass 127.0.0.1;
--- more_headers eval: ::session()
--- error_code: 200



=== TEST 21: auth_gate_path
--- http_config
auth_gate_path as_sent;
--- request
GET /outer/gate/x;y
--- more_headers eval: ::session()
--- response_body: GET /outer/gate/x;y



=== TEST 22: auth_gate_pass
--- http_config
auth_gate_pass arg:state;
--- request eval: [map { "GET /outer/gate/x?$_=" . session_jwt(8) } qw(state jwt)]
--- more_headers eval: [(::session()) x 2]
--- error_code eval: [200, 401]



=== TEST 23: auth_gate_cors
--- http_config
auth_gate_cors https://app.example;
--- more_headers
Origin: https://app.example
--- error_code: 401
--- response_headers
Access-Control-Allow-Origin: https://app.example
