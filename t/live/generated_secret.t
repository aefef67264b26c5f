# What `nginx -t` says of a secret that the start generates.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use Test::More;

my $state = scratch_dir() . '/state';
my $gate  = AuthGateLive->start(http => 'auth_gate_secret env:JWT_SECRET;', server => 'location /api { auth_gate jwt; }');

my ($good, $text) = $gate->test_conf;
ok($good, 'a configuration with a secret is good');
unlike($text, qr/auth_gate_secret/, 'and nothing is said about it');

$gate->{http} = "auth_gate_state_path $state;";
$gate->write_conf;
for my $time (1, 2) {
    ($good, $text) = $gate->test_conf;
    ok($good, "test $time: so is one without a secret");
    like($text, qr{\[warn\].*no "auth_gate_secret", one would be generated and kept in "\Q$state\E/secret"},
        "test $time: it says that one would be generated");
    ok(!-e "$state/secret", "test $time: and generates none");
}

$gate->reload;
ok(-s "$state/secret", 'the reload generates it');
like($gate->error_log, qr/\[warn\].*no "auth_gate_secret", using the generated one in "\Q$state\E\/secret"/, 'and says so');

($good, $text) = $gate->test_conf;
ok($good, 'the test is good again');
like($text, qr/\[warn\].*no "auth_gate_secret", using the generated one in "\Q$state\E\/secret"/, 'and says the same as the reload');

$gate->ends_well;
done_testing;
