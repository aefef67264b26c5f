# The settings files are what all processes share: whoever has another version notices within a second, whoever has
# changed it. A file that cannot be used changes nothing.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $dir   = scratch_dir();
my $state = "$dir/state";
my $file  = "$state/settings.json";
my $oidc  = "$state/oidc.json";

sub http {
    my $size = shift // '1m';
    return "auth_gate_zone zone=gate:$size tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $state;
        auth_gate_identity claims; auth_gate_mfa policy;
        auth_gate_oidc_provider sso { app_url https://app.example; user_id claim=sub; }";
}
my %options = (
    workers => 3,
    daemon  => 1,
    http    => http(),
    server  => "
        location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
        location = /oidc     { auth_gate jwt; auth_gate_mfa exempt; auth_gate_oidc_settings sso; }
        location = /config   { auth_gate_app_config on; }
        location = /api      { auth_gate jwt; empty_gif; }
    ",
);
my $gate  = AuthGateLive->start(%options);
my @admin = ('Authorization: Bearer ' . session_jwt(1, role => 'admin', mfa_enabled => JSON::PP::true()), 'Content-Type: application/json');
my $user  = 'Authorization: Bearer ' . session_jwt(2);

sub put { my ($path, $body) = @_; return ask($gate->port, 'PUT', $path, \@admin, $body)->{status} }
sub switch_to { return put('/settings', qq({"require_mfa":$_[0]})) }
sub display_name { return ask($gate->port, 'GET', '/oidc', \@admin)->{body} =~ /"display_name":"([^"]*)"/ ? $1 : 'none' }

# What many requests, on connections of their own, see: of all masters and workers.
sub in_force {
    my %seen = map { ask($gate->port, 'GET', '/api', [$user])->{status} => 1 } 1 .. 40;
    return join ' ', map { $_ eq '403' ? 'on' : $_ eq '200' ? 'off' : $_ } sort keys %seen;
}
sub names_seen { my %seen = map { display_name() => 1 } 1 .. 20; return join ' ', sort keys %seen }

# Within a second all are of one mind, and stay so.
sub becomes {
    my ($wanted, $what, $seen) = @_;
    $seen //= \&in_force;
    my $began = time;
    my $last = '';
    while (time < $began + patience(1)) {
        sleep 0.02;
        last if ($last = $seen->()) eq $wanted;
    }
    my $took = time - $began;
    is($last, $wanted, sprintf '%s, after %.2f s', $what, $took);
    return;
}

# Nothing changes in the two seconds that a process could take to notice and to be sure.
sub stays {
    my ($wanted, $what) = @_;
    my $until = time + 2;
    my %seen;
    $seen{ in_force() } = 1 while time < $until;
    is(join(' / ', sort keys %seen), $wanted, $what);
    return;
}

sub replace { my ($path, $text) = @_; write_text("$dir/new", $text); rename "$dir/new", $path or die "$path: $!"; return }
sub in_place { my ($path, $text) = @_; open my $out, '+<', $path or die "$path: $!"; print {$out} $text; close $out; return }
sub complaints { my $pattern = shift; return scalar(() = $gate->error_log =~ /\[error\][^\n]*taking the settings[^\n]*$pattern/g) }

# Edits by hand.
write_text($file, '{"require_mfa": true }');
becomes('on', 'a file that is written for the first time');
in_place($file, '{"require_mfa": false}');
becomes('off', 'one that is written to, of the same size');
replace($file, '{"require_mfa": true }');
becomes('on', 'one that is another file now');
my @times = (stat $file)[8, 9];
in_place($file, '{"require_mfa": false}');
utime @times, $file;
becomes('off', 'one whose date was set back');
for my $round (1 .. 5) {
    my $on = $round % 2;
    in_place($file, sprintf '{"require_mfa": %-5s}', $_ ? 'true' : 'false') for !$on, $on;
    becomes($on ? 'on' : 'off', "two edits in one moment, round $round");
}
write_text($oidc, '{"sso":{"display_name":"By hand"}}');
becomes('By hand', 'settings of a provider that are edited by hand', \&names_seen);
replace($oidc, '{"sso":{"display_name":"Again","note":[1.50,{"a":null}]},"other":{"issuer":"https://x.example"}}');
becomes('Again', 'again', \&names_seen);

# What the gate does not know.
write_text($file, qq({"note":"ours", "require_mfa": false,\n "n": 1.50}));
becomes('off', 'members that the gate does not know are no damage');
is(switch_to('true'), 200, 'a PUT');
is(text_of($file), qq({"note":"ours", "require_mfa": true,\n "n": 1.50}), 'leaves them as they are');
is(put('/oidc', '{"display_name":"Put"}'), 200, 'a PUT of a provider\'s settings');
is_deeply(JSON::PP::decode_json(text_of($oidc)), { sso => { display_name => 'Put', note => [ 1.5, { a => undef } ] }, other => { issuer => 'https://x.example' } }, 'does so too');

$gate->reload;
like($gate->error_log, qr/\[warn\][^\n]*have the member "note", which means nothing here/, 'a reload warns of them');

# What cannot be used.
for my $bad (
    [ 'cut short', sub { write_text($file, '{"require_mfa":fal') }, 'it is not a JSON object' ],
    [ 'empty', sub { write_text($file, '') }, 'it is not a JSON object' ],
    [ 'with a bad value', sub { write_text($file, '{"require_mfa":"no"}') }, 'neither true nor false' ],
    [ 'too large', sub { write_text($file, '{"require_mfa":false' . ' ' x 70_000 . '}') }, 'File too large' ],
    [ 'gone', sub { unlink $file or die $! }, 'there is no such file any more' ],
    [ 'a directory', sub { unlink $file; mkdir $file or die $! }, 'Is a directory' ],
    [ 'a pipe', sub { unlink $file; POSIX::mkfifo($file, 0600) or die $! }, 'Invalid argument' ],
) {
    my ($what, $do, $why) = @$bad;
    my $before = complaints($why);
    $do->();
    stays('on', "settings that are $what leave everything as it is");
    cmp_ok(complaints($why), '>=', $before + 3, 'each worker says why');
    cmp_ok(complaints($why), '<=', $before + 3, 'once');
    my ($old) = $gate->workers;
    kill KILL => $old;
    wait_for('another worker', sub { my @now = $gate->workers; @now == 3 && !grep { $_ == $old } @now });
    is(in_force(), 'on', 'also a new worker');
    is(switch_to('false'), $what eq 'a directory' ? 500 : 200, 'a PUT mends it, where it can') if $what ne 'gone';
    rmdir $file;
    write_text($file, '{"require_mfa":true}') if !-p $file;
    replace($file, '{"require_mfa":true}');
    becomes('on', 'and a good one is taken');
}
write_text($oidc, '{"sso":5}');
sleep 0.6;
is(names_seen(), 'Put', 'damaged settings of providers leave theirs as they are');
unlink $oidc;
sleep 0.6;
is(names_seen(), 'Put', 'and so do missing ones');
$gate->reload;
is(names_seen(), 'Put', 'over a reload');
is(put('/oidc', '{"issuer":"https://y.example"}'), 200, 'a PUT makes the file again');
like(text_of($oidc), qr/"issuer": "https:\/\/y\.example".*"display_name": "Put"/s, 'with all that is in force');

# A reload that changes the zone's size.
unlink $file;
$gate->reload(http => http('2m'));
is(in_force(), 'on', 'a new zone begins with what is in force, also without a file');
is(switch_to('true'), 200, 'a PUT');
{
    # An old worker that still has a request on its way.
    my $old = AuthGateLiveClient->new($gate->port);
    my $text = request_text('PUT', '/settings', \@admin, '{"require_mfa":false}');
    my $end = substr $text, -3, 3, '';
    $old->send($text);
    sleep 0.3;
    $gate->reload(http => http('3m'), leave_old => 1);
    is(in_force(), 'on', 'new workers with a zone of another size');
    is($old->ask_here($end)->{status}, 200, 'a PUT at an old worker');
    becomes('off', 'is noticed by the new ones');
    wait_for('the old workers to go', sub { $gate->workers == 3 });
}

# A binary upgrade with both masters alive.
is(switch_to('true'), 200, 'on');
my $old = $gate->pid;
kill USR2 => $old;
my $new = wait_for('the new master', sub {
    my $pid = 0 + (text_of($gate->dir . '/nginx.pid') || 0);
    return $pid && $pid != $old && $gate->workers($pid) == 3 && $pid;
});
is(in_force(), 'on', 'both masters\' workers begin with what the file says');
for my $round (1 .. 4) {
    my $on = $round % 2 ? 'false' : 'true';
    is(switch_to($on), 200, "a PUT while both masters are alive, round $round");
    becomes($on eq 'true' ? 'on' : 'off', 'is noticed by all');
    is(put('/oidc', qq({"display_name":"Round $round"})), 200, 'one of a provider\'s settings');
    becomes("Round $round", 'too', \&names_seen);
}
is(switch_to('true'), 200, 'on');
kill QUIT => $old;
wait_for('the old master to end', sub { $gate->reap; $gate->{gone} });
$gate->{pid}  = $new;
$gate->{gone} = 0;
is(in_force(), 'on', 'it is on when the old master has gone');

$gate->ends_well(signal => 'QUIT', except => qr/exited on signal 9|was locked by/);
done_testing;
