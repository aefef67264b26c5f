# Expired tokens free their places: at once when one is needed, and otherwise by the periodic clean-up.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateLiveZone;
use AuthGateTest::Jwt;
use Test::More;
use Time::HiRes qw(time);

my $tokens = 1000;
my $app  = AuthGateLive->start_app;
my $gate = AuthGateLive->start(
    workers => 3,
    http    => "
        auth_gate_zone zone=gate:1m tokens=$tokens per_user=$tokens;
        auth_gate_purpose download ttl=2s;
        auth_gate_secret env:JWT_SECRET;
    ",
    server => file_gate($app->port),
);
my $jwt = session_jwt(1);

sub fill {
    my @answers = issue_many($gate->port, $jwt, $tokens);
    return grep { defined } map { $_->{body} =~ /([0-9a-f]{64})/ ? $1 : undef } @answers;
}

for my $round (1, 2) {
    my @all = fill();
    my $last = time;
    is(scalar @all, $tokens, "round $round: $tokens tokens are issued");
    wait_for('the tokens to expire', sub { time > $last + 2 });
    is(redeem($gate->port, $all[-1])->{status}, 401, 'they expire');
}

is(scalar(fill()), $tokens, 'as many again');

# Now no request needs a place.
my $zone = AuthGateLiveZone->of_worker(($gate->workers)[0], 1024 * 1024)
    or die "the memory of a worker is not to be had here\n";
cmp_ok($zone->get('live'), '>', $tokens / 2, 'they are in the zone');
ok(wait_for('the clean-up', sub { $zone->get('live') == 0 }, 5), 'and go by themselves');

# Any worker does the clean-up.
my ($left) = $gate->workers;
kill KILL => grep { $_ != $left } $gate->workers;
kill STOP => $left;
wait_for('other workers', sub { $gate->workers == 3 });
my ($token) = issue($gate->port, $jwt);
ok($token, 'a token is issued by a new worker');
ok(wait_for('the clean-up by a new worker', sub { $zone->get('live') == 0 }, 6), 'and cleaned up by one');
kill CONT => $left;

$gate->ends_well(except => qr/exited on signal 9/);
$app->ends_well(name => 'the application');
done_testing;
