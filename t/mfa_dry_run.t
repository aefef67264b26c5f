# Which requests the policy would refuse, before it is turned on: auth_gate_mfa policy dry_run.

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
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity   /_identity;
    auth_gate_mfa        policy dry_run;
    auth_gate_mfa_exempt GET /exempt;
    location = /_identity { internal; proxy_pass http://app/api/auth/me; }
    location = /_absent   { internal; proxy_pass http://unix:/nonexistent; }
    location = /status    { auth_gate_status; }
    location = /settings  { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
    location = /config    { auth_gate off; auth_gate_app_config on; }
    location = /disable   { auth_gate jwt; auth_gate_mfa_disable on; proxy_pass http://app; }
    location = /token     { auth_gate_issue download; }
    location = /file      { auth_gate token=download; proxy_pass http://app; add_header X-Decision $auth_gate_decision always; }
    location = /ws        { auth_gate jwt; auth_gate_ws_close on; proxy_pass http://app; add_header X-Decision $auth_gate_decision always; }
    location = /broken    { auth_gate jwt; auth_gate_identity /_absent; proxy_pass http://app; add_header X-Decision $auth_gate_decision always; }
    location = /strict    { auth_gate jwt; auth_gate_mfa policy; proxy_pass http://app; add_header X-Decision $auth_gate_decision always; }
    location = /off       { auth_gate jwt; auth_gate_mfa off; proxy_pass http://app; add_header X-Decision $auth_gate_decision always; }
    location /            { auth_gate jwt; proxy_pass http://app; add_header X-Decision $auth_gate_decision always; add_header X-Who "$auth_gate_role/$auth_gate_mfa"; }
_EOC_
no_root_location();
our $Handshake = "Upgrade: websocket\nConnection: Upgrade, close\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

sub counts { my ($dry, $refused) = @_; return qr/"mfa_refused":$refused,"mfa_dry_run":$dry,/ }

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


# Section after: code that runs between the block's own requests and the following ones.
add_response_body_check(sub {
    my $code = $_[0]->after // return;
    eval "package main; $code; 1" or die $@;
});

follow_up();

# As lookups, with the following requests counted too.
add_response_body_check(sub {
    my $block = shift;
    return if !defined $block->then_lookups;
    open my $log, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/logs/me.log" or die $!;
    my $count = () = <$log>;
    Test::More::is($count, 0 + $block->then_lookups, $block->name . ' - lookups in all');
});

run_tests();

__DATA__

=== TEST 1: every request is admitted, and the variable says which ones the policy would refuse
--- policy: off
--- request eval: ['GET /api/a', 'GET /api/a', 'POST /api/b', 'GET /exempt', 'GET /off']
--- more_headers eval: [map { $::As{$_} } 2, 3, 4, 2, 2]
--- error_code eval: [(200) x 5]
--- response_headers eval: ['X-Decision: mfa_required_dry_run', 'X-Decision: allow', 'X-Decision: mfa_required_dry_run', 'X-Decision: allow', 'X-Decision: allow']
--- then eval
[['GET /status', 200, ::counts(2, 0)]]



=== TEST 2: also while the switch is on
--- policy: on
--- request eval: ['GET /api/a', 'GET /strict']
--- more_headers eval: [map { $::As{$_} } 2, 2]
--- error_code eval: [200, 403]
--- response_headers eval: ['X-Decision: mfa_required_dry_run', 'X-Decision: mfa_required']
--- then eval
[['GET /status', 200, ::counts(1, 1)]]



=== TEST 3: tokens, handshakes and page navigations are not refused, closed or redirected
--- request eval: ['GET /ws', 'GET /page']
--- more_headers eval: ["$::As{2}\n$::Handshake", "$::As{2}\nSec-Fetch-Mode: navigate\nAccept: text/html"]
--- error_code eval: [200, 200]
--- response_headers eval: [('X-Decision: mfa_required_dry_run') x 2]



=== TEST 4: a token is issued and redeemed, and both are counted
--- request
POST /token
--- more_headers eval: $::As{2}
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, undef],
    ['GET /status', 200, ::counts(2, 0)],
]



=== TEST 5: requests are admitted when the identity lookup fails
--- request
GET /broken
--- more_headers eval: $::As{2}
--- error_code: 200
--- no_error_log
[alert]



=== TEST 6: a session is still required
--- request eval: ['GET /api/a', 'GET /api/a']
--- more_headers eval: ['', 'Authorization: Bearer nonsense']
--- error_code eval: [401, 401]
--- response_headers eval: ['X-Decision: no_credentials', 'X-Decision: bad_credentials']
--- then eval
[['GET /status', 200, ::counts(0, 0)]]



=== TEST 7: the lookup is cached and sets the variables
--- request eval: [('GET /api/a') x 3]
--- more_headers eval: [map { $::As{$_} } 2, 2, 1]
--- error_code eval: [(200) x 3]
--- response_headers eval: ['X-Who: user/false', 'X-Who: user/false', 'X-Who: admin/true']
--- lookups: 2



=== TEST 8: the switch can be turned on or off, and app-config shows it
--- request eval: ["PUT /settings\n{\"require_mfa\":true}", 'GET /config', 'GET /api/a']
--- more_headers eval: [$::As{1}, '', $::As{2}]
--- error_code eval: [200, 200, 200]
--- response_body_like eval: ['success', 'true', 'app: GET /api/a']



=== TEST 9: a request that the policy would refuse because nothing is known of the user counts, too
--- policy: on
--- config eval: $::Config =~ s/(location = \/_absent)/location = \/_stranger { internal; return 401; }\n    location = \/_odd { internal; return 200 '{"user":{"id":3,"mfa_enabled":"maybe"}}'; }\n    location = \/stranger { auth_gate jwt; auth_gate_identity \/_stranger; proxy_pass http:\/\/app; add_header X-Decision \$auth_gate_decision always; }\n    location = \/odd { auth_gate jwt; auth_gate_identity \/_odd; proxy_pass http:\/\/app; add_header X-Decision \$auth_gate_decision always; }\n    $1/r
--- request eval: ['GET /broken', 'GET /stranger', 'GET /odd', 'GET /api/a']
--- more_headers eval: [($::As{3}) x 4]
--- error_code eval: [(200) x 4]
--- response_headers eval: [('X-Decision: mfa_required_dry_run') x 3, 'X-Decision: allow']
--- no_error_log
[alert]
--- then eval
[['GET /status', 200, ::counts(3, 0)]]
