# Random choices that are the same for the same seed, on every machine.
package RequestFuzz::Random;

use strict;
use warnings;

sub new { my ($class, $seed) = @_; return bless { state => ($seed * 2_654_435_761 + 88_675_123) & 0xffffffff || 1 }, $class }

# A number from 0 up to and without $end (xorshift).
sub below {
    my ($self, $end) = @_;
    my $x = $self->{state};
    $x ^= ($x << 13) & 0xffffffff;
    $x ^= $x >> 17;
    $x ^= ($x << 5) & 0xffffffff;
    $self->{state} = $x;
    return $x % $end;
}

sub one_of { my ($self, @list) = @_; return $list[$self->below(scalar @list)] }
sub chance { my ($self, $percent) = @_; return $self->below(100) < $percent }

1;
