# The fresh JWT that the application gets with a request admitted by a token (auth_gate_upstream_jwt on minimal,
# $auth_gate_jwt).

use lib 't/lib';
use AuthGateTest;
use Digest::SHA ();
use JSON::PP ();
use MIME::Base64 ();
use Test::More ();
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of more than 32 bytes';

# The upstream responds with the request that it received.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
    auth_gate_purpose media ttl=60s lease=60s;
    auth_gate_upstream_jwt on minimal;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        access_log off;
        location / {
            add_header X-Upstream reached always;
            return 200 "auth=$http_authorization;uri=$request_uri;cookie=$http_cookie;user=$http_x_user;purpose=$http_x_purpose;claim=$http_x_claim";
        }
    }
_EOC_

our $Config = <<'_EOC_';
    location = /token       { auth_gate_issue download; }
    location = /media-token { auth_gate_issue media; }
    location = /sub-token   { auth_gate_issue download; auth_gate_user_claim sub; }
    location = /two-token   { auth_gate_issue download; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; }
    location /file   { auth_gate jwt token=download; proxy_pass http://app; }
    location /media  { auth_gate token=media; proxy_pass http://app; }
    location /off    { auth_gate token=download; auth_gate_upstream_jwt off; proxy_pass http://app; }
    location /long   { auth_gate token=download; auth_gate_upstream_jwt on minimal ttl=10m; proxy_pass http://app; }
    location /second { auth_gate token=download; auth_gate_upstream_jwt on minimal ttl=1s; proxy_pass http://app; }
    location /ws     { auth_gate token=download; proxy_pass http://app/ws?token=$auth_gate_jwt; }
    location /sub    { auth_gate token=download; auth_gate_user_claim sub; proxy_pass http://app; }
    location /two    { auth_gate token=download; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; proxy_pass http://app; }
    location /cookie {
        auth_gate jwt token=download; auth_gate_jwt_from bearer cookie:session cookie:trek_session; proxy_pass http://app;
    }
    location /vars   {
        auth_gate jwt token=download;
        proxy_set_header X-User $auth_gate_user_id;
        proxy_set_header X-Purpose $auth_gate_purpose;
        proxy_set_header X-Claim "$auth_gate_claim_id,$auth_gate_claim_role";
        proxy_pass http://app;
    }
    location /down   { auth_gate token=download; proxy_pass http://127.0.0.1:1/ws?token=$auth_gate_jwt; }
    location /port   { auth_gate token=download; proxy_pass http://127.0.0.1:99999/ws?token=$auth_gate_jwt; }
    location /inside { auth_gate token=download; try_files /none /ws; }
_EOC_

our $Session = 'Authorization: Bearer ' . session_jwt(7);

# A block without a request requests a token.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
    return if defined $block->access_log || defined $block->request && defined $block->more_headers;
    $block->set_value(request => 'POST /token')    if !defined $block->request;
    $block->set_value(more_headers => $Session)    if !defined $block->more_headers;
});

# The section fresh describes the JWT that /path?token=... passes to the upstream: a hash of
#   path, headers, in (Authorization, or uri for the URL), secret,
#   payload (a pattern), ttl.
Test::Nginx::Socket::add_response_body_check(sub {
    my ($block, $body) = @_;
    my $fresh = $block->fresh or return;
    my $name  = $block->name;
    my ($token) = $body =~ /"token":"([0-9a-f]{64})"/;
    my $before  = time;
    my $answer  = http_get(server_port_for_client(), "$fresh->{path}?token=$token", @{ $fresh->{headers} || [] })->{body};
    my ($jwt)   = $fresh->{in} ? $answer =~ /;uri=[^;]*\?token=([^;]*);/ : $answer =~ /^auth=Bearer ([^;]*);/;
    my ($header, $payload, $signature) = split /\./, $jwt // '';
    my $text = MIME::Base64::decode_base64url($payload // '');

    Test::More::is(MIME::Base64::decode_base64url($header // ''), '{"alg":"HS256","typ":"JWT"}', "$name - header");
    Test::More::is($signature, b64url(Digest::SHA::hmac_sha256("$header.$payload", $fresh->{secret} // $SECRET)), "$name - signature");
    Test::More::like($text, $fresh->{payload}, "$name - payload");
    my $claims = eval { JSON::PP::decode_json($text) } || {};
    my $age = $claims->{iat} - $before;
    Test::More::ok($age >= -1 && $age <= 5, "$name - signed now");
    Test::More::is($claims->{exp} - $claims->{iat}, $fresh->{ttl} // 60, "$name - lives as long as it should");
});

follow_up();
run_tests();

__DATA__

=== TEST 1: a token becomes a JWT with only the user, valid for a minute
--- fresh eval
{ path => '/file', payload => qr/\A\{"id":7,"iat":\d+,"exp":\d+\}\z/ }



=== TEST 2: a string id stays a string
--- more_headers eval: 'Authorization: Bearer ' . session_jwt('7')
--- fresh eval
{ path => '/file', payload => qr/\A\{"id":"7","iat":\d+,"exp":\d+\}\z/ }



=== TEST 3: an id with quotes and non-ASCII characters is preserved
--- more_headers eval: 'Authorization: Bearer ' . jwt('{"id":"a\"\\\\\u00e4\u20ac","exp":' . (time + 600) . '}')
--- fresh eval
{ path => '/file', payload => qr/\A\{"id":"a\\"\\\\(?:\xc3\xa4\xe2\x82\xac|\\u00[eE]4\\u20[aA][cC])","iat":\d+,"exp":\d+\}\z/ }



=== TEST 4: a large id is preserved
--- more_headers eval: 'Authorization: Bearer ' . jwt('{"id":9007199254740993,"exp":' . (time + 600) . '}')
--- fresh eval
{ path => '/file', payload => qr/\A\{"id":9007199254740993,"iat"/ }



=== TEST 5: no other claim of the session is in the fresh JWT
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, role => 'admin', email => 'a@example', name => 'Ann', jti => 'x', aud => 'y')
--- fresh eval
{ path => '/file', payload => qr/\A\{"id":7,"iat":\d+,"exp":\d+\}\z/ }



=== TEST 6: the id's claim can have another name
--- request
POST /sub-token
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(undef, sub => 'ann')
--- fresh eval
{ path => '/sub', payload => qr/\A\{"sub":"ann","iat":\d+,"exp":\d+\}\z/ }



=== TEST 7: the first secret signs
--- request
POST /two-token
--- fresh eval
{ path => '/two', secret => 'another secret of more than 32 bytes', payload => qr/"id":7/ }



=== TEST 8: ttl= sets the lifetime of the fresh JWT
--- fresh eval
{ path => '/long', payload => qr/"id":7/, ttl => 600 }



=== TEST 9: ttl= may be one second
--- fresh eval
{ path => '/second', payload => qr/"id":7/, ttl => 1 }



=== TEST 10: within a lease, each request gets a JWT
--- request
POST /media-token
--- fresh eval
{ path => '/media', payload => qr/"id":7/ }
--- then eval
[['GET /media?token=%TOKEN%', 200, qr/^auth=Bearer eyJ/]]



=== TEST 11: $auth_gate_jwt in proxy_pass is a fresh JWT
--- fresh eval
{ path => '/ws', in => 'uri', payload => qr/\A\{"id":7,"iat":\d+,"exp":\d+\}\z/ }



=== TEST 12: $auth_gate_jwt in proxy_pass after an internal redirect is a fresh JWT
--- fresh eval
{ path => '/inside', in => 'uri', payload => qr/\A\{"id":7,"iat":\d+,"exp":\d+\}\z/ }



=== TEST 13: the client's Authorization is replaced
--- fresh eval
{ path => '/long', headers => ['Authorization: Basic YTpi'], payload => qr/"id":7/, ttl => 600 }



=== TEST 14: a JWT that is not accepted there is replaced
--- fresh eval
{ path => '/long', headers => ['Authorization: Bearer ' . session_jwt(8)], payload => qr/"id":7/, ttl => 600 }



=== TEST 15: many headers before and after Authorization are kept
--- then eval
my @many = map { "X-Many-$_: $_" } 1 .. 45;
[
    ['GET /long?token=%TOKEN%', 200, qr/^auth=Bearer eyJ[^;]*;uri=\/long;cookie=a=b;/,
        [@many, 'Authorization: Basic YTpi', 'Cookie: a=b', map { "X-More-$_: $_" } 1 .. 45]],
]



=== TEST 16: with off, no credential is passed on, not even the client's
--- then eval
[['GET /off?token=%TOKEN%', 200, qr/\Aauth=;uri=\/off;cookie=a=b;/, ['Authorization: Basic YTpi', 'Cookie: a=b']]]



=== TEST 17: session cookies are removed; others keep their order and bytes
--- then eval
[['GET /cookie?token=%TOKEN%', 200, qr/;cookie=a=b; c="d e"; session2=x; Session=y;user/,
    ['Cookie: a=b; session=' . session_jwt(8) . '; c="d e"; trek_session=x; session2=x; Session=y; session=again']]]



=== TEST 18: a session cookie in a second Cookie header is removed, too
--- then eval
[['GET /cookie?token=%TOKEN%', 200, qr/\Aauth=Bearer [^;]+;uri=\/cookie;cookie=a=b(?:; |, )?(?:c=d)?;user/,
    ['Cookie: a=b; session=x', 'Cookie: c=d; session=y']]]



=== TEST 19: a Cookie header with only the session is removed
--- then eval
[['GET /cookie?token=%TOKEN%', 200, qr/;cookie=;user/, ['Cookie: session=' . session_jwt(8)]]]



=== TEST 20: cookies that are not configured are kept
--- then eval
[['GET /file?token=%TOKEN%', 200, qr/;cookie=session=x;user/, ['Cookie: session=x']]]



=== TEST 21: a request admitted by a JWT keeps it
--- request
GET /file
--- more_headers eval: $::Session
--- response_body_like eval
'^auth=' . quotemeta(substr $::Session, 15) . ';'



=== TEST 22: $auth_gate_user_id and $auth_gate_purpose of a token
--- then eval
[['GET /vars?token=%TOKEN%', 200, qr/;user=7;purpose=download;claim=7,\z/, ['X-User: 1', 'X-Purpose: x']]]



=== TEST 23: a request admitted by a JWT has no purpose
--- request
GET /vars
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, role => 'admin')
--- response_body_like: ;user=7;purpose=;claim=7,admin$



=== TEST 24: the log of an upstream failure does not contain the JWT
--- log_level: info
--- then eval
[['GET /down?token=%TOKEN%', 502]]
--- error_log: Connection refused
--- no_error_log eval
[qr/ey[JK]|[\w-]{43}(?<!\*{43})/, '[alert]', '[crit]']



=== TEST 25: the access log contains nothing of the JWT
--- then eval
[['GET /ws?token=%TOKEN%', 200]]
--- no_access_log
eyJ



=== TEST 26: a preflight passes no credentials to the upstream
--- request
OPTIONS /file
--- more_headers eval
"$::Session\nCookie: session=x\nOrigin: http://elsewhere.example\nAccess-Control-Request-Method: GET"
--- response_body_like: \Aauth=;uri=/file;cookie=;user=;



=== TEST 27: HEAD with a token passes a JWT to the upstream
--- then eval
[['HEAD /file?token=%TOKEN%', 200], ['GET /file?token=%TOKEN%', 200, qr/^auth=Bearer eyJ/]]



=== TEST 28: the log of an invalid URL in proxy_pass does not contain the JWT
--- log_level: info
--- then eval
[['GET /port?token=%TOKEN%', 500]]
--- error_log: invalid port in upstream
--- no_error_log
eyJ
[alert]
[crit]
