# Whatever happens to a token, no file that nginx writes contains a token, a JWT or a secret.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use File::Find ();
use Test::More;

my $app  = AuthGateLive->start_app;
my $dead = free_port();
my $raw  = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1) or die "listen: $!";
my @raw;
my $gate = AuthGateLive->start(
    workers => 2,
    http    => q{
        auth_gate_zone zone=gate:1m tokens=1000;
        auth_gate_secret env:JWT_SECRET;
        limit_req_zone $binary_remote_addr zone=slow:64k rate=1r/m;
            log_format urls '$request|$request_uri|$args|$arg_token|$http_referer|$sent_http_location|$http_cookie';
    } . qq{access_log combined.log combined; access_log urls.log urls;},
    server => file_gate($app->port) . qq{
        location = /picture { auth_gate token=immich; proxy_pass http://127.0.0.1:@{[$app->port]}; }
        location = /ws      { auth_gate token=download; auth_gate_ws_close on; proxy_pass http://127.0.0.1:$dead/ws?token=\$auth_gate_jwt; }
        location = /jwt     { auth_gate jwt; proxy_pass http://127.0.0.1:@{[$app->port]}; }
        location = /limited { auth_gate token=download; limit_req zone=slow; proxy_pass http://127.0.0.1:@{[$app->port]}; }
        location = /small   { auth_gate token=download; client_max_body_size 1; proxy_pass http://127.0.0.1:@{[$app->port]}; }
        location /raw       { proxy_pass http://127.0.0.1:@{[$raw->sockport]}; }
        location /open      { proxy_pass http://127.0.0.1:@{[$app->port]}; }
        location /slash/    { auth_gate token=download; proxy_pass http://127.0.0.1:@{[$app->port]}; }
        location = /gone    { internal; }
    },
);

my $jwt = session_jwt(7);
my @tokens;
sub token { my ($token) = issue($gate->port, $jwt); push @tokens, $token; return $token }
sub status_of { return ask($gate->port, @_)->{status} }

my $token = token();
is(status_of('GET', "/file?a=1&token=$token&b=2"), 200, 'a token is redeemed');
is(status_of('GET', "/file?token=$token"), 401, 'and refused the second time');
is(status_of('GET', '/file?token=' . token(), ["Referer: http://localhost/file?token=$tokens[0]"]), 200, 'with a Referer');
is(status_of('GET', "/open/page", ["Referer: http://localhost/file?token=$tokens[0]&token=$jwt"]), 200, 'a Referer elsewhere');
is(status_of('GET', "/file?token=$jwt"), 401, 'a JWT in the URL of a location for tokens');
is(status_of('GET', "/jwt?token=$jwt", ["Authorization: Bearer $jwt"]), 401, 'a JWT in the URL of one for JWTs');
is(status_of('GET', '/ws?token=' . token()), 502, 'an upstream that is down');
is(status_of('GET', '/ws?token=' . token(), ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']), 502, 'for a WebSocket, too');
is(status_of('GET', '/picture?token=' . token()), 401, 'a token for something else');
is(status_of('HEAD', '/file?token=' . token()), 200, 'HEAD');
is(status_of('GET', '/file?token=' . token(), ['Sec-Purpose: prefetch']), 401, 'a prefetch');
is(status_of('OPTIONS', '/file?token=' . token(), ['Origin: http://a', 'Access-Control-Request-Method: GET']), 200, 'a preflight');
status_of('GET', '/limited?token=' . token()) for 1 .. 3;
is(status_of('POST', '/small?token=' . token(), [], 'xx'), 413, 'a body that is too large');
is(status_of('GET', '/file;x?token=' . token()), 400, 'an ambiguous path');
is(status_of('GET', '/FILE/../file?token=' . token()), 200, 'another spelling of the path');
is(status_of('GET', '/file?token=' . join('', map { sprintf '%%%02x', ord } split //, token())), 200, 'an escaped token');

for my $spelling ('token', 'a=1;token', 'Token', 'token[]', 'a#&token') {
    is(status_of('GET', "/slash?$spelling=" . token()), 301, "$spelling: a redirect for a missing slash");
    is(status_of('GET', "/gone?$spelling=$jwt"), 404, "$spelling: an internal location");
    is(status_of('GET', "/jwt?$spelling=$jwt", ["Authorization: Bearer $jwt"]), 401, "$spelling: a JWT in the URL");
    is(status_of('GET', "/open?x", ["Referer: http://localhost/?$spelling=$jwt"]), 200, "$spelling: a Referer");
}

# A second Referer is masked, too.
{
    my $token = token();
    my $client = AuthGateLiveClient->new($gate->port);
    $client->send(request_text('GET', '/raw', [ 'Referer: http://x/', "Referer: http://x/?a=b&token=$token" ]));
    my $upstream = $raw->accept;
    my $line;
    do { $line = <$upstream>; push @raw, $line } while defined $line && $line ne "\r\n";
    print {$upstream} "HTTP/1.0 204 No Content\r\n\r\n";
    close $upstream;
    is($client->answer->{status}, 204, 'two Referers');
    is_deeply([ grep { /^referer:.*token=\*+\r$/i } @raw ], [ "Referer: http://x/?a=b&token=" . '*' x 64 . "\r\n" ], 'both are masked');
}

ok((grep { m{GET /file} } lines_of($gate->dir . '/combined.log')) > 5, 'the access log has the requests');
like($gate->error_log, qr/upstream: "http/, 'the error log has lines with the URL of an upstream');

$gate->ends_well;

# All JWTs signed by the gate have the same header, which finds them.
my @secret = ($SECRET, 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', map { substr $_, 0, 24 } @tokens);
my @found;
File::Find::find({ no_chdir => 1, wanted => sub {
    return if !-f || /nginx\.conf\z/;
    my $text = text_of($_);
    $text .= $text =~ s/%([0-9a-f]{2})/chr hex $1/gier;    # finds escaped tokens, too
    for my $secret (@secret) {
        push @found, "$_ has " . substr($secret, 0, 8) if index($text, $secret) >= 0;
    }
} }, $gate->dir);
is_deeply(\@found, [], 'no token, no JWT and no secret in any file');
is(scalar(grep { my $t = substr $_, 0, 24; grep { /$t/ } $app->requests } @tokens), 0, 'nor did the application see a token');

$app->ends_well(name => 'the application');
done_testing;
