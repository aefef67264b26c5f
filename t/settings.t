# The endpoints of the switch, without an application behind them: auth_gate_app_config, auth_gate_app_settings,
# auth_gate_mfa_disable.

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
    auth_gate_mfa        policy;
    auth_gate_mfa_exempt GET /app-settings;
    auth_gate_mfa_exempt PUT /app-settings;
    location = /_identity    { internal; proxy_pass http://app/api/auth/me; }
    location = /app-config   { auth_gate off; auth_gate_app_config   on; }
    location = /app-settings { auth_gate jwt; auth_gate_app_settings on; }
    location = /mfa/disable  { auth_gate jwt; auth_gate_mfa_disable  on; proxy_pass http://app; }
    location = /always/disable { auth_gate jwt; auth_gate_mfa always; auth_gate_mfa_disable on; proxy_pass http://app; }
    location = /always/config  { auth_gate off; auth_gate_mfa always; auth_gate_app_config  on; }
    location = /api          { auth_gate jwt; proxy_pass http://app; }
    location = /token        { auth_gate_issue download; }
    location = /bad-upstream { auth_gate jwt; auth_gate_identity /_absent; auth_gate_app_settings on; }
_EOC_

our $NotAdmin = '{"error":"Admin access required"}';
our $OwnMfa   = '{"error":"Enable two-factor authentication on your own account before requiring it for all users."}';
our $Disable  = '{"error":"Two-factor authentication cannot be disabled while it is required for all users."}';
our $Json     = "Content-Type: application/json\nCache-Control: no-store";
our $Invalid  = '{"error":"Invalid value for require_mfa"}';

sub remove_state { system 'rm', '-rf', "$ENV{TEST_NGINX_SERVER_ROOT}/html/state" }
sub block_state  { my $path = "$ENV{TEST_NGINX_SERVER_ROOT}/html/state/settings.json"; unlink $path; mkdir $path; mkdir "$path/x" }

sub file {
    open my $in, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/html/state/settings.json" or return '';
    local $/;
    return scalar <$in>;
}
# Section kept: the settings file's content after the block's requests.
add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request;
    return if !defined $block->kept || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    Test::More::is(file(), $block->kept, $block->name . ' - settings.json');
    my @left = grep { !m{/(?:settings\.json|secret)\z} } glob "$ENV{TEST_NGINX_SERVER_ROOT}/html/state/*";
    Test::More::is("@left", '', $block->name . ' - nothing else is left in the state directory');
});

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

=== TEST 1: app-config is public and shows the switch as a boolean
--- request eval: ['GET /app-config', 'GET /app-config']
--- more_headers eval: ['', $::As{2}]
--- error_code eval: [200, 200]
--- response_headers eval: [($::Json) x 2]
--- response_body eval: [('{"require_mfa":false}') x 2]
--- lookups: 0



=== TEST 2: app-config says true while the switch is on
--- policy: on
--- request
GET /app-config
--- response_headers eval: $::Json
--- response_body: {"require_mfa":true}



=== TEST 3: HEAD of app-config has the same length and no body
--- policy: on
--- request
HEAD /app-config
--- response_headers
Content-Type: application/json
Content-Length: 20
--- response_body



=== TEST 4: app-config takes no other method
--- request eval: [map { "$_ /app-config" } qw(POST PUT DELETE OPTIONS)]
--- error_code eval: [(405) x 4]
--- response_headers eval: [("Allow: GET, HEAD\n$::Json") x 4]
--- response_body eval: [('{"error":"Method not allowed"}') x 4]



=== TEST 5: app-config ignores an invalid session
--- request
GET /app-config
--- more_headers
Authorization: Bearer nonsense
--- error_code: 200



=== TEST 6: where MFA is always required, app-config says so
--- request
GET /always/config
--- response_body: {"require_mfa":true}



=== TEST 7: an administrator sees the settings as strings
--- request
GET /app-settings
--- more_headers eval: $::As{1}
--- error_code: 200
--- response_headers eval: $::Json
--- response_body: {"require_mfa":"false"}



=== TEST 8: an administrator without MFA sees the settings while the switch is on
--- policy: on
--- request
GET /app-settings
--- more_headers eval: $::As{4}
--- error_code: 200
--- response_body: {"require_mfa":"true"}



=== TEST 9: nobody else sees the settings
--- policy: on
--- request eval: [map { ('GET /app-settings', "PUT /app-settings\n{\"require_mfa\":false}") } 2, 3]
--- more_headers eval: [map { ($::As{$_}) x 2 } 2, 3]
--- error_code eval: [(403) x 4]
--- response_headers eval: [($::Json) x 4]
--- response_body eval: [($::NotAdmin) x 4]
--- kept: {"require_mfa":true}



=== TEST 10: without a session, app-settings answers 401
--- request eval: ['GET /app-settings', "PUT /app-settings\n{\"require_mfa\":true}"]
--- error_code eval: [401, 401]
--- response_body eval: [('{"error":"Access token required","code":"AUTH_REQUIRED"}') x 2]
--- lookups: 0



=== TEST 11: app-settings answers 503 when the identity lookup fails
--- request eval: ['GET /bad-upstream', "PUT /bad-upstream\n{\"require_mfa\":true}"]
--- more_headers eval: [($::As{1}) x 2]
--- error_code eval: [503, 503]
--- response_body eval: [('{"error":"Service unavailable"}') x 2]
--- no_error_log
[alert]
[crit]



=== TEST 12: true and "true" turn the switch on, false and "false" turn it off, and the file keeps it
--- request
GET /app-settings
--- more_headers eval: $::As{1}
--- then eval
[
    map {
        my ($value, $on) = @$_;
        ["PUT /app-settings\n{\"require_mfa\":$value}", 200, '{"success":true}', [$::As{1}]],
        ['GET /app-settings', 200, qq({"require_mfa":"$on"}), [$::As{1}]],
        ['GET /app-config', 200, qq({"require_mfa":$on})],
        ['GET /api', $on eq 'true' ? 403 : 200, undef, [$::As{2}]],
    } ['true', 'true'], ['false', 'false'], ['"true"', 'true'], ['"false"', 'false'], [' true ', 'true'], ['true', 'true']
]
--- error_code: 200



=== TEST 13: the settings file is readable JSON
--- request
PUT /app-settings
{"require_mfa":true}
--- more_headers eval: $::As{1}
--- response_headers eval: $::Json
--- response_body: {"success":true}
--- kept eval: "{\n    \"require_mfa\": true\n}\n"



=== TEST 14: any other value is refused and changes nothing
--- policy: on
--- request eval
[map { "PUT /app-settings\n{\"require_mfa\":$_}" } '1', '0', 'null', '"TRUE"', '"False"', '"1"', '""', '"on"', '[]', '{}', '1.0', '"true "']
--- more_headers eval: [($::As{1}) x 12]
--- error_code eval: [(400) x 12]
--- response_headers eval: [($::Json) x 12]
--- response_body eval: [($::Invalid) x 12]
--- kept: {"require_mfa":true}



=== TEST 15: a body that is not a JSON object is 400 and changes nothing
--- policy: on
--- request eval
[map { "PUT /app-settings\n$_" } '{', '[]', 'null', 'false', '"require_mfa"', 'require_mfa=false', '{"require_mfa":false}}', '{"require_mfa":false,"require_mfa":false}', "{\"a\":\"\xff\"}"]
--- more_headers eval: [($::As{1}) x 9]
--- error_code eval: [(400) x 9]
--- response_body eval: [('{"error":"Invalid JSON"}') x 9]
--- kept: {"require_mfa":true}



=== TEST 16: an empty body is 400
--- request
PUT /app-settings
--- more_headers eval: $::As{1}
--- error_code: 400
--- response_body: {"error":"Invalid JSON"}



=== TEST 17: a setting that is not the gate's is 400 without an application, and nothing takes effect
--- policy: off
--- request
PUT /app-settings
{"require_mfa":true,"theme":"dark"}
--- more_headers eval: $::As{1}
--- error_code: 400
--- response_body: {"error":"Unknown setting"}
--- kept: {"require_mfa":false}



=== TEST 18: an empty object changes nothing
--- policy: on
--- request
PUT /app-settings
{}
--- more_headers eval: $::As{1}
--- error_code: 200
--- response_body: {"success":true}
--- kept: {"require_mfa":true}



=== TEST 19: an administrator without MFA cannot turn the switch on
--- policy: off
--- request eval: [map { "PUT /app-settings\n{\"require_mfa\":$_}" } 'true', '"true"']
--- more_headers eval: [($::As{4}) x 2]
--- error_code eval: [400, 400]
--- response_headers eval: [($::Json) x 2]
--- response_body eval: [($::OwnMfa) x 2]
--- kept: {"require_mfa":false}



=== TEST 20: an administrator without MFA can turn it off, for recovery
--- policy: on
--- request
PUT /app-settings
{"require_mfa":false}
--- more_headers eval: $::As{4}
--- error_code: 200
--- response_body: {"success":true}
--- kept eval: "{\n    \"require_mfa\": false\n}\n"



=== TEST 21: a body is read from chunks, pieces and a file
--- config eval: $::Config . 'client_body_in_file_only clean;'
--- raw_request eval
["PUT /app-settings HTTP/1.1\r\nHost: localhost\r\n$::As{1}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n11\r\n{\"require_m", "fa\":tr\r\n3\r\nue}\r\n0\r\n\r\n"]
--- error_code: 200
--- response_body: {"success":true}



=== TEST 22: a body of more than 64 KB is refused
--- policy: on
--- request eval: "PUT /app-settings\n{\"require_mfa\":false" . ' ' x 70_000 . '}'
--- more_headers eval: $::As{1}
--- error_code: 413
--- response_body: {"error":"Request body too large"}
--- kept: {"require_mfa":true}



=== TEST 23: a body of 60 KB is accepted
--- policy: on
--- request eval: "PUT /app-settings\n{\"require_mfa\":false" . ' ' x 60_000 . '}'
--- more_headers eval: $::As{1}
--- error_code: 200
--- kept eval: "{\n    \"require_mfa\": false\n}\n"



=== TEST 24: app-settings takes no other method
--- request eval: [map { "$_ /app-settings" } qw(POST DELETE PATCH OPTIONS)]
--- more_headers eval: [($::As{1}) x 4]
--- error_code eval: [(405) x 4]
--- response_headers eval: [("Allow: GET, HEAD, PUT\n$::Json") x 4]
--- response_body eval: [('{"error":"Method not allowed"}') x 4]



=== TEST 25: app-settings does not accept a token
--- request
POST /token
--- more_headers eval: $::As{1}
--- error_code: 200
--- then eval
[
    ['GET /app-settings?token=%TOKEN%', 401, undef],
    ["PUT /app-settings?token=%TOKEN%\n{\"require_mfa\":true}", 401, undef],
]



=== TEST 26: nobody can disable MFA while the switch is on
--- policy: on
--- request
POST /mfa/disable
{"code":"123456"}
--- more_headers eval: $::As{3}
--- error_code: 403
--- response_headers eval: "$::Json\n!X-Upstream"
--- response_body eval: $::Disable



=== TEST 27: nobody can disable MFA where it is always required
--- request
POST /always/disable
--- more_headers eval: $::As{3}
--- error_code: 403
--- response_body eval: $::Disable



=== TEST 28: while the switch is off, disabling MFA is left to the application
--- policy: off
--- request
POST /mfa/disable
{"code":"123456"}
--- more_headers eval: $::As{3}
--- error_code: 200
--- response_body: app: POST /mfa/disable



=== TEST 29: a user without MFA and one without a session are told what is missing
--- policy: on
--- request eval: [('POST /mfa/disable') x 2]
--- more_headers eval: [$::As{2}, '']
--- error_code eval: [403, 401]
--- response_body eval: [$::Required, '{"error":"Access token required","code":"AUTH_REQUIRED"}']



=== TEST 30: a refused body does not become the next request
--- policy: on
--- pipelined_requests eval
["PUT /app-settings\nGET /app-config HTTP/1.1\n\n", "POST /mfa/disable\nGET /app-config HTTP/1.1\n\n", "PUT /app-settings\n{\"require_mfa\":1}", 'GET /app-config']
--- more_headers eval: [$::As{2}, $::As{3}, $::As{1}, $::As{1}]
--- error_code eval: [403, 403, 400, 200]
--- response_body eval: [$::NotAdmin, $::Disable, $::Invalid, '{"require_mfa":true}']



=== TEST 31: a missing state directory is 500, and nothing changes
--- policy: off
--- init
main::remove_state();
--- request eval: ["PUT /app-settings\n{\"require_mfa\":true}", 'GET /app-config']
--- more_headers eval: [$::As{1}, '']
--- error_code eval: [500, 200]
--- response_headers eval: [($::Json) x 2]
--- response_body eval: ['{"error":"Settings could not be saved"}', '{"require_mfa":false}']
--- no_error_log
[alert]



=== TEST 32: a settings file that cannot be replaced is 500, and nothing changes
--- policy: off
--- init
main::block_state();
--- request eval: ["PUT /app-settings\n{\"require_mfa\":true}", 'GET /app-config']
--- more_headers eval: [$::As{1}, '']
--- error_code eval: [500, 200]
--- response_body eval: ['{"error":"Settings could not be saved"}', '{"require_mfa":false}']
--- no_error_log
[alert]
