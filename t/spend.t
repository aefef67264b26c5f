# Which requests spend a token: other credentials, HEAD, prefetch, internal redirects.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of more than 32 bytes';

# The upstream responds with the request that it received.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
    limit_req_zone   $server_name zone=all:64k rate=1000r/s;
    limit_req_zone   $server_name zone=slow:64k rate=1r/m;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        add_header X-Upstream reached always;
        location / { return 200 "app: $request_method $request_uri"; }
        location /missing { return 404 "not here"; }
        location /moved { add_header X-Accel-Redirect /internal/x; return 200; }
        location /own { add_header X-Accel-Redirect /file/x; return 200; }
    }
_EOC_

our $Config = <<'_EOC_';
    location = /token   { auth_gate_issue download; }
    location /file      { auth_gate jwt token=download; proxy_pass http://app; }
    location /only      { auth_gate token=download; proxy_pass http://app; }
    location /cookie    { auth_gate jwt token=download; auth_gate_jwt_from bearer cookie:session; proxy_pass http://app; }
    location /named     { auth_gate token=download; error_page 418 = @named; try_files /none @named; }
    location @named     { auth_gate token=download; proxy_pass http://app; }
    location /tried     { auth_gate token=download; try_files /none1 /none2 /file/tried; }
    location /missing   { auth_gate token=download; proxy_pass http://app; proxy_intercept_errors on; error_page 404 = /only/instead; }
    location /strict    { auth_gate token=download; try_files /none /elsewhere; }
    location /elsewhere { auth_gate jwt; auth_gate_secret env:OTHER_SECRET; proxy_pass http://app; }
    location /picky     { auth_gate token=download; try_files /none /admin; }
    location /admin     { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
    location /plain     { auth_gate token=download; try_files /none /jwt; }
    location /jwt       { auth_gate jwt; proxy_pass http://app; }
    location /moved     { auth_gate token=download; proxy_pass http://app; }
    location /own       { auth_gate token=download; proxy_pass http://app; }
    location /internal  { internal; auth_gate token=download; proxy_pass http://app; }
    location /before    { auth_gate off; rewrite ^/before(.*)$ /only$1 last; }
    location /within    { auth_gate token=download; rewrite ^/within(.*)$ /only$1 last; proxy_pass http://app; }
    location /break     { auth_gate token=download; rewrite ^/break(.*)$ /only$1 break; proxy_pass http://app; }
    location /index/    { auth_gate token=download; index /only/index; }
    location /limited   { auth_gate token=download; limit_req zone=all burst=10 nodelay; proxy_pass http://app; }
    location /slow      { auth_gate token=download; limit_req zone=slow; proxy_pass http://app; }
    location /any       { auth_gate token=download; satisfy any; deny all; proxy_pass http://app; }
    location /allowed   { auth_gate token=download; satisfy any; allow all; proxy_pass http://app; }
    location /all       { auth_gate token=download; satisfy all; allow 127.0.0.1; deny all; proxy_pass http://app; }
    location /denied    { auth_gate token=download; deny all; proxy_pass http://app; }
    location /failing   { auth_gate token=download; error_page 401 = /only/failed; proxy_pass http://app; }
    location /asking    { auth_gate token=download; auth_request /question; proxy_pass http://app; }
    location /question  { internal; auth_gate token=download; proxy_pass http://app; }
    location /mirrored  { auth_gate token=download; mirror /question; proxy_pass http://app; }
_EOC_

our $Session = 'Authorization: Bearer ' . session_jwt(7);
our $Wrong   = 'Authorization: Bearer ' . session_jwt(7, -secret => 'another secret of more than 32 bytes');
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $None    = '{"error":"Access token required","code":"AUTH_REQUIRED"}';

# A block without a request requests a token.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
    return if defined $block->request;
    $block->set_value(request => 'POST /token');
    $block->set_value(more_headers => $Session);
});

follow_up();
run_tests();

__DATA__

=== TEST 1: with a good Bearer JWT, the token is not spent
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file', [$::Session]],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 2: with a bad Bearer JWT, the request is refused and the token is not spent
--- then eval
[
    ['GET /file?token=%TOKEN%', 401, $::Invalid, [$::Wrong]],
    ['GET /file?token=%TOKEN%', 401, $::Invalid, ['Authorization: Bearer']],
    ['GET /file?token=%TOKEN%', 401, $::Invalid, ['Authorization: Bearer x']],
    ['GET /file?token=%TOKEN%', 401, $::Invalid, ["authorization: bEARER  x"]],
    ['GET /file?token=%TOKEN%', 400, undef, [$::Session, $::Session]],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
]



=== TEST 3: with a bad Bearer JWT, the upstream is not reached
--- request eval: 'GET /file?token=' . 'a' x 64
--- more_headers eval: $::Wrong
--- error_code: 401
--- response_headers
!X-Upstream
--- response_body chomp
{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}



=== TEST 4: a good Bearer JWT admits despite a malformed token
--- request
GET /file?token=nonsense&token=twice
--- more_headers eval: $::Session
--- response_headers
X-Upstream: reached



=== TEST 5: another scheme in Authorization is not a JWT, so the token decides
--- then eval
[['GET /file?token=%TOKEN%', 200, 'app: GET /file', ['Authorization: Basic YTpi']]]



=== TEST 6: where only tokens are accepted, a Bearer JWT is ignored
--- then eval
[
    ['GET /only', 401, $::None, [$::Session]],
    ['GET /only?token=%TOKEN%', 200, 'app: GET /only', [$::Session]],
    ['GET /only?token=%TOKEN%', 401, $::Invalid, [$::Session]],
]



=== TEST 7: with a session cookie, the token decides
--- then eval
my $cookie = 'Cookie: session=' . session_jwt(7);
[
    ['GET /cookie?token=%TOKEN%', 200, 'app: GET /cookie', [$cookie]],
    ['GET /cookie?token=%TOKEN%', 401, $::Invalid, [$cookie]],
    ['GET /cookie', 200, 'app: GET /cookie', [$cookie]],
]



=== TEST 8: HEAD with a good token is admitted and spends nothing
--- then eval
[
    ['HEAD /file?token=%TOKEN%', 200, ''],
    ['HEAD /only?token=%TOKEN%', 200, ''],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
    ['HEAD /file?token=%TOKEN%', 401, ''],
]



=== TEST 9: HEAD with a bad token is refused, and the upstream is not reached
--- request eval: 'HEAD /file?token=' . 'a' x 64
--- error_code: 401
--- response_headers
!X-Upstream
WWW-Authenticate: Bearer error="invalid_token"
--- response_body



=== TEST 10: HEAD with a token for another purpose spends nothing
--- config eval
$::Config . 'location /image { auth_gate token=immich; proxy_pass http://app; }'
--- then eval
[
    ['HEAD /image?token=%TOKEN%', 401, ''],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
]



=== TEST 11: a preflight is admitted without checking the token
--- then eval
my @preflight = ('Origin: http://elsewhere.example', 'Access-Control-Request-Method: GET');
[
    ['OPTIONS /file?token=%TOKEN%', 200, 'app: OPTIONS /file', [@preflight]],
    ['OPTIONS /only?token=' . 'a' x 64, 200, 'app: OPTIONS /only', [@preflight]],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
]



=== TEST 12: OPTIONS that is not a preflight needs a credential and spends the token
--- then eval
[
    ['OPTIONS /file', 401, $::None, ['Origin: http://elsewhere.example']],
    ['OPTIONS /file?token=%TOKEN%', 200, 'app: OPTIONS /file'],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 13: a prefetch is refused and spends nothing
--- then eval
[
    (map { ['GET /file?token=%TOKEN%', 401, $::Invalid, [$_]] }
        'Sec-Purpose: prefetch', 'Sec-Purpose: prefetch;prerender', 'sec-purpose: PREFETCH', 'Sec-Purpose: prefetch;anonymous-client-ip',
        'Sec-Purpose: other, prefetch', 'Purpose: prefetch', 'X-Purpose: preview', 'X-Moz: prefetch', 'Service-Worker-Navigation-Preload: true'),
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
]



=== TEST 14: a prefetch does not reach the upstream
--- request eval: 'GET /file?token=' . 'a' x 64
--- more_headers
Sec-Purpose: prefetch
--- error_code: 401
--- response_headers
!X-Upstream
Cache-Control: no-store



=== TEST 15: a prefetch with a JWT is treated like any request
--- request
GET /file
--- more_headers eval: "$::Session\nSec-Purpose: prefetch"
--- response_headers
X-Upstream: reached



=== TEST 16: a purpose header other than prefetch spends the token
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file', ['Sec-Purpose: prefetched', 'Purpose: navigate']],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 17: a Range request spends the token like any other
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, undef, ['Range: bytes=0-1']],
    ['GET /file?token=%TOKEN%', 401, $::Invalid, ['Range: bytes=2-3']],
]



=== TEST 18: a named location after redemption does not ask again
--- then eval
[['GET /named?token=%TOKEN%', 200, 'app: GET /named'], ['GET /named?token=%TOKEN%', 401, $::Invalid]]



=== TEST 19: try_files after redemption does not ask again
--- then eval
[['GET /tried?token=%TOKEN%', 200, qr{^app: GET /}], ['GET /file?token=%TOKEN%', 401, $::Invalid]]



=== TEST 20: error_page after redemption does not ask again
--- then eval
[['GET /missing?token=%TOKEN%', 200, qr{^app: GET /}], ['GET /only?token=%TOKEN%', 401, $::Invalid]]



=== TEST 21: an index after redemption does not ask again
--- then eval
[['GET /index/?token=%TOKEN%', 200, qr{^app: GET /}], ['GET /only?token=%TOKEN%', 401, $::Invalid]]



=== TEST 22: an internal redirect to a location with the same secrets does not ask again
--- then eval
[['GET /plain?token=%TOKEN%', 200, qr{^app: GET /}]]



=== TEST 23: an internal redirect does not bypass other secrets
--- then eval
[['GET /strict?token=%TOKEN%', 401, $::Invalid]]



=== TEST 24: an internal redirect does not bypass a requirement
--- then eval
[['GET /picky?token=%TOKEN%', 401, $::Invalid]]



=== TEST 25: X-Accel-Redirect of the upstream does not ask again
--- then eval
[['GET /moved?token=%TOKEN%', 200, qr{^app: GET /}], ['GET /only?token=%TOKEN%', 401, $::Invalid]]



=== TEST 26: X-Accel-Redirect to a location that clients can request does not ask again
--- then eval
[['GET /own?token=%TOKEN%', 200, qr{^app: GET /}], ['GET /only?token=%TOKEN%', 401, $::Invalid]]



=== TEST 27: a rewrite before the gate keeps the token
--- then eval
[['GET /before/x?token=%TOKEN%', 200, 'app: GET /only/x'], ['GET /before/x?token=%TOKEN%', 401, $::Invalid]]



=== TEST 28: a rewrite after the gate does not lose the token
--- then eval
[['GET /within/x?token=%TOKEN%', 200, 'app: GET /only/x'], ['GET /within/x?token=%TOKEN%', 401, $::Invalid]]



=== TEST 29: a rewrite in the location does not lose the token
--- then eval
[['GET /break/x?token=%TOKEN%', 200, 'app: GET /only/x'], ['GET /break/x?token=%TOKEN%', 401, $::Invalid]]



=== TEST 30: limit_req before the gate admits a token
--- then eval
[['GET /limited?token=%TOKEN%', 200, 'app: GET /limited'], ['GET /limited?token=%TOKEN%', 401, $::Invalid]]



=== TEST 31: a request refused by limit_req spends nothing
--- then eval
[
    ['GET /slow', 401, $::None],
    ['GET /slow?token=%TOKEN%', 503],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
]



=== TEST 32: satisfy any: for a denied address the token decides
--- then eval
[
    ['GET /any', 401, $::None],
    ['GET /any?token=%TOKEN%', 200, 'app: GET /any'],
    ['GET /any?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 33: satisfy any: an allowed address needs no token, and none is passed on
--- then eval
[
    ['GET /allowed', 200, 'app: GET /allowed'],
    ['GET /allowed?token=%TOKEN%', 200, 'app: GET /allowed'],
]



=== TEST 34: satisfy all requires both
--- then eval
[
    ['GET /all', 401, $::None],
    ['GET /all?token=%TOKEN%', 200, 'app: GET /all'],
    ['GET /all?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 35: a denied address is refused even with a token
--- then eval
[['GET /denied?token=%TOKEN%', 403]]



=== TEST 36: a refusal that error_page sends to another location is refused there again
--- then eval
[
    ['GET /failing', 401],
    ['GET /failing?token=' . 'a' x 64, 401],
    ['GET /failing?token=%TOKEN%', 200, 'app: GET /failing'],
]



=== TEST 37: a refusal that error_page sends to another location does not reach the upstream
--- request eval: ['GET /failing', 'GET /failing?token=' . 'a' x 64]
--- error_code eval: [401, 401]
--- response_headers eval: ['!X-Upstream', '!X-Upstream']



=== TEST 38: a subrequest of another module does not spend the token again
--- then eval
[['GET /asking?token=%TOKEN%', 200, 'app: GET /asking'], ['GET /asking?token=%TOKEN%', 401, $::Invalid]]



=== TEST 39: a mirrored request does not spend the token again
--- then eval
[['GET /mirrored?token=%TOKEN%', 200, 'app: GET /mirrored'], ['GET /mirrored?token=%TOKEN%', 401, $::Invalid]]
