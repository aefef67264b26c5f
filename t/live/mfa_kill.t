# The settings file under fire: workers that are killed in the middle of a PUT, two administrators at once, reloads.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use JSON::PP ();
use List::Util qw(sum0);
use Test::More;
use Time::HiRes qw(sleep time);

my $dir  = scratch_dir();
my $file = "$dir/state/settings.json";
my $app  = AuthGateLive->start_app(server => 'location / { return 200 "{}"; } location = /no { return 500; } location /-mark { access_log app.log app; return 200; }');
my $to   = 'proxy_pass http://127.0.0.1:' . $app->port;
my $gate = AuthGateLive->start(
    workers => 4,
    http    => "auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $dir/state;
        auth_gate_identity claims; auth_gate_mfa policy;",
    server => "
        location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
        location = /both     { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; $to; }
        location = /no       { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; $to; }
        location = /config   { auth_gate_app_config on; }
        location = /api      { auth_gate jwt; empty_gif; }
    ",
);
my @admin = map { 'Authorization: Bearer ' . session_jwt($_, role => 'admin', mfa_enabled => JSON::PP::true()) } 1, 4;
my $user  = 'Authorization: Bearer ' . session_jwt(2);

sub put {
    my ($value, $path, $admin) = @_;
    my $more = ($path // '/settings') eq '/settings' ? '' : ',"theme":"dark"';
    return ask($gate->port, 'PUT', $path // '/settings', [ $admin // $admin[0] ], qq({"require_mfa":$value$more}));
}
sub on_disk {
    my $text = text_of($file);
    return $text =~ /\A\{\n    "require_mfa": (true|false)\n\}\n\z/ ? $1 : "damaged: $text";
}
sub in_memory {
    my $answer = ask($gate->port, 'GET', '/config');
    return $answer->{body} =~ /\A\{"require_mfa":(true|false)\}\z/ ? $1 : "none: $answer->{status} $answer->{body}";
}
# What the workers do, each asked several times.
sub in_force {
    my %seen = map { ask($gate->port, 'GET', '/api', [$user])->{status} => 1 } 1 .. 12;
    my $seen = join ' ', sort keys %seen;
    return $seen eq '403' ? 'true' : $seen eq '200' ? 'false' : "mixed: $seen";
}

sub outcome {
    my ($path, $answer) = @_;
    return $answer->{status} == 200 ? 'put' : $answer->{status} == 409 && $path eq '/both' ? 'conflict' : 'odd';
}

put('true');
is(on_disk(), 'true', 'a PUT is on the disk');

# Killed workers: after each PUT, whatever became of it, one of the two values, whole, everywhere the same.
my ($killed, $answered, $lost) = (0, 0, 0);
my @wrong;
my $until = time + patience(12);
my $round = 0;
while (time < $until) {
    my $value = $round++ % 2 ? 'true' : 'false';
    my $before = on_disk();
    my $path = $round % 3 ? '/settings' : '/both';
    my @clients = map { AuthGateLiveClient->new($gate->port, timeout => 5) } 1 .. 4;
    my $body = qq({"require_mfa":$value) . ($path eq '/both' ? ',"a":1}' : '}');
    $_->send(request_text('PUT', $path, [ $admin[0] ], $body)) for @clients;
    my @workers = $gate->workers;
    sleep rand 0.002;
    $killed += kill KILL => $workers[ rand @workers ] if @workers;
    my @answers = map { $_->answer } @clients;
    $answered += grep { $_->{status} == 200 } @answers;
    $lost     += grep { !$_->{status} } @answers;
    $_->close for @clients;

    my $disk = on_disk();
    push @wrong, "round $round: on the disk $disk" if $disk !~ /^(?:true|false)\z/;
    push @wrong, "round $round: answered, and on the disk is $disk, not $value" if $disk ne $value && grep { $_->{status} == 200 } @answers;
    push @wrong, "round $round: odd answers: " . join ' ', map { $_->{status} } @answers if grep { $_->{status} && $_->{status} != 200 } @answers;
}
wait_for('four workers again', sub { $gate->workers == 4 });
diag("$round rounds, $killed workers killed, $answered PUTs answered, $lost lost");
cmp_ok($killed, '>', 50, 'many workers were killed');
cmp_ok($answered, '>', 50, 'many PUTs were answered');
is(join("\n", @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]), '', 'the file was whole at all times, and what was answered was on it');

my $disk = on_disk();
my ($memory, $force) = (in_memory(), in_force());
diag("after the kills: on the disk $disk, in memory $memory, in force $force");
is($memory, $force, 'memory and what the workers do are the same');
$gate->reload;
is(in_memory(), on_disk(), 'memory is what the file says after a reload');
is(in_force(), on_disk(), 'and so is what the workers do');
is(put('true')->{status}, 200, 'a PUT works as before');
is(join(' ', on_disk(), in_memory(), in_force()), 'true true true', 'everywhere');
# Two administrators at once: the last write wins, on the disk as in memory, and nothing is torn. Where the application
# was asked meanwhile, somebody else's write is a conflict.
my $torn_until = time + patience(4);
my $torn = "$dir/stop";
my @counts = crowd(4, sub {
    my ($number, $start) = @_;
    my %count = (put => 0, conflict => 0, odd => 0, damaged => 0, read => 0);
    $start->();
    while (time < $torn_until) {
        if ($number < 2) {
            my $path = rand() < 0.3 ? '/both' : '/settings';
            $count{ outcome($path, put($number ? 'true' : 'false', $path, $admin[$number])) }++;
        } else {
            on_disk() =~ /^(?:true|false)\z/ && in_memory() =~ /^(?:true|false)\z/ ? $count{read}++ : $count{damaged}++;
        }
    }
    return \%count;
});
my %sum = map { my $name = $_; $name => sum0(map { $_->{$name} } @counts) } qw(put conflict odd damaged read);
diag(join ', ', map { "$_ $sum{$_}" } sort keys %sum);
cmp_ok($sum{put}, '>', 50, 'two administrators put many times');
is($sum{odd}, 0, 'each was answered 200, or 409 where the application was asked');
is($sum{damaged}, 0, 'nobody saw half a setting');
is(in_memory(), on_disk(), 'in the end memory and disk agree');
is(in_force(), on_disk(), 'and so do the workers');

# Reloads in the middle of PUTs.
@counts = crowd(3, sub {
    my ($number, $start) = @_;
    my %count = (put => 0, conflict => 0, odd => 0, damaged => 0);
    my $path = $number ? '/settings' : '/both';
    my $i = $number;
    $start->();
    until (-e $torn) {
        $count{ outcome($path, put($i++ % 2 ? 'true' : 'false', $path)) }++;
        $count{damaged}++ if on_disk() !~ /^(?:true|false)\z/;
    }
    return \%count;
}, sub {
    $gate->reload for 1 .. 5;
    write_text($torn, '');
});
%sum = map { my $name = $_; $name => sum0(map { $_->{$name} } @counts) } qw(put conflict odd damaged);
diag(join ', ', map { "$_ $sum{$_}" } sort keys %sum);
cmp_ok($sum{put}, '>', 30, 'PUTs went on while nginx reloaded five times');
is($sum{odd}, 0, 'each was answered 200, or 409 where the application was asked');
is($sum{damaged}, 0, 'and the file was whole at all times');
is(in_memory(), on_disk(), 'in the end memory and disk agree');
is(in_force(), on_disk(), 'and so do the workers');

# A PUT that began before a reload and ends after it, in an old worker.
{
    put('false');
    my $old = AuthGateLiveClient->new($gate->port);
    my $text = request_text('PUT', '/settings', [ $admin[0] ], '{"require_mfa":true}');
    my $end = substr $text, -3, 3, '';
    $old->send($text);
    sleep 0.3;
    $gate->reload(leave_old => 1);
    is(in_force(), 'false', 'a PUT that is not complete has no effect');
    is($old->ask_here($end)->{status}, 200, 'completed at an old worker it is answered');
    is(join(' ', on_disk(), in_memory(), in_force()), 'true true true', 'and the new workers obey');
    wait_for('the old workers to go', sub { $gate->workers == 4 });
}
is(put('false', '/no')->{status}, 500, 'a PUT that the application refuses');
is(join(' ', on_disk(), in_memory(), in_force()), 'true true true', 'changes nothing');

$gate->ends_well(except => qr/exited on signal 9|was locked by/);
$app->ends_well(name => 'the application');
done_testing;
