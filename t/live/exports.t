# The module's interface to the process that loads it: three symbols, and nothing of its insides.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use Test::More;

my $module = module_path();
my @names  = sort map { (split)[2] } grep { /\S/ } `nm -D --defined-only '$module'`;
is($?, 0, 'nm reads the module');

# A sanitized build has its own: one for each global variable that it watches.
@names = grep { !/^__(?:asan|odr_asan|ubsan|sanitizer)_/ } @names;
is_deeply(\@names, [qw(ngx_module_names ngx_module_order ngx_modules)], 'it exports what nginx looks up, and nothing else');

my $headers = `readelf -lW '$module'`;
like($headers, qr/GNU_STACK.* RW +0x/, 'the stack is not executable');
like($headers, qr/GNU_RELRO/,         'relocations are read-only once they are made');
like(`readelf -dW '$module'`, qr/BIND_NOW|\bNOW\b/, 'and are made at the start');
unlike(`readelf -dW '$module'`, qr/TEXTREL/, 'the code is not writable');
SKIP: {
    skip 'sanitizers check bounds by themselves', 1 if $ENV{AUTH_GATE_SANITIZE};
    like(`nm -D --undefined-only '$module'`, qr/__stack_chk_fail/, 'overflows of the stack are noticed');
}
done_testing;
