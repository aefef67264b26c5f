# The state directory over the life of an nginx: who owns it, a restart, an administrator who edits and reloads.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use JSON::PP ();
use Test::More;

my $dir = scratch_dir();
chmod 0755, $dir;
my $state = "$dir/state";
my $file  = "$state/settings.json";
my $root  = $> == 0;
my $nobody = getpwnam('nobody');

my %options = (
    workers => 2,
    http    => "auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $state;
        auth_gate_identity claims; auth_gate_mfa policy;",
    server => "
        location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
        location = /config   { auth_gate_app_config on; }
        location = /api      { auth_gate jwt; empty_gif; }
    ",
);
my $admin = 'Authorization: Bearer ' . session_jwt(1, role => 'admin', mfa_enabled => JSON::PP::true());
my $user  = 'Authorization: Bearer ' . session_jwt(2);
my $gate;
sub put { return ask($gate->port, 'PUT', '/settings', [$admin], qq({"require_mfa":$_[0]}))->{status} }
sub config { return ask($gate->port, 'GET', '/config')->{body} }
sub mode { return sprintf '%o', (stat $_[0])[2] & 07777 }
sub start { $gate = AuthGateLive->start(%options, @_); return }

# nginx as root, its workers as somebody else.
SKIP: {
    skip 'only root can do that', 7 if !$root;
    package AuthGateLiveNobody { our @ISA = ('AuthGateLive'); sub conf_text { my $text = $_[0]->SUPER::conf_text; my ($group) = getgrgid +(getpwnam 'nobody')[3]; $text =~ s/user root root;/user nobody $group;/; return $text } }
    $gate = AuthGateLiveNobody->start(%options);
    is((stat $state)[4], $nobody, 'the directory is made at start and given to the worker user');
    is(mode($state), '700', 'for that user alone');
    is(put('true'), 200, 'who can write to it');
    is((stat $file)[4], $nobody, 'and owns the settings');
    $gate->reload;
    is(config(), '{"require_mfa":true}', 'which a reload reads');
    chown 0, 0, $state, $file;
    $gate->reload;
    is((stat $state)[4], $nobody, 'a directory of somebody else is given to the worker user again');
    is(put('false'), 200, 'so that it can be written to');
    $gate->ends_well(name => 'nginx with workers of nobody');
    unlink $file;
    chown 0, 0, $state;
}

# A restart, by the book and otherwise.
start();
is(put('true'), 200, 'switched on');
$gate->stop('QUIT');
start();
is(config(), '{"require_mfa":true}', 'it is on after a restart');
is(put('false'), 200, 'switched off');
is(put('true'), 200, 'and on');
kill KILL => $gate->pid, $gate->workers;
$gate->stop;
start();
is(config(), '{"require_mfa":true}', 'it is on after a kill of all');
is(ask($gate->port, 'GET', '/api', [$user])->{status}, 403, 'and in force');

# Recovery: an edit takes effect by itself.
like(text_of($file), qr/"require_mfa": true/, 'the file can be read by a person');
write_text($file, "{\n    \"require_mfa\": false\n}\n");
wait_for('the edit to take effect', sub { config() eq '{"require_mfa":false}' });
is(ask($gate->port, 'GET', '/api', [$user])->{status}, 200, 'an edit takes effect, at the workers too');
write_text($file, '{"require_mfa":"true"}');
$gate->reload;
is(config(), '{"require_mfa":true}', 'also in the other spelling, and with a reload');

# A file taken away is not a first start.
unlink $file;
$gate->reload;
is(config(), '{"require_mfa":true}', 'what is in force stays when the file is gone, over a reload too');
is(put('true'), 200, 'and the file is made again');
like(text_of($file), qr/true/, 'by the next PUT');

# A damaged file.
write_text($file, '{"require_mfa":tru');
my ($content, $text) = $gate->test_conf;
ok(!$content, 'nginx -t does not like a damaged file');
like($text, qr{\[emerg\].*settings "\Q$file\E" are damaged: it is not a JSON object}, 'and says which file, and why');
$gate->reload_in_vain;
is(config(), '{"require_mfa":true}', 'a reload is refused, and what was in force stays in force');
is(put('false'), 200, 'a PUT mends it');
($content, $text) = $gate->test_conf;
ok($content, 'and nginx -t is content') or diag $text;
$gate->reload;
is(config(), '{"require_mfa":false}', 'so is a reload');

# nginx -t beside a running one changes nothing.
is(put('true'), 200, 'on');
ok(($gate->test_conf)[0], 'nginx -t');
is(config(), '{"require_mfa":true}', 'leaves the running one alone');

# A start without a file is a first start.
$gate->stop('QUIT');
unlink $file;
start();
is(config(), '{"require_mfa":false}', 'without a file, the policy is off after a start');

$gate->ends_well(except => qr/\[emerg\]/);
done_testing;
