# Providers that do not do all as the books say, and with whom people have to be able to log in all the same.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();

# name => [script, the id that the JWT has, lines]
my %good = (
    audiences        => [ 'several-audiences', 'alice' ],
    numeric          => [ 'numeric-subject', 7 ],
    numeric_userinfo => [ 'numeric-userinfo', 7 ],
    gzip             => [ 'gzip', 'alice' ],
    moved            => [ 'moved', 'alice' ],
    moved_keys       => [ 'moved-keys', 'alice' ],
    moved_relative   => [ 'moved-relative', 'alice' ],
);
$good{proxied} = [ 'proxied', 'alice', 'proxy env:PROXY;' ];
my @moved = qw(moved-round moved-away);
my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret', PROXY => 'http://user:p%40ss@127.0.0.1:' . $provider->port },
    http => join('', 'auth_gate_secret env:JWT_SECRET;',
        (map { provider_conf($_, $provider->url($good{$_}[0]), $port, $good{$_}[2] // '') } sort keys %good),
        map { provider_conf($_, $provider->url($_), $port) } @moved),
    server => join('', (map { location_of($_) } sort(keys %good), @moved), 'location / { empty_gif; }'),
);
for my $name (sort keys %good) {
    my $location = log_in($port, "/oidc/$name")->{header}{location};
    my $code = parameter($location, 'oidc_code');
    ok($code, "$name: a login") or diag($location, $gate->error_log), next;
    my ($jwt) = ask($port, 'GET', "/oidc/$name/exchange?code=$code")->{body} =~ /"token":"([^"]+)"/;
    is(payload_of($jwt)->{id}, $good{$name}[1], "$name: of that user");
}
unlike($gate->error_log, qr/p%40ss|p\@ss/, 'the password is not logged');
is(begin_login($port, "/oidc/$_")->{answer}{status}, 500, "$_: not everywhere") for @moved;
is($provider->told('count/moved-round/moved'), 4, 'a redirect that goes round is left');
like($gate->error_log, qr{"moved-away" failed: status 301, to http://localhost:\d+/good/.well-known/openid-configuration, which is not followed},
    'the log says where another host\'s would have been');
is($provider->told('count/good/metadata'), 0, 'which was not asked');
$gate->ends_well(signal => 'QUIT');
done_testing;
