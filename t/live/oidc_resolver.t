# A name server that does not answer holds nobody but those who wait for it: names are resolved beside the event loop.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

# getaddrinfo() says that it was asked, and then takes until somebody is told: `held` and `go` are files.
my $dir = scratch_dir();
write_text("$dir/slow.c", <<"END");
#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res) {
    (void) node; (void) service; (void) hints; (void) res;
    close(open("$dir/held", O_CREAT | O_WRONLY, 0600));
    while (access("$dir/go", F_OK) != 0) usleep(1000);
    return EAI_NONAME;
}
END
system('cc', '-shared', '-fPIC', '-o', "$dir/slow.so", "$dir/slow.c") == 0 or die "no compiler\n";

my $port = free_port();
my %conf = (
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret', LD_PRELOAD => "$dir/slow.so" },
    http => 'auth_gate_secret env:JWT_SECRET;' . provider_conf('named', 'https://provider.example', $port, 'timeout 30s; connect_timeout 30s;')
        . provider_conf('hasty', 'https://other.example', $port, 'timeout 300ms;'),
    server => location_of('named') . location_of('hasty') . 'location / { empty_gif; }',
);
my $gate = AuthGateLive->start(%conf);

my $client = AuthGateLiveClient->new($port);
$client->send(request_text('GET', '/oidc/named/login'));
wait_for('the resolver to be asked', sub { -e "$dir/held" });
my @statuses = map { ask($port, 'GET', "/picture/$_")->{status} } 1 .. 50;
is(scalar(grep { $_ == 200 } @statuses), 50, '50 requests are served while a name is looked for');
is(ask($port, 'GET', '/oidc/hasty/login')->{status}, 500, 'a login gives up in its own time');
like($gate->error_log, qr/"hasty" failed: .*[Tt]ime/, 'and says so');
ok(!-e "$dir/go", 'while the name is still looked for');
is(ask($port, 'GET', '/x')->{status}, 200, 'and others are served');

write_text("$dir/go", '');
is($client->answer->{status}, 500, 'whose name there is not, is told so');
like($gate->error_log, qr/"named" failed: .*resolve/, 'and the log says why');

# A worker does not stay for a resolver that has nobody waiting any more.
unlink "$dir/go", "$dir/held";
wait_for('a fetch of its own', sub {
    ask($port, 'GET', '/oidc/hasty/login');
    return -e "$dir/held";
});
my ($old) = $gate->workers;
$gate->reload(%conf);
ok(!(grep { $_ == $old } $gate->workers), 'a worker with a resolver under way goes when it is to');
$gate->ends_well;
write_text("$dir/go", '');
done_testing;
