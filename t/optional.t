# `auth_gate jwt optional`: a credential that is sent is verified and held to the policy, strangers pass with nothing in
# the places where an application looks for a session.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Seven   = session_jwt(7);
our $Eight   = session_jwt(8);
our $Old     = session_jwt(7, exp => time - 10);
our @Page    = ('Sec-Fetch-Mode: navigate', 'Accept: text/html');
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our @Wrong   = ("Authorization: Bearer $Old", 'Authorization: Bearer x', 'Authorization: Bearer', "X-Auth: $Old",
    "Cookie: sess=$Old", 'Cookie: sess=x', "Cookie: sess=$Seven; sess=$Eight");

application_behind_the_gate(<<'_EOC_');
    auth_gate_jwt_from bearer header:X-Auth cookie:sess;
    proxy_set_header X-Who $auth_gate_user_id;
    location = /token { auth_gate_issue download; }
    location /api     { auth_gate jwt optional; proxy_pass http://app; }
    location /both    { auth_gate jwt optional token=download; proxy_pass http://app; }
    location /inner   { auth_gate jwt optional; location /inner/api { proxy_pass http://app; } }
    location /role    { auth_gate jwt optional; auth_gate_require role=admin; proxy_pass http://app; }
    location = /_ask  { internal; auth_gate jwt optional; proxy_pass http://app; }
    location /asked   { auth_request /_ask; proxy_pass http://app; }
_EOC_
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => "auth_gate_zone zone=gate:1m tokens=100;\n" . ($block->http_config // ''));
    $block->set_value(app => '$http_x_who|$http_authorization|$http_x_auth|$http_cookie') if !defined $block->app;
});
follow_up();
run_tests();

__DATA__

=== TEST 1: a stranger passes, with nothing that could be a session
--- request eval: [('GET /api') x 5, 'POST /api', 'GET /inner/api', 'GET /both']
--- more_headers eval
['X-No: 1', 'Cookie: theme=x', 'Authorization: Basic YTpi', "Authorization: JWT $::Eight", "Authorization: Token x\nCookie: a=b", 'Authorization: Token x', "Authorization: JWT $::Eight", 'X-No: 1']
--- error_code eval: [(200) x 8]
--- response_body eval: ['|||', '|||theme=x', '|||', '|||', '|||a=b', '|||', '|||', '|||']



=== TEST 2: a session is verified and passed on
--- request eval: [('GET /api') x 3]
--- more_headers eval: ["Authorization: Bearer $::Seven", "X-Auth: $::Seven", "Cookie: a=b; sess=$::Seven"]
--- error_code eval: [(200) x 3]
--- response_body eval: ["7|Bearer $::Seven||", "7||$::Seven|", "7|||a=b; sess=$::Seven"]



=== TEST 3: a bad one is refused
--- request eval: [('GET /api') x @::Wrong]
--- more_headers eval: [@::Wrong]
--- error_code eval: [(401) x @::Wrong]
--- response_body eval: [($::Invalid) x @::Wrong]



=== TEST 4: but for a page navigation it makes a stranger
--- request eval: [('GET /api') x @::Wrong]
--- more_headers eval: [map { CORE::join "\n", @::Page, "$_\nCookie: a=b" } @::Wrong]
--- error_code eval: [(200) x @::Wrong]
--- response_body eval: [('|||a=b') x @::Wrong]



=== TEST 5: a session that lacks a claim is forbidden, also for a page
--- request eval: [('GET /role') x 3]
--- more_headers eval: ["Authorization: Bearer $::Seven", CORE::join("\n", @::Page, "Cookie: sess=$::Seven"), 'X-No: 1']
--- error_code eval: [403, 403, 200]



=== TEST 6: the policy holds for those who are signed in
--- config
    auth_gate_identity claims;
    auth_gate_mfa always;
    location /api { auth_gate jwt optional; proxy_pass http://app; }
--- request eval: [('GET /api') x 3]
--- more_headers eval: ["Authorization: Bearer $::Seven", 'Authorization: Bearer ' . jwt('{"id":7,"mfa_enabled":true,"exp":9999999999}'), 'X-No: 1']
--- error_code eval: [403, 200, 200]



=== TEST 7: a JWT in the URL is refused, and a token is spent
--- request eval: ["GET /api?jwt=$::Seven", 'GET /both?token=x', 'POST /token']
--- more_headers eval: [CORE::join("\n", @::Page), 'X-No: 1', "Authorization: Bearer $::Seven"]
--- error_code eval: [401, 401, 200]
--- then eval
[['GET /both?token=%TOKEN%', 200, qr/^7\|Bearer ey/], ['GET /both?token=%TOKEN%', 401], ['GET /both', 200, '|||']]



=== TEST 8: where auth_request leads, too, but nothing unverified goes there
--- request eval: [('GET /asked') x 5]
--- more_headers eval
['X-No: 1', "Authorization: Bearer $::Seven", "Authorization: Bearer $::Old", "Authorization: JWT $::Eight", CORE::join("\n", @::Page, "Cookie: sess=$::Old")]
--- error_code eval: [200, 200, 401, 401, 401]



=== TEST 9: strangers get no tokens
--- config
    location = /token { auth_gate jwt optional; auth_gate_issue download; }
--- must_die
--- error_log
"auth_gate_issue" needs a session; strangers get no tokens, remove "optional"



=== TEST 10: only JWTs are optional
--- config
    location = /api { auth_gate optional; }
--- must_die
--- error_log
invalid value "optional" in "auth_gate"



=== TEST 11: and once
--- config
    location = /api { auth_gate jwt optional optional; }
--- must_die
--- error_log
invalid value "optional" in "auth_gate"



=== TEST 12: the decision is allow, and nothing is known of the user
--- config
    auth_gate_jwt_from bearer cookie:sess;
    location /api { auth_gate jwt optional; add_header X-Decision "$auth_gate_decision,$auth_gate_user_id"; proxy_pass http://app; }
--- request eval: [('GET /api') x 3]
--- more_headers eval: ['X-No: 1', "Authorization: Bearer $::Seven", CORE::join("\n", @::Page, "Cookie: sess=$::Old")]
--- response_headers eval: ['X-Decision: allow,', 'X-Decision: allow,7', 'X-Decision: allow,']



=== TEST 13: what to= names is a place of sessions, also where a subrequest goes
--- config
    auth_gate_jwt_from bearer;
    location = /_header { internal; auth_gate jwt optional; auth_gate_upstream_jwt on to=header:X-Auth; proxy_pass http://app; }
    location = /_cookie { internal; auth_gate jwt optional; auth_gate_upstream_jwt on to=cookie:app; proxy_pass http://app; }
    location /header    { auth_request /_header; proxy_pass http://app; }
    location /cookie    { auth_request /_cookie; proxy_pass http://app; }
--- request eval: ['GET /header', 'GET /header', 'GET /cookie', 'GET /cookie', 'GET /cookie']
--- more_headers eval: ['X-No: 1', "X-Auth: $::Eight", 'Cookie: a=b', "Cookie: a=b; app=$::Eight", "Cookie: a=b, APP=$::Eight"]
--- error_code eval: [200, 401, 200, 401, 401]



=== TEST 14: the log does not call a stranger refused
--- log_level: info
--- request
GET /api
--- more_headers eval: CORE::join "\n", @::Page, "Cookie: sess=$::Old"
--- error_log: auth_gate: let in as a stranger: the JWT has expired
--- no_error_log
request refused
[alert]
