# What is shared between the sessions of a user, and what is not: accounts (verifying key, user claim, id) and identities
# (account, source, server, the lookup's Host).

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = our $Other = 'another secret of more than 32 bytes';

# The application says who somebody is by its Host, by the beginning of the lookup's JWT ({"id":N), and by a claim of the
# session. User 7 has MFA once the file "flag" exists.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000 per_user=1;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    auth_gate_mfa        always;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    map "$http_host $http_authorization $http_x_amr" $me {
        "~^a\.test "      '{"user":{"id":5,"role":"admin","mfa_enabled":true}}';
        "~^(?:a\.test:80|A\.test) " '{"user":{"id":5,"role":"user","mfa_enabled":false}}';
        "~^b\.test "      '{"user":{"id":5,"role":"user","mfa_enabled":false}}';
        "~ /sub$"         '{"user":{"id":5,"role":"user","mfa_enabled":false}}';
        "~\.eyJpZCI6NSwi" '{"user":{"id":5,"role":"admin","mfa_enabled":true}}';
        "~ otp$"          '{"user":{"id":6,"role":"user","mfa_enabled":true}}';
        default           '{"user":{"id":6,"role":"user","mfa_enabled":false}}';
    }
    server {
        listen      unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        server_name app;
        add_header  X-Upstream reached always;
        location /      { return 200 "who: $http_x_who"; }
        location = /me  { access_log $TEST_NGINX_SERVER_ROOT/logs/me.log; return 200 $me; }
        location = /flag { if (-f $TEST_NGINX_SERVER_ROOT/html/flag) { return 200 '{"user":{"id":7,"mfa_enabled":true}}'; } return 200 '{"user":{"id":7,"mfa_enabled":false}}'; }
    }
    server {
        listen      $TEST_NGINX_SERVER_PORT;
        server_name second.test;
        auth_gate_identity /_me;
        proxy_set_header   X-Who "$auth_gate_user_id/$auth_gate_role";
        location = /_me { internal; proxy_set_header Host b.test; proxy_pass http://app/me; }
        location = /api { auth_gate jwt; proxy_pass http://app; }
    }
_EOC_

our $Config = <<'_EOC_';
    server_name a.test b.test x.test y.test;
    proxy_set_header   X-Who "$auth_gate_user_id/$auth_gate_role";
    location = /_me      { internal; proxy_set_header Host a.test; proxy_pass http://app/me; }
    location = /_host    { internal; proxy_set_header Host $host; proxy_pass http://app/me; }
    location = /_raw     { internal; proxy_set_header Host $http_host; proxy_pass http://app/me; }
    location = /_plain   { internal; proxy_set_header X-Amr $request_uri; proxy_pass http://app/me; }
    location = /_amr     { internal; proxy_set_header X-Amr $auth_gate_claim_amr; proxy_pass http://app/me; }
    location = /_flag    { internal; proxy_set_header Host $host; proxy_pass http://app/flag; }

    location = /api      { auth_gate jwt; auth_gate_identity /_me; proxy_pass http://app; }
    location = /host     { auth_gate jwt; auth_gate_identity /_host; proxy_pass http://app; }
    location = /raw      { auth_gate jwt; auth_gate_identity /_raw; proxy_pass http://app; }
    location = /id       { auth_gate jwt; auth_gate_identity /_plain; proxy_pass http://app; }
    location = /sub      { auth_gate jwt; auth_gate_identity /_plain; auth_gate_user_claim sub; proxy_pass http://app; }
    location = /session  { auth_gate jwt token=download; auth_gate_identity /_amr per=session; proxy_pass http://app; }
    location = /user     { auth_gate jwt; auth_gate_identity /_amr per=user; proxy_pass http://app; }

    auth_gate_mfa_exempt POST /flag/setup;
    location /flag       { auth_gate jwt; auth_gate_identity /_flag; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; proxy_pass http://app; }

    location = /token        { auth_gate_issue download; auth_gate_mfa off; }
    location = /sub-token    { auth_gate_issue download; auth_gate_mfa off; auth_gate_user_claim sub; }
    location = /both-token   { auth_gate_issue download; auth_gate_mfa off; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; }
    location = /file         { auth_gate token=download; auth_gate_mfa off; proxy_pass http://app; }
    location = /sub-file     { auth_gate token=download; auth_gate_mfa off; auth_gate_user_claim sub; proxy_pass http://app; }
    location = /rotated-file { auth_gate token=download; auth_gate_mfa off; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; proxy_pass http://app; }
    location = /error        { auth_gate token=download; auth_gate_mfa off; error_page 404 = /sub-kept; proxy_intercept_errors on; try_files /none /sub-kept; }
    location = /sub-kept     { auth_gate token=download; auth_gate_mfa off; auth_gate_user_claim sub; proxy_pass http://app; }
    location = /kept         { auth_gate token=download; auth_gate_mfa off; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; proxy_pass http://app; }
    location = /tried        { auth_gate token=download; auth_gate_mfa off; try_files /none /kept; }
_EOC_

sub as { return 'Authorization: Bearer ' . session_jwt(@_) }
sub touch { open my $out, '>', "$ENV{TEST_NGINX_SERVER_ROOT}/html/" . shift or die $!; return }

our $Required = qr/MFA_REQUIRED/;
our $Invalid  = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config  => $HttpConfig);
    $block->set_value(config       => $Config);
    $block->set_value(user_files   => [['state/settings.json', '{"require_mfa":true}']]);
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n");
});

# The section after is code that runs between the block's requests and those of the section then.
add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request;
    my $code = $block->after // return;
    return if $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    eval "package main; $code; 1" or die $@;
});

follow_up();

# The number of lookups in all.
add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request;
    return if !defined $block->lookups || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    open my $log, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/logs/me.log" or die $!;
    my $count = () = <$log>;
    Test::More::is($count, 0 + $block->lookups, $block->name . ' - lookups');
});

run_tests();

__DATA__

=== TEST 1: an administrator of one server is none of another with the same secret and the same source
--- request eval: ['GET /api', 'GET /api', 'GET /api', 'GET /api']
--- more_headers eval: [map { ::as(5) . "\n$_" } 'X-A: a', 'Host: second.test', 'X-A: a', 'Host: second.test']
--- error_code eval: [200, 403, 200, 403]
--- response_body_like eval: ['^who: 5/admin$', $::Required, '^who: 5/admin$', $::Required]
--- lookups: 2



=== TEST 2: where the lookup sends the client's Host, each Host has identities of its own
--- request eval: [('GET /host') x 4, ('GET /raw') x 4]
--- more_headers eval: [map { ::as(5) . "\nHost: $_.test" } qw(a b a b) x 2]
--- error_code eval: [(200, 403, 200, 403) x 2]
--- response_body_like eval: [('^who: 5/admin$', $::Required) x 4]
--- lookups: 4



=== TEST 3: the same id under another user claim is somebody else
--- request eval: ['GET /id', 'GET /sub', 'GET /id', 'GET /sub']
--- more_headers eval: [map { ::as($_->[0], sub => $_->[1]) } [5, 9], [9, 5], [5, 9], [9, 5]]
--- error_code eval: [200, 403, 200, 403]
--- response_body_like eval: ['^who: 5/admin$', $::Required, '^who: 5/admin$', $::Required]
--- lookups: 2



=== TEST 4: a token is of the user claim of its session
--- request
POST /token
--- more_headers eval: ::as(5, sub => 9)
--- error_code: 200
--- then eval
[
    ['GET /sub-file?token=%TOKEN%', 401, $::Invalid],
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 5: and stays so after an internal redirect
--- request
POST /token
--- more_headers eval: ::as(5, sub => 9)
--- error_code: 200
--- then eval
[
    ['GET /error?token=%TOKEN%', 401],
]



=== TEST 6: each account has a share of its own, whatever its user claim
--- request eval: ['POST /token', 'POST /sub-token', 'POST /token', 'POST /sub-token']
--- more_headers eval: [map { ::as($_->[0], sub => $_->[1]) } [5, 9], [9, 5], [5, 1], [1, 5]]
--- error_code eval: [200, 200, 429, 429]



=== TEST 7: a token stays good while secrets are rotated
--- request
POST /token
--- more_headers eval: ::as(5)
--- error_code: 200
--- then eval
[
    ['GET /rotated-file?token=%TOKEN%', 200, 'who: 5/'],
]



=== TEST 8: and is kept after an internal redirect to a location with more secrets
--- request
POST /token
--- more_headers eval: ::as(5)
--- error_code: 200
--- then eval
[
    ['GET /tried?token=%TOKEN%', 200, 'who: 5/'],
]



=== TEST 9: a token is no better than its session: one of a secret that a location does not have is refused
--- request
POST /both-token
--- more_headers eval: ::as(5, -secret => $::Other)
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 10: a token of a session of the older secret is as good as the session
--- request
POST /both-token
--- more_headers eval: ::as(5)
--- error_code: 200
--- then eval
[
    ['GET /file?token=%TOKEN%', 200, 'who: 5/'],
]



=== TEST 11: what changes for a user changes under all secrets and all Hosts
--- request eval: [('GET /flag') x 4]
--- more_headers eval: [map { my $host = $_; map { ::as(7, -secret => $_) . "\nHost: $host.test" } $::SECRET, $::Other } qw(x y)]
--- error_code eval: [(403) x 4]
--- after
touch('flag')
--- then eval
[
    (map { ['GET /flag', 403, undef, [$_, 'Host: x.test']] } ::as(7), ::as(7, -secret => $::Other)),
    ['POST /flag/setup', 200, undef, [::as(7, -secret => $::Other), 'Host: y.test']],
    (map { my $host = $_; map { ['GET /flag', 200, undef, [::as(7, -secret => $_), "Host: $host.test"]] } $::SECRET, $::Other } qw(x y)),
]



=== TEST 12: per=session asks once for each session
--- request eval: [('GET /session') x 5]
--- more_headers eval: [map { ::as(6, amr => $_, iat => 1700000000, exp => 4000000000) } qw(pwd otp pwd otp otp)]
--- error_code eval: [403, 200, 403, 200, 200]
--- lookups: 2



=== TEST 13: per=user, the default, asks once for all sessions of a user
--- request eval: [('GET /user') x 3]
--- more_headers eval: [map { ::as(6, amr => $_) } qw(otp pwd otp)]
--- error_code eval: [200, 200, 200]
--- lookups: 1



=== TEST 14: with per=session, a token is asked about by itself, with the claims of its session
--- request eval: ['GET /session', 'POST /token']
--- more_headers eval: [map { ::as(6, amr => $_) } qw(otp otp)]
--- error_code eval: [200, 200]
--- then eval
[
    ['GET /session?token=%TOKEN%', 200],
]



=== TEST 16: where the lookup sends the Host as the client writes it, each spelling has identities of its own
--- request eval: [('GET /raw') x 4]
--- more_headers eval: [map { ::as(5) . "\nHost: $_" } ('a.test', 'a.test:80', 'A.test') , 'a.test']
--- error_code eval: [200, 403, 403, 200]
--- response_body_like eval: ['^who: 5/admin$', $::Required, $::Required, '^who: 5/admin$']
--- lookups: 3
