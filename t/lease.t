# Leases: the redeemer of a token may repeat the same request for a while (auth_gate_purpose lease=): GET and HEAD of
# exactly what was redeemed, no longer than the session.

use lib 't/lib';
use AuthGateTest;
use Test::More ();
use Test::Nginx::Socket 'no_plan';
use Time::HiRes ();

$ENV{JWT_SECRET} = $SECRET;

# X-Real-IP sets the client's address.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone    zone=gate:1m tokens=1000;
    auth_gate_secret  env:JWT_SECRET;
    auth_gate_purpose media ttl=60s  lease=60s;
    auth_gate_purpose brief ttl=60s  lease=300ms;
    auth_gate_purpose tiny  ttl=300ms lease=60s;
    set_real_ip_from  127.0.0.1;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        root $TEST_NGINX_SERVER_ROOT/html;
        location / { try_files /film.txt =404; }
        add_header X-Upstream reached always;
    }
    server {
        listen      $TEST_NGINX_SERVER_PORT;
        server_name second.test;
        location /media { auth_gate jwt token=media; proxy_pass http://app; }
    }
_EOC_

our $Config = <<'_EOC_';
    server_name a.test;
    location = /media-token    { auth_gate_issue media; }
    location = /brief-token    { auth_gate_issue brief; }
    location = /tiny-token     { auth_gate_issue tiny; }
    location = /download-token { auth_gate_issue download; }
    location /media    { auth_gate jwt token=media;    proxy_pass http://app; }
    location /brief    { auth_gate jwt token=brief;    proxy_pass http://app; }
    location /tiny     { auth_gate jwt token=tiny;     proxy_pass http://app; }
    location /download { auth_gate jwt token=download; proxy_pass http://app; }
    location /raw      { auth_gate jwt token=media; proxy_pass http://app/film.txt; }
    location /rewritten { auth_gate jwt token=media; rewrite ^ /film.txt break; proxy_pass http://app; }
    location /tried    { auth_gate jwt token=media; try_files /none /raw; }
_EOC_

our $Session = 'Authorization: Bearer ' . session_jwt(7);
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)            if !defined $block->http_config;
    $block->set_value(config => $Config)                     if !defined $block->config;
    $block->set_value(user_files => ">>> film.txt\n0123456789\n");
    $block->set_value(no_error_log => "[alert]\n[crit]\n")   if !defined $block->no_error_log;
    $block->set_value(more_headers => $Session)              if !defined $block->more_headers;
});

# The section timed is a list of seconds to wait and of [path, expected status].
Test::Nginx::Socket::add_response_body_check(sub {
    my ($block, $body) = @_;
    my ($token) = $body =~ /"token":"([0-9a-f]{64})"/;
    for my $step (@{ $block->timed || [] }) {
        Time::HiRes::sleep($step), next if !ref $step;
        my ($path, $status) = @$step;
        my $got = http_get(server_port_for_client(), "$path?token=$token");
        Test::More::is($got->{status}, $status, $block->name . " - $path");
    }
});

# The section session_of gives a session of so many seconds a token, and repeats the token's request until the session has ended.
Test::Nginx::Socket::add_response_body_check(sub {
    my $block = shift;
    my $seconds = $block->session_of // return;
    my $exp  = time + $seconds;
    my $port = server_port_for_client();
    my $got  = http_request($port, "POST /media-token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n"
        . 'Authorization: Bearer ' . session_jwt(7, exp => $exp) . "\r\n\r\n");
    my ($token) = $got->{body} =~ /"token":"([0-9a-f]{64})"/;
    my (%before, $began, $status);
    do {
        Time::HiRes::sleep(0.1);
        $began = Time::HiRes::time();
        $status = http_get($port, "/media/1?token=$token")->{status};
        $before{$status}++ if Time::HiRes::time() < $exp - 0.1;
    } while $began < $exp;
    Test::More::is_deeply([keys %before], [200], $block->name . ' - until then it holds');
    Test::More::is($status, 401, $block->name . ' - and no longer');
});

follow_up();
run_tests();

__DATA__

=== TEST 1: within its lease, a token is good again for the same path
--- request
POST /media-token
--- then eval
[(['GET /media/1?token=%TOKEN%', 200, "0123456789\n"]) x 5]



=== TEST 2: within the lease, a media player can request ranges
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?token=%TOKEN%', 206, '01',   ['Range: bytes=0-1']],
    ['GET /media/1?token=%TOKEN%', 206, '2345', ['Range: bytes=2-5']],
    ['GET /media/1?token=%TOKEN%', 206, "89\n", ['Range: bytes=8-']],
    ['HEAD /media/1?token=%TOKEN%', 200, ''],
]



=== TEST 3: within the lease, another path is refused, and the lease continues
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?token=%TOKEN%', 200],
    ['GET /media/2?token=%TOKEN%', 401, $::Invalid],
    ['GET /media/1/?token=%TOKEN%', 401, $::Invalid],
    ['GET /media/1?token=%TOKEN%', 200],
]



=== TEST 4: within the lease, another address is refused, and the lease continues
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?token=%TOKEN%', 200, undef, ['X-Real-IP: 192.0.2.1']],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid, ['X-Real-IP: 192.0.2.2']],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid],
    ['HEAD /media/1?token=%TOKEN%', 401, '', ['X-Real-IP: 192.0.2.2']],
    ['GET /media/1?token=%TOKEN%', 200, undef, ['X-Real-IP: 192.0.2.1']],
]



=== TEST 5: an address and a path are not confused when joined
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?token=%TOKEN%', 200, undef, ['X-Real-IP: 192.0.2.1']],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid, ['X-Real-IP: 192.0.2.11']],
]



=== TEST 6: within the lease, another query is refused; where the token stands in it does not matter
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?a=b&token=%TOKEN%', 200],
    ['GET /media/1?token=%TOKEN%&c=d', 401, $::Invalid],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid],
    ['GET /media/1?a=c&token=%TOKEN%', 401, $::Invalid],
    ['GET /media/1?a=b&c=d&token=%TOKEN%', 401, $::Invalid],
    ['HEAD /media/1?a=c&token=%TOKEN%', 401, ''],
    ['GET /media/1?token=%TOKEN%&a=b', 200],
]



=== TEST 7: a HEAD before the first GET does not start a lease
--- request
POST /media-token
--- then eval
[
    ['HEAD /media/1?token=%TOKEN%', 200],
    ['GET /media/2?token=%TOKEN%', 200],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 8: presenting it for another purpose ends a lease
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?token=%TOKEN%', 200],
    ['GET /download/1?token=%TOKEN%', 401, $::Invalid],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 9: without lease=, a token is single-use
--- request
POST /download-token
--- then eval
[
    ['GET /download/1?token=%TOKEN%', 206, '01', ['Range: bytes=0-1']],
    ['GET /download/1?token=%TOKEN%', 401, $::Invalid, ['Range: bytes=2-3']],
]



=== TEST 10: a lease ends
--- request
POST /brief-token
--- timed eval
[['/brief/1', 200], 0.5, ['/brief/1', 401]]



=== TEST 11: repeating does not extend a lease
--- request
POST /brief-token
--- timed eval
[['/brief/1', 200], 0.1, ['/brief/1', 200], 0.4, ['/brief/1', 401]]



=== TEST 12: a lease may outlast the token's lifetime
--- request
POST /tiny-token
--- timed eval
[['/tiny/1', 200], 0.5, ['/tiny/1', 200]]



=== TEST 13: a token that expired before redemption gets no lease
--- request
POST /tiny-token
--- timed eval
[0.5, ['/tiny/1', 401], ['/tiny/1', 401]]



=== TEST 14: a repeated request reaches the upstream without the token
--- request
POST /media-token
--- log_level: info
--- then eval
[(['GET /raw?token=%TOKEN%', 200]) x 3]
--- no_access_log eval
qr/[0-9a-f]{64}/
--- no_error_log eval
[qr/[0-9a-f]{64}/, '[alert]', '[crit]']



=== TEST 15: a lease is bound to the path that the client requested, despite a rewrite
--- request
POST /media-token
--- then eval
[
    ['GET /rewritten/1?token=%TOKEN%', 200],
    ['GET /rewritten/2?token=%TOKEN%', 401, $::Invalid],
    ['GET /rewritten/1?token=%TOKEN%', 200],
]



=== TEST 16: a lease is bound to the path that the client requested, despite try_files
--- request
POST /media-token
--- then eval
[
    ['GET /tried/1?token=%TOKEN%', 200],
    ['GET /tried/2?token=%TOKEN%', 401, $::Invalid],
    ['GET /tried/1?token=%TOKEN%', 200],
]



=== TEST 17: within the lease, another method is refused, and the lease continues
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?token=%TOKEN%', 200],
    (map { ["$_ /media/1?token=%TOKEN%", 401, $::Invalid] } qw(DELETE POST PUT PATCH PROPFIND OPTIONS PURGE)),
    ['HEAD /media/1?token=%TOKEN%', 200, ''],
    ['GET /media/1?token=%TOKEN%', 200],
]



=== TEST 18: redeemed by another method, a token gets no lease
--- request
POST /media-token
--- then eval
[
    ['DELETE /media/1?token=%TOKEN%', 405],
    ['DELETE /media/1?token=%TOKEN%', 401, $::Invalid],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid],
]



=== TEST 19: within the lease, another server and another Host are refused
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?token=%TOKEN%', 200],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid, ['Host: second.test']],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid, ['Host: a.test']],
    ['GET http://second.test/media/1?token=%TOKEN%', 401, $::Invalid],
    ['GET /media/1?token=%TOKEN%', 200],
]



=== TEST 20: within the lease of a page, no WebSocket is opened
--- request
POST /media-token
--- then eval
[
    ['GET /media/1?token=%TOKEN%', 200],
    ['GET /media/1?token=%TOKEN%', 401, $::Invalid, ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']],
    ['GET /media/1?token=%TOKEN%', 200],
]



=== TEST 21: a lease ends with the session
--- request
POST /media-token
--- session_of: 3



=== TEST 22: a request that was refused is not let in by its lease elsewhere
--- config
    auth_gate_identity claims;
    location = /media-token { auth_gate_issue media; }
    location = /strict { auth_gate token=media; auth_gate_mfa always; error_page 403 = /lax; proxy_pass http://app; }
    location = /lax    { auth_gate token=media; proxy_pass http://app; }
--- request
POST /media-token
--- then eval
[
    ['GET /strict?token=%TOKEN%', 401, $::Invalid],
]
