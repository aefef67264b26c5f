# A JWT in the URL: refused in every gated location, and masked wherever it might be logged.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);

our $Config = <<'_EOC_';
    location = /api     { auth_gate jwt; proxy_pass http://app; }
    location = /both    { auth_gate jwt token=download; proxy_pass http://app; }
    location = /file    { auth_gate token=download; proxy_pass http://app; }
    location = /cookie  { auth_gate jwt; auth_gate_jwt_from cookie:session; proxy_pass http://app; }
    location = /cookies { auth_gate jwt token=download; auth_gate_jwt_from cookie:session; proxy_pass http://app; }
    location /in/       { auth_gate jwt; proxy_pass http://app; }
    location = /open    { proxy_pass http://app; }
_EOC_

# The application responds with the text of the section app. Requests that reach it leave a line with "server: app," in
# error.log.
add_block_preprocessor(sub {
    my $block  = shift;
    my $socket = "unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/app.sock";
    chomp(my $answer = $block->app // '$request_method $request_uri');
    $block->set_value(http_config => <<"_EOC_" . ($block->http_config // ''));
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
    upstream app { server $socket; }
    server {
        listen      $socket;
        server_name app;
        auth_gate   off;
        rewrite_log on;
        if (\$uri ~ ^) { }
        location / { return 200 "$answer"; }
    }
_EOC_
    $block->set_value(config       => $Config)             if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
});

run_tests();

__DATA__

=== TEST 1: a JWT in the URL does not admit
--- request eval: ['GET /api?token=' . session_jwt(7), 'GET /both?token=' . session_jwt(7), 'GET /file?token=' . session_jwt(7)]
--- error_code eval: [(401) x 3]
--- response_body eval: [($::Invalid) x 3]
--- response_headers eval: [('WWW-Authenticate: Bearer error="invalid_token"') x 3]
--- no_error_log eval: $::NotReached



=== TEST 2: a JWT in the URL is refused even with a good one in the header
--- request eval: ['GET /api?token=' . session_jwt(7), 'GET /both?token=' . session_jwt(7)]
--- more_headers eval: [($::Session) x 2]
--- error_code eval: [(401) x 2]
--- response_body eval: [($::Invalid) x 2]
--- no_error_log eval: $::NotReached



=== TEST 3: a JWT in the URL is refused even with a good one in a cookie
--- request eval: ['GET /cookie?token=' . session_jwt(7), 'GET /cookies?token=' . session_jwt(7)]
--- more_headers eval: [('Cookie: session=' . session_jwt(7)) x 2]
--- error_code eval: [(401) x 2]
--- no_error_log eval: $::NotReached



=== TEST 4: a JWT in the URL is refused even if it is invalid
--- request eval: [map { "GET /api?token=$_" } session_jwt(7, exp => 1), session_jwt(7, -secret => 'x'), 'eyJhbGciOiJub25lIn0.eyJpZCI6N30.', jwt('{"id":7}', header => '{"alg":"RS256"}')]
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(401) x 4]
--- no_error_log eval: $::NotReached



=== TEST 5: a JWT in the URL is refused at any position and with any escapes
--- request eval
my $jwt = session_jwt(7);
(my $escaped = $jwt) =~ s/(.)/sprintf '%%%02x', ord $1/ge;
(my $dots = $jwt) =~ s/\./%2E/g;
[map { "GET /api?$_" } "a=b&token=$jwt", "token=$jwt&a=b", "token=abc&token=$jwt", "token=$jwt&token=abc", "tok%65n=$jwt", "%74%6F%6b%65%6E=$jwt",
 "token=$escaped", "token=$dots", "%74oken=$dots", "&&token=$jwt&&"]
--- more_headers eval: [($::Session) x 10]
--- error_code eval: [(401) x 10]
--- response_body eval: [($::Invalid) x 10]
--- no_error_log eval: $::NotReached



=== TEST 6: the same JWTs are refused where tokens are accepted
--- request eval
my $jwt = session_jwt(7);
(my $escaped = $jwt) =~ s/(.)/sprintf '%%%02x', ord $1/ge;
[map { "GET /both?$_" } "a=b&token=$jwt", "token=abc&token=$jwt", "token=$jwt&token=abc", "tok%65n=$jwt", "token=$escaped"]
--- more_headers eval: [($::Session) x 5]
--- error_code eval: [(401) x 5]
--- response_body eval: [($::Invalid) x 5]
--- no_error_log eval: $::NotReached



=== TEST 7: a JWT whose header begins with white space is refused in the URL too
--- request eval: ['GET /api?token=' . jwt('{"id":7,"exp":9999999999}', header => ' {"alg":"HS256"}')]
--- more_headers eval: [$::Session]
--- error_code eval: [401]
--- no_error_log eval: $::NotReached



=== TEST 8: a JWT in the URL is not logged
--- log_level: info
--- request eval: [map { my $jwt = session_jwt(7); ("GET $_?token=$jwt&a=b", "GET $_?a=b&%74oken=$jwt", "GET $_?token=x&token=$jwt") } '/api', '/both', '/file']
--- more_headers eval: [map { "Referer: http://localhost/x?token=" . session_jwt(7) . '&c=d' } 1 .. 9]
--- error_code eval: [(401) x 9]
--- no_error_log
[alert]
[crit]
eyJ
server: app,
--- no_access_log
eyJ



=== TEST 9: the rest of a URL with a JWT is in the access log
--- request eval: 'GET /api?a=b&token=' . session_jwt(7) . '&c=d'
--- error_code: 401
--- access_log eval: qr{"GET /api\?a=b&token=\*+&c=d HTTP/1\.1" 401}
--- no_access_log
eyJ



=== TEST 10: variables do not contain the JWT from the URL
--- config
    location = /api { auth_gate jwt; add_header X-Seen "$request_uri|$args|$arg_token|$request|$query_string" always; proxy_pass http://app; }
--- request eval: 'GET /api?a=b&token=' . session_jwt(7)
--- error_code: 401
--- response_headers_like
X-Seen: /api\?a=b\|a=b\|\|GET /api\?a=b&token=\*+ HTTP/1\.1\|a=b



=== TEST 11: an application's own ?token= is left alone where no tokens are accepted
--- request eval: [map { "GET /api?$_" } 'token=abc', 'token=', 'token', 'a=b&token=a.b.c', 'token=eyJ', 'token=x&token=y', 'token=a%2Eb%20c', 'token=' . 'a' x 64]
--- more_headers eval: [($::Session) x 8]
--- error_code eval: [(200) x 8]
--- response_body eval: [map { "GET /api?$_" } 'token=abc', 'token=', 'token', 'a=b&token=a.b.c', 'token=eyJ', 'token=x&token=y', 'token=a%2Eb%20c', 'token=' . 'a' x 64]



=== TEST 12: a parameter of another name is left alone
--- request eval: [map { "GET /api?$_" } 'Token=eyJhIjoxfQ.eyJhIjoxfQ.x', 'xtoken=eyJhIjoxfQ.eyJhIjoxfQ.x', 'tokens=eyJhIjoxfQ.eyJhIjoxfQ.x', 'q=token%3DeyJhIjoxfQ.eyJhIjoxfQ.x']
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(200) x 4]
--- response_body eval: [map { "GET /api?$_" } 'Token=eyJhIjoxfQ.eyJhIjoxfQ.x', 'xtoken=eyJhIjoxfQ.eyJhIjoxfQ.x', 'tokens=eyJhIjoxfQ.eyJhIjoxfQ.x', 'q=token%3DeyJhIjoxfQ.eyJhIjoxfQ.x']



=== TEST 13: a location without a gate leaves ?token= alone
--- request
GET /open?token=eyJhIjoxfQ.eyJhIjoxfQ.x
--- response_body: GET /open?token=eyJhIjoxfQ.eyJhIjoxfQ.x



=== TEST 14: a JWT in the path does not admit
--- request eval: ['GET /in/' . session_jwt(7), 'GET /in/token=' . session_jwt(7)]
--- error_code eval: [401, 401]
--- response_body eval: [($::Absent) x 2]
--- no_error_log eval: $::NotReached



=== TEST 15: a JWT in the body does not admit
--- request eval: "POST /api\ntoken=" . session_jwt(7)
--- more_headers
Content-Type: application/x-www-form-urlencoded
--- error_code: 401
--- response_body eval: $::Absent
--- no_error_log eval: $::NotReached



=== TEST 16: a Referer with a JWT in token= reaches the application masked
--- app: $http_referer
--- request
GET /api
--- more_headers eval: "$::Session\nReferer: http://localhost/x?a=b&token=" . session_jwt(7) . '&c=d'
--- response_body_like: ^http://localhost/x\?a=b&token=\*+&c=d$



=== TEST 17: a JWT in the URL of a HEAD, a POST or a preflight does not reach the application
--- app: $request_method $request_uri $http_authorization
--- request eval: [map { "$_ /api?token=" . session_jwt(7) } qw(POST PUT DELETE OPTIONS)]
--- more_headers eval: [('Origin: http://o') x 3, "Origin: http://o\nAccess-Control-Request-Method: GET"]
--- error_code eval: [401, 401, 401, 200]
--- response_body eval: [($::Invalid) x 3, 'OPTIONS /api ']
