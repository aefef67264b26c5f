# Every request gets a proper response: large, old, unusual, pipelined and aborted requests.

use lib 't/lib';
use AuthGateTest;
use IO::Socket::INET ();
use Test::More ();
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# The upstream responds with the request that it received.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
    large_client_header_buffers 8 128k;
    auth_gate_jwt_from bearer cookie:session;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        access_log off;
        add_header X-Upstream reached always;
        location / { return 200 "app: $request_uri"; }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_ws_close on;
    location = /token  { auth_gate_issue ws download; }
    location = /single { auth_gate_issue ws; }
    location = /ws     { auth_gate token=ws; proxy_pass http://app; }
    location = /       { auth_gate token=download; proxy_pass http://app; }
    location /file     { auth_gate jwt token=download; proxy_pass http://app; }
    location /open     { auth_gate off; default_type text/plain; return 200 "open $request_uri"; }
_EOC_

our $Session = 'Authorization: Bearer ' . session_jwt(7);
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $None    = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Smuggled = "GET /open/smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

sub request { return join("\r\n", @_, 'Host: x', '', '') }

sub chunked { return join '', map({ sprintf "%x\r\n%s\r\n", length, $_ } @_), "0\r\n\r\n" }

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(log_level => 'info')                 if !defined $block->log_level;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
    return if defined $block->request || defined $block->raw_request;
    $block->set_value(request => 'GET /open');
});

# The section answers is a list of [text to send, list of expected statuses], each on its own connection.
Test::Nginx::Socket::add_response_body_check(sub {
    my $block = shift;
    for my $step (@{ $block->answers || [] }) {
        my ($text, @statuses) = @$step;
        my $raw = http_request(server_port_for_client(), $text)->{raw};
        my @got = $raw =~ m{^HTTP/1\.1 (\d+)|(?<=[\}a-z;>0-9])HTTP/1\.1 (\d+)}mg;
        my ($line) = $text =~ /\A([^\r\n]*)/;
        Test::More::is(join(' ', grep { defined } @got), "@statuses", $block->name . ' - ' . substr $line, 0, 60);
        Test::More::unlike($raw, qr/smuggled/, $block->name . ' - no body becomes a request');
    }
});

# The section broken_off is a list of texts, each sent on its own connection; all connections are closed at the end.
Test::Nginx::Socket::add_response_body_check(sub {
    my $block = shift;
    my @sockets = map {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => server_port_for_client()) or die $!;
        print $socket $_;
        $socket->flush;
        $socket;
    } @{ $block->broken_off || [] } or return;
    select undef, undef, undef, 0.1;
    close $_ for @sockets;
    my $got = http_get(server_port_for_client(), '/file', $Session);
    Test::More::is($got->{status}, 200, $block->name . ' - the next one is served');
});

follow_up();
run_tests();

__DATA__

=== TEST 1: a JWT of 64 KB is refused
--- request
GET /file
--- more_headers eval: 'Authorization: Bearer ' . 'a' x 65536
--- error_code: 401
--- response_headers
!X-Upstream
--- response_body eval: $::Invalid



=== TEST 2: 64 KB of dots and of malformed JWTs are refused
--- request eval: [('GET /file') x 3]
--- more_headers eval
['Authorization: Bearer ' . '.' x 65536, 'Authorization: Bearer ' . 'eyJ.' x 16384, 'Authorization: ' . ' ' x 10 . 'Bearer' . ' ' x 65000 . 'x']
--- error_code eval: [401, 401, 401]
--- response_headers eval: [('!X-Upstream') x 3]



=== TEST 3: a cookie of 64 KB is not a session
--- request eval: [('GET /file') x 3]
--- more_headers eval
['Cookie: session=' . 'a' x 65536, 'Cookie: ' . ';' x 65536, 'Cookie: ' . 'session=x; ' x 6000]
--- error_code eval: [401, 401, 401]
--- response_body eval: [$::Invalid, $::None, $::Invalid]



=== TEST 4: a token of 64 KB is refused and not logged
--- request eval: ['GET /file?token=' . 'a' x 65536, 'GET /file?token=' . '%61' x 21000]
--- error_code eval: [401, 401]
--- response_body eval: [$::Invalid, $::Invalid]
--- response_headers eval: ['!X-Upstream', '!X-Upstream']
--- no_access_log eval: [qr/a{70}|(?:%61){60}/, qr/a{70}|(?:%61){60}/]
--- no_error_log eval: [qr/a{70}|(?:%61){60}/, '[alert]', '[crit]']



=== TEST 5: 64 KB of parameters are parsed
--- request eval
['GET /file?' . '&token' x 10000, 'GET /file?' . 'token=&' x 9000, 'GET /file?' . '%74oken=' . '&' x 60000,
 'GET /file?' . CORE::join('&', map { 'token=' . sprintf '%064d', $_ } 1 .. 900)]
--- error_code eval: [(401) x 4]
--- response_body eval: [($::Invalid) x 4]



=== TEST 6: a Referer of 64 KB does not delay the worker
--- request eval: [('GET /file') x 3]
--- more_headers eval
["$::Session\nReferer: " . '?token=' x 9000, "$::Session\nReferer: " . '?' x 65000, "$::Session\nReferer: ?" . '&token=%41' x 6000]
--- error_code eval: [200, 200, 200]



=== TEST 7: 64 KB in the headers of a handshake are handled
--- request eval: [('GET /ws') x 3]
--- more_headers eval
my $rest = "Connection: Upgrade, close\nSec-WebSocket-Version: 13\n";
["${rest}Upgrade: websocket\nSec-WebSocket-Key: " . 'a' x 65000, "${rest}Upgrade: " . 'x,' x 32000 . "websocket\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
 "${rest}Upgrade: websocket\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: " . ',' x 65000]
--- error_code eval: [401, 101, 101]



=== TEST 8: a subprotocol header of any length gets a response
--- request
GET /ws
--- more_headers eval
"Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Protocol: " . 'a' x 65000
--- error_code: 101
--- response_body eval: "\x88\x19\x0f\xa1Authentication required"



=== TEST 9: many headers are handled
--- request
GET /file
--- more_headers eval
CORE::join "", (map { "X-$_: y\n" } 1 .. 400), "$::Session\n", map { "Z-$_: y\n" } 1 .. 400
--- error_code: 200
--- response_headers
X-Upstream: reached



=== TEST 10: bytes over 0x7f anywhere are refused or parsed, and reach the upstream only with a session
--- request eval
["GET /file/\xff\xfe", "GET /file?token=\xff\x80", "GET /file?\xff=\x80&token", 'GET /file', 'GET /file', 'GET /file', "GET /file/%FF%C0%AF"]
--- more_headers eval
["X: y", "X: y", "X: y", "Authorization: Bearer \xff\xfe.\x80.\x81", "Authorization: \xff\xfe", "Cookie: session=\xff; \xfe=\xfd", "Referer: \xff?token=\xfe"]
--- error_code eval: [(401) x 7]
--- response_headers eval: [('!X-Upstream') x 7]



=== TEST 11: bytes over 0x7f in the path are passed on unchanged
--- request eval: "GET /file/\xc3\xa4%C3%A4?a=\xff"
--- more_headers eval: $::Session
--- response_body eval: "app: /file/\xc3\xa4%C3%A4?a=\xff"



=== TEST 12: control characters in the path are refused
--- request eval: ['GET /file/%00', 'GET /file/%0A', 'GET /file/%7F', 'GET /file/%1f']
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(400) x 4]
--- response_headers eval: [('!X-Upstream') x 4]



=== TEST 13: a NUL in the request line or a header is refused by nginx
--- answers eval
[
    ["GET /file\0?token=x HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["GET /file?token=\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["GET /file HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \0\r\n\r\n", 400],
    ["GET /file HTTP/1.1\r\nHost: x\r\nX-\0: y\r\n\r\n", 400],
]



=== TEST 14: HTTP/1.0 without Host
--- raw_request eval
"GET /file HTTP/1.0\r\n$::Session\r\n\r\n"
--- response_body chomp
app: /file



=== TEST 15: HTTP/1.0 without Host and without a session
--- raw_request eval
"GET /file HTTP/1.0\r\n\r\n"
--- error_code: 401
--- response_body eval: $::None



=== TEST 16: HTTP/1.1 without Host is refused by nginx
--- raw_request eval
"GET /file HTTP/1.1\r\n$::Session\r\n\r\n"
--- error_code: 400



=== TEST 17: HTTP/0.9, which has no headers, is refused and not logged with its token
--- raw_request eval
'GET /file?token=' . 'a' x 64 . "\r\n"
--- ignore_response
--- error_log eval
'auth_gate: request refused: HTTP/0.9, client: 127.0.0.1, server: localhost, request: "GET /file?token=' . '*' x 64 . '"'
--- no_error_log eval: ['a' x 64, '[alert]', '[crit]']



=== TEST 18: a request target without a path is handled
--- raw_request eval
'GET http://localhost?token=' . 'a' x 64 . " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- error_code: 401
--- response_body eval: $::Invalid
--- no_access_log eval: 'a' x 64
--- no_error_log eval: ['a' x 64, '[alert]', '[crit]']



=== TEST 19: unusual queries are parsed
--- request eval: [map { "GET /file?$_" } '', '?', '&', '=', '%', '%%%', 'token=%', 'token=%6', 'token=%zz', '%=%', '#', 'a#?token=b']
--- error_code eval: [(401) x 12]
--- response_headers eval: [('!X-Upstream') x 12]



=== TEST 20: unusual Authorization headers are parsed
--- request eval: [('GET /file') x 8]
--- more_headers eval
[map { "Authorization:$_" } '', ' ', ' Bearer', ' Bearer ', ' X', ' Bearer,', " Bearer\t" . session_jwt(7), ' Bearer ' . session_jwt(7) . ' x']
--- error_code eval: [(401) x 8]
--- response_headers eval: [('!X-Upstream') x 8]



=== TEST 21: the body of a refused request is not parsed as the next request
--- answers eval
my $body = $::Smuggled x 3;
my $next = main::request('GET /open/next HTTP/1.1', 'Connection: close');
my $length = 'Content-Length: ' . length $body;
[
    [main::request('POST /file HTTP/1.1', $length) . $body . $next, 401, 200],
    [main::request('POST /file?token=x HTTP/1.1', $length) . $body . $next, 401, 200],
    [main::request('POST /file/a;b/c HTTP/1.1', $length, $::Session) . $body . $next, 400],
    [main::request('POST /token HTTP/1.1', $length) . $body . $next, 401, 200],
    [main::request('PUT /token HTTP/1.1', $length, $::Session) . $body . $next, 405, 200],
    [main::request('GET /token HTTP/1.1', $length, $::Session) . $body . $next, 405, 200],
    [main::request('POST /token HTTP/1.1', $length, $::Session) . $body . $next, 400, 200],
]



=== TEST 22: the chunked body of a refused request is not parsed as the next request
--- answers eval
my $body = main::chunked($::Smuggled, $::Smuggled);
my $next = main::request('GET /open/next HTTP/1.1', 'Connection: close');
my $te = 'Transfer-Encoding: chunked';
[
    [main::request('POST /file HTTP/1.1', $te) . $body . $next, 401, 200],
    [main::request('POST /token HTTP/1.1', $te) . $body . $next, 401, 200],
    [main::request('PUT /token HTTP/1.1', $te, $::Session) . $body . $next, 405, 200],
    [main::request('POST /token HTTP/1.1', $te, $::Session) . $body . $next, 400, 200],
    [main::request('POST /single HTTP/1.1', $te, $::Session) . main::chunked('{"a":1}') . $next, 200, 200],
]



=== TEST 23: the large body of a refused request is not parsed as the next request
--- answers eval
my $body = $::Smuggled x 5000;
my $next = main::request('GET /open/next HTTP/1.1', 'Connection: close');
my $length = 'Content-Length: ' . length $body;
[
    [main::request('POST /file HTTP/1.1', $length) . $body . $next, 401, 200],
    [main::request('POST /token HTTP/1.1', $length) . $body . $next, 401, 200],
    [main::request('PUT /token HTTP/1.1', $length, $::Session) . $body . $next, 405, 200],
    [main::request('POST /token HTTP/1.1', $length, $::Session) . $body . $next, 413, 200],
    [main::request('POST /token HTTP/1.1', 'Transfer-Encoding: chunked', $::Session) . main::chunked($body) . $next, 413, 200],
]



=== TEST 24: each pipelined request gets its own decision
--- answers eval
my @session = $::Session;
[[
    main::request('GET /file HTTP/1.1') . main::request('GET /file HTTP/1.1', @session) . main::request('POST /single HTTP/1.1', @session)
    . main::request('GET /file?token=' . 'a' x 64 . ' HTTP/1.1') . main::request('GET /token HTTP/1.1', @session)
    . main::request('GET /file HTTP/1.1', @session) . main::request('GET /file HTTP/1.1', 'Connection: close'),
    401, 200, 200, 401, 405, 200, 401,
]]



=== TEST 25: Expect: 100-continue on a refused request gets the refusal
--- request eval: ["POST /file\nhello", "POST /token\nhello"]
--- more_headers eval: ["Expect: 100-continue", "Expect: 100-continue"]
--- error_code eval: [401, 401]
--- response_headers eval: ['!X-Upstream', '!X-Upstream']



=== TEST 26: Expect: 100-continue on a request for a token gets both responses
--- then eval
[["POST /token\n{\"purpose\":\"ws\"}", 100, qr/^HTTP\/1\.1 200 OK\r\n.*\{"token":"[0-9a-f]{64}"\}\z/s, [$::Session, 'Expect: 100-continue']]]



=== TEST 27: a client that disconnects while its body is read does no harm
--- broken_off eval
[
    main::request('POST /token HTTP/1.1', $::Session, 'Content-Length: 100') . '{"purpose":',
    main::request('POST /token HTTP/1.1', $::Session, 'Content-Length: 100'),
    main::request('POST /token HTTP/1.1', $::Session, 'Content-Length: 100000') . 'x' x 20000,
    main::request('POST /token HTTP/1.1', $::Session, 'Transfer-Encoding: chunked') . "5\r\n{\"a",
    main::request('POST /token HTTP/1.1', $::Session, 'Transfer-Encoding: chunked'),
    main::request('POST /token HTTP/1.1', $::Session, 'Expect: 100-continue', 'Content-Length: 10'),
    main::request('POST /token HTTP/1.1', 'Content-Length: 100') . 'x',
    main::request('PUT /token HTTP/1.1', $::Session, 'Content-Length: 100') . 'x',
    main::request('POST /file HTTP/1.1', $::Session, 'Content-Length: 100') . 'x',
    main::request('POST /file HTTP/1.1', 'Content-Length: 100') . 'x',
    'GET /file?token=' . 'a' x 64,
    main::request('GET /file HTTP/1.1', $::Session),
]



=== TEST 28: a client that disconnects during a handshake does no harm
--- broken_off eval
my @handshake = ('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
[
    main::request('GET /ws HTTP/1.1', @handshake),
    main::request('GET /ws HTTP/1.1', @handshake) . "\x88\x80\0\0\0\0",
    main::request('GET /ws HTTP/1.1', @handshake) . 'x' x 100000,
    substr(main::request('GET /ws HTTP/1.1', @handshake), 0, -2),
]



=== TEST 29: malformed chunks are refused
--- answers eval
my @te = ($::Session, 'Transfer-Encoding: chunked', 'Connection: close');
[
    [main::request('POST /token HTTP/1.1', @te) . "zz\r\nhello", 400],
    [main::request('POST /token HTTP/1.1', @te) . "fffffffffffffffff\r\nhello", 400],
    [main::request('POST /token HTTP/1.1', @te) . "7fffffffffffffff\r\nhello", 400],
    [main::request('POST /token HTTP/1.1', @te) . "-1\r\nhello", 400],
]



=== TEST 30: malformed lengths are refused by nginx
--- answers eval
[
    (map { [main::request('POST /token HTTP/1.1', $::Session, "Content-Length: $_", 'Connection: close') . 'hello', 400] } '-1', 'x', '99999999999999999999', ''),
    [main::request('POST /token HTTP/1.1', $::Session, 'Content-Length: 2', 'Content-Length: 5', 'Connection: close') . 'hello', 400],
    [main::request('POST /token HTTP/1.1', $::Session, 'Content-Length: 2', 'Transfer-Encoding: chunked', 'Connection: close') . main::chunked('hello'), 400],
]
