# A stand-in for Test::Nginx::Socket where the original is not installed: the
# same interface, as far as this project's .t files use it. See ../../README.md.
package Test::Nginx::Socket;

use strict;
use warnings;

use Test::Base -base;

use List::Util qw(shuffle);
use Scalar::Util qw(looks_like_number);
use Test::Builder ();
use Test::Nginx::Util;
use Test::Nginx::Standin::Checks qw(check_response);
use Test::Nginx::Standin::Client qw(exchange parse_response);
use Test::Nginx::Standin::Config qw(lay_out write_user_files);
use Test::Nginx::Standin::Logs qw(check_error_log check_access_log check_shutdown_log sanitizer_report log_tail);
use Test::Nginx::Standin::Request qw(requests_of);
use Test::Nginx::Standin::Server qw(learn_version launch stop_server await_pid);
use Time::HiRes qw(sleep);

our $VERSION = '0.0.1';
our $STANDIN = 1;

our @EXPORT = (@Test::Nginx::Util::EXPORT, qw(run_tests run_test add_response_body_check));

# Sections of the original that would silently test nothing here.
my @Unsupported = qw(
    http2 http3 http09 curl tcp_listen udp_listen stap response_body_filters charset
    skip_nginx2 skip_openssl skip_slave todo todo_nginx reload_fails
);

my $MainProcess = $$;
my ($Current, $Config);

for my $signal (qw(INT TERM HUP)) {
    $SIG{$signal} = sub { exit 1 } if !$SIG{$signal} || $SIG{$signal} eq 'DEFAULT';
}

sub add_response_body_check ($) {
    push @Test::Nginx::Standin::Checks::BodyChecks, shift;
}

sub run_tests () {
    learn_version();
    $ENV{TEST_NGINX_SERVER_PORT} //= $Test::Nginx::Util::ServerPort;
    stop_server();

    my @blocks = Test::Base::blocks();
    if ($Test::Nginx::Util::Protocol) {
        @blocks = grep { $Test::Nginx::Util::Protocol->suits($_) } @blocks;
        Test::Builder->new->ok(1, "$0 - no block has a request") if !@blocks;
    }
    for my $block ($Test::Nginx::Util::NoShuffle ? @blocks : shuffle @blocks) {
        $_->($block) for @Test::Nginx::Util::BlockPreprocessors;
        $block->set_value(name => "$0 " . $block->name);
        run_test($block);
    }
    Test::Nginx::Util::cleanup();
}

sub run_test ($) {
    my $block = shift;
    return if defined $block->SKIP;

    my $name = $block->name;
    for my $section (@Unsupported) {
        bail_out("$name - the stand-in for Test::Nginx has no --- $section") if defined $block->$section;
    }

    if (my ($count, $reason) = skipped($block)) {
        my $tb = Test::Builder->new;
        for (1 .. $count * repeat_each()) { $tb->skip("$name - $reason") }
        return;
    }

    my $tb     = Test::Builder->new;
    my $before = $tb->current_test;
    my $trace  = {};

    my $rand_ports = {};
    if (defined $block->must_die) {
        finish_server();
        lay_out($block, block_config($block, $rand_ports), $rand_ports);
        expect_death($block);
    }
    elsif (start_server($block, $rand_ports)) {
        eval "package Test::Nginx::Util; " . $block->init if $block->init;
        bail_out("$name - init failed: $@") if $block->init && $@;
        $Test::Nginx::Util::ErrLogFilePos = 0;
        for my $repetition (0 .. repeat_each() - 1) {
            write_user_files($block, $rand_ports) if $repetition;
            run_requests($block, $repetition, $trace);
        }
    }

    explain($trace) if grep { !$_ } ($tb->summary)[$before .. $tb->current_test - 1];
}

# A block without a config section goes on with the nginx of the one before.
sub start_server {
    my ($block, $rand_ports) = @_;
    my $name = $block->name;

    if (!defined $block->config) {
        bail_out("$name - no config section, and no block before had one") if !defined $Config;
        $Current = $block;
        return 1;
    }

    finish_server();
    lay_out($block, block_config($block, $rand_ports), $rand_ports);
    my ($status, $said) = launch();
    return $Current = $block if $status == 0 && await_pid();

    Test::Builder->new->ok(0, "$name - nginx starts");
    diag("nginx ended with wait status $status and said:\n", $said || log_tail(20) || '(nothing)');
    return;
}

sub block_config {
    my ($block, $rand_ports) = @_;
    return $Config = Test::Nginx::Util::expand_env($block->config // $Config // '', $block->name, $rand_ports);
}

# Ends the nginx that runs, if one does, with the checks that need it gone.
sub finish_server {
    my $block = $Current;
    undef $Current;
    my $in_order = stop_server();
    return if !$block;

    my $tb = Test::Builder->new;
    check_shutdown_log($block);
    if (my $report = sanitizer_report()) {
        $tb->ok(0, $block->name . ' - no report of a sanitizer in error.log');
        $tb->diag($report);
    }
    elsif (!$in_order) {
        $tb->ok(0, $block->name . ' - nginx is still there at the end of the block');
        $tb->diag(log_tail(20));
    }
}

sub expect_death {
    my $block    = shift;
    my $name     = $block->name;
    my $expected = $block->must_die;
    my $tb       = Test::Builder->new;
    $Test::Nginx::Util::ErrLogFilePos = 0;

    for my $repetition (0 .. repeat_each() - 1) {
        my ($status, $said) = launch();
        if ($status & 127) {
            $tb->ok(0, "$name - nginx ended by signal " . ($status & 127));
            $tb->diag($said);
        }
        elsif (looks_like_number($expected)) {
            $tb->is_eq($status >> 8, $expected, "$name - die with the expected exit code");
        }
        else {
            $tb->isnt_num($status, 0, "$name - die as expected");
        }
        check_error_log($block, $repetition);
        if ($status == 0) {
            await_pid();
            stop_server();
        }
    }
}

sub run_requests {
    my ($block, $repetition, $trace) = @_;
    my $name      = $block->name;
    my $timeout   = Test::Nginx::Util::seconds($block->timeout) // timeout();
    my @requests  = requests_of($block);
    my $pipelined = $block->pipelined_requests ? @{ $block->pipelined_requests } : 0;
    my $index     = 0;

    for my $request (@requests) {
        my $sent = join '', map { $_->{value} } @$request;
        Test::Nginx::Util::show_verbose('sending ', Test::Nginx::Util::visible($sent));
        my $raw = exchange($block, $request, $timeout);
        Test::Nginx::Util::show_verbose('received ', Test::Nginx::Util::visible($raw));
        push @{ $trace->{exchanges} }, [ $sent, $raw ];

        for my $answer (1 .. $pipelined || 1) {
            my $left;
            if (!defined $block->ignore_response) {
                (my $response, my $raw_head, $left) = parse_response($name, $raw, $sent =~ /^\s*HEAD\s/);
                check_response($block, $response, $raw_head,
                    { index => $index, repeated => $repetition, several => $pipelined || @requests > 1 });
            }
            if ($pipelined) {
                $raw = $left // '';
            }
            elsif (defined $left && $left ne '') {
                warn "WARNING: $name - unexpected extra bytes after the response: ",
                    Test::Nginx::Util::visible($left, 200), "\n";
            }
            sleep $block->wait if $block->wait;
            check_error_log($block, $repetition);
            check_access_log($block, $repetition) if !defined $block->ignore_response;
            $index++;
        }
    }
}

# How many tests to skip and why, or nothing.
sub skipped {
    my $block = shift;
    my $name  = $block->name;

    if (defined(my $spec = $block->skip_eval)) {
        my ($count, $code) = $spec =~ /^\s*(\d+)\s*:\s*(.*)/s or return;
        my $skip = eval $code;
        bail_out("$name - skip_eval: $@") if $@;
        return ($count, 'skip_eval') if $skip;
    }
    if (defined(my $spec = $block->skip_nginx)) {
        my ($count, $op, $version, $reason)
            = $spec =~ /^\s*(\d+)\s*:\s*([<>]=?)\s*(\d+\.\d+\.\d+)(?:\s*:\s*(.*?))?\s*\z/s
            or bail_out("$name - not a skip_nginx: $spec");
        my $wanted = Test::Nginx::Util::canonical_version(split /\./, $version);
        my $sign   = $Test::Nginx::Util::NginxVersion <=> $wanted;
        return ($count, $reason || "nginx version $op $version")
            if ($op =~ /</ && $sign < 0) || ($op =~ />/ && $sign > 0) || ($op =~ /=/ && $sign == 0);
    }
    return;
}

sub explain {
    my $trace = shift;
    my @exchanges = @{ $trace->{exchanges} || [] };
    splice @exchanges, 0, @exchanges - 4 if @exchanges > 4;
    for my $exchange (@exchanges) {
        my ($sent, $raw) = @$exchange;
        my ($head) = $raw =~ /\A(.*?\r\n)\r\n/s;
        diag("--- sent\n", Test::Nginx::Util::visible($sent, 1500),
            "\n--- received\n", Test::Nginx::Util::visible($head // $raw, 1500));
    }
    diag("--- the end of $Test::Nginx::Util::ErrLogFile\n", log_tail(15) || '(nothing)');
}

END {
    if ($$ == $MainProcess) {
        my $exit = $?;
        $SIG{$_} = 'IGNORE' for qw(INT TERM HUP);
        Test::Nginx::Util::cleanup();
        finish_server() if !$ENV{TEST_NGINX_NO_CLEAN};
        if ($ENV{TEST_NGINX_RANDOMIZE} && $Test::Nginx::Util::ServRoot =~ m{/t/servroot_\d+\z}) {
            require File::Path;
            File::Path::remove_tree($Test::Nginx::Util::ServRoot);
        }
        $? = $exit;
    }
}

1;
