# Includes (SSI) of gated locations, and mirror to them. nginx has no access phase for subrequests.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of more than 32 bytes';

# Users 1 and 3 have MFA.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    map $http_authorization $me {
        ~\.eyJpZCI6MSwi '{"user":{"id":1,"role":"admin","mfa_enabled":true}}';
        ~\.eyJpZCI6Miwi '{"user":{"id":2,"role":"user","mfa_enabled":false}}';
        ~\.eyJpZCI6Mywi '{"user":{"id":3,"role":"user","mfa_enabled":true}}';
        default         '{"error":"who?"}';
    }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/pages.sock;
        default_type text/html;
        location = /me        { return 200 $me; }
        location ~ /two$      { return 200 'A<!--#include virtual="/site/one" -->B<!--#include virtual="/site/two-of-two" -->C'; }
        location ~ /to(/.*)$  { return 200 'A<!--#include virtual="$1" -->C'; }
        location ~ /nested$   { return 200 '<<!--#include virtual="/site/two" -->>'; }
        location /            { return 200 '[$uri $http_x_user]'; }
    }
_EOC_

our $Absent = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our %As     = map { $_ => 'Authorization: Bearer ' . session_jwt($_) } 1 .. 9;

application_behind_the_gate();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => ($block->http_config // '') . "upstream pages { server unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/pages.sock; }\n"
        . ($HttpConfig =~ s/\$TEST_NGINX_SERVER_ROOT/$ENV{TEST_NGINX_SERVER_ROOT}/gr));
});
follow_up();
run_tests();

__DATA__

=== TEST 1: a public page of a location includes what needs a session for those who have one
--- config
    auth_gate_public GET /site/public/*;
    location /site/ { auth_gate jwt; ssi on; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://pages; }
--- request eval: [('GET /site/public/to/site/one') x 4]
--- more_headers eval: ['X-No: 1', $::As{7}, 'Authorization: Bearer x', "Authorization: Bearer x\nX-User: 7"]
--- error_code eval: [(200) x 4]
--- response_body_like eval: ['^A<html>.*401 Auth.*C$', '^A\[/site/one 7\]C$', ('^A<html>.*401 Auth.*C$') x 2]



=== TEST 2: an exempt page of a location includes the rest for those who have MFA
--- config
    auth_gate_mfa_exempt GET /site/exempt/*;
    auth_gate_identity   claims;
    location /site/ { auth_gate jwt; auth_gate_mfa always; ssi on; proxy_pass http://pages; }
--- request eval: [('GET /site/exempt/to/site/one') x 3, 'GET /site/one']
--- more_headers eval: ['X-No: 1', $::As{7}, 'Authorization: Bearer ' . session_jwt(7, mfa_enabled => JSON::PP::true()), $::As{7}]
--- error_code eval: [401, 200, 200, 403]
--- response_body_like eval: [quotemeta $::Absent, '^A<html>.*403 Forb.*C$', '^A\[/site/one \]C$', 'MFA_REQUIRED']



=== TEST 3: includes wait for a lookup each, and stay in their order
--- config
    auth_gate_mfa_exempt GET /site/exempt/*;
    auth_gate_identity   /_identity cache=0;
    location = /_identity { internal; proxy_pass http://pages/me; }
    location /site/ { auth_gate jwt; auth_gate_mfa always; ssi on; proxy_pass http://pages; }
--- request eval: [('GET /site/exempt/two') x 2]
--- more_headers eval: [$::As{3}, $::As{2}]
--- response_body_like eval: ['^A\[/site/one \]B\[/site/two-of-two \]C$', '^A<html>.*403 Forb.*B<html>.*403 Forb.*C$']



=== TEST 4: or wait for each other's
--- config
    auth_gate_mfa_exempt GET /site/exempt/*;
    auth_gate_identity   /_identity cache=10s;
    location = /_identity { internal; proxy_pass http://pages/me; }
    location /site/ { auth_gate jwt; auth_gate_mfa always; ssi on; proxy_pass http://pages; }
--- request eval: [('GET /site/exempt/two') x 3]
--- more_headers eval: [$::As{3}, $::As{2}, $::As{3}]
--- response_body_like eval: ['^A\[/site/one \]B\[/site/two-of-two \]C$', '^A<html>.*403 Forb.*B<html>.*403 Forb.*C$', '^A\[/site/one \]B\[/site/two-of-two \]C$']



=== TEST 5: includes in includes are decided, too
--- config
    auth_gate_public GET /site/public/* /site/two;
    location /site/ { auth_gate jwt; ssi on; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://pages; }
--- request eval: [('GET /site/public/nested') x 2]
--- more_headers eval: ['X-No: 1', $::As{7}]
--- response_body_like eval: ['^<A<html>.*401 Auth.*B<html>.*401 Auth.*C>$', '^<A\[/site/one 7\]B\[/site/two-of-two 7\]C>$']



=== TEST 6: what another module let in reaches includes of the same location, and of no other
--- config
    location /any/  { auth_gate jwt; satisfy any; allow all; ssi on; proxy_pass http://pages; }
    location /site/ { auth_gate jwt; proxy_pass http://pages; }
--- request eval: ['GET /any/to/any/one', 'GET /any/to/site/one', 'GET /any/to/site/one']
--- more_headers eval: ['X-No: 1', 'X-No: 1', $::As{7}]
--- response_body_like eval: ['^A\[/any/one \]C$', '^A<html>.*401 Auth.*C$', '^A\[/site/one \]C$']



=== TEST 7: a page that a token let in includes what is for the same sessions
--- config
    location = /token { auth_gate_issue download; }
    location /file/   { auth_gate token=download; ssi on; proxy_pass http://pages; }
    location /site/   { auth_gate jwt; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://pages; }
--- request
POST /token
--- more_headers eval: $::As{7}
--- then eval: [['GET /file/to/site/one?token=%TOKEN%', 200, 'A[/site/one 7]C']]



=== TEST 8: and nothing else
--- config
    location = /token { auth_gate_issue download; }
    location /file/   { auth_gate token=download; ssi on; proxy_pass http://pages; }
    location /other/  { auth_gate jwt; auth_gate_secret env:OTHER_SECRET; proxy_pass http://pages; }
--- request
POST /token
--- more_headers eval: $::As{7}
--- then eval: [['GET /file/to/other/one?token=%TOKEN%', 200, qr/^A<html>.*401 Auth.*C$/s]]



=== TEST 9: the page of a refusal includes nothing of a gated location
--- config
    location /api/  { auth_gate jwt; auth_gate_mfa always; auth_gate_identity claims; error_page 401 403 = /any/to/site/one; proxy_pass http://pages; }
    location /any/  { ssi on; proxy_pass http://pages; }
    location /site/ { auth_gate jwt; auth_gate_mfa always; auth_gate_identity claims; proxy_pass http://pages; }
--- request eval: [('GET /api/x') x 2]
--- more_headers eval: ['X-No: 1', $::As{7}]
--- response_body_like eval: ['^A<html>.*401 Auth.*C$', '^A<html>.*403 Forb.*C$']



=== TEST 10: a path that servers read differently is refused wherever an include leads
--- config
    auth_gate_public GET /site/public/* /site/two;
    location = /site/admin { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://pages; }
    location = /check      { auth_gate jwt; auth_gate_path as_sent; proxy_pass http://pages; }
    location /site/        { auth_gate jwt; ssi on; proxy_pass http://pages; }
    location /as_sent/     { auth_gate jwt; auth_gate_path as_sent; proxy_pass http://pages; }
    location /any/         { proxy_pass http://pages; }
--- request eval: [map { "GET /site/public/to$_" } '/site/a', '/site/admin%253Bx', '/any/%253B/site/one', '/as_sent/a%253Bb']
--- more_headers eval: $::As{7}
--- response_body_like eval: ['^A\[/site/a \]C$', ('^A<html>.*400 Bad.*C$') x 2, '^A\[/as_sent/a;b \]C$']



=== TEST 11: a mirrored request is decided where its location says so itself
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/mirror.sock; server_name mirror; location / { return 200; } }
--- config
    location = /api     { mirror /_mirror; proxy_pass http://app; }
    location = /_mirror { internal; auth_gate jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/mirror.sock; }
--- request
GET /api
--- error_code: 200
--- error_log
auth_gate: request refused: no credentials



=== TEST 12: no log contains a JWT that was signed for a subrequest
--- config
    auth_gate_public   GET /site/public/*;
    auth_gate_identity /_identity cache=0;
    location = /_identity { internal; proxy_pass http://127.0.0.1:1/me?t=$auth_gate_jwt; }
    location = /token { auth_gate_issue download; }
    location /site/ { auth_gate jwt token=download; auth_gate_mfa always; ssi on; proxy_pass http://pages; }
--- request
GET /site/public/to/site/one
--- more_headers eval: $::As{7}
--- response_body_like: ^A<html>.*503 Serv.*C$
--- error_log eval: qr{/me\?t=\*+"}
--- no_error_log eval: [qr/upstream: .*eyJ/, '[alert]']



=== TEST 13: or one for the main request and one for the subrequest
--- config
    location = /token { auth_gate_issue download; }
    location /file/   { auth_gate token=download; ssi on; proxy_pass http://pages; }
    location /dead/   { auth_gate jwt; auth_gate_upstream_jwt on ttl=5s; proxy_pass http://127.0.0.1:1/x?t=$auth_gate_jwt; }
--- request
POST /token
--- more_headers eval: $::As{7}
--- then eval: [['GET /file/to/dead/x?token=%TOKEN%', 200, qr/^A<html>.*502 Bad.*C$/s]]
--- error_log eval: qr{/x\?t=\*+"}
--- no_error_log eval: [qr/upstream: .*eyJ/, '[alert]']



=== TEST 14: endpoints for administrators answer no subrequests
--- config
    auth_gate_identity   claims;
    auth_gate            jwt;
    location = /site/settings { auth_gate_app_settings on; proxy_pass http://pages; }
    location = /site/disable  { auth_gate_mfa_disable on; proxy_pass http://pages; }
    location = /site/internal { internal; auth_gate_app_settings on; proxy_pass http://pages; }
    location /site/           { ssi on; proxy_pass http://pages; }
--- request eval: [map { "GET $_" } '/site/to/site/settings', '/site/to/site/disable', '/site/to/site/internal', '/site/settings']
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(1, role => 'admin')
--- response_body_like eval: [('^A<html>.*403 Forb.*C$') x 3, '^\[/site/settings \]$']



=== TEST 15: where the application redirects a PUT of settings, the gate decides, too
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/moves.sock; location / { add_header X-Accel-Redirect $uri/inside; return 200; } }
--- config
    auth_gate_identity claims;
    location /may/      { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/moves.sock; }
    location /may/not/  { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/moves.sock; }
    location = /may/x/inside     { auth_gate jwt; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://pages; }
    location = /may/not/x/inside { auth_gate jwt; auth_gate_require aud=other; proxy_pass http://pages; }
--- request eval: [map { "PUT $_\n" . '{"a":1,"require_mfa":false}' } '/may/x', '/may/not/x']
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(1, role => 'admin')
--- error_code eval: [200, 403]
--- response_body_like eval: ['^\[/may/x/inside 1\]$', '403 Forbidden']
