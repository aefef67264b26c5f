# Page navigations and API requests without a session: auth_gate_login_url.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";
our $Session    = 'Authorization: Bearer ' . session_jwt(7);

our $Config = <<'_EOC_';
    location /page   { auth_gate jwt; auth_gate_login_url /login; proxy_pass http://app; }
    location = /plain { auth_gate jwt; proxy_pass http://app; }
_EOC_

application_behind_the_gate($Config);

run_tests();

__DATA__

=== TEST 1: a page navigation is redirected to auth_gate_login_url
--- request eval: [('GET /page') x 5]
--- more_headers eval: ['Sec-Fetch-Mode: navigate', 'Accept: text/html', 'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', "Sec-Fetch-Mode: navigate\nAccept: */*", "Accept: application/xhtml+xml;q=0.5"]
--- error_code eval: [(302) x 5]
--- response_headers eval: [("Location: /login\nCache-Control: no-store\n!WWW-Authenticate") x 5]
--- response_body eval: [('') x 5]
--- no_error_log eval: $::NotReached



=== TEST 2: a page navigation with an expired session is redirected too
--- request
GET /page
--- more_headers eval: "Accept: text/html\nAuthorization: Bearer " . session_jwt(7, exp => 1)
--- error_code: 302
--- response_headers
Location: /login
!WWW-Authenticate
--- no_error_log eval: $::NotReached



=== TEST 3: the Location is relative and ignores the Host header
--- request
GET /page
--- more_headers
Host: evil.example
X-Forwarded-Host: evil.example
Accept: text/html
--- error_code: 302
--- response_headers
Location: /login



=== TEST 4: a HEAD navigation is redirected
--- request
HEAD /page
--- more_headers
Accept: text/html
--- error_code: 302
--- response_headers
Location: /login



=== TEST 5: an API call is never redirected
--- request eval: [('GET /page') x 8]
--- more_headers eval
['X-No: 1', 'Accept: */*', 'Accept: application/json', "Sec-Fetch-Mode: cors\nAccept: text/html", "Sec-Fetch-Mode: no-cors\nAccept: text/html", "Sec-Fetch-Mode: same-origin\nAccept: text/html", "X-Requested-With: XMLHttpRequest\nAccept: text/html", 'Accept: text/htmlx, text/plain']
--- error_code eval: [(401) x 8]
--- response_body eval: [($::Absent) x 8]
--- response_headers eval: [("WWW-Authenticate: Bearer\n!Location") x 8]
--- no_error_log eval: $::NotReached



=== TEST 6: a request other than GET, HEAD or POST is never redirected
--- request eval: [map { "$_ /page" } qw(PUT DELETE PATCH OPTIONS)]
--- more_headers eval: [("Sec-Fetch-Mode: navigate\nAccept: text/html") x 4]
--- error_code eval: [(401) x 4]
--- response_headers eval: [('!Location') x 4]
--- no_error_log eval: $::NotReached



=== TEST 7: a page with a session is not redirected
--- request
GET /page
--- more_headers eval: "Accept: text/html\n$::Session"
--- response_body: GET /page



=== TEST 8: without auth_gate_login_url, a page navigation gets the 401
--- request
GET /plain
--- more_headers
Accept: text/html
--- error_code: 401
--- response_body eval: $::Absent



=== TEST 9: a page is not redirected to its own URL
--- config
    auth_gate_login_url /login?next=1;
    location ~ ^/(login|page)$ { auth_gate jwt; proxy_pass http://app; }
    location = /other { auth_gate jwt; auth_gate_login_url /other#x; proxy_pass http://app; }
--- request eval: [map { "GET $_" } '/login', '/login?a=b', '/log%69n', '//login', '/other', '/page']
--- more_headers eval: [('Accept: text/html') x 6]
--- error_code eval: [(401) x 5, 302]
--- response_headers eval: [('!Location') x 5, 'Location: /login?next=1']
--- no_error_log eval: $::NotReached



=== TEST 10: auth_gate_login_url may have variables
--- config
    location /page { auth_gate jwt; auth_gate_login_url "https://id.example/login?next=$uri"; proxy_pass http://app; }
--- request
GET /page
--- more_headers
Accept: text/html
--- error_code: 302
--- response_headers
Location: https://id.example/login?next=/page



=== TEST 11: an empty auth_gate_login_url disables the redirect
--- config
    location /page { auth_gate jwt; auth_gate_login_url $arg_where; proxy_pass http://app; }
--- request eval: ['GET /page', 'GET /page?where=/x']
--- more_headers eval: [('Accept: text/html') x 2]
--- error_code eval: [401, 302]
--- response_headers eval: ["!Location\nWWW-Authenticate: Bearer", 'Location: /x']



=== TEST 12: control characters in a variable do not split the response
--- config
    location ~ ^/page(?<rest>.*)$ { auth_gate jwt; auth_gate_login_url /login?next=$rest; proxy_pass http://app; }
--- request
GET /page/%0d%0aX-Injected:%201
--- more_headers
Accept: text/html
--- error_code_like: ^(302|400|401)$
--- raw_response_headers_unlike: \nX-Injected
--- no_error_log eval: $::NotReached



=== TEST 13: an ambiguous path is not redirected
--- request
GET /page;x
--- more_headers eval: "Accept: text/html\n$::Session"
--- error_code: 400
--- response_headers
!Location



=== TEST 14: error_page takes precedence over auth_gate_login_url
--- config
    location = /page { auth_gate jwt; auth_gate_login_url /login; error_page 401 = @own; proxy_pass http://app; }
    location @own { return 403 "own"; }
--- request
GET /page
--- more_headers
Accept: text/html
--- error_code: 403
--- response_body: own



=== TEST 15: auth_gate_login_url is inherited and overridden
--- config
    auth_gate_login_url /server;
    location = /inherits { auth_gate jwt; proxy_pass http://app; }
    location = /own { auth_gate jwt; auth_gate_login_url /own-login; proxy_pass http://app; }
--- request eval: ['GET /inherits', 'GET /own']
--- more_headers eval: [('Accept: text/html') x 2]
--- error_code eval: [302, 302]
--- response_headers eval: ['Location: /server', 'Location: /own-login']



=== TEST 16: no path ends the line of a header
--- config
    location /page { auth_gate jwt; auth_gate_login_url /login?from=$uri; proxy_pass http://app; }
    location /said { auth_gate jwt; auth_gate_login_url /login?from=$said; proxy_pass http://app; }
    if ($uri ~ ^/said/(.*)$) { set $said $1; }
--- request eval: [map { "GET $_" } '/page/x%0d%0aX-Injected:%20a', '/page/%0a', '/page/%01', '/said/%0d%0aX-Injected:%20a', '/page/x']
--- more_headers eval: [('Accept: text/html') x 5]
--- error_code eval: [(401) x 4, 302]
--- response_headers eval: [("!Location\n!X-Injected") x 4, 'Location: /login?from=/page/x']
--- no_error_log eval: $::NotReached



=== TEST 17: a form that is sent without a session leads to the login page, which is fetched with GET
--- request eval: [map { "POST /page\na=b" } 1 .. 5]
--- more_headers eval: ["Sec-Fetch-Mode: navigate", "Accept: text/html,*/*;q=0.8", "Sec-Fetch-Mode: navigate\nAuthorization: Bearer x", "Sec-Fetch-Mode: cors\nAccept: text/html", "Accept: application/json"]
--- error_code eval: [303, 303, 303, 401, 401]
--- response_headers eval: [("Location: /login\nCache-Control: no-store\n!WWW-Authenticate") x 3, ('!Location') x 2]
--- no_error_log eval: $::NotReached



=== TEST 18: $auth_gate_return is the path and query, encoded once
--- config
    location /page { auth_gate jwt; auth_gate_login_url /login?return=$auth_gate_return; proxy_pass http://app; }
    location /form { auth_gate jwt; auth_gate_login_url https://id.example/?rd=https%3A%2F%2Fapp.example$auth_gate_return&x=1; proxy_pass http://app; }
--- request eval: ['GET /page/list?tag=a&sort=b', 'GET /page/a%20b?c=%26d', 'GET /page?return=/x', "POST /form?a=b\nc=d"]
--- more_headers eval: [('Sec-Fetch-Mode: navigate') x 4]
--- error_code eval: [302, 302, 302, 303]
--- response_headers eval
['Location: /login?return=%2Fpage%2Flist%3Ftag%3Da%26sort%3Db', 'Location: /login?return=%2Fpage%2Fa%2520b%3Fc%3D%2526d',
 'Location: /login?return=%2Fpage%3Freturn%3D%2Fx', 'Location: https://id.example/?rd=https%3A%2F%2Fapp.example%2Fform%3Fa%3Db&x=1']



=== TEST 19: no token, no JWT and no other site is in $auth_gate_return
--- http_config
    auth_gate_zone zone=gate:1m tokens=100;
--- config
    auth_gate_path as_sent;
    auth_gate_login_url /login?return=$auth_gate_return;
    location ~ ^/ { auth_gate jwt token=download; proxy_pass http://app; }
--- request eval
my $jwt = session_jwt(7);
[map { "GET $_" } '/page?token=' . 'a' x 64, '/page?a=1&token=x&b=2', "/page?token=$jwt", "/page?access_token=$jwt&b", '/page?TOKEN=x&b', '/page?a=1;token=x&b', '/page?b=' . 'a' x 64,
    '//evil.example/x?y', '/%2Fevil.example', '/a%5Cevil.example', '/a%0d%0ab', '/page?b=%0d%0aX:1&c', "/a;token=$jwt"]
--- more_headers eval: [('Sec-Fetch-Mode: navigate') x 13]
--- error_code eval: [(302) x 13]
--- response_headers eval
[map { "Location: /login?return=$_" } '%2Fpage', '%2Fpage%3Fa%3D1%26b%3D2', '%2Fpage', '%2Fpage%3Fb', '%2Fpage%3Fb', '%2Fpage%3Fb', '%2Fpage', ('%2F') x 4, '%2Fpage%3Fc', '%2F']



=== TEST 20: $auth_gate_return is the same behind redirects of nginx's own, and where there is no gate
--- config
    absolute_redirect off;
    location /page  { auth_gate jwt; error_page 401 = @login; proxy_pass http://app; }
    location /tried { auth_gate jwt; error_page 401 /error; proxy_pass http://app; }
    location /moved { rewrite ^ /page/elsewhere?x=1 last; }
    location @login { return 302 /sso?return=$auth_gate_return; }
    location /error { internal; return 302 /sso?return=$auth_gate_return; }
    location /open  { return 302 /sso?return=$auth_gate_return; }
--- request eval: [map { "GET /$_?a=b&token=x" } qw(page/1 tried/2 moved/3 open/4)]
--- error_code eval: [(302) x 4]
--- response_headers eval: [map { "Location: /sso?return=%2F$_%3Fa%3Db" } qw(page%2F1 tried%2F2 moved%2F3 open%2F4)]



=== TEST 21: the page for the second factor gets it, too, but the form of somebody who is signed in does not lead there
--- http_config
    auth_gate_zone zone=gate:1m tokens=100;
--- config
    auth_gate_identity claims;
    auth_gate_mfa      always;
    auth_gate_mfa_url  /settings?mfa=required&return=$auth_gate_return;
    location /page { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /page?a=b', "POST /page?a=b\nc=d"]
--- more_headers eval: [("Sec-Fetch-Mode: navigate\n$::Session") x 2]
--- error_code eval: [302, 403]
--- response_headers eval: ['Location: /settings?mfa=required&return=%2Fpage%3Fa%3Db', '!Location']
