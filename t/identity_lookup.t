# Looking up the user's identity in the application: auth_gate_identity /uri.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# A server that accepts connections and never responds.
use IO::Socket::UNIX ();
use File::Temp qw(tempdir);
our $Dir = $ENV{TEST_NGINX_MUTE} = tempdir(CLEANUP => 1);
our $Mute = IO::Socket::UNIX->new(Local => "$Dir/mute.sock", Listen => 50) or die "mute: $!";

# Users 1 and 4 are administrators, 1 and 3 have MFA. The application recognises a user by the beginning of the payload
# of the gate's JWT, {"id":N in base64, and records each lookup.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    map "$http_authorization $http_cookie" $me {
        ~\.eyJpZCI6MSwi '{"user":{"id":1,"role":"admin","mfa_enabled":true}}';
        ~\.eyJpZCI6Miwi '{"user":{"id":2,"role":"user","mfa_enabled":false}}';
        ~\.eyJpZCI6Mywi '{"user":{"id":3,"role":"user","mfa_enabled":true}}';
        ~\.eyJpZCI6NCwi '{"user":{"id":4,"role":"admin","mfa_enabled":false}}';
        default         '{"error":"who?"}';
    }
    log_format echo '$request_method $request_uri host=$http_host ua=$http_user_agent cookie=$http_cookie x=$http_x_mine referer=$http_referer range=$http_range '
                    'ae=$http_accept_encoding inm=$http_if_none_match cl=$content_length ct=$content_type te=$http_transfer_encoding auth=$http_authorization up=$http_upgrade xff=$http_x_forwarded_for accept=$http_accept';
    server {
        listen      unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        server_name app;
        add_header  X-Upstream reached always;
        location /              { return 200 "app: $request_method $request_uri"; }
        location = /api/auth/me { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; return 200 $me; }
        location = /other { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; return 200 '{"who":{"number":2,"kind":"user"},"second":{"factor":1}}'; }
        location ~ ^/say/(.*) { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; return 200 $1; }
        location ~ ^/status/(...)$ { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; add_header Location /elsewhere; if ($uri = /status/204) { return 204; } error_page 418 = @code; set $c $1; return 418; }
        location @code { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; if ($c = 400) { return 400 $me; } if ($c = 401) { return 401 $me; } if ($c = 403) { return 403 $me; } if ($c = 404) { return 404 $me; } if ($c = 302) { return 302 /x; } if ($c = 201) { return 201 $me; } if ($c = 500) { return 500 $me; } if ($c = 502) { return 502 $me; } return 503 $me; }
        location = /echo { access_log $TEST_NGINX_SERVER_ROOT/logs/echo.log echo; return 200 $me; }
        location = /big  { root $TEST_NGINX_SERVER_ROOT/html; default_type application/json; }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity /_identity;
    auth_gate_mfa      policy;
    location = /_identity { internal; proxy_pass http://app/api/auth/me; }
    location = /_other    { internal; proxy_pass http://app/other; }
    location = /_echo     { internal; proxy_pass http://app/echo; }
    location = /_mute     { internal; proxy_pass http://unix:$TEST_NGINX_MUTE/mute.sock; proxy_read_timeout 300ms; }
    location = /_gone     { internal; proxy_pass http://unix:$TEST_NGINX_MUTE/gone.sock; }
    location = /_none     { internal; empty_gif; }
    location /_say/       { internal; proxy_pass http://app/say/; }
    location /_status/    { internal; proxy_pass http://app/status/; }
    location = /_big      { internal; proxy_pass http://app/big; }
    location = /api    { auth_gate jwt; proxy_pass http://app; }
    location = /other  { auth_gate jwt; auth_gate_identity /_other id=who.number role=who.kind mfa=second.factor; proxy_pass http://app; add_header X-Role "$auth_gate_role/$auth_gate_mfa"; }
    location = /echo   { auth_gate jwt; auth_gate_identity /_echo cache=0; auth_gate_jwt_from bearer cookie:session; proxy_pass http://app/x; proxy_request_buffering off; }
    location = /mute   { auth_gate jwt; auth_gate_identity /_mute; proxy_pass http://app; }
    location = /gone   { auth_gate jwt; auth_gate_identity /_gone; proxy_pass http://app; }
    location = /absent { auth_gate jwt; auth_gate_identity /_absent; proxy_pass http://app; }
    location = /gif    { auth_gate jwt; auth_gate_identity /_none; proxy_pass http://app; }
    location = /big    { auth_gate jwt; auth_gate_identity /_big; proxy_pass http://app/x; }
    location = /off    { auth_gate jwt; auth_gate_mfa off; auth_gate_identity /_mute; proxy_pass http://app; }
    location = /token-echo { auth_gate token=download; auth_gate_identity /_echo cache=0; proxy_pass http://app/x; }
    location = /token  { auth_gate_issue download; auth_gate_mfa off; }
    location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_identity /_mute; auth_gate_app_settings on; }
_EOC_

# A location where the application responds with this body.
sub saying {
    my ($json) = @_;
    (my $path = $json) =~ s/([^A-Za-z0-9])/sprintf '%%%02x', ord $1/ge;
    return "$Config location = /_saying { internal; proxy_pass http://app/say/$path; }
            location = /said { auth_gate jwt; auth_gate_identity /_saying; proxy_pass http://app; }";
}

sub answering {
    my ($status) = @_;
    return "$Config location = /_answer { internal; proxy_pass http://app/status/$status; }
            location = /answered { auth_gate jwt; auth_gate_identity /_answer; proxy_pass http://app; }";
}

our $Invalid     = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $Unavailable = '{"error":"Service unavailable"}';

sub lines_of_echo {
    open my $in, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/logs/echo.log" or return '';
    local $/;
    return scalar <$in>;
}
# The section asked is a pattern for the application's record of the lookup.
add_response_body_check(sub {
    my $block = shift;
    my $asked = $block->asked // return;
    Test::More::like(lines_of_echo(), qr/$asked/, $block->name . ' - what was asked');
});

our %As = map { $_ => 'Authorization: Bearer ' . session_jwt($_) } 1 .. 9;
our $Required = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';

# The section policy is the stored policy at the start, on or off. The section lookups is the expected number of lookups.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n") if !defined $block->no_error_log;
    my $policy = $block->policy // return;
    $block->set_value(user_files => [['state/settings.json', sprintf '{"require_mfa":%s}', $policy =~ /on/ ? 'true' : 'false']]);
});

add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request;
    return if !defined $block->lookups || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    open my $log, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/logs/me.log" or die $!;
    my $count = () = <$log>;
    Test::More::is($count, 0 + $block->lookups, $block->name . ' - lookups');
});


follow_up();
run_tests();

__DATA__

=== TEST 1: the contract's answer is understood
--- policy: on
--- request eval: [map { 'GET /api' } 1 .. 4]
--- more_headers eval: [map { $::As{$_} } 1 .. 4]
--- error_code eval: [200, 403, 200, 403]
--- lookups: 4



=== TEST 2: the paths in the answer can be configured, and 1 counts as true
--- policy: on
--- request
GET /other
--- more_headers eval: $::As{2}
--- error_code: 200
--- response_headers
X-Role: user/true



=== TEST 3: the same id as a string and a missing role are accepted
--- policy: on
--- config eval: ::saying('{"user":{"id":"3","mfa_enabled":true}}')
--- request
GET /said
--- more_headers eval: $::As{3}
--- error_code: 200



=== TEST 4: with the policy off, nothing is looked up, and the application may be down
--- policy: off
--- request eval: ['GET /mute', 'GET /gone', 'GET /absent', 'GET /off']
--- more_headers eval: [($::As{2}) x 4]
--- error_code eval: [(200) x 4]
--- lookups: 0



=== TEST 5: with the policy on, `auth_gate_mfa off` needs no lookup either
--- policy: on
--- request
GET /off
--- more_headers eval: $::As{2}
--- error_code: 200



=== TEST 6: a role that is needed is looked up even with the policy off
--- policy: off
--- request
GET /settings
--- more_headers eval: $::As{1}
--- error_code: 503
--- response_body eval: $::Unavailable
--- no_error_log
[alert]
[crit]



=== TEST 7: a lookup sends nothing of the client's but Host, and a fresh JWT
--- policy: on
--- request
POST /echo?token=x&secret=y
some body
--- more_headers eval
"$::As{3}\nUser-Agent: mine\nCookie: a=b\nX-Mine: 1\nReferer: /r\nRange: bytes=0-1\nAccept-Encoding: gzip\nIf-None-Match: \"e\"\nContent-Type: text/plain\nX-Forwarded-For: 1.2.3.4\nAccept: text/html"
--- error_code: 200
--- response_body_like: ^app: POST /x
--- asked eval: '^GET /echo host=app ua=- cookie=- x=- referer=- range=- ae=- inm=- cl=- ct=- te=- auth=Bearer eyJ\S+\.eyJpZCI6Mywi\S+ up=- xff=- accept=application/json$'
--- no_error_log eval
["[alert]", "[crit]", "[error]"]



=== TEST 8: a lookup has the client's own JWT
--- policy: on
--- request
GET /echo
--- more_headers eval: $::As{3}
--- error_code: 200
--- asked eval: my ($jwt) = $::As{3} =~ /: (.*)/; 'auth=' . quotemeta($jwt) . ' up=-'



=== TEST 9: a session from a cookie is looked up by that cookie alone
--- policy: on
--- request
GET /echo
--- more_headers eval: 'Cookie: other=1; session=' . session_jwt(3)
--- error_code: 200
--- asked eval: 'cookie=session=' . quotemeta(session_jwt(3)) =~ s/\\\.[^.]*$//r . '\S* x=.*auth=- '



=== TEST 10: a chunked body stays with the request
--- policy: on
--- raw_request eval
"POST /echo HTTP/1.1\r\nHost: localhost\r\n$::As{3}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
--- error_code: 200
--- response_body_like: ^app: POST /x
--- asked eval: '^GET /echo .* cl=- ct=- te=- '



=== TEST 11: a request admitted by a token is looked up with a fresh JWT, too
--- policy: on
--- request
POST /token
--- more_headers eval: $::As{3}
--- error_code: 200
--- then eval
[
    ['GET /token-echo?token=%TOKEN%', 200, 'app: GET /x'],
]



=== TEST 12: an answer of 100 KB is understood, or the log says why not
--- http_config eval: $::HttpConfig =~ s/server_name app;/server_name app; sendfile on;/r
--- user_files eval
[['state/settings.json', '{"require_mfa":true}'],
 ['big', '{"user":{"id":3,"avatar":"' . 'x' x 100_000 . '","role":"user","mfa_enabled":true}}']]
--- request
GET /big
--- more_headers eval: $::As{3}
--- error_code: 200



=== TEST 13: an answer of 6 KB is understood
--- user_files eval
[['state/settings.json', '{"require_mfa":true}'],
 ['big', '{"user":{"id":3,"avatar":"' . 'x' x 6_000 . '","role":"user","mfa_enabled":true}}']]
--- request
GET /big
--- more_headers eval: $::As{3}
--- error_code: 200



=== TEST 14: the log says that a user was refused whom the application does not know
--- config eval: ::answering(401)
--- policy: on
--- request
GET /answered
--- more_headers eval: $::As{3}
--- error_code: 401
--- response_body eval: $::Invalid
--- error_log
auth_gate: request refused: the application that was asked for the user says 401: it does not know the session



=== TEST 15: the log says that a user was refused of whom nothing could be learnt
--- config eval: ::answering(500)
--- policy: on
--- request
GET /answered
--- more_headers eval: $::As{3}
--- error_code: 503
--- response_body eval: $::Unavailable
--- error_log
auth_gate: request refused: nobody knows whether the user has MFA
--- no_error_log
[alert]
[crit]



=== TEST 16: a lookup that nginx redirects is read as any other, and the client sees nothing of it
--- config eval
"$::Config
    location = /_try   { internal; try_files /nope \@me; }
    location \@me      { rewrite ^ /api/auth/me break; proxy_pass http://app; }
    location = /_accel { internal; proxy_pass http://app/me-accel; }
    location = /_me    { internal; proxy_pass http://app/api/auth/me; }
    location = /try    { auth_gate jwt; auth_gate_identity /_try cache=0; proxy_pass http://app; }
    location = /accel  { auth_gate jwt; auth_gate_identity /_accel cache=0; proxy_pass http://app; }"
--- http_config eval
$::HttpConfig =~ s{server_name app;}{server_name app; location = /me-accel { add_header X-Accel-Redirect /_me; return 200 accel; }}r
--- policy: on
--- request eval: [('GET /try', 'GET /accel') x 2]
--- more_headers eval: [@::As{3, 3, 2, 2}]
--- error_code eval: [200, 200, 403, 403]
--- response_body eval: ['app: GET /try', 'app: GET /accel', ($::Required) x 2]



=== TEST 17: a lookup for a mirrored request, which is in the background, ends with it
--- config eval
"$::Config
    location = /mirrored { auth_gate off; mirror /api; mirror /nocache; proxy_pass http://app; }
    location = /nocache  { auth_gate jwt; auth_gate_identity /_identity cache=0; proxy_pass http://app; }"
--- policy: on
--- request eval: [('GET /mirrored') x 3]
--- more_headers eval: [@::As{3, 2, 3}]
--- error_code eval: [200, 200, 200]
--- response_body eval: [('app: GET /mirrored') x 3]



=== TEST 18: what is sent as $request_method in a lookup, as fastcgi_param does, is the lookup's own
--- config eval
"$::Config
    location = /_method { internal; rewrite ^ /api/auth/me break; proxy_set_header X-Method \$request_method; proxy_pass http://app; }
    location = /method  { auth_gate jwt; auth_gate_identity /_method cache=0; proxy_set_header X-Method \$request_method; proxy_pass http://app; }"
--- http_config eval
$::HttpConfig =~ s{server_name app;}{server_name app; if (\$http_x_method = DELETE) { set \$told "\$uri by DELETE"; } if (\$told = "/api/auth/me by DELETE") { return 500; }}r
--- policy: on
--- request: DELETE /method
--- more_headers eval: $::As{3}
--- error_code: 200
--- response_body: app: DELETE /method



=== TEST 19: a refusal whose page is an endpoint of the gate, where no identity is known
--- config
    location = /refused { auth_gate jwt; auth_gate_mfa always; auth_gate_identity claims mfa=mfa; error_page 403 /conf; proxy_pass http://app; }
    location = /again   { auth_gate jwt; auth_gate_mfa always; auth_gate_identity claims mfa=mfa; error_page 403 =403 /conf; proxy_pass http://app; }
    location = /conf    { auth_gate off; auth_gate_app_config on; }
--- request eval: [('GET /refused', 'GET /again', 'HEAD /refused') x 2]
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(2, mfa => JSON::PP::false)) x 6]
--- error_code eval: [(403) x 6]
