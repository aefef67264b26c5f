# While a provider takes its time, nginx does not: others are served by the same worker, clients may go away, and so may
# the worker. Nothing here is told by the clock: a provider holds its answer until the others have had theirs.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();
my $down     = free_port();
my %conf = (
    port   => $port,
    env    => { CLIENT_SECRET => 'the client secret' },
    http   => join('', 'auth_gate_secret env:JWT_SECRET;', (map { provider_conf($_, $provider->url($_), $port, 'timeout 30s;') }
        qw(good es256 ps256 eddsa post-secret no-userinfo)), provider_conf('down', "http://127.0.0.1:$down", $port)),
    server => join('', (map { location_of($_) } qw(good es256 ps256 eddsa post-secret no-userinfo down)), 'location / { empty_gif; }'),
);
my $gate = AuthGateLive->start(%conf);

sub finished { my $login = shift; return "code=" . code_for($login) . "&state=$login->{state}" }

# A request that is under way: its client, while the provider holds what it needs.
sub under_way {
    my ($what, $path, $query, $cookie) = @_;
    $provider->tell("hold/$what");
    my $client = AuthGateLiveClient->new($port);
    $client->send(request_text('GET', "$path?$query", [ $cookie ? "Cookie: $cookie" : () ]));
    $provider->holds(1);
    return $client;
}

sub others_are_served {
    my $what = shift;
    my @statuses = map { ask($port, 'GET', "/picture/$_")->{status} } 1 .. 50;
    is(scalar(grep { $_ == 200 } @statuses), 50, "50 requests are served while the provider holds $what");
    is($provider->told('holding'), 1, "which it still does");
}

# A provider that is down: nginx is up all the same.
is(ask($port, 'GET', '/x')->{status}, 200, 'nginx serves although a provider is down');
is(ask($port, 'GET', '/oidc/down/login')->{status}, 500, 'only its logins do not work');

# Each of the four things that a login waits for.
for my $case ([ 'metadata', 'good' ], [ 'token', 'good' ], [ 'keys', 'es256' ], [ 'userinfo', 'good' ]) {
    my ($what, $name) = @$case;
    my $client;
    if ($what eq 'metadata') {
        $client = under_way($what, "/oidc/$name/login", 'x');
    } else {
        my $login = begin_login($port, "/oidc/$name");
        $client = under_way($what, "/oidc/$name/callback", finished($login), $login->{cookie});
    }
    others_are_served($what);
    $provider->tell('release');
    my $answer = $client->answer;
    is($answer->{status}, 302, "$what: and then the login goes on");
    unlike($answer->{header}{location}, qr/oidc_error/, "$what: well");
}

# Many logins wait for one fetch.
{
    $provider->tell('hold/metadata');
    my @clients = map { AuthGateLiveClient->new($port) } 1 .. 20;
    $_->send(request_text('GET', '/oidc/ps256/login')) for @clients;
    $provider->holds(1);
    others_are_served('the metadata that 20 want');
    $provider->tell('release');
    is(scalar(grep { $_->answer->{status} == 302 } @clients), 20, 'all 20 go on');
    is($provider->told('count/ps256/metadata'), 1, 'after one fetch');
}

# A client that goes away.
{
    my $login = begin_login($port, '/oidc/good');
    my $client = under_way('token', '/oidc/good/callback', finished($login), $login->{cookie});
    $client->close;
    wait_for('nginx to notice', sub { text_of($gate->dir . '/access.log') =~ m{callback.* 499 } });
    $provider->tell('release');
    is(ask($port, 'GET', '/x')->{status}, 200, 'a client that goes away takes nothing along');
    like(log_in($port, '/oidc/good')->{header}{location}, qr/oidc_code/, 'and others log in');
}

# A reload: the old worker finishes what it has begun, and then goes.
{
    my $login = begin_login($port, '/oidc/good');
    my ($old) = $gate->workers;
    my $client = under_way('token', '/oidc/good/callback', finished($login), $login->{cookie});
    $gate->reload(%conf, leave_old => 1);
    ok((grep { $_ == $old } $gate->workers), 'an old worker stays for a login that is under way');
    like(log_in($port, '/oidc/good')->{header}{location}, qr/oidc_code/, 'while the new one serves');
    is($provider->told('holding'), 1, 'the provider still holds the first');
    $provider->tell('release');
    like($client->answer->{header}{location}, qr/oidc_code/, 'which ends well');
    wait_for('the old worker to go', sub { !grep { $_ == $old } $gate->workers });
    pass('and the old worker goes');
}

# Connections that are kept for the next time keep no worker.
{
    my ($old) = $gate->workers;
    log_in($port, '/oidc/good');
    $gate->reload(%conf);
    ok(!(grep { $_ == $old } $gate->workers), 'a worker with nothing but idle connections goes');
    is($provider->told('count/good/metadata'), 1, 'and the documents are still there');
}

# A one-time code and a flow outlive a reload.
{
    my $login = begin_login($port, '/oidc/good');
    my $code = parameter(log_in($port, '/oidc/good')->{header}{location}, 'oidc_code');
    $gate->reload(%conf);
    is(ask($port, 'GET', "/oidc/good/exchange?code=$code")->{status}, 200, 'a code is exchanged after a reload');
    like(callback($login, finished($login))->{header}{location}, qr/oidc_code/, 'a login ends after a reload');
}

# New keys.
{
    $provider->tell('rotate');
    like(log_in($port, '/oidc/good')->{header}{location}, qr/oidc_code/, 'a new key of the provider is fetched');
    is($provider->told('count/good/keys'), 2, 'once');
}

# Keys and metadata that are due stay good while no newer ones can be had.
{
    my $frail = AuthGateOidc->scripted;
    $gate->reload(%conf, http => $conf{http} . provider_conf('frail', $frail->url('good'), $port, 'cache 300ms;'),
        server => $conf{server} . location_of('frail'));
    is(begin_login($port, '/oidc/frail')->{answer}{status}, 302, 'metadata is there');
    $frail->tell('close');
    my @statuses;
    wait_for('a fetch that fails', sub {
        push @statuses, begin_login($port, '/oidc/frail')->{answer}{status};
        return $gate->error_log =~ /fetching the metadata of OpenID provider "frail" failed/;
    });
    push @statuses, begin_login($port, '/oidc/frail')->{answer}{status};
    is(scalar(grep { $_ != 302 } @statuses), 0, 'and serves on when the provider has gone');
    $gate->reload(%conf);
}

# nginx is told to end while somebody waits.
{
    my $login = begin_login($port, '/oidc/good');
    my $client = under_way('token', '/oidc/good/callback', finished($login), $login->{cookie});
    $gate->ends_well(signal => 'TERM');
    ok(!$client->answer->{status}, 'who waits is let go');
}
$provider->tell('release');
done_testing;
