# The cache of auth_gate_identity.

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
        location /              { return 200 "app: $request_method $request_uri"; }
        location = /api/auth/me { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; return 200 $me; }
        location = /flag { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; if (-f $TEST_NGINX_SERVER_ROOT/html/flag) { return 200 '{"user":{"id":2,"mfa_enabled":true}}'; } return 200 '{"user":{"id":2,"mfa_enabled":false}}'; }
        location = /api/fails { return 500 no; }
        location = /api/redirects { return 302 /elsewhere; }
        location = /accel { add_header X-Accel-Redirect /done; return 200; }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity   /_identity;
    auth_gate_mfa        always;
    auth_gate_mfa_exempt POST /api/auth/mfa/enable /api/fails /api/redirects;
    auth_gate_mfa_exempt GET  /api/auth/mfa/enable;
    location = /_identity { internal; proxy_pass http://app/api/auth/me; }
    location = /_flag     { internal; proxy_pass http://app/flag; }
    location = /token     { auth_gate_issue download; }
    location = /file      { auth_gate token=download; proxy_pass http://app; }
    location /api         { auth_gate jwt; proxy_pass http://app; }
    location /short       { auth_gate jwt; auth_gate_identity /_identity cache=1s; proxy_pass http://app; }
    location /none        { auth_gate jwt; auth_gate_identity /_identity cache=0; proxy_pass http://app; }
    auth_gate_mfa_exempt POST /flag/enable;
    location = /setup       { auth_gate jwt; auth_gate_identity /_flag; auth_gate_mfa exempt; proxy_pass http://app; }
    location = /setup-accel { auth_gate jwt; auth_gate_identity /_flag; auth_gate_mfa exempt; proxy_pass http://app/accel; }
    location = /done        { internal; empty_gif; }
    location /flag        { auth_gate jwt; auth_gate_identity /_flag; proxy_pass http://app/reached; }
_EOC_

# According to the application, user 2 has MFA if the file "flag" exists.
sub touch { open my $out, '>', "$ENV{TEST_NGINX_SERVER_ROOT}/html/" . shift or die $!; return }

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


# The section after is code that runs between the block's requests and those of the section then.
add_response_body_check(sub {
    my $code = $_[0]->after // return;
    eval "package main; $code; 1" or die $@;
});

follow_up();

# As lookups, but includes the requests of the section then.
add_response_body_check(sub {
    my $block = shift;
    return if !defined $block->then_lookups;
    open my $log, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/logs/me.log" or die $!;
    my $count = () = <$log>;
    Test::More::is($count, 0 + $block->then_lookups, $block->name . ' - lookups in all');
});

run_tests();

__DATA__

=== TEST 1: a user is looked up once in ten seconds, whatever the credentials
--- request eval: [('GET /api/a') x 3, 'POST /token', 'GET /api/b']
--- more_headers eval: [($::As{3}) x 5]
--- error_code eval: [(200) x 5]
--- lookups: 1



=== TEST 2: each user is looked up
--- request eval: [('GET /api/a') x 6]
--- more_headers eval: [map { $::As{$_} } 1, 2, 3, 2, 1, 3]
--- error_code eval: [200, 403, 200, 403, 200, 200]
--- lookups: 3



=== TEST 3: the id 3 and the id "3" are two users
--- request eval: ['GET /api/a', 'GET /api/a']
--- more_headers eval: [$::As{3}, 'Authorization: Bearer ' . session_jwt('3')]
--- error_code eval: [200, 503]
--- no_error_log
[alert]
[crit]
--- lookups: 2



=== TEST 4: two sessions of one user share an entry
--- request eval: ['GET /api/a', 'GET /api/a']
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt(3, exp => time + $_) } 500, 900]
--- error_code eval: [200, 200]
--- lookups: 1



=== TEST 5: a session and its token share an entry
--- request
POST /token
--- more_headers eval: $::As{3}
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, undef],
    ['GET /api/a', 200, undef, [$::As{3}]],
]
--- then_lookups: 1



=== TEST 6: cache=0 looks up for every request
--- request eval: [('GET /none') x 3]
--- more_headers eval: [($::As{3}) x 3]
--- error_code eval: [(200) x 3]
--- lookups: 3



=== TEST 7: a cached answer expires
--- request
GET /short
--- more_headers eval: $::As{3}
--- error_code: 200
--- after
select undef, undef, undef, 1.2
--- then eval
[
    ['GET /short', 200, undef, [$::As{3}]],
    ['GET /short', 200, undef, [$::As{3}]],
]
--- then_lookups: 2



=== TEST 8: a user who has just finished the setup is admitted with the next request
--- request
GET /flag
--- more_headers eval: $::As{2}
--- error_code: 403
--- response_body eval: $::Required
--- after
touch('flag')
--- then eval
[
    ['GET /flag', 403, $::Required, [$::As{2}]],
    ['POST /flag/enable', 200, undef, [$::As{2}]],
    ['GET /flag', 200, undef, [$::As{2}]],
]
--- then_lookups: 2



=== TEST 9: also if the location of the setup has `auth_gate_mfa exempt`
--- request
GET /flag
--- more_headers eval: $::As{2}
--- error_code: 403
--- after
touch('flag')
--- then eval
[
    ['POST /setup', 200, undef, [$::As{2}]],
    ['GET /flag', 200, undef, [$::As{2}]],
]



=== TEST 10: also where the application responds with X-Accel-Redirect
--- request
GET /flag
--- more_headers eval: $::As{2}
--- error_code: 403
--- after
touch('flag')
--- then eval
[
    ['POST /setup-accel', 200, undef, [$::As{2}]],
    ['GET /flag', 200, undef, [$::As{2}]],
]



=== TEST 11: also if the path was in upper case with doubled and final slashes
--- request
GET /flag
--- more_headers eval: $::As{2}
--- error_code: 403
--- after
touch('flag')
--- then eval
[
    ['POST /flag//ENABLE/', 200, undef, [$::As{2}]],
    ['GET /flag', 200, undef, [$::As{2}]],
]



=== TEST 12: failed setups and reads drop nothing
--- request eval: ['GET /api/a', 'POST /api/fails', 'POST /api/redirects', 'GET /api/auth/mfa/enable', 'GET /api/a']
--- more_headers eval: [($::As{3}) x 5]
--- error_code eval: [200, 500, 302, 200, 200]
--- lookups: 1



=== TEST 13: a setup drops only its own user
--- request eval: [('GET /api/a') x 2, 'POST /api/auth/mfa/enable', ('GET /api/a') x 2]
--- more_headers eval: [map { $::As{$_} } 1, 3, 3, 1, 3]
--- error_code eval: [200, 200, 200, 200, 200]
--- lookups: 3



=== TEST 14: mfa/disable drops the user as well
--- config eval
$::Config =~ s/always/policy/r . 'location = /api/auth/mfa/disable { auth_gate jwt; auth_gate_mfa_disable on; proxy_pass http://app; }
    location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }'
--- request eval: ['GET /settings', 'POST /api/auth/mfa/disable', 'GET /settings']
--- more_headers eval: [($::As{1}) x 3]
--- error_code eval: [200, 200, 200]
--- lookups: 2
