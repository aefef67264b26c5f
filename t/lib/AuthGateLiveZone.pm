# Reads the shared memory of a running worker, for what no request can show: whether expired tokens are removed before
# their slots are needed, and the state that a worker leaves when it is killed in the middle of a change. It knows nginx's
# ngx_slab_pool_t (the lock is its first word) and the first words of the gate's table.
package AuthGateLiveZone;

use strict;
use warnings;
no warnings 'portable';    # addresses have 64 bits

use Fcntl qw(SEEK_SET);

my $Magic = pack 'Q', 0x4147544f4b454e31;
my %Field = (layout_version => 8, capacity => 12, changing => 20, live => 24, slots_used => 28, free_slots => 32);

# Undefined where another process's memory cannot be read.
sub of_worker {
    my ($class, $pid, $size) = @_;
    open my $maps, '<', "/proc/$pid/maps" or return;
    open my $mem, '+<:raw', "/proc/$pid/mem" or return;
    for my $line (<$maps>) {
        my ($from, $to) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) rw-s / or next;
        next if hex($to) - hex($from) != $size;
        my $self = bless { mem => $mem, at => hex $from }, $class;
        my $begin = $self->read_at(0, $size) // return;
        my $table = index $begin, $Magic;
        next if $table < 0;
        $self->{table} = $table;
        return $self;
    }
    return;
}

sub read_at {
    my ($self, $offset, $size) = @_;
    sysseek $self->{mem}, $self->{at} + $offset, SEEK_SET or return;
    my $bytes;
    my $got = sysread $self->{mem}, $bytes, $size;
    return $got ? $bytes : undef;
}

sub write_at {
    my ($self, $offset, $bytes) = @_;
    sysseek $self->{mem}, $self->{at} + $offset, SEEK_SET or return 0;
    return (syswrite($self->{mem}, $bytes) // 0) == length $bytes;
}

sub get { my ($self, $field) = @_; return unpack 'L', $self->read_at($self->{table} + $Field{$field}, 4) }

sub set {
    my ($self, $field, $value) = @_;
    return $self->write_at($self->{table} + $Field{$field}, pack 'L', $value);
}

# Sets the slab mutex as if this process had locked it.
sub lock_for  { my ($self, $pid) = @_; return $self->write_at(0, pack 'Q', $pid) }
sub locked_by { my $self = shift; return unpack 'Q', $self->read_at(0, 8) }

1;
