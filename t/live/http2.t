# The gate over HTTP/2, where nginx builds the request line and the headers differently.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;

my $new  = nginx_version() >= 1_025_001;
my $app  = AuthGateLive->start_app;
my $gate = AuthGateLive->start(
    workers => 2,
    listen  => $new ? '' : 'http2',
    http    => q{
        auth_gate_zone zone=gate:1m tokens=100;
        auth_gate_secret env:JWT_SECRET;
        log_format uri '$request_uri $args $uri';
        access_log uri.log uri;
    },
    server => ($new ? 'http2 on; ' : '') . file_gate($app->port)
        . ' location = /jwt { auth_gate jwt; proxy_pass http://127.0.0.1:' . $app->port . '; }',
);
my $origin = 'http://127.0.0.1:' . $gate->port;
my $jwt    = session_jwt(7);

# Status, version and body of curl's response.
sub curl {
    my ($path, @more) = @_;
    my @command = ('curl', '-s', '-m', patience(10), '--http2-prior-knowledge', '-w', '\n%{http_version} %{http_code}',
        @more, "$origin$path");
    open my $out, '-|', @command or die "curl: $!";
    local $/;
    my ($body, $version, $status) = (<$out> // '') =~ /\A(.*)\n(\S+) (\d+)\z/s;
    close $out;
    is($version, '2', "$path over HTTP/2") if !defined $version || $version ne '2';
    return ($status, $body);
}

sub token {
    my ($status, $body) = curl('/token', '-X', 'POST', '-H', "Authorization: Bearer $jwt", @_);
    is($status, 200, 'a token is issued');
    return $body =~ /"token":"([0-9a-f]{64})"/ ? $1 : '';
}

is((curl('/jwt'))[0], 401, 'a request without a JWT is refused');
is((curl('/jwt', '-H', "Authorization: Bearer $jwt"))[0], 200, 'a JWT admits a request');
is((curl("/jwt?token=$jwt", '-H', "Authorization: Bearer $jwt"))[0], 401, 'a JWT in the URL does not');

my $token = token();
is((curl("/file?a=1&token=$token&b=2"))[0], 200, 'a token admits a request');
is((curl("/file?token=$token"))[0], 401, 'once');
my $other = token('-d', '{"purpose":"download"}');
is((curl("/file?token=$other", '-H', "Referer: $origin/file?token=$other"))[0], 200, 'a token that was requested with a body');
is((curl('/token', '-X', 'POST', '-H', "Authorization: Bearer $jwt", '-d', 'x' x 70000))[0], 413, 'a large body is refused');
is((curl('/file;x/y?token=' . token()))[0], 400, 'an ambiguous path is refused');

my @seen = $app->requests;
is(scalar(grep { m{^GET /file\?a=1&b=2 "Bearer eyJ} } @seen), 1, 'the application sees the other parameters and a JWT');
is(scalar(grep { /$token|$other/ } @seen), 0, 'and no token');

my $log = text_of($gate->dir . '/access.log');
like($log, qr{"GET /file\?a=1&token=\*+&b=2 HTTP/2\.0" 200}, 'the request line in the access log is masked');
my $uris = text_of($gate->dir . '/uri.log');
like($uris, qr{^/file\?a=1&b=2 a=1&b=2 /file$}m, '$request_uri and $args are without the parameter');
unlike($log . $uris . $gate->error_log, qr/$token|$other|eyJ/, 'no log has a token or a JWT');

$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
