# Starts an nginx for one test, for what Test::Nginx blocks cannot express: killed workers, reloads, a thousand
# connections at once.
#
#     my $gate = AuthGateLive->start(workers => 4, http => "...", server => "...");
#     ... $gate->port, $gate->reload(http => "..."), $gate->workers, $gate->error_log ...
#     $gate->ends_well;
#
# Every nginx started here is stopped when the test ends, for whatever reason. Nothing waits for a fixed time: wait_for()
# polls.
package AuthGateLive;

use strict;
use warnings;

use Exporter qw(import);
use File::Spec ();
use File::Temp ();
use IO::Socket::INET ();
use POSIX qw(WNOHANG);
use Test::More ();
use Time::HiRes qw(sleep time);

use AuthGateTest::Jwt qw($SECRET);

our @EXPORT = qw(wait_for free_port nginx_version module_path scratch_dir text_of lines_of write_text patience);

my $Owner = $$;
my (@Running, @Other);
my $Sanitize = $ENV{AUTH_GATE_SANITIZE};

# A test that hangs fails.
alarm patience(110);
$SIG{ALRM} = sub { die "this test takes too long\n" };
$SIG{$_} = sub { die "stopped by a signal\n" } for qw(INT TERM HUP);
$SIG{PIPE} = 'IGNORE';
adopt_orphans();

# Seconds to wait; more for the slower build with sanitizers.
sub patience { return $_[0] * ($Sanitize ? 4 : 1) }

# Polls until the code returns true. Dies with the name of the condition when that takes too long.
sub wait_for {
    my ($what, $code, $seconds) = @_;
    my $until = time + patience($seconds // 10);
    while (1) {
        my $answer = $code->();
        return $answer if $answer;
        die "waited in vain for $what\n" if time > $until;
        sleep 0.01;
    }
}

sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 1)
        or die "no free port: $!";
    return $socket->sockport;
}

sub scratch_dir {
    return File::Temp::tempdir('auth-gate-live-XXXXXX', TMPDIR => 1, CLEANUP => !$ENV{AUTH_GATE_KEEP});
}

sub text_of {
    my $path = shift;
    open my $in, '<', $path or return '';
    local $/;
    return scalar(<$in>) // '';
}

sub lines_of { return split /\n/, text_of(shift) }

sub write_text {
    my ($path, $text) = @_;
    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
    return $path;
}

sub nginx_binary {
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
    ($nginx) = grep { -x } map { "$_/$nginx" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin'
        if $nginx !~ m{/};
    return $nginx || die "no nginx found\n";
}

# nginx's version as a number: 1022001 for 1.22.1.
sub nginx_version {
    my $nginx = nginx_binary();
    my ($major, $minor, $patch) = qx{$nginx -v 2>&1} =~ m{/(\d+)\.(\d+)\.(\d+)} or die "nginx has no version\n";
    return $major * 1_000_000 + $minor * 1000 + $patch;
}

sub module_path {
    my ($path) = split ' ', $ENV{TEST_NGINX_LOAD_MODULES} || 'build/ngx_http_auth_gate_module.so';
    $path = File::Spec->rel2abs($path);
    if (!-f $path) {
        print "Bail out!  There is no module at $path: run ./dev build first.\n";
        exit 255;
    }
    return $path;
}

# start(%options). All options are optional:
#   workers  their number (1)
#   level    the level of error_log (info)
#   connections  of each worker (4096)
#   main, events, http, server   text for these contexts; the server has its listen line
#   listen   parameters of the listen line
#   conf     the whole configuration instead, with pid file, port and logs
#   port     instead of a free one
#   module   0: without the module
#   env      a hash of variables besides JWT_SECRET
#   daemon   1: run as a daemon, which a binary upgrade needs
sub start {
    my ($class, %option) = @_;
    my $self = bless { dir => scratch_dir(), port => $option{port} // free_port(), %option }, $class;
    $self->write_conf;
    push @Running, $self;
    $self->launch;
    wait_for('nginx to accept connections', sub {
        $self->reap;
        die "nginx did not start:\n" . $self->error_log . $self->stderr if $self->{gone};
        $self->{pid} = 0 + (text_of("$self->{dir}/nginx.pid") || 0) if $self->{daemon};
        return $self->{pid} && IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
    });
    wait_for('the workers', sub { $self->workers == ($self->{workers} // 1) }) if !$self->{conf};
    return $self;
}

# An application behind the gate: an nginx without the module that logs each request. See requests().
sub start_app {
    my ($class, %option) = @_;
    return $class->start(
        module => 0,
        http   => q{log_format app '$request_method $request_uri "$http_authorization" "$http_cookie" "$http_referer"';},
        server => q{access_log app.log app; location / { return 200 "the application\n"; }},
        %option,
    );
}

sub port      { return $_[0]{port} }
sub dir       { return $_[0]{dir} }
sub pid       { return $_[0]{pid} }
sub error_log { return text_of("$_[0]{dir}/error.log") }
sub stderr    { return text_of("$_[0]{dir}/stderr") }

sub conf_text {
    my $self = shift;
    my %o = (main => '', events => '', http => '', server => '', listen => '', level => 'info', workers => 1, connections => 4096,
        map { defined $self->{$_} ? ($_ => $self->{$_}) : () } keys %$self);
    return $o{conf} if defined $o{conf};

    my $load  = ($o{module} // 1) ? 'load_module ' . module_path() . ';' : '';
    my $user  = $> == 0 ? 'user root root;' : '';
    my $dae   = $o{daemon} ? 'on' : 'off';
    my $temps = join ' ', map { "${_}_temp_path $o{dir}/$_;" } qw(client_body proxy fastcgi uwsgi scgi);
    return <<"END";
daemon $dae; pid $o{dir}/nginx.pid; error_log $o{dir}/error.log $o{level};
$load
$user
worker_processes $o{workers};
worker_rlimit_nofile 8192;
env JWT_SECRET; env LD_PRELOAD; env ASAN_OPTIONS; env UBSAN_OPTIONS;
$o{main}
events { worker_connections $o{connections}; $o{events} }
http {
    $temps
    access_log $o{dir}/access.log;
    $o{http}
    server {
        listen 127.0.0.1:$o{port} backlog=4096 $o{listen};
        $o{server}
    }
}
END
}

sub write_conf {
    my $self = shift;
    write_text("$self->{dir}/nginx.conf", $self->conf_text);
    return;
}

sub command {
    my $self = shift;
    return (nginx_binary(), '-p', $self->{dir}, '-e', "$self->{dir}/error.log", '-c', "$self->{dir}/nginx.conf");
}

# The complete environment of nginx.
sub set_environment {
    my $self = shift;
    $ENV{JWT_SECRET} = $SECRET;
    %ENV = (%ENV, %{ $self->{env} || {} });
    return if !$Sanitize || !($self->{module} // 1);
    chomp(my $asan = qx{gcc -print-file-name=libasan.so});
    $ENV{LD_PRELOAD}    = join ' ', $asan, grep { defined } $ENV{LD_PRELOAD};
    $ENV{ASAN_OPTIONS}  = "detect_leaks=0:abort_on_error=1:log_path=$self->{dir}/asan";
    $ENV{UBSAN_OPTIONS} = "print_stacktrace=1:halt_on_error=1:log_path=$self->{dir}/ubsan";
    return;
}

sub launch {
    my $self = shift;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
        prctl(1, 15);    # send TERM when the test process ends, even if it is killed
        $self->set_environment;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$self->{dir}/stdout";
        open STDERR, '>', "$self->{dir}/stderr";
        exec $self->command or POSIX::_exit(127);
    }
    if ($self->{daemon}) {
        waitpid $pid, 0;
        die "nginx did not start:\n" . $self->error_log . $self->stderr if $?;
        return;
    }
    $self->{pid} = $pid;
    return;
}

# Runs `nginx -t`. Returns whether it succeeded, and its output.
sub test_conf {
    my ($self, @more) = @_;
    my $pid = open(my $out, '-|') // die "fork: $!";
    if (!$pid) {
        @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
        $self->set_environment;
        open STDERR, '>&', \*STDOUT;
        exec $self->command, '-t', @more or POSIX::_exit(127);
    }
    local $/;
    my $text = <$out>;
    close $out;
    return ($? == 0, $text);
}

# Reloads the configuration with these options changed. Waits until the new workers run and the old ones have ended
# (`leave_old => 1`: does not wait for the old ones).
sub reload {
    my ($self, %change) = @_;
    my $leave_old = delete $change{leave_old};
    %$self = (%$self, %change);
    $self->write_conf;
    my %old = map { $_ => 1 } $self->workers;
    kill HUP => $self->{pid};
    wait_for('the new workers', sub { (grep { !$old{$_} } $self->workers) == ($self->{workers} // 1) });
    wait_for('the old workers to go', sub { !grep { $old{$_} } $self->workers }, 20) if !$leave_old;
    return;
}

# The same with a configuration that nginx refuses.
sub reload_in_vain {
    my ($self, %change) = @_;
    my $before = () = $self->error_log =~ /\[emerg\]/g;
    my %kept = %$self;
    %$self = (%$self, %change);
    $self->write_conf;
    %$self = %kept;
    kill HUP => $self->{pid};
    wait_for('nginx to refuse the configuration', sub { (() = $self->error_log =~ /\[emerg\]/g) > $before });
    $self->write_conf;
    return;
}

# The pids of the workers, including those that are shutting down.
sub workers {
    my ($self, $master) = @_;
    return grep { text_of("/proc/$_/cmdline") =~ /^nginx: worker process/ } children_of($master // $self->{pid});
}

sub children_of {
    my $parent = shift;
    opendir my $proc, '/proc' or die "/proc: $!";
    return grep { text_of("/proc/$_/stat") =~ /^\d+ \(.*\) [^Z] $parent /s } grep { /^\d+\z/ } readdir $proc;
}

# The lines that an application of start_app() has logged so far. Its only worker writes them in order: when it has logged
# our own request, it has logged everything before.
sub requests {
    my $self = shift;
    my $mark = '/-mark-' . ++$self->{marks};
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}) or die "no application: $!";
    print {$socket} "GET $mark HTTP/1.0\r\n\r\n";
    1 while <$socket>;
    wait_for('the application to note its requests', sub { text_of("$self->{dir}/app.log") =~ /^GET \Q$mark\E /m });
    return grep { !m{^GET /-mark-} } lines_of("$self->{dir}/app.log");
}

# The sanitizers' reports, if any. nginx redirects its stderr to error.log once it runs. A worker that UBSan ends exits
# with 1, which nginx does not log as an alert.
sub sanitizer_reports {
    my $self = shift;
    my $text = join '', map { text_of($_) } glob "$self->{dir}/*san.*";
    return $text . join '', grep { /runtime error:|Sanitizer/ } map { split /^/ } $self->stderr, $self->error_log;
}

# Stops nginx. QUIT lets the workers log leaked connections.
sub stop {
    my ($self, $signal) = @_;
    return if $self->{gone};
    my @processes = ($self->{pid}, $self->workers);
    kill $signal // 'TERM', $self->{pid};
    my $ended = eval { wait_for('nginx to end', sub { $self->reap; $self->{gone} }, 10) };
    if (!$ended) {
        kill KILL => grep { kill 0, $_ } @processes;
        waitpid $self->{pid}, 0;
        $self->{gone} = 1;
    }
    @Running = grep { $_ != $self } @Running;
    return $ended;
}

sub reap {
    my $self = shift;
    return if $self->{gone} || !$self->{pid};
    $self->{gone} = waitpid($self->{pid}, WNOHANG) != 0;
    return;
}

# Stops nginx, and tests that it ended, that it logged no alert, crit or emerg but what `except` matches, and that no
# sanitizer found anything. Three tests.
sub ends_well {
    my ($self, %option) = @_;
    my $name = $option{name} // 'nginx';
    Test::More::ok($self->stop($option{signal}), "$name ends when it is told to");
    my @bad = grep { /\[(?:alert|crit|emerg)\]/ } split /^/, $self->error_log;
    @bad = grep { !/$option{except}/ } @bad if $option{except};
    Test::More::is(join('', @bad[0 .. ($#bad < 9 ? $#bad : 9)]), '', "$name logged no alert, crit or emerg");
    Test::More::is($self->sanitizer_reports, '', "no sanitizer found anything in $name");
    return;
}

# Another process to stop when the test ends.
sub also_end { push @Other, $_[1]; return }

sub prctl {
    my %number = (x86_64 => 157, aarch64 => 167, ppc64le => 171, s390x => 172, riscv64 => 167);
    my $call = $^O eq 'linux' && $number{ (POSIX::uname())[4] } or return;
    return syscall $call, @_, 0, 0, 0;
}

# Makes daemons our children, so that we can wait for them.
sub adopt_orphans { prctl(36, 1) }

END {
    if ($$ == $Owner) {
        my $status = $?;
        alarm 0;
        local $SIG{$_} = 'IGNORE' for qw(INT TERM HUP);
        kill KILL => @Other;
        waitpid $_, 0 for @Other;
        if (@Running && ($status || !Test::More->builder->is_passing)) {
            Test::More::diag(join '', "error.log ends with:\n", grep { defined } (split /^/, $_->error_log)[-30 .. -1])
                for grep { $_->{module} // 1 } @Running;
        }
        $_->stop for @Running;
        $? = $status;
    }
}

1;
