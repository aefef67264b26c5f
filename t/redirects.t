# Decisions across internal redirects and subrequests.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of more than 32 bytes';

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);

application_behind_the_gate();
follow_up();

run_tests();

__DATA__

=== TEST 1: a try_files target is gated by its own location
--- config
    location /files/ { root html; try_files $uri @api; }
    location @api { auth_gate jwt; proxy_pass http://app; }
--- request eval: [('GET /files/none') x 2]
--- more_headers eval: ['X-No: 1', $::Session]
--- error_code eval: [401, 200]
--- response_body eval: [$::Absent, 'GET /files/none']



=== TEST 2: the decision survives try_files to a named location
--- config
    location /files/ { auth_gate jwt; root html; try_files $uri @api; }
    location @api { proxy_set_header X-User $auth_gate_user_id; proxy_pass http://app; }
--- app: user $http_x_user
--- request eval: [('GET /files/none') x 2]
--- more_headers eval: [$::Session, 'X-User: 1']
--- error_code eval: [200, 401]
--- response_body eval: ['user 7', $::Absent]



=== TEST 3: gates before and after try_files
--- config
    auth_gate jwt;
    location /files/ { root html; try_files $uri @api; }
    location @api { auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: [('GET /files/none') x 3]
--- more_headers eval: ['X-No: 1', $::Session, 'Authorization: Bearer ' . session_jwt(7, role => 'admin')]
--- error_code eval: [401, 403, 200]



=== TEST 4: a location with other keys decides anew after try_files
--- config
    location /files/ { auth_gate jwt; root html; try_files $uri @api; }
    location @api { auth_gate jwt; auth_gate_secret env:OTHER_SECRET; proxy_pass http://app; }
--- request
GET /files/none
--- more_headers eval: $::Session
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 5: an index target is gated by its own location
--- config
    location = /docs/ { index page.html; }
    location = /docs/page.html { auth_gate jwt; proxy_pass http://app; }
--- user_files
>>> docs/page.html
a page
--- request eval: [('GET /docs/') x 2]
--- more_headers eval: ['X-No: 1', $::Session]
--- error_code eval: [401, 200]



=== TEST 6: rewrite … last is gated by its target location
--- config
    location /old/ { rewrite ^/old/(.*)$ /new/$1 last; }
    location /new/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: [('GET /old/a') x 2]
--- more_headers eval: ['X-No: 1', $::Session]
--- error_code eval: [401, 200]



=== TEST 7: rewrite … last out of a gated location is not gated by it
--- config
    location /old/ { auth_gate jwt; rewrite ^/old/(.*)$ /new/$1 last; }
    location /new/ { proxy_pass http://app; }
--- request
GET /old/a
--- error_code: 200



=== TEST 8: a JWT in the URL of a gated location is refused even after a rewrite
--- config
    location /old/ { auth_gate jwt; rewrite ^/old/(.*)$ /new/$1 last; }
    location /new/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: 'GET /old/a?token=' . session_jwt(7)
--- more_headers eval: $::Session
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 9: rewrite … break is gated by its location
--- config
    location /old/ { auth_gate jwt; rewrite ^/old/(.*)$ /new/$1 break; proxy_pass http://app; }
--- request eval: [('GET /old/a') x 2]
--- more_headers eval: ['X-No: 1', $::Session]
--- error_code eval: [401, 200]
--- response_body eval: [$::Absent, 'GET /new/a']



=== TEST 10: X-Accel-Redirect to a gated location uses the request's session
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; location / { add_header X-Accel-Redirect /inside/x; return 200; } }
--- config
    location = /download { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; }
    location /inside/ { internal; auth_gate jwt; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://app; }
--- app: user $http_x_user
--- request eval: [('GET /download') x 2]
--- more_headers eval: [$::Session, 'X-No: 1']
--- error_code eval: [200, 401]
--- response_body eval: ['user 7', $::Absent]



=== TEST 11: auth_request in a gated location knows the user
--- config
    location = /api   { auth_gate jwt; auth_request /check; proxy_pass http://app; }
    location = /check { internal; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/check.sock; }
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/check.sock; location / { if ($http_x_user = 7) { return 204; } return 403; } }
--- request eval: [('GET /api') x 3]
--- more_headers eval: [$::Session, 'X-User: 7', 'Authorization: Bearer ' . session_jwt(8)]
--- error_code eval: [200, 401, 403]



=== TEST 12: auth_request to a gated location is decided by it, and not answered with its JSON
--- config
    location = /api   { auth_request /check; proxy_pass http://app; }
    location = /check { internal; auth_gate jwt; proxy_pass http://app; }
--- request
GET /api
--- error_code: 401
--- response_body_like: 401 Authorization Required



=== TEST 13: a subrequest's 401 is not mistaken for the gate's
--- config
    location = /api   { auth_gate jwt; auth_request /check; proxy_pass http://app; }
    location = /check { internal; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/check.sock; }
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/check.sock; location / { add_header WWW-Authenticate "Other realm=x" always; return 401; } }
--- request
GET /api
--- more_headers eval: $::Session
--- error_code: 401
--- response_headers
WWW-Authenticate: Other realm=x
--- response_body_like: 401 Authorization Required
--- no_error_log eval: $::NotReached



=== TEST 14: only admitted requests are mirrored
--- config
    location = /api    { auth_gate jwt; mirror /mirror; proxy_pass http://app; }
    location = /mirror { internal; proxy_pass http://app; }
--- request
GET /api
--- error_code: 401
--- response_body eval: $::Absent
--- no_error_log eval: $::NotReached



=== TEST 15: an internal location after a refusal is not reached
--- config
    location = /api    { auth_gate jwt; proxy_pass http://app; }
    location = /inside { internal; auth_gate jwt; proxy_pass http://app; }
--- request
GET /inside
--- more_headers eval: $::Session
--- error_code: 404
--- no_error_log eval: $::NotReached



=== TEST 16: too many internal redirects through gated locations end as in nginx
--- config
    location ^~ /a { auth_gate jwt; try_files /none $uri/a; }
--- request
GET /a
--- more_headers eval: $::Session
--- error_code: 500
--- no_error_log
[alert]
[crit]



=== TEST 17: a location after try_files applies its own identity settings
--- http_config
    auth_gate_zone zone=gate:1m tokens=1000;
--- config
    location /files/ { auth_gate jwt; auth_gate_mfa always; auth_gate_identity claims mfa=weak; root html; try_files $uri @api; }
    location @api    { auth_gate jwt; auth_gate_mfa always; auth_gate_identity claims mfa=strong; proxy_pass http://app; }
--- request eval: [('GET /files/none') x 3]
--- more_headers eval
[map { 'Authorization: Bearer ' . session_jwt(7, map { $_ => JSON::PP::true() } @$_) } ['weak'], ['strong'], ['weak', 'strong']]
--- error_code eval: [403, 403, 200]



=== TEST 18: one user's data is not shown for another user, admitted after try_files
--- http_config
    auth_gate_zone zone=gate:1m tokens=1000;
--- config
    auth_gate_mfa      always;
    auth_gate_identity claims;
    location /files/ { auth_gate jwt; root html; try_files $uri @api; }
    location @api    { auth_gate jwt; auth_gate_jwt_from cookie:session; proxy_pass http://app; }
--- request eval: [('GET /files/none') x 2]
--- more_headers eval
my $with = 'Authorization: Bearer ' . session_jwt(7, mfa_enabled => JSON::PP::true()) . "\nCookie: session=";
[$with . session_jwt(8, mfa_enabled => JSON::PP::false()), $with . session_jwt(8, mfa_enabled => JSON::PP::true())]
--- error_code eval: [403, 200]



=== TEST 19: also if a token admits the other user
--- http_config
    auth_gate_zone zone=gate:1m tokens=1000;
--- config
    auth_gate_mfa      always;
    auth_gate_identity claims;
    location = /token { auth_gate_issue download; auth_gate_mfa off; }
    location /files/  { auth_gate jwt; root html; try_files $uri /by/token$is_args$args; }
    location /by/     { auth_gate token=download; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(8, mfa_enabled => JSON::PP::false())
--- error_code: 200
--- then eval
[['GET /files/none?token=%TOKEN%', 403, qr/MFA_REQUIRED/,
    ['Authorization: Bearer ' . session_jwt(7, mfa_enabled => JSON::PP::true())]]]



=== TEST 20: a fresh JWT is signed by the settings of the location that uses it
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock;
        location / { add_header X-Accel-Redirect /inside/x; return 200; }
    }
    map $http_x_jwt $begins { ~^[^.]+\.eyJzdWIi sub; ~^[^.]+\.eyJpZCI6 id; }
--- config
    auth_gate_upstream_jwt on minimal;
    location = /download { auth_gate jwt; proxy_set_header X-Jwt $auth_gate_jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; }
    location /inside/ {
        internal;
        auth_gate jwt;
        auth_gate_user_claim sub;
        proxy_set_header X-Jwt $auth_gate_jwt;
        proxy_pass http://app;
    }
--- app: $begins
--- request
GET /download
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, sub => 8)
--- error_code: 200
--- response_body: sub



=== TEST 21: a log does not contain a JWT that was signed earlier
--- http_config
    auth_gate_zone zone=gate:1m tokens=1000;
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock;
        access_log off;
        location / { add_header X-Accel-Redirect /inside/x; return 200; }
    }
--- config
    location = /download { auth_gate jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock:/x?token=$auth_gate_jwt; }
    location /inside/ {
        internal;
        auth_gate jwt;
        auth_gate_user_claim sub;
        auth_gate_mfa always;
        auth_gate_identity claims;
        proxy_pass http://app;
    }
--- request
GET /download
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, sub => 8)
--- error_code: 403
--- error_log eval: qr{request refused: MFA is required, and the user has none,.*/x\?token=\*+"}
--- no_error_log
[alert]
[crit]
