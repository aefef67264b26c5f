# A redis-server for one test, on a socket in a folder of its own: no port is taken.
#
#     my $redis = AuthGateRedis->start(config => ['requirepass x']);
#     $redis->query('GET', 'key'), $redis->socket, $redis->kill, $redis->again ...
package AuthGateRedis;

use strict;
use warnings;

use AuthGateLive;
use AuthGateLiveClient;
use Exporter 'import';
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(SOCK_STREAM);

our @EXPORT = qw(wait_for_store);

# The line of Redis' configuration for a user that may do what the gate does, and nothing else.
sub least_acl {
    my ($user, $password, $prefix) = @_;
    my ($commands) = text_of('README.md') =~ /^redis-cli ACL SETUSER [^\n]* -\@all \\\n +([^\n]*)\n/m or die "the README has no ACL\n";
    return "user $user on >$password ~$prefix* resetchannels -\@all $commands";
}

# Each worker connects on its own; a request that comes before gets 503.
sub wait_for_store {
    my ($gate, $path) = @_;
    $path //= '/file';
    wait_for('the store', sub { !grep { ask($gate->port, 'GET', "$path?token=" . 'f' x 64)->{status} == 503 } 1 .. 20 });
    return;
}

sub binary { my ($found) = grep { -x } map { "$_/redis-server" } split(/:/, $ENV{PATH}), '/usr/sbin'; return $found // 'redis-server' }

# start(%options): config  more lines of its configuration; auth  what AUTH wants, for query()
sub start {
    my ($class, %option) = @_;
    my $self = bless { config => [], auth => [], %option, dir => scratch_dir() }, $class;
    $self->again;
    return $self;
}

sub socket { return "$_[0]{dir}/redis.sock" }

# Starts it after kill(), without its data.
sub again {
    my $self = shift;
    unlink $self->socket;
    write_text("$self->{dir}/redis.conf", join '', map { "$_\n" } 'port 0', 'unixsocket ' . $self->socket, "dir $self->{dir}", 'save ""',
        'daemonize no', 'maxmemory-policy noeviction', "logfile $self->{dir}/redis.log", @{ $self->{config} });
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
        AuthGateLive::prctl(1, 9);
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$self->{dir}/stdout";
        open STDERR, '>&', \*STDOUT;
        exec binary(), "$self->{dir}/redis.conf" or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    AuthGateLive->also_end($pid);
    wait_for('redis-server', sub { IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $self->socket) });
    return;
}

sub signal { my ($self, $signal) = @_; CORE::kill $signal, $self->{pid}; return }

sub kill {
    my ($self, $signal) = @_;
    CORE::kill $signal // 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    return;
}

# query(@words): the reply, as text, number, undef, array or { error => text }.
sub query {
    my ($self, @words) = @_;
    my $connection = IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $self->socket) // die "redis: $!";
    my $reply;
    for my $command (@{ $self->{auth} } ? ['AUTH', @{ $self->{auth} }] : (), [@words]) {
        print {$connection} '*' . @$command . "\r\n", map { '$' . length($_) . "\r\n$_\r\n" } @$command;
        $connection->flush;
        $reply = read_reply($connection);
    }
    return $reply;
}

sub read_reply {
    my $from = shift;
    my $line = <$from> // die "redis closed the connection\n";
    my ($type, $rest) = $line =~ /\A(.)(.*)\r\n\z/s or die "redis: $line";
    return { error => $rest } if $type eq '-';
    return $rest if $type eq '+' || $type eq ':';
    return if $rest < 0;
    return [map { scalar read_reply($from) } 1 .. $rest] if $type eq '*';
    read $from, my $text, $rest + 2;
    return substr $text, 0, $rest;
}

1;
