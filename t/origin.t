# auth_gate_origin: whose pages may open a WebSocket, or change something at the gate's own endpoints, with a session in
# a cookie. The tables name the requirement that a row is for: CWS-n is a line of OWASP's WebSocket cheat sheet, as it is
# counted here, and V is OWASP's ASVS 5.0.
#
#   CWS-1  the Origin of the handshake is checked on every handshake        V4.4.2
#   CWS-2  against an allowlist of exact origins, not by prefix or suffix   V4.4.2
#   CWS-3  SameSite alone is not relied on: sibling subdomains are foreign  V3.5.1, V3.5.4
#   CWS-4  the session is verified during the handshake                     V4.4.3
#   CWS-5  tokens for sockets come from a verified session, and once        V4.4.3, V4.4.4
#   CWS-6  null and missing origins are not trusted                         V4.4.2
#   V3.5.1 a changing request is known to come from the application's own page
#   V3.5.2 and needs a preflight: no body of a type that any page may send
#   V3.5.3 and a method that is not safe

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Foreign    = '{"error":"Forbidden origin","code":"ORIGIN"}';
our $MediaType  = '{"error":"Unsupported media type"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Cookie     = 'Cookie: session=' . session_jwt(7);
our $Admin      = 'Cookie: session=' . session_jwt(1, role => 'admin', mfa_enabled => JSON::PP::true());
our $Bearer     = 'Authorization: Bearer ' . session_jwt(7);
our $Handshake  = join "\n", 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

# FIN and the close opcode, the length, 4003, the reason.
our $ForeignFrame = "\x88\x0b\x0f\xa3Forbidden";

# Pages, as their browsers describe them. The requests' Host is localhost.
our @Pages = (
    # requirement, what the page is, its headers, whether it is the application's own
    ['V4.4.2 CWS-1', 'the own page',                     ['Origin: http://localhost'],                          1],
    ['V4.4.2 CWS-1', 'the own page by TLS before nginx', ['Origin: https://localhost'],                         1],
    ['V4.4.2 CWS-1', 'a default port, http',             ['Origin: http://localhost:80'],                       1],
    ['V4.4.2 CWS-1', 'a default port, https',            ['Origin: https://localhost:443'],                     1],
    ['V4.4.2 CWS-1', 'letter case',                      ['Origin: HTTP://LocalHost'],                          1],
    ['V4.4.2 CWS-1', 'another site',                     ['Origin: https://evil.example'],                      0],
    ['V4.4.2 CWS-1', 'another site, with a good word',   ['Origin: https://evil.example', 'Sec-Fetch-Site: same-origin'], 0],
    ['V4.4.2 CWS-2', 'another port',                     ['Origin: http://localhost:8080'],                     0],
    ['V4.4.2 CWS-2', "the other scheme's port",          ['Origin: http://localhost:443'],                      0],
    ['V4.4.2 CWS-2', 'a name that begins alike',         ['Origin: http://localhost.evil.example'],             0],
    ['V4.4.2 CWS-2', 'a name that ends alike',           ['Origin: http://evil-localhost'],                     0],
    ['V4.4.2 CWS-2', 'a user name',                      ['Origin: http://localhost@evil.example'],             0],
    ['V4.4.2 CWS-2', 'a path',                           ['Origin: http://localhost/'],                         0],
    ['V4.4.2 CWS-2', 'another kind of page',             ['Origin: capacitor://localhost'],                     0],
    ['V4.4.2 CWS-2', 'no scheme',                        ['Origin: localhost'],                                 0],
    ['V4.4.2 CWS-2', 'two origins in a line',            ['Origin: http://localhost http://evil.example'],      0],
    ['V4.4.2 CWS-2', 'two lines',                        ['Origin: http://localhost', 'Origin: http://localhost'], 0],
    ['V3.5.4 CWS-3', 'a subdomain',                      ['Origin: http://app.localhost'],                      0],
    ['V3.5.4 CWS-3', 'a sibling, without Origin',        ['Sec-Fetch-Site: same-site'],                         0],
    ['V4.4.2 CWS-6', 'a sandbox or a file',              ['Origin: null'],                                      0],
    ['V4.4.2 CWS-6', 'a sandbox, with a good word',      ['Origin: null', 'Sec-Fetch-Site: same-origin'],       0],
    ['V4.4.2 CWS-6', 'nobody says where from',           [],                                                    0],
    ['V4.4.2 CWS-6', 'an empty Origin',                  ['Origin:'],                                           0],
    ['V3.5.3 CWS-6', 'without Origin, the same',         ['Sec-Fetch-Site: same-origin'],                       1],
    ['V3.5.3 CWS-6', 'without Origin, another site',     ['Sec-Fetch-Site: cross-site'],                        0],
    ['V3.5.3 CWS-6', 'typed by the user',                ['Sec-Fetch-Site: none'],                              0],
    ['V3.5.3 CWS-6', 'two words',                        ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: same-origin'], 0],
    ['V3.5.3 CWS-6', 'a list of words',                  ['Sec-Fetch-Site: same-origin, cross-site'],           0],
);
sub pages { return map { join "\n", @{ $_->[2] } ? @{ $_->[2] } : 'X-None: 1' } @Pages }

# pages_with($headers), pages_answer($good, $bad): for the sections more_headers and error_code or response_body.
sub pages_with { my @headers = @_; return [map { join "\n", $_, @headers } pages()] }
sub pages_answer { my ($good, $bad) = @_; return [map { $_->[3] ? $good : $bad } @Pages] }

our $Config = <<'_EOC_';
    auth_gate_jwt_from bearer cookie:session;
    auth_gate_identity claims;
    keepalive_timeout 0;
    proxy_http_version 1.1;
    proxy_set_header   Upgrade    $http_upgrade;
    proxy_set_header   Connection $http_connection;

    location = /ws       { auth_gate jwt token=ws; auth_gate_ws_close on; proxy_pass http://app; }
    location = /ws-plain { auth_gate jwt; proxy_pass http://app; }
    location = /ws-any   { auth_gate jwt; satisfy any; allow all; proxy_pass http://app; }
    location = /ws-open  { auth_gate jwt; auth_gate_origin off; proxy_pass http://app; }
    location = /api      { auth_gate jwt; proxy_pass http://app; }

    location = /ws-token { auth_gate_issue ws; }
    location = /token    { auth_gate_issue ws download; }
    location = /settings { auth_gate jwt; auth_gate_app_settings on; }
    location = /app      { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://app; }
    location = /config   { auth_gate jwt; auth_gate_app_config on; proxy_pass http://app; }
    location = /disable  { auth_gate jwt; auth_gate_mfa_disable on; proxy_pass http://app; }
    location = /oidc     { auth_gate jwt; auth_gate_oidc_settings sso; }
    location = /off      { auth_gate_issue ws; auth_gate_origin off; }
    location = /listed   { auth_gate_issue ws; auth_gate_origin https://app.example http://other.example:8080 capacitor://localhost; }
    location = /both     { auth_gate_issue ws; auth_gate_origin self https://app.example; }
_EOC_

application_behind_the_gate();
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => $Config) if !defined $block->config;
    $block->set_value(http_config => <<"_EOC_" . ($block->http_config // ''));
    auth_gate_zone zone=gate:1m tokens=1000;
    auth_gate_state_path \$TEST_NGINX_SERVER_ROOT/html/state;
    auth_gate_oidc_provider sso { client_id gate; issuer https://127.0.0.1:1; app_url https://app.example; }
_EOC_
});
follow_up();
run_tests();

__DATA__

=== TEST 1: a WebSocket with a cookie is opened for the own page alone, whatever the other page says
--- request eval: [('GET /ws-plain') x @::Pages]
--- more_headers eval: ::pages_with($::Handshake, $::Cookie)
--- error_code eval: ::pages_answer(200, 403)
--- response_body eval: ::pages_answer('GET /ws-plain', $::Foreign)



=== TEST 2: with auth_gate_ws_close, another page reads 4003
--- request eval: [('GET /ws') x @::Pages]
--- more_headers eval: ::pages_with($::Handshake, $::Cookie)
--- error_code eval: ::pages_answer(200, 101)
--- response_body eval: ::pages_answer('GET /ws', $::ForeignFrame)



=== TEST 3: the application does not see a foreign handshake, and the log says why
--- request
GET /ws-plain
--- more_headers eval: "Origin: https://evil.example\n$::Handshake\n$::Cookie"
--- error_code: 403
--- response_headers
Content-Type: application/json
Cache-Control: no-store
!WWW-Authenticate
--- error_log: the page is of another origin
--- no_error_log eval: $::NotReached



=== TEST 4: an application may take a malformed handshake for one
--- request eval: [('GET /ws-plain') x 6]
--- more_headers eval
[map { "Origin: https://evil.example\n$::Cookie\n$_" } 'Upgrade: websocket', 'Upgrade: WebSocket', 'Upgrade: h2c, websocket',
    "Upgrade: h2c\nUpgrade: websocket", 'Upgrade: websocket/13', "Upgrade: \"websocket\""]
--- error_code eval: [(403) x 6]
--- response_body eval: [($::Foreign) x 6]
--- no_error_log eval: $::NotReached



=== TEST 5: a request to upgrade to HTTP/2 is none, and one that may not upgrade opens nothing
--- request eval: ['GET /ws-plain', 'HEAD /ws-plain', 'OPTIONS /ws-plain']
--- more_headers eval: [map { "Origin: https://evil.example\n$::Cookie\nUpgrade: $_" } 'h2c', 'websocket', 'websocket']
--- error_code eval: [200, 200, 200]



=== TEST 6: a page cannot make a browser send a Bearer, so one may come from anywhere
--- request eval: [('GET /ws-plain') x @::Pages]
--- more_headers eval: ::pages_with($::Handshake, $::Bearer)
--- error_code eval: [(200) x @::Pages]



=== TEST 7: not even beside a cookie, for the cookie does not count (V4.4.3)
--- app: [$http_cookie]
--- request
GET /ws-plain
--- more_headers eval: "Origin: https://evil.example\n$::Handshake\n$::Bearer\n$::Cookie"
--- response_body: []



=== TEST 8: nor can it read a token, which only a page with the session gets, and once (V4.4.4 CWS-5)
--- request
POST /ws-token
--- more_headers eval: "Origin: http://localhost\n$::Cookie"
--- then eval
[
    ['GET /ws?token=%TOKEN%', 200, 'GET /ws', ['Origin: https://evil.example', split /\n/, $::Handshake]],
    ['GET /ws?token=%TOKEN%', 101, qr/\A\x88.\x0f\xa1/, ['Origin: http://localhost', split /\n/, $::Handshake]],
]



=== TEST 9: a bad session is refused as such, from wherever (CWS-4)
--- request eval: [('GET /ws-plain') x 2]
--- more_headers eval: [map { "Origin: $_\n$::Handshake\nCookie: session=x" } 'http://localhost', 'https://evil.example']
--- error_code eval: [401, 401]
--- no_error_log eval: $::NotReached



=== TEST 10: another module does not let a foreign page in, for the cookie would go on
--- request eval: [('GET /ws-any') x 3]
--- more_headers eval
["Origin: https://evil.example\n$::Handshake\n$::Cookie", "Origin: http://localhost\n$::Handshake\n$::Cookie", $::Handshake]
--- error_code eval: [403, 200, 200]



=== TEST 11: what is no handshake, and not for an endpoint of the gate, is the application's to judge
--- request eval: [map { ("$_ /api") x @::Pages } qw(GET POST)]
--- more_headers eval: [map { @{ ::pages_with($::Cookie) } } 1, 2]
--- error_code eval: [(200) x (2 * @::Pages)]



=== TEST 12: a token is issued to the own page alone (V3.5.1)
--- request eval: [('POST /ws-token') x @::Pages]
--- more_headers eval: ::pages_with($::Cookie)
--- error_code eval: ::pages_answer(200, 403)
--- response_body_like eval: ::pages_answer(qr/\A\{"token":"/, qr/\A\Q$::Foreign\E\z/)



=== TEST 13: the settings are changed by the own page alone (V3.5.1), and read by any (V3.5.3)
--- request eval: [map { ("PUT /settings\n{\"require_mfa\":$_}", 'GET /settings') } qw(true false true)]
--- more_headers eval
["Origin: https://evil.example\nContent-Type: application/json\n$::Admin", "Origin: https://evil.example\n$::Admin",
 "Sec-Fetch-Site: same-site\nContent-Type: application/json\n$::Admin", $::Admin,
 "Origin: http://localhost\nContent-Type: application/json\n$::Admin", $::Admin]
--- error_code eval: [403, 200, 403, 200, 200, 200]
--- response_body eval
[$::Foreign, '{"require_mfa":"false"}', $::Foreign, '{"require_mfa":"false"}', '{"success":true}', '{"require_mfa":"true"}']



=== TEST 14: so it is at every endpoint of the gate, with every changing method
--- request eval: [map { my $path = $_; map { "$_ $path" } qw(POST PUT DELETE PATCH) } qw(/ws-token /token /settings /app /config /disable /oidc)]
--- more_headers eval: [("Origin: https://evil.example\n$::Admin") x 28]
--- error_code eval: [(403) x 28]
--- response_body eval: [($::Foreign) x 28]
--- no_error_log eval: $::NotReached



=== TEST 15: a preflight is answered as ever: it carries no session
--- request eval: [('OPTIONS /settings') x 2]
--- more_headers eval: [("Origin: https://evil.example\nAccess-Control-Request-Method: PUT") x 2]
--- error_code eval: [405, 405]



=== TEST 16: a client with a Bearer changes settings from anywhere, with a body of any type
--- request eval: [map { "PUT /settings\n{\"require_mfa\":$_}" } qw(true false)]
--- more_headers eval: [map { $::Admin =~ s/Cookie: session=/Authorization: Bearer /r . "\n$_" } 'Content-Type: text/plain', 'Origin: https://evil.example']
--- error_code eval: [200, 200]



=== TEST 17: a body beside a cookie is declared as JSON, also by the own page (V3.5.2)
--- request eval: [("POST /token\n{\"purpose\":\"download\"}") x 14]
--- more_headers eval
[map { "Origin: http://localhost\n$::Cookie\n$_" }
    'Content-Type: application/json', 'Content-Type: application/json; charset=utf-8', 'content-type: Application/JSON',
    'Content-Type: application/merge-patch+json',
    'X-None: 1', 'Content-Type:', 'Content-Type: text/plain', 'Content-Type: text/plain; application/json',
    'Content-Type: text/plain, application/json', 'Content-Type: application/x-www-form-urlencoded', 'Content-Type: multipart/form-data',
    'Content-Type: application/jsonp', 'Content-Type: application/+json', 'Content-Type: text/plain;a="+json']
--- error_code eval: [(200) x 4, (415) x 10]
--- response_body_like eval: [(qr/\A\{"token":"/) x 4, (qr/\A\Q$::MediaType\E\z/) x 10]



=== TEST 18: so it is at every endpoint of the gate
--- request eval: [map { my $path = $_; map { "$_ $path\n{\"require_mfa\":true}" } qw(POST PUT DELETE) } qw(/ws-token /token /settings /app /config /disable /oidc)]
--- more_headers eval: [("Origin: http://localhost\nContent-Type: text/plain\n$::Admin") x 21]
--- error_code eval: [(415) x 21]
--- response_body eval: [($::MediaType) x 21]
--- no_error_log eval: $::NotReached



=== TEST 19: a body of unknown length is one
--- raw_request eval
"POST /token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOrigin: http://localhost\r\n$::Cookie\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
--- error_code: 415



=== TEST 20: the empty POST of ws-token needs no type, and an empty one may have any
--- request eval: [('POST /ws-token') x 3]
--- more_headers eval: [map { "Origin: http://localhost\n$::Cookie\n$_" } 'X-None: 1', 'Content-Length: 0', "Content-Type: text/plain\nContent-Length: 0"]
--- error_code eval: [(200) x 3]



=== TEST 21: the own page is the one of Host, also with a port
--- raw_request eval
"POST /ws-token HTTP/1.1\r\nHost: app.example:8443\r\nConnection: close\r\nOrigin: https://app.example:8443\r\n$::Cookie\r\nContent-Length: 0\r\n\r\n"
--- error_code: 200



=== TEST 22: another port of Host's name is another origin
--- raw_request eval
"POST /ws-token HTTP/1.1\r\nHost: app.example:8443\r\nConnection: close\r\nOrigin: https://app.example\r\n$::Cookie\r\nContent-Length: 0\r\n\r\n"
--- error_code: 403



=== TEST 23: without Host, no Origin is the own one
--- raw_request eval: "POST /ws-token HTTP/1.0\r\nOrigin: http://localhost\r\n$::Cookie\r\nContent-Length: 0\r\n\r\n"
--- error_code: 403



=== TEST 24: an IPv6 address
--- raw_request eval
"POST /ws-token HTTP/1.1\r\nHost: [::1]:8443\r\nConnection: close\r\nOrigin: https://[::1]:8443\r\n$::Cookie\r\nContent-Length: 0\r\n\r\n"
--- error_code: 200



=== TEST 25: listed origins are admitted beside the own one
--- request eval: [('POST /listed') x 9, ('POST /both') x 3]
--- more_headers eval
[map { $_ =~ /^Sec/ ? "$_\n$::Cookie" : "Origin: $_\n$::Cookie" }
    'https://app.example', 'https://APP.example:443', 'http://other.example:8080', 'capacitor://localhost', 'http://localhost',
    'http://app.example', 'https://other.example:8080', 'http://other.example', 'Sec-Fetch-Site: cross-site',
    'https://app.example', 'http://localhost', 'https://evil.example']
--- error_code eval: [(200) x 5, (403) x 4, 200, 200, 403]



=== TEST 26: off admits the pages of all origins, but still wants JSON
--- request eval: ['POST /off', 'GET /ws-open', "POST /off\n{}"]
--- more_headers eval: ["Origin: https://evil.example\n$::Cookie", "Origin: null\n$::Handshake\n$::Cookie", "Content-Type: text/plain\n$::Cookie"]
--- error_code eval: [200, 200, 415]



=== TEST 27: $auth_gate_decision names both refusals
--- config
    location = /token {
        auth_gate_issue ws;
        auth_gate_jwt_from cookie:session;
        add_header X-Decision $auth_gate_decision always;
    }
--- request eval: ['POST /token', "POST /token\n{}"]
--- more_headers eval: ["Origin: null\n$::Cookie", "Origin: http://localhost\n$::Cookie"]
--- error_code eval: [403, 415]
--- response_headers eval: ['X-Decision: foreign_origin', 'X-Decision: not_json']
