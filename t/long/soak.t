# Memory and descriptors stay flat while mixed traffic runs and the configuration is reloaded again and again. Prints the
# numbers. `./dev leaks` runs this for ten minutes; AUTH_GATE_SOAK_SECONDS says otherwise.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use List::Util qw(max sum);
use Test::More;
use Time::HiRes qw(sleep time);

my $seconds = $ENV{AUTH_GATE_SOAK_SECONDS} // 600;
my $every   = max(1, $seconds / 60);
my $workers = 2;
alarm patience($seconds + 120);

my $app = AuthGateLive->start_app(server => q{
    access_log off;
    location = /who { default_type application/json; return 200 '{"user":{"id":$http_x_user,"role":"admin","mfa_enabled":true}}'; }
    location /      { default_type application/json; return 200 '{"answer":true}'; }
});
my $app_port = $app->port;
my $gate = AuthGateLive->start(
    workers => $workers,
    level   => 'error',
    http    => 'auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_state_path state; access_log off;',
    server  => qq{
        auth_gate_identity /who cache=1s;
        auth_gate_mfa policy;
        auth_gate_public GET /public;
        location = /who      { internal; proxy_pass http://127.0.0.1:$app_port;
                               proxy_set_header Authorization "Bearer \$auth_gate_jwt";
                               proxy_set_header X-User \$auth_gate_user_id; }
        location = /token    { auth_gate_issue ws download immich; }
        location = /ws       { auth_gate token=ws; auth_gate_ws_close on; proxy_pass http://127.0.0.1:$app_port; }
        location = /settings { auth_gate jwt; auth_gate_app_settings on; proxy_pass http://127.0.0.1:$app_port; }
        location /           { auth_gate jwt token=download; proxy_pass http://127.0.0.1:$app_port; }
    },
);

# One of everything, good and bad, on connections that stay and that close.
sub mixed_traffic {
    my ($number, $until) = @_;
    my %count;
    my $port = $gate->port;
    for (my $i = 0; time < $until; ++$i) {
        my $bearer = 'Authorization: Bearer ' . session_jwt($i % 50, nonce => "$number-$i");
        my $json   = 'Content-Type: application/json';
        my $token  = ask($port, 'POST', '/token', [ $bearer, $json ], '{"purpose":"download"}');
        my ($text) = ($token->{body} // '') =~ /"token":"([0-9a-f]+)"/;
        my @answers = (
            $token,
            ask($port, 'GET', '/file?token=' . ($text // 'none')),
            ask($port, 'GET', '/file?token=' . ($text // 'none')),
            ask($port, 'GET', '/api', [$bearer]),
            ask($port, 'GET', '/api', ["$bearer.bad"]),
            ask($port, 'GET', '/public'),
            ask($port, 'GET', '/a;b', [$bearer]),
            ask($port, 'GET', '/ws', [ 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
                'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' ]),
            ask($port, 'PUT', '/settings', [ $bearer, $json ], $i % 2 ? '{"require_mfa":true}' : '{"require_mfa":false}'),
            ask($port, 'GET', '/settings', [$bearer]),
        );
        $count{ $_->{status} || 'no answer' }++ for @answers;
        AuthGateLiveClient->new($port)->send("GET /api HTTP/1.1\r\nAuthorization: Bear");    # gives up
    }
    return \%count;
}

sub private_kb  { return sum(0, text_of("/proc/$_[0]/smaps_rollup") =~ /^Private_\w+:\s+(\d+)/mg) }
sub descriptors { return scalar(() = glob "/proc/$_[0]/fd/*") }

my $until = time + $seconds;
my @rows;
my @counts = crowd(2, sub { my ($number, $start) = @_; $start->(); return mixed_traffic($number, $until) }, sub {
    while (time + $every < $until) {
        sleep $every;
        my @pids = ($gate->pid, $gate->workers);
        push @rows, {
            master_kb  => private_kb($pids[0]),
            workers_kb => sum(map { private_kb($_) } @pids[1 .. $#pids]) / $#pids,
            master_fds => descriptors($pids[0]),
            workers_fds => sum(map { descriptors($_) } @pids[1 .. $#pids]) / $#pids,
        };
        $gate->reload;
    }
});

my %total;
for my $count (@counts) { $total{$_} += $count->{$_} for keys %$count }
note join ', ', map { "$_: $total{$_}" } sort keys %total;
ok($total{200} && $total{401} && $total{400}, 'requests of all kinds were answered');
cmp_ok(scalar @rows, '>=', 6, scalar(@rows) . ' reloads');

# The first third warms up. After it, the last value is compared with the typical one.
my $third = int(@rows / 3);
for my $what (sort keys %{ $rows[0] }) {
    my @middle = sort { $a <=> $b } map { $_->{$what} } @rows[ $third .. 2 * $third - 1 ];
    my @last   = sort { $a <=> $b } map { $_->{$what} } @rows[ 2 * $third .. $#rows ];
    my ($before, $after) = ($middle[ @middle / 2 ], $last[ @last / 2 ]);
    note "$what: first $rows[0]{$what}, middle $before, last $after";
    my $allowed = $what =~ /kb/ ? $before * 1.05 + 256 : $before + 3;
    cmp_ok($after, '<=', $allowed, "$what stay flat");
}
$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
