# What the gate changes in a request's headers is what nginx's variables show from then on, whatever asked for them before:
# `if`, a volatile `map`, limit_req, the gate's own lookup. Other variables stay as they are. And in a gated server nothing but a WebSocket is an Upgrade.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Alice   = session_jwt(1, mfa_enabled => 0);
our $Bob     = session_jwt(2, mfa_enabled => 1);
our $Upgrade = "Connection: close, Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

# What asks for a variable before the access phase. The first is nobody.
our %Asked = (
    nobody    => '',
    if        => 'if ($%s ~ x) { set $unused 1; }',
    set       => 'set $unused $%s;',
    limit_req => 'limit_req zone=%s burst=1000 nodelay;',
    map       => 'if ($from_%s) { set $unused 1; }',
);
our @Upgrades = (
    ['X-No: 1', ''], ['Upgrade: websocket', 'websocket'], ['Upgrade: WebSocket', 'WebSocket'], ['Upgrade: h2c', ''], ['Upgrade: h2c, websocket', 'websocket'],
    ['Upgrade: websocket, h2c', 'websocket'], ["Upgrade: h2c\nUpgrade: websocket", 'websocket'], ["Upgrade: websocket\nUpgrade: H2C", 'websocket'],
    ['Upgrade: HTTP/2.0', ''], ['Upgrade: TLS/1.3, HTTP/1.1', ''], ['Upgrade: websocket h2c', ''], ['Upgrade: h2c;websocket', ''], ["Upgrade: h2c\twebsocket", ''],
    ['Upgrade: other', ''], ['Upgrade: ', ''], ['Upgrade: ,', ''], ['Upgrade: websocket/13', 'websocket/13'], ['Upgrade: h2c/websocket', ''],
);
our @Variables = qw(http_cookie cookie_sess http_authorization http_upgrade);

# A location for each of them: /VARIABLE/HOW.
our $Locations = CORE::join '', map {
    my $variable = $_;
    map {
        my $asks = $Asked{$_} =~ s/%s/$variable/r;
        "location /$variable/$_ { auth_gate jwt token=download; $asks proxy_pass http://app; proxy_http_version 1.1;
            proxy_set_header Cookie \$http_cookie; proxy_set_header X-Sess \$cookie_sess; proxy_set_header X-Map \$from_http_cookie;
            proxy_set_header Authorization \$http_authorization; proxy_set_header Upgrade \$http_upgrade; }\n"
    } sort keys %Asked
} @Variables;
our @Urls = map { my $variable = $_; map { "/$variable/$_" } sort keys %Asked } @Variables;

our $Http = CORE::join "\n", map { "limit_req_zone \$$_ zone=$_:1m rate=1000r/s; map \$$_ \$from_$_ { volatile; \"\" 0; default \$$_; }" } @Variables;

application_behind_the_gate("auth_gate_jwt_from bearer cookie:sess;\nlocation = /token { auth_gate_issue download; }\n$Locations");
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => "auth_gate_zone zone=gate:1m tokens=100;\n$Http\n" . ($block->http_config // ''));
});
follow_up();
run_tests();

__DATA__

=== TEST 1: beside a Bearer, no variable shows another session's cookie
--- app: $http_cookie|$http_x_sess|$http_x_map|$http_authorization
--- request eval: [map { "GET $_" } @::Urls]
--- more_headers eval: [("Authorization: Bearer $::Alice\nCookie: theme=x; sess=$::Bob") x @::Urls]
--- error_code eval: [(200) x @::Urls]
--- response_body eval: [("theme=x||theme=x|Bearer $::Alice") x @::Urls]



=== TEST 2: beside a cookie, none shows another Authorization
--- app: $http_cookie|$http_x_sess|$http_x_map|$http_authorization
--- request eval: [map { "GET $_" } @::Urls]
--- more_headers eval: [("Authorization: Token $::Bob\nCookie: theme=x; sess=$::Alice") x @::Urls]
--- error_code eval: [(200) x @::Urls]
--- response_body eval: [("theme=x; sess=$::Alice|$::Alice|theme=x; sess=$::Alice|") x @::Urls]



=== TEST 3: behind a token, they show the fresh JWT and nobody's cookie: nobody
--- app: $http_cookie|$http_x_sess|$http_x_map|$http_authorization
--- request
POST /token
--- more_headers eval: "Authorization: Bearer $::Alice"
--- then eval
[['GET /http_authorization/nobody?token=%TOKEN%', 200, qr/^theme=x\|\|theme=x\|Bearer ey/, ["Authorization: Token $::Bob", "Cookie: theme=x; sess=$::Bob"]]]



=== TEST 4: behind a token, they show the fresh JWT and nobody's cookie: if
--- app: $http_cookie|$http_x_sess|$http_x_map|$http_authorization
--- request
POST /token
--- more_headers eval: "Authorization: Bearer $::Alice"
--- then eval
[['GET /http_authorization/if?token=%TOKEN%', 200, qr/^theme=x\|\|theme=x\|Bearer ey/, ["Authorization: Token $::Bob", "Cookie: theme=x; sess=$::Bob"]]]



=== TEST 5: behind a token, they show the fresh JWT and nobody's cookie: limit_req
--- app: $http_cookie|$http_x_sess|$http_x_map|$http_authorization
--- request
POST /token
--- more_headers eval: "Authorization: Bearer $::Alice"
--- then eval
[['GET /http_authorization/limit_req?token=%TOKEN%', 200, qr/^theme=x\|\|theme=x\|Bearer ey/, ["Authorization: Token $::Bob", "Cookie: theme=x; sess=$::Bob"]]]



=== TEST 6: behind a token, they show the fresh JWT and nobody's cookie: map
--- app: $http_cookie|$http_x_sess|$http_x_map|$http_authorization
--- request
POST /token
--- more_headers eval: "Authorization: Bearer $::Alice"
--- then eval
[['GET /http_authorization/map?token=%TOKEN%', 200, qr/^theme=x\|\|theme=x\|Bearer ey/, ["Authorization: Token $::Bob", "Cookie: theme=x; sess=$::Bob"]]]



=== TEST 7: what opens no WebSocket shows no Upgrade
--- app: $request_method [$http_upgrade]
--- request eval: [map { "OPTIONS $_" } @::Urls]
--- more_headers eval: [("Origin: https://x.example\nAccess-Control-Request-Method: GET\nUpgrade: websocket\n$::Upgrade") x @::Urls]
--- error_code eval: [(200) x @::Urls]
--- response_body eval: [('OPTIONS []') x @::Urls]
--- then eval
[map { ["GET $_ HTTP/1.0", 200, 'GET []', ["Authorization: Bearer $::Alice", 'Upgrade: websocket', split /\n/, $::Upgrade]] } @::Urls]



=== TEST 8: in a gated server, only a WebSocket is an Upgrade, also where there is no gate
--- config
    auth_gate_public GET /public;
    auth_gate_jwt_from cookie:sess;
    proxy_set_header Upgrade $http_upgrade;
    location /public { auth_gate jwt; proxy_pass http://app; proxy_http_version 1.1; }
    location /api    { auth_gate jwt; proxy_pass http://app; proxy_http_version 1.1; }
    location /open   { proxy_pass http://app; proxy_http_version 1.1; }
--- app: [$http_upgrade]
--- request eval: [map { ("GET $_") x @::Upgrades } qw(/public /api /open)]
--- more_headers eval: [(map { "Cookie: sess=$::Alice\nOrigin: http://localhost\n" . $_->[0] } @::Upgrades) x 3]
--- error_code eval: [(200) x (3 * @::Upgrades)]
--- response_body eval: [(map { "[$_->[1]]" } @::Upgrades) x 3]



=== TEST 9: where no server has a gate, the gate changes nothing
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/plain.sock;
        location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; }
    }
--- config
    location /plain { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/plain.sock; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; }
--- app: [$http_upgrade]
--- request
GET /plain
--- more_headers
Upgrade: h2c
--- response_body: [h2c]



=== TEST 10: a lookup's variables are not those of the request, nor the other way round
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/who.sock;
        location / { return 200 '{"user":{"id":1,"mfa_enabled":true}}'; }
    }
    map $http_accept $webp { default no; ~webp yes; }
--- config
    auth_gate_jwt_from bearer cookie:sess;
    auth_gate_identity /_me cache=0;
    auth_gate_mfa always;
    proxy_set_header X-Webp $webp;
    proxy_set_header X-Client $http_x_client;
    proxy_set_header X-Type $content_type;
    proxy_set_header X-Length $content_length;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Authorization $http_authorization;
    proxy_set_header Cookie $http_cookie;
    location = /_me { internal; set $mine lookup; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/who.sock; }
    location /api   { auth_gate jwt; set $mine request; proxy_pass http://app/$mine; proxy_http_version 1.1; }
--- app: $uri $http_x_webp $http_x_client $http_x_type $http_x_length $http_upgrade $http_authorization $http_cookie
--- request eval: ["POST /api\n{}", "POST /api\n{}"]
--- more_headers eval
["Authorization: Bearer $::Alice\nAccept: image/webp\nX-Client: C\nContent-Type: a/b\nUpgrade: websocket\nCookie: a=1; sess=$::Bob",
 "Accept: image/webp\nX-Client: C\nContent-Type: a/b\nUpgrade: websocket\nOrigin: http://localhost\nAuthorization: Token $::Bob\nCookie: a=1; sess=$::Alice"]
--- response_body eval
["/request yes C a/b 2 websocket Bearer $::Alice a=1", "/request yes C a/b 2 websocket  a=1; sess=$::Alice"]



=== TEST 11: a lookup shows no session that nobody verified
--- http_config eval
"
map \$http_cookie \$mfa { default false; ~\Q$::Bob\E true; }
map \$http_x_sess \$mfa_of_one { default false; ~\Q$::Bob\E true; }
" . 'server {
    listen unix:$TEST_NGINX_SERVER_ROOT/html/who.sock;
    location = /one { return 200 \'{"user":{"mfa_enabled":$mfa_of_one}}\'; }
    location /      { return 200 \'{"user":{"mfa_enabled":$mfa}}\'; }
}'
--- config
    auth_gate_jwt_from bearer cookie:sess;
    auth_gate_mfa always;
    location = /_me  { internal; proxy_set_header Cookie $http_cookie; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/who.sock; }
    location = /_one { internal; proxy_set_header X-Sess $cookie_sess; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/who.sock:/one; }
    location /me     { auth_gate jwt; auth_gate_identity /_me cache=0 per=session id=; proxy_pass http://app; }
    location /one    { auth_gate jwt; auth_gate_identity /_one cache=0 per=session id=; proxy_pass http://app; }
--- app: ok
--- request eval: [('GET /me') x 4, ('GET /one') x 4]
--- more_headers eval
[("Authorization: Bearer $::Alice\nCookie: a=1; sess=$::Bob", "Cookie: a=1; sess=$::Alice", "Cookie: a=1; sess=$::Bob", "Authorization: Bearer $::Alice\nCookie: sess=x\nCookie: sess=$::Bob") x 2]
--- error_code eval: [(403, 403, 200, 403) x 2]



=== TEST 12: what is no header's variable stays as nginx has it
--- http_config
    map $http_x_kind $kind     { default none; "~^(?<first>.)(.*)$" "$2"; }
    map $uri         $before   { default $uri; }
--- config
    location /files/ { auth_gate jwt; if ($kind = x) { return 400; } rewrite ^/files/([a-z]+)/(.+)$ /$1/$2 break; proxy_set_header X-Seen $kind; add_header X-Last "$1 $2"; proxy_pass http://app; }
    location /old/  { auth_gate jwt; set $seen $before; rewrite ^/old/(.*)$ /new/$1 break; proxy_set_header X-Seen "$before"; proxy_pass http://app; }
    location = /ask { internal; proxy_pass http://app; }
    location = /sub { auth_gate jwt; auth_request /ask; auth_request_set $team $upstream_status; proxy_set_header X-Seen $team; proxy_pass http://app; }
--- app: $uri $http_x_seen
--- request eval: ['GET /files/abc/d/e', 'GET /old/x', 'GET /sub']
--- more_headers eval: [("Authorization: Bearer $::Alice\nX-Kind: image\nX-From: 192.0.2.1") x 3]
--- error_code eval: [(200) x 3]
--- response_body eval: ['/abc/d/e mage', '/new/x /old/x', '/sub 200']
--- response_headers eval: ['X-Last: abc d/e', '', '']
