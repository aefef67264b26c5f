# Every block of t/*.t under each protocol that allows its requests: HTTP/1.0, and HTTP/2 in the clear and over TLS. What a
# protocol does not allow is said in t/lib/AuthGateTest/Protocol.pm, and such requests are left to HTTP/1.1.
#
# Each block runs under one of the three, chosen anew each time. AUTH_GATE_PROTOCOLS=2 repeats a run that said "part 2", and
# AUTH_GATE_PROTOCOLS=all runs all under all: ./dev protocols.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use Test::More;

my @protocols = qw(1.0 h2c h2);
my $wanted    = $ENV{AUTH_GATE_PROTOCOLS} // int rand @protocols;
my $all       = $wanted eq 'all';
my $cores     = () = text_of('/proc/cpuinfo') =~ /^processor\s*:/mg;
my $dir       = scratch_dir();
alarm patience(3000);

my @suites = grep { text_of($_) =~ /^use Test::Nginx::Socket\b/m } glob 't/*.t';
cmp_ok(scalar @suites, '>', 40, 'there are suites');
diag($all ? 'all blocks under each protocol' : "part $wanted of the blocks");

my @jobs = map { my $n = $_; map { { suite => $_, protocol => $protocols[$n], part => $all ? '0/1' : ($wanted + $n) % @protocols . '/' . @protocols } } @suites } 0 .. $#protocols;
my %running;
while (@jobs || %running) {
    while (@jobs && keys %running < ($cores || 1)) {
        my $job = shift @jobs;
        $job->{log} = "$dir/" . $job->{suite} =~ s{\W}{_}gr . "-$job->{protocol}.log";
        $running{ start($job) } = $job;
    }
    my $pid = waitpid -1, 0;
    my $job = delete $running{$pid} or next;
    ok($? == 0, "$job->{suite} under $job->{protocol}") or diag(complaints($job->{log}));
}

sub start {
    my $job = shift;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    $ENV{AUTH_GATE_PROTOCOL}        = $job->{protocol};
    $ENV{AUTH_GATE_PROTOCOL_COUNTS} = "$dir/counts-$job->{protocol}";
    $ENV{AUTH_GATE_PROTOCOL_PART}   = $job->{part};
    open STDOUT, '>', $job->{log} or die "$job->{log}: $!";
    open STDERR, '>&', \*STDOUT or die $!;
    exec $^X, $job->{suite} or die "exec: $!";
}

# The failed tests of a suite, with what it said of them.
sub complaints {
    my @lines = grep { !/^ok / } lines_of(shift);
    splice @lines, 100 if @lines > 100;
    return map { "$_\n" } @lines;
}

for my $protocol (@protocols) {
    my %count;
    $count{$_}++ for lines_of("$dir/counts-$protocol");
    my $translated = delete $count{translated} // 0;
    cmp_ok($translated, '>', $all ? 7000 : 700, "$protocol: $translated requests");
    diag(join "\n", "$protocol: $translated requests; left out are", map { sprintf '%5d  %s', $count{$_}, $_ } sort keys %count);
}

done_testing;
