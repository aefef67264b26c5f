# An application with WebSockets behind the gate: it greets, and says again what it is told.
#
#     my $app = AuthGateSocketApp->start;
#     ... $app->port, $app->dir ...
#     my $client = open_socket($gate->port, '/ws', "Authorization: Bearer ...");
#     alive($client)
#
# "Who am I" is /me, and goes by files in dir: mfa-ID (the user has MFA), gone-ID (401), broken (no JSON), delay
# (milliseconds before each answer). An expired JWT is 401. me.log has a line for each: the id, and how many were being
# answered then, itself included. frames.log has the frames of the clients. The handshake of /held, which held.log then
# has a line for, is accepted as soon as there is a file "release".
package AuthGateSocketApp;

use strict;
use warnings;

use AuthGateLive;
use AuthGateLiveClient;
use Digest::SHA qw(sha1_base64);
use Exporter qw(import);
use IO::Select ();
use IO::Socket::INET ();
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use POSIX ();
use Time::HiRes qw(time);

our @EXPORT = qw(open_socket alive frame);

sub start {
    my $class = shift;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 1000, ReuseAddr => 1) or die "listen: $!";
    my $self = bless { dir => scratch_dir(), port => $listener->sockport }, $class;
    my $pid = fork // die "fork: $!";
    if ($pid) {
        AuthGateLive->also_end($pid);
        return $self;
    }
    @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
    AuthGateLive::prctl(1, 9);
    $self->serve($listener);
    POSIX::_exit(0);
}

sub port { return $_[0]{port} }
sub dir  { return $_[0]{dir} }

sub serve {
    my ($self, $listener) = @_;
    my $select = IO::Select->new($listener);
    my %of;
    while (1) {
        my ($next) = sort { $a->[0] <=> $b->[0] } @{ $self->{later} };
        my @ready = $select->can_read($next ? ($next->[0] > time ? $next->[0] - time : 0) : undef);
        for my $socket (@ready) {
            if ($socket == $listener) {
                $select->add(my $new = $listener->accept or next);
                $of{$new} = { in => '', ws => 0 };
                next;
            }
            my $one = $of{$socket};
            if (!sysread $socket, $one->{in}, 65536, length $one->{in}) {
                $select->remove($socket);
                delete $of{$socket};
                close $socket;
                next;
            }
            if (!$one->{ws}) {
                $one->{in} =~ s/\A(.*?\r\n\r\n)//s or next;
                $self->answer($socket, $one, $1);
            }
            $self->on_frames($socket, $one) if $one->{ws};
        }
        my $now = time;
        my @due = grep { $_->[0] <= $now } @{ $self->{later} };
        $self->{later} = [grep { $_->[0] > $now } @{ $self->{later} }];
        $_->[1]->() for @due;
    }
}

sub note {
    my ($self, $file, $line) = @_;
    open my $log, '>>', "$self->{dir}/$file" or die "$file: $!";
    print {$log} "$line\n";
    close $log;
    return;
}

sub answer {
    my ($self, $socket, $one, $head) = @_;
    my ($path) = $head =~ m{^\S+ (\S+)};
    my $say = sub { syswrite $socket, "HTTP/1.1 $_[0]\r\nContent-Type: application/json\r\nContent-Length: " . length($_[1]) . "\r\n\r\n$_[1]" };
    if ($path eq '/me') {
        my ($payload) = $head =~ /^Authorization: Bearer [^.]+\.([^.]+)\./mi;
        my $claims = JSON::PP::decode_json(decode_base64($payload =~ tr{-_}{+/}r));
        my $id = $claims->{id};
        $self->note('me.log', $id . ' ' . ++$self->{asked});
        my $answer = sub {
            $self->{asked}--;
            my $known = $claims->{exp} > time && !-e "$self->{dir}/gone-$id";
            my $user = { id => $id, role => $id == 1 ? 'admin' : 'user', mfa_enabled => -e "$self->{dir}/mfa-$id" ? \1 : \0 };
            $say->($known ? '200 OK' : '401 Unauthorized', -e "$self->{dir}/broken" ? 'no JSON' : JSON::PP::encode_json({ user => $user }));
        };
        my $delay = text_of("$self->{dir}/delay") || 0;
        return $delay ? push @{ $self->{later} }, [time + $delay / 1000, $answer] : $answer->();
    }
    return $say->('200 OK', 'ok') if $head !~ /^Upgrade:/mi;
    return $self->hold($socket, $one, $head) if $path eq '/held';
    return $self->accept_handshake($socket, $one, $head);
}

sub hold {
    my ($self, $socket, $one, $head) = @_;
    $self->note('held.log', 'a handshake');
    my $look;
    $look = sub {
        return push @{ $self->{later} }, [time + 0.05, $look] if !-e "$self->{dir}/release";
        return $self->accept_handshake($socket, $one, $head);
    };
    return $look->();
}

sub accept_handshake {
    my ($self, $socket, $one, $head) = @_;
    my ($key) = $head =~ /^Sec-WebSocket-Key: (\S+)/mi;
    my $accept = sha1_base64($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11') . '=';
    $one->{ws} = 1;
    return syswrite $socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n\x81\x07welcome";
}

# Frames of the client are masked and short here.
sub on_frames {
    my ($self, $socket, $one) = @_;
    while ($one->{in} =~ /\A(.)(.)/s && length $one->{in} >= 6 + (ord($2) & 0x7f)) {
        my ($opcode, $length) = (ord($1) & 0xf, ord($2) & 0x7f);
        my $frame = substr $one->{in}, 0, 6 + $length, '';
        my $mask = substr $frame, 2, 4;
        my $text = substr($frame, 6) ^ substr($mask x (1 + $length / 4), 0, $length);
        $self->note('frames.log', "$opcode $text");
        my $said = $opcode == 8 ? "\x88" . chr($length) . $text : $text eq 'half' ? "\x81\x0aabcd" : $text eq 'rest' ? 'efghij' : "\x81" . chr($length) . $text;
        syswrite $socket, $said;
    }
    return;
}

sub frame { my ($opcode, $text) = @_; return chr(0x80 | $opcode) . chr(0x80 | length $text) . "\0\0\0\0$text" }

# Opens a socket through the gate, and reads the greeting.
sub open_socket {
    my ($port, $path, @headers) = @_;
    my $client = AuthGateLiveClient->new($port, timeout => 6);
    $client->send(request_text('GET', $path, [ @headers, 'Upgrade: websocket', 'Connection: Upgrade',
        'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' ]));
    my $head = $client->read_until(qr/.*?\r\n\r\n/s) // '';
    die "no WebSocket: $head" if $head !~ /^HTTP\/1.1 101/ || ($client->read_bytes(9) // '') ne "\x81\x07welcome";
    return $client;
}

# Whether the socket still carries what the client says, there and back.
sub alive {
    my $client = shift;
    $client->send(frame(1, 'ping?'));
    return ($client->read_bytes(7) // '') eq "\x81\x05ping?";
}

1;
