# A provider behind TLS: only one whose certificate is vouched for is spoken to.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $dir = scratch_dir();

# Certificates for this address, by an authority of ours, and for another one.
sub run { my $line = shift; qx{cd $dir && $line 2>&1}; $? == 0 or die "$line\n" }
run('openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2');
for my $name ('127.0.0.1', '127.0.0.2') {
    write_text("$dir/$name.cnf", "subjectAltName=IP:$name\n");
    run("openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name");
    run("openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.cnf -out $name.pem");
}

my ($tls, $wrong, $port, $own) = map { free_port() } 1 .. 4;
my $provider = AuthGateOidc->scripted(BASE => "https://127.0.0.1:$tls");
my $front = AuthGateLive->start(
    module => 0,
    http   => join '', map {
        "server { listen 127.0.0.1:$_->[0] ssl http2; ssl_certificate $dir/$_->[1].pem; ssl_certificate_key $dir/$_->[1].key;"
            . " location / { proxy_pass http://127.0.0.1:${\$provider->port}; } }"
    } [ $tls, '127.0.0.1' ], [ $wrong, '127.0.0.2' ],
);

my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', 'auth_gate_secret env:JWT_SECRET;',
        provider_conf('good',     "https://127.0.0.1:$tls/good",   $port, "ca_file $dir/ca.pem;"),
        provider_conf('stranger', "https://127.0.0.1:$tls/good",   $port),
        provider_conf('wrong',    "https://127.0.0.1:$wrong/good", $port, "ca_file $dir/ca.pem;"),
        provider_conf('leads-here', "https://127.0.0.1:$tls/metadata-leads-here", $port, "ca_file $dir/ca.pem;"),
        provider_conf('plain',    "https://127.0.0.1:${\$provider->port}/good", $port, "ca_file $dir/ca.pem;"),
        "auth_gate_oidc_provider secure { issuer https://127.0.0.1:$tls/good; client_id gate; ca_file $dir/ca.pem; app_url https://app.example; }",
        "server { listen 127.0.0.1:$own ssl; ssl_certificate $dir/127.0.0.1.pem; ssl_certificate_key $dir/127.0.0.1.key;"
            . ' location / { empty_gif; } }'),
    server => join('', map { location_of($_) } qw(good stranger wrong leads-here plain secure)),
);

like(log_in($port, '/oidc/good')->{header}{location}, qr/oidc_code=/, 'a login over TLS, with an authority of our own');
for my $name (qw(stranger wrong plain)) {
    my $before = length $gate->error_log;
    is(begin_login($port, "/oidc/$name")->{answer}{status}, 500, "$name: no login");
    like(substr($gate->error_log, $before), qr/"$name" failed: .*(?:SSL|certificate)/, "$name: the log says why");
    # Whose connection is the next to use TLS has nothing to do with that: see the alerts, at the end.
    is(qx{curl -s -o /dev/null -w '%{http_code}' --cacert $dir/ca.pem https://127.0.0.1:$own/}, 200, "$name: somebody else's TLS");
}
# A provider elsewhere cannot send the gate to what listens on this machine without TLS.
my $away = begin_login($port, '/oidc/leads-here');
my $code = code_for($away);
is(callback($away, "code=$code&state=$away->{state}")->{header}{location}, '/login?oidc_error=token_failed', 'it does not go there');
is($provider->told('count/good/token'), 1, 'where but one login was');

my $login = begin_login($port, '/oidc/secure');
like($login->{answer}{header}{'set-cookie'}, qr/; HttpOnly; SameSite=Lax; Secure\z/, 'on https the cookie is Secure');
is($login->{redirect_uri}, 'https://app.example/oidc/secure/callback', 'and the redirect_uri is https');

$gate->ends_well(signal => 'QUIT');
$front->ends_well(name => 'the front');
done_testing;
