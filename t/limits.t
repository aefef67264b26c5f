# The number and lifetime of tokens: auth_gate_zone, auth_gate_purpose ttl=.

use lib 't/lib';
use AuthGateTest;
use Test::More ();
use Test::Nginx::Socket 'no_plan';
use Time::HiRes ();

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of more than 32 bytes';

sub http_config {
    my $zone = shift;
    return <<"_EOC_";
    auth_gate_zone    zone=gate:1m $zone;
    auth_gate_secret  env:JWT_SECRET;
    auth_gate_purpose short ttl=200ms;
    auth_gate_purpose media ttl=60s lease=200ms;
_EOC_
}

our $Config = <<'_EOC_';
    location = /token       { auth_gate_issue download; }
    location = /short-token { auth_gate_issue short; }
    location = /media-token { auth_gate_issue media; }
    location = /ws-token    { auth_gate_issue ws; }
    location = /other-token { auth_gate_issue download; auth_gate_secret env:OTHER_SECRET; }
    location = /file        { auth_gate jwt token=download; empty_gif; }
    location = /short       { auth_gate jwt token=short; empty_gif; }
    location = /media       { auth_gate jwt token=media; empty_gif; }
    location = /ws          { auth_gate jwt token=ws; empty_gif; }
_EOC_

sub session { return 'Authorization: Bearer ' . session_jwt(@_) }

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
});

# The section run is code, called after the block's request with the token from its response.
Test::Nginx::Socket::add_response_body_check(sub {
    my ($block, $body, $index) = @_;
    return if !$block->run || ref $block->request && $index < $#{ $block->request };
    my ($token) = $body =~ /"token":"([0-9a-f]{64})"/;
    $block->run->($token);
});

# Sends "GET /path" or "POST /path", checks the status, and returns the token from the response.
sub sends {
    my ($request, $status, @headers) = @_;
    my $got = http_request(server_port_for_client(), join "\r\n", "$request HTTP/1.1", 'Host: x', 'Connection: close', @headers, '', '');
    Test::More::is($got->{status}, $status, "$request answers $status");
    return $got->{body} =~ /"token":"([0-9a-f]{64})"/ ? $1 : undef;
}

sub nap { return Time::HiRes::sleep(shift) }

follow_up();
run_tests();

__DATA__

=== TEST 1: the zone holds exactly the configured number of tokens
--- http_config eval: main::http_config('tokens=3')
--- request eval: [('POST /token') x 4]
--- more_headers eval: [map { main::session($_) } 1 .. 4]
--- error_code eval: [200, 200, 200, 503]
--- response_headers eval: [('!Retry-After') x 3, "Content-Type: application/json\nCache-Control: no-store"]
--- response_body_like eval: [('^\{"token":') x 3, '^\{"error":"Service unavailable"\}$']



=== TEST 2: a full store says when to retry
--- http_config eval: main::http_config('tokens=1')
--- request eval: ['POST /token', 'POST /token']
--- more_headers eval: [main::session(1), main::session(2)]
--- error_code eval: [200, 503]
--- response_headers_like eval: ['Content-Type: application/json', 'Retry-After: (?:[5]\d|60)']



=== TEST 3: a full store is logged as a warning
--- http_config eval: main::http_config('tokens=1')
--- request
POST /token
--- more_headers eval: main::session(1)
--- run eval
sub { main::sends('POST /token', 503, main::session(2)) }
--- error_log
[warn]
auth_gate: issuing a token failed: the zone is full
--- no_error_log
[error]
[alert]
[crit]



=== TEST 4: a redeemed token frees its place at once
--- http_config eval: main::http_config('tokens=1')
--- request
POST /token
--- more_headers eval: main::session(1)
--- then eval
[
    ['POST /token', 503, '{"error":"Service unavailable"}', [main::session(2)]],
    ['GET /file?token=%TOKEN%', 200],
    ['POST /token', 200, qr/"token"/, [main::session(2)]],
    ['POST /token', 503, undef, [main::session(1)]],
]



=== TEST 5: a token that was presented for another purpose frees its place at once
--- http_config eval: main::http_config('tokens=1')
--- request
POST /token
--- more_headers eval: main::session(1)
--- then eval
[
    ['GET /ws?token=%TOKEN%', 401],
    ['POST /token', 200, qr/"token"/, [main::session(2)]],
]



=== TEST 6: an expired token frees its place at once
--- http_config eval: main::http_config('tokens=1')
--- request
POST /short-token
--- more_headers eval: main::session(1)
--- run eval
sub {
    my $token = shift;
    main::nap(0.3);
    main::sends('POST /token', 200, main::session(2));
    main::sends("GET /short?token=$token", 401);
}



=== TEST 7: an expired token frees its place even if it is queued behind a live one
--- http_config eval: main::http_config('tokens=2')
--- request eval: ['POST /token', 'POST /short-token']
--- more_headers eval: [main::session(1), main::session(2)]
--- error_code eval: [200, 200]
--- run eval
sub {
    main::nap(0.3);
    main::sends('POST /token', 200, main::session(3));
    main::sends('POST /token', 503, main::session(4));
}



=== TEST 8: an expired lease frees its place
--- http_config eval: main::http_config('tokens=1')
--- request
POST /media-token
--- more_headers eval: main::session(1)
--- run eval
sub {
    my $token = shift;
    main::sends("GET /media?token=$token", 200);
    main::nap(0.3);
    main::sends('POST /token', 200, main::session(2));
}



=== TEST 9: an expired token is refused
--- http_config eval: main::http_config('tokens=10')
--- request
POST /short-token
--- more_headers eval: main::session(1)
--- run eval
sub {
    my $token = shift;
    main::nap(0.3);
    main::sends("GET /short?token=$token", 401);
}
--- error_log eval
qr/auth_gate: request refused: the token (?:has expired|is unknown or used)/



=== TEST 10: the periodic clean-up removes expired tokens, and the store stays usable
--- http_config eval: main::http_config('tokens=10')
--- request
POST /short-token
--- more_headers eval: main::session(1)
--- run eval
sub {
    my $token = shift;
    main::nap(1.5);
    main::sends("GET /short?token=$token", 401);
    my $next = main::sends('POST /token', 200, main::session(1));
    main::sends("GET /file?token=$next", 200);
}



=== TEST 11: one user holds no more than the per-user share
--- http_config eval: main::http_config('tokens=10 per_user=2')
--- request eval: [('POST /token') x 5]
--- more_headers eval: [main::session(1), main::session(1), main::session(1), main::session(2), main::session(1, role => 'admin')]
--- error_code eval: [200, 200, 429, 200, 429]
--- response_body_like eval
['token"', 'token"', '^\{"error":"Too many tokens"\}$', 'token"', '^\{"error":"Too many tokens"\}$']



=== TEST 12: a user with an exhausted share is told when to retry
--- http_config eval: main::http_config('tokens=10 per_user=1')
--- request eval: ['POST /token', 'POST /token']
--- more_headers eval: [main::session(1), main::session(1)]
--- error_code eval: [200, 429]
--- response_headers_like eval: ['Content-Type: application/json', 'Retry-After: (?:[1-9]|[1-5]\d|60)']



=== TEST 13: the share counts tokens of all purposes
--- http_config eval: main::http_config('tokens=10 per_user=2')
--- request eval: ['POST /token', 'POST /ws-token', 'POST /short-token', 'POST /media-token']
--- more_headers eval: [(main::session(1)) x 4]
--- error_code eval: [200, 200, 429, 429]



=== TEST 14: a redeemed token returns its share at once
--- http_config eval: main::http_config('tokens=10 per_user=1')
--- request
POST /token
--- more_headers eval: main::session(1)
--- then eval
[
    ['POST /token', 429, '{"error":"Too many tokens"}', [main::session(1)]],
    ['GET /file?token=%TOKEN%', 200],
    ['POST /token', 200, undef, [main::session(1)]],
]



=== TEST 15: an expired token returns its share at once
--- http_config eval: main::http_config('tokens=10 per_user=1')
--- request
POST /short-token
--- more_headers eval: main::session(1)
--- run eval
sub {
    main::nap(0.3);
    main::sends('POST /token', 200, main::session(1));
    main::sends('POST /token', 429, main::session(1));
}



=== TEST 16: other users are unaffected by an exhausted share
--- http_config eval: main::http_config('tokens=3 per_user=2')
--- request eval: [('POST /token') x 5]
--- more_headers eval: [map { main::session($_) } 1, 1, 1, 2, 3]
--- error_code eval: [200, 200, 429, 200, 503]



=== TEST 17: the ids 7 and "7" are two users
--- http_config eval: main::http_config('tokens=10 per_user=1')
--- request eval: ['POST /token', 'POST /token', 'POST /token']
--- more_headers eval: [main::session(7), main::session('7'), main::session(7)]
--- error_code eval: [200, 200, 429]



=== TEST 18: one id under two secrets is two users
--- http_config eval: main::http_config('tokens=10 per_user=1')
--- request eval: ['POST /token', 'POST /other-token', 'POST /token']
--- more_headers eval: [main::session(7), main::session(7, -secret => $ENV{OTHER_SECRET}), main::session(7)]
--- error_code eval: [200, 200, 429]



=== TEST 19: the default share is a tenth of all tokens, but at least a hundred
--- http_config eval: main::http_config('tokens=1500')
--- request
POST /token
--- more_headers eval: main::session(1)
--- run eval
sub {
    my $given = 1;
    $given++ while $given < 200 && AuthGateTest::Http::http_request(Test::Nginx::Socket::server_port_for_client(),
        "POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" . main::session(1) . "\r\n\r\n")->{status} == 200;
    Test::More::is($given, 150, 'tokens of one user');
}



=== TEST 20: a token does not outlive the session that requested it
--- http_config eval: main::http_config('tokens=10')
--- request
GET /file
--- more_headers eval: main::session(1)
--- run eval
sub {
    my $token = main::sends('POST /token', 200, main::session(1, exp => time + 2));
    my $other = main::sends('POST /token', 200, main::session(1));
    main::nap(2.3);
    main::sends("GET /file?token=$token", 401);
    main::sends("GET /file?token=$other", 200);
}



=== TEST 21: a token shortened by its session frees its place, too
--- http_config eval: main::http_config('tokens=1')
--- request
GET /file
--- more_headers eval: main::session(1)
--- run eval
sub {
    main::sends('POST /token', 200, main::session(1, exp => time + 2));
    main::sends('POST /token', 503, main::session(2));
    main::nap(2.3);
    main::sends('POST /token', 200, main::session(2));
}



=== TEST 22: a token shortened by its session frees its place even behind one that lives on
--- http_config eval: main::http_config('tokens=2')
--- request
GET /file
--- more_headers eval: main::session(1)
--- run eval
sub {
    main::sends('POST /token', 200, main::session(1));
    main::sends('POST /token', 200, main::session(2, exp => time + 2));
    main::nap(2.3);
    main::sends('POST /token', 200, main::session(3));
}



=== TEST 23: a refused request takes no place
--- http_config eval: main::http_config('tokens=1')
--- request eval
['POST /token', "POST /token\n{\"purpose\":\"x\"}", "POST /token\nx", 'GET /token', 'POST /token']
--- more_headers eval: ['X: y', (main::session(1)) x 4]
--- error_code eval: [401, 400, 400, 405, 200]
