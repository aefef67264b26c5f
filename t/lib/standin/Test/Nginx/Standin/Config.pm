# Lays out the server root of one block: directories, the block's files and
# nginx.conf.
package Test::Nginx::Standin::Config;

use strict;
use warnings;

use Exporter qw(import);
use File::Path qw(make_path remove_tree);
use Test::Nginx::Util qw(bail_out);

our @EXPORT_OK = qw(lay_out write_user_files);

*expand_env = \&Test::Nginx::Util::expand_env;

# nginx would otherwise make its temporary files where it was packaged to, which
# only root may.
my %TempPath = map { $_ . '_temp_path' => $_ . '_temp' } qw(client_body proxy fastcgi uwsgi scgi);

sub lay_out {
    my ($block, $config, $rand_ports) = @_;
    make_root();
    write_user_files($block, $rand_ports);
    my $conf = nginx_conf($block, $config, $rand_ports);
    $conf = $Test::Nginx::Util::Protocol->with_listeners($conf) if $Test::Nginx::Util::Protocol;
    write_file($Test::Nginx::Util::ConfFile, $conf);
    return;
}

# Removes only what a test run makes: a server root that was set to a wrong
# place loses nothing, and the run stops.
sub make_root {
    my $root = $Test::Nginx::Util::ServRoot;
    my @made = ($Test::Nginx::Util::HtmlDir, $Test::Nginx::Util::LogDir, $Test::Nginx::Util::ConfDir);

    if (-d $root) {
        remove_tree(@made, glob("$root/*_temp"), glob("$root/*_cache"));
        rmdir $root or bail_out("cannot remove $root, is something else in it? $!");
    }
    for my $dir ($root, @made) {
        mkdir $dir or bail_out("cannot make $dir: $!");
    }
    write_file("$Test::Nginx::Util::HtmlDir/index.html",
        '<html><head><title>It works!</title></head><body>It works!</body></html>');
    return;
}

sub write_user_files {
    my ($block, $rand_ports) = @_;
    my $files = $block->user_files;
    return if !$files;

    my $name = $block->name;
    if (!ref $files) {
        my @parsed;
        for my $line ($files =~ /([^\n]*\n|[^\n]+)/g) {
            if ($line =~ />>> (\S+)(?:[ \t]+(\S.*))?/) {
                push @parsed, [ $1, '', $2 ];
            }
            elsif (@parsed) {
                $parsed[-1][1] .= $line;
            }
        }
        $files = \@parsed;
    }
    bail_out("$name - user_files is a text or an array") if ref $files ne 'ARRAY';

    for my $file (@$files) {
        my ($path, $body, $date) = @$file;
        $path = "$Test::Nginx::Util::HtmlDir/$path" if $path !~ m{^/};
        my ($dir) = $path =~ m{(.*)/};
        make_path($dir) if !-d $dir;
        write_file($path, expand_env($body // '', $name, $rand_ports));
        if ($date) {
            local $ENV{TZ} = 'GMT';
            system('touch', '-t', $date, $path) == 0 or bail_out("$name - touch -t $date $path failed");
        }
    }
    return;
}

sub write_file {
    my ($path, $text) = @_;
    open my $out, '>:raw', $path or bail_out("cannot write $path: $!");
    print {$out} $text;
    close $out or bail_out("cannot write $path: $!");
    return;
}

sub nginx_conf {
    my ($block, $config, $rand_ports) = @_;
    my $name = $block->name;
    my ($main, $http, $post) = map { expand_env($_, $name, $rand_ports) // '' }
        $block->main_config // '', $block->http_config // '', $block->post_main_config // '';

    $main .= join ' ', map { "load_module $_;" }
        grep { length } split /\s+/, expand_env($Test::Nginx::Util::LoadModules // '', $name, $rand_ports);

    my $temp_paths = join '', map { /client_body/ || has_module($_) ? "    $_ $TempPath{$_};\n" : '' }
        grep { $http !~ /^\s*$_\b/m } sort keys %TempPath;
    $temp_paths .= "    postpone_output $Test::Nginx::Util::PostponeOutput;\n"
        if defined $Test::Nginx::Util::PostponeOutput && $http !~ /\bpostpone_output\b/;

    my $error_log = $block->error_log_file || $Test::Nginx::Util::ErrLogFile;
    my $log_level = $block->log_level || $Test::Nginx::Util::LogLevel;

    (my $server_name = $block->server_name // $Test::Nginx::Util::ServerName) =~ s/([\\'])/\\$1/g;

    my $root_location = $Test::Nginx::Util::NoRootLocation ? '' : <<"END";
        location / {
            root $Test::Nginx::Util::HtmlDir;
            index index.html index.htm;
        }
END

    my $events = $Test::Nginx::Util::EventType ? "    use $Test::Nginx::Util::EventType;\n" : '';

    return <<"END";
worker_processes  $Test::Nginx::Util::Workers;
daemon on;
master_process $Test::Nginx::Util::MasterProcessEnabled;
error_log $error_log $log_level;
pid       $Test::Nginx::Util::PidFile;
@{[ environment() ]}
$main

http {
    access_log $Test::Nginx::Util::AccLogFile;
    default_type text/plain;
    keepalive_timeout  68;
$temp_paths
$http

    server {
        listen          $Test::Nginx::Util::ServerPort;
        server_name     '$server_name';
        client_max_body_size 30M;

        # The preamble:
$Test::Nginx::Util::ConfigPreamble

        # The block's own:
$config

$root_location
    }
}

$post

events {
    accept_mutex off;
    worker_connections  $Test::Nginx::Util::WorkerConnections;
$events}
@{[ user_line() ]}
END
}

# nginx clears the environment of its workers but for these.
sub environment {
    my @kept = qw(LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES DYLD_FORCE_FLAT_NAMESPACE
        ASAN_OPTIONS MOCKEAGAIN MOCKEAGAIN_VERBOSE MOCKEAGAIN_WRITE_TIMEOUT_PATTERN
        MOCKNOEAGAIN MOCKNOEAGAIN_VERBOSE);
    my @asked = map { /\s/ ? "'$_'" : $_ } @Test::Nginx::Util::EnvToNginx;
    return join '', map { "env $_;\n" } @kept, @asked;
}

sub user_line {
    return "user $Test::Nginx::Util::WorkerUser;" if defined $Test::Nginx::Util::WorkerUser;
    return $> == 0 ? 'user root;' : '';
}

sub has_module {
    my ($kind) = shift =~ /^([a-z]+)_/;
    return Test::Nginx::Standin::Server::build_options() !~ /--without-http_${kind}_module/;
}

1;
