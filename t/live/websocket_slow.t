# Handshakes with a JWT in the URL, which are refused later (auth_gate_ws_close on slow=): they wait while others are served,
# in a number that is bounded, and neither a client that leaves nor a worker that ends is held up.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;

my $connections = 64;
my $most = $connections / 4;
my $refused = qr/auth_gate: request refused: a JWT came in the URL/;

my $gate = AuthGateLive->start(
    connections => $connections,
    http        => q{
        auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET;
        auth_gate_ws_close on slow=10m; lingering_timeout 1s;
        log_format decision '$status $auth_gate_decision';
    },
    server => q{
        access_log decision.log decision;
        location = /token  { auth_gate_issue ws; access_log off; }
        location = /ws     { auth_gate token=ws; }
        location = /jwt    { auth_gate jwt; auth_gate_jwt_from bearer; }
        location = /soon   { auth_gate token=ws; auth_gate_ws_close on; }
        location = /open   { auth_gate token=ws; auth_gate_ws_close off; }
        location = /any    { auth_gate token=ws; satisfy any; deny all; }
    },
);

my $Frame = "\x88\x1a\x0f\xa1Invalid or expired token";

sub handshake_text {
    my $target = shift;
    return request_text('GET', $target, ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', @_]);
}

sub handshake {
    my $client = AuthGateLiveClient->new($gate->port);
    $client->send(handshake_text(@_));
    return $client;
}

sub count_of { my $pattern = shift; return scalar(() = $gate->error_log =~ /$pattern/g) }

# A handshake with a JWT, when the gate has decided on it.
sub old_page {
    my ($target, @headers) = @_;
    my $before = count_of($refused);
    my $client = handshake($target . session_jwt(7), @headers);
    wait_for('the decision', sub { count_of($refused) > $before });
    return $client;
}

# The only worker has served a request since.
sub is_waiting {
    my ($client, $name) = @_;
    my ($token) = issue($gate->port, session_jwt(7));
    ok($token && !IO::Select->new($client->{socket})->can_read(0), $name);
    return;
}

sub is_answered {
    my ($client, $name) = @_;
    my $answer = $client->answer;
    is_deeply([ $answer->{status}, $answer->{header}{'sec-websocket-accept'}, $client->read_bytes(length $Frame) ],
        [ 101, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', $Frame ], $name);
    return;
}

my @held = map { old_page($_) } '/ws?token=', '/ws?access_token=', '/jwt?token=';
is_waiting($held[0], 'a JWT in the token parameter: the answer waits while others get theirs');
is_waiting($held[1], 'in another parameter, too');
is_waiting($held[2], 'and where no tokens are taken');
push @held, old_page('/ws?token=', 'Authorization: Bearer ' . session_jwt(7));
is_waiting($held[-1], 'and beside a good session');

is_answered(old_page('/soon?token='), 'a location with a line of its own that says nothing of slow= answers at once');
is(old_page('/open?token=')->answer->{status}, 401, 'so does one with auth_gate_ws_close off');
is_answered(old_page('/any?token='), 'and one where another module might have let the request in');
is(ask($gate->port, 'GET', '/ws?token=' . session_jwt(7))->{status}, 401, 'and to a request that is no handshake');
is_answered(handshake('/ws?token=' . 'a' x 64), 'a token that is not good is refused at once');
is(handshake('/ws')->answer->{status}, 101, 'a handshake without credentials as well');

push @held, old_page('/ws?token=') while @held < $most;
is_waiting($held[-1], "$most handshakes wait, a quarter of the worker's connections");
is_answered(old_page('/ws?token='), 'the next one is refused at once, with the same answer');

my $gone = qr/499 bad_credentials/;
(shift @held)->close;
ok(wait_for('the log', sub { text_of($gate->dir . '/decision.log') =~ $gone }), 'a client leaves, and is logged with the decision');
my $kept = AuthGateLiveClient->new($gate->port);
is($kept->ask_here(request_text('GET', '/ws'))->{status}, 401, 'a connection that is kept alive');
my $before_kept = count_of($refused);
$kept->send(handshake_text('/ws?token=' . session_jwt(7)));
wait_for('the decision', sub { count_of($refused) > $before_kept });
push @held, $kept;
is_waiting($kept, 'waits, too, in the place that is free at once');
is_answered(old_page('/ws?token='), 'which was the only one');

# Who has left before the gate has even decided frees its place, too.
(shift @held)->close;
for (1 .. 3) {
    my $hasty = AuthGateLiveClient->new($gate->port);
    $hasty->send(handshake_text('/ws?token=' . session_jwt(7)));
    $hasty->close;
}
wait_for('their ends', sub { my @all = text_of($gate->dir . '/decision.log') =~ /499/g; @all >= 5 });
push @held, old_page('/ws?token=');
is_waiting($held[-1], 'places of clients that left at once are free');

my $before = count_of($refused);
my ($worker) = $gate->workers;
$gate->reload;
isnt(($gate->workers)[0], $worker, 'after a reload the old worker ends');
is_answered(shift @held, 'a handshake that waited there is answered') while @held;
is(count_of($refused), $before, 'each was logged once');

my $last = old_page('/ws?token=');
is_waiting($last, 'the new worker holds them, too');
$gate->ends_well(signal => 'QUIT');
is_answered($last, 'and ends without waiting for them');
unlike($gate->error_log, qr/open socket/, 'no connection is left');
done_testing;
