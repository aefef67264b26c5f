# What holds for so long and no longer: nginx's clock goes ahead when it is told to.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

# The file `ahead` says by how many seconds. The time of day, which JWTs are dated by, stays.
my $dir = scratch_dir();
write_text("$dir/ahead.c", <<"END");
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *now) {
    int rc = (int) syscall(SYS_clock_gettime, id, now);
    if (rc == 0 && (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_MONOTONIC_RAW)) {
        char text[16] = "";
        int fd = open("$dir/ahead", O_RDONLY | O_CLOEXEC);
        if (fd != -1) {
            ssize_t size = read(fd, text, sizeof text - 1);
            (void) size;
            close(fd);
        }
        now->tv_sec += atoi(text);
    }
    return rc;
}
END
system('cc', '-shared', '-fPIC', '-o', "$dir/ahead.so", "$dir/ahead.c") == 0 or die "no compiler\n";

my $provider = AuthGateOidc->scripted;
my $port     = free_port();
my $gate = AuthGateLive->start(
    port   => $port,
    env    => { CLIENT_SECRET => 'the client secret', LD_PRELOAD => "$dir/ahead.so" },
    http   => join('', 'auth_gate_secret env:JWT_SECRET;', provider_conf('long', $provider->url('good'), $port, 'flow_ttl 20m;'),
        map { provider_conf($_, $provider->url($_), $port) } qw(good unknown-key)),
    server => join('', map { location_of($_) } qw(good long unknown-key)),
);

my $ahead = 0;

sub after {
    $ahead += shift;
    write_text("$dir/ahead.new", $ahead);
    rename "$dir/ahead.new", "$dir/ahead" or die "rename: $!";
    return;
}

sub finish { my $login = shift; return callback($login, 'code=' . code_for($login) . "&state=$login->{state}")->{header}{location} }
sub exchange { return ask($port, 'GET', '/oidc/good/exchange?code=' . parameter($_[0], 'oidc_code'))->{status} }

# A little less than each time, since the test takes some of its own.
{
    my $login = begin_login($port, '/oidc/good');
    after(270);
    my $location = finish($login);
    like($location, qr/oidc_code=/, 'a state is good for nearly five minutes');
    after(30);
    is(exchange($location), 200, 'a one-time code for nearly a minute');

    $login = begin_login($port, '/oidc/good');
    after(300);
    is(finish($login), '/login?oidc_error=invalid_state', 'a state is not good after five minutes');
    $location = finish(begin_login($port, '/oidc/good'));
    after(60);
    is(exchange($location), 400, 'nor a code after one');
}

{
    my $login = begin_login($port, '/oidc/long');
    like($login->{answer}{header}{'set-cookie'}, qr/; Max-Age=1200;/, 'flow_ttl is the cookie\'s lifetime');
    my $late = begin_login($port, '/oidc/long');
    after(1100);
    like(finish($login), qr/oidc_code=/, 'and the state\'s');
    after(100);
    is(finish($late), '/login?oidc_error=invalid_state', 'but no longer');
    $ahead -= 1200;
    after(0);
}

# 660 seconds have gone by.
after(2800);
like(finish(begin_login($port, '/oidc/good')), qr/oidc_code=/, 'a login after nearly an hour');
is($provider->told("count/good/$_"), 1, "asks for no $_") for qw(metadata keys);
after(500);
$provider->tell("hold/$_") for qw(metadata keys);
like(finish(begin_login($port, '/oidc/good')), qr/oidc_code=/, 'a login after an hour takes those that there are');
$provider->holds(2);
is($provider->told("count/good/$_"), 2, "while the $_ are asked for again") for qw(metadata keys);
$provider->tell('release');

# An unknown key makes the gate ask for the keys once in a while.
for my $case ([ 0, 2 ], [ 0, 2 ], [ 10, 3 ], [ 0, 3 ]) {
    after($case->[0]);
    is(finish(begin_login($port, '/oidc/unknown-key')), '/login?oidc_error=id_token_invalid', 'an unknown key is refused');
    is($provider->told('count/unknown-key/keys'), $case->[1], "$case->[0] seconds later");
}
$gate->ends_well(signal => 'QUIT');
done_testing;
