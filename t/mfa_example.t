# nginx.conf.example unchanged, in front of an application that ignores the case and the final slash of a path.

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

no_root_location();

# The example's text, with the paths of this test.
my $Example = do { open my $in, '<', 'nginx.conf.example' or die "nginx.conf.example: $!"; local $/; <$in> };
my ($Http, $Server) = $Example =~ /\nhttp \{\n(.*?)\n    server \{\n(.*)\n    \}\n\}\s*\z/s or die 'nginx.conf.example has another layout';
$Http =~ s{^\s*upstream app \{.*?^\s*\}\n}{}ms;
$Http =~ s{^\s*(?:access_log|auth_gate_zone|auth_gate_secret|auth_gate_state_path)\s[^;]*;}{}mg;
$Server =~ s{^\s*(?:listen|client_max_body_size)\s[^;]*;}{}mg;
$HttpConfig .= $Http;
our $Config = $Server;
our $Disable = '{"error":"Two-factor authentication cannot be disabled while it is required for all users."}';
our $Handshake = "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

# Forms of a path that such an application treats as equal.
sub forms {
    my $path = shift;
    return ($path, uc $path, "$path/", ucfirst($path) =~ s{/auth}{/Auth}r, $path =~ s{/}{//}gr, $path =~ s{/(?=[^/]*$)}{%2f}r,
        $path =~ s{a}{%61}r, "/x/..$path", "http://localhost$path/");
}

# Section rows: request line, status, whether the application is reached, headers, and after "\n" a body.
add_response_body_check(sub {
    my $block = shift;
    my $rows = $block->rows // return;
    my @wrong;
    for my $row (@$rows) {
        my ($request, $status, $reached, @headers) = @$row;
        my ($line, $body) = split /\n/, $request, 2;
        push @headers, 'Content-Length: ' . length $body if defined $body;
        my $got = http_request(Test::Nginx::Socket::server_port_for_client(),
            join("\r\n", "$line HTTP/1.1", 'Host: localhost', (grep { /^Connection:/ } @headers) ? () : 'Connection: close', @headers, '', '') . ($body // ''), timeout => 3);
        my $was = defined $got->{header}{'x-upstream'} ? 1 : 0;
        push @wrong, "$line: $got->{status}" . ($was ? ' from the application' : '') . ", expected $status" . ($reached ? ' from it' : '')
            if $got->{status} !~ /^(?:$status)\z/ || $was != $reached;
    }
    Test::More::is(join("\n", @wrong), '', $block->name . ' - ' . @$rows . ' requests');
});

our %As = map { $_ => 'Authorization: Bearer ' . session_jwt($_) } 1 .. 9;
our $Required = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';

# Section policy: on or off, as an earlier nginx left it. Section lookups: the number of identity lookups.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
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

=== TEST 1: it starts, and with the switch off every session is admitted
--- request eval: ['GET /api/auth/app-config', 'GET /api/trips', 'GET /api/trips', 'GET /']
--- more_headers eval: ['', $::As{2}, '', '']
--- error_code eval: [200, 200, 401, 200]



=== TEST 2: while it is on, only the exceptions of the contract are admitted
--- policy: on
--- request
GET /api/health
--- rows eval
[
    (map { ["GET $_", 200, 1] } qw(/api/health /api/auth/invite/x /)),
    ['GET /api/auth/oidc/login', 400, 0],
    (map { ["POST $_", 200, 1] } qw(/api/auth/login /api/auth/register /api/auth/demo-login /api/auth/mfa/verify-login)),
    ['GET /api/auth/me', 200, 1, $::As{2}],
    (map { ["POST $_", 200, 1, $::As{2}] } qw(/api/auth/mfa/setup /api/auth/mfa/enable /api/auth/logout)),
    (map { [$_, 403, 0, $::As{2}] } 'GET /api/trips', 'POST /api/auth/ws-token', "POST /api/auth/resource-token\n{\"purpose\":\"download\"}",
        'GET /api/trips/1/files/2/download', 'GET /api/integrations/immich/assets/1/original', 'POST /api/auth/mfa/disable', 'GET /api'),
    (map { [$_, 403, 0, $::As{2}] } 'GET /api/auth/app-settings', "PUT /api/auth/app-settings\n{\"require_mfa\":false}"),
    ['GET /api/auth/app-settings', 200, 1, $::As{4}], ["PUT /api/auth/app-settings\n{\"require_mfa\":true}", 400, 0, $::As{4}],
]



=== TEST 3: mfa/disable is refused in every form of its path that the application accepts
--- policy: on
--- request
GET /api/health
--- rows eval: [map { ["POST $_", 403, 0, $::As{3}] } ::forms('/api/auth/mfa/disable')]



=== TEST 4: the gate handles a PUT of app-settings in every form of its path that the application accepts
--- policy: off
--- request
GET /api/health
--- rows eval
[map { ["PUT $_\n{\"require_mfa\":true}", '200|400|404', 0, $::As{1}], ["PUT $_\n{\"require_mfa\":true}", '403|404', 0, $::As{2}] } ::forms('/api/auth/app-settings')]



=== TEST 5: the gate issues tokens in every form of the path that the application accepts
--- policy: off
--- request
GET /api/health
--- rows eval
[map { ["POST $_", '200|404', 0, $::As{3}] } ::forms('/api/auth/ws-token')]



=== TEST 6: the WebSocket is guarded in every form of its path that the application accepts
--- policy: on
--- request
GET /api/health
--- rows eval
[map { ["GET $_", '101|400|401|403|404', 0, $::As{2}, split /\n/, $::Handshake] } '/ws', '/WS', '/ws/', '//ws', '/%77s', '/x/../ws']



=== TEST 7: everything else under /api is refused in every form
--- policy: on
--- request
GET /api/health
--- rows eval: [map { my $m = $_; map { ["$m $_", 403, 0, $::As{2}], ["$m $_", 401, 0] } ::forms('/api/trips') } qw(GET POST PUT DELETE PATCH)]



=== TEST 8: shared trips, public journeys, password resets and public pictures need no session, also while it is on
--- policy: on
--- request
GET /api/health
--- rows eval
[
    (map { ["GET $_", 200, 1] } qw(/api/shared/abc /API/Shared/abc/photos /api/public/journey/abc /api/public/journey/abc/photos/1 /uploads/avatars/a.jpg
        /uploads/covers/a.jpg /uploads/journey/a.jpg)),
    (map { ["POST $_\n{}", 200, 1] } qw(/api/auth/forgot-password /api/auth/reset-password)),
    (map { [$_, 401, 0] } 'POST /api/shared/abc', 'GET /api/shared', 'GET /api/auth/reset-password', 'GET /api/journeys/1', 'DELETE /uploads/avatars/a.jpg',
        'GET /uploads/avatars/../photos/a.jpg', 'GET /uploads/avatars/%2e%2e/photos/a.jpg', 'GET /api/public/journey/../../trips'),
]



=== TEST 9: uploads and /mcp are under the policy, in every form of their path
--- policy: on
--- request
GET /api/health
--- rows eval
[
    (map { ["GET $_", 403, 0, $::As{2}], ["GET $_", 401, 0] } ::forms('/uploads/photos/a.jpg'), ::forms('/uploads/files/a'), ::forms('/mcp/a')),
    (map { ["POST $_\n{}", 403, 0, $::As{2}], ["POST $_\n{}", 401, 0], ["POST $_\n{}", 200, 1, $::As{3}] } '/mcp', '/MCP', '/mcp/', '//mcp', '/%6dcp', '/x/../mcp'),
    ['GET /uploads/photos/a.jpg', 200, 1, $::As{3}],
    ['GET /uploads/photos/a.jpg?token=' . ($::As{3} =~ s/.* //r), 401, 0],
]



=== TEST 10: signing out works without a session, and for a user without MFA; a script with a bad session is refused
--- policy: on
--- request
GET /api/health
--- rows eval
[
    (map { my $path = $_; map { ["POST $path", 200, 1, @$_] } [], [$::As{2}], [$::As{3}], ['Authorization: Bearer x', 'Sec-Fetch-Mode: navigate'] }
        '/api/auth/logout', '/API/auth/logout', '/api/auth/logout/'),
    ['GET /api/auth/logout', 200, 1], ['GET /api/auth/logout', 403, 0, $::As{2}], ['GET /api/auth/logout', 200, 1, $::As{3}],
    (map { ["$_ /api/auth/logout", 401, 0, 'Authorization: Bearer x'] } qw(GET POST)),
]
