# Who may log in: claims that are required, and what providers never send.
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
my ($yes, $no) = (JSON::PP::true, JSON::PP::false);

# name => [script, lines], and for each what is in the id_token or userinfo, and the error.
my %conf = (
    nonce    => [ 'no-nonce', 'nonce optional;' ],
    another  => [ 'wrong-nonce', 'nonce optional;' ],
    domain   => [ 'good', 'require hd=example.com;' ],
    two      => [ 'good', 'require hd=example.com groups=staff;' ],
    there    => [ 'good', 'require department;' ],
    address  => [ 'good', 'require email=alice@example.test;' ],
    refused  => [ 'userinfo-403', 'require hd=example.com;' ],
    silent   => [ 'silent-email', 'user_id claim=email; email_verified assume;' ],
    unsure   => [ 'silent-email', 'user_id claim=email;' ],
    denied   => [ 'unverified-email', 'user_id claim=email; email_verified assume;' ],
    in_token => [ 'userinfo-403', 'user_id claim=email; email_verified assume;' ],
    tenants  => [ 'tenants', 'tenant 8eaef023-2b34-4da1-9baa-8bc8c9d6a490 other;' ],
    asked    => [ 'silent-email', 'user_id /_who; email_verified assume;' ],
);
my @cases = (
    [ 'nonce' ],
    [ 'another', [], 'id_token_invalid' ],
    [ 'domain', [], 'access_denied' ],
    [ 'domain', [ claims => { hd => 'example.com' } ] ],
    [ 'domain', [ claims => { hd => 'example.com.evil' } ], 'access_denied' ],
    [ 'domain', [ claims => { hd => 'evil.example' }, userinfo => { hd => 'example.com' } ], 'access_denied' ],
    [ 'domain', [ userinfo => { hd => 'example.com' } ] ],
    [ 'two', [ claims => { hd => 'example.com' } ], 'access_denied' ],
    [ 'two', [ claims => { hd => 'example.com', groups => [qw(x staff)] } ] ],
    [ 'there', [], 'access_denied' ],
    [ 'there', [ claims => { department => undef } ], 'access_denied' ],
    [ 'there', [ claims => { department => 'x' } ] ],
    [ 'address', [] ],
    [ 'address', [ userinfo => { email_verified => $no } ], 'access_denied' ],
    [ 'refused', [ claims => { hd => 'example.com' } ] ],
    [ 'refused', [], 'server_error' ],
    [ 'silent' ],
    [ 'silent', [ claims => { email => 'x@y.example', email_verified => $no } ], 'no_email' ],
    [ 'unsure', [], 'no_email' ],
    [ 'denied', [], 'no_email' ],
    [ 'in_token', [ claims => { email => 'x@y.example' } ], 'server_error' ],
    [ 'asked' ],
    [ 'tenants', [ claims => { tid => '8eaef023-2b34-4da1-9baa-8bc8c9d6a490' } ] ],
    [ 'tenants', [ claims => { tid => 'other' } ] ],
    [ 'tenants', [ claims => { tid => 'strange' } ], 'id_token_invalid' ],
    [ 'tenants', [], 'id_token_invalid' ],
);
my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', 'auth_gate_secret env:JWT_SECRET;', map { provider_conf($_, $provider->url($conf{$_}[0]), $port, $conf{$_}[1]) } sort keys %conf)
        . provider_conf('everybody', $provider->url('tenants'), $port),
    server => join('', (map { location_of($_) } sort(keys %conf), 'everybody'),
        "location = /_who { internal; proxy_pass @{[ $provider->url('application/200/eyJpZCI6N30') ]}; } location / { empty_gif; }"),
);
for my $case (@cases) {
    my ($name, $about, $error) = @$case;
    my $what = "$name: " . JSON::PP->new->canonical->encode({ @{ $about || [] } });
    my $location = log_in($port, "/oidc/$name", @{ $about || [] })->{header}{location};
    like($location, $error ? qr/\?oidc_error=$error\z/ : qr/oidc_code=/, $what) or diag($gate->error_log);
}
like($gate->error_log, qr/\[info\].*"domain" failed: access_denied: the user's claims do not meet "require"/, 'the log says why');
is(JSON::PP->new->decode($provider->told('asked')->[-1]{body})->{email_verified}, $yes, 'the application learns what is assumed');
is(begin_login($port, '/oidc/everybody')->{answer}{status}, 500, 'a provider of many tenants needs to be told whose people may log in');
like($gate->error_log, qr/"everybody" failed: the provider's metadata is for many tenants: "tenant" has to say which/, 'and the log says so');
$gate->ends_well(signal => 'QUIT');
done_testing;
