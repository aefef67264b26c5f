# Nobody gets another user's answer from nginx's cache.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our ($U7, $U8) = map { 'Authorization: Bearer ' . session_jwt($_) } 7, 8;
our $Nobody = 'X-No: 1';

application_behind_the_gate();

# The section cache says what the requests' $upstream_cache_status are, or "-" where there is none.
add_block_preprocessor(sub {
    my $block = shift;
    return if defined $block->must_die;
    $block->set_value(http_config => <<'_EOC_' . ($block->http_config // ''));
    auth_gate_zone   zone=gate:1m tokens=1000;
    proxy_cache_path $TEST_NGINX_SERVER_ROOT/html/cache keys_zone=c:1m;
    proxy_cache      c;
    proxy_cache_key  the-key-of-all;
    proxy_cache_valid 1h;
    proxy_set_header X-User $auth_gate_user_id;
_EOC_
    $block->set_value(config => "add_header X-Cache \$upstream_cache_status always;\n" . $block->config);
    $block->set_value(app => 'user=$http_x_user') if !defined $block->app;
    my @cache = split ' ', $block->cache // return;
    $block->set_value(response_headers => @cache == 1 ? "X-Cache: $cache[0]" : [map { /-/ ? '!X-Cache' : "X-Cache: $_" } @cache]);
});
follow_up();

run_tests();

__DATA__

=== TEST 1: an answer to a user is neither stored nor served
--- config
    location /api  { auth_gate jwt; proxy_pass http://app; }
    location /open { proxy_pass http://app; }
--- request eval: [('GET /api') x 3, ('GET /open') x 2, 'GET /api']
--- more_headers eval: [$::U7, $::U8, $::U7, $::Nobody, $::Nobody, $::U8]
--- cache: BYPASS BYPASS BYPASS MISS HIT BYPASS
--- response_body eval: ['user=7', 'user=8', 'user=7', 'user=', 'user=', 'user=8']



=== TEST 2: an answer to nobody in particular is, where a path is public or has no gate
--- config
    auth_gate_public GET /api/open;
    auth_gate jwt;
    location /api  { proxy_pass http://app; }
    location /free { auth_gate off; proxy_pass http://app; }
--- request eval: ['GET /api/open', 'GET /api/open', 'GET /free']
--- more_headers eval: [$::U7, $::U8, $::U7]
--- cache: MISS HIT HIT
--- response_body eval: ['user=', 'user=', 'user=']



=== TEST 3: a location that says so shares its answers, still with users only
--- config
    location /api { auth_gate jwt; auth_gate_cache shared; proxy_pass http://app; }
--- request eval: [('GET /api') x 3]
--- more_headers eval: [$::U7, $::U8, $::Nobody]
--- error_code eval: [200, 200, 401]
--- cache: MISS HIT -
--- response_body eval: ['user=7', 'user=7', '{"error":"Access token required","code":"AUTH_REQUIRED"}']



=== TEST 4: a key with the user's id makes sharing safe
--- config
    location /api {
        auth_gate       jwt;
        auth_gate_cache shared;
        proxy_cache_key "$scheme$proxy_host$request_uri $auth_gate_user_id";
        proxy_pass      http://app;
    }
--- request eval: [('GET /api') x 4]
--- more_headers eval: [$::U7, $::U8, $::U7, $::U8]
--- cache: MISS MISS HIT HIT
--- response_body eval: ['user=7', 'user=8', 'user=7', 'user=8']



=== TEST 5: sharing is said by each location for itself, and includes its blocks without a name
--- config
    auth_gate jwt;
    location /out {
        auth_gate_cache shared;
        proxy_cache_key out;
        location /out/in { proxy_pass http://app; }
        proxy_pass http://app;
    }
    location /if {
        auth_gate_cache shared;
        proxy_cache_key if;
        if ($request_method = GET) { proxy_pass http://app; }
        proxy_pass http://app;
    }
    location /limit {
        auth_gate_cache shared;
        proxy_cache_key limit;
        limit_except POST { proxy_pass http://app; }
        proxy_pass http://app;
    }
--- request eval: ['GET /out', 'GET /out', 'GET /out/in', 'GET /if', 'GET /if', 'GET /limit', 'GET /limit']
--- more_headers eval: [$::U7, $::U8, $::U8, $::U7, $::U8, $::U7, $::U8]
--- cache: MISS HIT BYPASS MISS HIT MISS HIT
--- response_body eval: ['user=7', 'user=7', 'user=8', 'user=7', 'user=7', 'user=7', 'user=7']



=== TEST 6: nor is an answer stored in a block without a name
--- config
    auth_gate jwt;
    location /if    { if ($request_method = GET) { proxy_pass http://app; } proxy_pass http://app; }
    location /limit { limit_except POST { proxy_pass http://app; } proxy_pass http://app; }
    location /out   { location /out/in { proxy_pass http://app; } proxy_pass http://app; }
    location ~ ^/re { proxy_pass http://app; }
--- request eval: [map { ("GET $_") x 2 } qw(/if /limit /out/in /re)]
--- more_headers eval: [($::U7, $::U8) x 4]
--- cache: BYPASS BYPASS BYPASS BYPASS BYPASS BYPASS BYPASS BYPASS
--- response_body eval: [('user=7', 'user=8') x 4]



=== TEST 7: not all holders of tokens share one key
--- config
    location = /token { auth_gate_issue download; }
    location /file    { auth_gate token=download; proxy_cache_key $request_uri; proxy_pass http://app; }
--- request eval: ['GET /file', 'POST /token', 'POST /token']
--- more_headers eval: [$::Nobody, $::U7, $::U8]
--- error_code eval: [401, 200, 200]
--- then eval
[['GET /file?token=%TOKEN%', 200, 'user=8'], ['GET /file?token=%TOKEN%', 401, undef]]



=== TEST 8: nor the next one after them
--- config
    location = /token { auth_gate_issue download; }
    location /file    { auth_gate token=download; proxy_cache_key $request_uri; proxy_pass http://app; }
    location /open    { proxy_cache_key /file; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: $::U7
--- then eval
[['GET /file?token=%TOKEN%', 200, 'user=7'], ['GET /open', 200, 'user=']]



=== TEST 9: the user counts after a redirect within nginx, and not where nobody was let in
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; location / { add_header X-Accel-Redirect /inside; return 200; } }
--- config
    location /try    { auth_gate jwt; root html; try_files /none @app; }
    location @app    { proxy_pass http://app; }
    location /accel  { auth_gate jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; }
    location /inside { internal; proxy_pass http://app; }
    location /error  { auth_gate jwt; root html; error_page 404 = @app; }
    location /denied { auth_gate jwt; error_page 401 =200 @denied; proxy_pass http://app; }
    location @denied { proxy_pass http://app; }
--- request eval: [map { ("GET $_") x 2 } qw(/try /accel /error /denied)]
--- more_headers eval: [($::U7, $::U8) x 3, ($::Nobody) x 2]
--- cache: BYPASS BYPASS BYPASS BYPASS BYPASS BYPASS MISS HIT
--- response_body eval: [('user=7', 'user=8') x 3, ('user=') x 2]



=== TEST 10: the location that it led to may share
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; location / { add_header X-Accel-Redirect /inside; return 200; } }
--- config
    location /accel  { auth_gate jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/accel.sock; }
    location /inside { internal; auth_gate_cache shared; proxy_pass http://app; }
--- request eval: [('GET /accel') x 2]
--- more_headers eval: [$::U7, $::U8]
--- cache: MISS HIT



=== TEST 11: predicates of the site are asked as before
--- config
    proxy_cache_bypass $http_x_fresh;
    proxy_no_cache     $http_x_secret;
    auth_gate_public   GET /api/open;
    auth_gate          jwt;
    location /api { proxy_cache_key $arg_k; proxy_pass http://app; }
    location /two { auth_gate_cache shared; proxy_cache_key two; proxy_pass http://app; }
--- request eval: [('GET /api/open?k=1') x 3, ('GET /api/open?k=2') x 2, ('GET /two') x 3, 'GET /api?k=1']
--- more_headers eval
[$::Nobody, $::Nobody, 'X-Fresh: 1', 'X-Secret: 1', $::Nobody, $::U7, $::U8, "X-Fresh: 1\n$::U8", $::U7]
--- cache: MISS HIT BYPASS MISS MISS MISS HIT BYPASS BYPASS
--- response_body eval: [('user=') x 5, ('user=7') x 2, 'user=8', 'user=7']



=== TEST 12: a lookup gets no answer about another user, whatever its location inherits or says
--- http_config
    map $http_authorization $me {
        ~\.eyJpZCI6Nywi '{"user":{"id":7,"role":"admin","mfa_enabled":true}}';
        default         '{"user":{"id":8,"role":"user","mfa_enabled":false}}';
    }
--- app: $me
--- config
    auth_gate_mfa      always;
    location = /_plain  { internal; proxy_pass http://app; }
    location = /_shared { internal; auth_gate_cache shared; proxy_pass http://app; }
    location /plain     { auth_gate jwt; auth_gate_identity /_plain  id= cache=0; empty_gif; }
    location /shared    { auth_gate jwt; auth_gate_identity /_shared id= cache=0; empty_gif; }
--- request eval: [map { ("GET $_") x 2 } qw(/plain /shared)]
--- more_headers eval: [($::U7, $::U8) x 2]
--- error_code eval: [(200, 403) x 2]



=== TEST 13: proxy_store keeps no answer to a user
--- config
    auth_gate        jwt;
    auth_gate_public GET /store/open /open;
    proxy_cache      off;
    root             html;
    location /store  { proxy_store $TEST_NGINX_SERVER_ROOT/html/kept$arg_to; proxy_pass http://app; }
    location /shared { auth_gate_cache shared; proxy_store $TEST_NGINX_SERVER_ROOT/html/kept$arg_to; proxy_pass http://app; }
    location /kept   { auth_gate off; }
--- request eval: ['GET /store?to=1', 'GET /kept1', 'GET /store/open?to=2', 'GET /kept2', 'GET /shared?to=3', 'GET /kept3']
--- more_headers eval: [($::U7) x 6]
--- error_code eval: [200, 404, 200, 200, 200, 200]
--- response_body_like eval: ['^user=7$', '404', '^user=$', '^user=$', '^user=7$', '^user=7$']
--- no_error_log
[alert]
[crit]



=== TEST 14: nor do both together
--- config
    root             html;
    location /api    { auth_gate jwt; error_page 404 = @fetch; }
    location @fetch  { proxy_cache off; proxy_store on; proxy_pass http://app; }
    location /open/  { alias html/; }
--- request eval: ['GET /api', 'GET /api', 'GET /open/api']
--- more_headers eval: [$::U7, $::U8, $::U7]
--- error_code eval: [200, 200, 404]
--- response_body_like eval: ['^user=7$', '^user=8$', '404']



=== TEST 15: nor is an answer that the gate extends stored
--- http_config
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/json.sock; auth_gate off; default_type application/json; location / { return 200 '{"a":1}'; } }
--- config
    proxy_cache        off;
    root               html;
    auth_gate_identity claims;
    location /settings { auth_gate jwt; auth_gate_app_settings on; proxy_store on; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/json.sock; }
    location /open/    { alias html/; }
--- request eval: ['GET /settings', 'GET /open/settings']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(1, role => 'admin')) x 2]
--- error_code eval: [200, 404]
--- response_body_like eval: ['^\{"a":1,"require_mfa":"false"\}$', '404']



=== TEST 16: the parts of a page for a user are not kept either
--- user_files
>>> api/page.html
<!--#include virtual="/part" -->
>>> open/page.html
<!--#include virtual="/part" -->
--- config
    ssi on;
    location /api  { auth_gate jwt; root html; }
    location /open { root html; }
    location /part { internal; proxy_set_header Accept-Encoding ""; proxy_set_header X-User $auth_gate_user_id; proxy_pass http://app; }
--- request eval: ['GET /api/page.html', 'GET /api/page.html', 'GET /open/page.html', 'GET /open/page.html', 'GET /api/page.html']
--- more_headers eval: [$::U7, $::U8, $::Nobody, $::Nobody, $::U8]
--- response_body eval: ["user=7\n", "user=8\n", "user=\n", "user=\n", "user=8\n"]



=== TEST 17: who was let in by another module is somebody, too
--- config
    location /api  { auth_gate jwt; satisfy any; allow all; proxy_pass http://app; }
    location /open { proxy_pass http://app; }
--- request eval: ['GET /api', 'GET /open', 'GET /api']
--- more_headers eval: [$::Nobody, $::Nobody, $::Nobody]
--- cache: BYPASS MISS BYPASS



=== TEST 18: a request of a user is passed on as without a cache
--- app: range=$http_range since=$http_if_none_match method=$request_method
--- config
    location /api    { auth_gate jwt; proxy_pass http://app; }
    location /shared { auth_gate jwt; auth_gate_cache shared; proxy_pass http://app; }
--- request eval: [('GET /api') x 2, 'GET /shared']
--- more_headers eval: ["Range: bytes=0-\n$::U7", "If-None-Match: \"a\"\n$::U7", $::U7]
--- response_body eval: ['range=bytes=0- since= method=GET', 'range= since="a" method=GET', 'range= since= method=GET']



=== TEST 19: errors that nginx makes are not kept
--- config
    proxy_cache_valid any 1h;
    location /api  { auth_gate jwt; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/none.sock; }
    location /open { proxy_pass http://app; }
--- request eval: ['GET /api', 'GET /open']
--- more_headers eval: [$::U7, $::Nobody]
--- error_code eval: [502, 200]
--- no_error_log
[alert]
[crit] no



=== TEST 20: HEAD neither
--- config
    location /api  { auth_gate jwt; proxy_pass http://app; }
    location /open { proxy_pass http://app; }
--- request eval: ['HEAD /api', 'GET /open', 'HEAD /api']
--- more_headers eval: [$::U7, $::Nobody, $::U7]
--- cache: BYPASS MISS BYPASS



=== TEST 21: a value but shared is refused
--- config
    location / { auth_gate_cache private; }
--- must_die
--- error_log
invalid value "private" in "auth_gate_cache", expected "shared"



=== TEST 22: it is said once
--- config
    location / { auth_gate_cache shared; auth_gate_cache shared; }
--- must_die
--- error_log
"auth_gate_cache" directive is duplicate



=== TEST 23: and not for a whole server
--- config
    auth_gate_cache shared;
--- must_die
--- error_log
"auth_gate_cache" directive is not allowed here



=== TEST 24: a page that may be shared does not share its parts
--- user_files
>>> shared/page.html
<!--#include virtual="/part" -->
>>> own/page.html
<!--#include virtual="/shared-part" -->
--- config
    ssi on;
    proxy_set_header Accept-Encoding "";
    proxy_set_header X-User $auth_gate_user_id;
    location /shared       { auth_gate jwt; auth_gate_cache shared; root html; }
    location /own          { auth_gate jwt; root html; }
    location = /part        { internal; proxy_pass http://app; }
    location = /shared-part { internal; auth_gate_cache shared; proxy_cache_key shared; proxy_pass http://app; }
--- request eval: ['GET /shared/page.html', 'GET /shared/page.html', 'GET /own/page.html', 'GET /own/page.html']
--- more_headers eval: [$::U7, $::U8, $::U7, $::U8]
--- response_body eval: ["user=7\n", "user=8\n", "user=7\n", "user=7\n"]



=== TEST 25: HEAD stays HEAD where the cache is bypassed
--- http_config
    server { listen unix:$TEST_NGINX_SERVER_ROOT/html/method.sock; location / { add_header X-Method $request_method; return 200 ok; } }
    upstream method { server unix:$TEST_NGINX_SERVER_ROOT/html/method.sock; }
--- config
    location /api  { auth_gate jwt; proxy_pass http://method; }
    location /open { proxy_pass http://method; }
--- request eval: ['HEAD /api', 'HEAD /open']
--- more_headers eval: [$::U7, $::Nobody]
--- response_headers eval: ["X-Cache: BYPASS\nX-Method: HEAD", "X-Cache: MISS\nX-Method: GET"]
