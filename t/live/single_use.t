# Of a thousand simultaneous requests with the same token through four workers, one is admitted.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;

my $app  = AuthGateLive->start_app;
my $gate = AuthGateLive->start(
    workers => 4,
    listen  => 'reuseport',    # spreads the connections over all workers
    http    => q{
        auth_gate_zone zone=gate:1m tokens=1000;
        auth_gate_secret env:JWT_SECRET;
        log_format who '$pid $status $upstream_status';
        access_log who.log who;
    },
    server => file_gate($app->port),
);

my ($rounds, $clients, $each) = (4, 8, 125);

for my $round (1 .. $rounds) {
    my ($token) = issue($gate->port, session_jwt($round));
    ok($token, "round $round: a token is issued");
    my @answers = crowd($clients, sub {
        my (undef, $start) = @_;
        return map { $_->{status} } redeem_all_at_once($gate->port, $token, $each, $start);
    });
    my %count;
    $count{$_}++ for @answers;
    is_deeply(\%count, { 200 => 1, 401 => $clients * $each - 1 },
        "round $round: one of " . @answers . ' requests gets 200, all others 401');
    is(redeem($gate->port, $token)->{status}, 401, "round $round: so does one that comes later");
}

my @seen = $app->requests;
is(scalar @seen, $rounds, 'the application saw one request for each token');
is(scalar(grep { m{^GET /file "Bearer } } @seen), $rounds, 'and no token in them');

my %workers = map { /^(\d+) / ? ($1 => 1) : () } lines_of($gate->dir . '/who.log');
is(scalar keys %workers, 4, 'all four workers took part');

$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
