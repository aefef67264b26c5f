# check=identity among simultaneous requests: an older answer of the application never counts for a request that came after
# the question, whoever asked it, in whatever worker. The application is this test, which answers when it wants.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use IO::Select ();
use IO::Socket::INET ();
use Test::More;

my $me   = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 100, ReuseAddr => 1) or die "listen: $!";
my $app  = AuthGateLive->start_app;
my $h2   = free_port();
my $new  = nginx_version() >= 1_025_001;
my $gate = AuthGateLive->start(
    workers => 2,
    listen  => 'reuseport',
    http    => 'auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_identity /_me; auth_gate_mfa off;',
    server  => "listen 127.0.0.1:$h2" . ($new ? '; http2 on;' : ' http2;') . '
        location = /_me   { internal; proxy_pass http://127.0.0.1:' . $me->sockport . '; proxy_read_timeout 20s; }
        location = /token { auth_gate_issue download check=identity; }
        location = /both  { auth_gate_issue download check=identity; auth_gate_mfa always; }
        location = /api   { auth_gate jwt; auth_gate_mfa always; proxy_pass http://127.0.0.1:' . $app->port . '; }
    ',
);
my $jwt = session_jwt(7);
my @Known = (200, '{"user":{"id":7,"mfa_enabled":true}}');
my @Gone  = (401, '{}');

# The next question of the gate.
sub question {
    IO::Select->new($me)->can_read(patience(10)) or die "nobody asks\n";
    my $socket = $me->accept;
    my $text = '';
    sysread $socket, $text, 4096, length $text or die "the question breaks off\n" while $text !~ /\r\n\r\n/;
    return $socket;
}

sub answer {
    my ($socket, $status, $body) = @_;
    syswrite $socket, "HTTP/1.0 $status Said\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
    return close $socket;
}

sub send_off {
    my ($method, $path) = @_;
    my $client = AuthGateLiveClient->new($gate->port, timeout => patience(15));
    $client->send(request_text($method, $path, [ "Authorization: Bearer $jwt", 'Connection: close' ], $method eq 'POST' ? '' : undef));
    return $client;
}

# Two requests of one user for a token are two questions, and each has its own answer.
my @clients = (send_off('POST', '/token'));
my @asked   = (question());
push @clients, send_off('POST', '/token');
push @asked, question();
answer($asked[1], @Gone);
is($clients[1]->answer->{status}, 401, 'the later request is refused by its own answer');
answer($asked[0], @Known);
is($clients[0]->answer->{status}, 200, 'the earlier one was in time');

# A question of another request, whose answer comes after the session was signed out.
my $api   = send_off('GET', '/api');
my $older = question();
my $token = send_off('POST', '/token');
my $fresh = question();
my $both  = send_off('POST', '/both');
my $other = question();
answer($older, @Known);
is($api->answer->{status}, 200, 'the older question is answered');
answer($fresh, @Gone);
answer($other, @Gone);
is($token->answer->{status}, 401, 'a request for a token waits for its own answer');
is($both->answer->{status}, 401, 'where MFA is in force, too');
is(ask($gate->port, 'GET', '/api', ["Authorization: Bearer $jwt"])->{status}, 200, 'the cache stays');

# Many at once, every other one after the session's end.
my @many = map { [ send_off('POST', '/token'), question() ] } 1 .. 20;
answer($many[$_][1], $_ % 2 ? @Known : @Gone) for reverse 0 .. $#many;
is_deeply([ map { $_->[0]->answer->{status} } @many ], [ (401, 200) x 10 ], 'of twenty, each has its own answer');

# A client that leaves asks in vain, and nobody waits for its question.
my $leaving = send_off('POST', '/token');
my $vain    = question();
$leaving->close;
my $next = send_off('POST', '/token');
answer(question(), @Known);
is($next->answer->{status}, 200, 'a client that left holds nobody up');
close $vain;

# Over HTTP/2.
sub send_off_h2 {
    my ($path) = @_;
    open my $curl, '-|', 'curl', '-s', '-m', patience(15), '--http2-prior-knowledge', '-X', 'POST', '-H', "Authorization: Bearer $jwt",
        '-w', '%{http_version} %{http_code}', '-o', '/dev/null', "http://127.0.0.1:$h2$path" or die "curl: $!";
    return $curl;
}
my @curls = (send_off_h2('/token'));
@asked = (question());
push @curls, send_off_h2('/both');
push @asked, question();
answer($asked[1], @Gone);
answer($asked[0], @Known);
is_deeply([ map { my $curl = $_; <$curl> } @curls ], [ '2 200', '2 401' ], 'HTTP/2 makes no difference');
close $_ for @curls;

# A body that comes later than the header: the question before it does not count for it.
sub hold_back {
    my ($path) = @_;
    my $client = AuthGateLiveClient->new($gate->port, timeout => patience(15));
    $client->send("POST $path HTTP/1.1\r\nHost: t\r\nConnection: close\r\nAuthorization: Bearer $jwt\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    answer(question(), @Known);
    wait_for('the body to be wanted', sub { IO::Select->new($client->{socket})->can_read(0.01) });
    sysread $client->{socket}, my $continue, length "HTTP/1.1 100 Continue\r\n\r\n";
    $client->send('{}');
    return $client;
}
for my $path ('/token', '/both') {
    for my $case ([ 401, @Gone ], [ 200, @Known ], [ 503, 500, '' ]) {
        my ($status, @says) = @$case;
        my $client = hold_back($path);
        answer(question(), @says);
        is($client->answer->{status}, $status, "$path: after a late body it is asked again: $status");
    }
}
{
    my $client = hold_back('/both');
    answer(question(), 200, '{"user":{"id":7,"mfa_enabled":false}}');
    is($client->answer->{status}, 403, 'and the new answer decides about MFA, too');
}
{
    my $client = hold_back('/token');
    my $vain   = question();
    $client->close;
    my $next = send_off('POST', '/token');
    answer(question(), @Known);
    is($next->answer->{status}, 200, 'who leaves then holds nobody up');
    close $vain;
}

# The application does not answer at all.
my $silent = send_off('POST', '/token');
close question();
is($silent->answer->{status}, 503, 'an application that hangs up: 503');

$gate->ends_well;
done_testing;
