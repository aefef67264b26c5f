# WebSockets that are open when the policy changes: those of users without MFA are closed.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateSocketApp;
use AuthGateTest::Jwt;
use Test::More;
use Time::HiRes qw(sleep time);

my $app   = AuthGateSocketApp->start;
my $state = $app->dir;
sub flag { return "$state/mfa-$_[0]" }

sub http {
    return "
        auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $state/gate;
        auth_gate_identity /_identity cache=300ms; auth_gate_mfa policy; proxy_http_version 1.1;
        auth_gate_mfa_exempt PUT /settings; auth_gate_mfa_exempt GET /settings; auth_gate_mfa_exempt POST /enable /disable;
    ";
}
sub server {
    my $to = 'proxy_pass http://127.0.0.1:' . $app->port . ';';
    my $ws = "proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection upgrade; proxy_read_timeout 60s; $to";
    return "
        location = /_identity { internal; proxy_pass http://127.0.0.1:${\ $app->port }/me; proxy_set_header Connection ''; }
        location = /settings  { auth_gate jwt; auth_gate_app_settings on; }
        location = /enable    { auth_gate jwt; $to }
        location = /disable   { auth_gate jwt; $to }
        location = /status    { auth_gate_status; }
        location = /ws        { auth_gate jwt; $ws }
        location /open        { auth_gate_mfa_sockets off; location = /open { auth_gate jwt; $ws } }  # inherited: auth_gate_mfa_sockets
        location = /cached    { auth_gate jwt; auth_gate_identity /_identity cache=10s; $ws }
        location = /uncached  { auth_gate jwt; auth_gate_identity /_identity_again cache=0; $ws }
        location = /_identity_again { internal; proxy_pass http://127.0.0.1:${\ $app->port }/me; proxy_set_header Connection ''; }
        location = /inside    { auth_gate jwt; auth_gate_mfa_bypass 10.0.0.0/8; set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP; $ws }
        location = /exempt    { auth_gate jwt; auth_gate_mfa exempt; $ws }
        location = /dry       { auth_gate jwt; auth_gate_mfa policy dry_run; $ws }
        location = /no-gate   { auth_gate off; $ws }
    ";
}

write_text(flag($_), '') for 1, 3;
my $gate = AuthGateLive->start(workers => 2, http => http(), server => server());

sub as { return 'Authorization: Bearer ' . session_jwt($_[0]) }
sub switch_to {
    my $answer = ask($gate->port, 'PUT', '/settings', [ as(1) ], qq({"require_mfa":$_[0]}));
    die "PUT: $answer->{status} $answer->{body}" if $answer->{status} != 200;
    return;
}

sub ws {
    my ($user, $path, @headers) = @_;
    return open_socket($gate->port, $path // '/ws', as($user), @headers);
}

my $Close = "\x88\x0e\x11\x33MFA required";

# What the client gets until the end, how long it took, whether the connection has ended.
sub end_of {
    my ($client, $seconds) = @_;
    my $began = time;
    1 while $client->read_more($seconds - (time - $began));
    return ($client->{buffer}, time - $began, $client->{closed});
}

# The switch goes on.
my @Inside = ('/inside', 'X-Real-IP: 10.1.2.3');
my %socket = (inside => ws(2, @Inside), outside => ws(2, '/inside', 'X-Real-IP: 11.1.2.3'), without => ws(2), with => ws(3), other => ws(2), off => ws(2, '/open'), exempt => ws(2, '/exempt'), dry => ws(2, '/dry'), none => ws(2, '/no-gate'));
ok(alive($socket{$_}), "with the policy off, the socket \"$_\" is open") for sort keys %socket;
switch_to('true');
for my $name (qw(without other outside)) {
    my ($got) = $socket{$name}->read_bytes(length $Close);
    is($got, $Close, "the socket \"$name\" of a user without MFA gets a close frame with 4403");
    $socket{$name}->send(frame(8, "\x11\x33"));
    my (undef, $took, $closed) = end_of($socket{$name}, 5);
    ok($closed, sprintf 'and is closed, %.1f s after the client answered', $took);
}
ok(alive($socket{$_}), "the socket \"$_\" stays open") for qw(with off exempt dry none inside);
like(ask($gate->port, 'GET', '/status')->{body}, qr/"sockets_closed":3\b/, 'the counter knows');
is(ask($gate->port, 'GET', '/ws', [ as(2) ])->{status}, 403, 'and no new one is let in');
$socket{later} = ws(2, @Inside);

# A client that does not answer, and goes on talking, is closed all the same.
switch_to('false');
my $deaf = ws(2);
write_text("$state/frames.log", '');
switch_to('true');
is($deaf->read_bytes(length $Close), $Close, 'a client that takes no notice gets the frame');
$deaf->send(frame(1, 'still here'));
my ($more, $took, $closed) = end_of($deaf, 8);
ok($closed, sprintf 'and is cut off after %.1f s', $took);
is($more, '', 'it gets nothing of the application any more');
unlike(text_of("$state/frames.log"), qr/still here/, 'and the application nothing of it');

# In the middle of a message.
switch_to('false');
my $half = ws(2);
$half->send(frame(1, 'half'));
is($half->read_bytes(6), "\x81\x0aabcd", 'half a frame of the application has come through');
switch_to('true');
($more, $took, $closed) = end_of($half, 8);
ok($closed, sprintf 'a socket in the middle of a frame is closed, after %.1f s', $took);
is($more, '', 'and no frame of ours is put into the middle of the application\'s');

# A user's MFA goes.
my $third = ws(3);
$socket{third} = ws(3, @Inside);
ok(alive($third), 'a user with MFA has an open socket while it is required');
unlink flag(3);
is(ask($gate->port, 'POST', '/disable', [ as(3) ])->{status}, 200, 'gives MFA up by some way that the application has');
is($third->read_bytes(length $Close), $Close, 'and the socket is closed');
($more, $took, $closed) = end_of($socket{with}, 6);
is($more, $Close, 'and the older one too');
ok(alive($socket{$_}), "the bypass is kept for the socket \"$_\"") for qw(inside later third);

# Setting it up.
write_text(flag(3), '');
is(ask($gate->port, 'POST', '/enable', [ as(3) ])->{status}, 200, 'the user sets it up again');
my $again = ws(3);
ok(alive($again), 'and is in at once');
sleep 1.5;
ok(alive($again), 'and stays');

# The application cannot say who it is: nobody is cut off at once. (The cache lasts 300 ms here.)
switch_to('false');
my $doubt = ws(3);
ask($gate->port, 'GET', '/settings', [ as(1) ]);    # the administrator is known for a moment
write_text("$state/broken", '');
switch_to('true');
sleep 1.5;
unlink "$state/broken";
ok(alive($doubt), 'a socket outlives a hiccup of the application');
switch_to('false');

# A reload: sockets of the old worker are watched too.
my $old = ws(2);
$gate->reload(leave_old => 1);
ok(alive($old), 'a socket outlives a reload');
switch_to('true');
is($old->read_bytes(length $Close), $Close, 'and is closed in its old worker when the switch goes on');
$old->send(frame(8, "\x11\x33"));
end_of($old, 5);
$doubt->close;
$_->close for values %socket;
$again->close;

# Also when the new workers have a zone of their own, and when it was an edit by hand.
switch_to('false');
for my $how (
    [ 'the switch goes on at a new worker', sub { switch_to('true') } ],
    [ 'the file is edited by hand', sub { write_text("$state/gate/settings.json", '{"require_mfa":true}') } ],
) {
    my ($what, $do) = @$how;
    $old = ws(2);
    $gate->reload(leave_old => 1, http => http() =~ s/gate:1m/gate:2m/r);
    ok(alive($old), 'a socket outlives a reload that changes the size of the zone');
    $do->();
    is($old->read_bytes(length $Close), $Close, "and is closed in its old worker when $what");
    $old->send(frame(8, "\x11\x33"));
    end_of($old, 5);
    $gate->reload(http => http());
    switch_to('false');
}

# What is no proper handshake, and yet one to this application.
switch_to('false');
my $whole = request_text('GET', '/ws', [ as(2), 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' ]);
my %odd = (
    'by POST'               => $whole =~ s/^GET/POST/r,
    'with Connection close' => $whole =~ s/^Connection: \KUpgrade/close/mr,
    'with version 8'        => $whole =~ s/^Sec-WebSocket-Version: \K13/8/mr,
    'with a short key'      => $whole =~ s/^Sec-WebSocket-Key: \K\S+/x/mr,
    'also for h2c'          => $whole =~ s/^Upgrade: \Kwebsocket/h2c, websocket/mr,
);
my %opened;
for my $how (sort keys %odd) {
    $opened{$how} = AuthGateLiveClient->new($gate->port, timeout => 6);
    $opened{$how}->send($odd{$how});
    like($opened{$how}->read_until(qr/.*?\r\n\r\n/s), qr{^HTTP/1\.1 101}, "a socket is opened $how");
    is($opened{$how}->read_bytes(9), "\x81\x07welcome", 'and carries what the application says');
}
switch_to('true');
is($opened{$_}->read_bytes(length $Close), $Close, "the socket opened $_ gets a close frame, too") for sort keys %odd;
$_->close for values %opened;

switch_to('false');
my %never = ('HEAD' => $whole =~ s/^GET/HEAD/r, 'another protocol' => $whole =~ s/^Upgrade: \Kwebsocket/h2c/mr, 'HTTP/1.0' => $whole =~ s{ HTTP/1\.1}{ HTTP/1.0}r);
for my $how (sort keys %never) {
    my $client = AuthGateLiveClient->new($gate->port, timeout => 6);
    $client->send($never{$how});
    like($client->read_until(qr/.*?\r\n\r\n/s), qr{^HTTP/1\.1 200}, "$how opens no socket");
    $client->close;
}

# Very many: each is looked at, none is lost, with few lookups where they are cached, and in time where they are not.
for my $kind ([ '/cached', 100, 6 ], [ '/uncached', 30, 100 ]) {
    my ($path, $count, $most) = @$kind;
    switch_to('false');
    my @many = map { ws(2, $path) } 1 .. $count;
    write_text("$state/me.log", '');
    switch_to('true');
    my $until = time + patience(5);
    my $gone = grep { $_->{timeout} = $until > time ? $until - time : 0.01; ($_->read_bytes(length $Close) // '') eq $Close } @many;
    is($gone, $count, "$path: $count sockets of a user are closed within five seconds");
    my $lookups = () = lines_of("$state/me.log");
    cmp_ok($lookups, '<=', $most, "$path: with $lookups lookups");
    $_->close for @many;
}

$gate->ends_well(signal => 'TERM');
done_testing;
