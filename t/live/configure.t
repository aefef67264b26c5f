# Building the module with nginx's own build: ./configure --add-dynamic-module, make modules.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use Cwd ();
use Test::More;

my $sources = $ENV{NGINX_SOURCE_DIR} || '/usr/share/nginx/src';
my $copy    = scratch_dir() . '/nginx';
my $here    = Cwd::getcwd();
my $log     = "$copy.log";
alarm patience(600);

is(system("cp -r '$sources' '$copy'"), 0, "a copy of $sources");
my $configure = qq{cd '$copy' && NGX_CONF_FLAGS=(--with-compat); [ ! -f conf_flags ] || . ./conf_flags; }
    . qq{configure=./configure; [ -x \$configure ] || configure=auto/configure; \$configure "\${NGX_CONF_FLAGS[@]}" --add-dynamic-module='$here'};
is(system('bash', '-c', "{ $configure; } > $log 2>&1"), 0, 'configure') or diag text_of($log);
is(system("make -C '$copy' -f objs/Makefile modules > $log 2>&1"), 0, 'make modules') or diag text_of($log);
unlike(text_of($log), qr/warning:/, 'no compiler warning');

my $module = "$copy/objs/ngx_http_auth_gate_module.so";
ok(-f $module, 'the module is built');
local $ENV{TEST_NGINX_LOAD_MODULES} = $module;
local $ENV{AUTH_GATE_SANITIZE};
my $gate = AuthGateLive->start(
    http   => 'auth_gate_zone zone=gate:1m tokens=10; auth_gate_secret env:JWT_SECRET;',
    server => 'location / { auth_gate jwt; empty_gif; }',
);
like($gate->conf_text, qr/\Q$module\E/, 'nginx runs with it');
$gate->ends_well;
done_testing;
