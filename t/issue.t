# Requesting tokens: auth_gate_issue.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
    auth_gate_purpose preview ttl=10s;
_EOC_

our $Config = <<'_EOC_';
    location = /ws-token       { auth_gate_issue ws; }
    location = /resource-token { auth_gate_issue download immich; }
    location = /small-buffer   { auth_gate_issue download immich; client_body_buffer_size 64; }
    location = /small-body     { auth_gate_issue download immich; client_max_body_size 1k; }
    location = /preview-token  { auth_gate_issue preview; }
    location = /file           { auth_gate jwt token=download; empty_gif; }
    location = /image          { auth_gate token=immich; empty_gif; }
    location = /socket         { auth_gate token=ws; empty_gif; }
    location = /preview        { auth_gate token=preview; empty_gif; }
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

=== TEST 1: without a body, a session gets a token of 64 lower-case hex digits
--- request
POST /ws-token
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z
--- response_headers
Content-Type: application/json
Cache-Control: no-store
Content-Length: 76
!WWW-Authenticate



=== TEST 2: without a body, the token is for the endpoint's only purpose
--- request
POST /ws-token
--- more_headers eval: $::Session
--- then eval
[['GET /socket?token=%TOKEN%', 200, qr/^GIF89a/]]



=== TEST 3: an empty JSON object is like no body where there is one purpose
--- request
POST /ws-token
{}
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 4: an endpoint's only purpose may be named
--- request
POST /ws-token
{"purpose":"ws"}
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 5: Content-Length: 0 is no body
--- raw_request eval
"POST /ws-token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$::Session\r\nContent-Length: 0\r\n\r\n"
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 6: an empty chunked body is no body
--- raw_request eval
"POST /ws-token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$::Session\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 7: the first purpose of an endpoint with two
--- request
POST /resource-token
{"purpose":"download"}
--- more_headers eval: $::Session
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/^GIF89a/]]



=== TEST 8: the second purpose of an endpoint with two
--- request
POST /resource-token
{"purpose":"immich"}
--- more_headers eval: $::Session
--- then eval
[['GET /image?token=%TOKEN%', 200, qr/^GIF89a/]]



=== TEST 9: a purpose with a custom name
--- request
POST /preview-token
{"purpose":"preview"}
--- more_headers eval: $::Session
--- then eval
[['GET /preview?token=%TOKEN%', 200, qr/^GIF89a/]]



=== TEST 10: other members of the body are ignored
--- request
POST /resource-token
 { "trip": [1, {"a": null}], "purpose" : "immich", "x": 1e2 } 
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 11: the Content-Type of the request does not matter
--- request
POST /resource-token
{"purpose":"immich"}
--- more_headers eval: "$::Session\nContent-Type: text/plain"
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 12: a purpose may have JSON escapes
--- request
POST /resource-token
{"\u0070urpose":"\u0069mmich"}
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 13: a chunked body in several chunks
--- raw_request eval
"POST /resource-token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$::Session\r\nTransfer-Encoding: chunked\r\n\r\n"
. "5\r\n{\"pur\r\n6;ext=1\r\npose\":\r\nA\r\n\"download\"\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n"
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/^GIF89a/]]



=== TEST 14: a body that arrives in pieces
--- raw_request eval
["POST /resource-token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$::Session\r\nContent-Length: 22\r\n\r\n",
 '{"purpo', 'se":"down', 'load"}']
--- raw_request_middle_delay: 0.02
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 15: a body larger than client_body_buffer_size is read from its temporary file
--- request eval
qq~POST /small-buffer\n{"padding":"~ . ('x' x 5000) . qq~","purpose":"download"}~
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/^GIF89a/]]



=== TEST 16: a chunked body larger than client_body_buffer_size
--- raw_request eval
my $body = '{"padding":"' . ('x' x 5000) . '","purpose":"download"}';
"POST /small-buffer HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$::Session\r\nTransfer-Encoding: chunked\r\n\r\n"
. sprintf("%x\r\n%s\r\n0\r\n\r\n", length $body, $body)
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 17: a body of exactly 16 KB
--- request eval
my $ends = length '{"padding":"","purpose":"download"}';
qq~POST /resource-token\n{"padding":"~ . ('x' x (16384 - $ends)) . qq~","purpose":"download"}~
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 18: a body larger than 16 KB is refused
--- request eval
my $ends = length '{"padding":"","purpose":"download"}';
qq~POST /resource-token\n{"padding":"~ . ('x' x (16385 - $ends)) . qq~","purpose":"download"}~
--- more_headers eval: $::Session
--- error_code: 413
--- response_body chomp
{"error":"Request body too large"}
--- response_headers
Content-Type: application/json
Cache-Control: no-store



=== TEST 19: a body larger than client_max_body_size is refused by nginx
--- request eval
qq~POST /small-body\n{"padding":"~ . ('x' x 2000) . qq~","purpose":"download"}~
--- more_headers eval: $::Session
--- error_code: 413
--- response_body_unlike: token



=== TEST 20: a chunked body larger than client_max_body_size is refused by nginx
--- raw_request eval
my $body = '{"padding":"' . ('x' x 2000) . '","purpose":"download"}';
"POST /small-body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$::Session\r\nTransfer-Encoding: chunked\r\n\r\n"
. sprintf("%x\r\n%s\r\n0\r\n\r\n", length $body, $body)
--- error_code: 413
--- response_body_unlike: token



=== TEST 21: two tokens differ
--- request eval
['POST /ws-token', 'POST /ws-token']
--- more_headers eval: [$::Session, $::Session]
--- response_body_like eval
[qr/\A\{"token":"([0-9a-f]{64})"\}\z(?{ $::First = $1 })/, qr/\A\{"token":"(?!(??{ $::First }))[0-9a-f]{64}"\}\z/]
--- error_code eval
[200, 200]



=== TEST 22: purpose names are compared exactly
--- request eval
[map { qq{POST /resource-token\n{"purpose":"$_"}} } 'Download', 'DOWNLOAD', 'download ', ' download', 'downloads', 'down', '']
--- more_headers eval: [($::Session) x 7]
--- error_code eval: [(400) x 7]
--- response_body eval: ['{"error":"Invalid purpose"}', ('{"error":"Invalid purpose"}') x 6]
--- response_headers eval: [("Content-Type: application/json\nCache-Control: no-store") x 7]



=== TEST 23: a purpose that the endpoint does not issue is refused, even if it is declared
--- request eval
[map { qq{POST $_->[0]\n{"purpose":"$_->[1]"}} }
    ['/ws-token', 'download'], ['/resource-token', 'ws'], ['/resource-token', 'preview'], ['/resource-token', 'nonsense']]
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(400) x 4]
--- response_body eval: [('{"error":"Invalid purpose"}') x 4]



=== TEST 24: a purpose that is not a string is refused
--- request eval
[map { qq{POST /resource-token\n{"purpose":$_}} } 'null', 'true', '0', '1.5', '["download"]', '{"download":1}', '[]']
--- more_headers eval: [($::Session) x 7]
--- error_code eval: [(400) x 7]
--- response_body eval: [('{"error":"Invalid purpose"}') x 7]



=== TEST 25: a purpose that is not a string is refused where there is only one purpose, too
--- request eval
[map { qq{POST /ws-token\n{"purpose":$_}} } 'null', 'false', '["ws"]', '""']
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(400) x 4]
--- response_body eval: [('{"error":"Invalid purpose"}') x 4]



=== TEST 26: where there are two purposes, one must be named
--- request eval
['POST /resource-token', "POST /resource-token\n{}", "POST /resource-token\n{\"Purpose\":\"download\"}"]
--- more_headers eval: [($::Session) x 3]
--- error_code eval: [(400) x 3]
--- response_body eval: [('{"error":"Invalid purpose"}') x 3]



=== TEST 27: JSON that is not an object is refused
--- request eval
[map { my $body = $_; map { "POST $_\n$body" } '/resource-token', '/ws-token' }
    '[]', '["download"]', '"download"', '"ws"', '1', 'null', 'true', '[{"purpose":"ws"}]']
--- more_headers eval: [($::Session) x 16]
--- error_code eval: [(400) x 16]
--- response_body eval: [('{"error":"Invalid purpose"}') x 16]



=== TEST 28: a body that is not JSON is refused
--- request eval
[map { "POST /resource-token\n$_" }
    'purpose=download', 'download', '{', '{"purpose":"download"', '{"purpose":"download"}}', '{"purpose":"download"} x',
    "{'purpose':'download'}", '{"purpose":"download",}', '{purpose:"download"}', '{"purpose":"download"}{"purpose":"download"}',
    '<a/>', "\xef\xbb\xbf{\"purpose\":\"download\"}", 'NaN', '{"purpose":"down' . "\n" . 'load"}']
--- more_headers eval: [($::Session) x 14]
--- error_code eval: [(400) x 14]
--- response_body eval: [('{"error":"Invalid JSON"}') x 14]
--- response_headers eval: [("Content-Type: application/json\nCache-Control: no-store") x 14]



=== TEST 29: a duplicate member is refused, whatever its values
--- request eval
[map { "POST /resource-token\n$_" }
    '{"purpose":"download","purpose":"download"}', '{"purpose":"download","purpose":"immich"}',
    '{"a":{"b":1,"b":1},"purpose":"download"}']
--- more_headers eval: [($::Session) x 3]
--- error_code eval: [(400) x 3]
--- response_body eval: [('{"error":"Invalid JSON"}') x 3]



=== TEST 30: invalid UTF-8 is refused
--- request eval
[map { "POST /resource-token\n$_" }
    "{\"purpose\":\"download\xff\"}", "{\"purpose\":\"download\",\"x\":\"\xc0\xaf\"}", "\x80", "{\"purpose\":\"download\",\"x\":\"\xed\xa0\x80\"}"]
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(400) x 4]
--- response_body eval: [('{"error":"Invalid JSON"}') x 4]



=== TEST 31: UTF-8 in other members is accepted
--- request eval
"POST /resource-token\n{\"name\":\"\xc3\xa4\xf0\x9f\x98\x80\",\"purpose\":\"download\"}"
--- more_headers eval: $::Session
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z



=== TEST 32: a NUL in the body is refused
--- request eval
[map { "POST /resource-token\n$_" }
    "{\"purpose\":\"download\"}\0", "\0", "{\"purpose\":\"download\0\"}", '{"purpose":"download\u0000"}', "{\0\"purpose\":\"download\"}"]
--- more_headers eval: [($::Session) x 5]
--- error_code eval: [(400) x 5]
--- response_body eval: [('{"error":"Invalid JSON"}') x 5]



=== TEST 33: deeply nested JSON is refused
--- request eval
[map { "POST /resource-token\n$_" } '[' x 16000, '{"a":' x 3000, '[' x 8000 . ']' x 8000]
--- more_headers eval: [($::Session) x 3]
--- error_code eval: [(400) x 3]
--- response_body eval: [('{"error":"Invalid JSON"}') x 3]



=== TEST 34: huge numbers are accepted
--- request eval
"POST /resource-token\n{\"a\":" . ('9' x 400) . ',"purpose":"download"}'
--- more_headers eval: $::Session
--- error_code_like: ^(?:200|400)$



=== TEST 35: a body of only white space is not JSON
--- raw_request eval
"POST /ws-token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$::Session\r\nContent-Length: 3\r\n\r\n \r\n"
--- error_code: 400
--- response_body chomp
{"error":"Invalid JSON"}
