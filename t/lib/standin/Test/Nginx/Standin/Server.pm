# Starts nginx, knows the process it started, and sees it gone.
package Test::Nginx::Standin::Server;

use strict;
use warnings;

use Exporter qw(import);
use POSIX qw(WNOHANG);
use Test::Builder ();
use Test::Nginx::Util qw(bail_out);
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(learn_version launch stop_server await_pid);

my $Options = '';
my ($Pid, $Launched);

# nginx -V, from which skip_nginx and the configuration learn what is there.
sub learn_version {
    my $binary = $Test::Nginx::Util::NginxBinary;
    local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/usr/local/sbin";
    if ($binary !~ m{/}) {
        my ($found) = grep { -f && -x } map { "$_/$binary" } split /:/, $ENV{PATH};
        bail_out("there is no nginx in the PATH; TEST_NGINX_BINARY can name one") if !$found;
        $Test::Nginx::Util::NginxBinary = $binary = $found;
    }
    $Options = qx{$binary -V 2>&1};
    bail_out("$binary -V failed: $Options") if $? != 0 || $Options !~ m{/(\d+)\.(\d+)\.(\d+)};
    $Test::Nginx::Util::NginxVersion = Test::Nginx::Util::canonical_version($1, $2, $3);
    return;
}

sub build_options { return $Options }

# Runs nginx, which leaves its daemon behind when the configuration is good.
# Answers the wait status, and what it said.
sub launch {
    my @command = ($Test::Nginx::Util::NginxBinary,
        '-p', "$Test::Nginx::Util::ServRoot/", '-c', $Test::Nginx::Util::ConfFile);

    # What is wrong before the configuration's own error_log counts belongs into
    # the same file, wherever this nginx was packaged to log.
    push @command, '-e', $Test::Nginx::Util::ErrLogFile if $Test::Nginx::Util::NginxVersion >= 1.019005;

    Test::Nginx::Util::show_verbose("running @command");
    my $said = "$Test::Nginx::Util::LogDir/start.log";
    my $until = time + 5;

    while (1) {
        $Launched = 1;
        my $status = run_quietly($said, @command);
        undef $Launched if $status != 0;
        my $text   = do { local (@ARGV, $/) = $said; <> } // '';
        return ($status, $text) if $status == 0 || $text !~ /Address already in use/ || time > $until;
        sleep 0.05;
    }
}

sub run_quietly {
    my ($output, @command) = @_;
    my $child = fork;
    bail_out("fork failed: $!") if !defined $child;

    if ($child == 0) {
        open STDOUT, '>', $output;
        open STDERR, '>&', \*STDOUT;
        { no warnings 'exec'; exec { $command[0] } @command; }
        print STDERR "cannot run $command[0]: $!\n";
        POSIX::_exit(127);
    }
    waitpid $child, 0;
    return $?;
}

# The daemon writes its process id shortly after the command has returned; the
# listening sockets were open before that.
sub await_pid {
    my $until = time + 5;
    while (time < $until) {
        return $Pid = $1 if (file_text($Test::Nginx::Util::PidFile) // '') =~ /^(\d+)\n/;
        sleep 0.002;
    }
    return;
}

# True where nginx was still there, or had left in good order.
sub stop_server {
    my $pid = $Pid // ($Launched ? await_pid() : left_behind());
    undef $_ for $Pid, $Launched;
    return 1 if !defined $pid;

    my $was_there = running($pid) || !-e $Test::Nginx::Util::PidFile;
    my @children  = $Test::Nginx::Util::MasterProcessEnabled eq 'on' ? children_of($pid) : ();

    for my $step ([ QUIT => 1 ], [ TERM => 2 ], [ KILL => 5 ]) {
        my ($signal, $patience) = @$step;
        last if !running($pid);
        Test::Nginx::Util::show_verbose("$signal to nginx $pid");
        kill $signal, $pid;
        wait_until_gone($patience, $pid);
    }

    # A master that was killed leaves its workers.
    my @orphans = grep { running($_) } @children;
    kill 'KILL', @orphans;
    wait_until_gone(2, @orphans);
    unlink $Test::Nginx::Util::PidFile;
    return $was_there;
}

sub wait_until_gone {
    my ($patience, @pids) = @_;
    my $until = time + $patience;
    sleep 0.002 while time < $until && grep { running($_) } @pids;
    return;
}

# An nginx that an earlier, killed run left in our server root.
sub left_behind {
    my ($pid) = (file_text($Test::Nginx::Util::PidFile) // '') =~ /^(\d+)/ or return;
    my $command = file_text("/proc/$pid/cmdline") // '';
    return $command =~ /\Q$Test::Nginx::Util::ServRoot\E/ ? $pid : undef;
}

# A zombie that its parent has not taken notice of is gone for us; where the
# parent is us (AuthGateTest sees to that), this is the notice.
sub running {
    my $pid = shift;
    waitpid $pid, WNOHANG;
    my $stat = file_text("/proc/$pid/stat");
    return defined $stat ? $stat !~ /\) [ZX] / : -d '/proc/self' ? 0 : kill 0, $pid;
}

sub children_of {
    my $parent = shift;
    return map { /^(\d+) \(.*\) \S (\d+) /s && $2 == $parent ? $1 : () }
        map { file_text($_) // '' } glob '/proc/[0-9]*/stat';
}

sub file_text {
    my $path = shift;
    open my $in, '<', $path or return;
    local $/;
    return scalar <$in>;
}

1;
