# Fuzzes for some time, or replays what is kept: sequence after sequence, with one configuration after the other. What fails
# is made smaller and written to a file that can be replayed.
package RequestFuzz::Campaign;

use strict;
use warnings;

use AuthGateLive;
use RequestFuzz::Gateway;
use RequestFuzz::Grammar;
use RequestFuzz::Mutation;
use RequestFuzz::Pool;
use RequestFuzz::Random;
use RequestFuzz::Runner;
use RequestFuzz::Sequence;
use Time::HiRes qw(time);

my $Per_gateway = 250;    # sequences

# new(folder => for what fails, say => sub { ... })
sub new {
    my ($class, %option) = @_;
    return bless { count => {}, say => sub { }, failed => [], %option }, $class;
}

sub count  { return $_[0]{count} }
sub failed { return @{ $_[0]{failed} } }

sub corpus { return map { { %{ read_sequence(text_of($_)) }, file => $_ } } sort glob 't/fuzz/requests/corpus/*.txt' }

sub open_gateway {
    my ($self, $name) = @_;
    $self->close_gateway;
    $self->{gateway} = RequestFuzz::Gateway->start($name);
    $self->{runner}  = RequestFuzz::Runner->new($self->{gateway});
    return;
}

sub close_gateway {
    my $self = shift;
    my ($gateway, $runner) = delete @$self{qw(gateway runner)};
    return if !$gateway;
    $self->{count}{$_} += $runner->{count}{$_} for keys %{ $runner->{count} };
    my $ended  = $gateway->stop;
    my @faults = ($ended ? () : 'log: nginx does not end', $gateway->faults_in_logs('', [], 0));
    push @{ $self->{failed} }, { faults => \@faults, file => 'none' } if @faults;
    $self->{say}->("at the end of nginx: @faults") if @faults;
    return;
}

# Runs one sequence with its configuration; with what it should fail, it is made smaller and kept.
sub try {
    my ($self, $sequence, $name) = @_;
    $self->open_gateway($sequence->{configuration}) if !$self->{gateway} || $self->{gateway}{name} ne $sequence->{configuration};
    my @faults = $self->{runner}->run($sequence) or return;
    $self->close_gateway;
    my $small = $self->smaller($sequence, $faults[0]);
    my $file  = $sequence->{file} // "$self->{folder}/$name.txt";
    write_text($file, text_of_sequence({ %$small, why => join "\n", map { substr s/[^\x20-\x7e]/?/gr, 0, 300 } @faults })) if !$sequence->{file};
    push @{ $self->{failed} }, { faults => \@faults, file => $file };
    $self->{say}->(join "\n", "fails: $file", map { '  ' . substr s/[^\x20-\x7e]+/ /gr, 0, 500 } @faults);
    return;
}

# The sequence without what it takes not to fail in the same invariant. A minute is enough for that.
sub smaller {
    my ($self, $sequence, $fault) = @_;
    my ($kind) = $fault =~ /\A(\w+):/;
    my $until  = time + patience(15);
    my $fails  = sub {
        my $candidate = shift;
        $self->open_gateway($sequence->{configuration}) if !$self->{gateway};
        my @faults = $self->{runner}->run($candidate) or return 0;
        $self->close_gateway;
        pop @{ $self->{failed} } while @{ $self->{failed} } && $self->{failed}[-1]{file} eq 'none';
        return scalar grep { /\A$kind:/ } @faults;
    };
    my @ops = map { $_->[0] eq 'bytes' ? map { [bytes => $_] } split /(?<=\n)/, $_->[1] : $_ } @{ $sequence->{ops} };
    for (my $size = int @ops / 2 || 1; $size >= 1; $size = $size == 1 ? 0 : int $size / 2) {
        for (my $at = 0; $at < @ops && time < $until;) {
            my @fewer = @ops;
            splice @fewer, $at, $size;
            if ($fails->({ %$sequence, ops => \@fewer })) { @ops = @fewer } else { $at += $size }
        }
    }
    return { %$sequence, ops => \@ops };
}

sub replay {
    my ($self, @sequences) = @_;
    my %by;
    push @{ $by{ $_->{configuration} } }, $_ for @sequences;
    for my $name (sort keys %by) {
        $self->try($_, 'replayed') for @{ $by{$name} };
    }
    $self->close_gateway;
    return;
}

# Until the time is over, or so many sequences have been tried.
sub fuzz {
    my ($self, $seconds, $seed, $most) = @_;
    my $random = RequestFuzz::Random->new($seed);
    my $until  = time + $seconds;
    my @corpus = corpus();
    my $last;
    for (my $n = 0; time < $until && (!$most || $n < $most); $n++) {
        $self->close_gateway if $n % $Per_gateway == 0;
        $self->{name} = $random->one_of(configuration_names()) if $n % $Per_gateway == 0;
        my $sequence = new_sequence($random, $self->{name});
        my $base     = @corpus && $random->chance(20) ? { %{ $random->one_of(@corpus) }, configuration => $self->{name} } : $sequence;
        delete $base->{file};
        my $run = $random->chance(60) ? mutated($base, $random, $last // $sequence) : $sequence;
        $last = $sequence;
        $self->try($run, "$seed-$n");
        last if @{ $self->{failed} } >= 10;
    }
    $self->close_gateway;
    return;
}

1;
