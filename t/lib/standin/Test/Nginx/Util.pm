# What one run of a .t file is set to: paths, ports, the exported setters, and
# the few services that every other file of the stand-in calls.
package Test::Nginx::Util;

use strict;
use warnings;

use Carp qw(croak);
use Exporter qw(import);
use File::Spec ();
use IO::Socket::INET ();
use Test::Builder ();

our @EXPORT = qw(
    env_to_nginx is_str repeat_each config_preamble worker_connections
    master_process_enabled no_long_string workers master_on master_off
    log_level no_shuffle no_root_location use_hup server_name server_addr
    server_root html_dir server_port server_port_for_client timeout
    no_nginx_manager check_accum_error_log add_block_preprocessor bail_out
    add_cleanup_handler
);

our $Verbose           = $ENV{TEST_NGINX_VERBOSE};
our $NginxBinary       = $ENV{TEST_NGINX_BINARY} || 'nginx';
our $LoadModules       = $ENV{TEST_NGINX_LOAD_MODULES};
our $Timeout           = $ENV{TEST_NGINX_TIMEOUT} || 3;
our $TestNginxSleep    = $ENV{TEST_NGINX_SLEEP} || 0.015;
our $LogLevel          = $ENV{TEST_NGINX_LOG_LEVEL} || 'debug';
our $WorkerUser        = $ENV{TEST_NGINX_WORKER_USER};
our $EventType         = $ENV{TEST_NGINX_EVENT_TYPE};
our $PostponeOutput    = $ENV{TEST_NGINX_POSTPONE_OUTPUT};
our $CheckAccumErrLog  = $ENV{TEST_NGINX_CHECK_ACCUM_ERR_LOG};
our $MasterProcessEnabled = $ENV{TEST_NGINX_MASTER_PROCESS} || 'off';

our $ServerAddr        = '127.0.0.1';
our $ServerName        = 'localhost';
our $Workers           = 1;
our $WorkerConnections = 64;
our $RepeatEach        = 1;
our $ConfigPreamble    = '';
our ($NoLongString, $NoShuffle, $NoRootLocation, $NginxVersion);
our (@EnvToNginx, @BlockPreprocessors, @CleanupHandlers);

# Where the next reading of error.log starts.
our $ErrLogFilePos = 0;

# A class that speaks another protocol than HTTP/1.1: suits($block), with_listeners($nginx_conf), ask($timeout, @packets), which answers
# nothing where the packets are to be sent as they are, and as_logged($line).
our $Protocol;

our $ServerPort = $ENV{TEST_NGINX_SERVER_PORT} || $ENV{TEST_NGINX_PORT};
$ServerPort = free_port() if !$ServerPort || $ENV{TEST_NGINX_RANDOMIZE};
our $ServerPortForClient = $ENV{TEST_NGINX_CLIENT_PORT} || $ServerPort;

our $ServRoot = $ENV{TEST_NGINX_RANDOMIZE}
    ? File::Spec->rel2abs("t/servroot_$ServerPort")
    : $ENV{TEST_NGINX_SERVROOT} || File::Spec->rel2abs('t/servroot');
$ENV{TEST_NGINX_SERVER_ROOT} = $ServRoot;

our $LogDir     = "$ServRoot/logs";
our $HtmlDir    = "$ServRoot/html";
our $ConfDir    = "$ServRoot/conf";
our $ErrLogFile = "$LogDir/error.log";
our $AccLogFile = "$LogDir/access.log";
our $PidFile    = "$LogDir/nginx.pid";
our $ConfFile   = "$ConfDir/nginx.conf";

# Called without a value each of these answers the current one.
sub server_addr (@)            { $ServerAddr = shift if @_; $ServerAddr }
sub server_name (@)            { $ServerName = shift if @_; $ServerName }
sub server_port (@)            { $ServerPort = shift if @_; $ServerPort }
sub server_port_for_client (@) { $ServerPortForClient = shift if @_; $ServerPortForClient }
sub timeout (@)                { $Timeout = shift if @_; $Timeout }
sub repeat_each (@)            { $RepeatEach = shift if @_; $RepeatEach }
sub workers (@)                { $Workers = shift if @_; $Workers }
sub worker_connections (@)     { $WorkerConnections = shift if @_; $WorkerConnections }
sub log_level (@)              { $LogLevel = shift if @_; $LogLevel }

sub master_process_enabled (@) {
    $MasterProcessEnabled = shift() ? 'on' : 'off' if @_;
    return $MasterProcessEnabled;
}

sub master_on ()              { $MasterProcessEnabled = 'on' }
sub master_off ()             { $MasterProcessEnabled = 'off' }
sub no_long_string ()         { $NoLongString = 1 }
sub no_shuffle ()             { $NoShuffle = 1 }
sub no_root_location ()       { $NoRootLocation = 1 }
sub check_accum_error_log ()  { $CheckAccumErrLog = 1 }
sub config_preamble ($)       { $ConfigPreamble = shift }
sub html_dir ()               { return $HtmlDir }
sub server_root ()            { return $ServRoot }

sub use_hup ()                { bail_out('the stand-in for Test::Nginx has no use_hup()') }
sub no_nginx_manager ()       { bail_out('the stand-in for Test::Nginx has no no_nginx_manager()') }

# The handler registered last runs first.
sub add_block_preprocessor (&) { unshift @BlockPreprocessors, shift }
sub add_cleanup_handler ($)    { unshift @CleanupHandlers, shift }

sub env_to_nginx (@) {
    croak 'env_to_nginx: which variables?' if !@_;
    for my $variable (@_) {
        croak "env_to_nginx: not a variable: $variable"
            if $variable !~ /^[A-Za-z_]/ || $variable =~ /\n/;
        push @EnvToNginx, $variable;
    }
    return;
}

sub cleanup {
    $_->() for @CleanupHandlers;
    return;
}

sub bail_out (@) {
    cleanup();
    Test::Builder->new->BAIL_OUT(join '', @_);
    return;
}

# A regular expression is matched, anything else compared; a long text that
# differs is shown around the first difference only.
sub is_str (@) {
    my ($got, $expected, $title) = @_;
    my $tb = Test::Builder->new;

    return $tb->like($got, $expected, $title) if ref $expected eq 'Regexp';
    return $tb->is_eq($got, $expected, $title)
        if $NoLongString || !defined $got || !defined $expected
        || length $got < 200 && length $expected < 200;

    my $same = $tb->ok($got eq $expected, $title);
    if (!$same) {
        my $at = 0;
        $at++ while $at < length $got && $at < length $expected
            && substr($got, $at, 1) eq substr($expected, $at, 1);
        my $from = $at > 20 ? $at - 20 : 0;
        $tb->diag("differs at byte $at (lengths: got ", length $got, ', expected ', length $expected, ")\n",
            '     got: ', visible(substr $got, $from, 100), "\n",
            'expected: ', visible(substr $expected, $from, 100));
    }
    return $same;
}

sub visible {
    my ($text, $limit) = @_;
    return '(none)' if !defined $text;
    my $cut = $limit && length $text > $limit ? ' ... ' . length($text) . ' bytes in all' : '';
    $text = substr $text, 0, $limit if $cut;
    $text =~ s/\\/\\\\/g;
    $text =~ s/\r/\\r/g;
    $text =~ s/([^\n\t -~])/sprintf '\\x%02x', ord $1/ge;
    return $text . $cut;
}

sub show_verbose {
    print STDERR '# ', @_, "\n" if $Verbose;
    return;
}

# "200ms" and "2s" in seconds.
sub seconds {
    my $time = shift;
    return undef if !defined $time;
    return $1 / 1000 if $time =~ /^\s*([\d.]+)\s*ms\s*$/;
    return $1        if $time =~ /^\s*([\d.]+)\s*s\s*$/;
    return $time;
}

# A port that nothing listens on, from below the range that the kernel hands to
# outgoing connections: nginx leaves and takes the port once a block.
sub free_port {
    my %taken = map { $_ => 1 } grep { defined } @_;
    my $low   = 10_000;
    my $high  = 32_000;

    if (open my $range, '<', '/proc/sys/net/ipv4/ip_local_port_range') {
        my ($first) = split ' ', <$range>;
        $high = $first - 1 if $first > $low + 1000 && $first - 1 < $high;
    }

    for my $port ((map { $low + int rand($high - $low) } 1 .. 200), 0) {
        next if $taken{$port};
        my $socket = IO::Socket::INET->new(
            LocalAddr => $ServerAddr || '127.0.0.1', LocalPort => $port,
            Proto => 'tcp', Listen => 1,
        ) or next;
        return $socket->sockport;
    }
    bail_out("no free port on 127.0.0.1: $!");
    return;
}

# Puts the environment's value in place of each $TEST_NGINX_NAME; a
# $TEST_NGINX_RAND_PORT_n is a free port, the same all through one block.
sub expand_env {
    my ($text, $name, $rand_ports) = @_;
    return $text if !defined $text;

    $text =~ s{\$(TEST_NGINX_[_A-Z0-9]+)}{
        my $variable = $1;
        if ($variable =~ /^TEST_NGINX_RAND_PORT_[0-9]+\z/) {
            $rand_ports->{$variable} //= free_port($ServerPort, values %$rand_ports);
        }
        else {
            bail_out("$name - \$$variable is not in the environment") if !defined $ENV{$variable};
            $ENV{$variable};
        }
    }ge;
    return $text;
}

sub canonical_version {
    return sprintf '%d.%03d%03d', @_[0 .. 2];
}

# One value a request: with several requests the section must be an array.
sub indexed {
    my ($name, $value, $index, $several) = @_;
    return $value->[$index] if ref $value eq 'ARRAY';
    bail_out("$name - several requests need an array of expected values") if $several;
    return $value;
}

1;
