# `auth_gate_pass opaque`: an application's own key in Authorization goes through unchanged, without a user, and nothing
# beside it that could be a session.

use lib 't/lib';
use AuthGateTest;
use MIME::Base64 qw(encode_base64);
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Seven   = session_jwt(7);
our $Old     = session_jwt(7, exp => time - 10);
our $Jwe     = b64url('{"alg":"dir","enc":"A256GCM"}') . '..aXY.Y2lwaGVy.dGFn';
our $Absent  = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our @Page    = ('Sec-Fetch-Mode: navigate', 'Accept: text/html');
our $Upgrade = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

sub basic   { return 'Basic ' . encode_base64(shift, '') }
sub escaped { return shift =~ s/(.)/sprintf '%%%02x', ord $1/ger }

our @Keys = (
    'Bearer ghp_0123456789abcdef', 'bearer x', 'Token abc', 'token="abc", nonce="0"', 'GenieKey 0-1-2', 'raw-key.with.dots',
    'Bearer v4.public.eyJkYXRhIjoidGhpcyJ9', 'Bearer glc_eyJvIjoiMSIsIm4iOiJhIn0=', 'Bearer eyJ1c2VyIjo3fQ.c2ln', basic('me:a.b.c'),
    'Basic', 'Digest username="a", uri="/x", response="0"', 'AWS4-HMAC-SHA256 Credential=A/20260101/eu/s3/aws4_request, Signature=00',
    'Bearer %41%2e', 'Bearer ' . '0f' x 32,
);

# What could be a session.
our @Hidden = (
    "JWT $Seven", "Token token=\"$Seven\"", "Bearer x, Bearer $Seven", "$Seven", "Bearer x$Seven", "Bearer \"$Seven\"", "Bearer $Jwe", "Token $Jwe",
    basic("me:$Seven"), basic("$Seven:"), basic("me:$Jwe"), basic('me:' . encode_base64($Seven, '')), 'Bearer ' . encode_base64($Seven, ''),
    'Bearer ' . encode_base64(encode_base64($Seven, ''), ''), 'Bearer ' . b64url($Seven), 'Bearer v1/' . b64url("x$Seven"),
    'Token ' . escaped($Seven), 'Token ' . escaped(escaped($Seven)), 'Token ' . escaped(encode_base64($Seven, '')), basic('me:' . escaped($Seven)),
    'Token token="' . $Seven =~ s/(.)/\\$1/gr . '"', 'Token ' . $Seven =~ s/\./%u002e/gr, 'Token ' . $Seven =~ s/\./==./gr,
    'Basic ' . b64url("me:\xff\xfe$Seven"), 'Basic !' . encode_base64("me:$Seven", ''), 'Basic YTo=' . encode_base64($Seven, ''),
);

application_behind_the_gate(<<'_EOC_');
    auth_gate_jwt_from bearer header:X-Auth cookie:sess;
    keepalive_timeout 0;
    proxy_set_header X-Who $auth_gate_user_id;
    location = /token { auth_gate_issue download; }
    location /jwt     { auth_gate jwt; proxy_pass http://app; }
    location /api     { auth_gate jwt; auth_gate_pass opaque; proxy_pass http://app; location /api/in/ { proxy_pass http://app; } }
    location /both    { auth_gate jwt token=download; auth_gate_pass opaque arg:state; proxy_pass http://app; }
    location /only    { auth_gate token=download; auth_gate_pass opaque; proxy_pass http://app; }
    location /option  { auth_gate jwt optional; auth_gate_pass opaque; proxy_pass http://app; }
    location /off     { auth_gate jwt; auth_gate_pass off; proxy_pass http://app; }
    location /said    { auth_gate jwt; auth_gate_pass opaque; add_header X-Said "$auth_gate_decision,$auth_gate_user_id,$auth_gate_claim_id,$auth_gate_jwt"; proxy_pass http://app; }
    location /known   { auth_gate jwt; auth_gate_pass opaque; if ($auth_gate_user_id = "") { set $nobody 1; } add_header X-Nobody "$nobody"; proxy_pass http://app; }
    location /gone    { auth_gate jwt; auth_gate_pass opaque; rewrite ^ /jwt last; }
    location /error   { auth_gate jwt; auth_gate_pass opaque; error_page 418 = /jwt; if ($arg_teapot) { return 418; } proxy_pass http://app; }
    location /back    { auth_gate off; try_files /nothing /api; }
    location = /_ask  { internal; auth_gate jwt; auth_gate_pass opaque; proxy_pass http://app; }
    location /asked   { auth_request /_ask; proxy_pass http://app; }
    location /ws      { auth_gate jwt; auth_gate_pass opaque; auth_gate_ws_close on; proxy_http_version 1.1; proxy_pass http://app; }
_EOC_
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => "auth_gate_zone zone=gate:1m tokens=100;\n" . ($block->http_config // ''));
    $block->set_value(app => '$http_x_who|$http_authorization|$http_x_auth|$http_cookie') if !defined $block->app;
});
follow_up();
run_tests();

__DATA__

=== TEST 1: a key goes on as it is, and the application may not take another user's name from the client
--- app: [$http_authorization]$http_x_who
--- request eval: [('GET /api') x @::Keys]
--- more_headers eval: [map { "X-Who: 7\nAuthorization: $_" } @::Keys]
--- error_code eval: [(200) x @::Keys]
--- response_body eval: [map { "[$_]" } @::Keys]



=== TEST 2: what could hide a session is no key
--- request eval: [('GET /api') x @::Hidden]
--- more_headers eval: [map { "Authorization: $_" } @::Hidden]
--- error_code eval: [(401) x @::Hidden]
--- response_body eval: [($::Invalid) x @::Hidden]



=== TEST 3: a session is treated as ever, also beside what could hide another one
--- request eval: [('GET /api') x 7]
--- more_headers eval
["Authorization: Bearer $::Seven", "X-Auth: $::Seven", "Cookie: a=b; sess=$::Seven", "Authorization: Bearer $::Old", "Cookie: sess=$::Old", 'X-No: 1',
    "Cookie: sess=$::Seven\nAuthorization: JWT $::Seven"]
--- error_code eval: [200, 200, 200, 401, 401, 401, 200]
--- response_body eval: ["7|Bearer $::Seven||", "7||$::Seven|", "7|||a=b; sess=$::Seven", ($::Invalid) x 2, $::Absent, "7|||sess=$::Seven"]



=== TEST 4: a key decides, and every other place of sessions is emptied
--- request eval: [('GET /api') x 5]
--- more_headers eval
["Authorization: Token x\nCookie: a=b; sess=$::Seven", "Authorization: Bearer x\nX-Auth: $::Seven", "Authorization: Token x\nX-Auth: a\nX-Auth: b\nCookie: sess=1\nCookie: c=d",
    'Authorization: ' . ::basic('a:b') . "\nCookie: sess=$::Seven", "Authorization: Token x\nCookie: a=\"1, sess=$::Seven\""]
--- error_code eval: [(200) x 5]
--- response_body eval: ['|Token x||a=b', '|Bearer x||', '|Token x||c=d', '|' . ::basic('a:b') . '||', '|Token x||']



=== TEST 5: two Authorization headers are refused, whatever stands in them, by nginx already
--- request eval: [('GET /api') x 3, 'GET /only']
--- more_headers eval
["Authorization: Token x\nAuthorization: Token x", "Authorization: Token x\nAuthorization: Bearer $::Seven", "Authorization: Token x\nAuthorization: Token y\nCookie: sess=$::Seven",
    "Authorization: Token x\nAuthorization: Token y"]
--- error_code eval: [(400) x 4]



=== TEST 6: without text, it is no key
--- request eval: [('GET /api') x 2]
--- more_headers eval: ['Authorization:', "Authorization:\nCookie: sess=$::Seven"]
--- error_code eval: [401, 200]



=== TEST 7: only locations that say so let it in, and those within them
--- request eval: ['GET /jwt', 'GET /off', 'GET /api/in/x']
--- more_headers: Authorization: Token x
--- error_code eval: [401, 401, 200]
--- response_body eval: [($::Absent) x 2, '|Token x||']



=== TEST 8: with tokens, which are not spent, and with strangers
--- request eval: ['GET /only', 'GET /option', 'GET /option', 'POST /token']
--- more_headers eval: [('Authorization: Token x') x 2, "Authorization: JWT $::Seven", "Authorization: Bearer $::Seven"]
--- error_code eval: [(200) x 4]
--- then eval
[['GET /both?token=%TOKEN%', 200, '|Token x||', ['Authorization: Token x']], ['GET /both?token=%TOKEN%', 200, qr/^7\|Bearer ey/], ['GET /both?token=%TOKEN%', 401]]



=== TEST 9: a JWT in the URL is refused beside it
--- request eval: ["GET /api?jwt=$::Seven", "GET /both?state=$::Seven"]
--- more_headers: Authorization: Token x
--- error_code eval: [401, 200]



=== TEST 10: the decision is opaque, and there is no user
--- request eval: [('GET /said') x 2, 'GET /known']
--- more_headers eval: ['Authorization: Token x', "Authorization: Token x\nCookie: sess=$::Seven", "Authorization: Token x\nCookie: sess=$::Seven"]
--- error_code eval: [(200) x 3]
--- response_headers eval: [('X-Said: opaque,,,') x 2, 'X-Nobody: 1']



=== TEST 11: a redirect to a location that does not say so is refused
--- request eval: ['GET /gone', 'GET /error', 'GET /error?teapot=1', 'GET /back']
--- more_headers eval: [("Authorization: Token x\nCookie: sess=$::Seven") x 2, ("Authorization: Token x") x 2]
--- error_code eval: [200, 200, 401, 200]
--- response_body eval: ["7|||sess=$::Seven", '|Token x||', $::Absent, '|Token x||']



=== TEST 12: where auth_request leads, a session beside a key is refused: nobody empties its place
--- request eval: [('GET /asked') x 4]
--- more_headers eval: ['Authorization: Token x', "Authorization: Token x\nCookie: sess=$::Seven", "Authorization: Token x\nX-Auth: x", "Cookie: sess=$::Seven"]
--- error_code eval: [200, 401, 401, 200]



=== TEST 13: public paths and preflights are as ever
--- config
    auth_gate_public GET /api/open;
    auth_gate_jwt_from bearer cookie:sess;
    location /api { auth_gate jwt; auth_gate_pass opaque; proxy_pass http://app; }
--- request eval: ['GET /api/open', 'OPTIONS /api/x']
--- more_headers eval: ["Authorization: Token x\nCookie: sess=1", "Authorization: Token x\nOrigin: https://o.example\nAccess-Control-Request-Method: GET"]
--- error_code eval: [200, 200]
--- response_body eval: ['|Token x||sess=1', '|||']



=== TEST 14: MFA is not asked of a key where the location says so
--- config
    auth_gate_identity claims;
    auth_gate_mfa always;
    location /api { auth_gate jwt; auth_gate_pass opaque without_mfa; proxy_pass http://app; }
--- request eval: [('GET /api') x 2]
--- more_headers eval: ['Authorization: Token x', "Authorization: Bearer $::Seven"]
--- error_code eval: [200, 403]



=== TEST 15: its answers are kept out of nginx's cache, also of a shared one
--- http_config
    proxy_cache_path $TEST_NGINX_SERVER_ROOT/html/cache keys_zone=c:1m;
--- config
    proxy_cache c;
    proxy_cache_key $uri;
    proxy_cache_valid 1h;
    add_header X-Cache $upstream_cache_status;
    location = /_ask  { internal; auth_gate jwt; auth_gate_pass opaque; proxy_pass http://app; }
    location /api    { auth_gate jwt; auth_gate_pass opaque; auth_gate_cache shared; proxy_pass http://app; }
    location /asked  { auth_request /_ask; auth_gate_cache shared; proxy_pass http://app; }
--- request eval: ['GET /api', 'GET /api', 'GET /api', 'GET /api', 'GET /asked']
--- more_headers eval: ['Authorization: Token x', ("Authorization: Bearer $::Seven") x 2, ('Authorization: Token y') x 2]
--- response_headers eval: ['X-Cache: BYPASS', 'X-Cache: MISS', 'X-Cache: HIT', ('X-Cache: BYPASS') x 2]



=== TEST 16: a socket is opened with it, but not by a foreign page where browsers send the header by themselves
--- request eval: [('GET /ws') x 6]
--- more_headers eval
my $basic = 'Authorization: ' . ::basic('a:b');
[map { "$_\n$::Upgrade" } 'Authorization: Token x', $basic, "$basic\nOrigin: http://localhost", "$basic\nOrigin: https://evil.example", "$basic\nOrigin: null",
    "Authorization: Token x\nOrigin: https://evil.example"]
--- error_code eval: [200, 200, 200, 101, 101, 200]



=== TEST 17: nothing that is not the client's own counts: the JWT of a token
--- config
    auth_gate_jwt_from bearer header:X-Auth;
    location = /token  { auth_gate_issue download; }
    location /file     { auth_gate token=download; auth_gate_upstream_jwt on to=header:X-Auth; rewrite ^ /api last; }
    location /api      { auth_gate jwt; auth_gate_pass opaque; proxy_pass http://app; }
    location /first    { auth_gate token=download; auth_gate_upstream_jwt on to=header:X-Auth; try_files /nothing /second; }
    location /second   { auth_gate jwt; auth_gate_secret file:$TEST_NGINX_SERVER_ROOT/html/other; auth_gate_pass opaque; proxy_pass http://app; }
--- user_files
>>> other
another secret of more than thirty-two bytes
--- request
POST /token
--- more_headers eval: "Authorization: Bearer $::Seven"
--- then eval
[['GET /first?token=%TOKEN%', 401, undef, ['Authorization: Token x']]]
