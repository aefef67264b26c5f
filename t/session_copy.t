# What the gate signs on a session's behalf is the session's own header and claims with an earlier end, and it stands where
# the session was: after a token, in $auth_gate_jwt, in a lookup (auth_gate_upstream_jwt, auth_gate_jwt_from).

use lib 't/lib';
use AuthGateTest;
use Digest::SHA ();
use MIME::Base64 ();
use Test::More ();
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;
$ENV{OLD_SECRET} = our $Old = 'an older secret of more than 32 bytes';

our $Short = jwt('{"id":7,"exp":' . (time + 20) . '}');
our $Seven = jwt('{"id":7,"exp":9999999999}');
our $Far = time + 86400;
our @Jwt = map { session_jwt($_) } 1 .. 4;

# Sessions of real applications' shapes: each refuses a JWT that lacks what it put there.
our @Shapes = (
    ['Directus',      undef, qq({"id":"7","role":"a3","app_access":true,"admin_access":false,"iat":1,"exp":$Far,"iss":"directus"})],
    ['Feathers',      '{"alg":"HS256","typ":"access"}', qq({"iat":1,"exp":$Far,"aud":"https://a.example","sub":"7","id":7,"jti":"x"})],
    ['a header',      '{"alg":"HS256","typ":"JWT","kid":"k1","authVersion":3}', qq({"id":7,"exp":$Far})],
    ['TREK',          undef, qq({"id":7,"pv":4,"iat":1,"exp":$Far})],
    ['blanks',        qq({ "alg" : "HS256"\n}), qq({ "id" : 7 ,\t"exp" : $Far , "name":"\x{c3}\x{a4}" } )],
    ['escapes',       undef, qq({"id":7,"\\u0065xp":$Far,"not\\"exp":1,"a":"\\"exp\\":1"})],
    ['nested',        undef, qq({"a":{"exp":1},"id":7,"groups":["x",{"exp":2}],"exp":$Far,"n":null})],
    ['a fraction',    undef, qq({"id":7,"exp":$Far.5})],
    ['an exponent',   undef, qq({"id":7,"exp":2e10})],
    ['a large id',    undef, qq({"id":9007199254740993,"exp":$Far})],
);

sub shaped {
    my ($header, $payload, $secret) = @_;
    return jwt($payload, $header ? (header => $header) : (), secret => $secret // $SECRET);
}

our $Config = <<'_EOC_';
    location = /token  { auth_gate_issue download; }
    location /file     { auth_gate token=download; proxy_pass http://app; }
    location /jwt      { auth_gate jwt; proxy_set_header Authorization "Bearer $auth_gate_jwt"; proxy_pass http://app; }
_EOC_

application_behind_the_gate($Config);

# The copy in the text has this header, these claims but for exp, which is at most two minutes away, and is signed.
sub check_copy {
    my ($name, $text, $header, $payload, $secret) = @_;
    my ($jwt) = $text =~ /(eyJ[\w-]*\.[\w-]*\.[\w-]*|ey[\w-]*\.[\w-]*\.[\w-]*)/;
    my ($signed, $signature) = ($jwt // '') =~ /\A(.*)\.(.*)\z/;
    my ($first, $second) = map { MIME::Base64::decode_base64url($_) } split /\./, $signed // '.';
    my ($before, $after) = $payload =~ /\A(.*?xp"\s*:\s*)(?:$::Far(?:\.5)?|2e10)(.*)\z/s;
    my $wanted = quotemeta($before) . '(\d+)' . quotemeta($after);
    Test::More::is($first, $header // '{"alg":"HS256","typ":"JWT"}', "$name: the header");
    Test::More::like($second, qr/\A$wanted\z/, "$name: the claims");
    my ($new) = ($second // '') =~ /\A$wanted\z/;
    Test::More::ok(defined $new && $new > time && $new <= time + 120, "$name: it ends soon");
    Test::More::is($signature, b64url(Digest::SHA::hmac_sha256($signed // '', $secret // $SECRET)), "$name: the signature");
}

Test::Nginx::Socket::add_response_body_check(sub {
    my ($block, $body, $index) = @_;
    my $copies = $block->copies or return;
    my ($token) = $body =~ /"token":"([0-9a-f]{64})"/;
    my ($header, $payload, $secret, $path) = @{ $copies->[ ($index // 0) % @$copies ] };
    my $answer = $token ? http_get(server_port_for_client(), ($path // '/file') . "?token=$token")->{body} : $body;
    check_copy($block->name . " $index", $answer, $header, $payload, $secret);
});

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => "auth_gate_zone zone=gate:1m tokens=100;\n" . ($block->http_config // ''));
});
follow_up();
run_tests();

__DATA__

=== TEST 1: after a token, the application gets the session's own header and claims
--- app: $http_authorization
--- request eval: [('POST /token') x @::Shapes]
--- more_headers eval: [map { 'Authorization: Bearer ' . ::shaped($_->[1], $_->[2]) } @::Shapes]
--- error_code eval: [(200) x @::Shapes]
--- copies eval: [map { [$_->[1], $_->[2]] } @::Shapes]



=== TEST 2: $auth_gate_jwt of a session is such a copy
--- app: $http_authorization
--- request eval: [('GET /jwt') x @::Shapes]
--- more_headers eval: [map { 'Authorization: Bearer ' . ::shaped($_->[1], $_->[2]) } @::Shapes]
--- error_code eval: [(200) x @::Shapes]
--- copies eval: [map { [$_->[1], $_->[2]] } @::Shapes]



=== TEST 3: the key that verified the session signs
--- config
    auth_gate_secret env:JWT_SECRET env:OLD_SECRET;
    location = /token  { auth_gate_issue download; }
    location /file     { auth_gate token=download; proxy_pass http://app; }
    location /turned   { auth_gate token=download; auth_gate_secret env:OLD_SECRET env:JWT_SECRET; proxy_pass http://app; }
--- app: $http_authorization
--- request eval: [('POST /token') x 4]
--- more_headers eval
[map { 'Authorization: Bearer ' . ::shaped('{"alg":"HS256","kid":"k"}', qq({"id":7,"exp":$::Far}), $_) } ($::Old, $::SECRET) x 2]
--- error_code eval: [(200) x 4]
--- copies eval
[map { ['{"alg":"HS256","kid":"k"}', qq({"id":7,"exp":$::Far}), @$_] } [$::Old, '/file'], [$::SECRET, '/file'], [$::Old, '/turned'], [$::SECRET, '/turned']]



=== TEST 4: a session that ends sooner is passed on as it is
--- app: $http_authorization
--- request eval: ['GET /jwt', 'POST /token']
--- more_headers eval
[("Authorization: Bearer $::Short") x 2]
--- error_code eval: [200, 200]
--- response_body_like eval: ["^Bearer \Q$::Short\E\$", 'token']
--- then eval
[['GET /file?token=%TOKEN%', 200, "Bearer $::Short"]]



=== TEST 5: a session without an end gets one
--- config eval: "auth_gate_require_exp off;\n$::Config"
--- app: $http_authorization
--- request
POST /token
--- more_headers eval: 'Authorization: Bearer ' . jwt('{"id":7,"a":{}}')
--- then eval
my $end = time + 60;
[['GET /file?token=%TOKEN%', 200, sub { my ($p) = $_[0] =~ /\.(.*)\./; MIME::Base64::decode_base64url($p) =~ /\A\{"id":7,"a":\{\},"exp":(\d+)\}\z/ && $1 >= $end && $1 < $end + 100 }]]



=== TEST 6: claims can be set, and another value replaces the session's
--- config
    location = /token { auth_gate_issue download; }
    location /file    { auth_gate token=download; auth_gate_upstream_jwt on set=role:reader set=pv:4 set=ok:true set=uri:x$uri set=https://a.example/x:y proxy_set_header; proxy_pass http://app; }
--- must_die
--- error_log: invalid value "proxy_set_header" in "auth_gate_upstream_jwt"



=== TEST 7: claims can be set, and another value replaces the session's, in a copy and in a minimal JWT
--- config
    location = /token  { auth_gate_issue download; }
    location = /token2 { auth_gate_issue download; }
    location /copy     { auth_gate token=download; auth_gate_upstream_jwt on set=role:reader set=pv:4 set=ok:true set=a:$arg_a set=https://a.example/x:y; proxy_pass http://app; }
    location /minimal  { auth_gate token=download; auth_gate_upstream_jwt on minimal ttl=1h set=role:reader; proxy_pass http://app; }
--- app: $http_authorization
--- request eval: ['POST /token']
--- more_headers eval: ['Authorization: Bearer ' . jwt(qq({"id":7,"role":"admin","exp":$::Far}))]
--- then eval
[['GET /copy?token=%TOKEN%&a=%22,x', 200, sub { my ($p) = $_[0] =~ /\.(.*)\./; MIME::Base64::decode_base64url($p) =~ /\A\{"id":7,"role":"reader","exp":\d+,"pv":4,"ok":true,"a":"%22,x","https:\/\/a\.example\/x":"y"\}\z/ }]]



=== TEST 8: a minimal JWT has what is set too
--- config
    location = /token  { auth_gate_issue download; }
    location /minimal  { auth_gate token=download; auth_gate_upstream_jwt on minimal ttl=1h set=role:reader; proxy_pass http://app; }
--- app: $http_authorization
--- request
POST /token
--- more_headers eval: 'Authorization: Bearer ' . jwt(qq({"id":7,"role":"admin","exp":$::Far}))
--- then eval
[['GET /minimal?token=%TOKEN%', 200, sub { my ($p) = $_[0] =~ /\.(.*)\./; MIME::Base64::decode_base64url($p) =~ /\A\{"id":7,"iat":\d+,"exp":\d+,"role":"reader"\}\z/ }]]



=== TEST 9: the copy stands where the session was: another scheme
--- config
    auth_gate_jwt_from bearer:JWT header:X-Auth cookie:sess bearer;
    location = /token  { auth_gate_issue download; }
    location /file     { auth_gate token=download; proxy_pass http://app; }
--- app: $http_authorization|$http_x_auth|$http_cookie
--- request
POST /token
--- more_headers eval: 'Authorization: JWT ' . session_jwt(7)
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/^JWT ey[^|]*\|\|a=b$/, ['Authorization: Basic YTpi', 'X-Auth: other', 'Cookie: a=b; sess=x']]]



=== TEST 10: another header
--- config
    auth_gate_jwt_from bearer:JWT header:X-Auth cookie:sess bearer;
    location = /token  { auth_gate_issue download; }
    location /file     { auth_gate token=download; proxy_pass http://app; }
--- app: $http_authorization|$http_x_auth|$http_cookie
--- request
POST /token
--- more_headers eval: 'X-Auth: ' . session_jwt(7)
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/^\|ey[^|]*\|a=b$/, ['Authorization: Basic YTpi', 'X-Auth: other', 'Cookie: a=b; sess=x']]]



=== TEST 11: a cookie
--- config
    auth_gate_jwt_from bearer:JWT header:X-Auth cookie:sess bearer;
    location = /token  { auth_gate_issue download; }
    location /file     { auth_gate token=download; proxy_pass http://app; }
    location /other    { auth_gate token=download; auth_gate_jwt_from bearer; proxy_pass http://app; }
--- app: $http_authorization|$http_x_auth|$http_cookie
--- request
POST /token
--- more_headers eval: "Origin: http://localhost\nCookie: sess=" . session_jwt(7)
--- then eval
[['GET /other?token=%TOKEN%', 200, qr/^\|other\|a=b; sess=ey[^|]*$/, ['Authorization: Basic YTpi', 'X-Auth: other', 'Cookie: a=b; sess=x', 'Cookie: sess=y']]]



=== TEST 12: or where to= says
--- config
    location = /token  { auth_gate_issue download; }
    location /header   { auth_gate token=download; auth_gate_upstream_jwt on to=header:X-Auth; proxy_pass http://app; }
    location /cookie   { auth_gate token=download; auth_gate_upstream_jwt on to=cookie:sess; proxy_pass http://app; }
    location /scheme   { auth_gate token=download; auth_gate_upstream_jwt on to=bearer:JWT; proxy_pass http://app; }
    location /lease    { auth_gate token=download; auth_gate_upstream_jwt on to=header:X-Auth; proxy_pass http://app; }
--- app: $http_authorization|$http_x_auth|$http_cookie
--- request eval: ['POST /token', 'POST /token', 'POST /token']
--- more_headers eval: [(our $Session = 'Authorization: Bearer ' . session_jwt(7)) x 3]
--- then eval
[['GET /header?token=%TOKEN%', 200, qr/^\|ey[^|]*\|$/, ['X-Auth: x', 'Authorization: Bearer x']]]



=== TEST 13: to= a cookie
--- config
    location = /token  { auth_gate_issue download; }
    location /cookie   { auth_gate token=download; auth_gate_upstream_jwt on to=cookie:sess; proxy_pass http://app; }
--- app: $http_authorization|$http_x_auth|$http_cookie
--- request
POST /token
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7)
--- then eval
[['GET /cookie?token=%TOKEN%', 200, qr/^\|\|sess=ey[^|;]*$/, ['Cookie: sess=x', 'Authorization: Bearer x']]]



=== TEST 14: a token says the same of its session as the session does
--- config
    auth_gate_identity claims;
    location = /token   { auth_gate_issue download; }
    location /file      { auth_gate token=download; auth_gate_require role=editor; auth_gate_mfa always; proxy_set_header X-Who "$auth_gate_user_id $auth_gate_claim_role $auth_gate_claim_email $auth_gate_role $auth_gate_mfa"; proxy_pass http://app; }
--- app: $http_x_who
--- request
POST /token
--- more_headers eval: 'Authorization: Bearer ' . jwt('{"id":7,"role":"editor","email":"a@b","mfa_enabled":true,"exp":9999999999}')
--- then eval
[['GET /file?token=%TOKEN%', 200, '7 editor a@b editor true']]



=== TEST 15: and is refused where its session would be
--- config
    location = /token   { auth_gate_issue download; }
    location /file      { auth_gate token=download; auth_gate_require role=admin; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: 'Authorization: Bearer ' . jwt('{"id":7,"role":"editor","exp":9999999999}')
--- then eval
[['GET /file?token=%TOKEN%', 403, '{"error":"Insufficient permissions","code":"FORBIDDEN"}'], ['GET /file?token=%TOKEN%', 401]]



=== TEST 16: a session of 1024 bytes has its place, a larger one gets no token
--- app: $http_authorization
--- request eval: [('POST /token') x 3]
--- more_headers eval
[map { 'Authorization: Bearer ' . jwt('{"id":7,"exp":9999999999,"a":"' . 'x' x ($_ - 36 - 32) . '"}') } 1025, 2000, 1024]
--- error_code eval: [403, 403, 200]
--- response_body_like eval: [('^\{"error":"Session too large"\}$') x 2, 'token']
--- no_error_log
[alert]
[crit]
--- then eval
[['GET /file?token=%TOKEN%', 200, sub { length((split /\./, $_[0])[1]) > 1200 }]]



=== TEST 17: a JWT of any size is looked up and passed on
--- config
    location /jwt { auth_gate jwt; proxy_set_header Authorization "Bearer $auth_gate_jwt"; proxy_pass http://app; }
--- app: $http_authorization
--- request
GET /jwt
--- more_headers eval
'Authorization: Bearer ' . jwt('{"id":7,"exp":9999999999,"a":"' . 'x' x 4500 . '"}')
--- response_body_like: ^Bearer eyJ[\w-]+\.[\w-]{6000,}\.[\w-]{43}$



=== TEST 18: of two JWTs in declared places, the first is used and the other removed
--- config
    auth_gate_jwt_from bearer bearer:JWT header:X-Auth header:X-Other cookie:sess;
    location /api { auth_gate jwt; proxy_set_header X-Who $auth_gate_user_id; proxy_pass http://app; }
--- app: $http_x_who|$http_authorization|$http_x_auth|$http_x_other|$http_cookie
--- request eval: [('GET /api') x 6]
--- more_headers eval
["Authorization: Bearer $::Jwt[0]\nX-Auth: $::Jwt[1]\nX-Other: $::Jwt[2]\nCookie: sess=$::Jwt[3]",
 "Authorization: jwt $::Jwt[0]\nX-Auth: $::Jwt[1]\nX-Other: $::Jwt[2]\nCookie: sess=$::Jwt[3]",
 "X-Auth: $::Jwt[1]\nX-Other: $::Jwt[2]\nCookie: sess=$::Jwt[3]",
 "Authorization: Token $::Jwt[0]\nX-Auth: $::Jwt[1]\nX-Other: $::Jwt[2]\nCookie: sess=$::Jwt[3]",
 "X-Other: $::Jwt[2]\nCookie: a=b; sess=$::Jwt[3]",
 "Origin: http://localhost\nAuthorization: Token x\nCookie: sess=$::Jwt[3]"]
--- error_code eval: [(200) x 6]
--- response_body eval
["1|Bearer $::Jwt[0]|||", "1|jwt $::Jwt[0]|||", "2||$::Jwt[1]||", "2||$::Jwt[1]||", "3|||$::Jwt[2]|a=b", "4||||sess=$::Jwt[3]"]



=== TEST 19: a bad JWT in a declared header is refused, and so are two headers
--- config
    auth_gate_jwt_from bearer header:X-Auth cookie:sess;
    location /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: [('GET /api') x 4]
--- more_headers eval
["X-Auth: x", "X-Auth: $::Jwt[1]x", "X-Auth: $::Jwt[1]\nX-Auth: $::Jwt[1]", "X-Auth: Bearer $::Jwt[1]"]
--- error_code eval: [(401) x 4]



=== TEST 20: a preflight and a public path: what stands in declared headers
--- config
    auth_gate_jwt_from bearer header:X-Auth;
    auth_gate_public GET /open;
    location /api  { auth_gate jwt; proxy_pass http://app; }
    location /open { auth_gate jwt; proxy_pass http://app; }
--- app: $http_x_auth
--- request eval: ['OPTIONS /api', 'GET /open']
--- more_headers eval: ["Origin: https://x.example\nAccess-Control-Request-Method: GET\nX-Auth: x", 'X-Auth: x']
--- error_code eval: [200, 200]
--- response_body eval: ['', 'x']



=== TEST 21: a lookup has the JWT where it was
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/me.sock;
        location / { return 200 '{"user":{"id":7,"mfa_enabled":true,"role":"$http_authorization,$http_x_auth,$http_cookie"}}'; }
    }
--- config
    auth_gate_jwt_from bearer bearer:JWT header:X-Auth cookie:sess;
    auth_gate_identity /_me cache=0;
    auth_gate_mfa always;
    location = /_me { internal; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/me.sock; }
    location /api   { auth_gate jwt; proxy_set_header X-Who "$auth_gate_role"; proxy_pass http://app; }
    location = /token { auth_gate_issue download; }
    location /file  { auth_gate token=download; proxy_set_header X-Who "$auth_gate_role"; proxy_pass http://app; }
--- app: $http_x_who
--- request eval: [('GET /api') x 4, 'POST /token']
--- more_headers eval
["Authorization: Bearer $::Seven", "Authorization: JWT $::Seven", "X-Auth: $::Seven\nCookie: a=b", "Origin: http://localhost\nCookie: a=b; sess=$::Seven", "X-Auth: $::Seven"]
--- error_code eval: [(200) x 5]
--- response_body_like eval
[map { qr/^\Q$_/ } substr("Bearer $::Seven,,", 0, 30), substr("JWT $::Seven,,", 0, 30), substr(",$::Seven,", 0, 30), substr(",,sess=$::Seven", 0, 30), '{"token"']
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/^,ey/]]



=== TEST 22: where to= puts a session, no other one goes on: beside a JWT, for strangers, in a preflight
--- config
    auth_gate_jwt_from bearer;
    location /header  { auth_gate jwt; auth_gate_upstream_jwt on to=header:X-Auth; proxy_pass http://app; }
    location /cookie  { auth_gate jwt; auth_gate_upstream_jwt on to=cookie:app; proxy_pass http://app; }
    location /open    { auth_gate jwt optional; auth_gate_jwt_from cookie:sess; auth_gate_upstream_jwt on to=header:X-Auth; proxy_pass http://app; }
--- app: $http_authorization|$http_x_auth|$http_cookie
--- request eval: ['GET /header', 'GET /cookie', 'GET /open', 'OPTIONS /header', 'GET /cookie']
--- more_headers eval
["Authorization: Bearer $::Jwt[0]\nX-Auth: $::Jwt[1]", "Authorization: Bearer $::Jwt[0]\nCookie: a=b; app=$::Jwt[1]", "X-Auth: $::Jwt[1]",
 "Origin: https://x.example\nAccess-Control-Request-Method: GET\nX-Auth: $::Jwt[1]", "Authorization: Bearer $::Jwt[0]\nCookie: a=b, App=$::Jwt[1]"]
--- error_code eval: [(200) x 5]
--- response_body eval: ["Bearer $::Jwt[0]||", "Bearer $::Jwt[0]||a=b", '||', '||', "Bearer $::Jwt[0]||"]



=== TEST 23: the spelling of the scheme makes no other session
--- config
    location = /token { auth_gate_issue download; }
    location /file    { auth_gate token=download; proxy_pass http://app; }
--- app: $http_authorization
--- request eval: [('POST /token') x 3]
--- more_headers eval: [map { "Authorization: $_ $::Jwt[0]" } qw(BEARER bearer bEARER)]
--- error_code eval: [(200) x 3]
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/^Bearer ey/]]
