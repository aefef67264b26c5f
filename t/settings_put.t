# A PUT of settings with an application behind the gate: each gets its own settings, and both or neither take effect.

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
        location ~ ^/say/(?<what>[a-z]+)$ {
            default_type application/json;
            add_header ETag '"abc"'; add_header Last-Modified 'Mon, 01 Jan 2024 00:00:00 GMT'; add_header X-Upstream reached always;
            root $TEST_NGINX_SERVER_ROOT/html; etag on;
        }
        location = /put      { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/echo.sock; }
        location ~ ^/put/(?<code>...)$ { error_page 418 = @put; return 418; }
        location @put { if ($code = 200) { return 200 '{"fine":true}'; } if ($code = 201) { return 201 '{"fine":true}'; } if ($code = 204) { return 204; } if ($code = 302) { return 302 /x; } if ($code = 304) { return 304; }
            if ($code = 400) { return 400 '{"error":"no such theme"}'; } if ($code = 409) { return 409 '{"error":"no"}'; } if ($code = 500) { return 500 '{"error":"broken"}'; } return 503 '{"error":"later"}'; }
    }
_EOC_

# The application answers a PUT with the body that it received.
our $EchoHttp = <<'_EOC_';
    client_body_in_single_buffer on;
    log_format body escape=none '$request_method $request_uri cl=$http_content_length te=$http_transfer_encoding ct=$content_type <$request_body>';
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/echo.sock;
        access_log $TEST_NGINX_SERVER_ROOT/logs/body.log body;
        client_body_buffer_size 64k;
        location = /put { proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock:/put/200; }
    }
    proxy_cache_path $TEST_NGINX_SERVER_ROOT/html/cache levels=1 keys_zone=c:1m;
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity   /_identity;
    auth_gate_mfa        policy;
    auth_gate_mfa_exempt GET /settings/* /say/* /as/*;
    auth_gate_mfa_exempt PUT /settings/*;
    client_body_buffer_size 1k;
    location = /_identity { internal; proxy_pass http://app/api/auth/me; }
    location /config/     { auth_gate off; auth_gate_app_config   on; proxy_pass http://app/; }
    location /unbuffered/ { auth_gate off; auth_gate_app_config   on; proxy_pass http://app/; proxy_buffering off; }
    location /cache/      { auth_gate off; auth_gate_app_config   on; proxy_pass http://app/; proxy_cache c; proxy_cache_valid 1m; add_header X-Cache $upstream_cache_status; }
    location /gzip/       { auth_gate off; auth_gate_app_config   on; proxy_pass http://app/; gzip on; gzip_min_length 1; gzip_types *; }
    location /settings/   { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://app/; }
    location /keepalive/  { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://app/; proxy_http_version 1.1; auth_gate_mfa exempt; }
    location /stream/     { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://app/; proxy_request_buffering off; proxy_http_version 1.1; auth_gate_mfa exempt; }
    location = /own       { auth_gate off; auth_gate_app_config   on; }
_EOC_

# The location makes a success of whatever the application says, as far as error_page can.
sub masked {
    return q{
        location /masked/ { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; proxy_intercept_errors on;
            error_page 302 400 409 500 503 =200 /fine; proxy_pass http://app/; }
        location = /fine { auth_gate off; return 200 fine; }
    };
}

sub said { my ($file, $text) = @_; return [['state/settings.json', '{"require_mfa":false}'], ["say/$file", $text]] }

sub remove_state { system 'rm', '-rf', "$ENV{TEST_NGINX_SERVER_ROOT}/html/state" }
sub block_state  { my $path = "$ENV{TEST_NGINX_SERVER_ROOT}/html/state/settings.json"; unlink $path; mkdir $path; mkdir "$path/x" }

sub body_log {
    open my $in, '<', "$ENV{TEST_NGINX_SERVER_ROOT}/logs/body.log" or return '';
    local $/;
    return scalar <$in>;
}
# Section passed: everything that the application received.
add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request || [];
    return if !defined $block->passed || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    my $passed = $block->passed;
    Test::More::is(body_log(), $passed, $block->name . ' - what the application got');
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
    $block->set_value(http_config => $block->http_config . $EchoHttp);
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

=== TEST 1: a PUT of the gate's settings alone is not sent to an application without a switch of its own, which is asked for its settings
--- request eval: ["PUT /settings/put\n{\"require_mfa\":true}", 'GET /own']
--- more_headers eval: [$::As{1}, '']
--- error_code eval: [200, 200]
--- response_headers eval: [('!X-Upstream') x 2]
--- response_body eval: ['{"success":true}', '{"require_mfa":true}']
--- passed eval: "GET /put cl= te= ct= <>\n"



=== TEST 2: a PUT of the application's settings is sent to it unchanged
--- request eval: ["PUT /settings/put\n{ \"theme\" : 1.10 }", 'GET /own']
--- more_headers eval: ["$::As{1}\nContent-Type: application/json", '']
--- error_code eval: [200, 200]
--- response_body eval: ['{"fine":true}', '{"require_mfa":false}']
--- passed eval: qq(PUT /put cl=18 te= ct=application/json <{ "theme" : 1.10 }>\n)



=== TEST 3: of a PUT of both, each gets its own settings
--- request eval: ["PUT /settings/put\n{ \"a\":1.10, \"require_mfa\":\"true\",\"b\":[ 2]}", 'GET /own']
--- more_headers eval: ["$::As{1}\nContent-Type: application/json", '']
--- error_code eval: [200, 200]
--- response_body eval: ['{"fine":true}', '{"require_mfa":true}']
--- passed eval: qq(GET /put cl= te= ct= <>\nPUT /put cl=22 te= ct=application/json <{ "a":1.10, "b":[ 2]}>\n) =~ s/cl=22/'cl=' . length('{ "a":1.10, "b":[ 2]}')/er



=== TEST 4: also when the body is chunked, or in a file
--- raw_request eval
"PUT /keepalive/put HTTP/1.1\r\nHost: localhost\r\n$::As{1}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n17\r\n{\"a\":1,\"require_mfa\":tr\r\n3\r\nue}\r\n0\r\n\r\n"
--- error_code: 200
--- response_body: {"fine":true}
--- passed eval: qq(GET /put cl= te= ct= <>\nPUT /put cl=7 te= ct= <{"a":1}>\n)



=== TEST 5: also where request bodies are not buffered
--- request eval: "PUT /stream/put\n{\"a\":\"" . 'x' x 20_000 . '","require_mfa":true}'
--- more_headers eval: $::As{1}
--- error_code: 200
--- response_body: {"fine":true}
--- passed eval: qq(GET /put cl= te= ct= <>\nPUT /put cl=20008 te= ct= <{"a":") . 'x' x 20_000 . qq("}>\n)



=== TEST 6: the PUT takes effect when the application's answer is 2xx
--- request eval: [map { ("PUT /settings/put/$_\n{\"a\":1,\"require_mfa\":true}", 'GET /own', "PUT /settings/put\n{\"require_mfa\":false}") } 200, 201, 204]
--- more_headers eval: [($::As{1}, '', $::As{1}) x 3]
--- error_code eval: [map { ($_, 200, 200) } 200, 201, 204]
--- response_body_like eval: [map { ('', '"require_mfa":true', 'success') } 1 .. 3]



=== TEST 7: with any other answer, neither is changed
--- request eval: [map { ("PUT /settings/put/$_\n{\"a\":1,\"require_mfa\":true}", 'GET /own') } 302, 304, 400, 409, 500, 503]
--- more_headers eval: [($::As{1}, '') x 6]
--- error_code eval: [map { ($_, 200) } 302, 304, 400, 409, 500, 503]
--- response_body_like eval: [map { ($_, '"require_mfa":false') } '', '', 'no such theme', 'no', 'broken', 'later']
--- passed eval: ''



=== TEST 8: without an answer, neither is changed
--- config eval: $::Config . 'location = /gone { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://unix:/nonexistent; }'
--- request eval: ["PUT /gone\n{\"a\":1,\"require_mfa\":true}", 'GET /own']
--- more_headers eval: [$::As{1}, '']
--- error_code eval: [502, 200]
--- response_body_like eval: ['', '"require_mfa":false']
--- passed eval: ''
--- no_error_log
[alert]



=== TEST 9: an invalid value, or an administrator without MFA, stops the whole PUT
--- request eval: [(map { "PUT /settings/put\n{\"a\":1,\"require_mfa\":$_}" } 1, 'null', '"TRUE"', 'true'), 'GET /own']
--- more_headers eval: [($::As{1}) x 3, $::As{4}, '']
--- error_code eval: [400, 400, 400, 400, 200]
--- response_headers eval: [('!X-Upstream') x 4, '']
--- response_body_like eval: [('Invalid value') x 3, 'your own account', 'false']
--- passed eval: ''



=== TEST 10: when the setting cannot be prepared on disk, the application's settings stay
--- init
main::remove_state();
--- request eval: ["PUT /settings/put\n{\"a\":1,\"require_mfa\":true}", 'GET /own']
--- more_headers eval: [$::As{1}, '']
--- error_code eval: [500, 200]
--- response_body eval: ['{"error":"Settings could not be saved"}', '{"require_mfa":false}']
--- passed eval: "GET /put cl= te= ct= <>\n"
--- no_error_log
[alert]



=== TEST 11: when the commit fails after the application has answered 2xx: 500, and it says so
--- init
main::block_state();
--- request eval: ["PUT /settings/put/200\n{\"a\":1,\"require_mfa\":true}", 'GET /own']
--- more_headers eval: [$::As{1}, '']
--- error_code eval: [500, 200]
--- response_headers eval: ["Content-Type: application/json\nCache-Control: no-store", '']
--- response_body eval: ['{"error":"Settings could not be saved"}', '{"require_mfa":false}']
--- no_error_log
[alert]



=== TEST 12: error_page makes a success of the application's refusal for the client, and not for the setting
--- config eval: $::Config . ::masked()
--- request eval: [map { ("PUT /masked/put/$_\n{\"a\":1,\"require_mfa\":true}", 'GET /own') } 500, 503, 400, 302]
--- more_headers eval: [($::As{1}, '') x 4]
--- error_code eval: [(200, 200) x 4]
--- response_body_like eval: [('^fine$', '"require_mfa":false') x 4]



=== TEST 13: and none of our own refusals
--- config eval: $::Config . ::masked()
--- init
main::block_state();
--- request eval: ["PUT /masked/put/200\n{\"a\":1,\"require_mfa\":true}", "PUT /masked/put\n{\"require_mfa\":true}", 'GET /own']
--- more_headers eval: [$::As{1}, $::As{1}, '']
--- error_code eval: [500, 500, 200]
--- response_body eval: [('{"error":"Settings could not be saved"}') x 2, '{"require_mfa":false}']
--- no_error_log
[alert]



=== TEST 14: the application's answer goes to the client as it is
--- config eval
$::Config . <<'EOC';
    location /full/ { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; add_header X-Ours added always; proxy_pass http://app/; }
EOC
--- http_config eval
$::HttpConfig =~ s/(server_name app;)/$1 location = \/full { default_type application\/x-own; add_header Set-Cookie a=1 always; add_header Set-Cookie b=2 always; add_header ETag '"e"' always; add_header X-Upstream reached always; return 203 "own\n"; }/r
--- request eval: ["PUT /full/full\n{\"a\":1,\"require_mfa\":true}", 'GET /own']
--- more_headers eval: ["$::As{1}\nIf-Match: \"other\"\nIf-None-Match: \"e\"\nRange: bytes=0-0", '']
--- error_code eval: [203, 200]
--- response_headers eval: ["Content-Type: application/x-own\nX-Upstream: reached\nX-Ours: added\nETag: \"e\"\nContent-Length: 4\n!Transfer-Encoding", '']
--- raw_response_headers_like eval: [qr/Set-Cookie: a=1.*Set-Cookie: b=2/s, qr/200/]
--- response_body eval: ["own\n", '{"require_mfa":true}']



=== TEST 15: the application is asked as the location's directives say
--- config eval
$::Config . <<'EOC';
    location ~ ^/captured/(\w+)/x$ { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; set $before $1; proxy_set_header X-Asked "$1 $before $request_method $args $http_cookie"; proxy_pass http://app/asked/$1?q=$1; }
    location /raw/                 { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; proxy_set_header X-Asked "$uri"; proxy_pass http://app; }
    location /rewritten/           { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; rewrite ^/rewritten/(.*)$ /asked/$1/again break; proxy_set_header X-Asked "$1"; proxy_pass http://app; }
    location /branched             { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; proxy_pass http://app/wrong; }
EOC
--- http_config eval
$::HttpConfig =~ s/(server_name app;)/$1 location ~ ^\/(asked|raw)\/ { return 200 "\$request_method \$request_uri <\$http_x_asked>\n"; }/r
--- request eval
[map { "PUT $_\n{\"a\":1,\"require_mfa\":true}" } '/captured/one/x?k=v', '/raw/a%20b/%e4?k=%2F', '/rewritten/two?k=v']
--- more_headers eval: [("$::As{1}\nCookie: c=d") x 3]
--- error_code eval: [200, 200, 200]
--- response_body eval
["PUT /asked/one?q=one <one one PUT k=v c=d>\n", "PUT /raw/a%20b/%e4?k=%2F </raw/a b/\xe4>\n", "PUT /asked/two/again?k=v <two>\n"]



=== TEST 16: an application that answers with X-Accel-Redirect
--- config eval
$::Config . <<'EOC';
    location /accel/ { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; proxy_pass http://app/; }
    location /there/ { internal; auth_gate off; alias $TEST_NGINX_SERVER_ROOT/html/say/; }
EOC
--- http_config eval
$::HttpConfig =~ s/(server_name app;)/$1 location \/moved { add_header X-Accel-Redirect \$arg_to; return 200; } location \/lost { add_header X-Accel-Redirect \$arg_to always; return 500; }/r
--- user_files eval: ::said('ok', 'moved')
--- request eval: [map { ("PUT /accel/$_\n{\"a\":1,\"require_mfa\":true}", 'GET /own') } 'moved?to=/nowhere/ok', 'lost?to=/there/ok']
--- more_headers eval: [($::As{1}, '') x 2]
--- error_code_like eval: [('^(?:404|405|200)$', 200) x 2]
--- response_body_like eval: ['', '"require_mfa":false', '', '"require_mfa":false']
--- no_error_log
[alert]
[crit]



=== TEST 17: a content handler that is no upstream
--- config eval: $::Config . 'location = /gif { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; empty_gif; }'
--- request eval: ["PUT /gif\n{\"a\":1,\"require_mfa\":true}", 'GET /own']
--- more_headers eval: [$::As{1}, '']
--- error_code eval: [405, 200]
--- response_body_like eval: ['', '"require_mfa":false']



=== TEST 18: an answer that breaks off is none
--- config eval: $::Config . 'location /cut/ { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/cut.sock; }'
--- http_config eval: $::HttpConfig . 'server { listen unix:$TEST_NGINX_SERVER_ROOT/logs/cut.sock; default_type text/plain; location / { add_header Content-Length 100; return 200 short; } location = /cut/none { add_header Content-Length 100; return 200; } }'
--- request eval: ["PUT /cut/x\n{\"a\":1,\"require_mfa\":true}", "PUT /cut/none\n{\"a\":1,\"require_mfa\":true}", 'GET /own']
--- more_headers eval: [($::As{1}) x 2, '']
--- error_code eval: [502, 502, 200]
--- response_body_like eval: ['', '', '"require_mfa":false']
--- no_error_log
[alert]



=== TEST 19: an empty answer is one
--- config eval: $::Config . 'location /empty/ { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/logs/empty.sock; }'
--- http_config eval: $::HttpConfig . 'server { listen unix:$TEST_NGINX_SERVER_ROOT/logs/empty.sock; location = /empty/200 { return 200; } location = /empty/204 { return 204; } }'
--- request eval: ["PUT /empty/200\n{\"a\":1,\"require_mfa\":true}", 'GET /own', "PUT /empty/204\n{\"a\":1,\"require_mfa\":false}", 'GET /own']
--- more_headers eval: [$::As{1}, '', $::As{1}, '']
--- error_code eval: [200, 200, 204, 200]
--- response_body_like eval: ['', '"require_mfa":true', '', '"require_mfa":false']
--- no_error_log
[alert]
