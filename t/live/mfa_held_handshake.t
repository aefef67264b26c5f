# WebSockets whose handshake the application has not accepted yet when the policy goes on: what is learnt of their user
# meanwhile is not forgotten, and each socket is closed once.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateSocketApp;
use AuthGateTest::Jwt;
use Test::More;

alarm patience(120);

my $app = AuthGateSocketApp->start;
my $to  = 'proxy_pass http://127.0.0.1:' . $app->port . ';';
my $ws  = "auth_gate jwt; proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection upgrade; proxy_read_timeout 60s; $to";
write_text($app->dir . '/mfa-1', '');
my $gate = AuthGateLive->start(
    http => '
        auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_state_path ' . $app->dir . '/gate;
        auth_gate_identity /_identity cache=300s; auth_gate_mfa policy; proxy_http_version 1.1;
    ',
    server => '
        location = /_identity { internal; proxy_pass http://127.0.0.1:' . $app->port . "/me; proxy_set_header Connection ''; }
        location = /settings  { auth_gate jwt; auth_gate_app_settings on; }
        location = /status    { auth_gate_status; }
        location = /ws        { $ws }
        location = /held      { $ws }
    ",
);

sub as { return 'Authorization: Bearer ' . session_jwt(@_) }

# Begins a handshake, and waits until the application has it.
sub begin_handshake {
    my ($user) = @_;
    my $before = lines_of($app->dir . '/held.log');
    my $client = AuthGateLiveClient->new($gate->port, timeout => patience(10));
    $client->send(request_text('GET', '/held', [ as($user), 'Upgrade: websocket', 'Connection: Upgrade',
        'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' ]));
    wait_for('the application to have the handshake', sub { lines_of($app->dir . '/held.log') > $before });
    return $client;
}

my $Close = "\x88\x0e\x11\x33MFA required";

write_text($app->dir . '/held.log', '');
my $held = begin_handshake(2);
my @open = map { open_socket($gate->port, '/ws', as(2)) } 1 .. 2;
my $put  = ask($gate->port, 'PUT', '/settings', [ as(1) ], '{"require_mfa":true}');
is($put->{status}, 200, 'the policy goes on');
is($_->read_bytes(length $Close) // '', $Close, 'an open socket of a user without MFA is closed') for @open;

write_text($app->dir . '/release', '');
like($held->read_until(qr/.*?\r\n\r\n/s) // '', qr{^HTTP/1\.1 101}, 'the application accepts the held handshake');
my $got = $held->read_bytes(length $Close) // '';
$got .= $held->read_bytes(9) // '' if $got =~ /\A\x81\x07welcome/;
$got =~ s/\A\x81\x07welcome//;
is($got, $Close, 'and that socket is closed, too');
like(ask($gate->port, 'GET', '/status')->{body}, qr/"sockets_closed":3\b/, 'each is closed once');
$_->close for @open, $held;

$gate->ends_well;
done_testing;
