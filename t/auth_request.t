# auth_request to gated locations. nginx has no access phase for subrequests.

use lib 't/lib';
use AuthGateTest;
use AuthGateTest::Reference;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# Users 1 and 3 have MFA.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone zone=gate:1m tokens=1000;
    map $http_authorization $me {
        ~\.eyJpZCI6MSwi '{"user":{"id":1,"role":"admin","mfa_enabled":true}}';
        ~\.eyJpZCI6Miwi '{"user":{"id":2,"role":"user","mfa_enabled":false}}';
        ~\.eyJpZCI6Mywi '{"user":{"id":3,"role":"user","mfa_enabled":true}}';
        default         '{"error":"who?"}';
    }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/pages.sock;
        location = /me { return 200 $me; }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity /_identity cache=0;
    location = /_identity { internal; proxy_pass http://pages/me; }
    location = /_jwt      { internal; auth_gate jwt; empty_gif; }
    location = /_mfa      { internal; auth_gate jwt; auth_gate_mfa always; empty_gif; }
    location = /_dead     { internal; auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_nobody; empty_gif; }
    location = /jwt       { auth_gate jwt; empty_gif; }
    location /tool        { auth_request /_jwt; proxy_pass http://app; }
    location /plain       { auth_request /jwt; proxy_pass http://app; }
    location /mfa         { auth_request /_mfa; proxy_pass http://app; }
    location /dead        { auth_request /_dead; proxy_pass http://app; }
_EOC_

our %As = map { $_ => 'Authorization: Bearer ' . session_jwt($_) } 1 .. 9;

# The configuration of README.md.
our ($Recipe) = grep { /auth_request / } text_of('README.md') =~ /^```nginx\n((?:(?!```).*\n)*)/mg;

application_behind_the_gate($Config);
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => ($block->http_config // '') . "upstream pages { server unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/pages.sock; }\n"
        . ($HttpConfig =~ s/\$TEST_NGINX_SERVER_ROOT/$ENV{TEST_NGINX_SERVER_ROOT}/gr));
    $block->set_value(request => 'GET /tool') if !defined $block->request;
});
follow_up();
run_tests();

__DATA__

=== TEST 1: auth_request to a gated location asks for a session
--- request eval: [('GET /tool') x 4]
--- more_headers eval: ['X-No: 1', $::As{7}, 'Authorization: Bearer x', 'Authorization: Bearer ' . session_jwt(7, -secret => 'x' x 40)]
--- error_code eval: [401, 200, 401, 401]
--- response_headers eval: ['WWW-Authenticate: Bearer', '!WWW-Authenticate', ('WWW-Authenticate: Bearer error="invalid_token"') x 2]



=== TEST 2: also if the location is not internal
--- request eval: [('GET /plain') x 3]
--- more_headers eval: ['X-No: 1', $::As{7}, 'Authorization: Bearer x']
--- error_code eval: [401, 200, 401]



=== TEST 3: a refused request does not reach the application
--- error_code: 401
--- no_error_log
[alert]
[crit]
server: app,



=== TEST 4: a session cookie counts where it does, and requirements
--- config
    location = /_jwt { internal; auth_gate jwt; auth_gate_jwt_from cookie:sid; auth_gate_require role=admin; empty_gif; }
    location /tool   { auth_request /_jwt; proxy_pass http://app; }
--- request eval: [('GET /tool') x 4]
--- more_headers eval
['Cookie: sid=' . session_jwt(7, role => 'admin'), 'Cookie: sid=' . session_jwt(7), 'Authorization: Bearer ' . session_jwt(7, role => 'admin'),
    'Cookie: sid=' . session_jwt(7, role => 'admin') . '; sid=x']
--- error_code eval: [200, 403, 401, 401]



=== TEST 5: the second factor is part of the decision
--- request eval: [('GET /mfa') x 3]
--- more_headers eval: ['X-No: 1', $::As{2}, $::As{3}]
--- error_code eval: [401, 403, 200]



=== TEST 6: the headers reach the application as they were sent
--- app: $http_authorization|$http_cookie
--- config
    location = /_jwt { internal; auth_gate jwt; auth_gate_jwt_from cookie:sid; empty_gif; }
    location /tool   { auth_request /_jwt; proxy_pass http://app; }
--- more_headers eval: "Authorization: Bearer x\nCookie: a=b; sid=" . session_jwt(7, iat => 1, exp => 9999999999)
--- error_code: 200
--- response_body eval: "Bearer x|a=b; sid=" . session_jwt(7, iat => 1, exp => 9999999999)



=== TEST 7: what is known of the user can be taken over, and is not the main request's
--- app: $http_x_user $http_x_own $http_x_decision
--- config
    location = /_jwt { internal; auth_gate jwt; empty_gif; }
    location /tool   {
        auth_request     /_jwt;
        auth_request_set $user     $auth_gate_user_id;
        auth_request_set $decision $auth_gate_decision;
        proxy_set_header X-User     $user;
        proxy_set_header X-Own      own=$auth_gate_user_id;
        proxy_set_header X-Decision $decision;
        proxy_pass       http://app;
    }
--- more_headers eval: $::As{7}
--- error_code: 200
--- response_body: 7 own= allow



=== TEST 8: a token stays with the main request: it neither lets in nor is spent
--- config
    location = /token { auth_gate_issue download; }
    location = /_jwt  { internal; auth_gate jwt token=download; empty_gif; }
    location /tool    { auth_request /_jwt; proxy_pass http://app; }
    location /file    { auth_gate token=download; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: $::As{7}
--- then eval: [['GET /tool?token=%TOKEN%', 401], ['GET /tool?token=%TOKEN%', 200, undef, [$::As{7}]], ['GET /file?token=%TOKEN%', 200]]



=== TEST 9: where auth_request leads, a token's session meets the same demands as a JWT's
--- config
    location = /token { auth_gate_issue download; }
    location = /_same { internal; auth_gate jwt; empty_gif; }
    location = /_id   { internal; auth_gate jwt; auth_gate_require id=7; empty_gif; }
    location = /_role { internal; auth_gate jwt; auth_gate_require role=admin; empty_gif; }
    location /same    { auth_gate token=download; auth_request /_same; proxy_pass http://app; }
    location /id      { auth_gate token=download; auth_request /_id; proxy_pass http://app; }
    location /jwt     { auth_gate jwt token=download; auth_request /_role; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: $::As{7}
--- then eval: [['GET /id?token=%TOKEN%', 200], ['GET /jwt', 403, undef, [$::As{7}]]]



=== TEST 25: and fails the same ones
--- config
    location = /token { auth_gate_issue download; }
    location = /_role { internal; auth_gate jwt; auth_gate_require role=admin; empty_gif; }
    location /role    { auth_gate token=download; auth_request /_role; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: $::As{7}
--- then eval: [['GET /role?token=%TOKEN%', 401]]



=== TEST 10: a location that the token would have let in, too, lets it in after the redemption
--- config
    location = /token { auth_gate_issue download; }
    location = /_same { internal; auth_gate jwt; empty_gif; }
    location /same    { auth_gate token=download; auth_request /_same; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: $::As{7}
--- then eval: [['GET /same?token=%TOKEN%', 200], ['GET /same?token=%TOKEN%', 401]]



=== TEST 11: an internal location that only inherits its gate is for everybody
--- config
    auth_gate jwt;
    location = /_check { internal; empty_gif; }
    location = /_own   { internal; auth_gate jwt; empty_gif; }
    location /open     { auth_gate off; auth_request /_check; proxy_pass http://app; }
    location /closed   { auth_gate off; auth_request /_own; proxy_pass http://app; }
--- request eval: ['GET /open', 'GET /closed', 'GET /closed']
--- more_headers eval: ['X-No: 1', 'X-No: 1', $::As{7}]
--- error_code eval: [200, 401, 200]



=== TEST 12: blocks within an internal gated location are gated too
--- config
    location /_in/      { internal; auth_gate jwt; location = /_in/nested { empty_gif; } location = /_in/if { if ($uri ~ ^) { } empty_gif; } }
    location /_if       { internal; auth_gate jwt; if ($uri ~ ^) { set $y 1; } empty_gif; }
    location /nested    { auth_request /_in/nested; proxy_pass http://app; }
    location /nested-if { auth_request /_in/if; proxy_pass http://app; }
    location /if        { auth_request /_if; proxy_pass http://app; }
--- request eval: [map { ("GET $_") x 2 } '/nested', '/nested-if', '/if']
--- more_headers eval: [('X-No: 1', $::As{7}) x 3]
--- error_code eval: [(401, 200) x 3]



=== TEST 13: a redirect within the subrequest is decided where it ends
--- config
    location = /_jwt   { internal; auth_gate jwt; try_files /nothing @admin; }
    location @admin    { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
    location = /_open  { internal; auth_gate off; try_files /nothing @admin; }
    location /tool     { auth_request /_jwt; proxy_pass http://app; }
    location /open     { auth_request /_open; proxy_pass http://app; }
--- request eval: [map { ("GET $_") x 3 } '/tool', '/open']
--- more_headers eval: [('X-No: 1', $::As{7}, 'Authorization: Bearer ' . session_jwt(7, role => 'admin')) x 2]
--- error_code eval: [(401, 403, 200) x 2]



=== TEST 14: the gate's own lookups are let in, whatever their location says
--- config
    location = /whoami { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /whoami; proxy_pass http://pages/me; }
    location = /api    { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /whoami cache=0; proxy_pass http://app; }
    location = /_own   { internal; auth_gate jwt; proxy_pass http://pages/me; }
    location = /own    { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_own cache=0; proxy_pass http://app; }
    location = /tried  { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_tried cache=0; proxy_pass http://app; }
    location = /_tried { internal; auth_gate jwt; try_files /nothing @tried; }
    location @tried    { auth_gate jwt; rewrite ^ /me break; proxy_pass http://pages; }
--- request eval: ['GET /api', 'GET /own', 'GET /tried', 'GET /api', 'GET /own', 'GET /tried', 'GET /whoami']
--- more_headers eval: [($::As{3}) x 3, ($::As{2}) x 3, 'X-No: 1']
--- error_code eval: [(200) x 3, (403) x 3, 401]



=== TEST 15: what README.md says of auth_request
--- config eval: $::Config =~ s/location (?:= ._jwt|.tool).*?\n//gr . $::Recipe
--- app: $http_x_user
--- request eval: [('GET /tool/x') x 3, 'GET /dead']
--- more_headers eval: ['X-No: 1', $::As{7}, 'Authorization: Bearer x', $::As{7}]
--- error_code eval: [401, 200, 401, 500]
--- response_body_like eval: ['401 Auth', '^7$', '401 Auth', '500 Internal']



=== TEST 16: its error_page makes 503 and 400 of the 500 that auth_request makes of them
--- config eval
my $other = $::Recipe =~ s{/tool/}{/bad/}r =~ s{/_jwt;}{'/_jwt;x';}r =~ s{location = /_jwt.*?\n\}\n}{location /_jwt { internal; auth_gate jwt; empty_gif; }\n}sr =~ s{location .undecided.*}{}sr;
$::Recipe =~ s{/_jwt}{/_dead}gr =~ s{auth_gate jwt;}{auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_nobody;}r . $other
--- request eval: ['GET /tool/x', 'GET /bad/x', 'GET /bad/x']
--- more_headers eval: [$::As{7}, $::As{7}, 'X-No: 1']
--- error_code eval: [503, 400, 401]



=== TEST 17: a request that takes the user of another module with it
--- config
    location = /_jwt { internal; auth_gate jwt; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/check.sock; }
    location /tool   { auth_request /_jwt; proxy_pass http://app; }
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/check.sock; location / { if ($http_x_user = 7) { return 204; } return 403; } }
--- request eval: [('GET /tool') x 3]
--- more_headers eval: ['X-User: 7', $::As{7}, $::As{8}]
--- error_code eval: [401, 200, 403]



=== TEST 18: a rule of the subrequest's location knows who asks
--- config
    location = /_jwt { internal; auth_gate jwt; if ($auth_gate_claim_role = guest) { return 403; } empty_gif; }
    location /tool   { auth_request /_jwt; proxy_pass http://app; }
    location /jwt    { auth_gate jwt; auth_gate_require role=guest; auth_request /_jwt; proxy_pass http://app; }
--- request eval: [('GET /tool') x 3, 'GET /jwt', 'GET /tool?token=' . session_jwt(7, role => 'guest')]
--- more_headers eval
['X-No: 1', $::As{7}, ('Authorization: Bearer ' . session_jwt(7, role => 'guest')) x 3]
--- error_code eval: [401, 200, 403, 403, 403]



=== TEST 19: it knows its own user, and the main request its own
--- app: $http_x_user $http_x_sub
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/check.sock; location / { add_header X-Sub "$http_x_user,$http_x_early"; return 204; } }
--- config
    location = /_jwt {
        internal;
        auth_gate jwt;
        auth_gate_jwt_from cookie:sid;
        set $early $auth_gate_user_id;
        proxy_set_header X-User  $auth_gate_user_id;
        proxy_set_header X-Early $early;
        proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/check.sock;
    }
    location /tool {
        auth_gate jwt;
        auth_request /_jwt;
        auth_request_set $sub $upstream_http_x_sub;
        proxy_set_header X-User $auth_gate_user_id;
        proxy_set_header X-Sub  $sub;
        proxy_pass http://app;
    }
--- request eval: [('GET /tool') x 2]
--- more_headers eval: ["$::As{7}\nCookie: sid=" . session_jwt(8), $::As{7}]
--- error_code eval: [200, 401]
--- response_body_like eval: ['^7 8,8$', '401 Auth']



=== TEST 20: a page of another origin opens no WebSocket by the way of auth_request
--- config
    location = /_jwt { internal; auth_gate jwt; auth_gate_jwt_from cookie:sid; empty_gif; }
    location /tool   { auth_request /_jwt; proxy_pass http://app; }
--- raw_request eval
CORE::join "\r\n", 'GET /tool HTTP/1.1', 'Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade, close', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Origin: https://elsewhere.example', 'Cookie: sid=' . session_jwt(7), '', ''
--- error_code: 403



=== TEST 21: what auth_request let in for a user is for nobody else in nginx's cache
--- http_config
    proxy_cache_path $TEST_NGINX_SERVER_ROOT/html/cache keys_zone=files:1m;
--- app: $http_authorization
--- config
    proxy_cache       files;
    proxy_cache_valid 200 1h;
    location = /_jwt { internal; auth_gate jwt; empty_gif; }
    location /tool   { auth_request /_jwt; proxy_pass http://app; }
    location /open   { auth_request off; proxy_pass http://app; }
--- request eval: ['GET /tool', 'GET /tool', 'GET /open', 'GET /open']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7, iat => 1, exp => 9999999999), 'Authorization: Bearer ' . session_jwt(8, iat => 1, exp => 9999999999)) x 2]
--- response_body eval: [map { 'Bearer ' . session_jwt($_, iat => 1, exp => 9999999999) } 7, 8, 7, 7]



=== TEST 22: an internal location within a gated one asks for a session, one of a gated server does not
--- config
    location /_in/ { auth_gate jwt; location = /_in/x { internal; empty_gif; } location /_in/deep/ { location = /_in/deep/x { internal; empty_gif; } } }
    location /in   { auth_request /_in/x; proxy_pass http://app; }
    location /deep { auth_request /_in/deep/x; proxy_pass http://app; }
--- request eval: [('GET /in') x 2, ('GET /deep') x 2]
--- more_headers eval: ['X-No: 1', $::As{7}, 'X-No: 1', $::As{7}]
--- error_code eval: [401, 200, 401, 200]



=== TEST 23: a subrequest's path with an empty segment is refused
--- config
    location /api/ { auth_gate jwt; empty_gif; }
    location ^~ /tool { auth_request //api/x; proxy_pass http://app; }
    location ~ .   { empty_gif; }
--- request eval: ['GET /tool']
--- error_code: 500



=== TEST 24: a rewrite of the site may make one
--- config
    location = /_check { internal; auth_gate jwt; rewrite ^ //check//user break; proxy_pass http://app; }
    location ^~ /tool  { auth_request /_check; proxy_pass http://app; }
--- request eval: ['GET /tool', 'GET /tool']
--- more_headers eval: ['X-No: 1', 'Authorization: Bearer ' . session_jwt(1)]
--- error_code eval: [401, 200]
