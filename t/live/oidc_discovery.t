# Where a provider's documents come from, who may say so, and what holds of many workers.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateTest::Jwt;
use JSON::PP ();
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();
my $state    = scratch_dir();

sub document { return $provider->url("$_[0]/.well-known/openid-configuration") }

# Of each: its issuer, and more lines.
my $elsewhere = 'http://127.0.0.1:1/elsewhere';
my %providers = (
    set        => [ $elsewhere ],
    slash      => [ $provider->url('es256/') ],
    overridden => [ $elsewhere, 'discovery_url ' . document('ps256') . ';' ],
    queried    => [ $elsewhere, 'discovery_url ' . document('good') . '?policy=a;' ],
    other      => [ $elsewhere, 'discovery_url ' . document('wrong-issuer') . ';' ],
    killed     => [ $provider->url('eddsa'), 'timeout 500ms;' ],
    shared     => [ $provider->url('no-userinfo'), 'cache 24h;' ],
    replaced   => [ $provider->url('rs384') ],
    nameless   => [ $provider->url('nameless') ],
);
my @names = ('set', grep { $_ ne 'set' } sort keys %providers);    # the environment is the first one's
my %conf = (
    workers => 3,
    port    => $port,
    env     => { CLIENT_SECRET => 'the client secret' },
    http    => join('', "auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $state;",
        map { provider_conf($_, $providers{$_}[0], $port, @{ $providers{$_} }[1 .. $#{ $providers{$_} }]) } @names),
    server => join('', (map { location_of($_) } @names),
        'location = /api/admin/oidc { auth_gate jwt; auth_gate_identity claims; auth_gate_oidc_settings set allow_private; }'),
);
my $gate = AuthGateLive->start(%conf);

my @admin = ('Authorization: Bearer ' . session_jwt(1, role => 'admin'));
my $json  = JSON::PP->new->canonical;

sub settings { return $json->decode(ask($port, 'GET', '/api/admin/oidc', \@admin)->{body}) }
sub set { return ask($port, 'PUT', '/api/admin/oidc', \@admin, $json->encode({@_}))->{body} }
sub outcome { return log_in($port, "/oidc/$_[0]")->{header}{location} }

like(outcome('slash'), qr/oidc_code=/, 'a slash at the issuer\'s end is no difference');
like(outcome('overridden'), qr/oidc_code=/, 'with a discovery_url the document\'s issuer counts, and not the configured one');
like(outcome('queried'), qr/oidc_code=/, 'which may be asked for with a query');
is(outcome('other'), '/login?oidc_error=id_token_invalid', 'which the id_token has to name');

# An administrator's word, and the environment's.
is(begin_login($port, '/oidc/set')->{answer}{status}, 500, 'an issuer that is not there');
is(set(discovery_url => document('good')), '{"success":true}', 'an administrator says where the documents are');
is_deeply([ grep { $_->{status} != 302 } map { begin_login($port, '/oidc/set')->{answer} } 1 .. 12 ], [], 'which all workers know at once');
like(outcome('set'), qr/oidc_code=/, 'and a login is good');
is(settings()->{discovery_url}, document('good'), 'the settings say so');

# Several administrators at once: nothing of anybody's is lost.
{
    my %wanted = (client_id => 'gate', client_secret => 'hush', display_name => 'Ours', discovery_url => document('good'));
    my @members = sort keys %wanted;
    my @answers = crowd(8, sub {
        my ($i, $start) = @_;
        my $name = $members[ $i % @members ];
        $start->();
        return map { set($name => $_) } (map { $name =~ /url/ ? document("x$_") : "x$_" } 1 .. 5), $wanted{$name};
    });
    is_deeply([ grep { $_ ne '{"success":true}' } @answers ], [], 'several administrators are all told that it is done');
    is_deeply($json->decode(text_of("$state/oidc.json")), { set => \%wanted }, 'and the file has the last word of each');
    is_deeply(settings(), { issuer => $elsewhere, client_id => 'gate', client_secret_set => JSON::PP::true,
        display_name => 'Ours', discovery_url => document('good') }, 'as has the answer');
    set(client_secret => undef);
}
unlike(ask($port, 'GET', '/api/admin/oidc', \@admin)->{raw} // '', qr/hush|the client secret/, 'the secret is not told');

# A new key, though nothing tells it from the old one.
for my $name (qw(replaced nameless)) {
    like(outcome($name), qr/oidc_code=/, "$name: a login");
}
$provider->tell('replace');
for my $case ([ replaced => 'rs384' ], [ nameless => 'nameless' ]) {
    my ($name, $script) = @$case;
    is_deeply([ grep { !/oidc_code=/ } map { outcome($name) } 1 .. 6 ], [], "$name: logins go on with another key of the same kid, or none");
    is($provider->told("count/$script/keys"), 2, "$name: which was asked for once");
}

# Many workers, many logins, one fetch, and connections that are kept.
{
    my @statuses = crowd(12, sub { my ($i, $start) = @_; $start->(); return begin_login($port, '/oidc/shared')->{answer}{status} });
    is(join(' ', @statuses), join(' ', (302) x 12), 'twelve logins on three workers');
    is($provider->told('count/no-userinfo/metadata'), 1, 'make one fetch');

    for my $round (1 .. 5) {
        my $login = begin_login($port, '/oidc/shared');
        my $query = 'code=' . code_for($login) . "&state=$login->{state}";
        my @places = crowd(12, sub { my ($i, $start) = @_; $start->(); return callback($login, $query)->{header}{location} });
        my @codes = map { parameter($_, 'oidc_code') // () } @places;
        is(scalar @codes, 1, 'a state has one winner on three workers');
        is(scalar(grep { $_ eq '/login?oidc_error=invalid_state' } @places), 11, 'and the others are told');
        my @won = crowd(12, sub { my ($i, $start) = @_; $start->(); return ask($port, 'GET', "/oidc/shared/exchange?code=$codes[0]")->{status} });
        is(join(' ', sort @won), '200' . ' 400' x 11, 'so has a one-time code');
    }
    my $tokens = $provider->told('count/no-userinfo/token');
    is($tokens, 5, 'and the provider was asked once for each');
    $gate->reload(workers => 1);
    my $before = $provider->told('connections');
    like(outcome('shared'), qr/oidc_code=/, 'a login') for 1 .. 5;
    is($provider->told('count/no-userinfo/token'), $tokens + 5, 'asks for tokens each time');
    is($provider->told('connections') - $before, 1, 'on one connection');
    is($provider->told('count/no-userinfo/metadata'), 1, 'and for metadata no more');
}

# A worker that dies while it fetches takes the turn along, and another has it soon.
{
    $provider->tell('hold/metadata');
    my $client = AuthGateLiveClient->new($port);
    $client->send(request_text('GET', '/oidc/killed/login'));
    $provider->holds(1);
    my ($worker) = $gate->workers;
    kill KILL => $worker;
    wait_for('another worker', sub { my @now = $gate->workers; @now == 1 && $now[0] != $worker });
    is(begin_login($port, '/oidc/killed')->{answer}{status}, 302, 'after a worker was killed in a fetch another one fetches');
    is($provider->told('count/eddsa/metadata'), 2, 'once more');
    $provider->tell('release');
}
$gate->ends_well(signal => 'QUIT', except => qr/exited on signal 9/);

# What the environment says is the first provider's, and wins.
$gate = AuthGateLive->start(%conf, env => { %{ $conf{env} }, OIDC_DISCOVERY_URL => document('post-secret'), OIDC_CLIENT_SECRET => 'from outside',
    OIDC_DISPLAY_NAME => 'Outside', OIDC_SCOPE => 'openid groups', APP_URL => 'http://localhost:1/' });
is_deeply(settings(), { issuer => $elsewhere, client_id => 'gate', client_secret_set => JSON::PP::true, display_name => 'Outside',
    discovery_url => document('post-secret'), environment => [qw(client_secret display_name discovery_url)] },
    'the environment wins, and the answer says so');
is(set(discovery_url => document('names-itself')), '{"success":true,"environment":["client_secret","display_name","discovery_url"]}',
    'so does the one to a change');
my $login = begin_login($port, '/oidc/set');
like($login->{url}, qr{^\Q${\$provider->url('post-secret')}\E/auth\?}, 'a login goes where the environment says');
is(parameter($login->{url}, 'scope'), 'openid groups', 'with its scope');
is($login->{redirect_uri}, 'http://localhost:1/oidc/set/callback', 'and comes back to its APP_URL');
$gate->ends_well(signal => 'QUIT');
done_testing;
