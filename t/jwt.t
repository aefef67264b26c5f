# Which JWTs are sessions: algorithm, form, signature, claims.

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

# A valid payload with members added or replaced.
sub claims { return { id => 7, iat => time, exp => time + 3600, @_ } }

run_tests();

__DATA__

=== TEST 1: a session JWT admits the request
--- jwts eval: [session_jwt(7)]
--- response_body: GET /api



=== TEST 2: a request without a JWT is refused
--- request
GET /api
--- error_code: 401
--- response_body chomp
{"error":"Access token required","code":"AUTH_REQUIRED"}
--- no_error_log eval: $::NotReached



=== TEST 3: a JWT without a signature is refused, however alg spells "none"
--- jwts eval
[
    (map { jwt(main::claims(), header => { alg => $_ }) } qw(none None NONE nOnE)),
    (map { jwt(main::claims(), header => { alg => $_ }, sign => 'HS256') } qw(none None)),
    jwt(main::claims(), signature => ''),
]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 4: HS384 and HS512 with the right key are refused
--- jwts eval
[map { jwt(main::claims(), header => { alg => $_ }) } qw(HS384 HS512)]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's algorithm is not HS256
--- no_error_log eval: $::NotReached



=== TEST 5: any other algorithm is refused, even with a valid HS256 signature
--- jwts eval
[
    map { jwt(main::claims(), header => { alg => $_ }, sign => 'HS256') }
        qw(HS384 HS512 RS256 RS384 RS512 ES256 ES256K ES384 ES512 PS256 PS384 PS512 EdDSA HS1 HMAC dir A256KW),
        '', ' ', 'HS256,HS512'
]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's algorithm is not HS256
--- no_error_log eval: $::NotReached



=== TEST 6: the name of the algorithm is compared exactly
--- jwts eval
[map { jwt(main::claims(), header => $_) }
    '{"alg":"hs256"}', '{"alg":"Hs256"}', '{"alg":" HS256"}', '{"alg":"HS256 "}', '{"alg":"HS256\u0000"}',
    '{"alg":"HS2567"}', '{"alg":"HS25"}', '{"alg":"HS256\n"}', '{"ALG":"HS256"}']
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 7: an algorithm that is not a string or is missing is refused
--- jwts eval
[map { jwt(main::claims(), header => $_) }
    '{}', '{"typ":"JWT"}', '{"alg":null}', '{"alg":256}', '{"alg":true}', '{"alg":["HS256"]}', '{"alg":{"HS256":1}}']
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's algorithm is not HS256
--- no_error_log eval: $::NotReached



=== TEST 8: a header with two alg members is refused
--- jwts eval
[map { jwt(main::claims(), header => $_) }
    '{"alg":"HS256","alg":"HS256"}', '{"alg":"none","alg":"HS256"}', '{"alg":"HS256","alg":"none"}',
    '{"alg":"HS256","\u0061lg":"HS256"}']
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's header is no proper JSON object
--- no_error_log eval: $::NotReached



=== TEST 9: crit is refused, whatever it contains
--- jwts eval
[map { jwt(main::claims(), header => qq({"alg":"HS256","crit":$_})) }
    '["exp"]', '["b64"]', '[]', 'null', 'false', '""', '{}']
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT has a crit header
--- no_error_log eval: $::NotReached



=== TEST 10: other members of the header are ignored
--- jwts eval
[map { jwt(main::claims(), header => $_) }
    '{"alg":"HS256"}', '{"typ":"JWT","alg":"HS256"}', '{ "typ" : "at+jwt", "alg" : "HS256" }',
    '{"alg":"HS256","kid":"k1","jku":"http://127.0.0.1:1/","x5u":"http://127.0.0.1:1/","jwk":{"k":"AA","kty":"oct"}}',
    '{"alg":"\u0048S256"}']
--- response_body: GET /api



=== TEST 11: a header that is not a JSON object is refused
--- jwts eval
[map { jwt(main::claims(), header => $_, sign => 'HS256') }
    '', 'null', '"HS256"', '[{"alg":"HS256"}]', '{"alg":"HS256"', '{"alg":"HS256"}}', '{"alg":"HS256"} x',
    '{"alg":"HS256",}', "{'alg':'HS256'}", "\xef\xbb\xbf{\"alg\":\"HS256\"}", "{\"alg\":\"HS256\"}\0",
    "{\"alg\":\"HS256\",\"x\":\"\xff\"}"]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 12: anything but three parts is refused
--- jwts eval
my $jwt = session_jwt(7);
my ($header, $payload, $signature) = split /\./, $jwt;
["$header.$payload", $header, "$jwt.", ".$jwt", "$jwt.$signature", "$header..$payload.$signature", '.', '..', '...',
 "$header.$payload.", ".$payload.$signature", "$header..$signature"]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 13: padding is refused in each part
--- jwts eval
my ($header, $payload, $signature) = split /\./, session_jwt(7);
["$header=.$payload.$signature", "$header.$payload=.$signature", "$header.$payload==.$signature",
 "$header.$payload.$signature=", "$header.$payload.$signature==", "$header.$payload.$signature=x"]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 14: signed padding is refused, too
--- jwts eval
my $encoded = sub { my $text = b64url(shift); $text . '=' x (-length($text) % 4) };
my $signed  = join '.', $encoded->('{"alg":"HS256"}'), $encoded->('{"id":7,"exp":9999999999 }');
["$signed." . b64url(Digest::SHA::hmac_sha256($signed, $SECRET))]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 15: the standard base64 alphabet is refused
--- jwts eval
my $signature;
my $n = 0;
my $jwt;
do { $jwt = session_jwt('u' . $n++); ($signature) = $jwt =~ /([^.]+)\z/ } until $signature =~ /-/ && $signature =~ /_/;
$jwt =~ s/\Q$signature\E\z//;
$signature =~ tr{-_}{+/};
["$jwt$signature"]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 16: unused bits that are not zero are refused
--- jwts eval
my $alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
my $jwt  = session_jwt(7);
my $last = chop $jwt;
my $bits = index $alphabet, $last;
[map { $jwt . substr $alphabet, $bits + $_, 1 } 1 .. 3]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 17: white space and other characters in a JWT are refused
--- jwts eval
my $jwt = session_jwt(7);
my ($header, $payload, $signature) = split /\./, $jwt;
["$header .$payload.$signature", "$header.$payload.$signature,", "$header. $payload.$signature",
 "$header.\t$payload.$signature", "\"$jwt\"", "$jwt;", "$jwt $jwt", "$jwt, $jwt", "$jwt,Bearer $jwt",
 "$header.$payload.\x80$signature", "$jwt\xff", "$header.$payload%2e$signature", "${jwt}A", "$jwt\x7f"]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 18: a signature by another key is refused
--- jwts eval
[session_jwt(7, -secret => 'another secret, of 32 bytes or so'), session_jwt(7, -secret => ''),
 session_jwt(7, -secret => "$SECRET\n"), session_jwt(7, -secret => uc $SECRET), session_jwt(7, -secret => "$SECRET$SECRET")]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's signature does not match
--- no_error_log eval: $::NotReached



=== TEST 19: a changed byte, a shortened or a lengthened signature is refused
--- jwts eval
my $jwt = session_jwt(7);
my ($header, $payload, $signature) = split /\./, $jwt;
(my $first = $signature) =~ s/^(.)/$1 eq 'A' ? 'B' : 'A'/e;
["$header.$payload.$first", "$header.$payload." . substr($signature, 0, 42), "$header.$payload." . substr($signature, 1),
 "$header.$payload.${signature}AA", "$header.$payload.$signature$signature", "$header.$payload." . 'A' x 43]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 20: a payload with another payload's signature is refused
--- jwts eval
my ($header, $payload)         = split /\./, session_jwt(1);
my (undef, undef, $signature)  = split /\./, session_jwt(7);
["$header.$payload.$signature"]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's signature does not match
--- no_error_log eval: $::NotReached



=== TEST 21: a payload is not parsed before its signature is verified
--- jwts eval
[map { jwt($_, secret => 'x' x 32) } '', 'not JSON', '{"id":7}', '{"id":7,"exp":1}', '{"id":7,"exp":9999999999,"purpose":"p"}',
 '[' x 4000]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's signature does not match
--- no_error_log eval: $::NotReached



=== TEST 22: a payload that is not a JSON object is refused
--- jwts eval
[map { jwt($_) } '', 'null', '7', '"7"', '[]', '[{"id":7,"exp":9999999999}]', '{"id":7,"exp":9999999999',
 '{"id":7,"exp":9999999999}}', '{"id":7,"exp":9999999999} {}', '{"id":7,"exp":9999999999,}', "{\"id\":7,\"exp\":9999999999}\0",
 "{\"id\":7,\"exp\":9999999999,\"x\":\"\xc3\x28\"}", '{"id":7,"exp":NaN}', '{"id":7,"exp":Infinity}', '{"id":07,"exp":9999999999}']
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's payload is no proper claims set
--- no_error_log eval: $::NotReached



=== TEST 23: a payload with a duplicate member at any depth is refused
--- jwts eval
[map { jwt($_) } '{"id":7,"id":1,"exp":9999999999}', '{"id":7,"exp":1,"exp":9999999999}', '{"id":7,"\u0069d":7,"exp":9999999999}',
 '{"id":7,"exp":9999999999,"more":{"a":1,"a":1}}', '{"id":7,"exp":9999999999,"more":[{"a":1,"a":2}]}']
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT's payload is no proper claims set
--- no_error_log eval: $::NotReached



=== TEST 24: deeply nested JSON gets the same response and does no harm
--- config
    location = /api { auth_gate jwt; auth_gate_jwt_max_size 64k; proxy_pass http://app; }
--- jwts eval
[map { jwt($_) } '[' x 20000, '{"id":7,"exp":9999999999,"a":' . '[' x 15000 . ']' x 15000 . '}', '{"a":' x 8000]
--- error_code: 401
--- response_body eval: $::Invalid
--- no_error_log eval: $::NotReached



=== TEST 25: an id is an integer or a string
--- jwts eval
[map { session_jwt($_) } 7, 0, -1, '7', 'alice', "\x{e9}t\x{e9}", 'a' x 255, 9007199254740993]
--- response_body: GET /api



=== TEST 26: a JWT with any other id, or none, is not a session
--- jwts eval
[map { jwt(qq({"id":$_,"exp":9999999999})) } 'null', 'true', '1.5', '""', '[]', '[7]', '{}', '{"id":7}', '"' . 'a' x 256 . '"',
 '1e3', '99999999999999999999']
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT names no user id
--- no_error_log eval: $::NotReached



=== TEST 27: a payload without id is not a session, even if another claim names the user
--- jwts eval
[session_jwt(undef), session_jwt(undef, sub => 7), session_jwt(undef, ID => 7), session_jwt(undef, user_id => 7)]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT names no user id
--- no_error_log eval: $::NotReached



=== TEST 28: a JWT with a purpose claim is not a session
--- jwts eval
[session_jwt(7, purpose => 'mfa_login'), session_jwt(7, purpose => ''), session_jwt(7, purpose => []),
 jwt('{"id":7,"exp":9999999999,"purpose":null}'), jwt('{"id":7,"exp":9999999999,"purpose":false}'),
 jwt('{"id":7,"exp":9999999999,"\u0070urpose":"mfa_login"}')]
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
request refused: the JWT has a purpose claim and is no session
--- no_error_log eval: $::NotReached



=== TEST 29: a purpose member in another claim has no effect
--- jwts eval
[session_jwt(7, more => { purpose => 'mfa_login' }), session_jwt(7, Purpose => 'x'), session_jwt(7, purposes => 'x')]
--- response_body: GET /api
