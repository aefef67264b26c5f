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



=== TEST 6: a request other than GET or HEAD is never redirected
--- request eval: [map { "$_ /page" } qw(POST PUT DELETE PATCH OPTIONS)]
--- more_headers eval: [("Sec-Fetch-Mode: navigate\nAccept: text/html") x 5]
--- error_code eval: [(401) x 5]
--- response_headers eval: [('!Location') x 5]
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
