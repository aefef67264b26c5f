# Clients that disconnect, are slow or send garbage: no crash, no leaked connection, no leaked memory.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;

my $app  = AuthGateLive->start_app;
my $gate = AuthGateLive->start(
    http   => q{auth_gate_zone zone=gate:1m tokens=1000 per_user=1000; auth_gate_secret env:JWT_SECRET; access_log off;},
    server => file_gate($app->port) . q{ location = /jwt { auth_gate jwt; empty_gif; } },
    level  => 'warn',
);
my ($worker) = $gate->workers;
my $jwt = session_jwt(7);

sub open_files { opendir my $fds, "/proc/$worker/fd" or return -1; return scalar grep { !/^\./ } readdir $fds }
sub rss_kb { return text_of("/proc/$worker/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : 0 }

# Sends a mix of requests, and counts the responses by status.
sub some_requests {
    my $rounds = shift;
    my %seen;
    for (1 .. $rounds) {
        for my $answer (issue_many($gate->port, $jwt, 50)) {
            $seen{ $answer->{status} }++;
            my ($token) = ($answer->{body} // '') =~ /"token":"([0-9a-f]+)"/ or next;
            $seen{ redeem($gate->port, $token)->{status} }++;
        }
        my $client = AuthGateLiveClient->new($gate->port);
        for my $path ('/jwt', '/jwt?token=' . $jwt, '/file?token=' . 'a' x 64, '/file;x') {
            $seen{ $client->ask_here(request_text('GET', $path, ["Authorization: Bearer $jwt.x"]))->{status} }++;
        }
        $client->close;
    }
    return %seen;
}

some_requests(10);
my $files_before = open_files();
my $rss_before   = rss_kb();

# Clients disconnect during the header, during the body, and before the response.
my $post = request_text('POST', '/token', [ "Authorization: Bearer $jwt", 'Content-Length: 1000' ]);
my $chunked = request_text('POST', '/token', [ "Authorization: Bearer $jwt", 'Transfer-Encoding: chunked' ]);
for my $text (($post, "$post\{\"purpose", substr($post, 0, 30), $chunked, "${chunked}5\r\n\{\"pur", "GET /jwt\r\n", "\0\x80\xff\r\n\r\n", "$chunked-1\r\n") x 100) {
    my $client = AuthGateLiveClient->new($gate->port);
    $client->send($text);
    $client->close;
}
wait_for('nginx to let go of the connections', sub { open_files() <= $files_before });
pass('no connection of a disconnected client is kept');

# A body that arrives one byte at a time.
my $slow = AuthGateLiveClient->new($gate->port);
my $body = '{"purpose":"download"}';
$slow->send(request_text('POST', '/token', [ "Authorization: Bearer $jwt", 'Content-Length: ' . length $body ]));
$slow->send($_) for split //, $body;
is($slow->answer->{status}, 200, 'a body that arrives one byte at a time is read');
$slow->close;

# Garbage after a good request.
for my $rubbish ("\0" x 100, "GET\r\n\r\n", 'x' x 70000, "POST /token HTTP/1.1\r\nContent-Length: -1\r\n\r\n") {
    my $client = AuthGateLiveClient->new($gate->port);
    $client->send(request_text('GET', '/jwt', ["Authorization: Bearer $jwt"]) . $rubbish);
    is($client->answer->{status}, 200, 'a good request is answered');
    like($client->answer->{status}, qr/^4/, 'the garbage after it is refused');
    ok($client->ended, 'and the connection closed');
}

my %seen = some_requests(200);
my $requests = 0;
$requests += $_ for values %seen;
cmp_ok($requests, '>=', 20_000, "$requests requests");
is_deeply([ sort keys %seen ], [qw(200 400 401)], 'all kinds of answers: ' . join ' ', map { "$_ x $seen{$_}" } sort keys %seen);
is_deeply([ $gate->workers ], [$worker], 'the worker is still the same');
if (!$ENV{AUTH_GATE_SANITIZE}) {
    my $grown = rss_kb() - $rss_before;
    ok($grown < 3 * 1024, "the worker's memory has not grown with the requests ($grown KB)");
}
# On a graceful shutdown, a worker logs each connection that it has leaked.
$gate->ends_well(signal => 'QUIT');
$app->ends_well(name => 'the application');
done_testing;
