# The little of HTTP/2 that the fuzzer needs: frames with literal HPACK, and a strict reader of what nginx sends.
package RequestFuzz::Http2;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(preface frame_bytes requests_of_frames read_frames);

my %Type = (data => 0, headers => 1, priority => 2, rst_stream => 3, settings => 4, push_promise => 5, ping => 6, goaway => 7,
    window_update => 8, continuation => 9);
my %Of = reverse %Type;

my ($END_STREAM, $END_HEADERS) = (1, 4);

# Room for all answers: large windows for the streams and for the connection.
sub preface {
    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . raw_frame(4, 0, 0, pack 'nN', 4, 1 << 24) . raw_frame(8, 0, 0, pack 'N', 1 << 24);
}

sub raw_frame {
    my ($type, $flags, $stream, $payload, $length) = @_;
    return substr(pack('N', ($length // length $payload) & 0xffffff), 1) . pack('CCN', $type & 0xff, $flags & 0xff, $stream & 0xffffffff) . $payload;
}

sub integer {
    my ($value, $prefix) = @_;
    my $most = (1 << $prefix) - 1;
    return chr $value if $value < $most;
    my $out = chr $most;
    for ($value -= $most; $value >= 128; $value >>= 7) { $out .= chr(128 | $value & 127) }
    return $out . chr $value;
}

sub frame_bytes {
    my ($frame, $expand) = @_;
    my $payload = join '', map { "\0" . join '', map { integer(length, 7) . $_ } map { $expand->($_) } @$_ } @{ $frame->{fields} || [] };
    $payload .= $expand->($frame->{payload} // '');
    return raw_frame($Type{ $frame->{type} } // $frame->{type}, $frame->{flags}, $frame->{stream}, $payload, $frame->{length});
}

# Streams with their fields and bodies: [{ stream, fields, body }]. Nothing if a frame is not what a proper client sends.
sub requests_of_frames {
    my ($frames, $expand) = @_;
    my (@requests, %open);
    my $last = -1;
    for my $frame (@$frames) {
        return if defined $frame->{length};
        if ($frame->{type} eq 'headers') {
            return if $frame->{payload} || !($frame->{flags} & $END_HEADERS) || $frame->{flags} & ~5 || $frame->{stream} % 2 == 0 || $frame->{stream} <= $last;
            $last = $frame->{stream};
            my $request = { stream => $last, fields => [map { [map { $expand->($_) } @$_] } @{ $frame->{fields} || [] }], body => '' };
            return if 3500 < length join '', map { @$_ } @{ $request->{fields} };
            push @requests, $request;
            $open{$last} = $request if !($frame->{flags} & $END_STREAM);
        } elsif ($frame->{type} eq 'data') {
            my $request = $open{ $frame->{stream} } or return;
            return if $frame->{fields} || $frame->{flags} & ~1 || length($frame->{payload} // '') > 16_000;
            $request->{body} .= $expand->($frame->{payload} // '');
            delete $open{ $frame->{stream} } if $frame->{flags} & $END_STREAM;
        } elsif ($frame->{type} eq 'ping') {
            return if $frame->{stream} != 0 || $frame->{fields} || length($frame->{payload} // '') != 8;
        } else {
            return;
        }
    }
    return if %open;
    return \@requests;
}

# read_frames($bytes): { stream => { NUMBER => { status, body, done } }, goaway, rest, fault }
sub read_frames {
    my $text = shift;
    my %read = (stream => {});
    my $block;
    while (length $text >= 9) {
        my ($high, $low, $type, $flags, $stream) = unpack 'CnCCN', $text;
        my $length = $high << 16 | $low;
        return { %read, fault => "a frame of $length bytes" } if $length > 16_384 || !defined $Of{$type};
        last if length $text < 9 + $length;
        my $payload = substr $text, 9, $length;
        $text = substr $text, 9 + $length;
        return { %read, fault => 'a header block is interrupted' } if $block && $type != 9;
        my $of = $read{stream}{$stream} //= { body => '' } if $stream;
        if ($type == 1 || $type == 9) {
            return { %read, fault => "headers on stream $stream after its end" } if $of->{done};
            $block = { text => '', flags => $flags } if $type == 1;
            return { %read, fault => 'a continuation of nothing' } if !$block;
            $block->{text} .= $payload;
            next if !($flags & $END_HEADERS);
            my ($status, $fault) = read_block($block->{text});
            return { %read, fault => $fault } if $fault;
            return { %read, fault => 'two answers on a stream' } if defined $of->{status} && $of->{status} >= 200;
            $of->{status} = $status;
            $of->{done}   = 1 if $block->{flags} & $END_STREAM;
            $block        = undef;
        } elsif ($type == 0) {
            return { %read, fault => "data on stream $stream where none may be" } if $of->{done} || !defined $of->{status};
            $of->{body} .= $payload;
            $of->{done} = 1 if $flags & $END_STREAM;
        } elsif ($type == 3) {
            @$of{qw(done reset)} = (1, 1);
        } elsif ($type == 7) {
            $read{goaway} = 1;
        }
    }
    return { %read, rest => $text };
}

# The status in a header block, and what is wrong with the block. What is Huffman-coded is only skipped.
sub read_block {
    my $text = shift;
    my $status;
    my $number = sub {
        my $prefix = shift;
        my $most   = (1 << $prefix) - 1;
        my $value  = ord(substr $text, 0, 1, '') & $most;
        return $value if $value < $most;
        for (my $shift = 0; length $text; $shift += 7) {
            my $byte = ord substr $text, 0, 1, '';
            $value += ($byte & 127) << $shift;
            return $value if $byte < 128;
        }
        return;
    };
    my $string = sub {
        my $huffman = length $text && ord($text) & 128;
        my $size    = $number->(7);
        return if !defined $size || length $text < $size;
        my $value = substr $text, 0, $size, '';
        return $huffman ? undef : $value, 1;
    };
    while (length $text) {
        my $first = ord $text;
        if ($first & 128) {
            my $index = $number->(7);
            $status = (200, 204, 206, 304, 400, 404, 500)[$index - 8] if $index >= 8 && $index <= 14;
            next;
        }
        if (($first & 0xe0) == 0x20) { $number->(5); next }
        my $index = $number->($first & 64 ? 6 : 4) // return (undef, 'a number without its end');
        my @strings;
        for (1 .. ($index ? 1 : 2)) {
            my ($value, $whole) = $string->();
            return (undef, 'a string without its end') if !$whole;
            return (undef, 'a control character in a header') if defined $value && $value =~ /[\x00-\x08\x0a-\x1f\x7f]/;
            push @strings, $value;
        }
        $status = $strings[0] if $index == 8;
    }
    return ($status, defined $status ? undef : 'headers without a status');
}

1;
