# Connections to the fuzzed nginx. While one waits, the application works. quiet() waits until nginx, with its one worker, has
# dealt with all that was sent: it asks on another connection until nothing happens in between.
package RequestFuzz::Wire;

use strict;
use warnings;

use AuthGateLive;
use IO::Socket::INET ();
use Time::HiRes qw(time);

sub new {
    my ($class, $application, %port) = @_;
    return bless { application => $application, port => \%port }, $class;
}

sub open_socket {
    my ($self, $kind) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}{$kind}, Timeout => 5) or die "nginx does not listen any more: $!\n";
    $socket->blocking(0);
    return { socket => $socket, out => '', in => '', closed => 0 };
}

sub close_socket { my ($self, $c) = @_; close $c->{socket}; $c->{closed} = 1; return }

# Sends and reads what can be sent and read. Returns whether anything happened.
sub step {
    my ($self, $c, $seconds) = @_;
    if (length $c->{out}) {
        my $sent = syswrite $c->{socket}, $c->{out};
        if (defined $sent) { substr($c->{out}, 0, $sent) = '' }
        elsif (!$!{EAGAIN}) { $c->{out} = '' }
        $seconds = 0.002 if length $c->{out} && $seconds > 0.002;
    }
    my @mine = $c->{closed} ? () : ($c->{socket});
    my ($ready, $events) = $self->{application}->step($seconds, @mine);
    if (@$ready) {
        my $got = sysread $c->{socket}, $c->{in}, 65536, length $c->{in};
        $c->{closed} = 1 if defined $got ? $got == 0 : !$!{EAGAIN};
    }
    return $events;
}

sub wait_until {
    my ($self, $c, $is_there, $seconds) = @_;
    my $until = time + patience($seconds // 5);
    while (!$is_there->($c)) {
        return 0 if $c->{closed} && !length $c->{out} || time > $until;
        $self->step($c, 0.5);
    }
    return 1;
}

# Asks nginx something on a connection of its own. Returns whether anything else happened meanwhile.
sub probe {
    my ($self, $c) = @_;
    my ($events, $in) = (0, '');
    my $until = time + patience(10);
    my $probe;
    my $begin = sub {
        $probe = $self->{probe} //= $self->open_socket('h1');
        syswrite $probe->{socket}, "GET /-probe HTTP/1.1\r\nHost: probe\r\n\r\n";
    };
    $begin->();
    while ($in !~ /\r\n\r\n.{43}\z/s) {
        die "nginx does not answer any more\n" if time > $until;
        my @others = ($probe->{socket}, $c->{closed} ? () : $c->{socket});
        my ($ready, $count) = $self->{application}->step(0.5, @others);
        for my $socket (@$ready) {
            if ($socket == $probe->{socket}) {
                $count--;
                next if sysread $socket, $in, 65536, length $in;
                $self->{probe} = undef;    # its worker has ended
                $begin->();
            } else {
                my $got = sysread $socket, $c->{in}, 65536, length $c->{in};
                $c->{closed} = 1 if defined $got ? $got == 0 : !$!{EAGAIN};
            }
        }
        $events += $count;
    }
    return $events;
}

sub quiet {
    my ($self, $c, $probes) = @_;
    my $until = time + patience(5);
    $self->step($c, 0.002) while length $c->{out} && !$c->{closed} && time < $until;
    my $still = 0;
    while ($still < ($probes // 3) && time < $until) {
        $still = $self->probe($c) ? 0 : $still + 1;
    }
    return;
}

# The whole answer to one request on a connection of its own.
sub ask {
    my ($self, $text) = @_;
    my $c = $self->open_socket('h1');
    $c->{out} = $text;
    $self->wait_until($c, sub { $_[0]{in} =~ /\r\n\r\n/ && do { my ($l) = $_[0]{in} =~ /^Content-Length: (\d+)/mi; length($_[0]{in} =~ s/\A.*?\r\n\r\n//sr) >= ($l // 0) } });
    $self->close_socket($c);
    return $c->{in};
}

1;
