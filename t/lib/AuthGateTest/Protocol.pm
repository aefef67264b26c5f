# Runs the suites under another protocol than HTTP/1.1: AUTH_GATE_PROTOCOL=1.0, h2c or h2 (over TLS).
#
#     AUTH_GATE_PROTOCOL=h2 prove t/redeem.t
#
# nginx gets one more listener, each request that the protocol allows is translated, and its answer is translated back. So
# the expectations of a row hold for it as they stand. left_out() is the only place that says what a protocol does not
# allow; such a request is sent as it is. AUTH_GATE_PROTOCOL_COUNTS names a file for a line about each request, and
# AUTH_GATE_PROTOCOL_PART=1/3 runs the second third of the blocks alone.
package AuthGateTest::Protocol;

use strict;
use warnings;

use AuthGateTest::Http ();
use File::Basename ();
use File::Spec ();
use File::Temp ();
use IPC::Open2 ();
use JSON::PP ();
use Test::Nginx::Util ();

my $Protocol = $ENV{AUTH_GATE_PROTOCOL} || '1.1';
die "AUTH_GATE_PROTOCOL is 1.0, 1.1, h2c or h2, not $Protocol\n" if $Protocol !~ /\A(?:1\.[01]|h2c?)\z/;
my ($Part, $Parts) = ($ENV{AUTH_GATE_PROTOCOL_PART} // '0/1') =~ m{\A(\d+)/([1-9]\d*)\z}
    or die "AUTH_GATE_PROTOCOL_PART is such as 1/3\n";
my ($Port, $Dir);
my $Number = 0;    # of blocks
my $Here = File::Spec->rel2abs(File::Basename::dirname(__FILE__) . '/..');

# Its headers are the connection's own, and HTTP/2 has none of these.
my $Hop_by_hop = qr/^(?:connection|keep-alive|proxy-connection|transfer-encoding)$/i;

# The configuration, in which whatever listens for the tests listens for this protocol, too.
sub with_listeners {
    my ($class, $conf) = @_;
    return $conf if $Protocol !~ /^h2/;
    $Port //= Test::Nginx::Util::free_port($Test::Nginx::Util::ServerPort);
    my ($options, $more) = $Test::Nginx::Util::NginxVersion >= 1.025001 ? ('', ' http2 on;') : (' http2', '');
    if ($Protocol eq 'h2') {
        make_certificate() if !$Dir;
        $options .= ' ssl';
        $more    .= " ssl_certificate $Dir/cert.pem; ssl_certificate_key $Dir/key.pem;";
    }
    my $first = $Test::Nginx::Util::ServerPort;
    return $conf =~ s/(\blisten\s+)$first\b([^;]*;)/$1$first$2 $1$Port$options$2$more/gr;
}

sub make_certificate {
    $Dir = File::Temp::tempdir('auth-gate-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    my $said = qx{openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -days 2 -keyout $Dir/key.pem -out $Dir/cert.pem 2>&1};
    die "openssl: $said" if $? != 0;
    return;
}

# The answer under the wanted protocol, as one of HTTP/1.1. undef: the request has to be sent as it is.
sub ask {
    my ($class, $timeout, @pieces) = @_;
    return if $Protocol eq '1.1';
    my $request = parsed(@pieces);
    my $why = ref $request ? left_out($request) : $request;
    count($why // 'translated');
    return if $why;
    return over_http2($request, $timeout) if $Protocol ne '1.0';
    my $text = $pieces[0] =~ s{ HTTP/1\.1\r\n}{ HTTP/1.0\r\n}r;
    return AuthGateTest::Http::by_socket($Test::Nginx::Util::ServerPortForClient, $text, timeout => $timeout)->{raw};
}

# The request taken apart, or why that cannot be done.
sub parsed {
    my @pieces = @_;
    return 'sent in pieces' if @pieces != 1;
    my ($method, $target, $head, $body) = $pieces[0] =~ m{\A(\S+) (\S+) HTTP/1\.1\r\n((?:[^\r\n]+\r\n)*)\r\n(.*)\z}s
        or return 'no plain request of HTTP/1.1';
    my @headers;
    for my $line (split /\r\n/, $head) {
        my ($name, $value) = $line =~ /\A([!#\$%&'*+.^_`|~0-9A-Za-z-]+): *(.*?) *\z/ or return 'no plain request of HTTP/1.1';
        push @headers, [$name, $value];
    }
    return { method => $method, target => $target, headers => \@headers, body => $body };
}

# Whether a block can be run under the protocol at all.
sub suits {
    my ($class, $block) = @_;
    return 0 if defined $block->must_die;
    # Blocks that build on each other stay together.
    my $number = $Test::Nginx::Util::NoShuffle ? length $0 : $Number++;
    return 0 if $number % $Parts != $Part;
    return 1 if $Protocol ne '1.0';
    # "HTTP/1.0" in an answer may be the client's protocol or the upstream's.
    my $names_it = grep { /^(?:(?:raw_)?response_|(?:access|error)_log|then)/ && "@{[flat($block->{$_})]}" =~ m{HTTP\\?/1\\?\.1} } keys %$block;
    count('names HTTP/1.1') if $names_it;
    return !$names_it;
}

sub flat { return map { ref eq 'ARRAY' ? flat(@$_) : $_ // '' } @_ }

sub values_of {
    my ($request, $name) = @_;
    return map { lc $_->[0] eq $name ? $_->[1] : () } @{ $request->{headers} };
}

# Why the protocol does not allow this request; nothing where it does.
sub left_out {
    my $request = shift;
    my @lengths = values_of($request, 'content-length');
    my @codings = values_of($request, 'transfer-encoding');
    return 'an upgrade'              if values_of($request, 'upgrade');
    return 'more than one message'   if !@codings && (@lengths ? "@lengths" ne length $request->{body} : $request->{body} ne '');
    return 'an interim answer'       if values_of($request, 'expect');
    return 'not exactly one Host'    if values_of($request, 'host') != 1;
    return 'a chunked body in 1.0'   if @codings && $Protocol eq '1.0';
    return                           if $Protocol eq '1.0';
    return 'odd chunks'              if @codings && !defined(unchunked($request));
    return 'a target that is no path' if $request->{target} !~ m{\A/};
    my $head = join ' ', $request->{target}, map { @$_ } @{ $request->{headers} };
    return 'bytes that HTTP/2 has not' if $head =~ /[\x00-\x08\x0a-\x1f\x7f]/;
    return;
}

# The body without its chunks; undef where they are odd.
sub unchunked {
    my $request = shift;
    return if "@{[values_of($request, 'transfer-encoding')]}" ne 'chunked' || values_of($request, 'content-length');
    my ($rest, $body) = ($request->{body}, '');
    while ($rest =~ s/\A([0-9A-Fa-f]{1,6})\r\n//) {
        my $size = hex $1;
        return $rest eq "\r\n" ? $body : undef if $size == 0;
        $body .= substr $rest, 0, $size, '';
        $rest =~ s/\A\r\n// or return;
    }
    return;
}

my ($Client, $Questions, $Answers);

sub over_http2 {
    my ($request, $timeout) = @_;
    my $unsized = values_of($request, 'transfer-encoding');
    my @headers = (
        [':method',    $request->{method}],
        [':scheme',    $Protocol eq 'h2' ? 'https' : 'http'],
        [':path',      $request->{target}],
        [':authority', values_of($request, 'host')],
    );
    for my $header (@{ $request->{headers} }) {
        my ($name, $value) = (lc $header->[0], $header->[1]);
        next if $name eq 'host' || $name =~ $Hop_by_hop;
        $value = with_own_scheme($value, values_of($request, 'host')) if $name eq 'origin' && $Protocol eq 'h2';
        push @headers, [$name, $value];
    }
    my $question = {
        port    => $Port,
        tls     => $Protocol eq 'h2' ? JSON::PP::true : JSON::PP::false,
        headers => \@headers,
        body    => $unsized ? unchunked($request) : $request->{body},
        unsized => $unsized ? JSON::PP::true : JSON::PP::false,
        timeout => $timeout + 0,
    };
    $Client //= IPC::Open2::open2($Answers, $Questions, python(), "$Here/h2-client.py");
    print {$Questions} JSON::PP->new->ascii->encode($question), "\n";
    $Questions->flush;
    my $line   = <$Answers> // die "h2-client.py has ended\n";
    my $answer = JSON::PP->new->decode($line);
    # nginx's word for a header that is too large, where HTTP/1.1 has a 400.
    return "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" if ($answer->{error} // '') eq 'ENHANCE_YOUR_CALM';
    print STDERR "# $Protocol: $answer->{error}: $request->{method} $request->{target}\n" if defined $answer->{error};
    return as_http11($answer);
}

# Debian's, which has Debian's python3-hpack.
sub python { return -x '/usr/bin/python3' ? '/usr/bin/python3' : 'python3' }

END {
    if ($Client) {
        my $exit = $?;
        close $Questions;
        waitpid $Client, 0;
        $? = $exit;
    }
}

# The origin of a page of the same host: over TLS, as the request is.
sub with_own_scheme {
    my ($origin, $host) = @_;
    my ($scheme, $name, $port) = $origin =~ m{\A(http)://([^/:@\s]+)(?::(\d+))?\z}i or return $origin;
    return $origin if lc $name ne lc($host =~ s/:\d*\z//r);
    my %swapped = (80 => 443, 443 => 80);
    return "${scheme}s://$name" . (defined $port ? ':' . ($swapped{$port} // $port) : '');
}

# What an answer says of the protocol and of the listener is put in the words of the first one.
sub as_http11 {
    my $answer = shift;
    my ($status, @lines);
    for my $header (@{ $answer->{headers} }) {
        my ($name, $value) = @$header;
        if ($name eq ':status') {
            $status = $value;
        }
        else {
            push @lines, join('-', map { /^(?:www|etag)$/ ? uc : ucfirst } split /-/, $name) . ": $value";
        }
    }
    return '' if !defined $status;
    s{https?://([^\s/:]+):$Port\b}{http://$1:$Test::Nginx::Util::ServerPort}g for @lines;
    return as_spoken(join "\r\n", "HTTP/1.1 $status", @lines, 'Connection: close', '', $answer->{body});
}

sub count {
    my $what = shift;
    my $file = $ENV{AUTH_GATE_PROTOCOL_COUNTS} or return;
    open my $out, '>>', $file or die "$file: $!";
    syswrite $out, "$what\n";
    close $out;
    return;
}

# Answers and logs that name the protocol.
sub as_spoken { return $_[0] =~ s{\bHTTP/2\.0(?!\d)}{HTTP/1.1}gr }
sub as_logged { return as_spoken($_[1]) }

1;
