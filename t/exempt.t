# Paths that need no session (auth_gate_public) or no second factor (auth_gate_mfa_exempt): every path of the contract
# with every method, in every spelling.

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
    }
_EOC_

# The lists of nginx.conf.example.
our $Config = <<'_EOC_';
    auth_gate_public GET  /api/health /api/auth/app-config /api/auth/invite/*;
    auth_gate_public POST /api/auth/login /api/auth/register /api/auth/demo-login /api/auth/mfa/verify-login;
    auth_gate_public *    /api/auth/oidc/*;
    auth_gate_mfa_exempt GET  /api/auth/me /api/auth/app-settings;
    auth_gate_mfa_exempt POST /api/auth/mfa/setup /api/auth/mfa/enable /api/auth/logout;
    auth_gate_mfa_exempt PUT  /api/auth/app-settings;
    auth_gate_identity   /_identity;
    auth_gate_mfa        policy;
    location = /_identity      { internal; proxy_pass http://app/api/auth/me; }
    location ~* ^/api(/|$)     { auth_gate jwt; proxy_pass http://app; }
_EOC_

our @Methods = qw(GET POST PUT PATCH DELETE);
my (%Public, %Exempt);
$Public{$_} = { GET => 1 }  for qw(/api/health /api/auth/app-config /api/auth/invite/abc);
$Public{$_} = { POST => 1 } for qw(/api/auth/login /api/auth/register /api/auth/demo-login /api/auth/mfa/verify-login);
$Public{$_} = { map { $_ => 1 } @Methods } for qw(/api/auth/oidc/login /api/auth/oidc/callback /api/auth/oidc/exchange);
$Exempt{$_} = { GET => 1 }  for qw(/api/auth/me);
$Exempt{$_} = { POST => 1 } for qw(/api/auth/mfa/setup /api/auth/mfa/enable /api/auth/logout);
$Exempt{'/api/auth/app-settings'} = { GET => 1, PUT => 1 };
our @Paths = (sort(keys %Public), sort(keys %Exempt), qw(/api/trips /api/auth /api/auth/mfa/disable /api/healthy /api/health/x
    /api/auth/me/x /api/auth/mex /api/auth/invited /api/auth/oidcx /api/auth/loginx /api/auth/mfa /api/auth/mfa/setup/x));

# Other spellings of a path.
sub forms {
    my $path = shift;
    my ($first, $rest) = $path =~ m{^(/.)(.*)$};
    (my $encoded = $path) =~ s/([a-z])(?=[^a-z]*$)/sprintf '%%%02x', ord $1/e;
    (my $slash = $path) =~ s{/(?=[^/]*$)}{%2f};
    (my $doubled = $path) =~ s{/}{//}g;
    (my $dots = $path) =~ s{/(?=[^/]*$)}{/./};
    (my $coded_dots = $path) =~ s{/(?=[^/]*$)}{/x/%2e%2e/};
    return ($path, uc $path, ucfirst lc $path, "$path/", "$path//", "$path?a=b", $encoded, $slash, $doubled, $dots, $coded_dots,
        "/x/..$path", "/a/../b/../$path", "http://localhost$path", "http://localhost$path/?x", "$path#f", "$path?");
}

# A list of [request line, status] while MFA is required, for user 2, who has no MFA, or without a session.
sub table {
    my ($session, @forms_of) = @_;
    my @rows;
    for my $path (@forms_of) {
        for my $method (@Methods) {
            my $status = ($Public{$path} || {})->{$method} ? 200 : !$session ? 401 : ($Exempt{$path} || {})->{$method} ? 200 : 403;
            push @rows, map { ["$method $_", $status] } forms($path);
        }
    }
    return @rows;
}
our (@Rows);

# The section rows is a list of request lines and expected statuses, all sent on one connection.
add_response_body_check(sub {
    my $block = shift;
    my $rows = $block->rows // return;
    my @wrong;
    for my $row (@$rows) {
        my ($line, $status, @headers) = @$row;
        my $got = http_request(Test::Nginx::Socket::server_port_for_client(),
            join("\r\n", "$line HTTP/1.1", 'Host: localhost', 'Connection: close', @headers, '', ''));
        my $reached = defined $got->{header}{'x-upstream'};
        push @wrong, "$line: $got->{status}, expected $status" . ($reached ? ', and the application was reached' : '')
            if $got->{status} !~ /^(?:$status)\z/ || $reached != ($got->{status} == 200);
    }
    Test::More::is(join("\n", @wrong), '', $block->name . ' - ' . @$rows . ' requests');
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

=== TEST 1: what a user without MFA may do while it is required: all paths, methods and spellings
--- policy: on
--- request
GET /api/health
--- rows eval: [map { [@$_, $::As{2}] } ::table(1, @::Paths)]



=== TEST 2: what is allowed without a session: all paths, methods and spellings
--- policy: on
--- request
GET /api/health
--- rows eval: [::table(0, @::Paths)]



=== TEST 3: while the policy is off, a session suffices and the public paths are the same
--- policy: off
--- request
GET /api/health
--- rows eval
[(map { [$_->[0], 200, $::As{2}] } ::table(1, '/api/trips', '/api/auth/me')), ::table(0, '/api/trips', '/api/health')]



=== TEST 4: a rule for GET covers HEAD and no other method
--- policy: on
--- request
GET /api/health
--- rows eval
[['HEAD /api/health', 200], ['HEAD /api/auth/login', 401], ['HEAD /api/auth/me', 200, $::As{2}], ['HEAD /api/auth/mfa/setup', 403, $::As{2}]]



=== TEST 5: methods in lower case and method overrides do not match
--- policy: on
--- request
GET /api/health
--- rows eval
[
    ['post /api/auth/login', '400|401|405'], ['GETX /api/health', '401|405'],
    ['GET /api/auth/mfa/setup', 403, $::As{2}, 'X-HTTP-Method-Override: POST'],
    ['GET /api/auth/mfa/setup?_method=POST', 403, $::As{2}],
]



=== TEST 6: an ambiguous path is refused even if it is listed
--- policy: on
--- request
GET /api/health
--- rows eval
[
    map { my $path = $_; ["GET $path", '400|401|403', $::As{2}], ["GET $path", '400|401'], ["GET $path", '400|403', $::As{3}] }
    '/api/auth/me;/../../trips', '/api/auth/me;x', '/api/auth/me%5c..%5ctrips', '/api\\trips', '/api/auth/me%00', '/api/auth/me%0a',
    '/api/auth/invite/..;/trips', '/api;/auth/me', '/api/health;/../trips', '/api/auth/oidc/%5c..%5c..%5ctrips'
]



=== TEST 7: a prefix does not match above itself
--- policy: on
--- request
GET /api/health
--- rows eval
[
    (map { ["GET $_", 401], ["GET $_", 403, $::As{2}] } '/api/auth/oidc/../../trips', '/api/auth/oidc/%2e%2e/%2e%2e/trips', '/api/auth/invite/x/../../../trips',
        '/api/auth/oidc/..%2f..%2ftrips', '/api/auth/oidc%2f..%2f..%2ftrips', 'http://localhost/api/auth/oidc/../../trips', '/api/auth/oidcx'),
    (map { ["GET $_", 200] } '/api/auth/oidc/', '/api/auth/oidc/a/b/c', '/API/AUTH/OIDC/x', '/api/trips/../auth/oidc/x'),
    ['GET /../../api/health', 400], ['GET /%2e%2e/api/health', 400],
]



=== TEST 8: the gate and the application see the same path
--- policy: on
--- request eval
['GET /API//auth/./me', 'GET /api/auth/%6de', 'GET /x/../api/auth/me/', 'GET /api%2fauth%2fme?q=%2f', 'GET /api/auth/me%3f/../trips']
--- more_headers eval: [($::As{2}) x 4, $::As{3}]
--- error_code eval: [(200) x 5]
--- response_body_like eval
['^app: GET /API/auth/me$', '^\{"user"', '^app: GET /api/auth/me/$', '^\{"user"', '^app: GET /api/auth/trips$']



=== TEST 9: a server's lists replace those of http
--- policy: on
--- http_config eval: $::HttpConfig . 'auth_gate_public GET /everywhere; auth_gate_mfa_exempt GET /exempt-everywhere;'
--- config eval: $::Config . 'location ~ every { auth_gate jwt; proxy_pass http://app; }'
--- request
GET /api/health
--- rows eval
[['GET /everywhere', 401], ['GET /exempt-everywhere', 403, $::As{2}]]



=== TEST 10: nothing is public or exempt by default
--- policy: on
--- config eval: $::Config =~ s/^\s*auth_gate_(?:public|mfa_exempt).*\n//mgr
--- request
GET /
--- rows eval
[map { my $path = $_; map { ["$_ $path", 401], ["$_ $path", 403, $::As{2}] } @::Methods } grep { m{^/api} } @::Paths]
--- error_code: 200
