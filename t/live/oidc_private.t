# Where an administrator sends nginx for logins is a public place: not one that only nginx can reach.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateTest::Jwt;
use JSON::PP ();
use Test::More;

my $dir = scratch_dir();

# outside.example is 8.8.8.8, which leads to this machine; inside.example is this machine by its right address. What is
# connected to is written down.
write_text("$dir/names.c", <<"END");
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    if (node != NULL && strcmp(node, "outside.example") == 0) node = "8.8.8.8";
    if (node != NULL && strcmp(node, "inside.example") == 0) node = "127.0.0.1";
    return real(node, service, hints, res);
}
int connect(int fd, const struct sockaddr *peer, socklen_t size) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    if (peer->sa_family != AF_INET) return real(fd, peer, size);
    struct sockaddr_in to = *(const struct sockaddr_in *) peer;
    FILE *out = fopen("$dir/connected", "a");
    if (out != NULL) { fprintf(out, "%s\\n", inet_ntoa(to.sin_addr)); fclose(out); }
    if (to.sin_addr.s_addr == inet_addr("8.8.8.8")) to.sin_addr.s_addr = inet_addr("127.0.0.1");
    return real(fd, (const struct sockaddr *) &to, sizeof(to));
}
END
system('cc', '-shared', '-fPIC', '-o', "$dir/names.so", "$dir/names.c", '-ldl') == 0 or die "no compiler\n";

sub run { my $line = shift; qx{cd $dir && $line 2>&1}; $? == 0 or die "$line\n" }
write_text("$dir/san", 'subjectAltName=DNS:outside.example,DNS:inside.example,IP:127.0.0.1');
run('openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2');
run('openssl req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=tls');
run('openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out tls.pem');

my ($tls, $port) = map { free_port() } 1 .. 2;
my ($outside, $inside) = ("https://outside.example:$tls", "https://inside.example:$tls");
my $provider = AuthGateOidc->scripted(BASE => $outside, INSIDE => $inside);
my $front = AuthGateLive->start(
    module => 0,
    http   => "server { listen 127.0.0.1:$tls ssl; ssl_certificate $dir/tls.pem; ssl_certificate_key $dir/tls.key;"
        . " location / { proxy_pass http://127.0.0.1:${\$provider->port}; } }",
);

sub document { return "$_[0]/$_[1]/.well-known/openid-configuration" }

my @lines = ("ca_file $dir/ca.pem;");
my $state = "$dir/state";
sub conf {
    my $option = shift;
    return (
        port => $port,
        env  => { CLIENT_SECRET => 'the client secret', LD_PRELOAD => "$dir/names.so" },
        http => "auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $state;"
            . provider_conf('set', "$outside/none", $port, @lines)
            . provider_conf('own', "$outside/es256", $port, @lines, 'discovery_url ' . document($inside, 'es256') . ';')
            . provider_conf('proxied', "$outside/none", $port, @lines, "proxy http://127.0.0.1:$tls;"),
        server => join('', map { location_of($_) . "location = /admin/$_ { auth_gate jwt; auth_gate_identity claims; auth_gate_oidc_settings $_ $option; }" }
            qw(set own proxied)),
    );
}

my $gate  = AuthGateLive->start(conf(''));
my @admin = ('Authorization: Bearer ' . session_jwt(1, role => 'admin'));

sub set {
    my ($name, %settings) = @_;
    return ask($port, 'PUT', "/admin/$name", \@admin, JSON::PP->new->encode(\%settings))->{status};
}
sub place { return log_in($port, "/oidc/$_[0]")->{header}{location} // 'no login' }

# Runs the code, and returns what was connected to and what the log has of it.
sub seen_in {
    my $code = shift;
    my ($before, $log) = (scalar lines_of("$dir/connected"), length $gate->error_log);
    $code->();
    my @connected = lines_of("$dir/connected");
    return (join(' ', @connected[$before .. $#connected]), substr $gate->error_log, $log);
}

is(set('set', issuer => "$outside/good"), 200, 'an administrator sets a public provider');
like(place('set'), qr/oidc_code=/, 'and people sign in');

is(set('set', discovery_url => document($inside, 'good')), 200, 'a name can be anywhere');
{
    my ($connected, $log) = seen_in(sub { is(begin_login($port, '/oidc/set')->{answer}{status}, 500, 'but if it is private,') });
    is($connected, '', 'nothing is connected to');
    like($log, qr/the metadata of OpenID provider "set" failed: its address is private, and an administrator has set the provider/, 'and the log says why');
}

# A connection that the configuration's own provider left open is none for it.
like(place('own'), qr/oidc_code=/, 'the configuration may name a private place');
{
    my ($connected) = seen_in(sub { is(begin_login($port, '/oidc/set')->{answer}{status}, 500, 'which stays closed to an administrator') });
    is($connected, '', 'and is not asked');
}
is(set('own', display_name => 'Ours', client_secret => 'the client secret'), 200, 'what is no place can be set');
like(place('own'), qr/oidc_code=/, 'of a provider in a private place');

# What public metadata names.
for my $case ([token => 'token_failed'], [keys => 'server_error'], [userinfo => 'server_error']) {
    my ($what, $error) = @$case;
    my $count = $provider->told("count/good/$what");
    is(set('set', issuer => undef, discovery_url => document($outside, "inside-$what")), 200, "$what: public metadata");
    my ($connected, $log) = seen_in(sub { is(place('set'), "/login?oidc_error=$error", 'that leads to a private place does not lead there') });
    unlike($connected, qr/127/, 'nothing is connected to there');
    is($provider->told("count/good/$what"), $count, 'nor asked on an open connection');
    like($log, qr/its address is private/, 'and the log says why');

    is(set('set', discovery_url => document($outside, "literal-$what")), 200, "$what: nor by its address");
    (undef, $log) = seen_in(sub { is(begin_login($port, '/oidc/set')->{answer}{status}, 500, 'which is no metadata') });
    like($log, qr/leads to a private address, and an administrator has set the provider: (?:$what|jwks)/, 'and the log says why');
}

# A redirect leads nowhere.
{
    is(set('set', discovery_url => document($outside, 'metadata-redirect')), 200, 'metadata that is elsewhere');
    my ($connected) = seen_in(sub { is(begin_login($port, '/oidc/set')->{answer}{status}, 500, 'is not looked for') });
    unlike($connected, qr/127/, 'there');
}

# What can be seen to be private is refused at once, and in a file that was written by hand, with a proxy or without.
is(set($_, discovery_url => "https://127.0.0.1:$tls/"), 400, "$_: an address of this machine") for qw(set own proxied);
my %file = map { $_ => { client_id => 'gate', discovery_url => document("https://127.0.0.1:$tls", 'good') } } qw(set proxied);
write_text("$state/oidc.json", JSON::PP->new->encode(\%file));
$gate->reload(conf(''));
for my $name (qw(set proxied)) {
    my ($connected, $log) = seen_in(sub { is(begin_login($port, "/oidc/$name")->{answer}{status}, 500, "$name: an address in the file") });
    is($connected, '', 'is not connected to');
    like($log, qr/"$name" failed: login: an administrator has set a private address/, 'and the log says why');
}

# With the configuration's leave.
$gate->reload(conf('allow_private'));
like(place('set'), qr/oidc_code=/, 'with allow_private, people sign in there');
is(set('set', discovery_url => document($inside, 'good')), 200, 'and a private name');
like(place('set'), qr/oidc_code=/, 'is as good');
is(set('set', discovery_url => $provider->url('good') . '/.well-known/openid-configuration'), 200, 'http on this machine');
is(set('set', discovery_url => 'http://outside.example/'), 400, 'but not elsewhere');
$gate->ends_well(signal => 'QUIT');
$front->ends_well(name => 'the front');
done_testing;
