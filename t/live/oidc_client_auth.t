# How the gate authenticates at the token endpoint: as the metadata says, or as the configuration does.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();
my @ways     = qw(basic post jwt none);

# name => [script, lines, error]
my %cases = (
    auto => [ 'client-basic', '' ],
    (map { $_ => [ "client-$_", "client_auth $_;" ] } @ways),
    unlisted => [ 'client-unlisted', 'client_auth post;' ],
    wrong => [ 'client-post', 'client_auth basic;', 'token_failed' ],
    default_wrong => [ 'client-post', '', 'token_failed' ],
    odd => [ 'client-basic-odd', 'client_auth basic;' ],
    odd_post => [ 'client-post-odd', 'client_auth post;' ],
);
my %env = (CLIENT_SECRET => 'the client secret', ODD_SECRET => "s:e+c r%65t&\xc3\xbc=");

sub conf_of {
    my $name = shift;
    my $conf = provider_conf($name, $provider->url($cases{$name}[0]), $port, $cases{$name}[1]);
    return $conf if $name !~ /^odd/;
    return $conf =~ s/client_id gate/client_id "g+a te%:\xc3\xbc"/r =~ s/CLIENT_SECRET/ODD_SECRET/r;
}

my $gate = AuthGateLive->start(
    port => $port,
    env  => \%env,
    http => join('', 'auth_gate_secret env:JWT_SECRET;', (map { conf_of($_) } sort keys %cases),
        "auth_gate_oidc_provider bare { issuer @{[ $provider->url('client-post') ]}; client_id gate; client_auth post; app_url http://127.0.0.1:$port; }"),
    server => join('', (map { location_of($_) } sort(keys %cases), 'bare'), 'location / { empty_gif; }'),
);
for my $name (sort keys %cases) {
    my $error = $cases{$name}[2];
    my $location = log_in($port, "/oidc/$name")->{header}{location};
    like($location, $error ? qr/\?oidc_error=$error\z/ : qr/oidc_code=/, "$name: $cases{$name}[1]") or diag($gate->error_log);
}
like($gate->error_log, qr/"wrong" failed: token_failed: .*client_auth.*invalid_client/, 'the log says what to look at');
my $answer = begin_login($port, '/oidc/bare')->{answer};
is($answer->{status}, 400, 'a secret that client_auth needs and nobody has set');
is($answer->{body}, '{"error":"OIDC not configured"}', 'is a configuration that is not complete');

my @secrets = (values %env, @{ $provider->told('secrets') });
is_deeply([ secrets_in($gate->error_log . text_of($gate->dir . '/access.log'), @secrets) ], [], 'no secret is in the logs');
$gate->ends_well(signal => 'QUIT');
done_testing;
