# Tokens for one path and one method: the member path of a request for a token, and auth_gate_purpose bind=path.

use lib 't/lib';
use AuthGateTest;
use Test::More ();
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Config = <<'_EOC_';
    auth_gate_public GET /public/*;
    location = /token   { auth_gate_issue download ws media bound; }
    location = /only    { auth_gate_issue bound; }
    location = /loose   { auth_gate_issue download; }
    location /api/      { auth_gate jwt token=download; proxy_pass http://app; }
    location = /api/one { auth_gate jwt token=download; proxy_pass http://app; }
    location /sent/     { auth_gate jwt token=download; auth_gate_path as_sent; proxy_pass http://app; }
    location /bound/    { auth_gate token=bound; proxy_pass http://app; }
    location /mixed/    { auth_gate token=bound,download; proxy_pass http://app; }
    location /media/    { auth_gate token=media; proxy_pass http://app; }
    location /ws        { auth_gate token=ws; proxy_pass http://app; }
    location /closing   { auth_gate token=ws; auth_gate_ws_close on; proxy_pass http://app; }
    location /named     { auth_gate off; try_files /none @named; }
    location @named     { auth_gate token=download; proxy_pass http://app; }
    location /tried     { auth_gate token=download; try_files /none /hidden/y; }
    location /moved/    { rewrite ^/moved/(.*)$ /api/$1 last; }
    location /turned/   { auth_gate token=download; rewrite ^/turned/(.*)$ /other/$1 break; proxy_pass http://app; }
    location /paged     { auth_gate off; error_page 418 = /hidden/x?$args; return 418; }
    location /error/    { auth_gate token=download; error_page 404 = /hidden/z; proxy_pass http://app/missing; proxy_intercept_errors on; }
    location /accel     { auth_gate off; proxy_pass http://app; }
    location /accel-in  { auth_gate token=download; proxy_pass http://app; }
    location /hidden/   { internal; auth_gate token=download; proxy_pass http://app; }
    location /asked     { auth_gate off; auth_request /_ask; proxy_pass http://app; }
    location = /_ask    { internal; auth_gate token=download; proxy_pass http://app; }
    location /twice     { auth_gate token=download; auth_request /_ask; proxy_pass http://app; }
    location /public/   { auth_gate token=download; proxy_pass http://app; }
_EOC_

our $HttpConfig = <<'_EOC_';
    auth_gate_zone zone=gate:1m tokens=1000;
    auth_gate_purpose media ttl=60s lease=60s;
    auth_gate_purpose bound ttl=60s bind=path;
_EOC_

our $Session   = 'Authorization: Bearer ' . session_jwt(7);
our $Invalid   = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $Path      = '{"error":"Invalid path"}';
our $Method    = '{"error":"Invalid method"}';
our $Required  = '{"error":"Path required"}';

# Refused, it is completed and closed: 101.
our @Handshake = ('Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');

sub token_for {
    my ($body, $uri) = @_;
    my $length = length $body;
    my $got = http_request(server_port_for_client(), "POST $uri HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        . "$::Session\r\nContent-Length: $length\r\n\r\n$body");
    return ($got->{status}, $got->{body}, $got->{body} =~ /"token":"([0-9a-f]{64})"/);
}

# The section asks is a list of [body, status, body of the answer]: requests for tokens.
# The section cases is a list of [body, request line with %TOKEN%, status, header lines], each with a token of its own; further
# request lines and statuses may stand in the place of the headers.
add_response_body_check(sub {
    my $block = shift;
    my $uri   = $block->endpoint // '/token';
    for my $ask (@{ $block->asks || [] }) {
        my ($body, $status, $wanted) = @$ask;
        my @got = token_for($body, $uri);
        my $shown = length $body > 100 ? substr($body, 0, 100) . '...' : $body;
        Test::More::is("$got[0] " . (ref $wanted ? '' : $got[1]), "$status " . (ref $wanted ? '' : $wanted), $block->name . " - $shown");
    }
    for my $case (@{ $block->cases || [] }) {
        my ($body, @steps) = @$case;
        my (undef, undef, $token) = token_for($body, $uri);
        while (my ($line, $status) = splice @steps, 0, 2) {
            my @headers = ref $steps[0] ? @{ shift @steps } : ();
            my $text = join "\r\n", ($line =~ s/%TOKEN%/$token/r) . ' HTTP/1.1', 'Host: localhost', (grep { /^Connection:/ } @headers) ? () : 'Connection: close', @headers, '', '';
            my $got = http_request(server_port_for_client(), $text);
            Test::More::is($got->{status}, $status, $block->name . " - $body at $line");
        }
    }
});

application_behind_the_gate($Config);
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => ($block->http_config // '') . ($block->zone // $HttpConfig));
    $block->set_value(config      => 'location = /open { auth_gate off; return 200; } ' . ($block->config // $Config));
    $block->set_value(request     => 'GET /open') if !defined $block->request;
});

sub download { return qq({"purpose":"download","path":"$_[0]") . ($_[1] ? qq(,"method":"$_[1]"}) : '}') }
sub at       { return "$_[1] $_[0]?token=%TOKEN%" }

follow_up();
run_tests();

__DATA__

=== TEST 1: a token for a path is good there, once
--- cases eval
[
    [::download('/api/trips/1'), ::at('/api/trips/1', 'GET'), 200, ::at('/api/trips/1', 'GET'), 401],
    [::download('/api/one'), ::at('/api/one', 'GET'), 200, ::at('/api/one', 'GET'), 401],
]



=== TEST 2: elsewhere it is refused and spent, and the log says why
--- log_level: info
--- cases eval
[
    [::download('/api/trips/1'), ::at('/api/trips/2', 'GET'), 401, ::at('/api/trips/1', 'GET'), 401],
    [::download('/api/trips/1'), ::at('/api/trips/1/', 'GET'), 401],
    [::download('/api/trips/1'), ::at('/api/trips', 'GET'), 401],
    [::download('/api/trips/1'), ::at('/API/trips/1', 'GET'), 404, ::at('/api/trips/1', 'GET'), 200],
    [::download('/api/trips/1'), ::at('/api/Trips/1', 'GET'), 401],
    [::download('/api/trips/1'), ::at('/sent/trips/1', 'GET'), 401],
]
--- error_log
auth_gate: request refused: the token is for another path or method



=== TEST 3: the answer is that of any other token that is not good
--- request
POST /token
{"purpose":"download","path":"/api/a"}
--- more_headers eval: $::Session
--- then eval: [['GET /api/b?token=%TOKEN%', 401, $::Invalid]]



=== TEST 4: a path is compared as nginx reads it
--- cases eval
[map { my $asked = $_; map { [::download($asked), ::at($_, 'GET'), 200] } '/api/trips/1', '/api//trips/1', '/x/../api/./trips/1', '/%61pi/trips/%31', '/api/%2e%2e/api/trips/1', '/api%2Ftrips/1', '/api%2ftrips/1' }
    '/api/trips/1', '//api///trips/1', '/api/x/../trips/./1', '/api/%74rips/%31', '/%2E/api/trips/1']



=== TEST 5: the case of escapes makes no difference, encoded or not neither
--- cases eval
[map { my $asked = $_; map { [::download("/api/$asked"), ::at("/api/$_", 'GET'), 200] } 'caf%c3%a9', 'caf%C3%A9' } 'caf%c3%a9', 'caf%C3%A9', "caf\xc3\xa9", 'caf\u00e9']



=== TEST 6: an encoded slash, a percent sign and a question mark in a name
--- cases eval
[
    [::download('/api/a%2Fb'), ::at('/api/a%2fb', 'GET'), 200],
    [::download('/api/a%2Fb'), ::at('/api/a/b', 'GET'), 401],
    [::download('/api/a%2Fb/c'), ::at('/api/a/b%2Fc', 'GET'), 401],
    [::download('/api/a%252Fb'), ::at('/api/a%2Fb', 'GET'), 401],
    [::download('/api/a%252Fb'), ::at('/api/a%252Fb', 'GET'), 200],
    [::download('/api/a%3Fb%23c'), ::at('/api/a%3fb%23c', 'GET'), 200],
    [::download('/api/a%3Fb'), ::at('/api/a', 'GET'), 401],
    [::download('/api/a b'), ::at('/api/a%20b', 'GET'), 200],
    [::download('/api/a+b'), ::at('/api/a%2Bb', 'GET'), 200],
    [::download('/api/a+b'), ::at('/api/a%20b', 'GET'), 401],
]



=== TEST 7: the query is no part of it
--- cases eval
[
    [::download('/api/a'), 'GET /api/a?x=1&token=%TOKEN%&path=/api/b', 200],
    [::download('/api/a'), 'GET /api/b?/api/a&token=%TOKEN%', 401],
    [::download('/api/a'), 'GET /api/b?token=%TOKEN%#/api/a', 401],
]



=== TEST 8: GET is the method, and HEAD looks
--- cases eval
[
    [::download('/api/a'), ::at('/api/a', 'HEAD'), 200, ::at('/api/a', 'GET'), 200],
    [::download('/api/a'), ::at('/api/b', 'HEAD'), 401, ::at('/api/a', 'GET'), 200],
    [::download('/api/a', 'GET'), ::at('/api/a', 'GET'), 200],
    (map { [::download('/api/a'), ::at('/api/a', $_), 401, ::at('/api/a', 'GET'), 401] } qw(POST PUT DELETE PATCH OPTIONS PROPFIND)),
]



=== TEST 9: another method
--- cases eval
[
    [::download('/api/a', 'POST'), ::at('/api/a', 'POST'), 200],
    [::download('/api/a', 'POST'), ::at('/api/a', 'GET'), 401],
    [::download('/api/a', 'POST'), ::at('/api/a', 'HEAD'), 401, ::at('/api/a', 'POST'), 200],
    [::download('/api/a', 'DELETE'), ::at('/api/a', 'DELETE'), 200],
    [::download('/api/a', 'DELETE'), ::at('/api/a', 'POST'), 401],
]



=== TEST 10: a header cannot name another method or path
--- cases eval
[
    [::download('/api/a', 'DELETE'), ::at('/api/a', 'POST'), 401, ['X-HTTP-Method-Override: DELETE']],
    [::download('/api/a'), ::at('/api/b', 'GET'), 401, ['X-Original-URL: /api/a', 'X-Rewrite-URL: /api/a', 'Referer: http://localhost/api/a']],
]



=== TEST 11: a preflight and a prefetch spend nothing
--- cases eval
[
    [::download('/api/a'), ::at('/api/b', 'OPTIONS'), 200, ['Origin: https://b.example', 'Access-Control-Request-Method: GET'], ::at('/api/a', 'GET'), 200],
    [::download('/api/a'), ::at('/api/b', 'GET'), 401, ['Sec-Purpose: prefetch'], ::at('/api/a', 'GET'), 200],
    [::download('/public/a'), ::at('/public/b', 'GET'), 200, ::at('/public/a', 'GET'), 200],
]



=== TEST 12: a JWT decides, and the token is not looked at
--- cases eval
[[::download('/api/a'), ::at('/api/b', 'GET'), 200, [$::Session], ::at('/api/a', 'GET'), 200]]



=== TEST 13: the wrong purpose is refused at the right path
--- cases eval
[
    ['{"purpose":"ws","path":"/api/a"}', ::at('/api/a', 'GET'), 401],
    ['{"purpose":"ws","path":"/ws"}', ::at('/ws', 'GET'), 200],
    ['{"purpose":"ws","path":"/ws"}', ::at('/ws/', 'GET'), 401],
]



=== TEST 14: as_sent: what the application gets is compared
--- cases eval
[
    [::download('/sent/a/b'), ::at('/sent/a/b', 'GET'), 200],
    [::download('/sent/a%2Fb'), ::at('/sent/a%2fb', 'GET'), 200],
    [::download('/sent/a/b'), ::at('/sent/a%2Fb', 'GET'), 401],
    [::download('/sent/a%2Fb'), ::at('/sent/a/b', 'GET'), 401],
    [::download('/sent/a;b'), ::at('/sent/a;b', 'GET'), 200],
    [::download('/sent/a'), ::at('/sent/a;b', 'GET'), 401],
    [::download('/sent/http://a'), ::at('/sent/http://a', 'GET'), 200],
    [::download('/sent/b'), ::at('/sent/a/../b', 'GET'), 401],
    [::download('/sent/b'), ::at('/sent/a/%2e%2e/b', 'GET'), 401],
    [::download('/sent/b'), ::at('/sent/./b', 'GET'), 401],
    [::download('/sent/b'), ::at('/sent/a/..%2Fb', 'GET'), 401],
    [::download('/sent/b'), ::at('/sent/%62', 'GET'), 200],
]



=== TEST 15: a strict location refuses an ambiguous path as ever
--- cases eval
[
    [::download('/api/a;b'), ::at('/api/a;b', 'GET'), 400],
    [::download('/api/a'), ::at('/api/a;/../a', 'GET'), 400],
]



=== TEST 16: rewrites, try_files, error_page and named locations: the path that the client asked for counts
--- cases eval
[
    [::download('/named'), ::at('/named', 'GET'), 200],
    [::download('/none'), ::at('/named', 'GET'), 401],
    [::download('/tried'), ::at('/tried', 'GET'), 200],
    [::download('/hidden/y'), ::at('/tried', 'GET'), 401],
    [::download('/moved/a'), ::at('/moved/a', 'GET'), 200],
    [::download('/api/a'), ::at('/moved/a', 'GET'), 401],
    [::download('/turned/a'), ::at('/turned/a', 'GET'), 200],
    [::download('/other/a'), ::at('/turned/a', 'GET'), 401],
    [::download('/paged'), ::at('/paged', 'GET'), 200],
    [::download('/hidden/x'), ::at('/paged', 'GET'), 401],
    [::download('/error/a'), ::at('/error/a', 'GET'), 200],
]



=== TEST 17: a POST that nginx made a GET of is no GET
--- cases eval
[[::download('/paged'), ::at('/paged', 'POST'), 401], [::download('/paged', 'POST'), ::at('/paged', 'POST'), 200]]



=== TEST 18: X-Accel-Redirect: the path that the client asked for counts
--- app: reached
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/sender.sock;
        location / { add_header X-Accel-Redirect /hidden/x; return 200; }
        location /accel { add_header X-Accel-Redirect "/hidden/x?$args"; return 200; }
    }
--- config
    location = /token  { auth_gate_issue download; }
    location /accel    { auth_gate off; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/sender.sock; }
    location /accel-in { auth_gate token=download; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/sender.sock:/; }
    location /hidden/  { internal; auth_gate token=download; proxy_pass http://app; }
--- cases eval
[
    [::download('/accel'), ::at('/accel', 'GET'), 200],
    [::download('/hidden/x'), ::at('/accel', 'GET'), 401],
    [::download('/accel-in'), ::at('/accel-in', 'GET'), 200],
    [::download('/hidden/x'), ::at('/accel-in', 'GET'), 401],
]



=== TEST 19: subrequests have no token of their own
--- cases eval
[
    [::download('/_ask'), ::at('/asked', 'GET'), 401],
    [::download('/_ask'), ::at('/twice', 'GET'), 401],
    [::download('/twice'), ::at('/twice', 'GET'), 200],
]



=== TEST 20: a lease repeats the request at its path alone
--- cases eval
[
    ['{"purpose":"media","path":"/media/a"}', ::at('/media/a', 'GET'), 200, ::at('/media/b', 'GET'), 401, ::at('/media/a', 'GET'), 200, ::at('/media/a', 'HEAD'), 200],
    ['{"purpose":"media","path":"/media/a"}', ::at('/media/b', 'GET'), 401, ::at('/media/a', 'GET'), 401],
    ['{"purpose":"media","path":"/media/a","method":"POST"}', ::at('/media/a', 'POST'), 200, ::at('/media/a', 'POST'), 401],
    ['{"purpose":"media","path":"/media/a","method":"POST"}', ::at('/media/a', 'GET'), 401, ::at('/media/a', 'POST'), 401],
]



=== TEST 21: what is no path
--- asks eval
[
    (map { [qq({"purpose":"download","path":$_}), 400, $::Path] } 'null', 'true', '1', '{}', '["/api/a"]', '""'),
    (map { [::download($_), 400, $::Path] } 'a', 'api/a', '?', '/a?b', '/a?', '/a#b', '#', '/a\n', '/a\u007f', '/a%0a', '/a%00', '/a%1f', '/a%', '/a%2', '/a%zz',
        'http://localhost/api/a', '\\\\api', ' /a', '/' . 'a' x 4096),
    [::download('/' . 'a' x 4095), 200, \1],
    [::download('/' . '%61' x 1366), 400, $::Path],
]



=== TEST 22: what is no method
--- asks eval
[
    (map { [qq({"purpose":"download","path":"/a","method":$_}), 400, $::Method] } 'null', '1', '["GET"]', '""', '"get"', '"HEAD"', '"GET "', '"*"', '"' . 'A' x 33 . '"'),
    ['{"purpose":"download","method":"GET"}', 400, $::Required],
]



=== TEST 23: the purpose is looked at first, and members twice are no JSON, as ever
--- asks eval
[
    ['{"purpose":"none","path":1}', 400, '{"error":"Invalid purpose"}'],
    ['{"path":"/api/a"}', 400, '{"error":"Invalid purpose"}'],
    ['{"purpose":"download","path":"/api/a","path":"/api/b"}', 400, '{"error":"Invalid JSON"}'],
    ['{"purpose":"download","Path":1,"paths":["/a"]}', 200, \1],
]



=== TEST 24: an endpoint of one purpose
--- endpoint: /loose
--- cases eval
[['{"path":"/api/a"}', ::at('/api/a', 'GET'), 200], ['{"path":"/api/a"}', ::at('/api/b', 'GET'), 401], ['{}', ::at('/api/b', 'GET'), 200]]



=== TEST 25: bind=path demands a path
--- asks eval
[
    ['{"purpose":"bound"}', 400, $::Required],
    ['{"purpose":"bound","path":null}', 400, $::Path],
    ['{"purpose":"bound","path":"/bound/a"}', 200, \1],
    ['{"purpose":"download"}', 200, \1],
]



=== TEST 26: bind=path demands it without a body, too
--- endpoint: /only
--- asks eval
[['', 400, $::Required], ['{}', 400, $::Required], ['{"path":"/bound/a"}', 200, \1]]
--- cases eval
[['{"path":"/bound/a"}', ::at('/bound/a', 'GET'), 200], ['{"path":"/bound/a"}', ::at('/bound/b', 'GET'), 401]]



=== TEST 27: a location of both kinds
--- cases eval
[
    ['{"purpose":"bound","path":"/mixed/a"}', ::at('/mixed/a', 'GET'), 200],
    ['{"purpose":"bound","path":"/mixed/a"}', ::at('/mixed/b', 'GET'), 401],
    ['{"purpose":"download"}', ::at('/mixed/b', 'GET'), 200],
    ['{"purpose":"download","path":"/mixed/a"}', ::at('/mixed/b', 'GET'), 401],
]



=== TEST 28: a built-in purpose may demand it
--- zone
    auth_gate_zone zone=gate:1m tokens=1000;
    auth_gate_purpose download ttl=60s bind=path;
--- config
    location = /token { auth_gate_issue download; }
    location /api/    { auth_gate token=download; proxy_pass http://app; }
--- asks eval
[['', 400, $::Required]]
--- cases eval
[['{"path":"/api/a"}', ::at('/api/a', 'GET'), 200], ['{"path":"/api/a"}', ::at('/api/b', 'GET'), 401]]



=== TEST 29: merge_slashes off: what nginx reads decides
--- config
    merge_slashes off;
    location = /token { auth_gate_issue download; }
    location /api/    { auth_gate token=download; proxy_pass http://app; }
--- cases eval
[
    [::download('/api/b'), ::at('/api/a//../b', 'GET'), 401],
    [::download('/api/a/b'), ::at('/api/a//../b', 'GET'), 200],
    [::download('/api/b'), ::at('/api/a/../b', 'GET'), 200],
]



=== TEST 30: a WebSocket's handshake is a GET
--- cases eval
[
    ['{"purpose":"ws","path":"/closing"}', ::at('/closing', 'GET'), 200, \@::Handshake, ::at('/closing', 'GET'), 101, \@::Handshake],
    ['{"purpose":"ws","path":"/closing"}', ::at('/closing/x', 'GET'), 101, \@::Handshake, ::at('/closing', 'GET'), 101, \@::Handshake],
    ['{"purpose":"ws","path":"/closing","method":"POST"}', ::at('/closing', 'GET'), 101, \@::Handshake],
]
