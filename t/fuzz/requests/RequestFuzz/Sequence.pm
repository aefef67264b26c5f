# Sequences of requests as text that can be read, changed and replayed.
#
#     # why it is kept
#     configuration NAME
#     issue NAME JWT PURPOSE   a token, named for <token:NAME>
#     connect h1|h2            what follows goes over a new connection
#     > BYTES                  with \r \n \t \\ \xHH; what was written until now is sent in one piece
#     flush                    nginx has dealt with all of that before the rest is sent
#     bytes                    behind a frame: the `>` lines that follow are not its payload
#     frame TYPE FLAGS STREAM  of h2; `field NAME VALUE` and `> PAYLOAD` lines follow. `length N` lies about the length
#
# The bytes name credentials: see RequestFuzz::Credentials.
package RequestFuzz::Sequence;

use strict;
use warnings;

use Exporter qw(import);
use RequestFuzz::Credentials;

our @EXPORT = qw(text_of_sequence read_sequence expanded connections_of);

my %Short = ("\r" => '\r', "\n" => '\n', "\t" => '\t', '\\' => '\\\\');
my %Long  = reverse %Short;

sub quoted {
    my $bytes = shift;
    return $bytes =~ s/([\\\x00-\x1f\x7f-\xff]|\A | \z)/$Short{$1} \/\/ sprintf '\x%02x', ord $1/ger;
}
sub unquoted { my $text = shift; return $text =~ s/\\(x([0-9a-f]{2})|.)/defined $2 ? chr hex $2 : $Long{"\\$1"} \/\/ $1/ger }

sub text_of_sequence {
    my $sequence = shift;
    my @lines = map { "# $_" } split /\n/, $sequence->{why} // '';
    push @lines, "configuration $sequence->{configuration}";
    my $before = '';
    for my $op (@{ $sequence->{ops} }) {
        my ($what, @rest) = @$op;
        if ($what eq 'bytes') {
            push @lines, 'bytes' if $before eq 'frame';
            push @lines, map { '> ' . quoted($_) } split /(?<=\n)/, $rest[0];
        } elsif ($what eq 'frame') {
            my $frame = $rest[0];
            push @lines, "frame $frame->{type} $frame->{flags} $frame->{stream}";
            push @lines, map { 'field ' . quoted($_->[0]) =~ s/ /\\x20/gr . ' ' . quoted($_->[1]) } @{ $frame->{fields} || [] };
            push @lines, '> ' . quoted($frame->{payload}) if defined $frame->{payload};
            push @lines, "length $frame->{length}" if defined $frame->{length};
        } else {
            push @lines, "@$op";
        }
        $before = $what;
    }
    return join '', map { "$_\n" } @lines;
}

sub read_sequence {
    my $text = shift;
    my %sequence = (ops => []);
    my ($frame, @why);
    for my $line (split /\n/, $text) {
        my ($word, $rest) = $line =~ /\A(\S+) ?(.*)\z/ or next;
        my $last = $sequence{ops}[-1];
        if    ($word eq '#')             { push @why, $rest }
        elsif ($word eq 'configuration') { $sequence{configuration} = $rest }
        elsif ($word eq 'field')         { push @{ $frame->{fields} }, [map { unquoted($_) } split / /, $rest, 2] }
        elsif ($word eq 'length')        { $frame->{length} = $rest }
        elsif ($word eq '>' && $frame)   { $frame->{payload} = ($frame->{payload} // '') . unquoted($rest) }
        elsif ($word eq '>' && $last && $last->[0] eq 'bytes') { $last->[1] .= unquoted($rest) }
        elsif ($word eq '>')             { push @{ $sequence{ops} }, [bytes => unquoted($rest)] }
        elsif ($word eq 'frame') {
            my ($type, $flags, $stream) = split / /, $rest;
            $frame = { type => $type, flags => $flags, stream => $stream };
            push @{ $sequence{ops} }, [frame => $frame];
        } elsif ($word eq 'bytes') {
            $frame = undef;
        } elsif ($word =~ /\A(?:issue|connect|flush)\z/) {
            $frame = undef;
            push @{ $sequence{ops} }, [$word, split / /, $rest];
        } else {
            die "not a line of a sequence: $line\n";
        }
    }
    $sequence{why} = join "\n", @why if @why;
    return \%sequence;
}

# The bytes with the credentials in the place of their names. $token is a hash.
sub expanded {
    my ($bytes, $token) = @_;
    return $bytes =~ s{<(jwt|token):(\w+)(?:~(\d+))?>}{
        my $text = $1 eq 'token' ? $token->{$2} // 'f' x 64 : eval { jwt_named($2) } // 'none.of.these';
        defined $3 ? changed($text, $3) : $text;
    }ger;
}

# The operations as connections: [{ kind, ops, issues }], where `issues` come before the connection.
sub connections_of {
    my $sequence = shift;
    my (@connections, @issues);
    for my $op (@{ $sequence->{ops} }) {
        if ($op->[0] eq 'issue') { push @issues, $op }
        elsif ($op->[0] eq 'connect') {
            push @connections, { kind => $op->[1], ops => [], issues => [splice @issues] };
        } elsif (@connections) {
            push @{ $connections[-1]{ops} }, $op;
        }
    }
    return @connections;
}

1;
