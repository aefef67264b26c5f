# Variables that are asked for before the access phase: in `if`, `set` and limit_req. They tell who a JWT is from, let
# nobody in, and never make the log tell of a user who was refused.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of more than 32 bytes';

sub as { return 'Authorization: Bearer ' . session_jwt(@_) }

our $Guest   = main::as(7, role => 'guest');
our $User    = main::as(8, role => 'user');
our $Other   = main::as(9, role => 'user', -secret => $ENV{OTHER_SECRET});
our $Nobody  = 'X-No: 1';
our $Absent  = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';

# Each variable: what it is before the decision, and after it. A new one needs a line here.
my %told = (
    user_id    => ['8', '8'],
    claim_role => ['admin', 'admin'],
    oidc_claim_role => ['', ''],
    role       => ['', 'admin'],
    mfa        => ['', 'true'],
    jwt        => ['', '[\\w.-]+'],
    purpose    => ['', ''],
    decision   => ['', 'allow'],
    args       => ['[^|]*', '[^|]*'],
    return     => ['%2F[\\w.%-]*', '%2F[\\w.%-]*'],
);
open my $source, '<', 'src/nginx/gate/variables.cpp' or die $!;
my @names = sort map { /\{"auth_gate_(\w+)"/g } <$source>;
s/_\z/_role/ for @names;
die "not each variable has its line: @names\n" if "@names" ne join ' ', sort keys %told;
our $Variables = join '|', map { "\$auth_gate_$_" } @names;
our ($Early, $Late) = map { my $i = $_; join '\|', map { $told{$_}[$i] } @names } 0, 1;

# What the rewrite phase knew, what the end of the request knows, and who the application was told it is.
our $Says = q(set $early "$auth_gate_user_id,$auth_gate_claim_role"; )
    . q(add_header X-Early $early always; add_header X-Late "$auth_gate_user_id,$auth_gate_claim_role" always; );

our $Zone = <<'_EOC_';
    auth_gate_zone zone=gate:1m tokens=1000;
    log_format who '$uri <$auth_gate_user_id|$auth_gate_claim_role> $status';
_EOC_

application_behind_the_gate();

# The section rows is a list of [request, headers, status, what the rewrite phase knew, what the end knows]. `$Says`
# must be in the locations.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(main_config => "env OTHER_SECRET;\n" . ($block->main_config // ''));
    $block->set_value(http_config => ($block->http_config // '') . $Zone);
    my $config = $block->config;
    $config =~ s/SAYS;/$Says/g;
    $block->set_value(config => $config);

    my @rows = @{ $block->rows // [] } or return;
    $block->set_value(request          => [map { $_->[0] } @rows]);
    $block->set_value(more_headers     => [map { $_->[1] } @rows]);
    $block->set_value(error_code       => [map { $_->[2] } @rows]);
    $block->set_value(response_headers => [map { "X-Early: $_->[3]\nX-Late: $_->[4]" } @rows]) if @{ $rows[0] } > 3;
});

follow_up();
run_tests();

__DATA__

=== TEST 1: if refuses by a claim
--- config
    location = /api { auth_gate jwt; if ($auth_gate_claim_role = guest) { return 403; } proxy_pass http://app; }
--- rows eval
[['GET /api', $::Guest, 403], ['GET /api', $::User, 200], ['GET /api', $::Nobody, 401], ['HEAD /api', $::Guest, 403], ['POST /api', $::Guest, 403], ['GET /api', $::User, 200]]

=== TEST 2: limit_req counts each user, and nobody who is not one
--- http_config
    limit_req_zone $auth_gate_user_id zone=users:1m rate=1r/m;
--- config
    location = /api { auth_gate jwt; limit_req zone=users; limit_req_status 429; proxy_pass http://app; }
--- rows eval
[['GET /api', $::User, 200], ['GET /api', $::User, 429], ['GET /api', $::Guest, 200], ['GET /api', $::Guest, 429], (['GET /api', $::Nobody, 401]) x 2, (['GET /api', $::Other, 401]) x 2, ['GET /api', $::User, 429]]

=== TEST 3: the rewrite phase and the end know the same JWT, or none
--- config
    auth_gate_require active=true;
    location = /api    { SAYS; auth_gate jwt; proxy_pass http://app; }
    location = /cookie { SAYS; auth_gate jwt; auth_gate_jwt_from cookie:s; proxy_pass http://app; }
    location = /both   { SAYS; auth_gate jwt; auth_gate_jwt_from bearer cookie:s cookie:t; proxy_pass http://app; }
    location = /small  { SAYS; auth_gate jwt; auth_gate_jwt_max_size 64; proxy_pass http://app; }
    location = /sub    { SAYS; auth_gate jwt; auth_gate_user_claim sub; proxy_pass http://app; }
    location = /off    { SAYS; auth_gate off; proxy_pass http://app; }
--- rows eval
my $jwt = sub { session_jwt(7, active => JSON::PP::true, role => 'guest', @_) };
my $good = $jwt->();
[
    ['GET /api',    "Authorization: Bearer $good", 200, '7,guest', '7,guest'],
    ['HEAD /api',   "Authorization: bearer $good", 200, '7,guest', '7,guest'],
    ['OPTIONS /api', "Authorization: Bearer $good", 200, '7,guest', '7,guest'],
    ['GET /cookie', "Cookie: s=$good", 200, '7,guest', '7,guest'],
    ['GET /both',   "Cookie: t=$good", 200, '7,guest', '7,guest'],
    ['GET /both',   "Authorization: Basic x\nCookie: s=$good", 200, '7,guest', '7,guest'],
    ['GET /sub',    'Authorization: Bearer ' . $jwt->(sub => 'alice'), 200, 'alice,guest', 'alice,guest'],
    ['GET /sub',    "Authorization: Bearer $good", 401, ',', ','],
    ['GET /api',    "Cookie: s=$good", 401, ',', ','],
    ['GET /cookie', "Authorization: Bearer $good", 401, ',', ','],
    ['GET /both',   "Authorization: Bearer x\nCookie: s=$good", 401, ',', ','],
    ['GET /both',   "Cookie: s=$good; s=x", 200, '7,guest', '7,guest'],
    ['GET /both',   "Cookie: s=x; z=1 s=$good", 200, '7,guest', '7,guest'],
    ['GET /both',   "Cookie: s=$good; s=" . session_jwt(8, active => JSON::PP::true), 401, ',', ','],
    ['GET /both',   "Cookie: s=x; t=$good", 401, ',', ','],
    ['GET /api',    'X-No: 1', 401, ',', ','],
    ['GET /api',    'Authorization: Bearer ' . $jwt->(exp => time - 1), 401, ',', ','],
    ['GET /api',    'Authorization: Bearer ' . $jwt->(nbf => time + 90), 401, ',', ','],
    ['GET /api',    'Authorization: Bearer ' . $jwt->(-secret => 'x'), 401, ',', ','],
    ['GET /api',    'Authorization: Bearer ' . $jwt->(purpose => 'mfa_login'), 401, ',', ','],
    ['GET /api',    'Authorization: Bearer ' . session_jwt(7, role => 'guest'), 403, ',', ','],
    ['GET /small',  "Authorization: Bearer $good", 401, ',', ','],
    ["GET /api?token=$good", "Authorization: Bearer $good", 401, ',', ','],
    ["GET /api?a=1;TOKEN=$good", "Authorization: Bearer $good", 401, ',', ','],
    ['GET /off',    "Authorization: Bearer $good", 200, ',', ','],
]

=== TEST 4: the same without remembered JWTs
--- http_config
    auth_gate_jwt_cache off;
--- config
    location = /api  { SAYS; auth_gate jwt; proxy_pass http://app; }
    location = /more { SAYS; auth_gate jwt; if ($auth_gate_user_id) { proxy_pass http://app; } proxy_pass http://app; }
--- rows eval
[
    (map { ["GET $_", $::Guest, 200, '7,guest', '7,guest'], ["GET $_", main::as(7, exp => time - 1), 401, ',', ','], ["GET $_", $::Other, 401, ',', ','] } qw(/api /more)),
]

=== TEST 5: nothing is known on a public path, in a preflight, and where a token decides
--- config
    auth_gate_public * /public /api/public;
    auth_gate jwt token=download;
    auth_gate_jwt_from bearer cookie:s;
    set $server "$auth_gate_user_id";
    add_header X-Server "<$server>" always;
    add_header X-Early "<$early>" always;
    location = /token  { auth_gate_issue download; }
    location /api      { set $early "$auth_gate_user_id"; proxy_pass http://app; }
    location = /public { set $early "$auth_gate_user_id"; proxy_pass http://app; }
--- request eval
my $none = '0' x 64;
['GET /api', 'GET /api', 'GET /public', 'GET /api/public', 'OPTIONS /api', "GET /api?token=$none", "GET /api?a=1&%74oken=$none&token=", 'GET /api?token=', "GET /api?token=$none", 'GET /api?nottoken=1']
--- more_headers eval
my $cookie = 'Cookie: s=' . session_jwt(8);
[$::User, $cookie, $::User, $cookie, "$::User\nOrigin: http://o\nAccess-Control-Request-Method: GET", $cookie, $cookie, $cookie, $::User, $cookie]
--- error_code eval
[200, 200, 200, 200, 200, 401, 401, 401, 200, 200]
--- response_headers eval
[map { "X-Server: <$_>\nX-Early: <$_>" } 8, 8, '', '', '', '', '', '', 8, 8]

=== TEST 6: what only the decision knows is not known before it
--- config eval
qq(
    auth_gate_identity claims;
    auth_gate_mfa always;
    location = /api {
        set \$early "$::Variables";
        add_header X-Early \$early;
        add_header X-Late "$::Variables";
        auth_gate jwt;
        proxy_pass http://app;
    }
)
--- request
GET /api
--- more_headers eval: main::as(8, role => 'admin', mfa => JSON::PP::true, mfa_enabled => JSON::PP::true)
--- response_headers_like eval
"X-Early: $::Early\nX-Late: $::Late"

=== TEST 7: an if of the server goes by the server's settings
--- config
    auth_gate jwt;
    if ($auth_gate_claim_role = guest) { return 403; }
    location = /api    { proxy_pass http://app; }
    location = /other  { auth_gate_secret env:OTHER_SECRET; proxy_pass http://app; }
    location = /off    { auth_gate off; proxy_pass http://app; }
--- rows eval
[
    (map { ["GET $_", $::Guest, 403] } qw(/api /other /off /none)),
    ['GET /api', $::User, 200], ['GET /other', $::User, 401], ['GET /off', $::User, 200],
    ['GET /api', $::Other, 401], ['GET /other', $::Other, 200], ['GET /api', $::Nobody, 401],
]

=== TEST 8: where the server has no gate, its if knows nobody
--- config
    if ($auth_gate_user_id) { return 403; }
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- rows eval
[['GET /api', $::User, 200], ['GET /api', $::Nobody, 401]]

=== TEST 9: after a rewrite, the new location's settings count
--- config
    auth_gate jwt;
    location = /first  { set $first "$auth_gate_user_id"; rewrite ^ /second last; }
    location = /second { SAYS; auth_gate_secret env:OTHER_SECRET; add_header X-First "<$first>" always; proxy_pass http://app; }
--- rows eval
[['GET /first', $::User, 401, ',', ','], ['GET /first', $::Other, 200, '9,user', '9,user'], ['GET /second', $::Other, 200, '9,user', '9,user']]

=== TEST 10: what was known early lets nobody in where the keys, sources, claim or rules are others
--- config
    auth_gate jwt;
    auth_gate_leeway 1h;
    auth_gate_require_exp off;
    set $early $auth_gate_user_id;
    add_header X-Early $early always;
    location = /keys    { auth_gate_secret env:OTHER_SECRET; proxy_pass http://app; }
    location = /more    { auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; proxy_pass http://app; }
    location = /sources { auth_gate_jwt_from cookie:s; proxy_pass http://app; }
    location = /claim   { auth_gate_user_claim sub; proxy_pass http://app; }
    location = /require { auth_gate_require role=admin; proxy_pass http://app; }
    location = /size    { auth_gate_jwt_max_size 10; proxy_pass http://app; }
    location = /leeway  { auth_gate_leeway 0s; proxy_pass http://app; }
    location = /exp     { auth_gate_require_exp on; proxy_pass http://app; }
    location = /same    { proxy_pass http://app; }
    location = /if      { if ($auth_gate_user_id = 8) { proxy_pass http://app; } empty_gif; }
    location = /bad     { if ($auth_gate_user_id = 8) { set $x 1; } proxy_pass http://app; }
--- request eval
[map { "GET /$_" } qw(keys sources claim require size leeway exp more same if bad same)]
--- more_headers eval
[($::User) x 5, main::as(8, exp => time - 60), main::as(8, exp => undef), ($::User) x 3, main::as(8, purpose => 'x'), main::as(8, exp => time - 60)]
--- error_code eval
[(401) x 3, 403, (401) x 3, (200) x 3, 401, 200]
--- response_headers eval
[('X-Early: 8') x 10, '!X-Early', 'X-Early: 8']

=== TEST 11: the same without remembered JWTs
--- http_config
    auth_gate_jwt_cache off;
--- config
    auth_gate jwt;
    auth_gate_leeway 1h;
    auth_gate_require_exp off;
    set $early $auth_gate_user_id;
    add_header X-Early $early always;
    location = /keys    { auth_gate_secret env:OTHER_SECRET; proxy_pass http://app; }
    location = /more    { auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; proxy_pass http://app; }
    location = /sources { auth_gate_jwt_from cookie:s; proxy_pass http://app; }
    location = /claim   { auth_gate_user_claim sub; proxy_pass http://app; }
    location = /require { auth_gate_require role=admin; proxy_pass http://app; }
    location = /size    { auth_gate_jwt_max_size 10; proxy_pass http://app; }
    location = /leeway  { auth_gate_leeway 0s; proxy_pass http://app; }
    location = /exp     { auth_gate_require_exp on; proxy_pass http://app; }
    location = /same    { proxy_pass http://app; }
    location = /if      { if ($auth_gate_user_id = 8) { proxy_pass http://app; } empty_gif; }
    location = /bad     { if ($auth_gate_user_id = 8) { set $x 1; } proxy_pass http://app; }
--- request eval
[map { "GET /$_" } qw(keys sources claim require size leeway exp more same if bad same)]
--- more_headers eval
[($::User) x 5, main::as(8, exp => time - 60), main::as(8, exp => undef), ($::User) x 3, main::as(8, purpose => 'x'), main::as(8, exp => time - 60)]
--- error_code eval
[(401) x 3, 403, (401) x 3, (200) x 3, 401, 200]
--- response_headers eval
[('X-Early: 8') x 10, '!X-Early', 'X-Early: 8']

=== TEST 12: where the user claim is another one, so is the user
--- config
    auth_gate jwt;
    set $early $auth_gate_user_id;
    location = /api { auth_gate_user_claim sub; set $there $auth_gate_user_id; add_header X-Users "$early $there $auth_gate_user_id"; proxy_pass http://app; }
--- request
GET /api
--- more_headers eval: main::as(8, sub => 'alice')
--- response_headers
X-Users: 8 alice alice

=== TEST 13: what was known of one user is not told of another one
--- config
    auth_gate_identity claims;
    auth_gate_mfa always;
    location = /api   { auth_gate jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; }
    location = /inner {
        auth_gate jwt;
        auth_gate_mfa off;
        auth_gate_secret env:OTHER_SECRET;
        auth_gate_jwt_from cookie:other;
        set $early "$auth_gate_user_id|$auth_gate_role|$auth_gate_mfa|$auth_gate_jwt";
        add_header X-Early $early;
        proxy_pass http://app;
    }
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock;
        location / { add_header X-Accel-Redirect /inner; return 200; }
    }
--- request
GET /api
--- more_headers eval
main::as(8, role => 'admin', mfa => JSON::PP::true, mfa_enabled => JSON::PP::true) . "\nCookie: other=" . session_jwt(8, -secret => $ENV{OTHER_SECRET})
--- response_headers
X-Early: 8|||

=== TEST 14: what was looked up stays known behind an internal redirect
--- config
    auth_gate_identity claims;
    auth_gate_mfa always;
    auth_gate jwt;
    location = /api   { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; }
    location = /inner { set $early "$auth_gate_user_id|$auth_gate_role|$auth_gate_mfa"; add_header X-Early $early; proxy_pass http://app; }
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock;
        location / { add_header X-Accel-Redirect /inner; return 200; }
    }
--- request
GET /api
--- more_headers eval: main::as(8, role => 'admin', mfa => JSON::PP::true, mfa_enabled => JSON::PP::true)
--- response_headers
X-Early: 8|admin|true

=== TEST 15: somebody known early without the second factor is refused, and so is an ambiguous path
--- config
    auth_gate_identity claims;
    location = /mfa { SAYS; auth_gate jwt; auth_gate_mfa always; proxy_pass http://app; }
    location /path  { SAYS; auth_gate jwt; proxy_pass http://app; }
    location = /acl { SAYS; auth_gate jwt; deny all; proxy_pass http://app; }
--- rows eval
[['GET /mfa', $::User, 403, '8,user', ','], ['GET /path;x', $::User, 400, '8,user', ','], ['GET /acl', $::User, 403, '8,user', '8,user']]

=== TEST 16: the log tells of nobody who was refused after an early question
--- config
    access_log logs/access.log who;
    auth_gate_identity claims;
    location = /mfa { auth_gate jwt; auth_gate_mfa always; if ($auth_gate_user_id = x) { } proxy_pass http://app; }
--- request
GET /mfa
--- more_headers eval: $::User
--- error_code: 403
--- access_log
/mfa <-|-> 403
--- no_access_log
<8

=== TEST 17: a user whose lookup has asked for the variable, and who is then refused, is not in the log
--- config
    access_log logs/access.log who;
    auth_gate_identity /_identity id=id mfa=mfa;
    location = /_identity { internal; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://app/; }
    location = /mfa { auth_gate jwt; auth_gate_mfa always; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/none.sock; }
--- app: {\"id\":8,\"mfa\":false}
--- request
GET /mfa
--- more_headers eval: $::User
--- error_code: 403
--- access_log
/mfa <-|-> 403
--- no_access_log
<8

=== TEST 18: the log tells of a user whom nobody could know when a variable was asked for
--- config
    access_log logs/access.log who;
    set $before "$auth_gate_user_id|$auth_gate_claim_role";
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request
GET /api
--- more_headers eval: $::User
--- access_log
/api <8|user> 200

=== TEST 19: the log tells of a user whom an if or a limit has refused
--- config
    access_log logs/access.log who;
    location = /api { auth_gate jwt; if ($auth_gate_claim_role = guest) { return 403; } proxy_pass http://app; }
--- request
GET /api
--- more_headers eval: $::Guest
--- error_code: 403
--- access_log
/api <7|guest> 403

=== TEST 20: a refused user is not told of behind error_page either, but its location's own if may ask
--- config
    access_log logs/access.log who;
    auth_gate jwt;
    auth_gate_identity claims;
    location = /mfa { auth_gate_mfa always; error_page 403 = @refused; proxy_pass http://app; }
    location @refused { if ($auth_gate_claim_role = user) { return 403 "no factor"; } proxy_pass http://app; }
--- request
GET /mfa
--- more_headers eval: $::User
--- error_code: 403
--- response_body: no factor
--- access_log
/mfa <-|-> 403
--- no_access_log
<8

=== TEST 21: a gated location that error_page, try_files or X-Accel-Redirect leads to asks anew
--- config
    auth_gate jwt;
    location = /error { auth_gate_secret env:OTHER_SECRET; error_page 401 = @guests; proxy_pass http://app; }
    location = /try   { auth_gate off; try_files /none @guests; }
    location = /same  { try_files /none @guests; }
    location = /accel { auth_gate off; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; }
    location @guests  { auth_gate jwt token=download; if ($auth_gate_claim_role = guest) { return 403; } proxy_pass http://app; }
    location /inner   { if ($auth_gate_claim_role = guest) { return 403; } proxy_pass http://app; }
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock;
        location / { add_header X-Accel-Redirect /inner; return 200; }
    }
--- rows eval
[map { ["GET $_", $::Guest, 403], ["GET $_", $::User, 200], ["GET $_", $::Nobody, 401] } qw(/error /try /same /accel), '/error?token=' . '0' x 64]

=== TEST 22: a gated error page knows the user too, and nobody where the request was refused
--- config
    location /api { auth_gate jwt; error_page 502 = /api/sorry; SAYS; proxy_pass http://127.0.0.1:1; location = /api/sorry { SAYS; proxy_pass http://app; } }
--- rows eval
[['GET /api', $::User, 200, '8,user', '8,user'], ['GET /api', $::Nobody, 401, ',', ',']]

=== TEST 23: a token's user stays known after an internal redirect, and no JWT beside it takes the place
--- config
    auth_gate_jwt_from bearer cookie:s;
    location = /token { auth_gate_issue download; }
    location = /file  { auth_gate token=download; try_files /none @file; }
    location @file    { auth_gate token=download jwt; set $early "$auth_gate_user_id|$auth_gate_purpose"; add_header X-Early $early; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: $::User
--- response_body_like: ^\{"token":"[0-9a-f]{64}"\}$
--- then eval
[['GET /file?token=%TOKEN%', 200, undef, ['Cookie: s=' . session_jwt(7)]]]

=== TEST 24: a map remembers what it said first, unless it is volatile
--- http_config
    map $auth_gate_claim_role $once      { default known; "" unknown; }
    map $auth_gate_claim_role $each_time { volatile; default known; "" unknown; }
--- config
    set $before "$once $each_time";
    location = /api { auth_gate jwt; add_header X-Map "$before $once $each_time"; proxy_pass http://app; }
--- request
GET /api
--- more_headers eval: $::User
--- response_headers
X-Map: unknown unknown unknown known

=== TEST 25: a volatile map can limit and refuse
--- http_config
    map $auth_gate_claim_role $refused { volatile; guest 1; default 0; }
--- config
    location = /api { auth_gate jwt; if ($refused) { return 403; } proxy_pass http://app; }
--- rows eval
[['GET /api', $::Guest, 403], ['GET /api', $::User, 200], ['GET /api', $::Nobody, 401]]

=== TEST 26: in a subrequest, the location that it goes to is asked
--- config
    auth_gate_public * /open;
    location = /api  { auth_request /_jwt; proxy_pass http://app; }
    location = /open { auth_gate jwt; auth_request /_jwt; proxy_pass http://app; }
    location = /_jwt { internal; auth_gate jwt; if ($auth_gate_claim_role != user) { return 403; } proxy_pass http://app; }
--- rows eval
[map { ["GET $_", $::Guest, 403], ["GET $_", $::Nobody, 403], ["GET $_", $::User, 200] } qw(/api /open)]

=== TEST 27: return in a gated location answers before the access phase, but knows whom it answers
--- config
    location = /me { auth_gate jwt; default_type text/plain; return 200 "[$auth_gate_user_id]"; }
--- request eval: ['GET /me', 'GET /me']
--- more_headers eval: [$::User, $::Nobody]
--- response_body eval: ['[8]', '[]']

=== TEST 28: a request whose header cannot be read has no user
--- config
    access_log logs/access.log who;
    auth_gate jwt;
    location = /api { proxy_pass http://app; }
--- raw_request eval
"GET /api HTTP/1.1\r\nHost: localhost\r\n$::User\r\nHost: again\r\nConnection: close\r\n\r\n"
--- error_code: 400
--- access_log
<-|-> 400
--- no_access_log
<8

=== TEST 29: a claim with control characters is not told early either
--- config
    location = /api { SAYS; auth_gate jwt; proxy_pass http://app; }
--- rows eval
[['GET /api', main::as(7, role => "a\r\nX: 1"), 200, '7,', '7,']]

=== TEST 30: what was known early is held to the size that the location allows
--- config
    auth_gate jwt;
    set $early $auth_gate_user_id;
    add_header X-Early $early always;
    location = /api   { proxy_pass http://app; }
    location = /small { auth_gate_jwt_max_size 100; proxy_pass http://app; }
--- request eval: ['GET /api', 'GET /small']
--- more_headers eval: [$::User, $::User]
--- error_code eval: [200, 401]
--- response_headers eval: [('X-Early: 8') x 2]
