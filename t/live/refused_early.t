# A request that nginx refuses while it reads it runs no phase, but `error_page 400 = @name` sends it into a location. What
# the gate does before any location must be done there, too: whatever the error, and however little was read.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use IO::Socket::UNIX ();
use Test::More;

# Each location passes on to an application that gets a header of ours, too, which needs the list of headers.
my $app     = AuthGateLive->start_app;
my $port    = $app->port;
my $pass    = "proxy_pass http://127.0.0.1:$port; proxy_http_version 1.1;";
my $dir     = AuthGateLive::scratch_dir();
my $servers = join "\n", map {
    my ($name, $gate) = @$_;
    qq{
    server {
        listen unix:$dir/$name.sock;
        auth_gate_public GET /open;
        error_page 400 405 414 = \@app;
        large_client_header_buffers 2 1k;
        location \@app { $gate proxy_set_header Upgrade \$http_upgrade; proxy_set_header Authorization "\$http_authorization|\$http_upgrade"; $pass }
        location /    { auth_gate jwt; $pass }
    }}
} ['gated', 'auth_gate jwt token=download;'], ['ungated', ''], ['page', 'auth_gate off; return 400 "own page";'],
    ['as_sent', 'auth_gate jwt; auth_gate_path as_sent; proxy_set_header Authorization "$http_authorization|";'];
my $gate = AuthGateLive->start(
    http => qq{
        auth_gate_zone zone=gate:1m tokens=1000;
        auth_gate_secret env:JWT_SECRET;
        auth_gate_purpose download ttl=60s lease=60s;
        access_log early.log;
        $servers
    },
    server => file_gate($port),
);
my @workers = sort $gate->workers;
my $jwt     = session_jwt(7);

# The answer to raw text, up to the end of the connection.
sub answer_to {
    my ($server, $text) = @_;
    my $socket = IO::Socket::UNIX->new(Peer => "$dir/$server.sock") or return "no connection: $!";
    print {$socket} $text;
    local $/;
    return scalar(<$socket>) // '';
}

# What makes nginx refuse the request: the line and the headers around its path.
my %refused = (
    'no Host'          => sub { "GET $_[0] HTTP/1.1\r\n$_[1]\r\n" },
    'two Hosts'        => sub { "GET $_[0] HTTP/1.1\r\n$_[1]Host: a\r\nHost: b\r\n\r\n" },
    'bad Host'         => sub { "GET $_[0] HTTP/1.1\r\n$_[1]Host: a..b\r\n\r\n" },
    'bad header'       => sub { "GET $_[0] HTTP/1.1\r\n$_[1]Host: a\r\n\x01: b\r\n\r\n" },
    'TRACE'            => sub { "TRACE $_[0] HTTP/1.1\r\n$_[1]Host: a\r\n\r\n" },
    'bad length'       => sub { "GET $_[0] HTTP/1.1\r\n$_[1]Host: a\r\nContent-Length: x\r\n\r\n" },
    'bad absolute URL' => sub { "GET http://a..b$_[0] HTTP/1.1\r\n$_[1]\r\n" },
);
my @roundabout = ('/open/..%2fapi', '/open/..%5capi', '/open//../api', '/%6fpen/../api');
for my $why (sort keys %refused) {
    my $request = $refused{$why};
    for my $server (qw(gated ungated)) {
        like(answer_to($server, $request->('/open/..;/api', '')), qr/ 40[01] .*"error":/s, "$why, $server: an ambiguous path is refused");
        answer_to($server, $request->($_, '')) for @roundabout;
    }
    like(answer_to('gated', $request->('/api', '')), qr/ 401 /, "$why: there is no way around the gate");
    answer_to('ungated', $request->('/page', "Upgrade: h2c\r\n"));
    answer_to('ungated', $request->('/page', "Upgrade: websocket\r\n"));
    like(answer_to('page', $request->('/api;x', '')), qr/own page$/, "$why: an error page of the site is sent");

    # Where the headers were not read, so is no Authorization: then the public path lets it in.
    answer_to('gated', $request->('/open', "Authorization: Bearer $jwt\r\n"));
    my ($token) = issue($gate->port, $jwt);
    answer_to('gated', $request->("/file?token=$token", ''));
}
my @seen = $app->requests;
is(scalar(grep { m{ \S*\.\.|%2f|%5c} } @seen), 0, 'the application sees paths in one form');
is(scalar(grep { m{"[^"]*h2c} } @seen), 0, 'no protocol but WebSocket goes on');
cmp_ok(scalar(grep { m{^GET /file "Bearer eyJ} } @seen), '>=', 5, 'a token is taken out of the URL, and a JWT sent');
is(scalar(grep { m{[0-9a-f]{64}} } @seen), 0, 'no token reached the application');
unlike(AuthGateLive::text_of($gate->dir . '/early.log'), qr/[0-9a-f]{64}/, 'nor the access log');

# The location wants the path as it was sent.
answer_to('as_sent', $refused{'no Host'}->('/%6fpen', "Authorization: Bearer $jwt\r\n"));
is(($app->requests)[-1], qq{GET /%6fpen "Bearer $jwt|" "-" "-"}, 'as_sent counts');

# HTTP/0.9, too long a line, garbage.
for my $text ("GET /open\r\n", 'GET /' . 'x' x 3000 . " HTTP/1.1\r\n\r\n", "\x16\x03\x01\x00\r\n\r\n", "GET\r\n\r\n", "GET /open HTTP/9.1\r\n\r\n") {
    answer_to($_, $text) for qw(gated ungated page as_sent);
}
is_deeply([sort $gate->workers], \@workers, 'the workers are the same');

$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
