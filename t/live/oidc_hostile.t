# A provider that wants to harm nginx: answers without end, in each place where there could be one.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();

# What the log says of them.
my %attacks = (
    drip     => qr/[Tt]ime/,
    interim  => qr/too large/,
    headers  => qr/too large/,
    header   => qr/./,
    chunks   => qr/too large/,
    trailers => qr/./,
    bomb     => qr/large/,
    longer   => qr/issuer/,
    headless => qr/./,
);
my @attacks = sort keys %attacks;

my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', 'auth_gate_secret env:JWT_SECRET;', provider_conf('good', $provider->url('good'), $port),
        map { provider_conf("m-$_", $provider->url("metadata-$_"), $port, 'timeout 2s;'),
              provider_conf("t-$_", $provider->url("token-$_"),    $port, 'timeout 2s;') } @attacks),
    server => join('', location_of('good'), (map { location_of("m-$_"), location_of("t-$_") } @attacks), 'location / { empty_gif; }'),
);

sub memory { my ($pid) = $gate->workers; return text_of("/proc/$pid/status") =~ /^VmHWM:\s+(\d+)/m ? $1 : 0 }

like(log_in($port, '/oidc/good')->{header}{location}, qr/oidc_code/, 'all that is made once is made');
for my $attack (@attacks) {
    my ($before, $said) = (memory(), length $gate->error_log);
    is(begin_login($port, "/oidc/m-$attack")->{answer}{status}, 500, "$attack: metadata");
    like(substr($gate->error_log, $said), qr/fetching the metadata.*$attacks{$attack}/, "$attack: the log says why");
    is(log_in($port, "/oidc/t-$attack")->{header}{location}, '/login?oidc_error=token_failed', "$attack: tokens");
    cmp_ok(memory() - $before, '<', 4 * 1024, "$attack: takes no memory");
}
$gate->ends_well(signal => 'QUIT');
done_testing;
