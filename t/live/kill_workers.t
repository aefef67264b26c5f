# Workers are killed repeatedly while tokens are issued and redeemed.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;
use Time::HiRes qw(sleep time);

my ($tokens, $users, $ttl, $seconds) = (400, 4, 2, patience(5));
my $share = $tokens / $users;

my $app  = AuthGateLive->start_app;
my $gate = AuthGateLive->start(
    workers => 4,
    http    => "
        auth_gate_zone zone=gate:1m tokens=$tokens per_user=$share;
        auth_gate_purpose download ttl=${ttl}s;
        auth_gate_secret env:JWT_SECRET;
    ",
    server => file_gate($app->port),
);

my $over = scratch_dir() . '/over';

# A client requests tokens, and presents each on four connections at once; some are left to expire.
sub client {
    my ($number, $start) = @_;
    my %seen = map { $_ => 0 } qw(issued redeemed twice hung full);
    my $jwt = session_jwt($number % $users);
    $start->();
    while (!-e $over) {
        my ($token, $answer) = issue($gate->port, $jwt);
        $seen{hung} += $answer->{timed_out} ? 1 : 0;
        $seen{full} += $answer->{status} =~ /^(?:503|429)\z/ ? 1 : 0;
        next if !$token;
        $seen{issued}++;
        next if rand() < 0.1;

        my @answers = redeem_all_at_once($gate->port, $token, 4);
        my $good = grep { $_->{status} == 200 } @answers, redeem($gate->port, $token);
        $seen{redeemed} += $good == 1;
        $seen{twice}    += $good > 1;
        $seen{hung}     += grep { $_->{timed_out} } @answers;
    }
    return \%seen;
}

my %killed;    # by pid, because one that exits slowly may be killed twice

# For some time, and on a slow machine until there are enough.
sub kill_some {
    my $until = time + $seconds;
    while (time < $until || keys %killed <= 20) {
        my @workers = $gate->workers or next;
        my $victim = $workers[ rand @workers ];
        $killed{$victim} = 1 if kill KILL => $victim;
        sleep 0.02 + rand 0.06;
    }
    write_text($over, '');
}

my @seen = crowd(6, \&client, \&kill_some);
my %sum;
for my $one (@seen) {
    $sum{$_} += $one->{$_} for keys %$one;
}
my $killed = keys %killed;
diag("killed $killed workers; " . join ', ', map { "$_ $sum{$_}" } sort keys %sum);

cmp_ok($killed, '>', 20, 'many workers were killed');
cmp_ok($sum{redeemed}, '>', 50, 'while many tokens were redeemed');
is($sum{twice}, 0, 'none of them twice');
is($sum{hung}, 0, 'no request was left hanging');

wait_for('four workers again', sub { $gate->workers == 4 });
my $exits = wait_for('the master to note all exits', sub {
    my $n = () = $gate->error_log =~ /worker process \d+ exited on signal 9/g;
    return $n >= $killed ? $n : 0;
});
is($exits, $killed, 'the master logged the exit of each worker');

# By then the rest has expired. No place was lost, and no part of a user's share.
my $expired = time + $ttl;
wait_for('the last tokens to expire', sub { time > $expired });
for my $user (0 .. $users - 1) {
    my @status = map { $_->{status} } issue_many($gate->port, session_jwt($user), $share);
    is(scalar(grep { $_ == 200 } @status), $share, "user $user can have a whole share of $share tokens");
    my (undef, $answer) = issue($gate->port, session_jwt($user));
    is($answer->{status}, $user == $users - 1 ? 503 : 429, 'and not one more');
}

# A killed worker may have held the lock.
$gate->ends_well(except => qr/exited on signal 9|shared memory zone "gate" was locked by/);
$app->ends_well(name => 'the application');
done_testing;
