# Clients that want more of a login than their own, and operators who change their mind.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateTest::Jwt;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();
my $state    = scratch_dir();
my %conf = (
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => 'auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET;'
        . 'real_ip_header X-Real-IP; set_real_ip_from 127.0.0.1;'
        . "auth_gate_state_path $state;",
    server => 'location = /admin { auth_gate jwt; auth_gate_identity claims; auth_gate_oidc_settings good; }'
        . 'location /mfa/ { auth_gate jwt; auth_gate_identity claims; auth_gate_mfa always; empty_gif; }'
        . (join '', map { location_of($_) } qw(good es256 shout)) . 'location / { empty_gif; }',
);

# Providers, each with more lines.
sub http {
    my %lines = @_;
    return $conf{http} . join '', map { provider_conf($_, $provider->url($_ eq 'shout' ? 'good' : $_), $port, $lines{$_} // '') }
        qw(good es256), grep { $_ eq 'shout' } keys %lines;
}
my $https = 'auth_gate_oidc_provider shout { issuer ' . $provider->url('good') . '; client_id gate; app_url HTTPS://app.example; }';
my $gate = AuthGateLive->start(%conf, http => http(good => 'trust_amr mfa;', es256 => 'trust_amr mfa;') . $https);

sub finish { my $login = shift; return callback($login, 'code=' . code_for($login, @_) . "&state=$login->{state}") }

sub session {
    my ($path, %about) = @_;
    my $code = parameter(log_in($port, $path, %about)->{header}{location}, 'oidc_code');
    return ask($port, 'GET', "$path/exchange?code=$code")->{body} =~ /"token":"([^"]+)"/ ? $1 : undef;
}

# Cookies of logins that were begun and left do not pile up.
{
    my %jar;
    for (1 .. 20) {
        my $answer = ask($port, 'GET', '/oidc/good/login', [ 'Cookie: other=1; ' . join '; ', map { "$_=$jar{$_}{value}" }
            sort { $jar{$a}{made} <=> $jar{$b}{made} } keys %jar ]);
        for my $header (grep { $_->[0] eq 'set-cookie' } @{ $answer->{headers} }) {
            my ($name, $value, $rest) = $header->[1] =~ /^([^=]+)=([^;]*)(.*)/;
            $rest =~ /Max-Age=0;/ ? delete $jar{$name} : ($jar{$name} = { value => $value, made => $_ });
        }
        delete $jar{other};
    }
    cmp_ok(scalar(keys %jar), '<=', 8, 'a browser keeps no more than a few cookies');
    is((sort { $b <=> $a } map { $_->{made} } values %jar)[0], 20, 'the last ones');
}

# However the scheme is written.
like(begin_login($port, '/oidc/shout')->{answer}{header}{'set-cookie'}, qr/; Secure\z/, 'HTTPS: is https:');

# Who has many addresses has no more of the zone than others.
{
    my $login = begin_login($port, '/oidc/good');
    my $client = AuthGateLiveClient->new($port);
    for my $i (1 .. 160) {
        $client->send(join '', map { request_text('GET', '/oidc/good/login', [ sprintf 'X-Real-IP: 2001:db8::%x:%x', $i, $_ ]) } 1 .. 50);
        $client->answer for 1 .. 50;
        $client = AuthGateLiveClient->new($port) if $i % 10 == 0;
    }
    like(finish($login)->{header}{location}, qr/oidc_code/, 'a network of addresses pushes out its own logins');
}

# What an administrator has set ends with the administrators' endpoint.
{
    my $admin = session_jwt(1, role => 'admin');
    my $planted = "$state/oidc.json." . ($gate->workers)[0] . '.0';
    write_text($planted, '');
    chmod 0644, $planted;
    is(ask($port, 'PUT', '/admin', ["Authorization: Bearer $admin"], '{"client_id":"changed"}')->{status}, 200, 'a setting');
    is((stat "$state/oidc.json")[2] & 07777, 0600, 'is for nobody else to read, whatever file was there');
    is(parameter(begin_login($port, '/oidc/good')->{url}, 'client_id'), 'changed', 'is in force');
    $gate->reload(http => http(good => 'trust_amr mfa;', es256 => 'trust_amr mfa;') . $https,
        server => $conf{server} =~ s/auth_gate_oidc_settings good;/empty_gif;/r);
    is(parameter(begin_login($port, '/oidc/good')->{url}, 'client_id'), 'gate', 'until the endpoint is gone');
}

# A provider that is not trusted any more.
{
    my $jwt = session('/oidc/es256', claims => { amr => ['mfa'] });
    my $other = session('/oidc/good', claims => { amr => ['mfa'] });
    my $mfa = sub { ask($port, 'GET', '/mfa/x', ["Authorization: Bearer $_[0]"])->{status} };
    is($mfa->($jwt), 200, 'a session with MFA');
    $gate->reload(http => http(good => 'trust_amr mfa;') . $https);
    is($mfa->($jwt), 403, 'has none when its provider is not trusted with it any more');
    is($mfa->($other), 200, 'that of another has');
}
$gate->ends_well(signal => 'QUIT');
done_testing;
