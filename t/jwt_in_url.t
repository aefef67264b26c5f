# A JWT in the URL: refused in every gated location, and masked wherever it might be logged.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);
our $Jwt        = session_jwt(8);
our @Alike      = ('v=1.2.3', 'file=photo.of.me.jpg', 'q=eyJhIjoxfQ', 'host=www.a.example', 'a=eyJhIjoxfQ.eyJhIjoxfQ', 'q=%7B%22a%22:1.5%7D', 'eyJ=x.y.z', 'token=1.2.3', 'xtoken=1&tokens=2');

our $Config = <<'_EOC_';
    location = /api     { auth_gate jwt; proxy_pass http://app; }
    location = /both    { auth_gate jwt token=download; proxy_pass http://app; }
    location = /file    { auth_gate token=download; proxy_pass http://app; }
    location = /cookie  { auth_gate jwt; auth_gate_jwt_from cookie:session; proxy_pass http://app; }
    location = /cookies { auth_gate jwt token=download; auth_gate_jwt_from cookie:session; proxy_pass http://app; }
    location /in/       { auth_gate jwt; proxy_pass http://app; }
    location = /open    { proxy_pass http://app; }
    location /sent/     { auth_gate jwt; auth_gate_path as_sent; proxy_pass http://app; }
    location /pub/      { auth_gate_path as_sent; proxy_pass http://app; }
_EOC_

# What some parser takes for "token": PHP, Rack, qs, Python's and Java's older parsers, ASP.NET, IIS, naive ones.
our @Names = qw(Token TOKEN %54oken token[] token[0] token%5B%5D [token] .token token.x +token %20token token+ token%00 token%00x
    %u0074oken to%E2%84%AAen %EF%BD%94oken);
our @Values = map { my $name = $_; "a=1&$name=JWT&b=2" } @Names;
our @Spelt = (@Values, 'a=1;token=JWT', 'a=1;token=JWT;b=2', 'token=x;token=JWT', 'a=1&amp;token=JWT', 'a=1?token=JWT', 'u=/y?token=JWT', 'a=1#&token=JWT',
    'a#token=JWT', 'token=Bearer+JWT', 'token=Bearer%20JWT', 'token=%22JWT%22', 'token==JWT', 'token=JWT,x', 'token=JWT.x', 'token=JWT;x', '?token=JWT', ';TOKEN=JWT');
sub spelt { my ($url, $jwt) = @_; return map { my $query = $_; $query =~ s/JWT/$jwt/g; "$url?$query" } @Spelt }

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
        access_log  off;
        rewrite_log on;
        if (\$uri ~ ^) { }
        location / { return 200 "$answer"; }
    }
_EOC_
    $block->set_value(config       => $Config)             if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
});

follow_up();
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



=== TEST 12: what only resembles a JWT is left alone
--- request eval: [map { "GET /api?$_" } @::Alike]
--- more_headers eval: [($::Session) x @::Alike]
--- error_code eval: [(200) x @::Alike]
--- response_body eval: [map { "GET /api?$_" } @::Alike]



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



=== TEST 18: a JWT is refused in every spelling of the parameter that some parser accepts, and not logged
--- log_level: info
--- request eval: [map { "GET $_" } map({ ::spelt($_, session_jwt(7)) } '/api', '/both'), map { s/JWT/session_jwt(7)/er } '/sent/x;token=JWT', '/sent/x;token=JWT/y', '/sent/x#?token=JWT']
--- more_headers eval: [($::Session) x (2 * @::Spelt + 3)]
--- error_code eval: [(401) x (2 * @::Spelt + 3)]
--- response_body eval: [($::Invalid) x (2 * @::Spelt + 3)]
--- no_error_log
[alert]
[crit]
eyJ
server: app,
--- no_access_log
eyJ



=== TEST 19: the same in the path of a strict location, which is refused anyway
--- log_level: info
--- request eval: [map { "GET $_" . session_jwt(7) } '/in/x;token=', '/in/x#?token=', '/open;token=']
--- more_headers eval: [('X-No: 1') x 3]
--- error_code eval: [401, 401, 400]
--- no_error_log
[alert]
[crit]
eyJ
server: app,
--- no_access_log
eyJ



=== TEST 20: where there is no gate the application gets it, and the access log does not
--- log_level: info
--- request eval: [map({ "GET $_" } ::spelt('/open', 'eyJhIjoxfQ.eyJhIjoxfQ.x')), 'GET /pub/x;token=eyJhIjoxfQ.eyJhIjoxfQ.x']
--- error_code eval: [(200) x (@::Spelt + 1)]
--- response_body eval: [map({ "GET $_" } ::spelt('/open', 'eyJhIjoxfQ.eyJhIjoxfQ.x')), 'GET /pub/x;token=eyJhIjoxfQ.eyJhIjoxfQ.x']
--- no_access_log
eyJ



=== TEST 21: variables in the access log do not contain it, wherever the request ended
--- http_config
    log_format urls '$request|$request_uri|$args|$query_string|$arg_token|$http_referer|$sent_http_location';
--- config
    access_log logs/access.log urls;
    location = /api   { auth_gate jwt; proxy_pass http://app; }
    location /slash/  { auth_gate jwt; proxy_pass http://app; }
    location = /gone  { internal; }
    location = /moved { return 301 /other$is_args$args; }
    location = /open  { proxy_pass http://app; }
    location = /small { client_max_body_size 1; proxy_pass http://app; }
    if ($uri = /early) { return 302 $scheme://elsewhere$request_uri; }
--- request eval
[map({ my $path = $_; map { my $query = $_; "GET $path?$query=" . session_jwt(7) } 'token', 'a=1;token', 'TOKEN', 'a#&token' } qw(/api /slash /gone /moved /open /early)),
 "POST /small?token=" . session_jwt(7) . "\nxx"]
--- more_headers eval: [("Referer: http://localhost/x?a;TOKEN=" . session_jwt(7)) x 25]
--- error_code eval: [(401) x 4, (301) x 4, (404) x 4, (301) x 4, (200) x 4, (302) x 4, 413]
--- no_access_log
eyJ



=== TEST 22: a Referer with a JWT in another spelling reaches the application masked
--- app: $http_referer
--- request eval: [('GET /api') x 4]
--- more_headers eval: [map { "$::Session\nReferer: http://localhost/x?a=b$_=" . session_jwt(7) . '&c=d' } ';token', '&TOKEN', '&token[]', '#token']
--- response_body_like eval: [map { "^http://localhost/x\\?a=b\Q$_\E=\\*+&c=d\$" } ';token', '&TOKEN', '&token[]', '#token']



=== TEST 23: a preflight with a JWT in another spelling reaches the application without it
--- request eval: [map { "OPTIONS /api?a=1$_=" . session_jwt(7) } ';token', '&TOKEN', '&token[]']
--- more_headers eval: [("Origin: http://o\nAccess-Control-Request-Method: GET") x 3]
--- error_code eval: [(200) x 3]
--- response_body_unlike eval: [(qr/eyJ/) x 3]



=== TEST 24: a JWT under any name is refused, and the log names it
--- log_level: info
--- request eval: [map { "GET $_" } map { my $q = $_ =~ s/JWT/$::Jwt/er; ("/api?$q", "/both?$q", "/cookie?$q") } 'access_token=JWT', 'jwt=JWT', 'a=1&auth=JWT&b=2', 'x[y]=Bearer%20JWT', 'JWT', '=JWT', 'a=1;jwt=JWT', '%6Awt=JWT', 'u=/y?jwt=JWT', 'b=%7B%22t%22:%22JWT%22%7D']
--- more_headers eval: [map { ($::Session, $::Session, "Origin: http://localhost\nCookie: session=" . session_jwt(7)) } 1 .. 10]
--- error_code eval: [(401) x 30]
--- response_body eval: [($::Invalid) x 30]
--- no_error_log eval
['[alert]', '[crit]', "server: app,\n", $::Jwt =~ /([^.]+)$/]



=== TEST 25: a token beside such a JWT is not spent
--- config eval: "$::Config\n    location = /token { auth_gate_issue download; }"
--- request
POST /token
--- more_headers eval: $::Session
--- no_error_log
[alert]
[crit]
--- then eval
[['GET /both?token=%TOKEN%&jwt=' . session_jwt(8), 401], ['GET /file?jwt=' . session_jwt(8) . '&token=%TOKEN%', 401], ['GET /file?token=%TOKEN%', 200]]



=== TEST 26: a parameter that may pass does, by its exact name alone
--- config
    auth_gate_pass arg:state arg:id_token_hint;
    location = /api  { auth_gate jwt; proxy_pass http://app; }
    location = /none { auth_gate jwt; auth_gate_pass arg:other; proxy_pass http://app; }
    location = /file { auth_gate token=download; proxy_pass http://app; }
--- app: $request_uri
--- request eval: [map { 'GET ' . $_ =~ s/JWT/$::Jwt/r } '/api?a=1&state=JWT', '/api?id_token_hint=JWT', '/api?State=JWT', '/api?%73tate=JWT', '/api?state[]=JWT', '/api?state=x&code=JWT', '/none?state=JWT', '/api?token=JWT']
--- more_headers eval: [($::Session) x 8]
--- error_code eval: [200, 200, (401) x 6]
--- response_body_like eval: ["^/api\\?a=1&state=\Q$::Jwt\E\$", "^/api\\?id_token_hint=\Q$::Jwt\E\$", ('error') x 6]
--- no_error_log
[alert]
[crit]



=== TEST 27: on a public path and where there is no gate, it is the application's own, and masked in the log
--- log_format: combined
--- config
    auth_gate_public GET /public;
    location = /public { auth_gate jwt token=download; proxy_pass http://app; }
    location = /open   { proxy_pass http://app; }
    location = /api    { auth_gate jwt; proxy_pass http://app; }
--- app: $request_uri
--- request eval: [map { "GET $_=$::Jwt" } '/public?token', '/public?jwt', '/open?access_token', '/open?a=1;sig', '/public?#?token']
--- error_code eval: [(200) x 5]
--- response_body_like eval: [(quotemeta((split /\./, $::Jwt)[1])) x 4, '^/public']
--- no_error_log
[alert]
[crit]
--- no_access_log eval
(split /\./, $::Jwt)[1]



=== TEST 28: tokens can come under another name
--- config
    location = /token { auth_gate_issue download; }
    location = /hub   { auth_gate jwt token=download param=access_token; proxy_pass http://app; }
    location = /file  { auth_gate token=download; proxy_pass http://app; }
--- app: $request_uri $http_authorization
--- request
POST /token
--- more_headers eval: $::Session
--- no_error_log
[alert]
[crit]
--- no_access_log eval
qr/[0-9a-f]{64}/
--- then eval
[['GET /file?access_token=%TOKEN%', 401], ['GET /hub?token=%TOKEN%', 401], ['GET /hub?Access_Token=%TOKEN%', 401], ['GET /hub?a=1&access_token=%TOKEN%&b=2', 200, qr{^/hub\?a=1&b=2 Bearer ey}],
 ['GET /hub?access_token=%TOKEN%', 401], ['GET /hub?access_token=' . session_jwt(8), 401, undef, [$::Session]], ['GET /hub?token=' . session_jwt(8), 401, undef, [$::Session]]]



=== TEST 29: the log names the parameter
--- log_level: info
--- request eval: 'GET /api?a=1&access_token=' . $::Jwt
--- more_headers eval: $::Session
--- error_code: 401
--- error_log: a JWT came in the URL's parameter "access_token"



=== TEST 30: the log says so where it has no name
--- log_level: info
--- request eval: 'GET /api?' . $::Jwt
--- more_headers eval: $::Session
--- error_code: 401
--- error_log: a JWT came in the URL's parameter "(without a name)"



=== TEST 31: also where nginx sees no arguments, or an escape of another kind, or text in front of it
--- config
    location /api { auth_gate jwt; proxy_pass http://app; }
    location /as  { auth_gate jwt; auth_gate_path as_sent; proxy_pass http://app; }
    location /rw/ { auth_gate jwt; rewrite ^/rw/(.*)$ /api/x?jwt=$1 last; }
--- request eval
[map { 'GET ' . $_ =~ s/JWT/$::Jwt/r } '/api/x?#jwt=JWT', '/api?a#jwt=JWT', '/as/x;jwt=JWT', '/as/x;a=1;jwt=JWT/y', '/as/x;JWT', '/rw/JWT',
    '/api?token=bearerJWT', '/api?token=xJWT', '/api?token=-JWT', '/api?x=bearerJWT', '/api?x=JWT_JWT', ($::Jwt =~ /^e(.*)/ ? ("/api?token=%u0065$1", "/api?x=%u0065$1") : ())]
--- more_headers eval: [($::Session) x 13]
--- error_code eval: [(401) x 13]
--- no_error_log eval: $::NotReached



=== TEST 32: what the URL may hold is the same before the decision and in it
--- config
    auth_gate_pass arg:state arg:token;
    location = /api  { auth_gate jwt; set $early "$auth_gate_user_id"; add_header X-Both "$early,$auth_gate_user_id" always; proxy_pass http://app; }
--- request eval: [map { 'GET /api?' . $_ =~ s/JWT/session_jwt(9)/er } 'state=JWT', 'token=JWT', 'jwt=JWT', 'Token=JWT', 'a=1', '#jwt=JWT']
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [200, 200, 401, 401, 200, 401]
--- response_headers eval: ['X-Both: 7,7', 'X-Both: 7,7', 'X-Both: ,', 'X-Both: ,', 'X-Both: 7,7', 'X-Both: ,']
