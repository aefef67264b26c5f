# A real provider, npm's oidc-provider: a person signs in there as a browser does, with every algorithm, at a gate of
# several workers.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateTest::Http;
use JSON::PP ();
use Test::More;

my $port = free_port();
my @algorithms = qw(RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA);
my %provider = map {
    my $at = "http://127.0.0.1:$port/oidc/$_";
    $_ => AuthGateOidc->real("$at/callback", SIGNING_ALG => $_, LOGOUT_URIS => "http://127.0.0.1:$port/login");
} @algorithms;

# A key of the gate's own.
my $dir = scratch_dir();
write_text("$dir/key.pem", scalar `openssl ecparam -name prime256v1 -genkey -noout`);
chmod 0600, "$dir/key.pem";
my $jwk = JSON::PP->new->decode(scalar `node -p 'JSON.stringify({ ...require("crypto").createPublicKey(require("fs").readFileSync(
    "$dir/key.pem")).export({ format: "jwk" }), kid: "mine", use: "sig", alg: "ES256" })'`);

# Clients that are registered for something else, and the lines that they need.
my %registered = (
    post     => [ { token_endpoint_auth_method => 'client_secret_post' }, 'client_auth post;' ],
    jwt      => [ { token_endpoint_auth_method => 'client_secret_jwt', token_endpoint_auth_signing_alg => 'HS256' }, 'client_auth jwt;' ],
    key      => [ { token_endpoint_auth_method => 'private_key_jwt', jwks => { keys => [ $jwk ] } }, "client_key file:$dir/key.pem kid=mine;" ],
    none     => [ { token_endpoint_auth_method => 'none' }, 'client_auth none;' ],
    userinfo => [ { userinfo_signed_response_alg => 'RS256' }, '' ],
);
for my $name (keys %registered) {
    $provider{$name} = AuthGateOidc->real("http://127.0.0.1:$port/oidc/$name/callback",
        CLIENT_METADATA => JSON::PP->new->encode($registered{$name}[0]));
}

my $gate = AuthGateLive->start(
    workers => 3,
    port    => $port,
    env     => { CLIENT_SECRET => 'the client secret' },
    http    => join('', 'auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET;',
        map { provider_conf($_, $provider{$_}->url, $port, 'user_id claim=email; trust_amr mfa; parameter prompt login;') } @algorithms)
        . join('', map { provider_conf($_, $provider{$_}->url, $port, 'user_id claim=email; parameter prompt login;', $registered{$_}[1]) }
            sort keys %registered),
    server => join('', (map { location_of($_) } @algorithms, sort keys %registered),
        'location /api/ { auth_gate jwt; auth_gate_identity claims; auth_gate_mfa always; empty_gif; }',
        'location / { empty_gif; }'),
);

# A browser at the provider: follows redirects there, with its cookies, until it is sent away. The last address.
sub sign_in {
    my ($from, $url, $form) = @_;
    my (%jar, $body);
    my $method = 'GET';
    for (1 .. 10) {
        my ($path) = $url =~ m{^(?:\Q${\$from->url}\E)?(/.*)} or return $url;
        my @lines = ("$method $path HTTP/1.1", 'Host: ' . $from->url =~ s{^http://}{}r, 'Connection: close',
            'Cookie: ' . join '; ', map { "$_=$jar{$_}" } sort keys %jar);
        push @lines, 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: ' . length $body if defined $body;
        my $answer = http_request($from->port, join("\r\n", @lines, '', $body // ''), timeout => patience(10));
        for my $header (@{ $answer->{headers} }) {
            $jar{$1} = $2 if $header->[0] eq 'set-cookie' && $header->[1] =~ /^([^=]+)=([^;]*)/;
        }
        if ($answer->{header}{location}) {
            ($method, $body, $url) = ('GET', undef, $answer->{header}{location});
        } elsif ($answer->{body} =~ /<form method="post" action="([^"]+)"/) {
            ($method, $body, $url) = ('POST', $form, $1);
        } else {
            return "nowhere: $answer->{status} $answer->{body}";
        }
    }
    return 'round and round';
}

# What the gate makes of a person who signs in.
sub log_in_as {
    my ($name, $form) = @_;
    my $login = begin_login($port, "/oidc/$name");
    my $back = sign_in($provider{$name}, $login->{url}, $form);
    my ($query) = $back =~ m{^http://127\.0\.0\.1:$port/oidc/$name/callback\?(.*)} or return $back;
    return callback($login, $query)->{header}{location};
}

sub session {
    my ($name, $form) = @_;
    my $code = parameter(log_in_as($name, $form), 'oidc_code') // return;
    my ($jwt) = ask($port, 'GET', "/oidc/$name/exchange?code=$code")->{body} =~ /"token":"([^"]+)"/ or return;
    return $jwt;
}

for my $name (@algorithms) {
    my $jwt = session($name, 'name=alice&password=alice-password&key=1');
    ok($jwt, "$name: alice is signed in") or diag($gate->error_log), next;
    is(payload_of($jwt)->{id}, 'alice@example.test', "$name: as herself");
    is(ask($port, 'GET', '/api/x', ["Authorization: Bearer $jwt"])->{status}, 200, "$name: with the key as second factor");
}
for my $name (sort keys %registered) {
    my $session = session($name, 'name=alice&password=alice-password');
    is($session && payload_of($session)->{id}, 'alice@example.test', "$name: a client that is registered so") or diag($gate->error_log);
}
my $jwt = session('RS256', 'name=bob&password=bob-password');
is(ask($port, 'GET', '/api/x', ["Authorization: Bearer $jwt"])->{status}, 403, 'a password alone is no MFA');
is(log_in_as('RS256', 'name=alice&password=alice-password&deny=1'), '/login?oidc_error=access_denied&oidc_error_description=the%20person%20said%20no', 'who declines is told so, and what the provider says');

my $out = ask($port, 'GET', '/oidc/RS256/logout')->{header}{location};
my $answer = ask($provider{RS256}->port, 'GET', $out =~ m{^http://[^/]+(/.*)});
is($answer->{status}, 200, 'the provider takes the logout') or diag($answer->{body});

# Twelve at once, on whatever worker each request happens to come to.
my @ids = crowd(12, sub {
    my ($i, $start) = @_;
    $start->();
    my $name = $algorithms[ $i % @algorithms ];
    my $session = session($name, 'name=bob&password=bob-password') // return 'none';
    return payload_of($session)->{id};
});
is_deeply([ grep { $_ ne 'bob@example.test' } @ids ], [], 'twelve at once are signed in');
is(scalar @ids, 12, 'all of them');

$gate->ends_well(signal => 'QUIT');
done_testing;
