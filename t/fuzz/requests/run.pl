# ./dev fuzz requests: run.pl FOLDER SECONDS SEED, or run.pl FOLDER replay FILE...
# What fails is written to files in the folder.
use strict;
use warnings;

use lib 't/lib', 't/fuzz/requests';
use AuthGateLive;
use RequestFuzz::Campaign;
use RequestFuzz::Sequence;
use Time::HiRes qw(time);

alarm 0;
$| = 1;
my ($folder, $seconds, @rest) = @ARGV;
my $campaign = RequestFuzz::Campaign->new(folder => $folder, say => sub { print "$_[0]\n" });
my $start = time;
if ($seconds eq 'replay') {
    $campaign->replay(map { { %{ read_sequence(text_of($_)) }, file => $_ } } @rest);
} else {
    print "seed $rest[0]\n";
    $campaign->replay(RequestFuzz::Campaign::corpus());
    $campaign->fuzz($seconds, $rest[0]);
}
my $count = $campaign->count;
my $all   = $count->{requests} || 1;
printf "%d sequences, %d connections, %d requests (%.0f/s), %d seen by the application, %.1f%% that no server need read alike, %.1f%% unknown to the oracle, %d failures\n",
    @$count{qw(sequences connections requests)}, $all / (time - $start), $count->{views}, 100 * $count->{unread} / $all, 100 * $count->{unsure} / $all, scalar $campaign->failed;
exit($campaign->failed ? 1 : 0);
