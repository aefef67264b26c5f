# From the sections of a block to the bytes that go on the wire: a list of
# requests, each a list of packets {value, delay_before}.
package Test::Nginx::Standin::Request;

use strict;
use warnings;

use Exporter qw(import);
use Test::Nginx::Util qw(bail_out);

our @EXPORT_OK = qw(requests_of);

sub requests_of {
    my $block = shift;
    my $name  = $block->name;

    my $raw = $block->raw_request;
    if (defined $raw) {
        return [ map { { value => $_ } } ref $raw eq 'ARRAY' ? @$raw : $raw ];
    }

    my $more_headers = $block->more_headers || '';

    if (my $texts = $block->pipelined_requests) {
        bail_out("$name - pipelined_requests takes an array") if ref $texts ne 'ARRAY';
        my $all = '';
        for my $i (0 .. $#$texts) {
            my $connection = $i == $#$texts ? 'close' : 'keep-alive';
            $all .= join '', wire_packets($name, headers_for($name, $more_headers, $i), $connection, $texts->[$i]);
        }
        return [ { value => $all } ];
    }

    my $request = $block->request;
    if (defined $block->request_eval) {
        $request = eval $block->request_eval;
        warn $@ if $@;
    }
    bail_out("$name - no request") if !defined $request;

    if (!ref $request) {
        1 while $request =~ s/\A(?:\s*\#[^\n]+\s+|\s+)//;
        return [ map { { value => $_ } }
            wire_packets($name, headers_for($name, $more_headers, 0), 'close', $request) ];
    }

    bail_out("$name - a request is a string or an array") if ref $request ne 'ARRAY';
    return map { one_of_several($name, $more_headers, $_, $request->[$_]) } 0 .. $#$request;
}

# A string, or an array of packets: strings or {value, delay_before}.
sub one_of_several {
    my ($name, $more_headers, $i, $request) = @_;
    my $headers = headers_for($name, $more_headers, $i);

    return [ map { { value => $_ } } wire_packets($name, $headers, 'close', $request) ] if !ref $request;
    bail_out("$name - request $i is neither a string nor an array of packets") if ref $request ne 'ARRAY';

    for my $packet (@$request) {
        bail_out("$name - a packet is a string or a hash with a value")
            if ref $packet && (ref $packet ne 'HASH' || !defined $packet->{value});
    }
    my @values = wire_packets($name, $headers, 'close', map { ref $_ ? $_->{value} : $_ } @$request);
    return [ map { { ref $request->[$_] ? %{ $request->[$_] } : (), value => $values[$_] } } 0 .. $#values ];
}

# The header lines of one request, and whether its body is sent as it stands.
sub headers_for {
    my ($name, $more_headers, $i) = @_;

    if (ref $more_headers eq 'ARRAY') {
        $more_headers = $more_headers->[$i];
        bail_out("$name - more_headers has nothing for request $i") if !defined $more_headers;
    }

    my ($lines, $chunked) = ('', 0);
    for my $line (split /\n+/, $more_headers) {
        next if $line =~ /^\s*#/;
        my ($key, $value) = split /:\s*/, $line, 2;
        $value //= '';
        $chunked = 1 if lc $key eq 'transfer-encoding' && $value eq 'chunked';
        $lines .= "$key: $value\r\n";
    }
    return { lines => $lines, chunked => $chunked };
}

# The request line completed, headers added, the body's length counted; the
# result is cut where the given packets were.
sub wire_packets {
    my ($name, $headers, $connection, @packets) = @_;

    my ($line, $body) = join('', @packets) =~ /\A([^\n]*\n?)(.*)\z/s;
    bail_out("$name - the request line is empty") if $line eq '';

    my @parts = $line =~ /\A(\s*)(\S+)(\ *)(?:(\S+)(\ *))?(?:(\S+)(\ *))?(\s*)\z/
        or bail_out("$name - not a request line: $line");
    my ($before, $method, $gap1, $url, $gap2, $version, $gap3, $end) = map { $_ // '' } @parts;

    my $wire_body = $body;
    my $length    = '';
    if (!$headers->{chunked} && $body ne '' && $headers->{lines} !~ /^Content-Length:/m) {
        $wire_body =~ s/\A\s+|\s+\z//g;
        $length = 'Content-Length: ' . length($wire_body) . "\r\n";
    }

    my $head = '';
    $head .= "Host: $Test::Nginx::Util::ServerName\r\n" if $headers->{lines} !~ /^Host:/mi;
    $head .= "Connection: $connection\r\n"              if $headers->{lines} !~ /^Connection/mi;
    $head .= "$headers->{lines}$length\r\n";

    # How many bytes of what was written become what on the wire.
    my @pieces = (
        [ length $before,  '' ],
        [ length $method,  "$method " ],
        [ length $gap1,    '' ],
        [ length $url,     ($url eq '' ? '/' : $url) . ' ' ],
        [ length $gap2,    '' ],
        [ length $version, ($version eq '' ? 'HTTP/1.1' : $version) . "\r\n" ],
        [ length "$gap3$end", '' ],
        [ 0,               $head ],
        [ length $body,    $wire_body ],
    );
    return cut_like(\@packets, \@pieces);
}

sub cut_like {
    my ($packets, $pieces) = @_;
    my $wire = join '', map { $_->[1] } @$pieces;

    my ($written, $cut, @cuts) = (0, 0);
    for my $packet (@$packets[0 .. $#$packets - 1]) {
        $written += length $packet;
        my ($source, $target) = (0, 0);
        for my $piece (@$pieces) {
            my ($size, $text) = @$piece;
            if ($source + $size > $written) {
                my $inside = $written - $source;
                $target += $inside < length $text ? $inside : length $text;
                last;
            }
            $source += $size;
            $target += length $text;
        }
        push @cuts, $target;
    }

    my $from = 0;
    return map { my $part = substr $wire, $from, $_ - $from; $from = $_; $part } @cuts, length $wire;
}

1;
