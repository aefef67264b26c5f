# Redis goes away, stalls, is full, read-only, restarted: nobody waits longer than the timeout, no token works twice, requests
# with a JWT go on, and all recovers by itself.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateRedis;
use AuthGateTest::Jwt;
use MIME::Base64 ();
use Test::More;

my $app   = AuthGateLive->start_app;
my $redis = AuthGateRedis->start;
my $jwt   = session_jwt(1);

sub gate {
    my (%option) = @_;
    return AuthGateLive->start(
        workers => $option{workers} // 1,
        http    => qq{
            auth_gate_zone zone=gate:1m tokens=1000 per_user=1000;
            auth_gate_secret env:JWT_SECRET;
            auth_gate_store @{[$option{store} // 'unix:' . $redis->socket]};
        },
        server => file_gate($app->port),
    );
}
sub log_lines { my ($gate, $what) = @_; return scalar grep { /$what/ } split /\n/, $gate->error_log }

my $gate = gate(store => 'unix:' . $redis->socket . ' timeout=3s');
wait_for_store($gate);

# It ends, and comes back without its data.
my ($token) = issue($gate->port, $jwt);
$redis->kill;
wait_for('the gate to notice', sub { log_lines($gate, 'the store at \\S+ is away') });
my $answer = redeem($gate->port, $token);
is($answer->{status}, 503, 'no token is redeemed while the store is away');
cmp_ok($answer->{header}{'retry-after'} // 0, '>', 0, 'and the client is told when to come again');
(undef, $answer) = issue($gate->port, $jwt);
is($answer->{status}, 503, 'none is issued');
cmp_ok($answer->{header}{'retry-after'} // 0, '>', 0, 'and the client is told');
is(ask($gate->port, 'GET', '/file', ["Authorization: Bearer $jwt"])->{status}, 200, 'requests with a JWT go on');
is(ask($gate->port, 'GET', '/file')->{status}, 401, 'without one they do not');
my @many = map { redeem($gate->port, $token)->{status} } 1 .. 200;
is(scalar(grep { $_ == 503 } @many), 200, 'nobody is let in');
is(log_lines($gate, 'the store at \\S+ is away'), 1, 'one line says that it is away');
$redis->again;
wait_for_store($gate);
is(log_lines($gate, 'the store at \S+ is back'), 1, 'one that it is back');
is(redeem($gate->port, $token)->{status}, 401, 'a token that the store has lost is none');
($token) = issue($gate->port, $jwt);
is(redeem($gate->port, $token)->{status}, 200, 'new ones work');

# It stalls. Answers that come too late belong to nobody.
my @tokens = map { (issue($gate->port, session_jwt($_)))[0] } 1 .. 20;
$redis->signal('STOP');
my @late = crowd(4, sub {
    my ($i, $start) = @_;
    $start->();
    return map { redeem($gate->port, $tokens[ 4 * $_ + $i ])->{status} } 0 .. 3;
});
is_deeply([ grep { $_ != 503 } @late ], [], 'a server that does not answer is one that is away');
is(ask($gate->port, 'GET', '/file', ["Authorization: Bearer $jwt"])->{status}, 200, 'requests with a JWT do not wait for it');
$redis->signal('CONT');
wait_for_store($gate);
my ($fresh) = issue($gate->port, session_jwt(99));
my $seen = redeem($gate->port, $fresh);
is($seen->{status}, 200, 'it answers again');
my ($mine) = map { /"Bearer ([^"]+)"/ } grep { m{/file} } ($app->requests)[-1];
like(decode_payload($mine), qr/"id":99,/, 'and the answer is that of its question');
my @again = map { redeem($gate->port, $_)->{status} } @tokens[ 0 .. 15 ];
cmp_ok(scalar(grep { $_ == 200 } @again), '<=', 16, 'a token that was asked for in vain may be spent');
is_deeply([ map { redeem($gate->port, $_)->{status} } @tokens[ 0 .. 15 ] ], [ (401) x 16 ], 'and is good no more than once');

# Connections are cut while commands are on their way.
my ($spent, $let_in) = (0, 0);
for my $round (1 .. 10) {
    wait_for_store($gate);
    my ($sought) = issue($gate->port, session_jwt($round)) or next;
    my @statuses = crowd(2, sub {
        my ($i, $start) = @_;
        return map { $_->{status} } redeem_all_at_once($gate->port, $sought, 50, $start);
    }, sub { $redis->query('CLIENT', 'KILL', 'TYPE', 'normal') });
    wait_for_store($gate);
    push @statuses, map { redeem($gate->port, $sought)->{status} } 1 .. 3;
    my $good = grep { $_ == 200 } @statuses;
    $spent++ if $good > 1;
    $let_in += $good;
}
is($spent, 0, 'no token works twice while connections are cut');
note("$let_in of 10 let somebody in");

# It is full, then read-only, then has something else under the name.
wait_for_store($gate);
@tokens = map { (issue($gate->port, session_jwt($_)))[0] } 1 .. 3;
$redis->query('CONFIG', 'SET', 'maxmemory', '1');
is((issue($gate->port, $jwt))[1]{status}, 503, 'a full server: none is issued');
is(redeem($gate->port, $tokens[0])->{status}, 200, 'but redeemed');
is(redeem($gate->port, $tokens[0])->{status}, 401, 'once');
$redis->query('CONFIG', 'SET', 'maxmemory', '0');
is((issue($gate->port, $jwt))[1]{status}, 200, 'with room again, one is issued');
$redis->query('REPLICAOF', '127.0.0.1', '1');
is(redeem($gate->port, $tokens[1])->{status}, 503, 'a server that has become a replica redeems none');
is((issue($gate->port, $jwt))[1]{status}, 503, 'and issues none');
$redis->query('REPLICAOF', 'NO', 'ONE');
wait_for_store($gate);
is(redeem($gate->port, $tokens[1])->{status}, 200, 'as a primary it does');
for my $key (@{ $redis->query('KEYS', 'auth-gate:{gate}:t:*') }) {
    $redis->query('DEL', $key);
    $redis->query('LPUSH', $key, 'x');
}
is(redeem($gate->port, $tokens[2])->{status}, 503, 'something else under a key is no token');
$redis->query('DEL', 'auth-gate:{gate}:n:t');
$redis->query('SET', 'auth-gate:{gate}:n:t', 'x');
is((issue($gate->port, $jwt))[1]{status}, 503, 'nor a count');
$redis->query('FLUSHALL');
is((issue($gate->port, $jwt))[1]{status}, 200, 'an empty server is as good as a new one');
cmp_ok(log_lines($gate, 'answers an error'), '<', 3, 'errors do not fill the log');

# A wrong password is said once.
my $closed = AuthGateRedis->start(config => ['requirepass right'], auth => ['right']);
my $locked = gate(store => 'unix:' . $closed->socket . ' password=env:JWT_SECRET');
wait_for('the line', sub { log_lines($locked, 'the store at \\S+ is away: WRONGPASS') });
is(redeem($locked->port, $token)->{status}, 503, 'a wrong password is a store that is away');
wait_for('more attempts', sub { $closed->query('INFO', 'stats') =~ /total_connections_received:(\d+)/ && $1 > 6 });
is(log_lines($locked, 'the store at \\S+ is away'), 1, 'and one line') or diag($locked->error_log);
unlike($locked->error_log, qr/\Q$SECRET\E/, 'without the password');

# nginx starts without it, reloads, and its workers end.
my $alone = gate(store => 'redis://127.0.0.1:' . free_port(), workers => 2);
is(redeem($alone->port, $token)->{status}, 503, 'nginx starts without the store');
$alone->reload;
is(redeem($alone->port, $token)->{status}, 503, 'and reloads');
$alone->ends_well(name => 'nginx without its store');

# A reload while commands are on their way: the old worker waits for them.
$redis->signal('STOP');
my @held = crowd(4, sub {
    my ($i, $start) = @_;
    $start->();
    return redeem($gate->port, $token)->{status};
}, sub { $gate->reload(leave_old => 1) });
is_deeply(\@held, [ (503) x 4 ], 'requests that wait during a reload are answered');
$redis->signal('CONT');
wait_for_store($gate);
wait_for('the old worker to end', sub { $gate->workers == 1 });

$gate->ends_well;
$locked->ends_well;
$app->ends_well(name => 'the application');
$_->kill('TERM') for $redis, $closed;
done_testing;

sub decode_payload { my ($payload) = $_[0] =~ /\A[^.]+\.([^.]+)\./; return MIME::Base64::decode_base64url($payload) }
