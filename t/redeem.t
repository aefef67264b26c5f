# Redeeming tokens: their form, single use, and purpose.

use lib 't/lib';
use AuthGateTest;
use Test::More ();
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of more than 32 bytes';

# The upstream responds with the request that it received.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
    auth_gate_purpose preview ttl=10s;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        add_header X-Upstream reached always;
        location / { return 200 "app: $request_method $request_uri"; }
    }
_EOC_

our $Config = <<'_EOC_';
    location = /ws-token      { auth_gate_issue ws; }
    location = /file-token    { auth_gate_issue download; }
    location = /image-token   { auth_gate_issue immich; }
    location = /preview-token { auth_gate_issue preview; }
    location = /admin-token   { auth_gate_issue download; auth_gate_require role=admin; }
    location /file            { auth_gate jwt token=download; proxy_pass http://app; }
    location /only            { auth_gate token=download; proxy_pass http://app; }
    location /both            { auth_gate token=download,immich; proxy_pass http://app; }
    location /image           { auth_gate jwt token=immich; proxy_pass http://app; }
    location /socket          { auth_gate token=ws; proxy_pass http://app; }
    location /preview         { auth_gate token=preview; proxy_pass http://app; }
    location /jwt             { auth_gate jwt; proxy_pass http://app; }
    location /open            { auth_gate off; proxy_pass http://app; }
    location /admin           { auth_gate token=download; auth_gate_require role=admin; proxy_pass http://app; }
    location /user            { auth_gate token=download; auth_gate_require role=user; proxy_pass http://app; }
    location /other           { auth_gate jwt token=download; auth_gate_secret env:OTHER_SECRET; proxy_pass http://app; }
_EOC_

our $Session = 'Authorization: Bearer ' . session_jwt(7);
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $None    = '{"error":"Access token required","code":"AUTH_REQUIRED"}';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
});

# The section spelt is a list of [code that returns a query for the token, expected status of /file].
Test::Nginx::Socket::add_response_body_check(sub {
    my ($block, $body) = @_;
    my ($token) = $body =~ /"token":"([0-9a-f]{64})"/;
    for my $step (@{ $block->spelt || [] }) {
        my ($query, $status) = ($step->[0]->($token), $step->[1]);
        my $got = http_get(server_port_for_client(), "/file?$query");
        Test::More::is($got->{status}, $status, $block->name . " - $query");
        Test::More::is($got->{header}{'x-upstream'}, $status == 200 ? 'reached' : undef, $block->name . ' - the upstream');
    }
});

follow_up();
run_tests();

__DATA__

=== TEST 1: a token admits one request and is then spent
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 2: an unknown token is refused, and the upstream is not reached
--- request eval: 'GET /file?token=' . '0' x 64
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer error="invalid_token"
Content-Type: application/json
Cache-Control: no-store
!X-Upstream
--- response_body chomp
{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}



=== TEST 3: a request without a token is refused where only tokens are accepted, and the upstream is not reached
--- request
GET /only
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer
Content-Type: application/json
Cache-Control: no-store
!X-Upstream
--- response_body chomp
{"error":"Access token required","code":"AUTH_REQUIRED"}



=== TEST 4: a malformed token is refused, and the upstream is not reached
--- request eval
[map { "GET /file?token=$_" }
    '', 'a', 'a' x 63, 'a' x 65, 'A' x 64, 'g' x 64, 'a' x 63 . 'F', '0x' . 'a' x 62, 'a' x 63 . '+', 'a' x 63 . '%00', '%00' . 'a' x 64,
    'a' x 64 . '%0a', 'a' x 64 . '%20', '%', '%%%', '..', "\xff" x 64, '%C0%AF' x 20, 'a' x 4000]
--- more_headers eval: [('X: y') x 19]
--- error_code eval: [(401) x 19]
--- response_headers eval: [("!X-Upstream\nWWW-Authenticate: Bearer error=\"invalid_token\"") x 19]
--- response_body eval: [($::Invalid) x 19]



=== TEST 5: a parameter without a value is a bad token, not a missing one
--- request eval
['GET /only?token', 'GET /only?token=', 'GET /only?token&a=b', 'GET /only?a=b&token=&c']
--- error_code eval: [(401) x 4]
--- response_headers eval: [('!X-Upstream') x 4]
--- response_body eval: [($::Invalid) x 4]



=== TEST 6: matching is exact, and a malformed token spends nothing
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    [sub { 'token=' . uc $_[0] }, 401],
    [sub { 'token=' . ucfirst($_[0]) . '0' }, 401],
    [sub { 'token=' . substr $_[0], 0, 63 }, 401],
    [sub { "token=$_[0]0" }, 401],
    [sub { "token=%20$_[0]" }, 401],
    [sub { "token=+$_[0]" }, 401],
    [sub { "token=$_[0]%00" }, 401],
    [sub { "token=%22$_[0]%22" }, 401],
    [sub { "token=$_[0]," }, 401],
    [sub { "token=$_[0];" }, 401],
    [sub { "token=$_[0]" }, 200],
]



=== TEST 7: the value is percent-decoded, with hex digits in either case
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    [sub { 'token=' . CORE::join '', map { sprintf '%%%02X', ord } split //, $_[0] }, 200],
    [sub { "token=$_[0]" }, 401],
]



=== TEST 8: the value is percent-decoded where only some digits are encoded
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    [sub { 'token=' . CORE::join '', map { sprintf '%%%02x', ord } split //, $_[0] }, 200],
]



=== TEST 9: the value is percent-decoded once, not twice
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    [sub { 'token=' . CORE::join '', map { sprintf '%%25%02x', ord } split //, $_[0] }, 401],
    [sub { "token=$_[0]" }, 200],
]



=== TEST 10: the name may be percent-encoded
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    [sub { "%74%6f%6B%65%6e=$_[0]" }, 200],
    [sub { "token=$_[0]" }, 401],
]



=== TEST 11: two token parameters are refused, equal or not, encoded or not, and spend nothing
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    [sub { "token=$_[0]&token=$_[0]" }, 401],
    [sub { "token=$_[0]&token=" . 'a' x 64 }, 401],
    [sub { "token=&token=$_[0]" }, 401],
    [sub { "token=$_[0]&token" }, 401],
    [sub { "token=$_[0]&a=b&%74oken=$_[0]" }, 401],
    [sub { "token=$_[0]" }, 200],
]



=== TEST 12: a parameter with another name is not a credential
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    (map { my $name = $_; [sub { "$name=$_[0]" }, 401] }
        'Token', 'TOKEN', 'token[]', 'token%5B%5D', 'token[0]', 'tokens', 'xtoken', ' token' =~ s/ /%20/r, 'token%20', 'token%00', '%2574oken', '+token'),
    [sub { "token=$_[0]" }, 200],
]



=== TEST 13: a second question mark does not start a second query
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    [sub { "a=b?token=$_[0]" }, 401],
    [sub { "?token=$_[0]" }, 401],
    [sub { "token=$_[0]?a=b" }, 401],
    [sub { "a=b;token=$_[0]" }, 401],
    [sub { "a=b&amp;token=$_[0]" }, 401],
    [sub { "a=b?c&token=$_[0]" }, 200],
]



=== TEST 14: the token may be anywhere in the query
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[[sub { "&&a&b==&token=$_[0]&&c=%20d&" }, 200]]



=== TEST 15: a fragment that a client sends is ignored
--- request
POST /file-token
--- more_headers eval: $::Session
--- spelt eval
[
    [sub { "a=b#&token=$_[0]" }, 401],
    [sub { "token=$_[0]#x" }, 200],
]



=== TEST 16: a token in the path, a header or a body is ignored
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /only/token=%TOKEN%', 401, $::None],
    ['GET /only', 401, $::None, ['Authorization: %TOKEN%']],
    ['GET /only', 401, $::None, ['Authorization: Token %TOKEN%']],
    ['GET /only', 401, $::None, ['Authorization: Bearer %TOKEN%']],
    ['GET /only', 401, $::None, ['Cookie: token=%TOKEN%', 'X-Token: %TOKEN%', 'Token: %TOKEN%']],
    ["POST /only\ntoken=%TOKEN%", 401, $::None, ['Content-Type: application/x-www-form-urlencoded']],
    ['GET /only?token=%TOKEN%', 200, 'app: GET /only'],
]



=== TEST 17: a token for another purpose is refused and spent
--- request
POST /ws-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
    ['GET /socket?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 18: a token with a custom purpose is good for no other
--- request
POST /preview-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /image?token=%TOKEN%', 401, $::Invalid],
    ['GET /preview?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 19: a location may accept several purposes
--- request
POST /image-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /both?token=%TOKEN%', 200, 'app: GET /both'],
    ['GET /image?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 20: where no tokens are accepted, a token is not a credential and not spent
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /jwt?token=%TOKEN%', 401, $::None],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
]



=== TEST 21: where no tokens are accepted, the application's own token parameter is left alone
--- request eval
['GET /open?token=own&token=two', 'GET /jwt?token=own%20&a=b&token']
--- more_headers eval: ['X: y', $::Session]
--- error_code eval: [200, 200]
--- response_body eval
['app: GET /open?token=own&token=two', 'app: GET /jwt?token=own%20&a=b&token']



=== TEST 22: a token is not good for a location with other secrets
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /other?token=%TOKEN%', 401, $::Invalid],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 23: a token of a session that lacks a claim is refused where it is required
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[['GET /admin?token=%TOKEN%', 403, '{"error":"Insufficient permissions","code":"FORBIDDEN"}']]



=== TEST 24: a token from a session that met a requirement is accepted where it is the same
--- request
POST /admin-token
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(1, role => 'admin')
--- then eval
[['GET /admin?token=%TOKEN%', 200, 'app: GET /admin']]



=== TEST 25: a token of a session that met a requirement is refused where it lacks another
--- request
POST /admin-token
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(1, role => 'admin')
--- then eval
[['GET /user?token=%TOKEN%', 403, '{"error":"Insufficient permissions","code":"FORBIDDEN"}']]



=== TEST 26: a token from a session that met a requirement is accepted where there is none
--- request
POST /admin-token
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(1, role => 'admin')
--- then eval
[['GET /file?token=%TOKEN%', 200, 'app: GET /file']]



=== TEST 27: any method redeems, and its body is passed on
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[
    ["POST /file?token=%TOKEN%\nhello", 200, 'app: POST /file'],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 28: a URL in absolute form redeems as well
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET http://elsewhere/file?token=%TOKEN% HTTP/1.1', 200, 'app: GET /file'],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 29: an ambiguous path is refused and spends nothing
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /file/x;y/z?token=%TOKEN%', 400, '{"error":"Bad request"}'],
    ['GET /file/x\\y?token=%TOKEN%', 400, '{"error":"Bad request"}'],
    ['GET /file/x%0ay?token=%TOKEN%', 400, '{"error":"Bad request"}'],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
]



=== TEST 30: a JWT in the URL is refused even if it is a valid session
--- request eval
[map { "GET $_?token=" . session_jwt(7) } '/file', '/only', '/jwt']
--- log_level: info
--- error_code eval: [(401) x 3]
--- response_headers eval: [('!X-Upstream') x 3]
--- response_body eval: [($::Invalid) x 3]
--- no_access_log eval: [qr/eyJ/, qr/eyJ/, qr/eyJ/]
--- no_error_log
eyJ
[alert]
[crit]



=== TEST 31: of two tokens in a query none counts, and none is spent
--- request
POST /file-token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /file?token=' . 'a' x 64 . '&token=%TOKEN%', 401, $::Invalid],
    ['GET /file?token=%TOKEN%&token=' . 'a' x 64, 401, $::Invalid],
    ['GET /file?token=%TOKEN%&token=%TOKEN%', 401, $::Invalid],
    ['GET /file?token=%TOKEN%', 200, 'app: GET /file'],
]
