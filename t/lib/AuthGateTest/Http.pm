# An HTTP client that sends exactly the bytes it is given.
package AuthGateTest::Http;

use strict;
use warnings;

use Exporter qw(import);
use IO::Select ();
use IO::Socket::INET ();
use Time::HiRes qw(time);

our @EXPORT = qw(http_request http_get);

# http_request($port, $text, timeout => 5) sends the text and reads until nginx
# closes the connection, or the time is over (then timed_out is set). Returns
#   status, headers (a list of [lower-case name, value]), header (a hash, values
#   of a repeated name joined by ", "), body (chunks put together), raw.
sub http_request {
    my ($port, $text, %option) = @_;
    my $protocol = $port == ($Test::Nginx::Util::ServerPortForClient // 0) ? $Test::Nginx::Util::Protocol : undef;
    my $answer   = $protocol && $protocol->ask($option{timeout} // 5, $text);
    return { taken_apart($answer), timed_out => 0 } if defined $answer;
    return by_socket($port, $text, %option);
}

sub by_socket {
    my ($port, $text, %option) = @_;
    my $until  = time + ($option{timeout} // 5);
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp', Timeout => 5)
        or return { status => 0, headers => [], header => {}, body => '', raw => '', error => "connect: $!" };

    local $SIG{PIPE} = 'IGNORE';
    $socket->blocking(0);
    my ($raw, $timed_out) = ('', 0);
    my $readers = IO::Select->new($socket);
    my $writers = IO::Select->new($socket);
    while (1) {
        my $rest = $until - time;
        $timed_out = 1, last if $rest <= 0;
        $writers->remove($socket) if !length $text;
        my ($readable, $writable) = IO::Select->select($readers, $writers, undef, $rest);
        if (@{ $readable || [] }) {
            my $got = sysread $socket, $raw, 65536, length $raw;
            last if defined $got ? $got == 0 : !$!{EAGAIN};
        }
        if (@{ $writable || [] }) {
            my $sent = syswrite $socket, $text;
            if (defined $sent)    { substr($text, 0, $sent) = '' }
            elsif (!$!{EAGAIN})   { $text = '' }
        }
    }
    close $socket;
    return { taken_apart($raw), timed_out => $timed_out };
}

# http_get($port, '/path', 'Name: value', ...)
sub http_get {
    my ($port, $path, @lines) = @_;
    return http_request($port, join "\r\n", "GET $path HTTP/1.1", 'Host: localhost', 'Connection: close', @lines, '', '');
}

sub taken_apart {
    my $raw = shift;
    my ($head, $body) = split /\r\n\r\n/, $raw, 2;
    my ($status_line, @lines) = split /\r\n/, $head // '';
    my ($status) = ($status_line // '') =~ m{^HTTP/\S+ (\d+)};

    my (@headers, %header);
    for my $line (@lines) {
        my ($name, $value) = $line =~ /^([^:]+):\s*(.*?)\s*\z/ or next;
        push @headers, [ lc $name, $value ];
        $header{ lc $name } = defined $header{ lc $name } ? "$header{ lc $name }, $value" : $value;
    }
    $body //= '';
    $body = joined_chunks($body) if lc($header{'transfer-encoding'} // '') eq 'chunked';

    return (status => $status // 0, headers => \@headers, header => \%header, body => $body, raw => $raw);
}

sub joined_chunks {
    my $rest = shift;
    my $body = '';
    while ($rest =~ s/\A([0-9A-Fa-f]+)[^\n]*\n// && hex $1) {
        $body .= substr $rest, 0, hex $1, '';
        $rest =~ s/\A\r\n//;
    }
    return $body;
}

1;
