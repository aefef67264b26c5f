# The stand-in's own tests, on an nginx without modules: what must pass passes,
# and what must fail fails, for a stand-in that lets everything pass is worth
# nothing. Both halves (selftest/*.blocks) run in a child, under whichever
# Test::Nginx there is, and so hold the original to the same.
use strict;
use warnings;

use Cwd qw(getcwd);
use File::Basename qw(dirname);
use File::Spec;
use File::Temp qw(tempdir);
use Test::More;

my $lib  = File::Spec->rel2abs(dirname(__FILE__) . '/..');
my $home = tempdir(CLEANUP => 1);
my $root = getcwd();
mkdir "$home/t" or die $!;

# Each child runs in a directory of its own, with its own t/servroot.
sub run_child {
    my ($name, $head, $blocks) = @_;
    my $file = "$home/t/$name.t";
    open my $out, '>', $file or die $!;
    print {$out} "use lib '$lib';\nuse AuthGateTest;\nuse Test::Nginx::Socket 'no_plan';\n$head\nrun_tests();\n__DATA__\n$blocks";
    close $out;

    local $ENV{PERL5LIB} = join ':', map { File::Spec->rel2abs($_) } split /:/, $ENV{PERL5LIB} // '';
    delete local $ENV{TEST_NGINX_VERBOSE};
    local $ENV{TEST_NGINX_LOAD_MODULES} = '';
    local $ENV{TEST_NGINX_SERVROOT}     = "$home/t/servroot";
    chdir $home or die $!;
    my $output = qx{$^X t/$name.t 2>t/$name.err};
    my $status = $?;
    chdir $root or die $!;
    ok !-e "$home/t/servroot/logs/nginx.pid", "$name.t leaves no nginx";

    open my $in, '<', "$home/t/$name.err" or die $!;
    my $errors = join '', <$in>;
    return ($output, $errors, $status);
}

sub blocks_of {
    my $name = shift;
    open my $in, '<', "$lib/standin/selftest/$name.blocks" or die $!;
    local $/;
    return scalar <$in>;
}

my ($good, $good_errors, $good_status) = run_child('good', <<'END', blocks_of('good'));
follow_up();
no_shuffle();
env_to_nginx('AUTH_GATE_TEST=yes');
END

like $good_errors, qr/^# Test::Nginx: the (?:stand-in in t\/lib\/standin|original \S+)$/m, 'says which Test::Nginx runs';
is $good_status, 0, 'what must pass passes';
my $passed = () = $good =~ /^ok /mg;
is $passed, 74, 'with as many tests as under the original';
diag $good_errors, grep { /^not ok/m } $good if $good_status;
diag $1 if $good_errors =~ /^# (Test::Nginx: .*)/m;

my ($bad, $bad_errors) = run_child('bad', "no_shuffle();\nfollow_up();\n", blocks_of('bad'));
my @bad_lines = split /\n/, $bad;
for my $title (blocks_of('bad') =~ /^=== (.*)/mg) {
    my ($wrong) = $title =~ /: (.*)/;
    my @of_block = grep { /^(?:not )?ok \d+ - \S+ \Q$title\E - |^(?:not )?ok .*timed out - \S+ \Q$title\E/ } @bad_lines;
    my @failed   = grep { /^not ok/ } @of_block;
    is scalar @failed, 1, "fails once: $wrong" or diag join "\n", @of_block;
}
if ($good_errors =~ /stand-in/) {
    like $bad_errors, qr/--- sent\n/, 'a failing block shows what was sent';
    like $bad_errors, qr/--- received\n.*HTTP\/1\.1/, 'and what came back';
}

if ($good_errors =~ /stand-in/) {
    my ($output, $errors) = run_child('broken', "no_shuffle();\n", <<'END');

=== TEST 1: does not start
--- config
    no_such_directive on;
--- request
GET /

=== TEST 2: starts
--- config
    location /x { return 204; }
--- request
GET /x
--- error_code: 204
END
    like $output, qr/^not ok \d+ - \S+ TEST 1.* nginx starts$/m, 'an nginx that does not start fails its block';
    like $errors, qr/unknown directive "no_such_directive"/, 'and says why';
    like $output, qr/^ok \d+ - \S+ TEST 2: starts - status code ok$/m, 'and the next block runs';

    my $damage = <<'END';
no_shuffle();
my @damage = (
    sub { kill 'KILL', `cat t/servroot/logs/nginx.pid`; select undef, undef, undef, 0.1 },
    sub { open my $log, '>>', 't/servroot/logs/error.log'; print {$log} "src/x.cc:1:2: runtime error: overflow\n" },
);
add_response_body_check(sub { my $damage = shift @damage; $damage->() if $damage });
END
    my $plain = "\n=== TEST %d: damaged\n--- config\n--- request\nGET /\n";
    ($output) = run_child('damaged', $damage, join '', map { sprintf $plain, $_ } 1 .. 3);
    like $output, qr/^not ok \d+ - \S+ TEST 1: damaged - nginx is still there/m, 'an nginx that died fails its block';
    like $output, qr/^not ok \d+ - \S+ TEST 2: damaged - no report of a sanitizer/m, 'so does what a sanitizer found';
    is scalar(() = $output =~ /^not ok/mg), 2, 'and nothing else fails';

    ($output) = run_child('refused', '', "\n=== TEST 1: http2\n--- config\n--- http2\n--- request\nGET /\n");
    like $output, qr/^Bail out!.*no --- http2/m, 'a section that is not supported stops the run';
}

done_testing();
