# Writing settings holds nobody up: not the lock on the state directory, not a slow disk. What is answered with 200 is on
# the disk; what was not decided on the file as it is is not written.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Fcntl qw(:flock);
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

my $dir   = scratch_dir();
my $state = "$dir/state";
my $file  = "$state/settings.json";
my $oidc  = "$state/oidc.json";

# While the file `slow` is there, fsync() takes so many milliseconds, while `none` is, there is no eventfd to be had. What
# is called is noted, with the thread that called it: 1 for a process's first one.
write_text("$dir/disk.c", <<"END");
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static void note(const char *what) {
    FILE *out = fopen("$dir/calls", "a");
    if (out != NULL) {
        fprintf(out, "%s %d\\n", what, syscall(SYS_gettid) == getpid());
        fclose(out);
    }
}
int fsync(int fd) {
    char text[16] = "";
    int in = open("$dir/slow", O_RDONLY | O_CLOEXEC);
    if (in != -1) {
        ssize_t size = read(in, text, sizeof text - 1);
        (void) size;
        close(in);
        usleep((useconds_t) atoi(text) * 1000);
    }
    note("fsync");
    return (int) syscall(SYS_fsync, fd);
}
int flock(int fd, int how) { note("flock"); return (int) syscall(SYS_flock, fd, how); }
int rename(const char *from, const char *to) { note("rename"); return (int) syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); }
int eventfd(unsigned int count, int flags) {
    if (access("$dir/none", F_OK) == 0) {
        errno = EMFILE;
        return -1;
    }
    return (int) syscall(SYS_eventfd2, count, flags);
}
END
system('cc', '-shared', '-fPIC', '-o', "$dir/disk.so", "$dir/disk.c") == 0 or die "no compiler\n";

my $app = AuthGateLive->start_app(server => 'location / { return 200 "fine\n"; } location /-mark { access_log app.log app; return 200; }');
my $gate = AuthGateLive->start(
    env  => { LD_PRELOAD => "$dir/disk.so" },
    http => "auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $state;
        auth_gate_identity claims; auth_gate_mfa policy;
        auth_gate_oidc_provider sso { app_url https://app.example; user_id claim=sub; }",
    server => "
        location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
        location = /both     { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; proxy_pass http://127.0.0.1:" . $app->port . ";}
        location = /oidc     { auth_gate jwt; auth_gate_mfa exempt; auth_gate_oidc_settings sso; }
        location = /config   { auth_gate_app_config on; }
    ",
);
my $admin = 'Authorization: Bearer ' . session_jwt(1, role => 'admin', mfa_enabled => JSON::PP::true());

sub config { return ask($gate->port, 'GET', '/config')->{body} =~ /(true|false)/ ? $1 : 'none' }
sub on_disk { return text_of($file) =~ /"require_mfa": ?(true|false)/ ? $1 : 'none: ' . text_of($file) }
sub everywhere { return config() . ' ' . on_disk() }
sub left_overs { return join ' ', grep { !m{/(?:settings|oidc)\.json\z} } glob "$state/*" }
sub begin_put {
    my ($path, $body) = @_;
    my $client = AuthGateLiveClient->new($gate->port, timeout => 20);
    $client->send(request_text('PUT', $path, [ $admin, 'Content-Type: application/json' ], $body));
    return $client;
}
sub put { my $client = begin_put(@_); return $client->answer->{status} }
sub switch { return qq({"require_mfa":$_[0]$_[1]}) }

# Somebody who holds the lock.
my $held;
sub hold    { open $held, '<', $state or die "$state: $!"; flock $held, LOCK_EX or die "flock: $!"; return }
sub release { close $held; return }

# The temporary file is there: the write is under way.
sub under_way { my $count = shift // 1; wait_for('a write to be under way', sub { (() = split ' ', left_overs()) == $count }); return }

# Other requests of the only worker are answered at once.
sub is_prompt {
    my $what = shift;
    my $slowest = 0;
    for (1 .. 20) {
        my $began = time;
        config();
        $slowest = time - $began if time - $began > $slowest;
    }
    cmp_ok($slowest, '<', patience(0.5), $what);
    return;
}

sub threads { my ($worker) = $gate->workers; return scalar(() = glob "/proc/$worker/task/*") }

# No eventfd: no thread.
is(threads(), 1, 'before the first PUT there is no thread');
write_text("$dir/none", '');
is(put('/settings', switch('true', '')), 503, 'without an eventfd, a PUT is 503');
is(everywhere(), 'false none: ', 'and nothing changes');
is(threads(), 1, 'and there is no thread');
unlink "$dir/none";
is(put('/settings', switch('true', '')), 200, 'with one, the next PUT is saved');
is(everywhere(), 'true true', 'everywhere');

put('/settings', switch('false', '')) for 1 .. 3;
is(threads(), 2, 'there is one thread for all PUTs');

# The lock is somebody else's.
for my $case (
    [ '/settings', switch('false', ''), 'a PUT of settings' ],
    [ '/both', switch('false', ',"a":1'), 'a PUT of settings and of the application\'s' ],
    [ '/oidc', '{"display_name":"Held"}', 'a PUT of OIDC settings' ],
) {
    my ($path, $body, $what) = @$case;
    put('/settings', switch('true', ''));
    hold();
    my $client = begin_put($path, $body);
    under_way();
    is_prompt("$what that waits for the lock holds no other request up");
    is(everywhere(), 'true true', 'nothing is changed before');
    release();
    is($client->answer->{status}, 200, 'it goes on when the lock is free');
    is(everywhere(), $path eq '/oidc' ? 'true true' : 'false false', 'and what it answers is in force, and on the disk');
    like(text_of($oidc), qr/Held/, 'as here') if $path eq '/oidc';

    # A file that was edited meanwhile.
    put('/settings', switch('false', ''));
    hold();
    $client = begin_put($path, $path eq '/oidc' ? '{"display_name":"Lost"}' : switch('true', $path eq '/both' ? ',"a":1' : ''));
    under_way();
    write_text("$state/edited", $path eq '/oidc' ? '{"sso":{"display_name":"Edited"}}' : '{"require_mfa": false, "note": "by hand"}');
    rename "$state/edited", $path eq '/oidc' ? $oidc : $file or die $!;
    release();
    my $answer = $client->answer;
    is($answer->{status}, 409, "$what that was decided on another file");
    is($answer->{body}, '{"error":"Settings changed meanwhile"}', 'says so');
    is($answer->{header}{'content-type'}, 'application/json', 'as JSON');
    like($path eq '/oidc' ? text_of($oidc) : text_of($file), qr/Edited|by hand/, 'and leaves it as it is');
    is(left_overs(), '', 'and nothing else');
    is(put($path, $body), 200, 'the next one is saved');
}
like(text_of($file), qr/"note": "by hand"/, 'and keeps what the gate does not know');

# Two PUTs of one worker: the second one is decided after the first.
put('/settings', switch('false', ''));
hold();
my $first = begin_put('/settings', switch('true', ''));
under_way();
my $second = begin_put('/settings', switch('false', ''));
my $third  = begin_put('/oidc', '{"display_name":"Third"}');
is_prompt('three PUTs that wait hold no other request up');
release();
is(join(' ', map { $_->answer->{status} } $first, $second, $third), '200 200 200', 'all are saved, one after the other');
is(everywhere(), 'false false', 'the last word is the second one\'s');
like(text_of($oidc), qr/Third/, 'and the other file has its own');

# A client that leaves.
hold();
my $leaver = begin_put('/settings', switch('true', ''));
under_way();
$leaver->close;
my $queued = begin_put('/settings', switch('true', ''));
$queued->close;
is_prompt('a client that leaves holds nobody up');
release();
wait_for('the change of the client that has left', sub { everywhere() eq 'true true' });
wait_for('the temporary files to go', sub { left_overs() eq '' });
is(put('/settings', switch('false', '')), 200, 'PUTs go on');

# A slow disk.
write_text("$dir/slow", '400');
my $slow = begin_put('/settings', switch('true', ''));
under_way();
is_prompt('a disk that takes its time holds no other request up');
is(config(), 'false', 'nothing is in force before it is on the disk');
is($slow->answer->{status}, 200, 'the PUT is answered in the end');
is(everywhere(), 'true true', 'everywhere');

# A reload while a PUT is under way: the old worker stays for it, and no longer.
my $reloaded = begin_put('/settings', switch('false', ''));
under_way();
$gate->reload(leave_old => 1);
is($reloaded->answer->{status}, 200, 'a PUT that was under way at a reload is answered');
wait_for('the old worker to go', sub { $gate->workers == 1 });
wait_for('the new worker to know', sub { everywhere() eq 'false false' });
unlink "$dir/slow";

# Nobody but the thread waits.
my %waiting = map { $_ => 1 } grep { / 1\z/ } lines_of("$dir/calls");
is(join(', ', sort keys %waiting), '', 'no flock, fsync or rename was made by the event loop');
cmp_ok(scalar(grep { / 0\z/ } lines_of("$dir/calls")), '>', 50, 'but many by the thread');

# A lock that is never released.
hold();
my $never = begin_put('/settings', switch('true', ''));
under_way();
my $began = time;
my $answer = $never->answer;
is($answer->{status}, 503, 'a lock that is never released: 503');
cmp_ok(time - $began, '<', patience(15), 'after ten seconds');
is($answer->{body}, '{"error":"Service unavailable"}', 'which says so');
release();
is(put('/settings', '{"require_mfa":false}'), 200, 'the next PUT is saved');
is(everywhere(), 'false false', 'and what was given up is not');
wait_for('the temporary files to go', sub { left_overs() eq '' });

# An end while a PUT waits.
hold();
my $ended = begin_put('/settings', switch('true', ''));
under_way();
my $told = time;
$gate->ends_well(except => qr/making an eventfd/);
cmp_ok(time - $told, '<', patience(4), 'nginx does not wait for the lock when it is told to end');
is(left_overs(), '', 'and removes its temporary file');
release();
$app->ends_well(name => 'the application');
done_testing;
