# Four workers under load: the switch, and what is known of users, are the same for all of them at once.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use IO::Socket::INET ();
use List::Util qw(sum0);
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = scratch_dir();

# Users 1 and 3 have MFA. The payload of the gate's JWTs begins with {"id":N, in base64. An answer to /slow takes a second.
my $app = AuthGateLive->start_app(
    http => q{
        log_format app '$request_method $request_uri "$http_authorization" "$http_cookie" "$http_referer"';
        map $http_authorization $me {
            ~\.eyJpZCI6MSwi '{"user":{"id":1,"role":"admin","mfa_enabled":true}}';
            ~\.eyJpZCI6Miwi '{"user":{"id":2,"role":"user","mfa_enabled":false}}';
            ~\.eyJpZCI6Mywi '{"user":{"id":3,"role":"user","mfa_enabled":true}}';
            default '{"error":"who?"}';
        }
    },
    server => qq{
        access_log app.log app;
        location / { return 200 "the application\\n"; }
        location = /me { access_log $dir/me.log; return 200 \$me; }
        location = /slow { access_log $dir/me.log; root $dir; limit_rate 1000; }
        location = /fails { access_log $dir/me.log; root $dir; limit_rate 1000; }
    },
);
write_text("$dir/slow", '{"user":{"id":3,"role":"user","mfa_enabled":true}}' . ' ' x 1900);
write_text("$dir/fails", 'no JSON' . ' ' x 500);

my $mute = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16, Proto => 'tcp') or die $!;

my $to = 'proxy_pass http://127.0.0.1:' . $app->port;
my $gate = AuthGateLive->start(
    workers => 4,
    listen  => 'reuseport',
    http    => "
        auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $dir/state;
        auth_gate_identity /_me; auth_gate_mfa policy;
    ",
    server => "
        location = /_me      { internal; $to/me; }
        location = /_slow    { internal; $to/slow; }
        location = /_fails   { internal; $to/fails; }
        location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
        location = /config   { auth_gate_app_config on; }
        location = /api      { auth_gate jwt; $to; }
        location = /slow     { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_slow; $to/x; }
        location = /nocache  { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_slow cache=0; $to/x; }
        location = /_mute    { internal; proxy_pass http://127.0.0.1:${\ $mute->sockport }/; }
        location = /mute     { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_mute; $to/x; }
        location = /fails    { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_fails; $to/x; }
    ",
);
sub as { return 'Authorization: Bearer ' . session_jwt($_[0]) }
sub lookups { my $text = text_of("$dir/me.log"); write_text("$dir/me.log", ''); return scalar(() = $text =~ /\n/g) }

sub switch_to {
    my $answer = ask($gate->port, 'PUT', '/settings', [ as(1) ], qq({"require_mfa":$_[0]}));
    die "PUT: $answer->{status} $answer->{body}" if $answer->{status} != 200;
    return;
}

# All workers know what one learnt.
my %seen = map { $_ => 1 } map { ask($gate->port, 'GET', '/config')->{status} } 1 .. 5;
is_deeply(\%seen, { 200 => 1 }, 'it works');
switch_to('true');
lookups();
my @status = map { ask($gate->port, 'GET', '/api', [ as(3) ])->{status} } 1 .. 60;
is_deeply([ grep { $_ != 200 } @status ], [], 'sixty requests on connections of their own');
is(lookups(), 1, 'made one lookup for four workers');

# A cold cache.
{
    my @clients = map { AuthGateLiveClient->new($gate->port, timeout => 15) } 1 .. 80;
    my $began = time;
    $_->send(request_text('GET', '/slow', [ as(3) ])) for @clients;
    my @answers = map { $_->answer } @clients;
    is(scalar(grep { $_->{status} == 200 } @answers), 80, sprintf 'eighty requests at once at a cold cache are answered (%.1f s)', time - $began);
    is(lookups(), 1, 'by one lookup');
    cmp_ok(time - $began, '<', 4, 'that they did not make one after the other');
}

# A client that waits, and goes.
{
    my @clients = map { AuthGateLiveClient->new($gate->port) } 1 .. 20;
    $_->send(request_text('GET', '/nocache', [ as(3) ])) for @clients;
    sleep 0.2;
    $_->close for @clients;
    sleep 0.3;
    my $answer = ask($gate->port, 'GET', '/nocache', [ as(3) ]);
    is($answer->{status}, 200, 'clients that go while they wait leave nothing behind');
    lookups();
}

# A client that goes before the application has said anything.
{
    my $client = AuthGateLiveClient->new($gate->port);
    $client->send(request_text('GET', '/mute', [ as(3) ]));
    my $asked = $mute->accept;
    $client->close;
    wait_for('nginx to notice', sub { $gate->error_log =~ /client prematurely closed connection/ });
    wait_for('nginx to give the question up', sub { sysread($asked, my $text, 4096) == 0 });
    is(ask($gate->port, 'GET', '/api', [ as(3) ])->{status}, 200, 'nginx serves on');
    unlike($gate->error_log, qr/\[error\]/, 'and nothing is an error of the application');
}

# An application that fails.
{
    my @clients = map { AuthGateLiveClient->new($gate->port, timeout => 20) } 1 .. 10;
    my $began = time;
    $_->send(request_text('GET', '/fails', [ as(3) ])) for @clients;
    my @answers = map { $_->answer } @clients;
    is(scalar(grep { $_->{status} == 503 } @answers), 10, sprintf 'ten requests at once of a user about whom the application has no answer get 503 (%.1f s)', time - $began);
    diag('lookups for them: ' . lookups());
}

# The switch under load: a request that begins after the PUT's answer is held to it, at whatever worker.
switch_to('false');
my $rounds = 15;
write_text("$dir/state-of-switch", 'off');
my $stop = "$dir/stop";
my @counts = crowd(4, sub {
    my ($number, $start) = @_;
    my %count = (blocked => 0, let_in => 0, wrong => 0, odd => 0, others => 0);
    $start->();
    until (-e $stop) {
        my $before = text_of("$dir/state-of-switch");
        my $answer = ask($gate->port, 'GET', '/api', [ as(2) ]);
        my $after = text_of("$dir/state-of-switch");
        if ($answer->{status} == 403)    { $count{blocked}++ }
        elsif ($answer->{status} == 200) { $count{let_in}++ }
        else                             { $count{odd}++ }
        # Only what was sent and answered while nothing was being changed can be judged.
        if ($before eq $after && $before =~ /^(on|off)/) {
            my $right = $1 eq 'on' ? 403 : 200;
            $count{wrong}++ if $answer->{status} != $right;
        }
        $count{others}++ if ask($gate->port, 'GET', '/api', [ as(3) ])->{status} != 200;
    }
    return \%count;
}, sub {
    for my $round (1 .. $rounds) {
        for my $value ('true', 'false') {
            write_text("$dir/state-of-switch.new", 'changing');
            rename "$dir/state-of-switch.new", "$dir/state-of-switch";
            switch_to($value);
            write_text("$dir/state-of-switch.new", ($value eq 'true' ? 'on' : 'off') . " $round");
            rename "$dir/state-of-switch.new", "$dir/state-of-switch";
            sleep 0.1;
        }
    }
    write_text($stop, '');
});
my %sum = map { my $name = $_; $name => sum0(map { $_->{$name} } @counts) } qw(blocked let_in wrong odd others);
diag(join ', ', map { "$_ $sum{$_}" } sort keys %sum);
cmp_ok($sum{blocked}, '>', 50, 'many requests were blocked');
cmp_ok($sum{let_in}, '>', 50, 'many were let in');
is($sum{wrong}, 0, 'none of them otherwise than the last PUT had said');
is($sum{odd}, 0, 'none was answered otherwise');
is($sum{others}, 0, 'and users with MFA noticed nothing');

# The same with one connection kept to each worker.
{
    my @clients = map { AuthGateLiveClient->new($gate->port) } 1 .. 16;
    my $request = request_text('GET', '/api', [ as(2) ]);
    my $wrong = 0;
    for my $round (1 .. 20) {
        switch_to($round % 2 ? 'true' : 'false');
        $_->send($request) for @clients;
        $wrong += grep { $_->answer->{status} != ($round % 2 ? 403 : 200) } @clients;
    }
    is($wrong, 0, 'sixteen kept connections obey twenty PUTs with the very next request');
}

$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
