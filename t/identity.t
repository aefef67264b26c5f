# The user's identity by the claims of the session: auth_gate_identity claims, $auth_gate_role, $auth_gate_mfa.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# Users 1 and 4 are administrators, 1 and 3 have MFA. The application recognises a user by the beginning of the payload
# of the gate's JWT, {"id":N in base64, and records each lookup.
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
        location = /who         { return 200 "who: $http_x_who"; }
        location /              { return 200 "app: $request_method $request_uri"; }
        location = /api/auth/me { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; return 200 $me; }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity claims;
    auth_gate_mfa      always;
    proxy_set_header   X-Who "$auth_gate_user_id/$auth_gate_role/$auth_gate_mfa";
    location = /token   { auth_gate_issue download; }
    location = /file    { auth_gate token=download; proxy_pass http://app/who; }
    location = /api     { auth_gate jwt; proxy_pass http://app/who; }
    location = /named   { auth_gate jwt; auth_gate_identity claims role=person.kind mfa=person.second.factor; proxy_pass http://app/who; }
    location = /off     { auth_gate jwt; auth_gate_mfa off; proxy_pass http://app/who; }
    location = /exempt  { auth_gate jwt; auth_gate_mfa exempt; proxy_pass http://app/who; }
    location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
    location = /named-settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_identity claims role=kind mfa=second; auth_gate_app_settings on; }
    location = /text-id { auth_gate jwt; proxy_pass http://app/who; }
_EOC_

sub as { return 'Authorization: Bearer ' . session_jwt(@_) }
sub yes { return bless \(my $v = 1), 'JSON::PP::Boolean' }
sub no  { return bless \(my $v = 0), 'JSON::PP::Boolean' }

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

=== TEST 1: a session's claims tell its MFA and its role
--- request
GET /api
--- more_headers eval: ::as(7, role => 'editor', mfa_enabled => ::yes())
--- error_code: 200
--- response_body: who: 7/editor/true



=== TEST 2: a session whose claims deny MFA is refused
--- request
GET /api
--- more_headers eval: ::as(7, role => 'admin', mfa_enabled => ::no())
--- error_code: 403
--- response_headers
!X-Upstream
--- response_body eval: $::Required



=== TEST 3: a claim that says no, or nothing, is no MFA, and one that says neither yes nor no lets nobody in
--- request eval: [('GET /api') x 7]
--- more_headers eval
[::as(7), map { ::as(7, mfa_enabled => $_) } 0, 'false', JSON::PP::null(), {}, 'yes', [::yes()]]
--- error_code eval: [(403) x 5, 503, 503]
--- response_body eval: [($::Required) x 5, ('{"error":"Service unavailable"}') x 2]



=== TEST 4: the claims can be configured as paths
--- request eval: [('GET /named') x 4]
--- more_headers eval
[
    ::as(7, person => { kind => 'editor', second => { factor => ::yes() } }),
    ::as(7, person => { kind => 'editor', second => { factor => ::no() } }, mfa_enabled => ::yes()),
    ::as(7, 'person.second.factor' => ::yes(), person => { second => { factor => ::no() } }),
    ::as(7, person => 'text', mfa_enabled => ::yes()),
]
--- error_code eval: [200, 403, 200, 403]
--- response_body_like eval: ['^who: 7/editor/true$', 'MFA_REQUIRED', '^who: 7//true$', 'MFA_REQUIRED']



=== TEST 5: a role that is no name is ignored, and its MFA still counts
--- request eval: [('GET /api') x 3]
--- more_headers eval: [map { ::as(7, mfa_enabled => ::yes(), role => $_) } 7, { name => 'admin' }, ::yes()]
--- error_code eval: [200, 200, 200]
--- response_body eval: [('who: 7//true') x 3]



=== TEST 6: a token carries the MFA and the administrator role of the session that requested it
--- request
POST /token
--- more_headers eval: ::as(7, role => 'admin', mfa_enabled => ::yes())
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, 'who: 7/admin/true'],
]



=== TEST 7: a token has the role of its session
--- request
POST /token
--- more_headers eval: ::as(7, role => 'editor', mfa_enabled => ::yes())
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, 'who: 7/editor/true'],
]



=== TEST 8: a session without MFA gets no token
--- request
POST /token
--- more_headers eval: ::as(7, role => 'admin')
--- error_code: 403
--- response_body eval: $::Required



=== TEST 9: a token issued without MFA is refused where MFA is required
--- config eval: $::Config . 'location = /easy-token { auth_gate_issue download; auth_gate_mfa off; }'
--- request
POST /easy-token
--- more_headers eval: ::as(7, role => 'admin')
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 403, $::Required],
]



=== TEST 10: a token issued with MFA is good where MFA is required
--- config eval: $::Config . 'location = /easy-token { auth_gate_issue download; auth_gate_mfa off; }'
--- request
POST /easy-token
--- more_headers eval: ::as(7, mfa_enabled => ::yes())
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, 'who: 7//true'],
]



=== TEST 11: where MFA is off, the variables of the user are empty
--- request eval: ['GET /off', 'GET /exempt']
--- more_headers eval: [(::as(7, role => 'editor', mfa_enabled => ::yes())) x 2]
--- error_code eval: [200, 200]
--- response_body eval: [('who: 7//') x 2]



=== TEST 12: a role with a line break does not reach the application
--- request
GET /api
--- more_headers eval: ::as(7, role => "editor\r\nX-Evil: 1", mfa_enabled => ::yes())
--- error_code: 200
--- response_body: who: 7//true



=== TEST 13: a long role is truncated
--- request
GET /api
--- more_headers eval: ::as(7, role => 'r' x 100, mfa_enabled => ::yes())
--- error_code: 200
--- response_body eval: 'who: 7/' . 'r' x 31 . '/true'



=== TEST 14: the role claim identifies an administrator
--- request eval: [('GET /settings') x 4]
--- more_headers eval: [map { ::as(7, role => $_) } 'admin', 'user', 'Admin', 'admin ']
--- error_code eval: [200, 403, 403, 403]
--- response_body eval: ['{"require_mfa":"false"}', ('{"error":"Admin access required"}') x 3]



=== TEST 15: the role claim can have another name
--- request eval: [('GET /named-settings') x 3]
--- more_headers eval: [::as(7, kind => 'admin'), ::as(7, role => 'admin'), ::as(7)]
--- error_code eval: [200, 403, 403]



=== TEST 16: an administrator whose claims deny MFA cannot turn the policy on
--- request eval
[("PUT /settings\n{\"require_mfa\":true}") x 2]
--- more_headers eval: [::as(7, role => 'admin'), ::as(7, role => 'admin', mfa_enabled => ::yes())]
--- error_code eval: [400, 200]
--- response_body eval
['{"error":"Enable two-factor authentication on your own account before requiring it for all users."}', '{"success":true}']



=== TEST 17: a user id may be a string
--- request
GET /text-id
--- more_headers eval: ::as('alice', role => 'user', mfa_enabled => ::yes())
--- error_code: 200
--- response_body: who: alice/user/true
