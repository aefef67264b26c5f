# A login over HTTP/2: where the request line is put together late, and a client goes away by a frame.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $new      = nginx_version() >= 1_025_001;
my $provider = AuthGateOidc->scripted;
my $port     = free_port();
my $gate = AuthGateLive->start(
    port   => $port,
    listen => $new ? '' : 'http2',
    env    => { CLIENT_SECRET => 'the client secret' },
    http   => 'auth_gate_secret env:JWT_SECRET; log_format all \'$request|$request_uri|$args\'; access_log all.log all;'
        . provider_conf('good', $provider->url('good'), $port),
    server => ($new ? 'http2 on; ' : '') . location_of('good') . 'location / { empty_gif; }',
);

# Status, headers and body of what curl gets.
sub curl {
    my ($path, @more) = @_;
    open my $out, '-|', 'curl', '-s', '-i', '-m', patience(10), '--http2-prior-knowledge', @more, "http://127.0.0.1:$port$path"
        or die "curl: $!";
    local $/;
    my ($head, $body) = split /\r\n\r\n/, <$out> // '', 2;
    close $out;
    my %header = map { /^([^:]+): (.*)/ ? (lc $1 => $2) : () } split /\r\n/, $head // '';
    return { status => ($head // '') =~ m{^HTTP/2 (\d+)} ? $1 : 0, header => \%header, body => $body };
}

my @secrets;

sub login {
    my $answer = curl('/oidc/good/login');
    my $url = $answer->{header}{location};
    my %login = map { $_ => parameter($url, $_) } qw(state nonce code_challenge redirect_uri);
    ($login{cookie}) = $answer->{header}{'set-cookie'} =~ /^([^;]+)/;
    my $code = code_for(\%login);
    push @secrets, $code, @login{qw(state nonce)};
    return { %login, query => "/oidc/good/callback?code=$code&state=$login{state}" };
}

{
    my $login = login();
    my $code = parameter(curl($login->{query}, '-H', "Cookie: x=1", '-H', "Cookie: $login->{cookie}")->{header}{location}, 'oidc_code');
    like($code, qr/^[0-9a-f]{64}\z/, 'a one-time code');
    my $answer = curl("/oidc/good/exchange?code=$code");
    is($answer->{status}, 200, 'is exchanged');
    my ($jwt) = $answer->{body} =~ /"token":"([^"]+)"/;
    is(payload_of($jwt)->{id}, 'alice', 'for a JWT');
    push @secrets, $code, $jwt;
}
is(curl('/oidc/good/exchange?code=x', '-I')->{status}, 405, 'HEAD spends nothing');

# A frame: its payload's length, type, flags, stream.
sub frame { my ($type, $flags, $stream, $payload) = @_; return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload }

# A header field as a literal with a literal name (RFC 7541, 6.2.2).
sub field {
    return pack('C', 0) . join '', map { my $n = length; $n < 127 ? pack('C', $n) . $_ : do {
        my ($bytes, $rest) = (pack('C', 127), $n - 127);
        while ($rest >= 128) { $bytes .= pack('C', $rest % 128 | 128); $rest = int($rest / 128) }
        $bytes . pack('C', $rest) . $_ } } @_;
}

# How many logins ended so.
sub callbacks { my $status = shift; return scalar grep { m{"GET /oidc/good/callback\S* HTTP/2\.0" $status } } lines_of($gate->dir . '/access.log') }

# The client takes one of two streams back while the provider holds what both wait for.
for my $what (qw(token userinfo)) {
    my ($left, $kept) = (login(), login());
    my ($gone, $done) = (callbacks(499), callbacks(302));
    my $client = AuthGateLiveClient->new($port);
    $client->send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(4, 0, 0, ''));
    my %stream = (1 => $left, 3 => $kept);
    for my $id (1, 3) {
        $provider->tell("hold/$what");
        $client->send(frame(1, 5, $id, join '', field(':method', 'GET'), field(':scheme', 'http'), field(':authority', 'localhost'),
            field(':path', $stream{$id}{query}), field('cookie', $stream{$id}{cookie})));
        $provider->holds($id == 1 ? 1 : 2);
    }
    is(callbacks(499), $gone, "$what: both wait");
    $client->send(frame(3, 0, 1, pack 'N', 8));
    wait_for('nginx to notice', sub { callbacks(499) == $gone + 1 });
    $provider->tell('release');
    wait_for('the other one to end', sub { callbacks(302) == $done + 1 });
    pass("$what: one that is taken back ends, the other one goes on");
    is(curl('/x')->{status}, 200, "$what: and nginx serves");
}

push @secrets, 'the client secret', @{ $provider->told('secrets') };
unlike($gate->error_log, qr/oidc_error|login with "good" failed: (?!exchange)/, 'and nothing failed but the exchange');
my $logs = join '', $gate->error_log, map { text_of($gate->dir . "/$_.log") } qw(access all);
is_deeply([ secrets_in($logs, @secrets) ], [], 'no secret is in the logs');
$gate->ends_well(signal => 'QUIT');
done_testing;
