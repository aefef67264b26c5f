# WebSockets end to end: a handshake by token with an application, frames in both directions, and a second use.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Digest::SHA qw(hmac_sha256 sha1_base64);
use IO::Socket::INET ();
use JSON::PP ();
use MIME::Base64 qw(decode_base64url encode_base64url);
use Test::More;

# An application that completes the handshake, sends the query it received, and echoes one text frame.
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16, Proto => 'tcp') or die $!;
my $server = fork // die "fork: $!";
if (!$server) {
    AuthGateLive::prctl(1, 9);
    @SIG{qw(INT TERM HUP)} = ('DEFAULT') x 3;
    while (my $client = $listener->accept) {
        my $head = '';
        while ($head !~ /\r\n\r\n/) { sysread $client, $head, 4096, length $head or last }
        my ($query) = $head =~ m{^GET /ws\?(\S*)};
        my ($key)   = $head =~ /^Sec-WebSocket-Key: (\S+)/mi;
        my $accept  = sha1_base64("${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11") . '=';
        my $hello   = $query // 'no query';
        syswrite $client, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            . "Sec-WebSocket-Accept: $accept\r\n\r\n" . "\x81\x7e" . pack('n', length $hello) . $hello;
        sysread $client, my $frame, 4096;
        my ($mask, $text) = (substr($frame, 2, 4), substr $frame, 6);
        my $plain = $text ^ substr($mask x 100, 0, length $text);
        syswrite $client, "\x81" . chr(length $plain) . $plain;
        close $client;
    }
    POSIX::_exit(0);
}
AuthGateLive->also_end($server);
my $app = $listener->sockport;
close $listener;

my $gate = AuthGateLive->start(
    workers => 2,
    http    => q{auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET;},
    server  => qq{
        location = /token { auth_gate_issue ws; }
        location = /ws {
            auth_gate token=ws; auth_gate_ws_close on;
            proxy_http_version 1.1; proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection upgrade;
            proxy_pass http://127.0.0.1:$app/ws?token=\$auth_gate_jwt;
        }
        location = /hour {
            auth_gate token=ws; auth_gate_ws_close on; auth_gate_upstream_jwt on ttl=1h;
            proxy_http_version 1.1; proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection upgrade;
            proxy_pass http://127.0.0.1:$app/ws?token=\$auth_gate_jwt&\$auth_gate_args;
        }
    },
);

sub handshake {
    my $client = AuthGateLiveClient->new($gate->port);
    my $answer = $client->ask_here(request_text('GET', shift, ['Upgrade: websocket', 'Connection: Upgrade',
        'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']));
    return ($client, $answer);
}

sub text_frame {
    my $client = shift;
    my (undef, $size) = unpack 'CC', $client->read_bytes(2) // return;
    $size = unpack 'n', $client->read_bytes(2) if $size == 126;
    return $client->read_bytes($size);
}

my ($token) = issue($gate->port, session_jwt(7));
my ($client, $answer) = handshake("/ws?token=$token");
is($answer->{status}, 101, 'a token completes the handshake');
is($answer->{header}{'sec-websocket-accept'}, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', "with the application's answer");

my ($jwt) = text_frame($client) =~ /^token=(\S+)$/;
my ($header, $payload, $signature) = split /\./, $jwt;
is($signature, encode_base64url(hmac_sha256("$header.$payload", $SECRET)), 'the application got a JWT that is signed by the secret');
my $claims = JSON::PP::decode_json(decode_base64url($payload));
is_deeply([ sort keys %$claims ], [qw(exp iat id)], 'it says id, iat and exp');
is($claims->{id}, 7, 'of the user');
is($claims->{exp} - $claims->{iat}, 60, 'for a minute');

my $Hello = "\x81\x85\x01\x02\x03\x04" . ('hello' ^ "\x01\x02\x03\x04\x01");
$client->send($Hello);
is(text_frame($client), 'hello', 'frames pass in both directions');
ok($client->ended, 'and the close is passed on');

($client, $answer) = handshake("/ws?token=$token");
is($answer->{status}, 101, 'the token again: the handshake is completed');
my $reason = 'Invalid or expired token';
is($client->read_bytes(4 + length $reason), "\x88" . chr(2 + length $reason) . pack('n', 4001) . $reason, 'and closed with 4001');
ok($client->ended, 'one frame, and nothing more');

# As Directus, which ends a socket with its JWT, behind Socket.IO's arguments.
($token) = issue($gate->port, session_jwt(7, exp => time + 7200));
($client, $answer) = handshake("/hour?EIO=4&token=$token&transport=websocket");
my ($hour, $rest) = text_frame($client) =~ /^token=([^&]+)&(.*)$/;
$claims = JSON::PP::decode_json(decode_base64url((split /\./, $hour)[1]));
cmp_ok($claims->{exp} - $claims->{iat}, '>=', 3600, 'with ttl=1h the JWT of the application is good for an hour');
cmp_ok($claims->{exp} - $claims->{iat}, '<', 7200, 'and no longer');
is($rest, 'EIO=4&transport=websocket', q{and the client's other arguments go on});
$client->send($Hello);
is(text_frame($client), 'hello', 'also with frames');

$gate->ends_well;
done_testing;
