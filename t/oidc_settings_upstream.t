# Administrators' settings of a provider with an application behind them: each gets its own. And what app-config tells of a
# provider.

use lib 't/lib';
use AuthGateTest;
use JSON::PP ();
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;
delete @ENV{qw(OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_DISCOVERY_URL OIDC_DISPLAY_NAME OIDC_SCOPE APP_URL)};

our %As = map { $_ => 'Authorization: Bearer ' . session_jwt($_, role => $_ == 1 ? 'admin' : 'user') } 1, 2;

our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    auth_gate_oidc_provider sso   { client_id gate; issuer https://id.example; app_url https://app.example; display_name Company Login; }
    auth_gate_oidc_provider plain { client_id gate; issuer https://id.example; app_url https://app.example; }
    auth_gate_oidc_provider half  { client_id gate; app_url https://app.example; display_name Half; }
    client_body_in_single_buffer on;
    log_format body escape=none '$request_method $request_uri <$request_body>';
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        default_type application/json;
        access_log $TEST_NGINX_SERVER_ROOT/logs/body.log body;
        location /         { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/say.sock; }
    }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/say.sock;
        default_type application/json;
        add_header X-Upstream reached always;
        location = /200   { return 200 '{"oidc_only":true,"issuer":"https://old.example","oidc_configured":"?"}'; }
        location = /400   { return 400 '{"error":"not that"}'; }
        location = /500   { return 500 '{"error":"broken"}'; }
        location = /404   { return 404 '{"error":"what?"}'; }
        location = /list  { return 200 '[1]'; }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity claims;
    location /app/  { auth_gate jwt; auth_gate_oidc_settings sso; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock:/; }
    location = /gone { auth_gate jwt; auth_gate_oidc_settings sso; proxy_pass http://unix:/nonexistent; }
    location = /own { auth_gate jwt; auth_gate_oidc_settings sso; }
    location = /config/sso   { auth_gate_app_config on oidc=sso; auth_gate off; }
    location = /config/plain { auth_gate_app_config on oidc=plain; auth_gate off; }
    location = /config/half  { auth_gate_app_config on oidc=half; auth_gate off; }
    location /config/app/ { auth_gate_app_config on oidc=sso; auth_gate off; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock:/; }
_EOC_

our $Shown = '"client_id":"gate","client_secret_set":false,"display_name":"Company Login","discovery_url":""';

# Section passed: what the application received of PUTs.
add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request || [];
    return if !defined $block->passed || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    open my $in, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/logs/body.log" or return;
    Test::More::is(join('', grep { !/^GET/ } <$in>), $block->passed, $block->name . ' - what the application got');
});

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig);
    $block->set_value(config => $Config) if !defined $block->config;
    $block->set_value(user_files => [['state/.keep', '']]) if !defined $block->user_files;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log && !defined $block->must_die;
});

follow_up();
run_tests();

__DATA__

=== TEST 1: the application's settings are shown with the provider's
--- request eval: ['GET /app/200', 'HEAD /app/200', 'GET /app/404', 'GET /app/list', 'GET /own']
--- more_headers eval: [($::As{1}) x 5]
--- error_code eval: [200, 200, 404, 200, 200]
--- response_body eval: [qq({"oidc_only":true,"issuer":"https://id.example","oidc_configured":"?",$::Shown}), '', '{"error":"what?"}', '[1]', qq({"issuer":"https://id.example",$::Shown})]
--- response_headers eval: ["X-Upstream: reached\nCache-Control: no-store", 'X-Upstream: reached', 'X-Upstream: reached', 'X-Upstream: reached', '!X-Upstream']



=== TEST 2: to administrators
--- request eval: ['GET /app/200', "PUT /app/200\n{\"oidc_only\":true}", 'DELETE /app/200', 'GET /app/200']
--- more_headers eval: [($::As{2}) x 3, '']
--- error_code eval: [403, 403, 403, 401]
--- response_headers eval: [('!X-Upstream') x 4]
--- passed eval: ''



=== TEST 3: of a PUT of both, each gets its own
--- request eval: ["PUT /app/200\n{ \"oidc_only\":true, \"client_secret\":\"s3cret\", \"display_name\":\"New\",\"a\" : 1.0}", 'GET /own']
--- more_headers eval: [($::As{1}) x 2]
--- error_code eval: [200, 200]
--- response_body_like eval: ['"oidc_only":true', '"client_secret_set":true,"display_name":"New"']
--- passed eval: qq(PUT /200 <{ "oidc_only":true, "a" : 1.0}>\n)



=== TEST 4: a PUT of the provider's alone is not passed on
--- request eval: ["PUT /app/200\n{\"display_name\":\"New\",\"environment\":[],\"client_secret_set\":true}", 'GET /own']
--- more_headers eval: [($::As{1}) x 2]
--- error_code eval: [200, 200]
--- response_body_like eval: ['^\{"success":true\}$', '"display_name":"New"']
--- passed eval: ''



=== TEST 5: a PUT of the application's alone is passed on, without what answers show
--- request eval: ["PUT /app/200\n{\"oidc_only\":false,\"environment\":[],\"client_secret_set\":true}", 'GET /own']
--- more_headers eval: [($::As{1}) x 2]
--- error_code eval: [200, 200]
--- response_body_like eval: ['"oidc_only":true', '"display_name":"Company Login"']
--- passed eval: qq(PUT /200 <{"oidc_only":false}>\n)



=== TEST 6: if the application does not say 2xx, nothing is changed
--- request eval: [(map { ("PUT /app/$_\n{\"oidc_only\":true,\"display_name\":\"New\"}", 'GET /own') } 400, 404, 500), "PUT /gone\n{\"oidc_only\":true,\"display_name\":\"New\"}", 'GET /own']
--- more_headers eval: [($::As{1}) x 8]
--- error_code eval: [400, 200, 404, 200, 500, 200, 502, 200]
--- response_body_like eval: [map { ($_, 'Company Login') } 'not that', 'what', 'broken', 'Bad Gateway']
--- no_error_log
[alert]



=== TEST 7: what is invalid is not passed on, nor anything beside it
--- request eval: [map { "PUT /app/200\n$_" } '{"oidc_only":true,"issuer":"http://169.254.169.254"}', '{"oidc_only":true,"client_id":7}', '{"oidc_only":true', '[]']
--- more_headers eval: [($::As{1}) x 4]
--- error_code eval: [(400) x 4]
--- response_body eval: ['{"error":"Invalid value for issuer"}', '{"error":"Invalid value for client_id"}', ('{"error":"Invalid JSON"}') x 2]
--- passed eval: ''



=== TEST 8: without an application, other members are refused
--- request eval: ["PUT /own\n{\"oidc_only\":true}", "PUT /own\n{\"oidc_only\":true,\"display_name\":\"New\"}", 'GET /own', 'DELETE /own']
--- more_headers eval: [($::As{1}) x 4]
--- error_code eval: [400, 400, 200, 405]
--- response_body_like eval: ['Unknown setting', 'Unknown setting', 'Company Login', 'Method not allowed']



=== TEST 9: other methods are the application's
--- request eval: ['DELETE /app/200', 'POST /app/200']
--- more_headers eval: [($::As{1}) x 2]
--- error_code eval: [200, 200]
--- response_headers eval: [('X-Upstream: reached') x 2]



=== TEST 10: app-config tells whether there is a login, and its name
--- request eval: [map { "GET /config/$_" } qw(sso plain half app/200 app/404)]
--- error_code eval: [200, 200, 200, 200, 404]
--- response_body eval
['{"require_mfa":false,"oidc_configured":true,"oidc_display_name":"Company Login"}',
 '{"require_mfa":false,"oidc_configured":true,"oidc_display_name":"SSO"}',
 '{"require_mfa":false,"oidc_configured":false}',
 '{"oidc_only":true,"issuer":"https://old.example","oidc_configured":true,"require_mfa":false,"oidc_display_name":"Company Login"}',
 '{"error":"what?"}']



=== TEST 11: as administrators have set it
--- request eval: ["PUT /own\n{\"display_name\":\"\\u00e4\\\"\"}", 'GET /config/sso']
--- more_headers eval: [$::As{1}, '']
--- response_body eval: ['{"success":true}', qq({"require_mfa":false,"oidc_configured":true,"oidc_display_name":"\xc3\xa4\\""})]



=== TEST 12: app-config of a provider that there is not
--- config
location = /config { auth_gate_app_config on oidc=other; }
--- must_die
--- error_log
"auth_gate_app_config": there is no "auth_gate_oidc_provider other", in 



=== TEST 13: app-config that is neither on nor off
--- config
location = /config { auth_gate_app_config yes; }
--- must_die
--- error_log
invalid value "yes" in "auth_gate_app_config" directive, it must be "on" or "off"



=== TEST 14: app-config that is off, with a provider
--- config
location = /config { auth_gate_app_config off oidc=sso; }
--- must_die
--- error_log
invalid value "oidc=sso" in "auth_gate_app_config", expected "on oidc=provider"



=== TEST 15: app-config twice
--- config
location = /config { auth_gate_app_config on; auth_gate_app_config on; }
--- must_die
--- error_log
"auth_gate_app_config" directive is duplicate
