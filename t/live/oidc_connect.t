# A provider that cannot be reached, or at one of its addresses only: libcurl closes the sockets without a word.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use IO::Socket::INET ();
use Socket qw(inet_aton pack_sockaddr_in);
use Test::More;

my $dir = scratch_dir();

# Each name is 127.0.0.2, and then 127.0.0.3.
write_text("$dir/two.c", <<'END');
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
static struct addrinfo *one(int last, int port) {
    struct addrinfo *info = calloc(1, sizeof *info + sizeof(struct sockaddr_in));
    struct sockaddr_in *in = (struct sockaddr_in *) (info + 1);
    in->sin_family = info->ai_family = AF_INET;
    in->sin_port = htons(port);
    in->sin_addr.s_addr = htonl(0x7f000000 + last);
    info->ai_socktype = SOCK_STREAM;
    info->ai_addr = (struct sockaddr *) in;
    info->ai_addrlen = sizeof *in;
    return info;
}
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    (void) node; (void) hints;
    *res = one(2, atoi(service));
    (*res)->ai_next = one(3, atoi(service));
    return 0;
}
void freeaddrinfo(struct addrinfo *info) {
    while (info) { struct addrinfo *next = info->ai_next; free(info); info = next; }
}
END
system('cc', '-shared', '-fPIC', '-o', "$dir/two.so", "$dir/two.c") == 0 or die "no compiler\n";

# A listener that answers nobody any more, and who fills its queue.
sub full {
    my ($address, $port) = @_;
    my $listener = IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 1, ReuseAddr => 1) or die "listen: $!";
    my $to = pack_sockaddr_in($listener->sockport, inet_aton($address));
    my @clients = map {
        my $socket = IO::Socket::INET->new(Proto => 'tcp', Blocking => 0);
        connect $socket, $to;
        $socket;
    } 1 .. 4;
    return { listener => $listener, clients => \@clients };
}

sub run { my $line = shift; qx{cd $dir && $line 2>&1}; $? == 0 or die "$line\n" }
run('openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=ca -days 2 -addext subjectAltName=DNS:provider.example');

my ($tls, $port) = (free_port(), free_port());
my $provider = AuthGateOidc->scripted(BASE => "https://provider.example:$tls");
my $front = AuthGateLive->start(
    module => 0,
    http   => "server { listen 127.0.0.3:$tls ssl; ssl_certificate $dir/cert.pem; ssl_certificate_key $dir/key.pem;"
        . " location / { proxy_pass http://127.0.0.1:${\$provider->port}; } }",
);
my $silent = full('127.0.0.1', 0);
my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret', LD_PRELOAD => "$dir/two.so" },
    http => join('', 'auth_gate_secret env:JWT_SECRET;',
        provider_conf('silent', 'http://127.0.0.1:' . $silent->{listener}->sockport, $port, 'connect_timeout 200ms;'),
        provider_conf('two', "https://provider.example:$tls/good", $port, "ca_file $dir/cert.pem; connect_timeout 3s; timeout 30s;")),
    server => location_of('silent') . location_of('two'),
);

is(begin_login($port, '/oidc/silent')->{answer}{status}, 500, 'a provider that does not take the connection');
like($gate->error_log, qr/"silent" failed: .*[Tt]ime/, 'is said to have timed out');

# The first address does not answer; the second one is there.
{
    my $first = full('127.0.0.2', $tls);
    is(begin_login($port, '/oidc/two')->{answer}{status}, 302, 'a provider that answers at its second address is found there')
        or diag($gate->error_log);
}

$gate->ends_well(signal => 'QUIT');
$front->ends_well(name => 'the front');
done_testing;
