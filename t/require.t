# Required claims (auth_gate_require, auth_gate_user_claim), and the inheritance of directives.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $Forbidden  = '{"error":"Insufficient permissions","code":"FORBIDDEN"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);

application_behind_the_gate();

run_tests();

__DATA__

=== TEST 1: a required claim must be present
--- config
    location = /api { auth_gate jwt; auth_gate_require role; proxy_pass http://app; }
--- request eval: [('GET /api') x 8]
--- more_headers eval: [map { 'Authorization: Bearer ' . $_ } session_jwt(7, role => 'x'), session_jwt(7, role => ''), session_jwt(7, role => 0), session_jwt(7, role => []), jwt('{"id":7,"exp":9999999999,"role":false}'), session_jwt(7), session_jwt(7, Role => 'x'), jwt('{"id":7,"exp":9999999999,"role":null}')]
--- error_code eval: [(200) x 5, (403) x 3]
--- response_body eval: [('GET /api') x 5, ($::Forbidden) x 3]



=== TEST 2: a request without a required claim gets 403 and never reaches the application
--- config
    location = /api { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
--- request
GET /api
--- more_headers eval: $::Session
--- error_code: 403
--- response_body eval: $::Forbidden
--- response_headers
WWW-Authenticate: Bearer error="insufficient_scope"
--- error_log
request refused: the JWT lacks a claim that this location requires: role=admin,
--- no_error_log eval: $::NotReached



=== TEST 3: a required value is compared exactly
--- config
    location = /api { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: [('GET /api') x 7]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt(7, role => $_) } 'admin', 'Admin', 'admin ', 'adm', 'administrator', "admin\0", { admin => 1 }]
--- error_code eval: [200, (403) x 4, 401, 403]



=== TEST 4: a required value is not empty
--- config
    location = /api { auth_gate jwt; auth_gate_require aud=a role=; proxy_pass http://app; }
--- must_die
--- error_log
invalid value "role=" in "auth_gate_require"



=== TEST 5: a required value may contain equals signs, spaces and quotes
--- config
    location = /api { auth_gate jwt; auth_gate_require "iss=https://id.example/?a=b c" 'sub="x"'; proxy_pass http://app; }
--- request eval: [('GET /api') x 2]
--- more_headers eval: ['Authorization: Bearer ' . session_jwt(7, iss => 'https://id.example/?a=b c', sub => '"x"'), 'Authorization: Bearer ' . session_jwt(7, iss => 'https://id.example/?a', sub => '"x"')]
--- error_code eval: [200, 403]



=== TEST 6: all of several requirements must be met
--- config
    location = /api { auth_gate jwt; auth_gate_require aud=trips iss=me role=admin; proxy_pass http://app; }
--- request eval: [('GET /api') x 5]
--- more_headers eval
my %good = (aud => 'trips', iss => 'me', role => 'admin');
[map { 'Authorization: Bearer ' . session_jwt(7, %good, %$_) } {}, { aud => 'x' }, { iss => 'x' }, { role => 'x' }, { role => undef }]
--- error_code eval: [200, (403) x 4]



=== TEST 7: auth_gate_require may be repeated, and all apply
--- config
    location = /api { auth_gate jwt; auth_gate_require aud=trips; auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: [('GET /api') x 3]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt(7, %$_) } { aud => 'trips', role => 'admin' }, { aud => 'trips' }, { role => 'admin' }]
--- error_code eval: [200, 403, 403]



=== TEST 8: an array meets a value that it contains
--- config
    location = /api { auth_gate jwt; auth_gate_require aud=trips; proxy_pass http://app; }
--- request eval: [('GET /api') x 7]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt(7, aud => $_) } ['trips'], ['a', 'trips'], ['trips', 1, undef, {}], [], ['trip', 's'], [['trips']], { aud => 'trips' }]
--- error_code eval: [(200) x 3, (403) x 4]



=== TEST 9: two required values of one claim must both be in the array
--- config
    location = /api { auth_gate jwt; auth_gate_require roles=a roles=b; proxy_pass http://app; }
--- request eval: [('GET /api') x 4]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt(7, roles => $_) } ['a', 'b'], ['b', 'c', 'a'], ['a'], 'a']
--- error_code eval: [200, 200, 403, 403]



=== TEST 10: numbers and booleans are compared as text
--- config
    location = /level { auth_gate jwt; auth_gate_require level=5; proxy_pass http://app; }
    location = /yes   { auth_gate jwt; auth_gate_require verified=true; proxy_pass http://app; }
    location = /no    { auth_gate jwt; auth_gate_require verified=false; proxy_pass http://app; }
--- request eval: [('GET /level') x 5, ('GET /yes') x 4, ('GET /no') x 3]
--- more_headers eval
[map { 'Authorization: Bearer ' . jwt(qq({"id":7,"exp":9999999999,$_})) } '"level":5', '"level":"5"', '"level":[4,5]', '"level":50', '"level":-5',
 '"verified":true', '"verified":"true"', '"verified":false', '"verified":1', '"verified":false', '"verified":null', '"verified":true']
--- error_code eval: [200, 200, 200, 403, 403, 200, 200, 403, 403, 200, 403, 403]



=== TEST 11: a huge integer elsewhere does not affect a required number
--- config
    location = /level { auth_gate jwt; auth_gate_require level=5; proxy_pass http://app; }
--- request
GET /level
--- more_headers eval: 'Authorization: Bearer ' . jwt('{"id":"alice","exp":9999999999,"level":5,"n":99999999999999999999}')
--- response_body: GET /level



=== TEST 12: the id can be required, too
--- config
    location = /mine { auth_gate jwt; auth_gate_require id=7; proxy_pass http://app; }
--- request eval: [('GET /mine') x 3]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt($_) } 7, '7', 77]
--- error_code eval: [200, 200, 403]



=== TEST 13: requirements are inherited, and a location's own replace them
--- http_config
    auth_gate_require role=http;
--- config
    location = /http { auth_gate jwt; proxy_pass http://app; }
    location = /own  { auth_gate jwt; auth_gate_require role=own; proxy_pass http://app; }
    location /outer/ { auth_gate jwt; auth_gate_require role=outer; proxy_pass http://app; location = /outer/inner { proxy_pass http://app; } }
--- request eval: [map { ("GET $_") x 3 } '/http', '/own', '/outer/inner']
--- more_headers eval: [map { my $role = $_; 'Authorization: Bearer ' . session_jwt(7, role => $role) } qw(http own outer) x 3]
--- error_code eval: [200, 403, 403, 403, 200, 403, 403, 403, 200]



=== TEST 14: auth_gate_user_claim names the claim with the user id
--- config
    location = /api { auth_gate jwt; auth_gate_user_claim sub; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://app; }
--- app: $http_x_user
--- request eval: [('GET /api') x 3]
--- more_headers eval: [map { 'Authorization: Bearer ' . $_ } session_jwt(undef, sub => 'alice'), session_jwt(7, sub => 'alice'), session_jwt(7)]
--- error_code eval: [200, 200, 401]
--- response_body eval: ['alice', 'alice', $::Invalid]



=== TEST 15: auth_gate_user_claim is inherited and overridden
--- config
    auth_gate_user_claim sub;
    location = /inherits { auth_gate jwt; proxy_pass http://app; }
    location = /own      { auth_gate jwt; auth_gate_user_claim uid; proxy_pass http://app; }
--- request eval: [('GET /inherits') x 2, ('GET /own') x 2]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt(undef, $_ => 7) } qw(sub uid sub uid)]
--- error_code eval: [200, 401, 401, 200]



=== TEST 16: auth_gate_require_exp is inherited and overridden
--- config
    auth_gate_require_exp off;
    location = /inherits { auth_gate jwt; proxy_pass http://app; }
    location = /own      { auth_gate jwt; auth_gate_require_exp on; proxy_pass http://app; }
--- request eval: ['GET /inherits', 'GET /own']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7, exp => undef)) x 2]
--- error_code eval: [200, 401]



=== TEST 17: auth_gate is inherited from http, server and outer location, and overridden
--- http_config
    auth_gate jwt;
--- config
    location = /http  { proxy_pass http://app; }
    location = /off   { auth_gate off; proxy_pass http://app; }
    location /outer/  { auth_gate off; proxy_pass http://app; location = /outer/inner { proxy_pass http://app; } location = /outer/gated { auth_gate jwt; proxy_pass http://app; } }
--- request eval: [map { "GET $_" } qw(/http /off /outer/inner /outer/gated /index.html)]
--- error_code eval: [401, 200, 200, 401, 401]



=== TEST 18: a server's gate applies to locations without their own
--- config
    auth_gate jwt;
    location /deep/ { proxy_pass http://app; location /deep/er/ { proxy_pass http://app; } }
    location ~ \.x$ { proxy_pass http://app; }
--- request eval: [map { "GET $_" } qw(/deep/ /deep/er/ /a.x /index.html)]
--- error_code eval: [(401) x 4]
--- response_body eval: [($::Absent) x 4]
--- no_error_log eval: $::NotReached



=== TEST 19: a gate applies within if
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; if ($arg_x) { proxy_pass http://app; } }
--- request eval: ['GET /api', 'GET /api?x=1']
--- error_code eval: [401, 401]
--- response_body eval: [($::Absent) x 2]
--- no_error_log eval: $::NotReached



=== TEST 20: a gate applies within limit_except
--- config
    location = /api { auth_gate jwt; limit_except GET { allow all; } proxy_pass http://app; }
--- request eval: ['GET /api', 'POST /api', 'DELETE /api', 'GET /api', 'POST /api']
--- more_headers eval: ['X-No: 1', 'X-No: 1', 'X-No: 1', $::Session, $::Session]
--- error_code eval: [401, 401, 401, 200, 200]



=== TEST 21: limit_except may be stricter than the gate
--- config
    location = /api { auth_gate jwt; limit_except GET { deny all; } proxy_pass http://app; }
--- request eval: ['GET /api', 'POST /api']
--- more_headers eval: [$::Session, $::Session]
--- error_code eval: [200, 403]



=== TEST 22: a path leads into claims, and a literal name goes before it
--- config
    location = /path    { auth_gate jwt; auth_gate_require realm_access.roles=admin; proxy_pass http://app; }
    location = /literal { auth_gate jwt; auth_gate_require https://example.com/roles=admin; proxy_pass http://app; }
    location = /deep    { auth_gate jwt; auth_gate_require https://example.com/app.role=admin; proxy_pass http://app; }
    location = /array   { auth_gate jwt; auth_gate_require groups.1=admin; proxy_pass http://app; }
--- request eval: [('GET /path') x 6, ('GET /literal') x 2, ('GET /deep') x 2, ('GET /array') x 3]
--- more_headers eval
[map { 'Authorization: Bearer ' . session_jwt(7, @$_) }
    [realm_access => { roles => ['user', 'admin'] }], [realm_access => { roles => ['user'] }], [realm_access => 'admin'], [],
    ['realm_access.roles' => 'admin', realm_access => { roles => 'user' }], ['realm_access.roles' => 'x', realm_access => { roles => 'admin' }],
    ['https://example.com/roles' => ['admin']], ['https://example' => { 'com/roles' => ['user'] }],
    ['https://example.com/app' => { role => 'admin' }], ['https://example.com/app' => { role => 'user' }],
    [groups => ['x', 'admin']], [groups => ['admin', 'x']], [groups => 'admin']]
--- error_code eval: [200, 403, 403, 403, 200, 403, 200, 403, 200, 403, 200, 403, 403]



=== TEST 23: in scope and scp, a word is enough; elsewhere a space is text
--- config
    location = /scope { auth_gate jwt; auth_gate_require scope=read; proxy_pass http://app; }
    location = /scp   { auth_gate jwt; auth_gate_require scp=read; proxy_pass http://app; }
    location = /role  { auth_gate jwt; auth_gate_require role=read; proxy_pass http://app; }
    location = /inner { auth_gate jwt; auth_gate_require a.scope=read; proxy_pass http://app; }
--- request eval: [('GET /scope') x 8, ('GET /scp') x 3, 'GET /role', 'GET /inner']
--- more_headers eval
[map { 'Authorization: Bearer ' . session_jwt(7, @$_) }
    (map { [scope => $_] } 'read', 'read write', 'write read', 'a read b', 'reader', "read\twrite", ['read', 'x'], ['read write']),
    (map { [scp => $_] } 'write read', ['read'], 'thread'), [role => 'read write'], [a => { scope => 'read write' }]]
--- error_code eval: [200, 200, 200, 200, 403, 403, 200, 403, 200, 200, 403, 403, 403]



=== TEST 24: one of several values is enough, and a bar can be part of a value
--- config
    location = /any  { auth_gate jwt; auth_gate_require role=admin|editor scope=a|b; proxy_pass http://app; }
    location = /bar  { auth_gate jwt; auth_gate_require sub=auth0\|7|x; proxy_pass http://app; }
--- request eval: [('GET /any') x 6, ('GET /bar') x 4]
--- more_headers eval
[map { 'Authorization: Bearer ' . session_jwt(7, @$_) }
    [role => 'admin', scope => 'b c'], [role => ['x', 'editor'], scope => 'a'], [role => 'user', scope => 'a'], [role => 'admin', scope => 'c'],
    [role => 'admin|editor', scope => 'a'], [role => '', scope => 'a'],
    (map { [sub => $_] } 'auth0|7', 'x', 'auth0', '7')]
--- error_code eval: [200, 200, 403, 403, 403, 403, 200, 200, 403, 403]



=== TEST 25: a page with a session is not sent to the login for a claim
--- config
    auth_gate_login_url /login;
    location = /api { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: [('GET /api') x 3]
--- more_headers eval: [map { "Accept: text/html\nSec-Fetch-Mode: navigate$_" } '', "\nAuthorization: Bearer x", "\n$::Session"]
--- error_code eval: [302, 302, 403]
--- response_body eval: ['', '', $::Forbidden]



=== TEST 26: of several cookies without the claim, a good session is not taken for a bad one
--- config
    location = /api { auth_gate jwt; auth_gate_jwt_from cookie:sid; auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: [('GET /api') x 4]
--- more_headers eval
my $good = session_jwt(7);
my $admin = session_jwt(7, role => 'admin');
["Cookie: sid=x; sid=$good", "Cookie: sid=$good; sid=x", 'Cookie: sid=x; sid=y', "Cookie: sid=$good; sid=$admin"]
--- error_code eval: [403, 403, 401, 200]



=== TEST 27: a WebSocket reads 4003, and a client that is no browser the status
--- config
    auth_gate_ws_close on;
    location = /ws    { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
    location = /plain { auth_gate jwt; auth_gate_require role=admin; auth_gate_ws_close off; proxy_pass http://app; }
--- request eval: ['GET /ws', 'GET /plain', 'GET /ws']
--- more_headers eval
my $handshake = "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n$::Session";
[$handshake, $handshake =~ s/: Upgrade$/: Upgrade, close/mr, $::Session]
--- error_code eval: [101, 403, 403]
--- response_body eval: ["\x88\x0b\x0f\xa3Forbidden", $::Forbidden, $::Forbidden]
--- no_error_log eval: $::NotReached



=== TEST 28: satisfy any keeps its meaning
--- config
    location = /in  { auth_gate jwt; auth_gate_require role=admin; satisfy any; allow all; proxy_pass http://app; }
    location = /out { auth_gate jwt; auth_gate_require role=admin; satisfy any; deny all; proxy_pass http://app; }
--- request eval: ['GET /in', 'GET /out']
--- more_headers eval: [$::Session, $::Session]
--- error_code eval: [200, 403]
