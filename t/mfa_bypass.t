# Where no second factor is needed: auth_gate_mfa_bypass.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# Users 1 and 4 are administrators, 1 and 3 have MFA. The application recognises them by the beginning of the JWT's
# payload, {"id":N, in base64, and logs each identity lookup. realip gives a request the address of X-Real-IP.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    set_real_ip_from     127.0.0.1;
    real_ip_header       X-Real-IP;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    upstream own { server unix:$TEST_NGINX_SERVER_ROOT/logs/own.sock; }
    geo $office   { default 0; 10.1.0.0/16 1; }
    map $http_x_say $said { volatile; default $http_x_say; }
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
        location = /includes    { default_type text/html; return 200 'A<!--#include virtual="/office/in" -->B<!--#include virtual="/nobody" -->Z'; }
    }
    server {
        listen      unix:$TEST_NGINX_SERVER_ROOT/logs/own.sock;
        server_name own;
        auth_gate_identity   /_identity;
        auth_gate_mfa        policy;
        auth_gate_mfa_bypass 127.0.0.1 0.0.0.0/0 ::/0;
        location = /_identity { internal; proxy_pass http://app/api/auth/me; }
        location /            { auth_gate jwt; proxy_pass http://app; }
        location /trusting/   { auth_gate jwt; set_real_ip_from unix:; proxy_pass http://app; }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity   /_identity;
    auth_gate_mfa        policy;
    auth_gate_mfa_bypass 10.0.0.0/8 2001:db8::/32;
    add_header           X-Decision $auth_gate_decision always;
    add_header           X-Mfa      "mfa=$auth_gate_mfa" always;
    location = /_identity { internal; proxy_pass http://app/api/auth/me; }
    location = /settings  { auth_gate jwt; auth_gate_app_settings on; }
    location = /disable   { auth_gate jwt; auth_gate_mfa_disable on; proxy_pass http://app; }
    location = /token     { auth_gate_issue download; }
    location = /file      { auth_gate token=download; proxy_pass http://app; }
    location = /claims    { auth_gate jwt; auth_gate_identity claims; proxy_pass http://app; }
    location /office      { auth_gate jwt; proxy_pass http://app; location /office/in { proxy_pass http://app; } }
    location /nobody      { auth_gate jwt; auth_gate_mfa_bypass off; proxy_pass http://app; location /nobody/in { proxy_pass http://app; } }
    location /other       { auth_gate jwt; auth_gate_mfa_bypass 192.0.2.1; proxy_pass http://app; }
    location /mapped      { auth_gate jwt; auth_gate_mfa_bypass ::ffff:10.0.0.0/104; proxy_pass http://app; }
    location /six         { auth_gate jwt; auth_gate_mfa_bypass 2001:db8::/32 ::/0; proxy_pass http://app; }
    location /geo         { auth_gate jwt; auth_gate_mfa_bypass $office; proxy_pass http://app; }
    location /said        { auth_gate jwt; auth_gate_mfa_bypass 192.0.2.1 ${said}; proxy_pass http://app; }
    location /always      { auth_gate jwt; auth_gate_mfa always; proxy_pass http://app; }
    location /exempt      { auth_gate jwt; auth_gate_mfa exempt; proxy_pass http://app; }
    location /dry         { auth_gate jwt; auth_gate_mfa policy dry_run; proxy_pass http://app; }
    location /if          { auth_gate jwt; if ($request_method = GET) { set $x 1; } proxy_pass http://app; }
    location /limit       { auth_gate jwt; limit_except PUT { allow all; } proxy_pass http://app; }
    location /try         { auth_gate jwt; try_files /nothing @named; }
    location @named       { auth_gate jwt; proxy_pass http://app; }
    location /try-strict  { auth_gate jwt; try_files /nothing @strict; }
    location @strict      { auth_gate jwt; auth_gate_mfa_bypass off; proxy_pass http://app; }
    location = /includes  { auth_gate jwt; ssi on; proxy_pass http://app; }
    location /realip-here { auth_gate jwt; real_ip_header X-Other-IP; proxy_pass http://app; }
    location /own/        { proxy_set_header X-Real-IP $http_x_real_ip; proxy_pass http://own/; }
    location /own-trust/  { proxy_set_header X-Real-IP 10.1.1.1; proxy_pass http://own/trusting/; }
_EOC_

our %As = map { $_ => 'Authorization: Bearer ' . session_jwt($_) } 1 .. 5;
our $Required = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';
our $NeedsOwn = '{"error":"Enable two-factor authentication on your own account before requiring it for all users."}';

# from($address, $user): the headers of a request
sub from { my ($address, $user) = @_; return "$As{$user // 2}\nX-Real-IP: $address" }

# Section policy: on or off, as an earlier nginx left it; on by default. Section lookups: the number of identity lookups.
# Section table: a row a line: path, address, status, and what the variable says.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig);
    $block->set_value(config => $Config);
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n") if !defined $block->no_error_log;
    my $policy = $block->policy // 'on';
    $block->set_value(user_files => [['state/settings.json', sprintf '{"require_mfa":%s}', $policy =~ /on/ ? 'true' : 'false']]);

    my @rows = map { [split] } grep { /\S/ } split /\n/, $block->table // return;
    $block->set_value(request          => [map { "GET $_->[0]" } @rows]);
    $block->set_value(more_headers     => [map { from($_->[1]) } @rows]);
    $block->set_value(error_code       => [map { $_->[2] } @rows]);
    $block->set_value(response_headers => [map { "X-Decision: $_->[3]\nX-Mfa: mfa=" . ($_->[2] == 403 ? "\n!X-Upstream" : '') } @rows]);
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

=== TEST 1: addresses, as realip finds them: a user without MFA is let in from the listed ones alone
--- table
/office         10.1.2.3            200 mfa_bypass
/office         10.255.255.255      200 mfa_bypass
/office         9.255.255.255       403 mfa_required
/office         11.0.0.0            403 mfa_required
/office         127.0.0.1           403 mfa_required
/office         2001:db8::1         200 mfa_bypass
/office         2001:db9::1         403 mfa_required
/office         ::ffff:10.1.2.3     200 mfa_bypass
/office         ::ffff:11.1.2.3     403 mfa_required
/office         ::10.1.2.3          403 mfa_required
/office         2002:0a01:0203::1   403 mfa_required
/other          192.0.2.1           200 mfa_bypass
/other          192.0.2.2           403 mfa_required
/other          10.1.2.3            403 mfa_required
/mapped         10.1.2.3            200 mfa_bypass
/mapped         ::ffff:10.1.2.3     200 mfa_bypass
/mapped         11.1.2.3            403 mfa_required
/six            2001:db8::1         200 mfa_bypass
/six            10.1.2.3            403 mfa_required
/six            ::ffff:10.1.2.3     403 mfa_required



=== TEST 2: it is inherited, until another list or off
--- table
/office/in      10.1.2.3            200 mfa_bypass
/nobody         10.1.2.3            403 mfa_required
/nobody/in      10.1.2.3            403 mfa_required
/if             10.1.2.3            200 mfa_bypass
/if             11.1.2.3            403 mfa_required
/limit          10.1.2.3            200 mfa_bypass
/limit          11.1.2.3            403 mfa_required
/always         10.1.2.3            200 mfa_bypass
/always         11.1.2.3            403 mfa_required
/claims         10.1.2.3            200 mfa_bypass
/claims         11.1.2.3            403 mfa_required



=== TEST 3: what needs no bypass is not logged as one
--- request eval: ['GET /exempt', 'GET /office', 'GET /settings']
--- more_headers eval: [::from('10.1.2.3'), ::from('11.1.2.3', 3), ::from('10.1.2.3', 2)]
--- error_code eval: [200, 200, 403]
--- response_headers eval: ["X-Decision: allow\nX-Mfa: mfa=", "X-Decision: allow\nX-Mfa: mfa=true", "X-Decision: not_admin\nX-Mfa: mfa=false"]



=== TEST 4: nor is anything while the switch is off
--- policy: off
--- request eval: ['GET /office', 'GET /always']
--- more_headers eval: [::from('10.1.2.3'), ::from('10.1.2.3')]
--- error_code eval: [200, 200]
--- response_headers eval: ['X-Decision: allow', 'X-Decision: mfa_bypass']
--- lookups: 0



=== TEST 5: nobody is asked about from there
--- request eval: ['GET /office', 'GET /office']
--- more_headers eval: [::from('10.1.2.3'), ::from('10.1.2.3', 5)]
--- error_code eval: [200, 200]
--- lookups: 0



=== TEST 6: a session is needed all the same
--- request eval: ['GET /office', 'GET /office', 'GET /file?token=' . 'a' x 64]
--- more_headers eval: ['X-Real-IP: 10.1.2.3', "Authorization: Bearer x\nX-Real-IP: 10.1.2.3", 'X-Real-IP: 10.1.2.3']
--- error_code eval: [401, 401, 401]
--- response_headers eval: ['X-Decision: no_credentials', 'X-Decision: bad_credentials', 'X-Decision: bad_credentials']



=== TEST 7: an ambiguous path is refused, and logged as that
--- request eval: ['GET /office/%2e%2e;/x', 'GET /dry/%2e%2e;/x']
--- more_headers eval: [::from('10.1.2.3'), ::from('11.1.2.3')]
--- error_code eval: [400, 400]
--- response_headers eval: [('X-Decision: bad_path') x 2]



=== TEST 8: a dry run counts nobody who would be let in
--- request eval: ['GET /dry', 'GET /dry']
--- more_headers eval: [::from('10.1.2.3'), ::from('11.1.2.3')]
--- error_code eval: [200, 200]
--- response_headers eval: ['X-Decision: mfa_bypass', 'X-Decision: mfa_required_dry_run']



=== TEST 9: a variable is exactly 1
--- request eval: [map { 'GET /said' } 1 .. 12]
--- more_headers eval
[map { ::from('10.1.2.3') . "\nX-Say: $_" } '1', '0', '', '01', '1 ', '11', '1.0', '+1', 'true', 'on', '1,1', '-1']
--- error_code eval: [200, 403, 403, 403, 200, (403) x 7]



=== TEST 10: a variable that is not set is none; other entries of the list count
--- request eval: ['GET /said', 'GET /said']
--- more_headers eval: [::from('10.1.2.3'), ::from('192.0.2.1')]
--- error_code eval: [403, 200]



=== TEST 11: geo, by the address that realip finds
--- table
/geo            10.1.2.3            200 mfa_bypass
/geo            10.2.2.3            403 mfa_required
/geo            ::ffff:10.1.2.3     200 mfa_bypass



=== TEST 12: a client on a Unix socket has no address, and is in no network
--- request eval: ['GET /own/x', 'GET /own/x']
--- more_headers eval: [::from('10.1.2.3'), ::from('127.0.0.1')]
--- error_code eval: [403, 403]



=== TEST 13: unless realip trusts that socket
--- request
GET /own-trust/x
--- more_headers eval: ::from('11.1.2.3')
--- error_code: 200



=== TEST 14: realip that is configured for the location counts too
--- request eval: ['GET /realip-here', 'GET /realip-here', 'GET /realip-here']
--- more_headers eval: [map { "$::As{2}\n$_" } 'X-Other-IP: 10.1.2.3', 'X-Other-IP: 11.1.2.3', 'X-Nothing: x']
--- error_code eval: [200, 403, 403]



=== TEST 15: an untrusted sender's word does not count
--- request eval: ['GET /office', 'GET /office']
--- more_headers eval: ["$::As{2}\nX-Forwarded-For: 10.1.2.3\nForwarded: for=10.1.2.3\nX-Other-IP: 10.1.2.3", $::As{2}]
--- error_code eval: [403, 403]



=== TEST 16: a bypass is no MFA: it does not switch the policy on, and the application's word stays in the variable
--- policy: off
--- request eval: ['GET /settings', "PUT /settings\n{\"require_mfa\":true}", "PUT /settings\n{\"require_mfa\":true}"]
--- more_headers eval: [::from('10.1.2.3', 4), ::from('10.1.2.3', 4), ::from('10.1.2.3', 1)]
--- error_code eval: [200, 400, 200]
--- response_headers eval: ["X-Mfa: mfa=false", "X-Mfa: mfa=false", "X-Mfa: mfa=true"]
--- response_body eval: ['{"require_mfa":"false"}', $::NeedsOwn, '{"success":true}']



=== TEST 17: nor does it while the policy is on, where the administrator is let in by it
--- request eval: ['GET /settings', "PUT /settings\n{\"require_mfa\":true}", 'GET /settings', 'POST /disable', "PUT /settings\n{\"require_mfa\":false}"]
--- more_headers eval: [::from('10.1.2.3', 4), ::from('10.1.2.3', 4), ::from('11.1.2.3', 4), ::from('10.1.2.3', 4), ::from('10.1.2.3', 4)]
--- error_code eval: [200, 400, 403, 403, 200]
--- response_headers eval: ['X-Decision: mfa_bypass', 'X-Decision: mfa_bypass', 'X-Decision: mfa_required', 'X-Decision: mfa_bypass', 'X-Decision: mfa_bypass']



=== TEST 18: a token is judged where it is redeemed, not where it was issued: issued inside, redeemed outside
--- request
POST /token
--- more_headers eval: ::from('10.1.2.3')
--- error_code: 200
--- then eval: [['GET /file?token=%TOKEN%', 403, undef, ['X-Real-IP: 11.1.2.3']]]



=== TEST 19: issued and redeemed inside
--- request
POST /token
--- more_headers eval: ::from('10.1.2.3')
--- error_code: 200
--- then eval: [['GET /file?token=%TOKEN%', 200, undef, ['X-Real-IP: 10.9.9.9']]]



=== TEST 20: issued while nothing was required, redeemed inside and outside after the switch
--- policy: off
--- request
POST /token
--- more_headers eval: ::from('11.1.2.3')
--- error_code: 200
--- then eval
[["PUT /settings\n{\"require_mfa\":true}", 200, undef, [$::As{1}]], ['GET /file?token=%TOKEN%', 200, undef, ['X-Real-IP: 10.1.2.3']]]



=== TEST 21: after a redirect within nginx, the list of the place that it leads to counts
--- table
/try            10.1.2.3            200 mfa_bypass
/try            11.1.2.3            403 mfa_required
/try-strict     10.1.2.3            403 mfa_required
/try-strict     11.1.2.3            403 mfa_required



=== TEST 22: a page's includes are held to their own lists
--- request eval: ['GET /includes', 'GET /includes']
--- more_headers eval: [::from('10.1.2.3'), ::from('11.1.2.3')]
--- error_code eval: [200, 403]
--- response_body_like eval: [qr{\AAapp: GET /office/inB<html>.*403 Forbidden.*Z\z}s, qr{MFA_REQUIRED}]
