# A strict reader of answers: what is no complete, well-formed answer is a fault.
package RequestFuzz::Answers;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(read_answers);

# read_answers($bytes, \@methods, closed => 0|1): the answers, what is left, and a fault if there is one.
# Without a method, an answer may be one to HEAD.
sub read_answers {
    my ($rest, $methods, %option) = @_;
    my @answers;
    while (length $rest) {
        my $method = $methods->[ grep { $_->{status} >= 200 || $_->{status} == 101 } @answers ];
        my ($answer, $size, $fault) = read_answer($rest, $method, $option{closed});
        return (\@answers, $rest, $fault) if !$answer;
        push @answers, $answer;
        $rest = substr $rest, $size;
        last if $answer->{status} == 101;
    }
    return (\@answers, $rest, undef);
}

sub read_answer {
    my ($text, $method, $closed) = @_;
    my ($head) = $text =~ /\A(.*?\r\n)\r\n/s;
    return (undef, 0, $text =~ m{\A(?:H(?:T(?:T(?:P(?:/.*)?)?)?)?)\z}s ? undef : 'no answer begins here: ' . substr $text, 0, 80) if !defined $head;
    my $size = 2 + length $head;
    my ($line, @lines) = split /\r\n/, $head, -1;
    pop @lines;
    my ($status) = $line =~ /\AHTTP\/1\.1 ([1-5]\d\d)(?: [\x20-\x7e]*)?\z/ or return (undef, 0, "a bad status line: $line");
    my (%header, @fault);
    for my $one (@lines) {
        my ($name, $value) = $one =~ /\A([!#\$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)\z/ or return (undef, 0, "a bad header line: $one");
        return (undef, 0, "two $name lines") if exists $header{ lc $name } && $name =~ /\A(?:content-length|transfer-encoding|location|connection|content-type)\z/i;
        $header{ lc $name } = $value;
    }
    my %answer = (status => $status, header => \%header, head => $head, body => '');
    return (\%answer, $size) if $status == 101 || $status < 200 || $status == 204 || $status == 304 || ($method // '') eq 'HEAD';

    my $body = substr $text, $size;
    my ($length, $coding) = @header{qw(content-length transfer-encoding)};
    return (undef, 0, 'a length and chunks') if defined $length && defined $coding;
    # An answer of which nobody knows whether it is one to HEAD.
    return (\%answer, $size) if !defined $method && ($body eq '' && $closed || $body =~ m{\AHTTP/1\.1 [1-5]\d\d });
    if (defined $coding) {
        return (undef, 0, "an odd coding: $coding") if $coding ne 'chunked';
        my $at = 0;
        while (substr($body, $at, 20) =~ /\A([0-9a-f]+)\r\n/) {
            my ($bytes, $line_size) = (hex $1, length($1) + 2);
            return if length $body < $at + $line_size + $bytes + 2;
            return (undef, 0, 'a chunk without its end') if substr($body, $at + $line_size + $bytes, 2) ne "\r\n";
            $answer{body} .= substr $body, $at + $line_size, $bytes;
            $at += $line_size + $bytes + 2;
            return (\%answer, $size + $at) if !$bytes;
        }
        return (undef, 0, length substr($body, $at) > 20 ? 'no chunk begins here: ' . substr $body, $at, 20 : undef);
    }
    if (defined $length) {
        return (undef, 0, "a bad length: $length") if $length !~ /\A\d+\z/;
        return if length $body < $length;
        $answer{body} = substr $body, 0, $length;
        return (\%answer, $size + $length);
    }
    return if !$closed;
    $answer{body} = $body;
    return (\%answer, $size + length $body);
}

1;
