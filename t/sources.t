# The sources of a JWT: the Authorization header and cookies.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);
our $Forever    = jwt('{"id":7,"exp":9999999999}');

our $Config = <<'_EOC_';
    location = /api    { auth_gate jwt; proxy_pass http://app; }
    location = /cookie { auth_gate jwt; auth_gate_jwt_from cookie:session; proxy_pass http://app; }
    location = /either { auth_gate jwt; auth_gate_jwt_from bearer cookie:session; proxy_pass http://app; }
    location = /two    { auth_gate jwt; auth_gate_jwt_from cookie:session cookie:trek_session; proxy_pass http://app; }
_EOC_

application_behind_the_gate($Config);

run_tests();

__DATA__

=== TEST 1: the scheme Bearer is case-insensitive
--- request eval: [('GET /api') x 4]
--- more_headers eval: [map { "Authorization: $_ " . session_jwt(7) } qw(Bearer bearer BEARER bEaReR)]
--- error_code eval: [(200) x 4]
--- response_body eval: [('GET /api') x 4]



=== TEST 2: the name of the Authorization header is case-insensitive
--- request eval: [('GET /api') x 3]
--- more_headers eval: [map { "$_: Bearer " . session_jwt(7) } qw(authorization AUTHORIZATION aUTHORIZATION)]
--- error_code eval: [(200) x 3]



=== TEST 3: more than one space may follow the scheme
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer   ' . session_jwt(7)
--- response_body: GET /api



=== TEST 4: a tab after the scheme is refused
--- request
GET /api
--- more_headers eval: "Authorization: Bearer\t" . session_jwt(7)
--- error_code: 401
--- no_error_log eval: $::NotReached



=== TEST 5: two Authorization headers are refused (by nginx's own 400), in any order, even if one is good
--- request eval: [('GET /api') x 3]
--- more_headers eval
[map { "Authorization: $_->[0]\nAuthorization: $_->[1]" }
    ['Bearer x', 'Bearer ' . session_jwt(7)], ['Bearer ' . session_jwt(7), 'Bearer x'], ['Basic eDp5', 'Bearer ' . session_jwt(7)]]
--- error_code eval: [(400) x 3]
--- no_error_log eval: $::NotReached



=== TEST 6: two equal Authorization headers are refused
--- request
GET /api
--- more_headers eval: "$::Session\n$::Session"
--- error_code: 400
--- no_error_log eval: $::NotReached



=== TEST 7: two Authorization headers are refused though their names differ in case
--- request
GET /api
--- more_headers eval: my $jwt = session_jwt(7); "Authorization: Bearer $jwt\nauthorization: Bearer $jwt"
--- error_code: 400
--- no_error_log eval: $::NotReached



=== TEST 8: two Authorization headers are refused even with a session in a cookie
--- request
GET /either
--- more_headers eval: "Authorization: Basic eDp5\nAuthorization: Basic eDp5\nCookie: session=" . session_jwt(7)
--- error_code: 400
--- no_error_log eval: $::NotReached



=== TEST 9: an Authorization header without Bearer is not a credential
--- request eval: [('GET /api') x 9]
--- more_headers eval
my $jwt = session_jwt(7);
[map { "Authorization: $_" } 'X', 'Basic dTpw', "Basic $jwt", "Token $jwt", "JWT $jwt", "Digest username=\"x\"", "Bearerx $jwt", "xBearer $jwt", $jwt]
--- error_code eval: [(401) x 9]
--- response_body eval: [($::Absent) x 9]
--- response_headers eval: [('WWW-Authenticate: Bearer') x 9]
--- no_error_log eval: $::NotReached



=== TEST 10: an empty Authorization header is not a credential
--- request
GET /api
--- more_headers
Authorization:
--- error_code: 401
--- response_body eval: $::Absent
--- no_error_log eval: $::NotReached



=== TEST 11: Bearer without a JWT is a bad credential
--- raw_request eval: "GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer\r\n\r\n"
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 12: Bearer with only spaces is a bad credential
--- raw_request eval: "GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer    \r\n\r\n"
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 13: bytes over 0x7f in Authorization are refused
--- request eval: [('GET /api') x 3]
--- more_headers eval: ["Authorization: \xff\xfe", "Authorization: Bearer \x80\x81.\x82.\x83", "Authorization: Bear\xc3\xa9r x"]
--- error_code eval: [(401) x 3]
--- no_error_log eval: $::NotReached



=== TEST 14: a NUL in Authorization gets nginx's own 400
--- raw_request eval: "GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer a\0b\r\n\r\n"
--- error_code: 400
--- no_error_log eval: $::NotReached



=== TEST 15: a header with a similar name is ignored
--- request eval: [('GET /api') x 4]
--- more_headers eval: [map { "$_: Bearer " . session_jwt(7) } qw(Proxy-Authorization X-Authorization Authorization_ Authorizatio)]
--- error_code eval: [(401) x 4]
--- response_body eval: [($::Absent) x 4]
--- no_error_log eval: $::NotReached



=== TEST 16: cookies are ignored where none is configured
--- request
GET /api
--- more_headers eval: 'Cookie: session=' . session_jwt(7)
--- error_code: 401
--- response_body eval: $::Absent
--- no_error_log eval: $::NotReached



=== TEST 17: a configured cookie admits
--- request
GET /cookie
--- more_headers eval: 'Cookie: session=' . session_jwt(7)
--- response_body: GET /cookie



=== TEST 18: the header is ignored where only a cookie is configured
--- request
GET /cookie
--- more_headers eval: $::Session
--- error_code: 401
--- response_body eval: $::Absent
--- no_error_log eval: $::NotReached



=== TEST 19: a bad cookie is refused as a bad JWT
--- request eval: [('GET /cookie') x 4]
--- more_headers eval: [map { "Cookie: session=$_" } 'x', '', session_jwt(7, exp => 1), session_jwt(7) . ' x']
--- error_code eval: [(401) x 4]
--- response_body eval: [($::Invalid) x 4]
--- response_headers eval: [('WWW-Authenticate: Bearer error="invalid_token"') x 4]
--- no_error_log eval: $::NotReached



=== TEST 20: the cookie is found among other cookies
--- request eval: [('GET /cookie') x 5]
--- more_headers eval
my $jwt = session_jwt(7);
[map { "Cookie: $_" } "a=1; session=$jwt; b=2", "session=$jwt;b=2", "a=1;session=$jwt", "a=b=c; session=$jwt;", "novalue; session=$jwt"]
--- error_code eval: [(200) x 5]



=== TEST 21: the cookie is found in a second Cookie header
--- request
GET /cookie
--- more_headers eval: "Cookie: a=1\nCookie: session=" . session_jwt(7)
--- response_body: GET /cookie



=== TEST 22: the cookie's name is compared exactly
--- request eval: [('GET /cookie') x 6]
--- more_headers eval
my $jwt = session_jwt(7);
[map { "Cookie: $_" } "Session=$jwt", "xsession=$jwt", "sessionx=$jwt", "session =$jwt", "a=session=$jwt", "__Host-session=$jwt"]
--- error_code eval: [(401) x 6]
--- response_body eval: [($::Absent) x 6]
--- no_error_log eval: $::NotReached



=== TEST 23: a quoted cookie is refused
--- request
GET /cookie
--- more_headers eval: 'Cookie: session="' . session_jwt(7) . '"'
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 24: a cookie sent twice with sessions of different users, or with no good one, is refused, in either order
--- request eval: [('GET /cookie') x 4]
--- more_headers eval
my ($jwt, $other) = (session_jwt(7), session_jwt(1));
["Cookie: session=$jwt; a=b; session=$other", "Cookie: session=$other; a=b; session=$jwt", "Cookie: session=$jwt\nCookie: session=$other",
 'Cookie: session=x; session=y']
--- error_code eval: [(401) x 4]
--- response_body eval: [($::Invalid) x 4]
--- no_error_log eval: $::NotReached



=== TEST 25: a cookie sent twice with the same value admits
--- request
GET /cookie
--- more_headers eval: my $jwt = session_jwt(7); "Cookie: session=$jwt; session=$jwt"
--- response_body: GET /cookie



=== TEST 26: each of several configured cookies admits
--- request eval: [('GET /two') x 2]
--- more_headers eval: ['Cookie: session=' . session_jwt(7), 'Cookie: trek_session=' . session_jwt(7)]
--- error_code eval: [200, 200]



=== TEST 27: of several configured cookies, the one configured first decides
--- request eval: [('GET /two') x 2]
--- more_headers eval
my $jwt = session_jwt(7);
["Cookie: trek_session=x; session=$jwt", "Cookie: trek_session=$jwt; session=x"]
--- error_code eval: [200, 401]
--- response_body eval: ['GET /two', $::Invalid]



=== TEST 28: where both are configured, the header takes precedence over the cookie, even a bad header
--- request eval: [('GET /either') x 4]
--- more_headers eval
my $jwt = session_jwt(7);
["Authorization: Bearer $jwt\nCookie: session=x", "Authorization: Bearer x\nCookie: session=$jwt",
 "Authorization: Bearer $jwt", "Cookie: session=$jwt"]
--- error_code eval: [200, 401, 200, 200]



=== TEST 29: a header with another scheme does not hide the cookie
--- request
GET /either
--- more_headers eval: "Authorization: Basic dTpw\nCookie: session=" . session_jwt(7)
--- response_body: GET /either



=== TEST 30: a malformed Cookie header gets a response and no crash
--- request eval: [('GET /cookie') x 9]
--- more_headers eval: [map { "Cookie: $_" } '', ';', '=', ';;;=;', 'session', '=session', "\xff\xfe=\x80", ' ;  ; =; ', 'session;=x']
--- error_code eval: [(401) x 9]
--- response_body eval: [($::Absent) x 9]
--- no_error_log eval: $::NotReached



=== TEST 31: the credential that admits is passed to the application unchanged
--- app: $http_authorization|$http_cookie
--- request eval: ['GET /either', 'GET /either', 'GET /two']
--- more_headers eval
my $jwt = jwt('{"id":7,"exp":9999999999}');
["Authorization: Bearer $jwt\nCookie: a=b;c", "Authorization: Basic dTpw\nCookie: a=b;c;session=$jwt", "Cookie: trek_session=$jwt;a"]
--- response_body eval
my $jwt = jwt('{"id":7,"exp":9999999999}');
["Bearer $jwt|a=b;c", "|a=b;c;session=$jwt", "|trek_session=$jwt;a"]



=== TEST 32: a location's auth_gate_jwt_from replaces the server's
--- config
    auth_gate_jwt_from cookie:session;
    location = /inherits { auth_gate jwt; proxy_pass http://app; }
    location = /own      { auth_gate jwt; auth_gate_jwt_from bearer; proxy_pass http://app; }
--- request eval: [map { "GET $_" } qw(/inherits /inherits /own /own)]
--- more_headers eval: [($::Session, 'Cookie: session=' . session_jwt(7)) x 2]
--- error_code eval: [401, 200, 200, 401]



=== TEST 33: a request without Host, or with HTTP/1.0, is decided like any other
--- raw_request eval: "GET /api HTTP/1.0\r\n\r\n"
--- error_code: 401
--- response_body eval: $::Absent
--- no_error_log eval: $::NotReached



=== TEST 34: an HTTP/1.0 request with a JWT is admitted
--- raw_request eval: "GET /api HTTP/1.0\r\n$::Session\r\n\r\n"
--- response_body: GET /api



=== TEST 35: each pipelined request is decided by its own credentials
--- pipelined_requests eval: ['GET /api', 'GET /api', 'GET /api']
--- more_headers eval: [$::Session, 'X-None: 1', $::Session]
--- error_code eval: [200, 401, 200]
--- response_body eval: ['GET /api', $::Absent, 'GET /api']



=== TEST 36: the body of a refused request does not become the next request
--- raw_request eval
my $smuggled = "GET /api HTTP/1.1\r\nHost: localhost\r\n$::Session\r\n\r\n";
"POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: " . length($smuggled) . "\r\n\r\n$smuggled"
    . "GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
--- ignore_response
--- error_log
[info]
--- no_error_log eval: $::NotReached



=== TEST 37: credentials that did not admit are removed before the application
--- app: $http_authorization|$http_cookie
--- request eval: [('GET /either') x 3, ('GET /two') x 2]
--- more_headers eval
my ($jwt, $other) = (jwt('{"id":7,"exp":9999999999}'), jwt('{"id":8,"exp":9999999999}'));
["Authorization: Bearer $jwt\nCookie: a=b; session=$other; c=d", "Authorization: Bearer $jwt\nCookie: session=$other",
 "Authorization: Bearer $jwt\nCookie: session=$other\nCookie: a=b",
 "Cookie: trek_session=$other; session=$jwt; a=b", "Cookie: session=$jwt\nCookie: trek_session=$other"]
--- error_code eval: [(200) x 5]
--- response_body eval
my $jwt = jwt('{"id":7,"exp":9999999999}');
["Bearer $jwt|a=b; c=d", "Bearer $jwt|", "Bearer $jwt|a=b", "|session=$jwt; a=b", "|session=$jwt"]



=== TEST 38: also a cookie whose name another parser may read as a session's
--- app: $http_cookie
--- request eval: [('GET /cookie') x 6]
--- more_headers eval
my ($jwt, $other) = (jwt('{"id":7,"exp":9999999999}'), jwt('{"id":8,"exp":1}'));
[map { "Cookie: $_=$other; session=$jwt" } 'session ', "session\t", "session\xa0", "\xc2\xa0session", '"session"', "session\xe3\x80\x80"]
--- error_code eval: [(200) x 6]
--- response_body eval
my $jwt = jwt('{"id":7,"exp":9999999999}');
[("session=$jwt") x 6]



=== TEST 39: a malformed Bearer is not passed on beside a cookie
--- request eval: [('GET /either') x 4]
--- more_headers eval
my ($jwt, $other) = (session_jwt(7), session_jwt(8));
[map { "Authorization: $_\nCookie: session=$jwt" } "Bearer\t$other", "Bearer\xa0$other", "\xa0bearer $other", "Bearer,$other"]
--- error_code eval: [(401) x 4]
--- response_body eval: [($::Invalid) x 4]
--- no_error_log eval: $::NotReached



=== TEST 40: also a Bearer after a tab
--- raw_request eval: "GET /either HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization:\tBearer " . session_jwt(8) . "\r\nCookie: session=" . session_jwt(7) . "\r\n\r\n"
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 41: where a cookie admits, an Authorization that could name another session is removed
--- app: $http_authorization|$http_cookie
--- request eval: [('GET /cookie') x 20]
--- more_headers eval
use MIME::Base64 ();
my ($jwt, $other) = (jwt('{"id":7,"exp":9999999999}'), jwt('{"id":8,"exp":9999999999}'));
my $basic = 'Basic ' . MIME::Base64::encode_base64("oauth2:$other", '');
[map { "Authorization: $_\nCookie: session=$jwt" } "Bearer $other", "bearer\t$other", "\xa0Bearer $other", "JWT $other", "Token $other", 'Token abc', $other,
    "Basic $other", "Basic YTpi, Bearer $other", $basic, $basic =~ s/Basic /basic   /r, "Digest username=\"$other\"",
    # only lenient decoders read these
    $basic =~ s/ /\t/r, "$basic x", "$basic, x", $basic =~ s/.{20}\K/!/r, $basic =~ s/.{20}\K/ /r, $basic =~ tr{+/}{-_}r =~ s/ /   -/r,
    $basic =~ s/ / YWI6=/r, $basic =~ s/ / YTpi==/r]
--- error_code eval: [(200) x 20]
--- response_body eval
my $jwt = jwt('{"id":7,"exp":9999999999}');
[("|session=$jwt") x 20]



=== TEST 42: nor do Basic and Digest
--- app: $http_authorization|$http_cookie
--- request eval: [('GET /cookie') x 4]
--- more_headers eval
my $jwt = jwt('{"id":7,"exp":9999999999}');
[map { "Authorization: $_\nCookie: session=$jwt" } 'Basic YTpi', 'basic YTpi', 'Basic', 'Digest username="a"']
--- error_code eval: [(200) x 4]
--- response_body eval
my $jwt = jwt('{"id":7,"exp":9999999999}');
[map { "|session=$jwt" } 1 .. 4]



=== TEST 43: or the request is refused, if that is a session of somebody else
--- request eval: [('GET /cookie') x 6]
--- more_headers eval
my ($jwt, $other) = (session_jwt(7), session_jwt(8));
[map { "Cookie: $_=$other; session=$jwt" } 'session ', "session\t", "session\xa0", "\xc2\xa0session", '"session"', "session\xe3\x80\x80"]
--- error_code eval: [(401) x 6]
--- response_body eval: [($::Invalid) x 6]
--- no_error_log eval: $::NotReached



=== TEST 44: auth_basic has its look at Basic, and the application has none
--- config
    auth_basic_user_file $TEST_NGINX_SERVER_ROOT/html/users;
    auth_gate_jwt_from cookie:session;
    location = /all { auth_basic x; auth_gate jwt; proxy_set_header X-User $remote_user; proxy_pass http://app; }
    location = /any { satisfy any; auth_basic x; auth_gate jwt; proxy_set_header X-User $remote_user; proxy_pass http://app; }
--- app: $http_authorization|$http_x_user|$http_cookie
--- user_files
>>> users
u:{PLAIN}pw
--- request eval: ['GET /all', 'GET /all', 'GET /all', 'GET /any', 'GET /any']
--- more_headers eval
[map { "Authorization: Basic $_->[0]\nCookie: session=$_->[1]" } ['dTpwdw==', $::Forever], ['dTp4', $::Forever], ['dTpwdw==', 'x'], ['dTp4', $::Forever],
    ['dTpwdw==', 'x']]
--- error_code eval: [200, 401, 401, 200, 200]
--- response_body_like eval: ["^\\|u\\|session=$::Forever\$", '.', '.', "^\\|\\|session=$::Forever\$", '^Basic dTpwdw==\|u\|']



=== TEST 45: so it has beside a token
--- http_config
    auth_gate_zone zone=gate:1m tokens=100;
--- config
    location = /token { auth_gate_issue download; }
    location = /file {
        auth_basic x;
        auth_basic_user_file $TEST_NGINX_SERVER_ROOT/html/users;
        auth_gate token=download;
        proxy_set_header X-User $remote_user;
        proxy_pass http://app;
    }
--- app: $http_authorization|$http_x_user
--- user_files
>>> users
u:{PLAIN}pw
--- request
POST /token
--- more_headers eval: $::Session
--- response_body_like: "token":
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/\ABearer ey[\w.-]+\|u\z/, ['Authorization: Basic dTpwdw==']]]
