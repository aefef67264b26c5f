# Very many open WebSockets, of different users, when the policy or a user changes: their users are looked up with measure,
# other requests do not suffer, and what the gate lacks is no verdict on a user.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateSocketApp;
use AuthGateTest::Jwt;
use Test::More;
use Time::HiRes qw(sleep time);

alarm patience(300);

my $Count  = 320;    # sockets, each of another user; every fourth has no MFA
my $Checks = 6;
my $Spare  = 60;     # connections of the worker besides those of the sockets

my $Close      = "\x88\x0e\x11\x33MFA required";
my $TryAgain   = "\x88\x11\x03\xf5Try again later";
my $Expired    = "\x88\x1a\x0f\xa1Invalid or expired token";

sub as { return 'Authorization: Bearer ' . session_jwt(@_) }

# gate($app, %options): a gate before this application. User 1 is the administrator, and has MFA.
sub gate {
    my ($app, %option) = @_;
    my $to = 'proxy_pass http://127.0.0.1:' . $app->port . ';';
    my $ws = "proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection upgrade; proxy_read_timeout 300s; $to";
    write_text($app->dir . '/mfa-1', '');
    return AuthGateLive->start(
        http => "
            auth_gate_zone zone=gate:4m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_state_path " . $app->dir . "/gate;
            auth_gate_identity /_identity cache=0; auth_gate_mfa policy; proxy_http_version 1.1; keepalive_timeout 300s;
            auth_gate_mfa_exempt POST /enable; auth_gate_mfa_sockets on checks=$Checks;
        ",
        server => "
            location = /_identity { internal; proxy_pass http://127.0.0.1:" . $app->port . "/me; proxy_set_header Connection ''; }
            location = /settings  { auth_gate jwt; auth_gate_app_settings on; auth_gate_identity /_identity cache=300s; }
            location = /enable    { auth_gate jwt; $to }
            location = /api       { auth_gate jwt; $to }
            location = /open      { auth_gate off; $to }
            location = /status    { auth_gate_status; }
            location = /ws        { auth_gate jwt; $ws }
            location = /short     { auth_gate jwt; auth_gate_upstream_jwt on ttl=1s; $ws }
        ",
        %option,
    );
}

# Begins to switch the policy, and returns what ends it: that takes no connection of the gate, and frees none.
sub about_to_switch {
    my ($gate, $value) = @_;
    my $client  = AuthGateLiveClient->new($gate->port, timeout => 10);
    my $request = request_text('PUT', '/settings', [ as(1) ], qq({"require_mfa":$value}));
    my $end     = substr $request, -5, 5, '';
    $client->send($request);
    return sub {
        $client->send($end);
        my $answer = $client->answer;
        die "PUT: $answer->{status} $answer->{body}" if $answer->{status} != 200;
    };
}
sub switch_to { return about_to_switch(@_)->() }

sub lookups { my $app = shift; return map { [split] } lines_of($app->dir . '/me.log') }

# What a socket has got so far, without waiting.
sub got {
    my $client = shift;
    1 while $client->read_more(0.0001);
    return $client->{buffer};
}

# The first gate's application never says who anybody is. What becomes of that takes a minute; the rest is done meanwhile.
my $mute_app = AuthGateSocketApp->start;
my $mute     = gate($mute_app);
write_text($mute_app->dir . '/mfa-2', '');
my $unknown = open_socket($mute->port, '/ws', as(2));
switch_to($mute, 'false');    # the administrator is known from now on
write_text($mute_app->dir . '/broken', '');
switch_to($mute, 'true');
my $unknown_since = time;

# Enough sockets that a lookup for each at once would need more connections than there are.
my $app = AuthGateSocketApp->start;
sub has_mfa { return $_[0] % 4 != 0 }
my @users = 100 .. 99 + $Count;
write_text($app->dir . "/mfa-$_", '') for grep { has_mfa($_) } @users;
my $gate = gate($app, connections => 2 * $Count + $Spare);
my %socket = map { $_ => open_socket($gate->port, '/ws', as($_)) } @users;
my @with    = grep { has_mfa($_) } @users;
my @without = grep { !has_mfa($_) } @users;
write_text($app->dir . '/delay', 60);
write_text($app->dir . '/me.log', '');

switch_to($gate, 'true');
my ($asked, %status) = 0;
my %left = map { $_ => 1 } @without;
my $until = time + patience(50);
while (%left && time < $until) {
    $asked++;
    $status{ ask($gate->port, 'GET', $_)->{status} }++ for '/open';
    $status{ ask($gate->port, 'GET', '/api', [ as(1) ])->{status} }++;
    delete @left{ grep { got($socket{$_}) eq $Close } keys %left };
    sleep 0.02;
}
is_deeply([sort { $a <=> $b } keys %left], [], 'all sockets of users without MFA are closed with 4403');
is_deeply([keys %status], [200], "$asked times two ordinary requests meanwhile, and all succeed");
my @lookups = grep { $_->[0] != 1 } lookups($app);
my %lookups;
$lookups{ $_->[0] }++ for @lookups;
my @most = sort { $b->[1] <=> $a->[1] } @lookups;
cmp_ok($most[0][1], '<=', $Checks + 1, "at most $Checks lookups for sockets at once, and one for a request");
cmp_ok($most[0][1], '>', $Checks / 2, "and not one after the other: $most[0][1]");
wait_for('all users to be looked up', sub { %lookups = map { $_->[0] => 1 } lookups($app); !grep { !$lookups{$_} } @users }, 30);
cmp_ok(scalar(grep { $_->[0] != 1 } lookups($app)), '<=', 1.1 * $Count, "$Count users, $Count lookups, more or less");
ok($gate->error_log !~ /worker_connections are not enough/, 'there were connections enough all the time');
is(scalar(grep { !alive($socket{$_}) } @with), 0, 'no socket of a user with MFA is closed');
like(ask($gate->port, 'GET', '/status')->{body}, qr/"sockets_closed":${\ scalar @without}\b/, 'the counter knows');
$_->close for delete @socket{@without};

# Many changes of one user are no reason to look others up.
write_text($app->dir . '/delay', 0);
write_text($app->dir . '/me.log', '');
my $changes = 270;
my $client = AuthGateLiveClient->new($gate->port, timeout => patience(10));
for (1 .. $changes) {
    $client->send(request_text('POST', '/enable', [ as($with[0]) ], ''));
    my $answer = $client->answer;
    die "POST: $answer->{status}" if $answer->{status} != 200;
}
my $after = open_socket($gate->port, '/ws', as($with[1]));
ask($gate->port, 'POST', '/enable', [ as($with[1]) ], '');
wait_for('the changes to be noticed', sub { 1 < grep { $_->[0] == $with[1] } lookups($app) });
cmp_ok(scalar(lookups($app)), '<=', @with / 4, "$changes changes of a user: " . lookups($app) . ' lookups for ' . @with . ' sockets');
$after->close;

# No connection is left: nobody is looked up, and nobody is closed for that.
switch_to($gate, 'false');
my $switch_on = about_to_switch($gate, 'true');
unlink $app->dir . "/mfa-$with[0]";
my (@idle, $refused);
while (($refused // 0) < 20) {    # nginx closes idle ones first
    push @idle, AuthGateLiveClient->new($gate->port, timeout => 10);
    $idle[-1]->send('GET /');
    $refused++ if !$idle[-1]->read_more(0.02) && $idle[-1]{closed};
}
write_text($app->dir . '/me.log', '');
$switch_on->();
sleep 7;    # ten ticks and more
is(scalar(lookups($app)), 0, 'without a free connection nobody is looked up');
is(scalar(grep { !alive($socket{$_}) } @with), 0, 'and no socket is closed');
$_->close for @idle;
is($socket{ $with[0] }->read_bytes(length $Close) // '', $Close, 'as soon as there are some, a user without MFA is found out');
(delete $socket{ $with[0] })->close;
shift @with;
wait_for('all users to be looked up', sub { %lookups = map { $_->[0] => 1 } lookups($app); !grep { !$lookups{$_} } @with }, 30);
is(scalar(grep { !alive($socket{$_}) } @with), 0, 'and no socket of a user with MFA is closed');
$_->close for values %socket;

# Each lookup carries a JWT of its own: that of the admission may have expired long ago.
switch_to($gate, 'false');
my $short = open_socket($gate->port, '/short', as($with[0]));
my $ended = open_socket($gate->port, '/ws', as($with[1], exp => time + 2));
sleep 3.1;    # dates are whole seconds
write_text($app->dir . '/me.log', '');
switch_to($gate, 'true');
wait_for('the user to be looked up', sub { grep { $_->[0] == $with[0] } lookups($app) });
sleep 1;
ok(alive($short), 'a socket whose first fresh JWT has expired stays open');
is($ended->read_bytes(length $Expired) // '', $Expired, 'one whose session has ended is closed with 4001');
write_text($app->dir . "/gone-$with[0]", '');
ask($gate->port, 'POST', '/enable', [ as($with[0]) ], '');
is($short->read_bytes(length $Expired) // '', $Expired, 'and so is one of a user whom the application does not know any more');

# Nobody knows.
$unknown->{timeout} = patience(75) - (time - $unknown_since);
my $to_unknown = $unknown->read_bytes(length $TryAgain) // '';
my $took = time - $unknown_since;
is($to_unknown, $TryAgain, 'a socket without a verdict is closed with 1013');
cmp_ok($took, '>', 50, sprintf 'after a minute (%.0f s)', $took);

$_->ends_well(signal => 'TERM', except => qr/worker_connections are not enough/) for $mute, $gate;
done_testing;
