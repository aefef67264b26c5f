# An application that speaks what nginx can speak besides HTTP: FastCGI, uwsgi and SCGI. It answers "user=$USER".
#
#     my $gateways = AuthGateGateways->start($dir);
#     ... "fastcgi_pass unix:" . $gateways->socket('fastcgi') . ";" ...
package AuthGateGateways;

use strict;
use warnings;

use IO::Select ();
use IO::Socket::UNIX ();
use POSIX ();

use AuthGateLive ();

my %Answer = (fastcgi => \&answer_fastcgi, uwsgi => \&answer_uwsgi, scgi => \&answer_scgi);

sub names { return sort keys %Answer }

sub start {
    my ($class, $dir) = @_;
    my $self = bless { dir => $dir }, $class;
    my %listening = map { $_ => IO::Socket::UNIX->new(Local => $self->socket($_), Listen => 50) // die "$_: $!" } names();
    chmod 0777, map { $self->socket($_) } names();
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
        AuthGateLive::prctl(1, 9);
        serve(%listening);
        POSIX::_exit(0);
    }
    AuthGateLive->also_end($pid);
    return $self;
}

sub socket { my ($self, $name) = @_; return "$self->{dir}/$name.sock" }

sub serve {
    my %listening = @_;
    my $select = IO::Select->new(values %listening);
    while (my @ready = $select->can_read) {
        for my $server (@ready) {
            my ($name) = grep { $listening{$_} == $server } keys %listening;
            my $client = $server->accept or next;
            eval { $Answer{$name}->($client) };
        }
    }
    return;
}

sub body { my $user = shift; return 'user=' . ($user // '?') }

sub bytes {
    my ($client, $count) = @_;
    my $text = '';
    while (length $text < $count) {
        read $client, $text, $count - length $text, length $text or die "closed\n";
    }
    return $text;
}

sub answer_scgi {
    my $client = shift;
    my $size = '';
    while ((my $byte = bytes($client, 1)) ne ':') { $size .= $byte }
    my @param = split /\0/, bytes($client, $size), -1;
    my %param = @param[0 .. $#param - 1];
    bytes($client, 1);
    print {$client} "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n" . body($param{USER});
    return;
}

sub answer_uwsgi {
    my $client = shift;
    my (undef, $size) = unpack 'Cv', bytes($client, 4);
    my %param = unpack '(v/a)*', bytes($client, $size);
    print {$client} "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" . body($param{USER});
    return;
}

sub answer_fastcgi {
    my $client = shift;
    my ($params, $id) = ('', 1);
    while (1) {
        my ($type, $size, $padding);
        (undef, $type, $id, $size, $padding) = unpack 'CCnnC', bytes($client, 8);
        my $content = $size ? bytes($client, $size) : '';
        bytes($client, $padding) if $padding;
        $params .= $content if $type == 4;
        last if $type == 5 && !$size;
    }
    my %param;
    while (length $params) {
        my @size;
        for (1, 2) {
            push @size, ord($params) < 128 ? unpack('C', substr $params, 0, 1, '')
                : unpack('N', substr $params, 0, 4, '') & 0x7fffffff;
        }
        my $name = substr $params, 0, $size[0], '';
        $param{$name} = substr $params, 0, $size[1], '';
    }
    my $text = "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n" . body($param{USER});
    print {$client} pack('CCnnCC', 1, 6, $id, length $text, 0, 0) . $text . pack('CCnnCC', 1, 6, $id, 0, 0, 0)
        . pack('CCnnCCNx4', 1, 3, $id, 8, 0, 0, 0);
    return;
}

1;
