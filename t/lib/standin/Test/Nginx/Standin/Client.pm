# Sends one request over a socket of its own and reads the answer until nginx
# closes; takes an answer apart.
package Test::Nginx::Standin::Client;

use strict;
use warnings;

use Errno qw(EAGAIN EINTR);
use Exporter qw(import);
use IO::Select ();
use IO::Socket::INET ();
use Test::Builder ();
use Test::Nginx::Util ();
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(exchange parse_response header_value);

# The raw answer, or '' where there was none.
sub exchange {
    my ($block, $packets, $timeout) = @_;

    if ($Test::Nginx::Util::Protocol) {
        my $answer = $Test::Nginx::Util::Protocol->ask($timeout, map { $_->{value} } @$packets);
        return $answer if defined $answer;
    }
    my $socket = connected($block, $timeout) or return '';
    $socket->blocking(0);
    local $SIG{PIPE} = 'IGNORE';

    my @packets = @$packets;
    my $pending = (shift @packets)->{value};
    my $readers = IO::Select->new($socket);
    my $writers = IO::Select->new($socket);
    my $answer  = '';

    while (1) {
        my ($readable, $writable) = IO::Select->select($readers, $writers, undef, $timeout);
        if (!defined $readable) {
            next if $! == EINTR;
            timed_out($block, $timeout);
            last;
        }

        if (@$readable) {
            my $got = sysread $socket, $answer, 65536, length $answer;
            if (!defined $got) {
                next if $! == EAGAIN || $! == EINTR;
                warn 'WARNING: ', $block->name, " - reading the response failed: $!\n";
                last;
            }
            last if $got == 0;
        }

        if (@$writable) {
            if (length $pending) {
                my $sent = syswrite $socket, $pending;
                if (defined $sent) {
                    substr($pending, 0, $sent) = '';
                }
                elsif ($! != EAGAIN && $! != EINTR) {
                    warn 'WARNING: ', $block->name, " - sending the request failed: $!\n";
                    $writers->remove($socket);
                }
            }
            elsif (my $next = shift @packets) {
                my $delay = $next->{delay_before} // $block->raw_request_middle_delay;
                sleep $delay if $delay;
                $pending = $next->{value};
            }
            else {
                my $how = $block->shutdown;
                shutdown $socket, $how =~ /\S/ ? $how : 1 if defined $how;
                $writers->remove($socket);
            }
        }
    }

    close $socket;
    return $answer;
}

sub connected {
    my ($block, $timeout) = @_;
    my $addr  = $block->server_addr_for_client // $Test::Nginx::Util::ServerAddr;
    my $port  = $Test::Nginx::Util::ServerPortForClient;
    my $until = time + $timeout;

    while (1) {
        my $socket = IO::Socket::INET->new(PeerAddr => $addr, PeerPort => $port, Proto => 'tcp', Timeout => $timeout);
        return $socket if $socket;
        my $why = $@ || $!;
        if (time >= $until) {
            Test::Builder->new->ok(0, $block->name . " - cannot connect to $addr:$port: $why");
            return;
        }
        sleep 0.01;
    }
}

sub timed_out {
    my ($block, $timeout) = @_;
    return if defined $block->abort;
    Test::Builder->new->ok(0, 'ERROR: client socket timed out - ' . $block->name . " ($timeout s)");
    return;
}

# {code, headers, content}, the raw head, and what followed the answer.
sub parse_response {
    my ($name, $raw, $is_head) = @_;

    my $raw_head = $raw =~ /\A(.*?\r\n)\r\n/s ? $1 : '';
    my ($head, $content) = $raw =~ /\A(.*?)(?:\r?\n\r?\n(.*))?\z/s;
    my ($status_line, @lines) = split /\r?\n/, $head;

    my @headers;
    for my $line (@lines) {
        if ($line =~ /^([^\s:]+)[ \t]*: ?(.*)/) {
            push @headers, [ $1, $2 ];
        }
        elsif (@headers && $line =~ /^[ \t]/) {
            $headers[-1][1] .= "\n$line";
        }
    }

    my $code = (split ' ', $status_line // '')[1];
    undef $code if defined $code && $code !~ /^\d+\z/;
    my $response = { code => $code, headers => \@headers, content => $content // '' };
    return ($response, $raw_head) if $code && ($code == 304 || $code == 101);

    my $left;
    my $length = header_value($response, 'Content-Length');
    if ((header_value($response, 'Transfer-Encoding') // '') eq 'chunked') {
        (my $decoded, $left, my $wrong) = decode_chunks($response->{content});
        if ($wrong) {
            Test::Builder->new->ok(0, "$name - invalid chunked body received: $wrong");
            return;
        }
        $response->{content} = $decoded;
    }
    elsif (defined $length && $length =~ /^\d+\z/) {
        my $got = length $response->{content};
        if ($got > $length) {
            $left = substr $response->{content}, $length;
            $response->{content} = substr $response->{content}, 0, $length;
        }
        elsif ($got < $length && !$is_head) {
            warn "WARNING: $name - response body truncated: $length bytes announced, $got received\n";
        }
    }
    return ($response, $raw_head, $left);
}

sub decode_chunks {
    my $raw     = shift;
    my $decoded = '';
    pos($raw) = 0;

    while (1) {
        if ($raw =~ /\G0[ \t]*\r\n\r\n/gc) {
            return ($decoded, substr $raw, pos $raw);
        }
        $raw =~ /\G[ \t]*([A-Fa-f0-9]+)[ \t]*\r\n/gc
            or return (undef, undef, 'no chunk size at "' . Test::Nginx::Util::visible(substr($raw, pos $raw), 60) . '"');
        my $size = hex $1;
        my $at   = pos $raw;
        return (undef, undef, 'a chunk ends early') if length($raw) < $at + $size + 2;
        $decoded .= substr $raw, $at, $size;
        return (undef, undef, 'no CRLF after a chunk') if substr($raw, $at + $size, 2) ne "\r\n";
        pos($raw) = $at + $size + 2;
    }
}

# Repeated headers come back joined, as HTTP::Headers does.
sub header_value {
    my ($response, $name) = @_;
    (my $key = lc $name) =~ tr/_/-/;
    my @values = map { $_->[1] } grep { lc $_->[0] eq $key } @{ $response->{headers} };
    return @values ? join(', ', @values) : undef;
}

1;
