# Ways in nginx that could bypass the second factor: internal redirects, error pages, try_files, subrequests, satisfy any.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# Users 1 and 4 are administrators, 1 and 3 have MFA. The application recognises them by the beginning of the JWT's
# payload, {"id":N, in base64, and logs each identity lookup.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    map $http_authorization $me {
        ~\.eyJpZCI6MSwi '{"user":{"id":1,"role":"admin","mfa_enabled":true}}';
        ~\.eyJpZCI6Miwi '{"user":{"id":2,"role":"user","mfa_enabled":false}}';
        ~\.eyJpZCI6Mywi '{"user":{"id":3,"role":"user","mfa_enabled":true}}';
        ~\.eyJpZCI6NCwi '{"user":{"id":4,"role":"admin","mfa_enabled":false}}';
        default         '{"error":"who?"}';
    }
    server {
        listen      unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        server_name app;
        add_header  X-Upstream reached always;
        location /              { return 200 "app: $request_method $request_uri"; }
        location = /api/auth/me { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; return 200 $me; }
        location = /accel { add_header X-Accel-Redirect $arg_to; return 200; }
        location = /fails { return 500 failed; }
        location = /includes { default_type text/html; return 200 'A<!--#include virtual="/api/included" -->Z'; }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity   /_identity;
    auth_gate_mfa        policy;
    auth_gate_mfa_exempt GET /exempt/*;
    auth_gate_public     GET /public/*;
    location = /_identity   { internal; proxy_pass http://app/api/auth/me; }
    location = /settings    { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
    location = /token       { auth_gate_issue download; }
    location /api           { auth_gate jwt; proxy_pass http://app; }
    location /internal      { internal; auth_gate jwt; proxy_pass http://app; }
    location @named         { auth_gate jwt; proxy_pass http://app; }
    location @file          { auth_gate jwt token=download; proxy_pass http://app; }
    location /exempt/       { auth_gate jwt; rewrite ^/exempt/last(.*) /api$1 last; rewrite ^/exempt/break(.*) /api$1 break; proxy_pass http://app; }
    location /public/       { auth_gate jwt; proxy_pass http://app; }
    location /accel         { auth_gate off; proxy_pass http://app/accel; }
    location /off/rewrite   { auth_gate off; rewrite ^ /api/x last; }
    location /off/try       { auth_gate off; try_files /nothing @named; }
    location /off/try-uri   { auth_gate off; try_files /nothing /api/x; }
    location /off/error     { auth_gate off; error_page 404 /api/x; root html; }
    location /off/named     { auth_gate off; error_page 404 = @named; root html; }
    location /off/upstream  { auth_gate off; proxy_intercept_errors on; error_page 500 = @named; proxy_pass http://app/fails; }
    location /off/index/    { auth_gate off; index /api/x; }
    location /easy/try      { auth_gate jwt; auth_gate_mfa exempt; try_files /nothing @named; }
    location /easy/error    { auth_gate jwt; auth_gate_mfa exempt; error_page 404 = @named; root html; }
    location /easy/rewrite  { auth_gate jwt; auth_gate_mfa exempt; rewrite ^ /api/x last; }
    location /easy/token    { auth_gate jwt token=download; auth_gate_mfa exempt; try_files /nothing @file; }
    location /easy/error-token { auth_gate jwt token=download; auth_gate_mfa exempt; error_page 404 = @file; root html; }
    location = /dance       { auth_gate jwt; error_page 403 = @dance; proxy_pass http://app; }
    location @dance         { auth_gate jwt; proxy_pass http://app; }
    location = /page403     { auth_gate jwt; error_page 403 /sorry; proxy_pass http://app; }
    location = /sorry       { auth_gate off; proxy_pass http://app/sorry; }
    location = /if          { auth_gate jwt; if ($arg_x) { set $y 1; } proxy_pass http://app; }
    location = /limit       { auth_gate jwt; limit_except GET { deny all; } proxy_pass http://app; }
    location = /ssi         { auth_gate off; ssi on; proxy_pass http://app/includes; }
    location = /gated-ssi   { auth_gate jwt; ssi on; proxy_pass http://app/includes; }
    location = /public/ssi  { auth_gate jwt; ssi on; proxy_pass http://app/includes; }
    location = /public/always-ssi { auth_gate off; auth_gate_mfa always; ssi on; proxy_pass http://app/includes; }
    location = /auth-req    { auth_gate jwt; auth_request /internal/ok; proxy_pass http://app; }
    location = /basic       { auth_gate jwt; satisfy all; auth_basic x; auth_basic_user_file html/users; proxy_pass http://app; }
    location = /mirrored    { auth_gate jwt; mirror /internal/mirror; proxy_pass http://app; }
    location = /slice       { auth_gate jwt; post_action /internal/after; proxy_pass http://app; }
    location = /alias       { auth_gate jwt; alias html/index.html; }
    location = /gif         { auth_gate jwt; empty_gif; }
_EOC_

our %As = map { $_ => 'Authorization: Bearer ' . session_jwt($_) } 1 .. 9;
our $Required = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';

# Section policy: on or off, as an earlier nginx left it. Section lookups: the number of identity lookups.
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

=== TEST 1: internal redirects of every kind are checked by the gate of their target
--- policy: on
--- request eval: [map { "GET $_" } qw(/off/rewrite /off/try /off/try-uri /off/error /off/named /off/upstream /off/index/ /easy/try /easy/error /easy/rewrite /exempt/last /accel?to=/internal/x /accel?to=/api/x /accel?to=@named)]
--- more_headers eval: [($::As{2}) x 14]
--- error_code eval: [(403) x 14]
--- response_headers eval: [('!X-Upstream') x 14]
--- response_body eval: [($::Required) x 14]
--- no_error_log
[alert]
[crit]



=== TEST 2: internal redirects admit a user with MFA
--- policy: on
--- request eval: [map { "GET $_" } qw(/off/rewrite /off/try /off/try-uri /off/error /off/named /off/upstream /off/index/ /easy/try /easy/error /easy/rewrite /exempt/last /accel?to=/internal/x /accel?to=/api/x)]
--- more_headers eval: [($::As{3}) x 13]
--- error_code_like eval: [('^(200|404)$') x 13]
--- response_headers eval: [('X-Upstream: reached') x 13]
--- no_error_log
[alert]
[crit]



=== TEST 3: a rewrite in an exempt location is judged by the path that the application sees
--- policy: on
--- request
GET /exempt/break/x
--- more_headers eval: $::As{2}
--- error_code: 403



=== TEST 4: a token is checked again at the target of an internal redirect
--- request
POST /token
--- more_headers eval: $::As{2}
--- error_code: 200
--- then eval
[
    ["PUT /settings\n{\"require_mfa\":true}", 200, undef, [$::As{1}]],
    ['GET /easy/token?token=%TOKEN%', 403, $::Required],
]



=== TEST 5: the same by an error page
--- request
POST /token
--- more_headers eval: $::As{2}
--- error_code: 200
--- then eval
[
    ["PUT /settings\n{\"require_mfa\":true}", 200, undef, [$::As{1}]],
    ['GET /easy/error-token?token=%TOKEN%', 403, $::Required],
]
--- no_error_log
[alert]
[crit]



=== TEST 6: a token of a user with MFA stays valid across the redirect
--- request
POST /token
--- more_headers eval: $::As{3}
--- error_code: 200
--- then eval
[
    ["PUT /settings\n{\"require_mfa\":true}", 200, undef, [$::As{1}]],
    ['GET /easy/token?token=%TOKEN%', 200, 'app: GET /easy/token'],
]



=== TEST 7: an error page for 403 is guarded itself, and is not a way in
--- policy: on
--- request eval: ['GET /dance', 'GET /page403']
--- more_headers eval: [($::As{2}) x 2]
--- error_code eval: [403, 403]
--- response_body_like eval: ['MFA_REQUIRED', '^app: GET /sorry$']



=== TEST 8: `if` and `limit_except` blocks keep the policy
--- policy: on
--- request eval: ['GET /if?x=1', 'GET /if', 'GET /limit']
--- more_headers eval: [($::As{2}) x 3]
--- error_code eval: [403, 403, 403]



=== TEST 9: a page with server-side includes is refused as a whole
--- policy: on
--- request eval: ['GET /gated-ssi', 'GET /gated-ssi']
--- more_headers eval: [$::As{2}, $::As{3}]
--- error_code eval: [403, 200]
--- response_body_like eval: ['MFA_REQUIRED', '^Aapp: GET /api/includedZ$']



=== TEST 10: an open page does not include a guarded one
--- policy: on
--- request eval: ['GET /ssi', 'GET /ssi']
--- more_headers eval: [$::As{2}, '']
--- error_code eval: [200, 200]
--- response_body_unlike eval: [('app: GET /api/included') x 2]



=== TEST 11: a public page does not include a guarded one for strangers, with the switch on or off
--- policy: off
--- request eval: [('GET /public/ssi') x 2, ('GET /public/always-ssi') x 2]
--- more_headers eval: ['', 'Authorization: Bearer x', '', 'Authorization: Bearer x']
--- error_code eval: [(200) x 4]
--- response_body_unlike eval: [('app: GET /api/included') x 4]



=== TEST 12: nor, with the switch on, for a user without MFA
--- policy: on
--- request eval: [('GET /public/ssi') x 2, ('GET /public/always-ssi') x 2]
--- more_headers eval: [($::As{2}, '') x 2]
--- error_code eval: [(200) x 4]
--- response_body_unlike eval: [('app: GET /api/included') x 4]



=== TEST 13: but for users who may see it
--- policy: on
--- request eval: ['GET /public/ssi', 'GET /public/always-ssi', 'GET /ssi']
--- more_headers eval: $::As{3}
--- error_code eval: [(200) x 3]
--- response_body_like eval: [('^Aapp: GET /api/includedZ$') x 3]



=== TEST 14: a page of a session without the required claims does not include a guarded one
--- policy: off
--- config eval: $::Config =~ s{/api  }{/api { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; } location /other-api }r
--- request
GET /gated-ssi
--- more_headers eval: $::As{3}
--- error_code: 200
--- response_body_unlike: app: GET /api/included



=== TEST 15: a preflight includes nothing
--- policy: off
--- request
OPTIONS /gated-ssi
--- more_headers
Origin: http://elsewhere.example
Access-Control-Request-Method: GET
--- response_body_unlike: app: GET /api/included



=== TEST 16: auth_request, mirror and post_action work, and only for admitted users
--- policy: on
--- request eval: [map { ("GET $_") x 2 } qw(/auth-req /mirrored /slice)]
--- more_headers eval: [($::As{2}, $::As{3}) x 3]
--- error_code eval: [(403, 200) x 3]



=== TEST 17: another module's OK does not override the refusal
--- user_files
>>> state/settings.json
{"require_mfa":true}
>>> users
joe:{PLAIN}secret
--- request eval: ['GET /basic', 'GET /basic']
--- more_headers eval: ['Authorization: Basic am9lOnNlY3JldA==', $::As{2}]
--- error_code_like eval: ['^401$', '^40[13]$']
--- response_headers eval: [('!X-Upstream') x 2]



=== TEST 18: answers that nginx makes itself are guarded too
--- policy: on
--- request eval: ['GET /alias', 'GET /gif', 'GET /gif']
--- more_headers eval: [$::As{2}, $::As{2}, $::As{3}]
--- error_code eval: [403, 403, 200]



=== TEST 19: a public path needs neither a user nor MFA
--- policy: on
--- request eval: ['GET /public/x', 'GET /public/x', 'GET /public/x']
--- more_headers eval: ['', $::As{2}, 'Authorization: Bearer nonsense']
--- error_code eval: [200, 200, 200]
--- lookups: 0
