# What the userinfo endpoint is asked for, in which form it may answer, and when its refusal does not matter.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use JSON::PP ();
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();

# name => [script, lines, error]; what the id_token says itself, as [ claims ].
my @email = (claims => { email => 'alice@example.test', email_verified => JSON::PP::true });
my %cases = (
    json        => [ 'good', 'user_id claim=email;' ],
    signed      => [ 'signed-userinfo', 'user_id claim=email;' ],
    bare        => [ 'signed-userinfo-bare', 'user_id claim=email;' ],
    rotates     => [ 'signed-userinfo-rotates', 'user_id claim=email;' ],
    none        => [ 'signed-userinfo-none', 'user_id claim=email;', 'server_error', qr/algorithm/ ],
    key         => [ 'signed-userinfo-wrong-key', 'user_id claim=email;', 'server_error', qr/not signed by one of the provider's keys/ ],
    issuer      => [ 'signed-userinfo-wrong-issuer', 'user_id claim=email;', 'server_error', qr/another issuer/ ],
    client      => [ 'signed-userinfo-wrong-client', 'user_id claim=email;', 'server_error', qr/another client/ ],
    old         => [ 'signed-userinfo-old', 'user_id claim=email;', 'server_error', qr/expired/ ],
    subject     => [ 'signed-userinfo-other-subject', 'user_id claim=email;', 'subject_mismatch', qr/sub/ ],
    off         => [ 'userinfo-500', 'userinfo off;' ],
    off_lacks   => [ 'good', 'userinfo off; user_id claim=email;', 'no_email', qr/missing/ ],
    refused     => [ 'userinfo-401', '' ],
    forbidden   => [ 'userinfo-403', '' ],
    refused_has => [ 'userinfo-401', 'user_id claim=email;', undef, undef, @email ],
    refused_lacks => [ 'userinfo-401', 'user_id claim=email;', 'server_error', qr/401/ ],
    refused_asks  => [ 'userinfo-403', 'user_id /_who;', 'server_error', qr/403/ ],
    off_asks    => [ 'userinfo-500', 'userinfo off; user_id /_who;' ],
    failed      => [ 'userinfo-500', '', 'server_error', qr/500/ ],
);
my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', 'auth_gate_secret env:JWT_SECRET;', map { provider_conf($_, $provider->url($cases{$_}[0]), $port, $cases{$_}[1]) } sort keys %cases),
    server => join('', (map { location_of($_) } sort keys %cases),
        "location = /_who { internal; proxy_pass @{[ $provider->url('application/200/eyJpZCI6N30') ]}; } location / { empty_gif; }"),
);
for my $name (sort keys %cases) {
    my ($script, $lines, $error, $why, @about) = @{ $cases{$name} };
    my $location = log_in($port, "/oidc/$name", @about)->{header}{location};
    like($location, $error ? qr/\?oidc_error=$error\z/ : qr/oidc_code=/, "$name: $script, $lines") or diag($gate->error_log);
    like($gate->error_log, qr/"\Q$name\E" failed: $error: .*$why/, "$name: the log says why") if $why;
}
is($provider->told('count/userinfo-500/userinfo'), 1, '"userinfo off" asks nothing');
like($gate->error_log, qr/\[warn\].*"refused": the userinfo endpoint answered 401, and nothing from it is needed/, 'a refusal is not kept quiet');

my @secrets = ('the client secret', @{ $provider->told('secrets') });
is_deeply([ secrets_in($gate->error_log . text_of($gate->dir . '/access.log'), @secrets) ], [], 'no secret is in the logs');
$gate->ends_well(signal => 'QUIT');
done_testing;
