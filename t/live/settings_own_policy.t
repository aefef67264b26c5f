# An application with a switch of its own, require_mfa among its settings: a PUT sets both, and whatever goes wrong in the
# middle leaves one of them on.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use IO::Socket::INET ();
use JSON::PP ();
use Test::More;

my $dir = scratch_dir();

# The application: its switch is a file, and another file says how it behaves.
my $listener = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "listen: $!";
my $at = 'http://127.0.0.1:' . $listener->sockport;
sub own {
    return text_of("$dir/own") if !@_;
    AuthGateLive::write_text("$dir/own.$$", $_[0]);
    return rename "$dir/own.$$", "$dir/own";
}
sub behave { AuthGateLive::write_text("$dir/how", $_[0]); return }
sub told   { return join ' | ', split /\n/, text_of("$dir/told") }
sub release { return AuthGateLive::write_text("$dir/released", '') }
sub forget { AuthGateLive::write_text("$dir/told", ''); return }

sub answer {
    my ($client, $status, $body) = @_;
    print {$client} "HTTP/1.1 $status X\r\nContent-Type: application/json\r\nContent-Length: ", length $body, "\r\nConnection: close\r\n\r\n$body";
    return;
}

# How: <of a GET> <of a PUT>. "then-" does first what is asked for. "held" does nothing before release().
sub serve {
    my $client = shift;
    my ($head, $text) = ('', '');
    $head .= $_ while defined($_ = <$client>) && !/^\r\n\z/;
    my ($length) = $head =~ /^Content-Length: (\d+)/mi;
    read $client, $text, $length if $length;
    my ($method, $path) = $head =~ /\A(\S+) (\S+)/ or return;
    return answer($client, 200, '{"a":1,"require_mfa":' . (own() eq '"true"' ? 'true' : 'false') . '}') if $path eq '/config';
    open my $told, '>>', "$dir/told" or die $!;
    print {$told} "$method $text\n";
    close $told;
    my ($get, $put) = split / /, text_of("$dir/how");
    my $how = $method eq 'GET' ? $get : $put;
    if ($how eq 'held') {
        wait_for('a release', sub { -e "$dir/released" });
        $how = 'well';
    }
    if ($method eq 'PUT' && ($how eq 'well' || $how =~ s/^then-//) && $text =~ /"require_mfa":"?(true|false)/) {
        own(qq("$1"));
    }
    return if $how eq 'dies';
    select undef, undef, undef, 0.2 if $how eq 'slow';
    if ($how eq 'half') {
        syswrite $client, "HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{" . ' ' x 50;
        wait_for('a release', sub { -e "$dir/released" });
        return;
    }
    return answer($client, $1, '{"error":"no"}') if $how =~ /^(\d+)$/;
    return print {$client} "HTTP/1.1 200 X\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{" if $how eq 'cut';
    return answer($client, 200, '{"theme":"dark"}') if $how eq 'without';
    return answer($client, 200, $method eq 'GET' ? '{"theme":"dark","require_mfa":' . own() . '}' : '{"success":true,"by":"the application"}');
}
my $pid = fork // die "fork: $!";
if (!$pid) {
    AuthGateLive::prctl(1, 9);
    $SIG{CHLD} = 'IGNORE';
    while (1) {
        my $client = $listener->accept or next;
        next if fork;
        serve($client);
        close $client;
        POSIX::_exit(0);
    }
}
AuthGateLive->also_end($pid);
close $listener;

my $gate = AuthGateLive->start(
    workers => 2,
    http    => "auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $dir/state;
        auth_gate_identity claims; auth_gate_mfa policy;",
    server  => "location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; proxy_pass $at; }
        location = /config  { auth_gate off; auth_gate_app_config on; proxy_pass $at; }
        location = /api { auth_gate jwt; empty_gif; }",
);
my $admin = 'Authorization: Bearer ' . session_jwt(1, role => 'admin', mfa_enabled => JSON::PP::true());
my $user  = 'Authorization: Bearer ' . session_jwt(2);

sub put { my ($body) = @_; return ask($gate->port, 'PUT', '/settings', [$admin, 'Content-Type: application/json'], $body) }
sub gate_is { return ask($gate->port, 'GET', '/api', [$user])->{status} == 403 ? 'on' : 'off' }
sub shown {
    my ($config, $settings) = map { ask($gate->port, 'GET', $_, [$admin])->{body} =~ /"require_mfa":"?(\w+)/ ? $1 : 'none' } '/config', '/settings';
    return $config eq $settings ? $config : "$config, $settings";
}
# Both start here: by settings.json for the gate.
sub both {
    my ($gates, $own) = @_;
    behave('well well');
    put(qq({"require_mfa":$gates}));
    own(qq("$own"));
    forget();
    return;
}
sub state_now { return gate_is() . '/' . (own() eq '"true"' ? 'on' : 'off') }

own('"false"');
behave('well well');
forget();

# Both are set.
{
    my $answer = put('{"require_mfa":true}');
    is("$answer->{status} $answer->{body}", '200 {"success":true,"by":"the application"}', 'a switch is set by the application');
    is(told(), 'GET  | PUT {"require_mfa":true}', 'which is asked whether it has one');
    is(state_now(), 'on/on', 'and by the gate');
    is(shown(), 'true', 'as both say');
    forget();
    $answer = put('{ "theme":1.0, "require_mfa" : "false" }');
    is(told(), 'GET  | PUT { "theme":1.0, "require_mfa" : "false" }', 'beside other settings, as it was sent');
    is($answer->{status}, 200, 'it goes off');
}
own('"false"');
put('{"require_mfa":false}');
is(state_now(), 'off/off', 'both are off');
own('"true"');
is(state_now(), 'off/on', 'an application\'s own policy may be on already');
is(shown(), 'true', 'and that is what is in force');
is(put('{"require_mfa":false}')->{status}, 200, 'it is switched off');
is(state_now(), 'off/off', 'on both sides');
is(shown(), 'false', 'and nothing is in force');

# What goes wrong when it goes on: a word is a word, and without one the gate's is on.
for my $case (
    [ 'well 400',       400, 'off/off', 'a refusal changes nothing' ],
    [ 'well 403',       403, 'off/off', 'whatever it is' ],
    [ 'well 500',       500, 'on/off',  'after a failure nobody knows: the gate\'s is on' ],
    [ 'well then-500',  500, 'on/on',   'it may have changed its own' ],
    [ 'well then-dies', 502, 'on/on',   'and died' ],
    [ 'well dies',      502, 'on/off',  'or before' ],
    [ 'well cut',       200, 'on/off',  'or while it answered' ],
    [ 'well slow',      200, 'on/off',  'a slow one is waited for' ],
    [ '500 well',       200, 'on/off',  'the gate goes on without knowing the other' ],
    [ 'dies well',      200, 'on/off',  'or hearing from it' ],
    [ '404 well',       200, 'on/off',  'where there are no settings' ],
    [ 'without well',   200, 'on/off',  'or no such' ],
) {
    my ($how, $status, $state, $name) = @$case;
    both('false', 'false');
    behave($how);
    my $answer = put('{"require_mfa":true}');
    $status = 502 if $how eq 'well cut';
    is("$answer->{status} " . state_now(), "$status $state", "on, \"$how\": $name");
}

# When it goes off, the application's goes off first.
for my $case (
    [ 'well well',      200, 'off/off', 'both go off' ],
    [ 'well 400',       400, 'on/on',   'a refusal' ],
    [ 'well 500',       500, 'on/on',   'a failure' ],
    [ 'well then-500',  500, 'on/off',  'whatever it did' ],
    [ 'well dies',      502, 'on/on',   'no answer' ],
    [ 'well then-dies', 502, 'on/off',  'none after it' ],
    [ 'well cut',       502, 'on/on',   'half of one' ],
    [ '500 well',       500, 'on/on',   'nobody knows whether there is one' ],
    [ '403 well',       403, 'on/on',   'or whose it is' ],
    [ 'dies well',      502, 'on/on',   'or gets an answer' ],
    [ 'cut well',       502, 'on/on',   'a whole one' ],
    [ '404 well',       200, 'off/on',  'there are no settings' ],
    [ 'without well',   200, 'off/on',  'or none of that name' ],
) {
    my ($how, $status, $state, $name) = @$case;
    both('true', 'true');
    behave($how);
    my $answer = put('{"require_mfa":false}');
    is("$answer->{status} " . state_now(), "$status $state", "off, \"$how\": $name");
}

# Two at once: no end has the gate off and says that nothing is in force while the application's is on.
for my $round (1 .. 10) {
    both('false', 'false');
    behave('well slow') if $round % 2;
    my @statuses = crowd(4, sub { my ($i, $start) = @_; $start->(); return put($i % 2 ? '{"require_mfa":true}' : '{"require_mfa":false}')->{status} });
    is((join ' ', grep { $_ != 200 && $_ != 409 } @statuses), '', "round $round: each is answered");
    is(shown(), state_now() eq 'off/off' ? 'false' : 'true', "round $round: what is in force is shown");
}

# The file changes while the application is asked. "On" is decided anew, for its own switch is on; "off" is not.
sub held {
    my ($body, $meanwhile) = @_;
    unlink "$dir/released";
    behave('well held');
    my $client = AuthGateLiveClient->new($gate->port, timeout => patience(15));
    $client->send(request_text('PUT', '/settings', [ $admin, 'Connection: close' ], $body));
    wait_for('the application to be asked', sub { told() =~ /PUT/ });
    behave('well well');
    $meanwhile->($client);
    release();
    return $client;
}
for my $round (1 .. 8) {
    both('true', 'false');
    my $client = held('{"require_mfa":true}', sub { is(put('{"require_mfa":false}')->{status}, 200, "round $round: it goes off meanwhile") });
    is($client->answer->{status} . ' ' . state_now(), '200 on/on', "round $round: and on, as its own does");
}
both('true', 'false');
is(held('{"require_mfa":true}', sub { AuthGateLive::write_text("$dir/state/settings.json", '{"require_mfa":false,"more":1}') })->answer->{status},
    200, 'it goes on beside an editor');
is(state_now(), 'on/on', 'as its own does');
like(text_of("$dir/state/settings.json"), qr/"more"/, 'what the editor wrote stays');
both('false', 'false');
is(held('{"require_mfa":false}', sub { put('{"require_mfa":true}') })->answer->{status}, 409, 'it does not go off after it went on meanwhile');
is(state_now(), 'on/off', 'the gate\'s stays on');

# A client that leaves. Nobody knows what the application does: on, the gate's goes on; off, it stays on.
sub leave {
    my ($how, $body) = @_;
    unlink "$dir/released";
    behave("well $how");
    my $client = AuthGateLiveClient->new($gate->port);
    $client->send(request_text('PUT', '/settings', [$admin], $body));
    wait_for('the application to be asked', sub { told() =~ /PUT/ });
    return $client->close;
}
for my $how (qw(held half)) {
    both('false', 'false');
    leave($how, '{"require_mfa":true}');
    ok(wait_for('the gate\'s to go on', sub { gate_is() eq 'on' }), "\"$how\": who leaves while it is asked has it on");
    release();

    both('true', 'true');
    leave($how, '{"require_mfa":false}');
    release();
    wait_for('the application\'s to go off', sub { own() eq '"false"' }) if $how eq 'held';
    is(gate_is(), 'on', "\"$how\": who leaves in the middle leaves the gate\'s on");
}

$gate->ends_well;
done_testing;
