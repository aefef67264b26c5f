# auth_gate_origin where nginx ends TLS, over HTTP/1.1 and HTTP/2: Host comes from :authority, a body may have no length.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateTest::Jwt;
use Test::More;

my $dir = scratch_dir();
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2 -keyout $dir/key -out $dir/cert >/dev/null 2>&1") == 0
    or die "openssl req failed\n";
my $new  = nginx_version() >= 1_025_001;
my $tls  = free_port();
my $gate = AuthGateLive->start(
    http   => "ssl_certificate $dir/cert; ssl_certificate_key $dir/key; auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET;"
        . " log_format length '<\$http_content_length>'; access_log length.log length;",
    server => "listen 127.0.0.1:$tls ssl" . ($new ? '; http2 on;' : ' http2;')
        . ' auth_gate_jwt_from bearer cookie:session; location = /token { auth_gate_issue ws download; }'
        . ' location = /ws-token { auth_gate_issue ws; }',
);
my $cookie = 'Cookie: session=' . session_jwt(7);

# The status of curl's response.
sub status {
    my ($protocol, $port, $path, @more) = @_;
    my $scheme = $port == $tls ? 'https' : 'http';
    my @command = ('curl', '-sk', '-m', patience(10), $protocol, '-o', '/dev/null', '-w', '%{http_version} %{http_code}', '-H', $cookie,
        @more, "$scheme://127.0.0.1:$port$path");
    open my $out, '-|', @command or die "curl: $!";
    my ($version, $status) = split / /, <$out> // '';
    close $out;
    is($version, $protocol eq '--http2' ? '2' : '1.1', "$protocol is spoken");
    return $status;
}

for my $protocol ('--http1.1', '--http2') {
    my $own = "https://127.0.0.1:$tls";
    my $ask = sub { my ($origin, @more) = @_; return status($protocol, $tls, @more == 0 ? '/ws-token' : '/token', '-X', 'POST', '-H', $origin, @more) };
    is($ask->("Origin: $own"), 200, "$protocol: the own page is admitted");
    is($ask->("Origin: http://127.0.0.1:$tls"), 403, "$protocol: but no plain page of this name, which anybody on the way can write");
    is($ask->('Origin: https://127.0.0.1'), 403, "$protocol: nor one of another port");
    is($ask->('X-None: 1'), 403, "$protocol: nor one that says nothing");
    is($ask->('Sec-Fetch-Site: same-origin'), 200, "$protocol: unless the browser says that it is the own one");

    my $purpose = "$dir/purpose.json";
    write_text($purpose, '{"purpose":"ws"}');
    is($ask->("Origin: $own", '-H', 'Content-Type: application/json', '-d', "\@$purpose"), 200, "$protocol: JSON");
    is($ask->("Origin: $own", '-H', 'Content-Type: text/plain', '-d', "\@$purpose"), 415, "$protocol: a body that is declared as something else");
    is($ask->("Origin: $own", '-H', 'Content-Type: text/plain', '-H', 'Transfer-Encoding: chunked', '-d', "\@$purpose"), 415,
        "$protocol: also without a length");
    ok(wait_for('its line in the log', sub { (lines_of($gate->dir . '/length.log'))[-1] eq '<->' }), "$protocol: and it had none");
}
is(status('--http1.1', $gate->port, '/ws-token', '-X', 'POST', '-H', 'Origin: https://127.0.0.1:' . $gate->port), 200,
    'where TLS ends before nginx, the scheme may differ');

$gate->ends_well;
done_testing;
