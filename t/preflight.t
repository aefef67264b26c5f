# CORS preflights: they are admitted without a session, and their credentials are removed.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);

our $Config = <<'_EOC_';
    location /api { auth_gate jwt; auth_gate_jwt_from bearer cookie:session; proxy_pass http://app; }
_EOC_

# The application responds with the text of the section app. Requests that reach it leave a line with "server: app," in
# error.log.
add_block_preprocessor(sub {
    my $block  = shift;
    my $socket = "unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/app.sock";
    chomp(my $answer = $block->app // '$request_method $request_uri [$http_authorization][$http_cookie]');
    $block->set_value(http_config => <<"_EOC_" . ($block->http_config // ''));
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

=== TEST 1: a CORS preflight passes without credentials
--- request
OPTIONS /api
--- more_headers
Origin: https://other.example
Access-Control-Request-Method: DELETE
Access-Control-Request-Headers: authorization
--- response_body: OPTIONS /api [][]



=== TEST 2: a preflight loses Authorization and Cookie before the application
--- request
OPTIONS /api
--- more_headers eval: "Origin: http://o\n$::Session\nAccess-Control-Request-Method: GET\nCookie: session=x; a=b"
--- response_body: OPTIONS /api [][]



=== TEST 3: a preflight loses every Cookie header
--- request
OPTIONS /api
--- more_headers eval: "Cookie: a=b\nOrigin: http://o\nCookie: c=d\nAccess-Control-Request-Method: GET\nCOOKIE: e=f"
--- response_body: OPTIONS /api [][]



=== TEST 4: a preflight with a bad JWT is admitted, but the JWT is removed
--- request
OPTIONS /api
--- more_headers
Authorization: Bearer x
Origin: http://o
Access-Control-Request-Method: GET
--- response_body: OPTIONS /api [][]



=== TEST 5: the other headers of a preflight reach the application
--- app: $http_origin|$http_access_control_request_method|$http_access_control_request_headers|$http_x_last
--- request
OPTIONS /api
--- more_headers eval: "$::Session\nOrigin: http://o\nCookie: a=b\nAccess-Control-Request-Method: GET\nAccess-Control-Request-Headers: x\nCookie: c=d\nX-Last: 1"
--- response_body: http://o|GET|x|1



=== TEST 6: an OPTIONS that is not a preflight is refused
--- request eval: [('OPTIONS /api') x 6]
--- more_headers eval: ['X-No: 1', 'Origin: http://o', 'Access-Control-Request-Method: GET', "Origin:\nAccess-Control-Request-Method: GET", "Origin: http://o\nAccess-Control-Request-Method:", "Origin: http://o\nAccess-Control-Request-Headers: x"]
--- error_code eval: [(401) x 6]
--- response_body eval: [($::Absent) x 6]
--- no_error_log eval: $::NotReached



=== TEST 7: an OPTIONS with a session is admitted with its credentials
--- request
OPTIONS /api
--- more_headers eval: "$::Session\nCookie: a=b"
--- response_body eval: "OPTIONS /api [$::Session][a=b]" =~ s/Authorization: //r



=== TEST 8: another method with the headers of a preflight is refused
--- request eval: [map { "$_ /api" } qw(GET POST HEAD PUT DELETE)]
--- more_headers eval: [("Origin: http://o\nAccess-Control-Request-Method: GET") x 5]
--- error_code eval: [(401) x 5]
--- no_error_log eval: $::NotReached



=== TEST 9: options in lower case is not a preflight
--- raw_request eval: "options /api HTTP/1.1\r\nHost: localhost\r\nOrigin: http://o\r\nAccess-Control-Request-Method: GET\r\nConnection: close\r\n\r\n"
--- error_code_like: ^40[01]$
--- no_error_log eval: $::NotReached



=== TEST 10: a preflight with an ambiguous path is refused
--- request
OPTIONS /api;x
--- more_headers
Origin: http://o
Access-Control-Request-Method: GET
--- error_code: 400
--- no_error_log eval: $::NotReached



=== TEST 11: the application gets a preflight's path as nginx resolved it
--- request eval: ['OPTIONS /x/../api', 'OPTIONS //api?a=b']
--- more_headers eval: [("Origin: http://o\nAccess-Control-Request-Method: GET") x 2]
--- error_code eval: [200, 200]
--- response_body eval: ['OPTIONS /api [][]', 'OPTIONS /api?a=b [][]']



=== TEST 12: a preflight has no user
--- config
    location = /api { auth_gate jwt; proxy_set_header X-User $auth_gate_user_id; proxy_set_header X-Jwt "$auth_gate_jwt"; proxy_pass http://app; }
--- app: [$http_x_user][$http_x_jwt]
--- request
OPTIONS /api
--- more_headers eval: "$::Session\nX-User: 1\nX-Jwt: 2\nOrigin: http://o\nAccess-Control-Request-Method: GET"
--- response_body: [][]



=== TEST 13: a preflight loses its credentials on a public path too
--- config
    auth_gate_public * /api;
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request
OPTIONS /api
--- more_headers eval: "$::Session\nCookie: a=b\nOrigin: http://o\nAccess-Control-Request-Method: GET"
--- response_body: OPTIONS /api [][]



=== TEST 14: a preflight without a gate is left alone
--- config
    location = /api { proxy_pass http://app; }
--- request
OPTIONS /api
--- more_headers
Authorization: Basic x
Cookie: a=b
Origin: http://o
Access-Control-Request-Method: GET
--- response_body: OPTIONS /api [Basic x][a=b]



=== TEST 15: a preflight's credentials are removed from variables, too
--- config
    location = /api { auth_gate jwt; proxy_set_header X-Seen "$http_authorization|$http_cookie|$cookie_a|$remote_user"; proxy_pass http://app; }
--- app: $http_x_seen
--- request
OPTIONS /api
--- more_headers
Authorization: Basic dTpw
Cookie: a=b
Origin: http://o
Access-Control-Request-Method: GET
--- response_body: |||



=== TEST 16: credentials are removed at any position among many headers
--- request eval: [('OPTIONS /api') x 24]
--- more_headers eval
[map { my @lines = map { "X-$_: $_" } 1 .. $_; my @own = ($::Session, 'Cookie: a=b', 'Origin: http://o', 'Access-Control-Request-Method: GET', 'Cookie: c=d');
    map { my $n = $_; CORE::join("\n", @lines[0 .. $#lines / 2], @own[$n .. $#own], @own[0 .. $n - 1], @lines[$#lines / 2 + 1 .. $#lines]) } 0 .. 3 } 2, 14, 17, 20, 40, 60]
--- error_code eval: [(200) x 24]
--- response_body eval: [('OPTIONS /api [][]') x 24]
