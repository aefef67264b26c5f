# The variables: $auth_gate_user_id, $auth_gate_claim_NAME, $auth_gate_jwt, $auth_gate_decision.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Session    = 'Authorization: Bearer ' . session_jwt(7);

our $Config = <<'_EOC_';
    auth_gate_public * /public;
    location ~ ^/(api|public)$ {
        auth_gate        jwt;
        proxy_set_header X-User $auth_gate_user_id;
        proxy_set_header X-Role $auth_gate_claim_role;
        proxy_pass       http://app;
    }
_EOC_

application_behind_the_gate($Config);

# The section decoded is the expected payload of the JWT in the body: its id as JSON, then its lifetime in seconds, or
# "exp" and its time. Checks that it is signed with $SECRET and has no other member.
add_response_body_check(sub {
    my ($block, $body) = @_;
    my $expected = $block->decoded // return;
    chomp $expected;
    my ($header, $payload, $signature) = split /\./, $body;
    my ($id, $iat, $exp) = MIME::Base64::decode_base64url($payload // '') =~ /\A\{"id":([^,]+),"iat":(\d+),"exp":(\d+)\}\z/;
    my $tb = Test::Builder->new;
    $tb->is_eq($signature, b64url(Digest::SHA::hmac_sha256("$header.$payload", $SECRET)), $block->name . ' - signature');
    $tb->is_eq(!$id ? 'another payload' : $expected =~ / exp / ? "$id exp $exp" : "$id " . ($exp - $iat), $expected, $block->name . ' - payload');
    $tb->ok($iat && abs($iat - time) < 5, $block->name . ' - iat is now');
});

follow_up();

run_tests();

__DATA__

=== TEST 1: $auth_gate_user_id is the id of the JWT
--- app: $http_x_user
--- request eval: [('GET /api') x 4]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt($_) } 7, 'alice', -1, "a b\x{e9}"]
--- error_code eval: [(200) x 4]
--- response_body eval: ['7', 'alice', '-1', "a b\xc3\xa9"]



=== TEST 2: a client cannot set the user
--- app: $http_x_user|$http_x_role
--- request
GET /api
--- more_headers eval: "$::Session\nX-User: 1\nX-Role: admin"
--- response_body: 7|



=== TEST 3: a client cannot set the user on a public path either
--- app: $http_x_user|$http_x_role
--- request
GET /public
--- more_headers
X-User: 1
X-Role: admin
--- response_body: |



=== TEST 4: a client cannot set the user in a preflight
--- app: $http_x_user|$http_x_role
--- request
OPTIONS /api
--- more_headers
Origin: http://o
Access-Control-Request-Method: GET
X-User: 1
X-Role: admin
--- response_body: |



=== TEST 5: on a public path there is no user, even with a session
--- app: $http_x_user|$http_x_role
--- request
GET /public
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, role => 'admin')
--- response_body: |



=== TEST 6: $auth_gate_claim_NAME is the claim as text, objects and arrays as JSON
--- config
    location = /api { auth_gate jwt; proxy_set_header X-C "$auth_gate_claim_text|$auth_gate_claim_number|$auth_gate_claim_yes|$auth_gate_claim_real|$auth_gate_claim_list|$auth_gate_claim_object|$auth_gate_claim_null|$auth_gate_claim_absent|$auth_gate_claim_id|$auth_gate_claim_empty"; proxy_pass http://app; }
--- app: $http_x_c
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer ' . jwt('{"id":7,"exp":9999999999,"text":"a \u00e9","number":-5,"yes":true,"real":1.5,"list":["a", 1],"object":{"b": "c"},"null":null,"empty":""}')
--- response_body eval: qq(a \xc3\xa9|-5|true|1.5|["a",1]|{"b":"c"}|||7|)



=== TEST 7: a claim's name may contain capitals, although nginx lower-cases variable names
--- config
    location = /api { auth_gate jwt; proxy_set_header X-C "$auth_gate_claim_userName|$auth_gate_claim_username"; proxy_pass http://app; }
--- app: $http_x_c
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, userName => 'a')
--- response_body: a|a



=== TEST 8: a claim with control characters does not reach the application
--- app: $http_x_user|$http_x_role|$http_x_injected
--- request eval: [('GET /api') x 5]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt(7, role => $_) } "a\r\nX-Injected: 1", "a\nX-Injected: 1", "\r", "a\x7f", "\e[31m"]
--- error_code eval: [(200) x 5]
--- response_body eval: [('7||') x 5]



=== TEST 9: control characters in an object are escaped as JSON
--- app: $http_x_role
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, role => { a => "\r\nX: 1" })
--- response_body: {"a":"\r\nX: 1"}



=== TEST 10: an id with control characters does not reach the application
--- app: [$http_x_user]$http_x_injected
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer ' . session_jwt("7\r\nX-Injected: 1")
--- response_body: []



=== TEST 11: with minimal, $auth_gate_jwt is {id, iat, exp}, valid for a minute
--- config
    location = /api { auth_gate jwt; auth_gate_upstream_jwt on minimal; proxy_set_header X-Jwt $auth_gate_jwt; proxy_pass http://app; }
--- app: $http_x_jwt
--- decoded: 7 60
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, name => 'Alice', email => 'a@b', role => 'admin')



=== TEST 12: $auth_gate_jwt keeps a string id
--- config
    location = /api { auth_gate jwt; auth_gate_upstream_jwt on minimal; proxy_set_header X-Jwt $auth_gate_jwt; proxy_pass http://app; }
--- app: $http_x_jwt
--- decoded: "7" 60
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer ' . session_jwt('7')



=== TEST 13: auth_gate_upstream_jwt sets the lifetime of $auth_gate_jwt
--- config
    location = /api { auth_gate jwt; auth_gate_upstream_jwt on minimal ttl=5m; proxy_set_header X-Jwt $auth_gate_jwt; proxy_pass http://app; }
--- app: $http_x_jwt
--- decoded: 7 300
--- request
GET /api
--- more_headers eval: $::Session



=== TEST 14: $auth_gate_jwt does not outlive the session
--- config
    location = /api { auth_gate jwt; auth_gate_upstream_jwt on minimal ttl=5h; proxy_set_header X-Jwt $auth_gate_jwt; proxy_pass http://app; }
--- app: $http_x_jwt
--- decoded eval: '7 exp ' . (our $Exp = time + 1000)
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, exp => our $Exp)



=== TEST 15: $auth_gate_jwt is not in the error log when the application fails
--- log_level: info
--- config
    location = /api { auth_gate jwt; proxy_pass http://127.0.0.1:1/x?token=$auth_gate_jwt; }
--- request
GET /api
--- more_headers eval: $::Session
--- error_code: 502
--- error_log
connect() failed
--- no_error_log
[alert]
[crit]
eyJ



=== TEST 16: all variables are empty for a refused request
--- config
    location = /api { auth_gate jwt; add_header X-Seen "[$auth_gate_user_id|$auth_gate_jwt|$auth_gate_claim_role|$auth_gate_purpose]" always; proxy_pass http://app; }
--- request eval: [('GET /api') x 4]
--- more_headers eval: [map { 'Authorization: Bearer ' . $_ } '', session_jwt(7, exp => 1, role => 'admin'), session_jwt(7, -secret => 'x', role => 'admin'), session_jwt(7, purpose => 'x')]
--- error_code eval: [(401) x 4]
--- response_headers eval: [('X-Seen: [|||]') x 4]



=== TEST 17: all variables are empty where there is no gate
--- config
    location = /api { add_header X-Seen "[$auth_gate_user_id|$auth_gate_jwt|$auth_gate_claim_role|$auth_gate_purpose|$auth_gate_decision]" always; proxy_pass http://app; }
--- request
GET /api
--- more_headers eval: $::Session
--- response_headers
X-Seen: [||||]



=== TEST 18: variables read before the decision are not cached
--- config
    set $before "$auth_gate_user_id|$auth_gate_claim_role|$auth_gate_jwt";
    location = /api { auth_gate jwt; proxy_set_header X-User "$before,$auth_gate_user_id,$auth_gate_claim_role"; proxy_pass http://app; }
--- app: $http_x_user
--- request
GET /api
--- more_headers eval: 'Authorization: Bearer ' . session_jwt(7, role => 'admin')
--- response_body: ||,7,admin



=== TEST 19: $auth_gate_decision names the reason
--- config
    add_header X-Decision $auth_gate_decision always;
    auth_gate_public * /public;
    location = /api    { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
    location = /public { auth_gate jwt; proxy_pass http://app; }
    location = /other  { proxy_pass http://app; }
    location /path     { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /api', 'GET /api', 'GET /api', 'GET /api', 'GET /public', 'OPTIONS /api', 'GET /path;x', 'GET /other']
--- more_headers eval: ['Authorization: Bearer ' . session_jwt(7, role => 'admin'), 'X: 1', 'Authorization: Bearer x', $::Session, 'X: 1', "Origin: http://o\nAccess-Control-Request-Method: GET", $::Session, 'X: 1']
--- error_code eval: [200, 401, 401, 403, 200, 200, 400, 200]
--- response_headers eval: [(map { "X-Decision: $_" } qw(allow no_credentials bad_credentials forbidden allow allow bad_path)), '!X-Decision']



=== TEST 20: $auth_gate_decision and $auth_gate_user_id are available to the access log
--- http_config
    log_format decision '$request_uri <$auth_gate_user_id> <$auth_gate_decision>';
--- config
    access_log logs/access.log decision;
    location = /api { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
--- request
GET /api
--- more_headers eval: $::Session
--- error_code: 403
--- access_log
/api <-> <forbidden>



=== TEST 21: the application's own 401 is left alone
--- config
    location = /api { auth_gate jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/refusing.sock; }
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/refusing.sock;
        location / { add_header WWW-Authenticate "App realm=x" always; return 401 "the application says no"; }
    }
--- request
GET /api
--- more_headers eval: $::Session
--- error_code: 401
--- response_body: the application says no
--- response_headers
WWW-Authenticate: App realm=x



=== TEST 22: $auth_gate_args has the client's arguments, and nothing that some parser takes for a token
--- config
    location = /ws  { auth_gate jwt; proxy_pass http://app/ws?token=x&$auth_gate_args; }
    location = /own { auth_gate off; rewrite ^ /own?added=1 break; proxy_pass http://app/own?$auth_gate_args; }
--- request eval: ['GET /ws?id=1&EIO=4&transport=websocket', 'GET /ws', 'GET /ws?a=%20%26&&b=', 'GET /ws?a=1&token=y&b', 'GET /ws?TOKEN=y&b=1', 'GET /ws?token[]=y&b', 'GET /ws?%74oken=y&a=1;token=z&c', 'GET /ws?tokens=1', 'GET /own?a=b&token=z']
--- more_headers eval: [($::Session) x 9]
--- response_body eval: [map { "GET $_" } '/ws?token=x&id=1&EIO=4&transport=websocket', '/ws?token=x&', '/ws?token=x&a=%20%26&&b=', '/ws?token=x&a=1&b', '/ws?token=x&b=1', '/ws?token=x&b', '/ws?token=x&c', '/ws?token=x&tokens=1', '/own?added=1&a=b']



=== TEST 23: behind a token, $auth_gate_args has what else the client sent
--- http_config
    auth_gate_zone zone=gate:1m tokens=100;
--- config
    location = /token { auth_gate_issue ws; }
    location = /ws    { auth_gate token=ws; proxy_pass http://app/ws?access=1&$auth_gate_args; }
--- request
POST /token
--- more_headers eval: $::Session
--- then eval: [['GET /ws?a=1&token=%TOKEN%&b=2', 200, 'GET /ws?access=1&a=1&b=2']]
