# What the .t files of nginx-auth-gate have in common. A .t file begins with
#
#     use lib 't/lib';
#     use AuthGateTest;
#     use Test::Nginx::Socket 'no_plan';
#
# in this order: the second line provides the Test::Nginx::Socket for the third. It
# is the original where that is installed, and otherwise the stand-in in
# t/lib/standin; STDERR says which.
#
# Exported: jwt, session_jwt, b64url and $SECRET (AuthGateTest::Jwt); http_request
# and http_get (AuthGateTest::Http); follow_up; application_behind_the_gate;
# lines_that_nginx_refuses. They can also be called as they are inside sections
# with the eval filter.
package AuthGateTest;

use strict;
use warnings;

use AuthGateTest::Http;
use AuthGateTest::Jwt;
use Cwd ();
use Exporter ();
use File::Basename qw(dirname);
use File::Path ();
use File::Spec ();
use File::Temp ();
use IO::Socket::INET ();
use JSON::PP ();
use POSIX ();
use Test::Builder ();

our @EXPORT = (@AuthGateTest::Jwt::EXPORT, @AuthGateTest::Http::EXPORT,
    qw(follow_up application_behind_the_gate lines_that_nginx_refuses));

our @ISA    = ('Exporter');

my $Here = File::Spec->rel2abs(dirname(__FILE__));
my $Chosen;

# The folder of this process's nginx, where nobody named one.
my ($Scratch, $Owner);

sub import {
    my $class = shift;
    if (!$Chosen++) {
        find_module();
        make_servroot();
        choose();
        adopt_daemons();

        # The eval filter of Test::Base runs in this package.
        no strict 'refs';
        *{"Test::Base::Filter::$_"} = \&$_ for qw(jwt session_jwt b64url);
        *Test::Base::Filter::SECRET = \$SECRET;
    }
    $class->export_to_level(1, $class, @_);
    return;
}

# The original is preferred, but speaks HTTP/1.1 alone.
sub choose {
    if ($ENV{AUTH_GATE_PROTOCOL}) {
        unshift @INC, "$Here/standin";
        require AuthGateTest::Protocol;
        $Test::Nginx::Util::Protocol = 'AuthGateTest::Protocol';
        announce("the stand-in in t/lib/standin, under $ENV{AUTH_GATE_PROTOCOL}");
        return;
    }
    my ($original) = grep { -f } map { "$_/Test/Nginx/Socket.pm" } grep { !ref } @INC;
    if ($original && $original !~ m{^\Q$Here\E/standin/}) {
        prepare_original();
        my ($version) = text_of($original) =~ /^our \$VERSION = '([^']+)'/m;
        announce('the original ' . ($version // '(of unknown version)'));
        return;
    }
    push @INC, "$Here/standin";
    announce('the stand-in in t/lib/standin');
    return;
}

# Without an environment: what ./dev build made.
sub find_module {
    return if defined $ENV{TEST_NGINX_LOAD_MODULES};
    my $module = "$Here/../../build/ngx_http_auth_gate_module.so";
    if (!-f $module) {
        print "Bail out!  There is no build/ngx_http_auth_gate_module.so: run ./dev build first.\n";
        exit 255;
    }
    $ENV{TEST_NGINX_LOAD_MODULES} = Cwd::realpath($module);
    return;
}

# Suites that run at the same time must not share a folder.
sub make_servroot {
    return if $ENV{TEST_NGINX_SERVROOT} || $ENV{TEST_NGINX_RANDOMIZE};
    $Owner   = $$;
    $Scratch = File::Temp::tempdir('auth-gate-XXXXXX', TMPDIR => 1);
    chmod 0755, $Scratch;    # nginx's workers run as somebody else
    $ENV{TEST_NGINX_SERVROOT} = "$Scratch/servroot";
    return;
}

# This runs after Test::Nginx::Socket, which is compiled later, has stopped nginx.
END {
    if ($Scratch && $$ == $Owner && !$ENV{TEST_NGINX_NO_CLEAN}) {
        my $exit = $?;
        File::Path::remove_tree($Scratch);
        $? = $exit;
    }
}

# In a container whose first process does not reap children, an ended nginx
# remains as a zombie, and the original waits for it forever. So we make the
# daemons that our children leave our own children.
sub adopt_daemons {
    my %prctl = (x86_64 => 157, aarch64 => 167, ppc64le => 171, s390x => 172, riscv64 => 167);
    my $number = $^O eq 'linux' && $prctl{ (POSIX::uname())[4] } or return;
    my $set_child_subreaper = 36;
    syscall $number, $set_child_subreaper, 1, 0, 0, 0;
    return;
}

sub announce {
    my $which = shift;
    print STDERR "# Test::Nginx: $which\n";
    return;
}

# The stand-in does what the original has to be told: it takes a free port
# instead of 1984, finds nginx in /usr/sbin, and copies into error.log what
# Debian's nginx prints on STDERR about a configuration that it refuses.
sub prepare_original {
    $ENV{TEST_NGINX_SERVER_PORT} ||= $ENV{TEST_NGINX_PORT} || free_port();

    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
    ($nginx) = grep { -x } map { "$_/$nginx" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin'
        if $nginx !~ m{/};
    return if !$nginx || $nginx =~ /nginx-with-error-log\z/;

    my ($major, $minor, $patch) = qx{$nginx -v 2>&1} =~ m{/(\d+)\.(\d+)\.(\d+)} or return;
    if ($major * 1_000_000 + $minor * 1000 + $patch >= 1_019_005) {
        $ENV{AUTH_GATE_TEST_NGINX} = $nginx;
        $nginx = "$Here/AuthGateTest/nginx-with-error-log";
    }
    $ENV{TEST_NGINX_BINARY} = $nginx;
    return;
}

sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 1)
        or die "no free port: $!";
    return $socket->sockport;
}

sub text_of {
    my $path = shift;
    open my $in, '<', $path or die "$path: $!";
    local $/;
    return scalar <$in>;
}

# Call it before run_tests(). It adds a section for requests that follow the
# block's own requests:
#
#     --- then eval
#     [
#         [ 'GET /file?token=%TOKEN%', 200, qr/^the bytes/ ],
#         [ 'GET /file?token=%TOKEN%', 401, undef, ['Range: bytes=0-1'] ],
#     ]
#
# Each has the request line (a body may follow on the next lines), the status,
# the body (a string or qr//) or undef, and optionally more header lines.
# %TOKEN% is the member "token" of the JSON in the block's own response; it is
# replaced in header lines too. A step is one test.
sub follow_up {
    Test::Nginx::Socket::add_response_body_check(sub {
        my ($block, $body, $index) = @_;
        my $steps = $block->then;
        return if !defined $steps || $index < last_index($block);

        my $name = $block->name;
        if (ref $steps ne 'ARRAY') {
            Test::Builder->new->ok(0, "$name - the section then is an array: $steps");
            return;
        }
        my $answer = eval { JSON::PP::decode_json($body) };
        my $token  = ref $answer eq 'HASH' ? $answer->{token} : undef;
        run_step("$name - then " . ($_ + 1), $steps->[$_], $token) for 0 .. $#$steps;
    });
    return;
}

sub last_index {
    my $block = shift;
    my $requests = $block->pipelined_requests || $block->request;
    return ref $requests eq 'ARRAY' ? $#$requests : 0;
}

sub run_step {
    my ($name, $step, $token) = @_;
    my ($request, $status, $body, $headers) = @$step;
    my $tb = Test::Builder->new;

    my ($line, $content) = split /\n/, $request, 2;
    my $title = "$name: $line answers $status";
    my @lines = ($line =~ m{ HTTP/\d} ? $line : "$line HTTP/1.1", @{ $headers || [] });

    for my $text (@lines, $content // '') {
        next if $text !~ /%TOKEN%/;
        if (!defined $token || ref $token) {
            $tb->ok(0, $title);
            $tb->diag('the response of the block has no member "token"');
            return;
        }
        $text =~ s/%TOKEN%/$token/g;
    }

    my $given = join "\n", @lines;
    push @lines, 'Host: localhost'    if $given !~ /^Host:/mi;
    push @lines, 'Connection: close'  if $given !~ /^Connection:/mi;
    push @lines, 'Content-Length: ' . length $content
        if defined $content && $given !~ /^(?:Content-Length|Transfer-Encoding):/mi;

    my $got = http_request(Test::Nginx::Socket::server_port_for_client(),
        join("\r\n", @lines, '', '') . ($content // ''));
    my $body_is_right = !defined $body ? 1
        : ref $body eq 'CODE'          ? $body->($got->{body})
        : ref $body                    ? $got->{body} =~ $body
        :                                $got->{body} eq $body;

    if (!$tb->ok($got->{status} eq $status && $body_is_right, $title)) {
        my $shown = length $got->{raw} > 1500 ? substr($got->{raw}, 0, 1500) . ' ...' : $got->{raw};
        $tb->diag("answered $got->{status}", $got->{error} ? " ($got->{error})" : '',
            $got->{timed_out} ? ' and did not close in time' : '',
            defined $body ? ", expected body $body" : '', "\n$shown");
    }
    return;
}

# lines_that_nginx_refuses(%where), for files of mistakes that nginx -t finds: each block without a request must die. Its
# section line stands for LINE in an otherwise valid configuration: %where says which sections there are, by default one
# with a gated location.
sub lines_that_nginx_refuses {
    my %where = (
        http_config => 'auth_gate_secret env:JWT_SECRET;',
        config      => 'location = /api { LINE proxy_pass http://127.0.0.1:1; }',
        @_,
    );
    Test::Nginx::Socket::add_block_preprocessor(sub {
        my $block = shift;
        my $line  = $block->line;
        if (defined $line) {
            chomp $line;
            $block->set_value($_ => $where{$_} =~ s/\bLINE\b/$line/r) for sort keys %where;
        }
        $block->set_value(must_die     => '') if !defined $block->request;
        $block->set_value(no_error_log => "[alert]\n[crit]\n");
    });
    return;
}

# application_behind_the_gate($config) gives each block an upstream "app" and, where it has no config, this one. The
# section app says how the application answers. A request that reaches it leaves a line with "server: app," in error.log.
sub application_behind_the_gate {
    my $config = shift;
    Test::Nginx::Socket::add_block_preprocessor(sub {
        my $block  = shift;
        my $socket = "unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/app.sock";
        chomp(my $answer = $block->app // '$request_method $request_uri');
        $block->set_value(http_config => <<"_EOC_" . ($block->http_config // ''));
    auth_gate_secret env:JWT_SECRET;
    upstream app { server $socket; }
    server {
        listen      $socket;
        server_name app;
        auth_gate   off;
        rewrite_log on;
        if (\$uri ~ ^) { }
        location / { return 200 "$answer"; }
    }
_EOC_
        $block->set_value(config       => $config)             if defined $config && !defined $block->config;
        $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
    });
    return;
}

1;
