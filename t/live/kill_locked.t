# A worker is killed while it holds the zone's lock, during a change. Such a moment lasts less than a microsecond, so the
# test simulates it by writing the lock and an unfinished change into the zone.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateLiveZone;
use AuthGateTest::Jwt;
use Test::More;

my $tokens = 50;
my $app    = AuthGateLive->start_app;
my $gate   = AuthGateLive->start(
    workers => 2,
    http    => "
        auth_gate_zone zone=gate:1m tokens=$tokens per_user=$tokens;
        auth_gate_secret env:JWT_SECRET;
    ",
    server => file_gate($app->port),
);
my $zone = AuthGateLiveZone->of_worker(($gate->workers)[0], 1024 * 1024)
    or die "the memory of a worker is not to be had here\n";

my %half_done = (
    'nothing yet'             => {},
    'a change just begun'     => { changing => 1 },
    'a slot taken off'        => { changing => 1, free_slots => 0 },
    'the count changed first' => { changing => 1, live => $tokens },
    'nonsense in all counts'  => { changing => 1, live => 0xffffffff, free_slots => 0xfffffff0 },
);

my $jwt = session_jwt(1);
for my $what (sort keys %half_done) {
    my @old = map { (issue($gate->port, $jwt))[0] } 1 .. 10;
    redeem($gate->port, $_) for my @spent = splice @old, 0, 5;

    my ($victim) = $gate->workers;
    wait_for('the lock to be free', sub { $zone->locked_by == 0 });
    $zone->lock_for($victim);
    $zone->set($_, $half_done{$what}{$_}) for keys %{ $half_done{$what} };

    # A request waits for the lock when the worker that holds it is killed.
    my $client = AuthGateLiveClient->new($gate->port);
    $client->send(request_text('POST', '/token', ["Authorization: Bearer $jwt"]));
    ok(!IO::Select->new($client->{socket})->can_read(0.1), "$what: a request waits for the lock");
    my ($watcher) = grep { $_ != $victim } $gate->workers;
    kill KILL => $victim;
    wait_for('two workers again', sub { my @all = grep { $_ != $victim } $gate->workers; @all == 2 });
    my $answer = $client->answer;
    ok(!$answer->{timed_out}, "$what: the request does not hang");

    $zone = AuthGateLiveZone->of_worker($watcher, 1024 * 1024) or die "no zone\n";
    is($zone->locked_by, 0, "$what: the master freed the lock");
    my ($next) = issue($gate->port, $jwt);
    ok($next, "$what: a token is issued");
    is_deeply([ map { redeem($gate->port, $_)->{status} } @old, $next ], [ (200) x 6 ],
        "$what: what was live can be redeemed");
    is_deeply([ map { redeem($gate->port, $_)->{status} } @old, $next, @spent ], [ (401) x 11 ],
        "$what: once, and what was spent stays spent");

    # The response to the waiting request may have been lost, including its token.
    my $left = $answer->{status} == 200 ? 1 : $zone->get('live');
    cmp_ok($left, '<=', 1, "$what: nothing else is live");
    redeem($gate->port, $answer->{body} =~ /([0-9a-f]{64})/) if $answer->{status} == 200;
    is($zone->get('live'), 0, "$what: the store is empty again") if $answer->{status} == 200;
}

my @status = map { $_->{status} } issue_many($gate->port, $jwt, $tokens + 1);
is(scalar(grep { $_ == 200 } @status), $tokens, 'as many tokens as allowed can be issued');
is($status[-1], 503, 'and not one more');

my $freed = () = $gate->error_log =~ /shared memory zone "gate" was locked by /g;
is($freed, scalar keys %half_done, q{it was nginx's master that freed the lock, each time});

$gate->ends_well(except => qr/exited on signal 9|shared memory zone "gate" was locked by/);
$app->ends_well(name => 'the application');
done_testing;
