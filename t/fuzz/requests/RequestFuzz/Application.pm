# The application behind the fuzzed nginx. It reads requests strictly, keeps each of them, and answers as X-App says. It runs
# inside the fuzzer: step() lets it work.
package RequestFuzz::Application;

use strict;
use warnings;

use AuthGateTest::Http;
use Digest::SHA qw(sha1_base64);
use IO::Select ();
use IO::Socket::INET ();
use JSON::PP ();
use MIME::Base64 qw(decode_base64);
use RequestFuzz::Credentials;

sub new {
    my $class = shift;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 100) or die "listen: $!";
    $listener->blocking(0);
    return bless { listener => $listener, select => IO::Select->new($listener), of => {}, seen => [], faults => [] }, $class;
}

sub port { return $_[0]{listener}->sockport }

# What was seen since the last call: requests as { method, target, headers, location, ... }, and what was wrong with them.
sub take_seen   { my $self = shift; return splice @{ $self->{seen} } }
sub take_faults { my $self = shift; return splice @{ $self->{faults} } }

# Works until one of these other sockets has something to read, or for so many seconds. Returns those that have, and
# whether anything happened.
sub step {
    my ($self, $seconds, @others) = @_;
    $self->{select}->add(@others) if @others;
    my @ready = $self->{select}->can_read($seconds);
    $self->{select}->remove(@others) if @others;
    my %other = map { $_ => 1 } @others;
    for my $socket (grep { !$other{$_} } @ready) {
        if ($socket == $self->{listener}) {
            my $new = $socket->accept or next;
            $self->{select}->add($new);
            $self->{of}{$new} = '';
        } elsif (sysread $socket, $self->{of}{$socket}, 65536, length $self->{of}{$socket}) {
            $self->work($socket);
        } else {
            $self->drop($socket);
        }
    }
    return ([grep { $other{$_} } @ready], scalar @ready);
}

sub drop {
    my ($self, $socket) = @_;
    push @{ $self->{faults} }, 'a request to the application was cut: ' . $self->{of}{$socket}
        if length $self->{of}{$socket} && $self->{of}{$socket} !~ /\A(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|[A-Z_-]+) /;
    $self->{select}->remove($socket);
    delete $self->{of}{$socket};
    close $socket;
    return;
}

sub work {
    my ($self, $socket) = @_;
    while (defined $self->{of}{$socket} && $self->{of}{$socket} =~ /\A(.*?)\r\n\r\n/s) {
        my ($head, $size) = ($1, $+[0]);
        my ($line, @lines) = split /\r\n/, $head;
        my %seen = (line => $line, headers => [], head => $head);
        (@seen{qw(method target)}) = $line =~ m{\A(\S+) (\S.*) HTTP/1\.[01]\z}
            or push(@{ $self->{faults} }, "no request line: $line"), return $self->drop($socket);
        for my $text (@lines) {
            $text =~ /\A([!#\$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*?)[ \t]*\z/
                or push(@{ $self->{faults} }, "a header of this kind went to the application: $text"), next;
            push @{ $seen{headers} }, [lc $1, $2];
        }
        my $body = $self->body(\%seen, substr $self->{of}{$socket}, $size) // return;
        substr($self->{of}{$socket}, 0, $size + $body) = '';
        my %header;
        for my $header (@{ $seen{headers} }) {
            my ($name, $value) = @$header;
            push @{ $self->{faults} }, "$name came twice" if exists $header{$name} && $name =~ /\A(?:authorization|x-user|x-location|x-purpose|host|content-length)\z/;
            $header{$name} //= $value;
        }
        @seen{qw(header location mark)} = (\%header, $header{'x-location'} // '', $header{'x-mark'});
        push @{ $self->{seen} }, \%seen;
        $self->answer($socket, \%seen) or return $self->drop($socket);
    }
    return;
}

# The size of the body that stands there; nothing while it is not complete.
sub body {
    my ($self, $seen, $text) = @_;
    my ($length) = map { $_->[1] } grep { $_->[0] eq 'content-length' } @{ $seen->{headers} };
    my ($coding) = map { $_->[1] } grep { $_->[0] eq 'transfer-encoding' } @{ $seen->{headers} };
    push @{ $self->{faults} }, "a body with two lengths: $seen->{head}" if defined $length && defined $coding;
    if (defined $coding) {
        my $at = 0;
        while (substr($text, $at, 20) =~ /\A([0-9a-f]+)\r\n/i) {
            my ($size, $line) = (hex $1, length($1) + 2);
            return if length $text < $at + $line + $size + 2;
            $at += $line + $size + 2;
            return $at if !$size;
        }
        return;
    }
    return 0 if !$length;
    return length $text >= $length ? $length : undef;
}

my %Says = (
    plain   => ['200 OK', 'the application'], failed => ['500 Internal Server Error', 'failed'], missing => ['404 Not Found', 'missing'],
    big     => ['200 OK', 'x' x 40_000],
);

# Returns false if the connection ends with this.
sub answer {
    my ($self, $socket, $seen) = @_;
    my ($header, $location) = @$seen{qw(header location)};
    my $how  = $header->{'x-app'} // 'plain';
    my $send = sub {
        my ($status, $text, @more) = @_;
        my $body = $seen->{method} eq 'HEAD' ? '' : $text;
        return syswrite $socket, join "\r\n", "HTTP/1.1 $status", 'Content-Length: ' . length $text, @more, '', $body;
    };
    return $send->(who_is($header->{authorization}), 'Content-Type: application/json') if $location eq 'me';
    return $send->('200 OK', qq{<p><!--#include virtual="/part/$1/x" --></p>}, 'Content-Type: text/html') if $location =~ m{\Apage/(\w+)};
    return $send->('200 OK', '', "X-Accel-Redirect: /target/$1/x") if $location =~ m{\Aaccel/(\w+)};
    my $own = $how eq 'big' ? ',"require_mfa":"false"' : '';  # a switch of the application's own
    return $send->('200 OK', qq({"app":1$own}), 'Content-Type: application/json') if $location =~ m{\Aep/};
    # Where no gate removes an improper Upgrade, nginx may take a connection for upgraded that cannot be.
    if ($location !~ m{\A(?:part|ask|page|accel|ep|root)\b|/off\z} && defined $header->{upgrade} && ($header->{connection} // '') =~ /upgrade/i) {
        my $accept = sha1_base64(($header->{'sec-websocket-key'} // '') . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11') . '=';
        syswrite $socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: $accept\r\n\r\n\x81\x07welcome";
        $self->{of}{$socket} = '';
        return 0;
    }
    if ($how eq 'empty')   { return syswrite $socket, "HTTP/1.1 204 No Content\r\n\r\n" }
    if ($how eq 'broken')  { syswrite $socket, "what is this?\r\n\r\n"; return 0 }
    if ($how eq 'chunked') {
        return syswrite $socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" . ($seen->{method} eq 'HEAD' ? '' : "3\r\nthe\r\nb\r\napplication\r\n0\r\n\r\n");
    }
    return $send->(@{ $Says{$how} || $Says{plain} });
}

sub who_is {
    my $authorization = shift;
    my ($payload) = ($authorization // '') =~ /\ABearer [\w-]+\.([\w-]+)\./;
    my $claims = eval { JSON::PP::decode_json(decode_base64(($payload // '') =~ tr{-_}{+/}r)) } || {};
    my $id     = $claims->{id} // $claims->{sub};
    my $user   = defined $id && !ref $id ? user_with($id) : undef;
    return ('401 Unauthorized', '{}') if !$user;
    return ('200 OK', JSON::PP->new->canonical->encode({ user => { id => $id, role => $user->{role}, mfa_enabled => $user->{mfa} ? \1 : \0 } }));
}

1;
