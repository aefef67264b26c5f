# auth_gate_path: paths that servers read differently, refused or passed on as they were sent.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $BadRequest = '{"error":"Bad request"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);

# What people need, and what applications read in different ways.
our @Needed = qw(/hero;id=15 /a;b.mp3 /Rock%3BPop/x.mp3 /api/queues/%2F/q /projects/group%2Fproject /a%5Cb /x/..;/y);
our @Odd    = (@Needed, '/a\\b', qw(/a%0ab /a%7f /a;/../b /a%3b/../b /x/../y //x//y /%61 /x%2f..%2fy /a%3Fb%23c /./a /a/. /;/));

our $Config = <<'_EOC_';
    location /strict/ { auth_gate jwt; proxy_pass http://app; }
    location /strict-open/ { proxy_pass http://app; }
    location /sent/   { auth_gate jwt; auth_gate_path as_sent; proxy_pass http://app; }
    location /open/   { auth_gate_path as_sent; proxy_pass http://app; }
_EOC_

application_behind_the_gate($Config);
follow_up();

run_tests();

__DATA__

=== TEST 1: as_sent: every path reaches the application of a location without a gate as it was sent
--- request eval: [map { "GET /open$_?a=%2e;b" } @::Odd]
--- error_code eval: [(200) x @::Odd]
--- response_body eval: [map { "GET /open$_?a=%2e;b" } @::Odd]



=== TEST 2: as_sent: the same behind a gate
--- request eval: [map { "GET /sent$_?a=%2e;b" } @::Odd]
--- more_headers eval: [($::Session) x @::Odd]
--- error_code eval: [(200) x @::Odd]
--- response_body eval: [map { "GET /sent$_?a=%2e;b" } @::Odd]



=== TEST 3: as_sent: a gate still wants a session, whatever the path
--- request eval: [map { "GET /sent$_" } @::Odd]
--- error_code eval: [(401) x @::Odd]
--- response_body eval: [($::Absent) x @::Odd]
--- no_error_log eval: $::NotReached



=== TEST 4: strict is the default: what servers read differently is refused, behind a gate and elsewhere
--- request eval: [map { ("GET /strict$_", "GET /strict-open$_") } grep { /[;\\]|%(?:3b|5c|0a|7f)/i } @::Odd]
--- more_headers eval: [map { ($::Session) x 2 } grep { /[;\\]|%(?:3b|5c|0a|7f)/i } @::Odd]
--- error_code eval: [map { (400, 400) } grep { /[;\\]|%(?:3b|5c|0a|7f)/i } @::Odd]
--- response_body eval: [map { ($::BadRequest) x 2 } grep { /[;\\]|%(?:3b|5c|0a|7f)/i } @::Odd]
--- no_error_log eval: $::NotReached



=== TEST 5: the log names the directive, behind a gate and elsewhere, and where another module lets in
--- config
    location /strict { auth_gate jwt; proxy_pass http://app; }
    location /open   { proxy_pass http://app; }
    location /any    { satisfy any; allow all; auth_gate jwt; proxy_pass http://app; }
--- log_level: info
--- request
GET /open
--- then eval: [map { ["GET $_;x", 400, $::BadRequest, [$::Session]] } '/strict', '/open', '/any']
--- error_log eval
[map { qr{auth_gate: request refused: the application might read the path differently \(auth_gate_path strict\).*"GET $_;x} } '/strict', '/open', '/any']



=== TEST 6: the log names the directive where a token is not spent
--- http_config
    auth_gate_zone zone=gate:1m tokens=100;
--- config
    location = /token { auth_gate_issue download; }
    location /file { auth_gate token=download; proxy_pass http://app; }
    location /sent { auth_gate token=download; auth_gate_path as_sent; proxy_pass http://app; }
--- log_level: info
--- request
POST /token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /file;x?token=%TOKEN%', 400, $::BadRequest],
    ['GET /sent/%2F;x?a&token=%TOKEN%&b', 200, 'GET /sent/%2F;x?a&b'],
    ['GET /sent/%2F;x?a&token=%TOKEN%&b', 401],
]
--- error_log
the application might read the path differently (auth_gate_path strict)



=== TEST 7: as_sent: files with such names are served from the disk
--- config
    auth_gate_path as_sent;
    location /api { auth_gate jwt; proxy_pass http://app; }
--- user_files
>>> a;b.mp3
music
>>> c%d.txt
text
--- request eval: ['GET /a;b.mp3', 'GET /a%3Bb.mp3', 'GET /x/../a;b.mp3', 'GET /c%25d.txt']
--- error_code eval: [(200) x 4]
--- response_body eval: ["music\n", "music\n", "music\n", "text\n"]



=== TEST 8: as_sent of the server, strict in a location: the location decides about the form, too
--- config
    auth_gate_path as_sent;
    if ($request_uri = /nothing) { return 404; }
    location ^~ /strict/ { auth_gate jwt; auth_gate_path strict; proxy_pass http://app; }
    location ^~ /uri/    { auth_gate jwt; auth_gate_path strict; proxy_pass http://app$request_uri; }
    location ~ ^/     { proxy_pass http://app; }
--- request eval: [map { "GET $_?q=1#f" } '/strict/x/../%2F/a', '/uri/x/../%2F/a', '/x/../%2F/a', '/strict/a;b', '/a;b']
--- more_headers eval: [($::Session) x 5]
--- error_code eval: [200, 200, 200, 400, 200]
--- response_body eval: ['GET /strict/a?q=1', 'GET /uri/a?q=1', 'GET /x/../%2F/a?q=1#f', $::BadRequest, 'GET /a;b?q=1#f']



=== TEST 9: strict of the server, as_sent in a location: the same
--- config
    if ($request_uri = /nothing) { return 404; }
    location ^~ /sent/ { auth_gate jwt; auth_gate_path as_sent; proxy_pass http://app; }
    location ^~ /uri/  { auth_gate jwt; auth_gate_path as_sent; proxy_pass http://app$request_uri; }
    location ~ ^/ { proxy_pass http://app; }
--- request eval: [map { "GET $_?q=1" } '/sent/x/../%2F/a;b', '/uri/x/../%2F/a;b', '/x/../%2F/a', '/a;b']
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [200, 200, 200, 400]
--- response_body eval: ['GET /sent/x/../%2F/a;b?q=1', 'GET /uri/x/../%2F/a;b?q=1', 'GET /a?q=1', $::BadRequest]



=== TEST 10: after a rewrite, try_files or error_page, the location that the request ends in decides
--- config
    location /to-strict/ { auth_gate_path as_sent; rewrite ^/to-strict/(.*)$ /strict/$1 last; }
    location /to-sent/   { rewrite ^/to-sent/(.*)$ /sent/$1 last; }
    location /try-strict/ { auth_gate_path as_sent; try_files /nothing /strict/tried; }
    location /try-sent/   { auth_gate_path as_sent; try_files /nothing /sent/tried; }
    location /named/      { auth_gate_path as_sent; error_page 418 = @strict; return 418; }
    location @strict      { auth_gate jwt; proxy_pass http://app; }
    location /strict/ { auth_gate jwt; proxy_pass http://app; }
    location /sent/   { auth_gate jwt; auth_gate_path as_sent; proxy_pass http://app; }
--- request eval: [map { "GET /$_/a;b" } qw(to-strict to-sent try-strict try-sent named)]
--- more_headers eval: [($::Session) x 5]
--- error_code eval: [400, 200, 400, 200, 400]
--- response_body eval: [$::BadRequest, 'GET /sent/a;b', $::BadRequest, 'GET /sent/tried', $::BadRequest]



=== TEST 11: an if block and limit_except have the setting of their location
--- config
    location /sent/ { auth_gate jwt; auth_gate_path as_sent; if ($arg_x) { set $y 1; } proxy_pass http://app; }
    location /in-if/ { auth_gate jwt; auth_gate_path as_sent; if ($request_method = GET) { proxy_pass http://app; } }
    location /limit/ { auth_gate jwt; auth_gate_path as_sent; limit_except POST { allow all; } proxy_pass http://app; }
    location /outer/ { auth_gate jwt; auth_gate_path as_sent; location /outer/inner { proxy_pass http://app; } }
    location /strict/ { auth_gate jwt; if ($request_method = GET) { proxy_pass http://app; } }
--- request eval: [map { "GET $_/%2F/a;b?x=1" } qw(/sent /in-if /limit /outer/inner /strict)]
--- more_headers eval: [($::Session) x 5]
--- error_code eval: [(200) x 4, 400]
--- response_body eval: [map({ "GET $_/%2F/a;b?x=1" } qw(/sent /in-if /limit /outer/inner)), $::BadRequest]



=== TEST 12: as_sent: a rule with * is not for paths that the application could read as others
--- config
    auth_gate_path as_sent;
    auth_gate_public GET /api/auth/oidc/* /pub*;
    location ~ ^/ { auth_gate jwt; proxy_pass http://app; }
--- request eval
[map { "GET $_" } '/api/auth/oidc/..;/trips', '/api/auth/oidc/..%3B/trips', '/api/auth/oidc/x;y', '/api/auth/oidc/x%3b', '/api/auth/oidc/..\\trips',
 '/api/auth/oidc/..%5c..%5Ctrips', '/api/auth/oidc/%0a', '/x;/../api/auth/oidc/y', '/api/trips/../auth/oidc/x', '/api/trips/%2e%2e/auth/oidc/x',
 '/api/trips%2f..%2fauth/oidc/x', '/trips/a%2f..%2f..%2fpub/x', '/api/auth/oidc%2Fx', '/pub;', '/pub\\']
--- error_code eval: [(401) x 15]
--- response_body eval: [($::Absent) x 15]
--- no_error_log eval: $::NotReached



=== TEST 13: as_sent: a rule with * is for all other paths
--- config
    auth_gate_path as_sent;
    auth_gate_public GET /api/auth/oidc/*;
    location ~ ^/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: [map { "GET /api/auth/oidc/$_" } '', 'x', 'a/b', 'group%2Fproject', '%20%3f', '%78']
--- error_code eval: [(200) x 6]
--- response_body eval: [map { "GET /api/auth/oidc/$_" } '', 'x', 'a/b', 'group%2Fproject', '%20%3f', '%78']



=== TEST 14: as_sent: an exact rule is for that path, with a ; too
--- config
    auth_gate_path as_sent;
    auth_gate_public GET /health "/hero;id=15";
    location ~ ^/ { auth_gate jwt; proxy_pass http://app; }
--- request eval: [map { "GET $_" } '/hero;id=15', '/hero%3Bid=15', '/health', '/HEALTH/', '/health;x', '/x;/../health', '/hero;id=16', '/x/../health']
--- error_code eval: [(200) x 4, (401) x 4]



=== TEST 15: as_sent: the same holds for MFA-exempt paths
--- http_config
    auth_gate_zone zone=gate:1m tokens=100;
--- config
    auth_gate_path as_sent;
    auth_gate_identity claims;
    auth_gate_mfa always;
    auth_gate_mfa_exempt GET /setup/* /me;
    location ~ ^/ { auth_gate jwt; proxy_pass http://app; }
--- request eval
[map { "GET $_" } '/setup/x', '/setup/a%2Fb', '/me', '/setup/..;/trips', '/setup/..%3B/trips', '/setup/..%5ctrips', '/setup/x;y', '/trips/../setup/x',
 '/trips%2f..%2fsetup/x', '/me;x', '/x;/../me']
--- more_headers eval: [($::Session) x 11]
--- error_code eval: [(200) x 3, (403) x 8]



=== TEST 16: as_sent: endpoints and gated locations are found in every spelling
--- config
    auth_gate_path as_sent;
    location = /admin { auth_gate jwt; proxy_pass http://app; }
    location = /token { auth_gate_issue download; }
    location ~ ^/     { proxy_pass http://app; }
--- http_config
    auth_gate_zone zone=gate:1m tokens=100;
--- request eval: [map { "GET $_" } qw(/admin /ADMIN/ //Admin /x/../%61dmin /admin%2F /x%2f..%2fAdmin), '/TOKEN/']
--- error_code eval: [(401) x 7]
--- no_error_log eval: $::NotReached



=== TEST 17: as_sent: an endpoint's application gets the path that was sent
--- config
    auth_gate_path as_sent;
    location = /admin { auth_gate jwt; proxy_pass http://app; }
    location = /uri   { auth_gate jwt; proxy_pass http://app/elsewhere; }
    location ~ ^/     { proxy_pass http://app; }
--- request eval: [map { "GET $_?a=b" } '/admin', '/ADMIN/', '/x/../%61dmin', '/URI']
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [(200) x 4]
--- response_body eval: ['GET /admin?a=b', 'GET /ADMIN/?a=b', 'GET /x/../%61dmin?a=b', 'GET /elsewhere?a=b']



=== TEST 18: as_sent: a page is sent to the login, and no path ends the line of a header
--- config
    auth_gate_path as_sent;
    location ~ ^/ { auth_gate jwt; auth_gate_login_url /login?from=$uri; proxy_pass http://app; }
--- request eval: ['GET /hero;id=15', 'GET /x%0d%0aX-Injected:%20a']
--- more_headers eval: [('Accept: text/html') x 2]
--- error_code eval: [302, 302]
--- response_headers eval: ["Location: /login?from=/hero;id=15\n!X-Injected", "Location: /login?from=/x%0D%0AX-Injected: a\n!X-Injected"]



=== TEST 19: as_sent: a lease is for the path as it was sent
--- http_config
    auth_gate_zone zone=gate:1m tokens=100;
    auth_gate_purpose media ttl=60s lease=60s;
--- config
    auth_gate_path as_sent;
    location = /token { auth_gate_issue media; }
    location ~ ^/     { auth_gate token=media; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: $::Session
--- then eval
[
    ['GET /a%2Fb?token=%TOKEN%', 200, 'GET /a%2Fb'],
    ['GET /a%2Fb?token=%TOKEN%', 200, 'GET /a%2Fb'],
    ['GET /a/b?token=%TOKEN%', 401],
]



=== TEST 20: nothing of this concerns a server without a gate
--- config
    auth_gate_path strict;
    location ~ ^/ { proxy_pass http://app; }
--- request eval: [map { "GET $_" } @::Odd]
--- error_code eval: [(200) x @::Odd]
--- response_body eval: [map { "GET $_" } @::Odd]



=== TEST 21: as_sent: a * in the middle is a segment in both forms
--- config
    auth_gate_path as_sent;
    auth_gate_public GET /p/*/x;
    location ~ ^/ { auth_gate jwt; proxy_pass http://app; }
--- request eval
[map { "GET $_" } qw(/p/1/x /P/%41/x/ /p/1%2F2/x /p/1%252F2/x /p/%2F/x /p//1/x /p/1//x /p/q/../1/x /p/1/./x /p/1;y/x /p/1%5Cy/x /p/1%2Fx /p%2F1/x)]
--- error_code eval: [200, 200, (401) x 11]
--- response_body_like eval: ['^GET /p/1/x$', '^GET /P/%41/x/$', ('AUTH_REQUIRED') x 11]
