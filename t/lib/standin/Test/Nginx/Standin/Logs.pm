# The checks on error.log and access.log.
package Test::Nginx::Standin::Logs;

use strict;
use warnings;

use Exporter qw(import);
use Test::Builder ();
use Test::Nginx::Util qw(bail_out is_str);
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(check_error_log check_access_log check_shutdown_log sanitizer_report log_tail);

# How long a line that is waited for may take, and how long a log that does not
# come to rest is watched, in seconds.
use constant PATIENCE => 0.5;
use constant LIMIT    => 3;

my %Severe = map { $_ => qr/\[$_\]/ } qw(alert crit emerg);

sub check_error_log {
    my ($block, $repeated) = @_;
    my $name   = $block->name;
    my $wanted = patterns($block->error_log);
    my $barred = patterns($block->no_error_log);
    my $lines  = new_error_lines($wanted);

    check_grep($block, $lines, $repeated);
    check_wanted($wanted, $lines, "$name - ", 'error.log', " (req $repeated)") if $wanted;
    check_barred($barred, $lines, "$name - ", 'error.log', " (req $repeated)") if $barred;

    my %spoken_of = map { $_ => 1 } grep {
        my $word = "[$_";
        grep { defined && /\Q$word\E/ } @{ $wanted || [] }, @{ $barred || [] };
    } keys %Severe;
    $spoken_of{emerg} = 1 if defined $block->must_die;
    for my $line (@$lines) {
        for my $level (sort keys %Severe) {
            warn "WARNING: $name - $line" if !$spoken_of{$level} && $line =~ $Severe{$level};
        }
        Test::Builder->new->ok(0, "$name - $line") if $line =~ /\bAssertion .*?failed\b/;
    }
    return;
}

sub check_access_log {
    my ($block, $repeated) = @_;
    my $name   = $block->name;
    my $wanted = patterns($block->access_log);
    my $barred = patterns($block->no_access_log);
    return if !$wanted && !$barred;

    my $file  = $Test::Nginx::Util::AccLogFile;
    my $lines = lines_at_rest($file, 0, $wanted);
    check_wanted($wanted, $lines, "$name - ", 'access.log', " (req $repeated)") if $wanted;
    check_barred($barred, $lines, "$name - ", 'access.log', " (req $repeated)") if $barred;
    return;
}

# Called after nginx is gone, with what it logged since the last check.
sub check_shutdown_log {
    my $block  = shift;
    my $wanted = patterns($block->shutdown_error_log);
    return if !$wanted;

    my $name   = $block->name;
    my $barred = patterns($block->no_shutdown_error_log);
    my $lines  = new_error_lines($wanted);
    check_barred($barred, $lines, "$name - ", 'error.log', '') if $barred;
    check_wanted($wanted, $lines, "$name - ", 'error.log', '');
    return;
}

sub check_grep {
    my ($block, $lines, $repeated) = @_;
    my $name     = $block->name;
    my $pattern  = $block->grep_error_log;
    my $expected = $block->grep_error_log_out;

    if (!defined $pattern) {
        bail_out("$name - grep_error_log_out without grep_error_log") if defined $expected;
        return;
    }
    bail_out("$name - grep_error_log without grep_error_log_out") if !defined $expected;
    $pattern  = $pattern->[$repeated]  if ref $pattern eq 'ARRAY';
    $expected = $expected->[$repeated] if ref $expected eq 'ARRAY';
    return if !defined $pattern;

    my $found = '';
    for my $line (@$lines) {
        my ($match) = ref $pattern ? $line =~ /($pattern)/ : $line =~ /(\Q$pattern\E)/;
        $found .= "$match\n" if defined $match && $match !~ /\n/;
    }
    is_str($found, $expected, "$name - grep_error_log_out (req $repeated)");
    return;
}

# undef where there is no such section; a text is a pattern a line.
sub patterns {
    my $value = shift;
    return if !defined $value;
    return [@$value] if ref $value eq 'ARRAY';
    return [$value]  if ref $value;
    chomp $value;
    return [ split /\n+/, $value ];
}

sub matches {
    my ($line, $pattern) = @_;
    return ref $pattern && $line =~ /$pattern/ || $line =~ /\Q$pattern\E/;
}

sub check_wanted {
    my ($patterns, $lines, $name, $log, $which) = @_;
    my $tb = Test::Builder->new;
    for my $pattern (grep { defined } @$patterns) {
        if (grep { matches($_, $pattern) } @$lines) {
            $tb->ok(1, "${name}pattern \"$pattern\" matches a line in $log$which");
        }
        else {
            $tb->ok(0, "${name}pattern \"$pattern\" should match a line in $log$which");
        }
    }
    return;
}

# Each line that matches fails, as in the original.
sub check_barred {
    my ($patterns, $lines, $name, $log, $which) = @_;
    my $tb = Test::Builder->new;
    for my $pattern (grep { defined } @$patterns) {
        my @found = grep { matches($_, $pattern) } @$lines;
        for my $line (@found) {
            chomp(my $shown = $line);
            $tb->ok(0, "${name}pattern \"$pattern\" should not match any line in $log but matches line \"$shown\"$which");
        }
        $tb->ok(1, "${name}pattern \"$pattern\" does not match a line in $log$which") if !@found;
    }
    return;
}

# Each call answers what was logged since the one before.
sub new_error_lines {
    my $wanted = shift;
    my $start  = $Test::Nginx::Util::CheckAccumErrLog ? 0 : $Test::Nginx::Util::ErrLogFilePos;
    my ($lines, $end) = lines_at_rest($Test::Nginx::Util::ErrLogFile, $start, $wanted);
    $Test::Nginx::Util::ErrLogFilePos = $end;
    return $lines;
}

# nginx logs a request when it is done with it, which can be after the client
# has the whole answer. So a log is read once it has stopped growing, and read
# again for a while where a wanted line is missing.
sub lines_at_rest {
    my ($file, $start, $wanted) = @_;
    my $began = time;
    my ($size, $since) = (-1, $began);

    while (1) {
        my $now      = time;
        my $size_now = -s $file // 0;
        if ($size_now != $size) {
            ($size, $since) = ($size_now, $now);
        }
        if ($now - $since >= $Test::Nginx::Util::TestNginxSleep || $now - $began > LIMIT) {
            my ($lines, $end) = lines_from($file, $start);
            my $missing = grep { my $p = $_; defined $p && !grep { matches($_, $p) } @$lines } @{ $wanted || [] };
            return wantarray ? ($lines, $end) : $lines if !$missing || $now - $began > PATIENCE;
            $since = $now;
        }
        sleep 0.003;
    }
}

sub lines_from {
    my ($file, $start) = @_;
    open my $in, '<:raw', $file or return ([], $start);
    seek $in, $start, 0;
    my @lines = <$in>;
    @lines = map { $Test::Nginx::Util::Protocol->as_logged($_) } @lines if $Test::Nginx::Util::Protocol;
    return (\@lines, tell $in);
}

# What AddressSanitizer, LeakSanitizer or UBSan left in error.log.
sub sanitizer_report {
    my ($lines) = lines_from($Test::Nginx::Util::ErrLogFile, 0);
    for my $i (0 .. $#$lines) {
        next if $lines->[$i] !~ /^==\d+==\s*ERROR: \w+Sanitizer|^\S+:\d+:\d+: runtime error: /;
        my $last = $i + 40 > $#$lines ? $#$lines : $i + 40;
        return join '', @$lines[$i .. $last];
    }
    return;
}

# The last lines, without those of the debug level where others are there.
sub log_tail {
    my $limit = shift;
    my ($lines) = lines_from($Test::Nginx::Util::ErrLogFile, 0);
    my @telling = grep { !/\[debug\]/ } @$lines;
    @telling = @$lines if !@telling;
    splice @telling, 0, @telling - $limit if @telling > $limit;
    return join '', @telling;
}

1;
