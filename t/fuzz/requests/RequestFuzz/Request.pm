# What the fuzzer sends, read strictly: requests that every server reads alike. What is not of this kind stays unread, and
# the oracle is not sure about it.
package RequestFuzz::Request;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(read_requests request_of_fields unescaped normalised);

my $Token  = qr/[A-Za-z0-9-]+/;
my $Method = qr/GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH/;

# read_requests($bytes): the list of requests, and what is left unread behind them. A request may end the connection.
sub read_requests {
    my $rest = shift;
    my @requests;
    while (length $rest) {
        last if $rest !~ m{\A($Method) (/[\x21-\x7e]{0,800}) HTTP/1\.([01])\r\n((?:$Token: ?[\x20-\x7e\x80-\xff]*\r\n){0,40})\r\n};
        my ($method, $target, $version, $lines, $size) = ($1, $2, $3, $4, $+[0]);
        my @headers = map { /\A([^:]+): ?(.*?) *\r\n\z/s ? [lc $1, $2 =~ s/\A +//r] : () } $lines =~ /(.*\r\n)/g;
        my $r = request($method, $target, "1.$version", @headers) or last;
        last if $size > 6000 || length $lines > 5500;
        my $body = substr $rest, $size;
        my $taken = body_size($r, $body) // last;
        $rest = substr $body, $taken;
        push @requests, $r;
        return (\@requests, '') if closes($r);    # nobody reads what follows
    }
    return (\@requests, $rest);
}

# A request of h2. Nothing if it is not one that all servers read alike.
sub request_of_fields {
    my ($fields, $body) = @_;
    my (%pseudo, @headers);
    for my $field (@$fields) {
        my ($name, $value) = @$field;
        return if $value !~ /\A[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?\z/ && $value ne '';
        if ($name =~ /\A:/) {
            return if @headers || exists $pseudo{$name};
            $pseudo{$name} = $value;
        } else {
            return if $name !~ /\A[a-z0-9-]+\z/ || $name =~ /\A(?:host|connection|upgrade|te|transfer-encoding|expect|keep-alive|content-length)\z/;
            push @headers, [$name, $value];
        }
    }
    return if join(' ', sort keys %pseudo) ne ':authority :method :path :scheme' || $pseudo{':scheme'} ne 'http';
    return if $pseudo{':method'} !~ /\A$Method\z/ || $pseudo{':path'} !~ m{\A/[\x21-\x7e]{0,800}\z};
    my $r = request($pseudo{':method'}, $pseudo{':path'}, '2', [host => $pseudo{':authority'}], @headers) or return;
    $r->{body} = $body;
    return $r;
}

sub request {
    my ($method, $target, $version, @headers) = @_;
    my %count;
    $count{ $_->[0] }++ for @headers;
    for my $once (qw(host authorization content-length transfer-encoding content-type connection expect x-mark upgrade origin range)) {
        return if ($count{$once} // 0) > 1;
    }
    my $r = bless { method => $method, target => $target, version => $version, headers => \@headers, body => '' }, __PACKAGE__;
    return if $version ne '1.0' && !$count{host};
    my $host = $r->header('host') // 'none';
    return if $host !~ /\A[a-z][a-z0-9.-]*(?::[0-9]{1,5})?\z/;
    return if $host =~ /\.\.|\.\z|\.:/ || $target =~ /#/ || $count{range} || $count{'x-http-method-override'};
    ($r->{path}, my $query) = $target =~ /\A([^?]*)\??(.*)\z/s;
    $r->{args} = $query;
    $r->{uri}  = normalised($r->{path}) // return;
    return $r;
}

# The same request with another method, as nginx makes it on the way to another location. The gate has taken an Upgrade of OPTIONS
# away before.
sub with_method {
    my ($r, $method) = @_;
    my @headers = grep { $r->{method} ne 'OPTIONS' || $_->[0] ne 'upgrade' } @{ $r->{headers} };
    return bless { sent_method => $r->{method}, %$r, method => $method, headers => \@headers }, __PACKAGE__;
}

# The first value of this name.
sub header { my ($r, $name) = @_; my ($value) = $r->values_of($name); return $value }
sub values_of { my ($r, $name) = @_; return map { $_->[1] } grep { $_->[0] eq $name } @{ $r->{headers} } }

# The bytes of the body that stands there, or nothing.
sub body_size {
    my ($r, $text) = @_;
    my ($length, $coding) = map { $r->header($_) } qw(content-length transfer-encoding);
    if (defined $coding) {
        return if defined $length || $coding ne 'chunked' || $r->{version} ne '1.1';
        my $at = 0;
        while (substr($text, $at, 12) =~ /\A([0-9a-f]{1,5})\r\n/) {
            my $size = hex $1;
            $at += length($1) + 2;
            return if length $text < $at + $size + 2 || substr($text, $at + $size, 2) ne "\r\n";
            $r->{body} .= substr $text, $at, $size;
            $at += $size + 2;
            return $at if !$size;
        }
        return;
    }
    return 0 if !defined $length;
    return if $length !~ /\A[0-9]{1,6}\z/ || length $text < $length;
    $r->{body} = substr $text, 0, $length;
    return $length;
}

sub closes {
    my $r = shift;
    my $says = lc($r->header('connection') // '');
    return $says =~ /\bclose\b/ || $r->{version} eq '1.0' && $says !~ /\bkeep-alive\b/;
}

sub unescaped { return $_[0] =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger }

# A path as nginx reads it. Nothing for one that nginx refuses, or perhaps does.
sub normalised {
    my $path = shift;
    return if $path =~ /%(?![0-9A-Fa-f]{2})|%00/;
    my @out;
    my @segments = split m{/}, unescaped($path), -1;
    shift @segments;
    for my $i (0 .. $#segments) {
        my $segment = $segments[$i];
        my $last    = $i == $#segments;
        if ($segment eq '..') { return if !@out; pop @out; push @out, '' if $last }
        elsif ($segment eq '.' || $segment eq '') { push @out, '' if $last }
        else { push @out, $segment }
    }
    return '/' . join '/', @out;
}

1;
