# Cookie headers that the gate and applications might read differently. The rows are in t/lib/AuthGateTest/Cookies.pm;
# t/live/cookie_parsers.t shows them to real parsers.

use lib 't/lib';
use AuthGateTest;
use AuthGateTest::Cookies;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $Absent     = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";

our @Rows   = cookie_rows();
our @Good   = grep { defined $_->[1] } @Rows;
our @Bad    = grep { !defined $_->[1] } @Rows;
# Where RFC 6265 finds no session at all, none is asked for.
our $NotSent = qr/^(?:z=1 trek_session|Trek_Session)=<A>\z/;

sub lines_of { return join "\n", cookie_lines(shift) }
sub sessions { return with_sessions(shift) }

application_behind_the_gate(<<'_EOC_');
    auth_gate_jwt_from bearer cookie:trek_session;
    auth_gate_require role=user;
    location = /api   { auth_gate jwt; proxy_pass http://app; }
    location = /token { auth_gate_issue download; }
    location = /file  { auth_gate token=download; proxy_pass http://app; }
    location = /two   { auth_gate jwt; auth_gate_jwt_from cookie:first cookie:trek_session; proxy_pass http://app; }
_EOC_
add_block_preprocessor(sub { my $block = shift; $block->set_value(http_config => "auth_gate_zone zone=gate:1m tokens=100; large_client_header_buffers 4 32k;\n" . ($block->http_config // '')) });
follow_up();
run_tests();

__DATA__

=== TEST 1: one session goes on, whatever parser the application has
--- app: $http_cookie
--- request eval: [('GET /api') x @::Good]
--- more_headers eval: [map { ::lines_of($_) } @::Good]
--- error_code eval: [(200) x @::Good]
--- response_body eval: [map { ::sessions($_->[1]) } @::Good]



=== TEST 2: or the request is refused
--- request eval: [('GET /api') x @::Bad]
--- more_headers eval: [map { ::lines_of($_) } @::Bad]
--- error_code eval: [(401) x @::Bad]
--- response_body eval: [map { !ref $_->[0] && $_->[0] =~ $::NotSent ? $::Absent : $::Invalid } @::Bad]
--- no_error_log eval: $::NotReached



=== TEST 3: beside a Bearer none goes on, wherever it stands
--- app: $http_cookie|$auth_gate_user_id
--- request eval: [('GET /api') x @::Rows]
--- more_headers eval: [map { 'Authorization: ' . ::sessions("Bearer <A>\n") . ::lines_of($_) } @::Rows]
--- error_code eval: [(200) x @::Rows]
--- response_body_unlike eval: [(qr/(?<![\w?])(?<!\w=)trek[._\[ +]session[^;=\w]*(?:\[a\])?=(?!dark)/i) x @::Rows]



=== TEST 4: nor beside a token
--- app: $http_cookie
--- request
POST /token
--- more_headers eval: 'Authorization: ' . ::sessions('Bearer <A>')
--- then eval
[['GET /file?token=%TOKEN%', 200, 'a=1; x=2; Trek_Session=dark', ['Cookie: ' . ::sessions(
    'a=1; trek_session=<A>; z=1 trek_session=<B>; x=2; trek.session=<B>; Trek_Session=dark; TREK_SESSION=<B>; y="1",trek_session=<B>')]]]



=== TEST 5: a session cookie of another name does not go on, wherever it stands
--- app: $http_cookie
--- request eval: [('GET /two') x 3]
--- more_headers eval
[map { 'Cookie: ' . ::sessions($_) } 'first=<A>; z=1 trek_session=<B>; y=2', 'y=2; z=1, first=<X>; trek_session=<A>; first=<A>',
    'z=1 first=<B>; trek_session=<A>; y=2']
--- error_code eval: [(200) x 3]
--- response_body eval: [map { ::sessions($_) } 'first=<A>; y=2', 'y=2; first=<A>', 'trek_session=<A>; y=2']



=== TEST 6: the gate knows the user whose session goes on
--- config
    auth_gate_jwt_from cookie:trek_session;
    location = /api { auth_gate jwt; add_header X-Id "$auth_gate_user_id $auth_gate_claim_iat $cookie_trek_session"; proxy_pass http://app; }
--- request
GET /api
--- more_headers eval: 'Cookie: ' . ::sessions('trek_session=<A>; z=1,trek_session=<A-later>')
--- response_headers eval: 'X-Id: 7 1001 ' . ::sessions('<A-later>')



=== TEST 7: the log says that the sessions are of different users
--- request
GET /api
--- more_headers eval: 'Cookie: ' . ::sessions('trek_session=<A>; trek_session=<B>')
--- error_code: 401
--- error_log: the session cookies are of different users



=== TEST 8: or that there are too many
--- request
GET /api
--- more_headers eval: 'Cookie: ' . join '; ', map { "trek_session=$_" } 'a' .. 'e'
--- error_code: 401
--- error_log: the session cookie came with too many values



=== TEST 9: thousands of places cost no time
--- request eval: [('GET /api') x 3]
--- more_headers eval
[map { 'Cookie: ' . ::sessions($_) } 'trek_session=<A>; ' . 'z trek_session=x' x 900, 'trek_session=<A>; z=' . 'trek_session ' x 900,
    'trek_session=<A>; z=' . '%74rek ' x 1800]
--- error_code eval: [200, 200, 200]



=== TEST 10: before the access phase, variables are of the same session
--- config
    auth_gate_jwt_from cookie:trek_session;
    location = /api { auth_gate jwt; if ($auth_gate_claim_iat = 1001) { return 403 "early"; } proxy_pass http://app; }
--- request eval: [('GET /api') x 4]
--- more_headers eval
[map { 'Cookie: ' . ::sessions($_) } 'trek_session=<X>; z=1 trek_session=<A-later>', 'trek_session=<A>; trek_session=<A-later>',
    'trek_session=<A>; trek_session=<X>', 'trek_session=<B>; trek_session=<A-later>']
--- error_code eval: [403, 403, 200, 401]
