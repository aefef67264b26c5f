# Changes sequences: bytes, lines, words, cuts; fields, flags and payloads of frames; parts of another sequence.
package RequestFuzz::Mutation;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(mutated);

my @Words = ("\r\n", "\n", "\r", "\0", ' ', "\t", ':', ';', '%', '%3B', '%00', '%0d%0a', '//', '/../', '\\', '?', '#', '&', '=', ',', '"', 'token=', '<jwt:alice>', '<jwt:admin>',
    'token[]=<jwt:alice>', 'TOKEN=', '%74oken=', 'HTTP/1.0', 'HTTP/1.1', 'HTTP/0.9', 'HTTP/2.0', 'PRI * HTTP/2.0', 'TRACE', 'CONNECT', "\x80", "\xff", "\xe2\x84\xaa",
    "Content-Length: 0\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n", "Host: other\r\n", "Authorization: Bearer <jwt:bob>\r\n",
    "Authorization: Basic eA==\r\n", "Cookie: sid=<jwt:alice>\r\n", "Cookie: SID=<jwt:bob>; s%69d=<jwt:admin>\r\n", "Upgrade: websocket\r\n", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    "Connection: Upgrade\r\n", "Connection: close, authorization\r\n", "Expect: 100-continue\r\n", "Range: bytes=0-1\r\n", "X-Location: root\r\n", "X-Accel-Redirect: /target/jwt/\r\n",
    "X-HTTP-Method-Override: PUT\r\n", "0\r\n\r\n", "ffffffff\r\n", "GET /plain/jwt/x HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /plain/jwt/x\r\n", 'http://localhost/', "Referer: /?token=<jwt:alice>\r\n");

# A copy of the sequence, changed once or a few times. $other may give it parts.
sub mutated {
    my ($sequence, $random, $other) = @_;
    my @ops = map { copy($_) } @{ $sequence->{ops} };
    for (1 .. 1 + ($random->chance(40) ? $random->below(4) : 0)) {
        my @places = grep { $ops[$_][0] =~ /\A(?:bytes|frame)\z/ } 0 .. $#ops;
        last if !@places;
        my $at = $random->one_of(@places);
        if ($random->chance(6)) {
            my @parts = grep { $_->[0] =~ /\A(?:bytes|frame|flush)\z/ } @{ $other->{ops} };
            splice @ops, $at, $random->below(2), copy($random->one_of(@parts)) if @parts;
        } elsif ($random->chance(3)) {
            splice @ops, $at, 1;
        } elsif ($ops[$at][0] eq 'bytes') {
            $ops[$at][1] = changed_bytes($ops[$at][1], $random);
        } else {
            change_frame($ops[$at][1], $random);
        }
    }
    return { %$sequence, ops => \@ops, mutated => 1 };
}

sub copy {
    my $op = shift;
    return [@$op] if $op->[0] ne 'frame';
    my %frame = %{ $op->[1] };
    $frame{fields} = [map { [@$_] } @{ $frame{fields} }] if $frame{fields};
    return [frame => \%frame];
}

sub changed_bytes {
    my ($bytes, $random) = @_;
    my $size = length $bytes or return $random->one_of(@Words);
    my $at   = $random->below($size);
    my $some = 1 + $random->below($random->chance(70) ? 8 : 200);
    my $how  = $random->below(10);
    if    ($how == 0) { substr($bytes, $at, 1) = chr $random->below(256) }
    elsif ($how == 1) { substr($bytes, $at, $some) = '' }
    elsif ($how == 2) { substr($bytes, $at, 0) = substr $bytes, $random->below($size), $some }
    elsif ($how == 3) { $bytes = substr $bytes, 0, $at }
    elsif ($how == 4) { substr($bytes, $at, 0) = chr($random->below(256)) x $random->one_of(1, 2, 30, 5000) }
    elsif ($how <= 6) {
        my @lines = split /(?<=\n)/, $bytes;
        my $line  = $random->below(scalar @lines);
        my $roll  = $random->below(4);
        if    ($roll == 0) { splice @lines, $line, 1 }
        elsif ($roll == 1) { splice @lines, $line, 0, $lines[ $random->below(scalar @lines) ] }
        elsif ($roll == 2) {
            my $text = $lines[$line];
            $lines[$line] = $random->one_of(uc $text, lc $text, $text =~ s/\r\n/\n/r, $text =~ s/: /:/r, $text =~ s/:/ :/r, " $text");
        }
        else               { splice @lines, $line, 0, $random->one_of(@Words) }
        $bytes = join '', @lines;
    } else { substr($bytes, $at, $random->chance(50) ? 0 : $some) = $random->one_of(@Words) }
    return $bytes;
}

# A header line as a field: mostly as h2 has it, in lower case and without an end of line.
sub field_of_line {
    my $random = shift;
    my ($name, $value) = split /: /, $random->one_of(grep { /: .*\r\n\z/ && tr/\n// == 1 } @Words), 2;
    $name  = lc $name if $random->chance(80);
    $value =~ s/\r\n// if $random->chance(90);
    return [$name, $value];
}

sub change_frame {
    my ($frame, $random) = @_;
    my $how = $random->below(10);
    if    ($how == 0) { $frame->{flags}  = $random->below(256) }
    elsif ($how == 1) { $frame->{stream} = $random->one_of(0, 1, 2, 3, 5, 7, 99, 0x7fffffff) }
    elsif ($how == 2) { $frame->{type}   = $random->one_of(qw(data headers priority rst_stream settings push_promise ping goaway window_update continuation), 10, 255) }
    elsif ($how == 3) { $frame->{length} = $random->one_of(0, 1, 4, 16_384, 16_385, 0xffffff) }
    elsif ($how == 4) { $frame->{payload} = changed_bytes($frame->{payload} // '', $random) }
    elsif ($frame->{fields} && @{ $frame->{fields} }) {
        my $fields = $frame->{fields};
        my $at     = $random->below(scalar @$fields);
        my $roll   = $random->below(6);
        if    ($roll == 0) { splice @$fields, $at, 1 }
        elsif ($roll == 1) { splice @$fields, $random->below(scalar @$fields), 0, [@{ $fields->[$at] }] }
        elsif ($roll == 2) { push @$fields, field_of_line($random) }
        elsif ($roll == 3) { $fields->[$at][0] = changed_bytes($fields->[$at][0], $random) }
        else               { $fields->[$at][1] = changed_bytes($fields->[$at][1], $random) }
    } else { $frame->{payload} = chr($random->below(256)) x $random->below(20) }
    return;
}

1;
