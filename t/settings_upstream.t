# The endpoints of the switch with an application behind them: the gate extends its answers, and sends it only its own settings.

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
        location /as/html    { default_type text/html; return 200 '{"a":1}'; }
        location /as/none    { default_type ''; return 200 '{"a":1}'; }
        location /as/charset { default_type 'application/json; charset=utf-8'; return 200 '{"a":1}'; }
        location /as/spaced  { default_type 'application/json ; charset=utf-8'; return 200 '{"a":1}'; }
        location /as/case    { default_type 'Application/JSON'; return 200 '{"a":1}'; }
        location /as/plus    { default_type 'application/problem+json'; return 200 '{"a":1}'; }
        location /as/zipped  { default_type application/json; add_header Content-Encoding gzip; add_header X-Upstream reached; return 200 'zipped'; }
        location /as/broken  { default_type application/json; return 200 '{"a":'; }
        location /as/list    { default_type application/json; return 200 '[1]'; }
        location /as/empty   { default_type application/json; return 200 ''; }
        location /as/201     { default_type application/json; return 201 '{"a":1}'; }
        location /as/404     { default_type application/json; return 404 '{"a":1}'; }
        location /as/500     { default_type application/json; return 500 '{"a":1}'; }
        location /as/304     { default_type application/json; return 304; }
        location /as/302     { return 302 /elsewhere; }
        location /as/cached  { default_type application/json; add_header Cache-Control 'max-age=60'; add_header Cache-Control immutable; add_header Expires 'Thu, 31 Dec 2037 23:55:55 GMT'; add_header X-Other stays; return 200 '{"a":1}'; }
        location /as/negotiation { default_type application/json; return 200 '{"got":"$http_accept_encoding$http_if_none_match$http_if_modified_since$http_range$http_if_range$http_if_match$http_if_unmodified_since"}'; }
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

sub said { my ($file, $text) = @_; return [['state/settings.json', '{"require_mfa":false}'], ["say/$file", $text]] }

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
    $block->set_value(http_config => $HttpConfig . $EchoHttp);
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

=== TEST 1: app-config: the application's answer stays byte for byte, with the switch added as a boolean
--- user_files eval: ::said('config', qq( { "a" : 1.10,\n"big":12345678901234567890123 , "s":"\\u00e4\\/}" }\n))
--- request
GET /config/say/config
--- error_code: 200
--- response_body eval: qq( { "a" : 1.10,\n"big":12345678901234567890123 , "s":"\\u00e4\\/}" ,"require_mfa":false}\n)
--- response_headers
Content-Type: application/json
X-Upstream: reached
!ETag
!Last-Modified
!Accept-Ranges



=== TEST 2: the application's own require_mfa is replaced in place
--- user_files eval: [@{ ::said('config', '{"a":1.0, "require_mfa": "maybe", "b":[1,2]}') }[1], ['state/settings.json', '{"require_mfa":true}']]
--- request eval: ['GET /config/say/config', 'GET /settings/say/config']
--- more_headers eval: ['', $::As{1}]
--- error_code eval: [200, 200]
--- response_body eval: ['{"a":1.0, "require_mfa": true, "b":[1,2]}', '{"a":1.0, "require_mfa": "true", "b":[1,2]}']



=== TEST 3: app-settings: the switch is added as a string, and for administrators only
--- user_files eval: ::said('settings', '{"theme":"dark"}')
--- request eval: [('GET /settings/say/settings') x 4]
--- more_headers eval: [map { $::As{$_} } 1, 4, 2, 3]
--- error_code eval: [200, 200, 403, 403]
--- response_body eval
['{"theme":"dark","require_mfa":"false"}', '{"theme":"dark","require_mfa":"false"}', ('{"error":"Admin access required"}') x 2]
--- response_headers eval: [('X-Upstream: reached') x 2, ('!X-Upstream') x 2]



=== TEST 4: an empty object is extended too
--- user_files eval: ::said('empty', '{}')
--- request
GET /config/say/empty
--- response_body: {"require_mfa":false}



=== TEST 5: the application is asked for an uncompressed, unconditional, complete answer
--- request
GET /config/as/negotiation
--- more_headers
Accept-Encoding: gzip
If-None-Match: "abc"
If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT
Range: bytes=0-1
If-Range: "abc"
If-Match: "abc"
If-Unmodified-Since: Mon, 01 Jan 2030 00:00:00 GMT
--- error_code: 200
--- response_body: {"got":"","require_mfa":false}



=== TEST 6: a client that accepts gzip gets gzip from nginx, and nothing partial
--- user_files eval: ::said('config', '{"a":1}')
--- request eval: ['GET /gzip/say/config', 'GET /config/say/config']
--- more_headers eval: ['Accept-Encoding: gzip', 'Range: bytes=0-1']
--- error_code eval: [200, 200]
--- response_headers eval: ["!ETag", "!Content-Range\nContent-Length: 27"]



=== TEST 7: an answer that is HTML is left as it is
--- request
GET /config/as/html
--- error_code: 200
--- response_headers
X-Upstream: reached
--- response_body: {"a":1}



=== TEST 8: an answer without a type is left as it is
--- request
GET /config/as/none
--- error_code: 200
--- response_headers
X-Upstream: reached
--- response_body: {"a":1}



=== TEST 9: an answer of a type with the same ending is left as it is
--- request
GET /config/as/plus
--- error_code: 200
--- response_headers
X-Upstream: reached
--- response_body: {"a":1}



=== TEST 10: a compressed answer is left as it is
--- request
GET /config/as/zipped
--- error_code: 200
--- response_headers
X-Upstream: reached
--- response_body: zipped



=== TEST 11: 201 is left as it is
--- request
GET /config/as/201
--- error_code: 201
--- response_headers
X-Upstream: reached
--- response_body: {"a":1}



=== TEST 12: 404 is left as it is
--- request
GET /config/as/404
--- error_code: 404
--- response_headers
X-Upstream: reached
--- response_body: {"a":1}



=== TEST 13: 500 is left as it is
--- request
GET /config/as/500
--- error_code: 500
--- response_headers
X-Upstream: reached
--- response_body: {"a":1}



=== TEST 14: a redirect and a 304 are left as they are
--- request eval: ['GET /config/as/302', 'GET /config/as/304']
--- error_code eval: [302, 304]
--- response_body_unlike eval: ['require_mfa', 'require_mfa']



=== TEST 15: truncated JSON of the type application/json is passed on as it is
--- request
GET /config/as/broken
--- error_code: 200
--- response_headers
Content-Length: 5
--- response_body eval: '{"a":'
--- error_log
extending the application's answer failed



=== TEST 16: a list of the type application/json is passed on as it is
--- request
GET /config/as/list
--- error_code: 200
--- response_headers
Content-Length: 3
--- response_body eval: '[1]'
--- error_log
extending the application's answer failed



=== TEST 17: an empty body of the type application/json is passed on as it is
--- request
GET /config/as/empty
--- error_code: 200
--- response_headers
Content-Length: 0
--- response_body eval: ''
--- error_log
extending the application's answer failed



=== TEST 18: parameters, spaces and letter case of the type make no difference
--- request eval: [map { "GET /config/as/$_" } qw(charset spaced case)]
--- error_code eval: [200, 200, 200]
--- response_body eval: [('{"a":1,"require_mfa":false}') x 3]



=== TEST 19: the other headers stay, but an extended answer is not cached
--- request eval: ['GET /config/as/cached', 'HEAD /config/as/cached', 'GET /settings/as/cached', 'GET /config/as/charset', 'GET /config/as/html']
--- more_headers eval: ['', '', $::As{1}, '', '']
--- error_code eval: [(200) x 5]
--- response_headers eval: [("Cache-Control: no-store\n!Expires\nX-Other: stays") x 3, 'Cache-Control: no-store', '!Cache-Control']
--- raw_response_headers_unlike eval: [(qr/Cache-Control:.*Cache-Control:|max-age|immutable/si) x 5]



=== TEST 20: HEAD states no length that differs from GET
--- user_files eval: ::said('config', '{"a":1}')
--- request
HEAD /config/say/config
--- error_code: 200
--- response_headers_like
X-Upstream: reached
--- raw_response_headers_unlike: Content-Length: (?!27)|ETag
--- response_body
--- no_error_log
[alert]
[crit]
[error]
[warn] .*extending



=== TEST 21: an answer of 5000 bytes is extended
--- user_files eval: ::said('big', '{"x":"' . 'y' x 5000 . '"}')
--- request eval: ['GET /config/say/big', 'GET /unbuffered/say/big', 'GET /cache/say/big', 'GET /cache/say/big']
--- error_code eval: [(200) x 4]
--- response_body eval: [('{"x":"' . 'y' x 5000 . '","require_mfa":false}') x 4]



=== TEST 22: an answer of 100000 bytes is extended
--- user_files eval: ::said('big', '{"x":"' . 'y' x 100000 . '"}')
--- request eval: ['GET /config/say/big', 'GET /unbuffered/say/big', 'GET /cache/say/big', 'GET /cache/say/big']
--- error_code eval: [(200) x 4]
--- response_body eval: [('{"x":"' . 'y' x 100000 . '","require_mfa":false}') x 4]



=== TEST 23: an answer of 900000 bytes is extended
--- user_files eval: ::said('big', '{"x":"' . 'y' x 900000 . '"}')
--- request eval: ['GET /config/say/big', 'GET /unbuffered/say/big', 'GET /cache/say/big', 'GET /cache/say/big']
--- error_code eval: [(200) x 4]
--- response_body eval: [('{"x":"' . 'y' x 900000 . '","require_mfa":false}') x 4]



=== TEST 24: an answer of more than a megabyte is left as it is
--- user_files eval: ::said('big', '{"x":"' . 'y' x 1_100_000 . '"}')
--- request eval: ['GET /config/say/big', 'GET /unbuffered/say/big']
--- error_code eval: [200, 200]
--- response_body eval: [('{"x":"' . 'y' x 1_100_000 . '"}') x 2]



=== TEST 25: a cached answer is extended with the current setting
--- user_files eval: ::said('config', '{"a":1}')
--- request eval: ['GET /cache/as/cached', "PUT /settings/put\n{\"require_mfa\":true}", 'GET /cache/as/cached']
--- more_headers eval: ['', $::As{1}, '']
--- response_headers eval: ['X-Cache: MISS', '', 'X-Cache: HIT']
--- error_code eval: [200, 200, 200]
--- response_body eval: ['{"a":1,"require_mfa":false}', '{"success":true}', '{"a":1,"require_mfa":true}']



=== TEST 26: other methods are the application's
--- request eval: ['POST /config/x', 'DELETE /settings/x', 'OPTIONS /config/x']
--- more_headers eval: ['', $::As{1}, '']
--- error_code eval: [200, 200, 200]
--- response_body eval: ['app: POST /x', 'app: DELETE /x', 'app: OPTIONS /x']
