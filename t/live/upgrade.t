# A binary upgrade: a new master runs beside the old one and then replaces it.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;

my $app  = AuthGateLive->start_app;
my $gate = AuthGateLive->start(
    workers => 2,
    daemon  => 1,
    http    => q{
        auth_gate_zone zone=gate:1m tokens=100;
        auth_gate_secret env:JWT_SECRET;
    },
    server => file_gate($app->port),
);
my $jwt = session_jwt(1);

# The old master is stopped once the new one has its workers; the pid files tell them apart.
sub upgrade {
    my $old = $gate->pid;
    kill USR2 => $old;
    my $new = wait_for('the new master', sub {
        my $pid = 0 + (text_of($gate->dir . '/nginx.pid') || 0);
        return $pid && $pid != $old && $gate->workers($pid) == 2 && $pid;
    });
    kill QUIT => $old;
    wait_for('the old master to end', sub { $gate->reap; $gate->{gone} });
    $gate->{pid}  = $new;
    $gate->{gone} = 0;
    return;
}

for my $time (1, 2) {
    my @tokens = map { (issue($gate->port, $jwt))[0] } 1 .. 3;
    is(redeem($gate->port, $tokens[0])->{status}, 200, "upgrade $time: a token is redeemed before it");
    upgrade();

    my ($token) = issue($gate->port, $jwt);
    ok($token, "upgrade $time: afterwards the JWT is still good, by the secret from the environment");
    is(redeem($gate->port, $token)->{status}, 200, "upgrade $time: the new token is redeemed");
    is(redeem($gate->port, $token)->{status}, 401, "upgrade $time: once");
    is(redeem($gate->port, $tokens[0])->{status}, 401, "upgrade $time: a spent token stays spent");
    is(redeem($gate->port, $tokens[1])->{status}, 401, "upgrade $time: the new binary has its own store");
}

$gate->ends_well(signal => 'QUIT');
$app->ends_well(name => 'the application');
done_testing;
