# Clients for the live tests: connections that are opened first and used later, and processes that all start at once.
package AuthGateLiveClient;

use strict;
use warnings;

use Exporter qw(import);
use IO::Select ();
use IO::Socket::INET ();
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(time);

use AuthGateLive qw(patience);
use AuthGateTest::Http;
use AuthGateTest::Jwt;

our @EXPORT = qw(file_gate request_text ask issue issue_many redeem redeem_all_at_once crowd);

# A server with one purpose, one location that issues tokens, and one that accepts them.
sub file_gate {
    my ($app, $purpose) = @_;
    $purpose //= 'download';
    return <<"END";
        location = /token { auth_gate_issue $purpose; }
        location = /file  { auth_gate jwt token=$purpose; proxy_pass http://127.0.0.1:$app; }
END
}

sub request_text {
    my ($method, $path, $headers, $body) = @_;
    my @lines = ("$method $path HTTP/1.1", 'Host: localhost', @{ $headers || [] });
    push @lines, 'Content-Length: ' . length $body if defined $body;
    return join("\r\n", @lines, '', '') . ($body // '');
}

# One request on a new connection.
sub ask {
    my ($port, $method, $path, $headers, $body) = @_;
    return http_request($port, request_text($method, $path, [ 'Connection: close', @{ $headers || [] } ], $body),
        timeout => patience(10));
}

# Returns a token, or nothing and the answer.
sub issue {
    my ($port, $jwt, $path) = @_;
    my $answer = ask($port, 'POST', $path // '/token', ["Authorization: Bearer $jwt"]);
    my ($token) = $answer->{status} == 200 ? $answer->{body} =~ /^\{"token":"([0-9a-f]{64})"\}\z/ : ();
    return ($token, $answer);
}

# Sends this many requests for a token on one connection, a few dozen at a time. Returns the answers.
sub issue_many {
    my ($port, $jwt, $count) = @_;
    my $text = request_text('POST', '/token', ["Authorization: Bearer $jwt"]);
    my ($client, @answers);
    while (@answers < $count) {
        $client //= AuthGateLiveClient->new($port);
        my $some = $count - @answers < 50 ? $count - @answers : 50;
        $client->send($text x $some);
        my @some = map { $client->answer } 1 .. $some;
        push @answers, @some;
        last if !$some[-1]{status};
        undef $client if ($some[-1]{header}{connection} // '') eq 'close' || @answers % 500 == 0;
    }
    return @answers;
}

sub redeem {
    my ($port, $token, $path) = @_;
    return ask($port, 'GET', ($path // '/file') . "?token=$token");
}

# Presents a token on this many connections. All are open and have sent a part of the request before any sends the rest.
# Returns the answers.
sub redeem_all_at_once {
    my ($port, $token, $count, $go) = @_;
    my $text = request_text('GET', "/file?token=$token", ['Connection: close']);
    my @clients = map { AuthGateLiveClient->new($port) } 1 .. $count;
    my $end = substr $text, -2, 2, '';
    $_->send($text) for @clients;
    $go->() if $go;
    $_->send($end) for @clients;
    return map { $_->answer } @clients;
}

# Runs the code in this many processes, and returns the list of results. The code gets its number, and a function that
# waits until all are ready.
sub crowd {
    my ($size, $code, $meanwhile) = @_;
    pipe my $ready_out, my $ready_in or die "pipe: $!";
    pipe my $go_out,    my $go_in    or die "pipe: $!";
    my @members;
    for my $i (0 .. $size - 1) {
        pipe my $out, my $in or die "pipe: $!";
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            @SIG{qw(INT TERM HUP)} = ('DEFAULT') x 3;
            AuthGateLive::prctl(1, 9);
            close $_ for $out, $go_in;
            srand $$;
            my $start = sub {
                syswrite $ready_in, '.';
                sysread $go_out, my $nothing, 1;    # until the parent closes it
            };
            my $result = eval { { result => [ $code->($i, $start) ] } } || { died => "$@" };
            print {$in} JSON::PP->new->allow_nonref->encode($result);
            close $in;
            POSIX::_exit(0);
        }
        close $in;
        AuthGateLive->also_end($pid);
        push @members, { pid => $pid, out => $out };
    }
    close $ready_in;
    my $ready = 0;
    while ($ready < $size) {
        my $n = sysread $ready_out, my $dots, $size or last;
        $ready += $n;
    }
    close $go_in;
    $meanwhile->() if $meanwhile;

    my @results;
    for my $member (@members) {
        my $out = $member->{out};
        my $text = do { local $/; <$out> };
        waitpid $member->{pid}, 0;
        my $result = JSON::PP->new->decode($text || '{"died":"killed"}');
        die "a client died: $result->{died}\n" if $result->{died};
        push @results, @{ $result->{result} };
    }
    return @results;
}

# A connection. Its answers are those of http_request(), with these members added:
#   timed_out  the answer was not complete in time
#   closed     the peer closed or reset the connection before the answer was complete
sub new {
    my ($class, $port, %option) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp', Timeout => 5);
    return bless { socket => $socket, buffer => '', timeout => patience($option{timeout} // 10) }, $class;
}

sub connected { return defined $_[0]{socket} }

sub send {
    my ($self, $text) = @_;
    my $socket = $self->{socket} or return 0;
    my $until = time + $self->{timeout};
    while (length $text) {
        my $sent = syswrite $socket, $text;
        return 0 if !defined $sent || time > $until;
        substr($text, 0, $sent) = '';
    }
    return 1;
}

sub ask_here { my ($self, $text) = @_; $self->send($text); return $self->answer }

sub close { my $self = shift; CORE::close(delete $self->{socket}) if $self->{socket}; return }

# Reads until the buffer matches, and removes the match from it.
sub read_until {
    my ($self, $pattern) = @_;
    my $until = time + $self->{timeout};
    while (1) {
        return substr $self->{buffer}, 0, $+[0], '' if $self->{buffer} =~ /\A$pattern/;
        return if !$self->read_more($until - time);
    }
}

sub read_bytes {
    my ($self, $count) = @_;
    my $until = time + $self->{timeout};
    while (length $self->{buffer} < $count) {
        return if !$self->read_more($until - time);
    }
    return substr $self->{buffer}, 0, $count, '';
}

sub read_more {
    my ($self, $seconds) = @_;
    $self->{why} = 'closed', return 0 if !$self->{socket} || $self->{closed};
    $self->{why} = 'timed_out', return 0 if $seconds <= 0 || !IO::Select->new($self->{socket})->can_read($seconds);
    my $got = sysread $self->{socket}, $self->{buffer}, 65536, length $self->{buffer};
    return 1 if $got;
    $self->{why} = 'closed';
    $self->{closed} = 1;
    return 0;
}

# Whether the peer closes the connection without sending more.
sub ended {
    my $self = shift;
    my $until = time + $self->{timeout};
    1 while $self->read_more($until - time);
    return $self->{closed} && $self->{buffer} eq '';
}

sub answer {
    my $self = shift;
    my $head = $self->read_until(qr/.*?\r\n\r\n/s);
    return { status => 0, header => {}, body => '', raw => '', $self->{why} => 1 } if !defined $head;

    my %answer = AuthGateTest::Http::taken_apart($head);
    my $body = '';
    if (($answer{header}{'transfer-encoding'} // '') eq 'chunked') {
        $body = $self->read_until(qr/(?:[0-9a-f]+\r\n.*?\r\n)*?0\r\n\r\n/s);
        $body = AuthGateTest::Http::joined_chunks($body) if defined $body;
    } elsif ($answer{header}{'content-length'}) {
        $body = $self->read_bytes($answer{header}{'content-length'});
    }
    return { %answer, body => $body } if defined $body;
    return { %answer, status => 0, body => '', $self->{why} => 1 };
}

1;
