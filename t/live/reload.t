# Reloads: the store keeps its tokens, and the new configuration applies to them.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;
use Time::HiRes qw(time);

my $app     = AuthGateLive->start_app;
my $secrets = scratch_dir();
my $other   = 'another secret of this application, long enough';
write_text("$secrets/old", $SECRET);
write_text("$secrets/new", $other);
chmod 0600, "$secrets/old", "$secrets/new";

sub http {
    my %o = (zone => 'gate', size => '1m', tokens => 1000, ttl => '60s', purpose => 'download', secret => "file:$secrets/old", @_);
    return "
        auth_gate_zone zone=$o{zone}:$o{size} tokens=$o{tokens} per_user=$o{tokens};
        auth_gate_purpose $o{purpose} ttl=$o{ttl};
        auth_gate_secret $o{secret};
    ";
}

my %first = (http => http(), server => file_gate($app->port));
my $gate = AuthGateLive->start(workers => 2, %first);
my $jwt  = session_jwt(1);

sub mint { return map { (issue($gate->port, $_[1] // $jwt))[0] } 1 .. $_[0] }
sub statuses { return [ map { redeem($gate->port, $_)->{status} } @_ ] }
sub all_are { my ($status, $tokens, $what) = @_; is_deeply(statuses(@$tokens), [ ($status) x @$tokens ], $what) }

# Restores the initial configuration and empties the store.
sub begin_anew {
    $gate->reload(http => http(zone => 'between'));
    $gate->reload(%first);
    return;
}

# Reloads under load.
my @before = mint(100);
my @spent  = splice @before, 0, 20;
all_are(200, \@spent, 'tokens are redeemed before any reload');

my $load_ends = "$secrets/load-ends";
my @seen = crowd(3, sub {
    my ($number, $start) = @_;
    my %count = (good => 0);
    my $mine = session_jwt(100 + $number);
    $start->();
    until (-e $load_ends) {
        my ($token, $answer) = issue($gate->port, $mine);
        $count{"no token: $answer->{status}"}++, next if !$token;
        my @status = map { redeem($gate->port, $token)->{status} } 1, 2;
        $count{ "@status" eq '200 401' ? 'good' : "twice redeemed: @status" }++;
    }
    return \%count;
}, sub {
    $gate->reload for 1 .. 6;
    write_text($load_ends, '');
});
my %bad = map { my $one = $_; map { $_ => $one->{$_} } grep { $_ ne 'good' } keys %$one } @seen;
is_deeply(\%bad, {}, 'no request failed while nginx reloaded six times');
cmp_ok($_->{good}, '>', 10, "a client got $_->{good} tokens, each redeemed once") for @seen;

all_are(200, \@before, 'tokens from before the reloads are redeemed after them');
all_are(401, \@before, 'once');
all_are(401, \@spent,  'and spent ones stay spent');

# An old worker redeems tokens that a new one issued, and the other way round. A busy connection keeps the old worker
# alive.
{
    my $old = AuthGateLiveClient->new($gate->port);
    my ($head, $body) = (request_text('POST', '/token', ["Authorization: Bearer $jwt"], '{}'), '');
    my $end = substr $head, -1, 1, '';
    $old->send($head);
    wait_for('a worker to read the request', sub { $gate->workers == 2 });
    $gate->reload(leave_old => 1);
    my ($new) = mint(1);
    my $answer = $old->ask_here($end);
    my ($token) = $answer->{body} =~ /([0-9a-f]{64})/;
    ok($token, 'a request that began before a reload gets its token after it');
    all_are(200, [ $token // 'none', $new ], 'and it can be redeemed at the new workers');
    wait_for('the old workers to go', sub { $gate->workers == 2 });
}

# A changed limit.
begin_anew();
my @twenty = mint(20);
$gate->reload(http => http(tokens => 10));
is((issue($gate->port, $jwt))[1]{status}, 503, 'tokens= made smaller than what is live: no more are issued');
all_are(200, [ splice @twenty, 0, 11 ], 'what is live can be redeemed');
ok(mint(1), 'and with places free again, tokens are issued');
is((issue($gate->port, $jwt))[1]{status}, 503, 'up to the new limit');
all_are(200, \@twenty, 'what was minted before the limit still can be redeemed');
$gate->reload(http => http(tokens => 2000));
is(scalar(grep { $_->{status} == 200 } issue_many($gate->port, $jwt, 1500)), 1500, 'tokens= made larger holds too');

# A changed lifetime.
begin_anew();
my ($long) = mint(1);
$gate->reload(http => http(ttl => '1s'));
my $minted = time;
my ($short) = mint(1);
wait_for('a second to pass', sub { time > $minted + 1.1 });
all_are(401, [$short], 'a shorter ttl holds for new tokens');
all_are(200, [$long],  'an older token keeps its lifetime');

# A renamed purpose.
begin_anew();
my @named = mint(2);
$gate->reload(http => http(purpose => 'files'), server => file_gate($app->port, 'files'));
all_are(401, [ $named[0] ], 'a token for a purpose that was renamed is refused');
all_are(200, [ mint(1) ], 'tokens for the new name are good');
$gate->reload(%first);
all_are(200, [ $named[1] ], 'and so are tokens for the old name, once it is back');

# A changed secret.
begin_anew();
my @signed = mint(3);
$gate->reload(http => http(secret => "file:$secrets/new"));
all_are(401, [ $signed[0] ], 'with another secret, old tokens are refused');
is((issue($gate->port, $jwt))[1]{status}, 401, 'and so are old sessions');
all_are(200, [ mint(1, session_jwt(1, -secret => $other)) ], 'new sessions get good tokens');
write_text("$secrets/old", 'this is what the old file says now, long enough');
$gate->reload(http => http());
all_are(401, [ $signed[1] ], 'the same file with another content is another secret');
write_text("$secrets/old", $SECRET);
$gate->reload(http => http());

# Another size, another name, no zone.
begin_anew();
my @lost = mint(4);
$gate->reload(http => http(size => '2m'));
all_are(401, [ $lost[0] ], 'a zone of another size is an empty one');
all_are(200, [ mint(1) ], 'which works');
$gate->reload(http => http(zone => 'other'));
all_are(401, [ $lost[1] ], 'so is one of another name');
$gate->reload(http => "auth_gate_secret file:$secrets/old;",
    server => "location = /file { auth_gate jwt; proxy_pass http://127.0.0.1:" . $app->port . '; }');
all_are(401, [ $lost[2] ], 'without a zone no token is good');
is(ask($gate->port, 'GET', '/file', ["Authorization: Bearer $jwt"])->{status}, 200, 'but a JWT is');
$gate->reload(%first);
all_are(401, [ $lost[3] ], 'and a zone that comes back is empty');

# Invalid configurations.
my ($kept) = mint(1);
for my $bad (
    [ 'too small a zone'     => http(tokens => 100_000) ],
    [ 'an unreadable secret' => http(secret => "file:$secrets/none") ],
    [ 'an unknown purpose'   => "auth_gate_zone zone=gate:1m tokens=10; auth_gate_secret file:$secrets/old;",
        'location = /f { auth_gate token=unknown; }' ],
) {
    my ($what, $http, $server) = @$bad;
    $gate->reload_in_vain(http => $http, server => $server // $first{server});
    ok((mint(1))[0], "$what does not stop the gate");
}
all_are(200, [$kept], 'nor lose a token');

$gate->ends_well(signal => 'QUIT', except => qr/\[emerg\]/);
$app->ends_well(name => 'the application');
done_testing;
