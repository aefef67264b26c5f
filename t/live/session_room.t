# The room for sessions in the zone: the documented sizes hold a thousand of them, nginx -t says how many, and when there is no
# room the answer is 503 and never a session cut short.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;

sub gate {
    my $zone = shift;
    return AuthGateLive->start(
        level  => 'notice',
        http   => "auth_gate_zone zone=gate:$zone; auth_gate_secret env:JWT_SECRET;",
        server => 'location = /token { auth_gate_issue download; } location = /file { auth_gate jwt token=download; return 204; }',
    );
}

my $gate = gate('4m tokens=10000');
my ($good) = $gate->test_conf;
my $says = $gate->error_log;
ok($good, 'the configuration is good');
my ($tokens, $sessions) = $says =~ /"gate" has room for (\d+) tokens of at least (\d+) sessions/;
is($tokens, 10_000, 'nginx -t says how many tokens fit') or diag($says);
cmp_ok($sessions // 0, '>=', 1000, '... and of how many sessions');
my %status;
for my $user (1 .. 1000) {
    my (undef, $answer) = issue($gate->port, session_jwt($user, name => 'n' x 100, email => "user-$user\@example.org"));
    $status{ $answer->{status} }++;
}
is_deeply(\%status, { 200 => 1000 }, 'a thousand sessions of the usual size have room in the documented zone');
$gate->ends_well;

$gate = gate('400k tokens=1000');
my ($token, $answer, $issued, $first);
for my $user (1 .. 1000) {
    ($token, $answer) = issue($gate->port, session_jwt($user, filler => "$user-" . 'f' x 800));
    $first //= $token;
    last if $answer->{status} != 200;
    $issued++;
}
cmp_ok($issued, '>', 10, 'some large sessions fit');
is($answer->{status}, 503, 'the next one does not');
cmp_ok($answer->{header}{'retry-after'} // 0, '>', 0, 'its client is told when to come again');
like($gate->error_log, qr/the zone is full, it has no room for another session/, 'the log says of what there is too little');
is((issue($gate->port, session_jwt(1, filler => '1-' . 'f' x 800, exp => time + 7200)))[1]{status}, 503, 'nor one that differs from one that is there');
$gate->ends_well;
done_testing;
