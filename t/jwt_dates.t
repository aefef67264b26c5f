# When a JWT is valid (exp, nbf, iat, auth_gate_leeway, auth_gate_require_exp), and its maximum size.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\n[error]\nserver: app,\n";

our $Config = <<'_EOC_';
    location = /api { auth_gate jwt; proxy_pass http://app; }
_EOC_

# Requests that reach the application leave a line with "server: app," in error.log.
our $App = "unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/app.sock";
our $HttpConfig = <<"_EOC_";
    large_client_header_buffers 4 128k;
    auth_gate_secret env:JWT_SECRET;
    upstream app { server $App; }
    server {
        listen      $App;
        server_name app;
        auth_gate   off;
        rewrite_log on;
        if (\$uri ~ ^) { }
        location / { return 200 "\$request_method \$request_uri"; }
    }
_EOC_

# A block sends a request for each of its jwts, and expects the same response to all.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config  => $HttpConfig . ($block->http_config // ''));
    $block->set_value(config       => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n")       if !defined $block->no_error_log;

    my @jwts = @{ $block->jwts // [] } or return;
    $block->set_value(request      => [('GET /api') x @jwts]);
    $block->set_value(more_headers => [map { "Authorization: Bearer $_" } @jwts]);
    $block->set_value(error_code   => [($block->error_code // 200) x @jwts]);
    for my $section (qw(response_body response_headers)) {
        $block->set_value($section => [(scalar $block->$section) x @jwts]) if defined $block->$section;
    }
});


# A session JWT of exactly this many bytes.
sub jwt_of {
    my $size = shift;
    for my $kid ('', 'a', 'ab') {
        my $made = sub { session_jwt(7, -header => { kid => $kid }, pad => 'x' x shift) };
        my $near = int(($size - length $made->(0)) * 3 / 4);
        my ($jwt) = grep { length == $size } map { $made->($_) } $near - 3 .. $near + 3;
        return $jwt if $jwt;
    }
    die "there is no JWT of $size bytes";
}

run_tests();

__DATA__

=== TEST 1: exp is required
--- jwts eval
[session_jwt(7, exp => undef), jwt('{"id":7}')]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT has no exp claim
--- no_error_log eval: $::NotReached



=== TEST 2: with auth_gate_require_exp off, exp is optional
--- config
    location = /api { auth_gate jwt; auth_gate_require_exp off; proxy_pass http://app; }
--- jwts eval
[session_jwt(7, exp => undef), jwt('{"id":7}'), session_jwt(7)]
--- response_body: GET /api



=== TEST 3: auth_gate_require_exp off still refuses expired JWTs
--- config
    location = /api { auth_gate jwt; auth_gate_require_exp off; proxy_pass http://app; }
--- jwts eval
[session_jwt(7, exp => time - 1), session_jwt(7, exp => 0)]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT has expired
--- no_error_log eval: $::NotReached



=== TEST 4: a JWT that expires now or has expired is refused
--- jwts eval
[map { session_jwt(7, exp => $_) } time, time - 1, time - 86400, 0, -1, -1e300, 0.5]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT has expired
--- no_error_log eval: $::NotReached



=== TEST 5: a fractional or huge exp is accepted
--- jwts eval
[map { jwt(qq({"id":7,"exp":$_})) } time + 3600.5, '1e300', '99999999999999999999999999', '9223372036854775807', '18446744073709551616']
--- response_body: GET /api



=== TEST 6: an exp that is not a finite number is refused
--- jwts eval
[map { jwt(qq({"id":7,"exp":$_})) } '"9999999999"', 'null', 'true', '[9999999999]', '{}', '""', '1e999', '"never"']
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's payload is no proper claims set
--- no_error_log eval: $::NotReached



=== TEST 7: a huge negative exp is in the past
--- jwts eval
[map { jwt(qq({"id":7,"exp":$_})) } '-99999999999999999999999999', '-1e300', '-9223372036854775808']
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT has expired
--- no_error_log eval: $::NotReached



=== TEST 8: nbf and iat may be in the past or absent
--- jwts eval
[session_jwt(7, nbf => time - 5), session_jwt(7, nbf => time), session_jwt(7, iat => undef), session_jwt(7, iat => 0), session_jwt(7, nbf => 0.5)]
--- response_body: GET /api



=== TEST 9: nbf in the future is refused
--- jwts eval
[map { session_jwt(7, nbf => $_, exp => time + 90000) } time + 3600, time + 3600.5, 1e300]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's nbf or iat is in the future
--- no_error_log eval: $::NotReached



=== TEST 10: iat far in the future is refused
--- jwts eval
[map { session_jwt(7, iat => $_, exp => time + 90000) } time + 120, time + 3600, 1e300, 99999999999]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's nbf or iat is in the future
--- no_error_log eval: $::NotReached



=== TEST 11: an nbf or iat that is not a number is refused
--- jwts eval
[map { my $name = $_; map { jwt(qq({"id":7,"exp":9999999999,"$name":$_})) } '"0"', 'null', 'false', '[]' } qw(nbf iat)]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's payload is no proper claims set
--- no_error_log eval: $::NotReached



=== TEST 12: no clock skew is tolerated for exp and nbf by default
--- jwts eval
[session_jwt(7, exp => time - 1), session_jwt(7, nbf => time + 30), session_jwt(7, nbf => time + 30, iat => time)]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 13: auth_gate_leeway applies to exp, nbf and iat
--- config
    location = /api { auth_gate jwt; auth_gate_leeway 1h; proxy_pass http://app; }
--- jwts eval
[session_jwt(7, exp => time - 1800), session_jwt(7, nbf => time + 1800), session_jwt(7, iat => time + 1800)]
--- response_body: GET /api



=== TEST 14: dates beyond auth_gate_leeway are refused
--- config
    location = /api { auth_gate jwt; auth_gate_leeway 1h; proxy_pass http://app; }
--- jwts eval
[session_jwt(7, exp => time - 3600), session_jwt(7, exp => time - 3601), session_jwt(7, nbf => time + 7200), session_jwt(7, iat => time + 7200)]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 15: the maximum leeway does not overflow
--- config
    location = /api { auth_gate jwt; auth_gate_leeway 100000d; proxy_pass http://app; }
--- jwts eval
[session_jwt(7, exp => 1), session_jwt(7, exp => -1), session_jwt(7, exp => 1e300, iat => 1)]
--- response_body: GET /api



=== TEST 16: iat may be a minute in the future, whatever the leeway
--- config
    auth_gate jwt;
    location = /api { proxy_pass http://app; }
    location = /none { auth_gate_leeway 0s;  proxy_pass http://app; }
    location = /less { auth_gate_leeway 10s; proxy_pass http://app; }
    location = /more { auth_gate_leeway 5m;  proxy_pass http://app; }
--- request eval: [map { ("GET $_") x 3 } qw(/api /none /less /more)]
--- more_headers eval: [map { "Authorization: Bearer $_" } (session_jwt(7, iat => time + 5), session_jwt(7, iat => time + 50), session_jwt(7, iat => time + 120)) x 4]
--- error_code eval: [((200, 200, 401) x 3), (200) x 3]



=== TEST 17: a remembered JWT keeps the two apart: its iat may be ahead, its nbf may not
--- config
    location = /lax { auth_gate jwt; auth_gate_leeway 5m; proxy_pass http://app; }
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: [('GET /lax', 'GET /api') x 2]
--- more_headers eval: [map { ("Authorization: Bearer $_") x 2 } session_jwt(7, iat => time + 40, nbf => time), session_jwt(7, iat => time + 40, nbf => time + 40)]
--- error_code eval: [200, 200, 200, 401]



=== TEST 18: a location's leeway replaces the server's
--- config
    auth_gate_leeway 1h;
    location = /strict { auth_gate jwt; auth_gate_leeway 0s; proxy_pass http://app; }
    location = /lax    { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /strict', 'GET /lax']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7, exp => time - 600)) x 2]
--- error_code eval: [401, 200]
--- response_body eval: [$::Invalid, 'GET /lax']



=== TEST 19: a JWT of 8192 bytes is admitted
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- jwts eval: [main::jwt_of(8192)]
--- response_body: GET /api



=== TEST 20: a JWT of 8193 bytes is refused
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- jwts eval: [main::jwt_of(8193)]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT is larger than allowed
--- no_error_log eval: $::NotReached



=== TEST 21: auth_gate_jwt_max_size sets the limit
--- config
    auth_gate_jwt_max_size 300;
    location = /api   { auth_gate jwt; proxy_pass http://app; }
    location = /large { auth_gate jwt; auth_gate_jwt_max_size 32k; proxy_pass http://app; }
--- request eval: ['GET /api', 'GET /api', 'GET /large', 'GET /large']
--- more_headers eval: [map { 'Authorization: Bearer ' . main::jwt_of($_) } 300, 301, 32768, 32769]
--- error_code eval: [200, 401, 200, 401]
--- response_body eval: ['GET /api', $::Invalid, 'GET /large', $::Invalid]



=== TEST 22: 64 KB of anything in Authorization get a response
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- jwts eval: ['A' x 65536, '.' x 65536, "\xff" x 65536, 'eyJ.' x 16384, main::jwt_of(65536)]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT is larger than allowed
--- no_error_log eval: $::NotReached



=== TEST 23: a JWT that exceeds nginx's header buffers is refused by nginx
--- config
    large_client_header_buffers 4 8k;
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- jwts eval: [main::jwt_of(65536)]
--- error_code: 400
--- no_error_log eval: $::NotReached



=== TEST 24: a bad JWT is not logged, and its contents cannot forge log lines
--- log_level: info
--- jwts eval
[jwt('{"id":7}', header => '{"alg":"x\n2026/01/01 [alert] forged","typ":"forged"}'), jwt("{\"id\":\"7\\n[alert] forged\"}"), "eyJ.forged\x80"]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused:
--- no_error_log
[alert]
[crit]
[error]
eyJ
forged
server: app,



=== TEST 25: an admitted JWT is not logged
--- log_level: info
--- jwts eval: [session_jwt(7)]
--- response_body: GET /api
--- no_error_log
[alert]
[crit]
[error]
eyJ
--- no_access_log
eyJ
