# After the gate has read a token, it is removed from variables, from the request to the upstream, and from logs.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# The upstream responds with the request that it received.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
    auth_gate_purpose media ttl=60s lease=60s;
    map $request_uri $asks_for { ~token=a a; default other; }
    map $arg_token $arg { "" none; default some; }
    limit_req_zone $server_name zone=slow:64k rate=1r/m;
    log_format redirect '$status to $sent_http_location';
    log_format everything '$request|$request_uri|$args|$query_string|$arg_token|$http_referer|$http_cookie|$http_x_original_url|$uri';
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        location / {
            return 200 "app: $request referer=$http_referer cookie=$http_cookie url=$http_x_original_url query=$http_x_query early=$http_x_early";
        }
    }
_EOC_

our $Config = <<'_EOC_';
    access_log logs/access.log combined;
    location = /token { auth_gate_issue download; }
    location = /media-token { auth_gate_issue media; }
    location /file    { auth_gate jwt token=download; proxy_pass http://app; }
    location /uri     { auth_gate token=download; proxy_pass http://app/elsewhere; }
    location /vars    { auth_gate token=download; proxy_pass http://app$uri$is_args$args; }
    location /request { auth_gate token=download; proxy_pass http://app/x$request_uri; }
    location /header  { auth_gate token=download; proxy_set_header X-Query "$args|$query_string|$arg_token|$request_uri|$request"; proxy_pass http://app; }
    location /set     { set $early "$arg_token|$args|$request_uri|$request"; auth_gate token=download; proxy_set_header X-Early $early; proxy_pass http://app; }
    location /rewrite { auth_gate token=download; rewrite ^/rewrite(.*)$ /file$1?from=$arg_token&args=$args last; }
    location /moved   { auth_gate token=download; rewrite ^ /target redirect; }
    location /sent    { auth_gate token=download; rewrite ^ $request_uri redirect; }
    location /slow    { auth_gate token=download; limit_req zone=slow; proxy_pass http://app; }
    location /wrong   { auth_gate token=ws; proxy_pass http://app; }
    location /small   { auth_gate token=download; client_max_body_size 1; proxy_pass http://app; }
    location /jwt     { auth_gate jwt; proxy_pass http://app; }
    location /down    { auth_gate token=download; proxy_pass http://127.0.0.1:1; }
    location /missing { auth_gate token=download; root $TEST_NGINX_SERVER_ROOT/html; }
    location /lines   { auth_gate token=download; access_log logs/access.log everything; proxy_pass http://app; }
    location /media   { auth_gate token=media; proxy_pass http://app; }
    location /open    { auth_gate off; proxy_pass http://app; }
    location /slash/  { auth_gate token=download; proxy_pass http://app; }
_EOC_

# What else may stand beside a token in its parameter.
our @Stuck = ((map { s/T/'b' x 64/er } '%20T', 'T%20', '%22T%22', 'T.', '=T', 'xT', 'T/y', 'Bearer+T', 'T,x'), 'b' x 128, 'B' x 64);

# Variables evaluated before the location is known keep the raw text.
our $Early = <<'_EOC_';
    if ($request_uri = /nothing) { return 404; }
    if ($asks_for = nothing)     { return 404; }
    if ($arg = nothing)          { return 404; }
    if ($request ~ "^nothing")   { return 404; }
_EOC_

our $Session = 'Authorization: Bearer ' . session_jwt(7);
our $Clean   = qr/[0-9a-f]{60}|(?:%[0-9a-f]{2}){60}/i;
our $Covered = '*' x 64;

# A block without a request requests a token.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig) if !defined $block->http_config;
    $block->set_value(config => $Config)          if !defined $block->config;
    $block->set_value(log_level => 'info')        if !defined $block->log_level;
    $block->set_value(no_access_log => $Clean)    if !defined $block->no_access_log;
    $block->set_value(no_error_log => [$Clean, '[alert]', '[crit]']) if !defined $block->no_error_log;
    return if defined $block->request;
    $block->set_value(request => 'POST /token');
    $block->set_value(more_headers => $Session);
});

follow_up();
run_tests();

__DATA__

=== TEST 1: the upstream's request line has no token and no empty query
--- then eval
[['GET /file/x?token=%TOKEN%', 200, qr{^app: GET /file/x HTTP/1\.[01] referer= cookie= url= }]]



=== TEST 2: other parameters keep their order and bytes
--- then eval
[['GET /file?b=%20%2F&&a=1;2&=&token=%TOKEN%&tokens=%C3%A4&b=?&c&', 200,
    qr{^app: GET /file\?b=%20%2F&&a=1;2&=&tokens=%C3%A4&b=\?&c& HTTP}]]



=== TEST 3: a token at the beginning or end leaves no separator
--- request eval
['GET /file?token=x&a=b', 'GET /file?a=b&token=x']
--- more_headers eval: [$::Session, $::Session]
--- response_body_like eval
['^app: GET /file\?a=b HTTP', '^app: GET /file\?a=b HTTP']
--- error_code eval: [200, 200]
--- no_access_log eval: ['token=x', 'token=x']



=== TEST 4: the path keeps its bytes
--- then eval
[['GET /file/%C3%A4%20b/+c?token=%TOKEN%', 200, qr{^app: GET /file/%C3%A4%20b/\+c HTTP}]]



=== TEST 5: the upstream gets no token where proxy_pass has its own path
--- then eval
[['GET /uri/x?token=%TOKEN%&a=b', 200, qr{^app: GET /elsewhere/x\?a=b HTTP}]]



=== TEST 6: the upstream gets no token where proxy_pass uses variables
--- then eval
[['GET /vars?token=%TOKEN%&a=b', 200, qr{^app: GET /vars\?a=b HTTP}]]



=== TEST 7: the upstream gets no token where proxy_pass uses $request_uri
--- then eval
[['GET /request?token=%TOKEN%', 200, qr{^app: GET /x/request HTTP}]]



=== TEST 8: $args, $query_string, $arg_token, $request_uri and $request contain no token
--- then eval
[['GET /header?token=%TOKEN%&a=b', 200,
    qr{query=a=b\|a=b\|\|/header\?a=b\|GET /header\?token=\Q$::Covered\E&a=b HTTP/1\.1 early}]]



=== TEST 9: variables set by a rewrite in the location contain no token
--- then eval
[['GET /set?token=%TOKEN%&a=b', 200,
    qr{early=\|a=b\|/set\?a=b\|GET /set\?token=\Q$::Covered\E&a=b HTTP/1\.1\z}]]



=== TEST 10: a rewrite that passes the arguments on has no token to pass
--- then eval
[['GET /rewrite?token=%TOKEN%&a=b', 200, qr{^app: GET /file\?from=&args=a=b}]]



=== TEST 11: a redirect sent to the client contains no token
--- request eval
'GET /moved?token=' . 'a' x 64 . '&b=c'
--- error_code: 302
--- raw_response_headers_like: Location: http://localhost:\d+/target\?b=c\r\n



=== TEST 12: a redirect back to the requested URL contains no token
--- request eval
'GET /sent?token=' . 'a' x 64
--- error_code: 302
--- raw_response_headers_unlike eval: $::Clean



=== TEST 13: the access log in the combined format has asterisks in place of the token
--- then eval
[['GET /file?a=b&token=%TOKEN%&c=d', 200]]
--- access_log eval
qq{"GET /file?a=b&token=$::Covered&c=d HTTP/1.1" 200}



=== TEST 14: the access log of a refused request contains no token
--- then eval
[['GET /wrong?token=%TOKEN%', 401], ['GET /file?token=%TOKEN%', 401]]



=== TEST 15: no logged variable contains the token
--- then eval
[['GET /lines?token=%TOKEN%', 200, undef,
    ['Referer: http://x/lines?token=%TOKEN%', 'Cookie: seen=%TOKEN%', 'X-Original-URL: /lines?token=%TOKEN%']]]
--- access_log eval
"GET /lines?token=$::Covered HTTP/1.1|/lines||"



=== TEST 16: the error log at info does not contain a refused token
--- request eval
'GET /file?token=' . 'a' x 64
--- error_code: 401
--- error_log eval
qq{auth_gate: request refused: the token is unknown or used, client: 127.0.0.1, server: localhost, request: "GET /file?token=$::Covered HTTP}



=== TEST 17: a malformed token is masked as well
--- request
GET /file?token=Nearly%41Token&token=Two
--- error_code: 401
--- error_log: request: "GET /file?token=**************&token=*** HTTP/1.1"
--- no_access_log eval: qr/Nearly|Two/
--- no_error_log eval: [qr/Nearly|Two/, '[alert]', '[crit]']



=== TEST 18: a percent-encoded token is masked, too
--- request eval
'GET /file?token=' . '%61' x 64
--- error_code: 401



=== TEST 19: a token under a percent-encoded name is masked, too
--- request eval
'GET /file?%74%6Fken=' . 'a' x 64
--- error_code: 401



=== TEST 20: a token in a target in absolute form is masked, too
--- request eval
'GET http://localhost/file?token=' . 'a' x 64
--- error_code: 401



=== TEST 21: a token before a fragment is masked, too
--- request eval
'GET /file?token=' . 'a' x 64 . '#here'
--- error_code: 401



=== TEST 22: limit_req does not log the token
--- then eval
[['GET /slow', 401], ['GET /slow?token=%TOKEN%', 503]]
--- error_log: limiting requests



=== TEST 23: the log of a missing file does not contain the token
--- then eval
[['GET /missing?token=%TOKEN%', 404]]
--- error_log: No such file



=== TEST 24: the log of an upstream failure does not contain the token
--- then eval
[['GET /down?token=%TOKEN%', 502]]
--- error_log: Connection refused



=== TEST 25: HEAD, which spends nothing, does not pass the token to the upstream
--- then eval
[['HEAD /file?token=%TOKEN%', 200]]



=== TEST 26: a prefetch, which spends nothing, does not log the token
--- then eval
[['GET /file?token=%TOKEN%', 401, undef, ['Sec-Purpose: prefetch']]]



=== TEST 27: a preflight does not pass the token to the upstream
--- then eval
[['OPTIONS /file?token=%TOKEN%', 200, qr{^app: OPTIONS /file HTTP},
    ['Origin: http://elsewhere.example', 'Access-Control-Request-Method: GET']]]



=== TEST 28: a request admitted by a JWT does not pass the token to the upstream
--- then eval
[['GET /file?token=%TOKEN%', 200, qr{^app: GET /file HTTP}, [$::Session]]]



=== TEST 29: a token in a Referer reaches the upstream masked
--- then eval
[['GET /file?token=%TOKEN%', 200, qr{referer=http://x/y\?a=b&token=\Q$::Covered\E&c#d },
    ['Referer: http://x/y?a=b&token=%TOKEN%&c#d']]]



=== TEST 30: another token in a Referer reaches the upstream masked, even where no tokens are accepted
--- request eval
[map { "GET $_" } '/file', '/jwt', '/open']
--- more_headers eval
[("$::Session\nReferer: http://x/y?token=" . 'b' x 64) x 3]
--- error_code eval: [(200) x 3]
--- response_body_like eval: [("referer=http://x/y\\?token=\\*{64} ") x 3]
--- no_access_log eval: [($::Clean) x 3]



=== TEST 31: a JWT in a Referer reaches the upstream masked
--- request
GET /jwt
--- more_headers eval: "$::Session\nReferer: http://x/y?token=" . session_jwt(7)
--- response_body_like: referer=http://x/y\?token=\*+ cookie
--- no_access_log: eyJ



=== TEST 32: an application's own parameter in a Referer is left alone
--- request
GET /jwt
--- more_headers eval: "$::Session\nReferer: http://x/y?token=own&a=b"
--- response_body_like: referer=http://x/y\?token=own&a=b cookie



=== TEST 33: the token is masked in other headers that repeat it
--- then eval
[['GET /file?token=%TOKEN%', 200, qr{cookie=a=\Q$::Covered\E; b=\Q$::Covered\E url=/file\?token=\Q$::Covered\E },
    ['X-Original-URL: /file?token=%TOKEN%', 'Cookie: a=%TOKEN%; b=%TOKEN%']]]



=== TEST 34: a repeated request within a lease does not log the token
--- request
POST /media-token
--- more_headers eval: $::Session
--- then eval
[(['GET /media?token=%TOKEN%', 200, qr{^app: GET /media HTTP}]) x 3]



=== TEST 35: a request with too large a body does not log the token
--- request eval
'POST /small?token=' . 'a' x 64 . "\nhello"
--- error_code: 413



=== TEST 36: a redirect for a missing final slash does not log the token
--- request eval
'GET /slash?token=' . 'a' x 64
--- error_code: 301



=== TEST 37: neither the response with a token nor the request for it is in the error log
--- request
POST /token
--- more_headers eval: $::Session
--- response_body_like: token



=== TEST 38: variables evaluated before the location is known are masked
--- config eval: $::Early . $::Config
--- then eval
[['GET /header?token=%TOKEN%&a=b', 200,
    qr{query=a=b\|a=b\|\|/header\?token=\Q$::Covered\E&a=b\|GET /header\?token=\Q$::Covered\E&a=b HTTP/1\.1 early}]]



=== TEST 39: variables evaluated before the location is known do not pass the token to the upstream
--- config eval: $::Early . $::Config
--- then eval
[['GET /file?token=%TOKEN%&a=b', 200, qr{^app: GET /file\?a=b HTTP}]]



=== TEST 40: text that looks masked already, in the URL and in a header, is handled once
--- request eval: [map { 'GET /file?token=' . $_ x 64 } '*', '%2a']
--- more_headers eval: [('X-Original-URL: ' . '*' x 200) x 2]
--- timeout: 5
--- error_code eval: [401, 401]



=== TEST 41: thousands of values do not delay the worker
--- config eval: "large_client_header_buffers 4 1m;$::Config"
--- request eval: 'GET /file?' . CORE::join '&', ('token=' . 'a' x 63 . 'b') x 4000
--- more_headers eval: 'X-Original-URL: ' . 'a' x 500_000
--- timeout: 5
--- error_code: 401



=== TEST 42: a token before a fragment is masked where nginx itself refuses the request
--- request eval
'POST /small?token=' . 'a' x 64 . "#top\nhello"
--- error_code: 413
--- access_log eval
qq{"POST /small?token=$::Covered#top HTTP/1.1" 413}



=== TEST 43: a redirect for a missing final slash, or by the server, has the token, and no logged variable has it
--- config eval
'if ($uri = /early) { return 302 $scheme://elsewhere$request_uri; } ' . $::Config
    =~ s{access_log .*?;}{access_log logs/access.log everything; access_log logs/access.log redirect;}r
--- request eval: [map { ("GET $_?a=b&token=" . 'a' x 64, "GET $_?token=" . 'a' x 64 . '&a=b', "GET $_?token=" . 'a' x 64) } '/slash', '/early']
--- error_code eval: [(301) x 3, (302) x 3]
--- raw_response_headers_like eval: [('Location: \S+token=a{64}') x 6]



=== TEST 44: a malformed token on the way to a location that takes tokens is not logged
--- config eval: $::Config =~ s{access_log .*?;}{access_log logs/access.log everything;}r
--- request
GET /slash?token=NearlyAToken&a=b
--- error_code: 301
--- access_log: HTTP/1.1|/slash?a=b|a=b|a=b|-|



=== TEST 45: no logged variable of a request that nginx itself answers contains the token
--- config eval
'location = /gone { internal; auth_gate token=download; } '
    . $::Config =~ s{access_log .*?;}{access_log logs/access.log everything;}r =~ s{location /small .*?\}}{location /small { auth_gate token=download; client_max_body_size 1; }}r
--- request eval: ['POST /small?token=' . 'a' x 64 . "\nhello", 'GET /gone?token=' . 'a' x 64]
--- error_code eval: [413, 404]



=== TEST 46: a token in another spelling is refused and masked, and not passed on beside a JWT
--- request eval: [map { my $query = $_; ("GET /file?$query", "GET /file?$query") } map { s/TOKEN/'a' x 64/er } 'Token=TOKEN', 'a=1;token=TOKEN', 'token[]=TOKEN', 'a#&token=TOKEN']
--- more_headers eval: [('X-No: 1', $::Session) x 4]
--- error_code eval: [(401, 200) x 4]
--- response_body_unlike eval: [(qr/a{64}/) x 8]
--- no_access_log eval: [($::Clean) x 8]



=== TEST 47: a good token beside one in another spelling is not spent
--- then eval
[
    ['GET /file?token=%TOKEN%&Token=%TOKEN%', 401],
    ['GET /file?token=%TOKEN%;token=x', 401],
    ['GET /file?token=%TOKEN%', 200],
]



=== TEST 48: an application's own parameter with a similar name is left alone
--- request eval: [map { "GET $_" } '/file?Token=own&token[]=own;a', '/jwt?Token=' . 'b' x 64 . '&tokens=' . 'c' x 64]
--- more_headers eval: [($::Session) x 2]
--- response_body_like eval: ['^app: GET /file\?Token=own&token\[\]=own;a HTTP', '^app: GET /jwt\?Token=b{64}&tokens=c{64} HTTP']
--- no_access_log eval: ['xyz', 'xyz']
--- no_error_log
[alert]
[crit]



=== TEST 49: a token that other text is stuck to is not logged either
--- config
    error_log  logs/error.log info;
    access_log logs/access.log everything;
    location /jwt  { auth_gate jwt; proxy_pass http://app; }
    location /file { auth_gate jwt token=download; proxy_pass http://app; }
--- request eval: [map { my $url = $_; map { "GET $url?token=$_" } @::Stuck } qw(/jwt /file)]
--- more_headers eval: [map { ("X-No: 1\nReferer: http://localhost/x?token=" . $::Stuck[$_ % @::Stuck]) } 0 .. 2 * @::Stuck - 1]
--- error_code_like eval: [('^(?:401|200)$') x (2 * @::Stuck)]
--- no_access_log eval: [(qr/b{64}/i) x (2 * @::Stuck)]
--- no_error_log eval: [qr/b{64}/i, '[alert]']



=== TEST 50: nor one that a path parameter brings
--- config
    access_log logs/access.log everything;
    location /jwt  { auth_gate jwt; proxy_pass http://app; }
--- request eval: [map { "GET /jwt/;token=$_" } 'b' x 64, "x${\ ('b' x 64)}"]
--- error_code eval: [401, 401]
--- no_access_log eval: [(qr/b{64}/) x 2]
--- no_error_log eval: [qr/b{64}/, '[alert]']



=== TEST 51: nor one that stands alone, behind a fragment's mark or another separator
--- config
    error_log  logs/error.log info;
    access_log logs/access.log everything;
    location /jwt  { auth_gate jwt; proxy_pass http://app; }
    location /file { auth_gate jwt token=download; proxy_pass http://app; }
--- request eval: [map { my $url = $_; map { "GET $url$_" . 'b' x 64 } '?token=#', '?token=&', '?token=;', '?a=1#', '?', '?%74oken=#', '?token=#0'} qw(/jwt /file)]
--- error_code_like eval: [('^(?:401|200)$') x 14]
--- no_access_log eval: [(qr/b{64}/i) x 14]
--- no_error_log eval: [qr/b{64}/i, '[alert]']
