# HTTP/0.9 has no headers: a gated server refuses it, whatever the token, and every worker lives on.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use IO::Socket::INET ();
use Test::More;

my $app  = AuthGateLive->start_app;
my $port = $app->port;
my $gate = AuthGateLive->start(
    http => q{
        auth_gate_zone zone=gate:1m tokens=1000;
        auth_gate_secret env:JWT_SECRET;
        auth_gate_purpose download ttl=60s lease=60s;
    },
    server => file_gate($port) . qq{
        location = /page  { auth_gate token=download; error_page 400 \@own; proxy_pass http://127.0.0.1:$port; }
        location \@own     { auth_gate token=download; proxy_pass http://127.0.0.1:$port; }
        location = /jwt   { auth_gate jwt; proxy_pass http://127.0.0.1:$port; }
        location = /open  { auth_gate off; proxy_pass http://127.0.0.1:$port; }
    },
);
my @workers = sort $gate->workers;

# The whole answer to a request line without a version.
sub ask_09 {
    my $target = shift;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $gate->port, Timeout => 10)
        or return "no connection: $!";
    print {$socket} "GET $target\r\n";
    local $/;
    return scalar(<$socket>) // '';
}

my ($token) = issue($gate->port, session_jwt(1));
for my $target (("/file?token=$token") x 5, "/page?token=$token", '/jwt', '/open', '/file', '/token') {
    like(ask_09($target), qr/400 Bad Request/, 'refused: ' . $target =~ s/\?.*//r);
}
is_deeply([sort $gate->workers], \@workers, 'the workers are the same');
is(scalar(my @seen = $app->requests), 0, 'the application saw nothing');
unlike($gate->error_log, qr/\Q$token\E/, 'the token is not logged');
is(redeem($gate->port, $token)->{status}, 200, 'and was not spent');

$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
