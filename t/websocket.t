# WebSocket handshakes: refused with a close code that a script can read (auth_gate_ws_close).

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# The upstream responds with the request that it received.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        add_header X-Upstream reached always;
        location / { return 200 "app: upgrade=$http_upgrade version=$http_sec_websocket_version key=$http_sec_websocket_key"; }
    }
    proxy_http_version 1.1;
    proxy_set_header   Upgrade    $http_upgrade;
    proxy_set_header   Connection $http_connection;
    gzip on;
    gzip_min_length 1;
    gzip_types *;
_EOC_

our $Config = <<'_EOC_';
    auth_gate_ws_close on;
    location = /token { auth_gate_issue ws; }
    location = /ws    { auth_gate token=ws; proxy_pass http://app; }
    location = /both  { auth_gate jwt token=ws; proxy_pass http://app; }
    location = /jwt   { auth_gate jwt; proxy_pass http://app; }
    location = /login { auth_gate token=ws; auth_gate_login_url /login; proxy_pass http://app; }
    location = /plain { auth_gate token=ws; auth_gate_ws_close off; proxy_pass http://app; }
    location = /paged { auth_gate token=ws; error_page 401 /page; proxy_pass http://app; }
    location = /named { auth_gate token=ws; error_page 401 = @page; proxy_pass http://app; }
    location = /page  { auth_gate off; default_type text/plain; return 200 "a page of ours"; }
    location @page    { auth_gate off; default_type text/plain; return 200 "a page of ours"; }
    location = /adds  { auth_gate token=ws; add_header X-Added yes always; proxy_pass http://app; }
    location = /any   { auth_gate token=ws; satisfy any; deny all; proxy_pass http://app; }
    location = /slow  { auth_gate token=ws; auth_gate_ws_close on slow=1s; proxy_pass http://app; }
    location = /mfa   { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /nobody cache=0; proxy_pass http://app; }
    location = /again { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /nobody cache=0; auth_gate_ws_close off; proxy_pass http://app; }
    location = /nobody { internal; return 500; }
_EOC_

sub handshake {
    my %header = ('Upgrade' => 'websocket', 'Connection' => 'Upgrade', 'Sec-WebSocket-Version' => '13',
        'Sec-WebSocket-Key' => 'dGhlIHNhbXBsZSBub25jZQ==', @_);
    return map { defined $header{$_} ? "$_: $header{$_}" : () } sort keys %header;
}

sub handshake_lines { return join "\n", handshake(@_) }

our $Handshake = handshake_lines();
our $Session   = 'Authorization: Bearer ' . session_jwt(7);
our $Invalid   = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $None      = '{"error":"Access token required","code":"AUTH_REQUIRED"}';

# One unmasked frame: FIN and the close opcode, the length, 4001, the reason.
our $NoneFrame    = "\x88\x19\x0f\xa1Authentication required";
our $InvalidFrame = "\x88\x1a\x0f\xa1Invalid or expired token";

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
    return if defined $block->request || defined $block->raw_request;
    $block->set_value(request => 'POST /token');
    $block->set_value(more_headers => $Session);
});

follow_up();
run_tests();

__DATA__

=== TEST 1: a handshake without a token is completed and closed with 4001 in a single frame
--- request
GET /ws
--- more_headers eval: $::Handshake
--- error_code: 101
--- response_headers
Upgrade: websocket
Connection: upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
!Sec-WebSocket-Protocol
!WWW-Authenticate
!Content-Length
!Content-Type
!Transfer-Encoding
!Content-Encoding
!X-Upstream
--- response_body eval: $::NoneFrame



=== TEST 2: a handshake with a bad token is completed and closed with 4001
--- request eval: 'GET /ws?token=' . 'a' x 64
--- more_headers eval: $::Handshake
--- error_code: 101
--- response_headers
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
!X-Upstream
--- response_body eval: $::InvalidFrame



=== TEST 3: a handshake with a malformed token is completed and closed with 4001
--- request
GET /ws?token=nonsense
--- more_headers eval: $::Handshake
--- error_code: 101
--- response_headers
!X-Upstream
--- response_body eval: $::InvalidFrame



=== TEST 4: a handshake with a JWT in the URL is completed and closed with 4001
--- request eval: 'GET /jwt?token=' . session_jwt(7)
--- more_headers eval: $::Handshake
--- error_code: 101
--- response_headers
!X-Upstream
--- response_body eval: $::InvalidFrame



=== TEST 5: the status line is that of a handshake
--- request
GET /ws
--- more_headers eval: $::Handshake
--- error_code: 101
--- raw_response_headers_like: ^HTTP/1\.1 101 Switching Protocols\r\n



=== TEST 6: the access log has the status 101 and no token
--- request eval: 'GET /ws?token=' . 'a' x 64
--- more_headers eval: $::Handshake
--- error_code: 101
--- access_log eval: 'GET /ws?token=' . '*' x 64 . ' HTTP/1.1" 101'
--- no_access_log eval: 'a' x 64



=== TEST 7: another key gets another accept key
--- request
GET /ws
--- more_headers eval: main::handshake_lines('Sec-WebSocket-Key' => 'x3JJHMbDL1EzLkh9GBhXDw==')
--- error_code: 101
--- response_headers
Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=
--- response_body eval: $::NoneFrame



=== TEST 8: the first subprotocol that the client offers is selected
--- request
GET /ws
--- more_headers eval: main::handshake_lines('Sec-WebSocket-Protocol' => 'chat.v2, chat.v1')
--- error_code: 101
--- response_headers
Sec-WebSocket-Protocol: chat.v2
--- response_body eval: $::NoneFrame



=== TEST 9: an invalid subprotocol is not selected
--- request
GET /ws
--- more_headers eval: main::handshake_lines('Sec-WebSocket-Protocol' => 'a b')
--- error_code: 101
--- response_headers
!Sec-WebSocket-Protocol



=== TEST 10: extensions that the client offers are not accepted
--- request
GET /ws
--- more_headers eval: main::handshake_lines('Sec-WebSocket-Extensions' => 'permessage-deflate')
--- error_code: 101
--- response_headers
!Sec-WebSocket-Extensions
--- response_body eval: $::NoneFrame



=== TEST 11: header values in any case, in lists and with spaces form a handshake
--- request eval
['GET /ws', 'GET /ws', 'GET /ws', 'GET /ws']
--- more_headers eval
[
    (main::handshake_lines('Upgrade' => 'WebSocket', 'Connection' => 'upgrade')),
    (main::handshake_lines('Upgrade' => 'WEBSOCKET', 'Connection' => 'UPGRADE')),
    (main::handshake_lines('Connection' => 'keep-alive, Upgrade')),
    (main::handshake_lines('Upgrade' => 'h2c, websocket', 'Connection' => 'Upgrade ,HTTP2-Settings')),
]
--- error_code eval: [(101) x 4]
--- response_body eval: [($::NoneFrame) x 4]



=== TEST 12: header names in lower case form a handshake
--- request
GET /ws
--- more_headers eval: lc($::Handshake) =~ s/^(sec-websocket-key: ).*$/$1dGhlIHNhbXBsZSBub25jZQ==/mr
--- error_code: 101
--- response_body eval: $::NoneFrame



=== TEST 13: two Connection headers form one list
--- request
GET /ws
--- more_headers eval: "Connection: close\n$::Handshake"
--- error_code: 101
--- response_body eval: $::NoneFrame



=== TEST 14: a token that was spent on one handshake is refused for the next
--- then eval
my @handshake = main::handshake();
[
    ['GET /ws?token=%TOKEN%', 200, qr/^app: upgrade=websocket version=13 key=dGhlIHNhbXBsZSBub25jZQ==/, [main::handshake(Connection => 'Upgrade, close')]],
    ['GET /ws?token=%TOKEN%', 101, $::InvalidFrame, [@handshake]],
]



=== TEST 15: a good JWT admits a handshake
--- request
GET /both
--- more_headers eval: "$::Session\n" . main::handshake_lines(Connection => 'Upgrade, close')
--- response_headers
X-Upstream: reached
--- response_body_like: upgrade=websocket



=== TEST 16: a bad JWT closes a handshake with 4001
--- request
GET /both
--- more_headers eval: "Authorization: Bearer x\n$::Handshake"
--- error_code: 101
--- response_headers
!X-Upstream
--- response_body eval: $::InvalidFrame



=== TEST 17: a handshake where only JWTs are accepted is closed with 4001
--- request
GET /jwt
--- more_headers eval: $::Handshake
--- error_code: 101
--- response_body eval: $::NoneFrame



=== TEST 18: a handshake is closed, not redirected to a login page
--- request
GET /login
--- more_headers eval: "$::Handshake\nAccept: text/html"
--- error_code: 101
--- response_headers
!Location
--- response_body eval: $::NoneFrame



=== TEST 19: a plain GET gets the plain status
--- request eval
['GET /ws', 'GET /ws?token=' . 'a' x 64]
--- error_code eval: [401, 401]
--- response_headers eval: ['!X-Upstream', '!X-Upstream']
--- response_body eval: [$::None, $::Invalid]



=== TEST 20: a malformed handshake gets the plain status
--- request eval
[('GET /ws') x 8]
--- more_headers eval
[map { CORE::join "\n", @$_ }
    [main::handshake('Upgrade' => undef, 'Connection' => 'close')],
    [main::handshake('Upgrade' => 'h2c', 'Connection' => 'close')],
    [main::handshake('Upgrade' => 'websockets', 'Connection' => 'Upgrade, close')],
    [main::handshake('Connection' => 'close')],
    [main::handshake('Connection' => 'close, xUpgrade')],
    [main::handshake('Sec-WebSocket-Key' => undef, 'Connection' => 'Upgrade, close')],
    [main::handshake('Sec-WebSocket-Key' => 'c2hvcnQ=', 'Connection' => 'Upgrade, close')],
    [main::handshake('Sec-WebSocket-Key' => "dGhlIHNhbXBsZSBub25j\xff\xff==", 'Connection' => 'Upgrade, close')]]
--- error_code eval: [(401) x 8]
--- response_body eval: [($::None) x 8]
--- response_headers eval: [("!Sec-WebSocket-Accept\n!X-Upstream") x 8]



=== TEST 21: another method than GET gets the plain status
--- request eval
["POST /ws\nx", 'OPTIONS /ws', 'PUT /ws']
--- more_headers eval: [(main::handshake_lines(Connection => 'Upgrade, close')) x 3]
--- error_code eval: [401, 401, 401]
--- response_body eval: [($::None) x 3]



=== TEST 22: HTTP/1.0 gets the plain status
--- request
GET /ws HTTP/1.0
--- more_headers eval: main::handshake_lines(Connection => 'Upgrade, close')
--- error_code: 401
--- response_body eval: $::None



=== TEST 23: another protocol version gets 426 with the supported version
--- request eval
[('GET /ws') x 6]
--- more_headers eval
[map { main::handshake_lines('Sec-WebSocket-Version' => $_, 'Connection' => 'Upgrade, close') } '8', '0', '14', '013', '13, 8', undef]
--- error_code eval: [(426) x 6]
--- response_headers eval
[("Sec-WebSocket-Version: 13\nUpgrade: websocket\nContent-Type: application/json\n!Sec-WebSocket-Accept\n!X-Upstream") x 6]
--- response_body eval: [('{"error":"Upgrade required"}') x 6]



=== TEST 24: another protocol version spends nothing
--- then eval
[
    ['GET /ws?token=%TOKEN%', 426, undef, [main::handshake('Sec-WebSocket-Version' => '8', 'Connection' => 'Upgrade, close')]],
    ['GET /ws?token=%TOKEN%', 200, qr/^app: upgrade=websocket/, [main::handshake(Connection => 'Upgrade, close')]],
]



=== TEST 25: with auth_gate_ws_close off a handshake gets the plain status
--- request eval
['GET /plain', 'GET /plain?token=' . 'a' x 64]
--- more_headers eval: [(main::handshake_lines(Connection => 'Upgrade, close')) x 2]
--- error_code eval: [401, 401]
--- response_headers eval: [("Content-Type: application/json\n!Sec-WebSocket-Accept\n!X-Upstream") x 2]
--- response_body eval: [$::None, $::Invalid]



=== TEST 26: off is the default
--- config
    location = /ws { auth_gate token=ws; proxy_pass http://app; }
--- request
GET /ws
--- more_headers eval: main::handshake_lines(Connection => 'Upgrade, close')
--- error_code: 401
--- response_body eval: $::None



=== TEST 27: error_page replaces the whole refusal
--- request eval: ['GET /paged', 'GET /named']
--- more_headers eval: [(main::handshake_lines(Connection => 'Upgrade, close')) x 2]
--- error_code eval: [401, 200]
--- response_headers eval: [("Content-Type: text/plain\n!Sec-WebSocket-Accept") x 2]
--- response_body eval: ['a page of ours', 'a page of ours']



=== TEST 28: satisfy any closes the handshake as well
--- request
GET /any
--- more_headers eval: $::Handshake
--- error_code: 101
--- response_body eval: $::NoneFrame



=== TEST 29: headers that the configuration adds do not break the handshake
--- request
GET /adds
--- more_headers eval: "$::Handshake\nAccept-Encoding: gzip"
--- error_code: 101
--- response_headers
X-Added: yes
!Content-Encoding
!Transfer-Encoding
--- response_body eval: $::NoneFrame



=== TEST 30: data after a refused handshake is not a second request
--- raw_request eval
CORE::join("\r\n", 'GET /ws HTTP/1.1', 'Host: x', main::handshake(), '', '') . "GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
--- error_code: 101
--- response_body eval: $::NoneFrame



=== TEST 31: a client that responds to the close frame gets nothing more
--- raw_request eval
[CORE::join("\r\n", 'GET /ws HTTP/1.1', 'Host: x', main::handshake(), '', ''), "\x88\x82\x00\x00\x00\x00\x0f\xa1"]
--- raw_request_middle_delay: 0.05
--- error_code: 101
--- response_body eval: $::NoneFrame



=== TEST 32: a prefetch that looks like a handshake spends nothing and gets the plain status
--- then eval
[
    ['GET /ws?token=%TOKEN%', 401, $::Invalid, [main::handshake(Connection => 'Upgrade, close'), 'Sec-Purpose: prefetch']],
    ['GET /ws?token=%TOKEN%', 200, qr/^app: upgrade=websocket/, [main::handshake(Connection => 'Upgrade, close')]],
]



=== TEST 33: requests that spend no token cannot open a WebSocket
--- then eval
[
    ['HEAD /ws?token=%TOKEN%', 200, '', [main::handshake(Connection => 'Upgrade, close')]],
    ['OPTIONS /ws?token=%TOKEN%', 200, qr/^app: upgrade= /, [main::handshake(Connection => 'Upgrade, close'), 'Origin: http://o', 'Access-Control-Request-Method: GET']],
    ['GET /ws?token=%TOKEN%', 200, qr/^app: upgrade=websocket/, [main::handshake(Connection => 'Upgrade, close')]],
]



=== TEST 34: only HTTP/1.1 requests pass Upgrade to the application
--- request
GET /both HTTP/1.0
--- more_headers eval: "$::Session\n" . main::handshake_lines(Connection => 'Upgrade, close')
--- error_code: 200
--- response_body_like: ^app: upgrade= version=13



=== TEST 35: auth_gate_ws_close on slow= gives the same answer to a JWT in the URL, later
--- request eval: 'GET /slow?token=' . session_jwt(7)
--- more_headers eval: $::Handshake
--- error_code: 101
--- response_headers
Upgrade: websocket
Connection: upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
!X-Upstream
--- response_body eval: $::InvalidFrame
--- grep_error_log eval: qr/a JWT came in the URL/
--- grep_error_log_out
a JWT came in the URL



=== TEST 36: a handshake that the gate cannot decide on is closed with 1013
--- request
GET /mfa
--- more_headers eval: "$::Session\n$::Handshake"
--- error_code: 101
--- response_headers
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
!Content-Type
!X-Upstream
--- response_body eval: "\x88\x11\x03\xf5Try again later"



=== TEST 37: others get the plain status
--- request eval
['GET /mfa', 'GET /again']
--- more_headers eval: [$::Session, "$::Session\n" . main::handshake_lines(Connection => 'Upgrade, close')]
--- error_code eval: [503, 503]
--- response_body eval: [('{"error":"Service unavailable"}') x 2]
