# Nothing of a directive is forgotten: every member of the configuration has an unset value and a merge rule, every
# directive is tested, and every inherited one is tested to be inherited. (t/reference.t: each has an entry in README.md.)
use strict;
use warnings;

use lib 't/lib';
use AuthGateTest::Reference;
use Test::More;

my %kind = directives();
cmp_ok(scalar keys %kind, '>', 25, 'the lists of directives can be read');

my $joined = text_of('src/nginx/conf/directives.hpp');
for my $path (glob 'src/nginx/*/directives.hpp') {
    my ($list) = text_of($path) =~ /std::array (\w+) = \{/ or next;
    like($joined, qr/join\([^;]*\b$list\b/, "nginx gets the $list");
}

# Members are declared one a line, with their unset value; a comment says how one is merged that has no rule of its own.
sub check_members {
    my ($struct, $header, $prefix, $source) = @_;
    my ($body) = text_of($header) =~ /^struct $struct \{\n(.*?)^\};/ms or return fail("$header has $struct");
    my $text = text_of($source);
    my $count = 0;
    for my $line (split /\n/, $body) {
        my ($type, $name, $unset, $comment) = $line =~ /^    (\S.*?[ *&])(\w+)( = [^;(]+|\{\})?;(?: *\/\/ (.*))?$/ or next;
        $comment //= '';
        $count++;
        ok($unset || $type =~ /^(?:Place|OidcName) $/, "$struct: the unset value of $name");
        my $inherited = qr/\bprev\.\Q$prefix$name\E\b/;
        if ($comment =~ /\bnot inherited\b/) {
            unlike($text, $inherited, "$struct: $name is not inherited");
        } elsif ($comment =~ /\bmerged by merge_(\w+)\(\)/) {
            like(text_of("src/nginx/$1/conf.cpp"), $inherited, "$struct: $name is merged by merge_$1()");
        } else {
            like($text, $inherited, "$struct: $name is merged");
        }
    }
    return cmp_ok($count, '>', 1, "$struct can be read");
}

my ($location) = text_of('src/nginx/conf/conf.hpp') =~ /^struct LocationConf \{\n(.*?)^\};/ms;
my ($steps) = text_of('src/nginx/conf/conf.cpp') =~ /location_steps\[\] = \{\n(.*?)^\};/ms;
my %capability = reverse $location =~ /^    (\w+Conf) (\w+);/mg;
is_deeply([sort keys %capability], [qw(gate identity jwt mfa oidc token)], "the capabilities' parts of a location");
for my $name (sort keys %capability) {
    check_members($capability{$name}, "src/nginx/$name/conf.hpp", "$name.", "src/nginx/$name/conf.cpp");
    like($steps, qr/\bmerge_$name,/, "merge_$name() is called");
}
check_members('ServerConf', 'src/nginx/conf/conf.hpp', '', 'src/nginx/conf/conf.cpp');

# The directives that a piece of configuration has.
sub named_in { my $text = shift; return $text =~ /(?<![\w"\$])(auth_gate\w*)(?= [^=])/g }

# Blocks of the nginx suites, and the configurations that they share.
my (%accepted, %refused, %inheritance);
for my $path (glob 't/*.t') {
    my ($head, $data) = split /^__DATA__$/m, text_of($path), 2;
    next if !defined $data;
    my @blocks = split /^=== TEST \d+: /m, $data;
    my $all_refused = $head =~ /set_value\(must_die|^lines_that_nginx_refuses/m;
    $accepted{$_} = $path for named_in($head);
    for my $block (@blocks) {
        my $set = $all_refused || $block =~ /^--- must_die/m ? \%refused : \%accepted;
        $set->{$_} = $path for named_in($block);
    }
    next if $path ne 't/inheritance.t';
    $inheritance{$_} = $path for map { /\A(auth_gate\w*)\n/ } @blocks;
}
for my $path (glob 't/live/*.t') {
    my $text = text_of($path);
    $accepted{$_} = $path for named_in($text);
    $inheritance{$_} = $path for $text =~ /# inherited: (auth_gate\w*)/g;
}
for my $name (sort keys %kind) {
    ok($accepted{$name}, "$name is used in a block of a .t file");
    ok($refused{$name}, "a mistake in $name is refused in a block of a .t file");
    ok($inheritance{$name}, "$name: its inheritance is tested") if $kind{$name} =~ /^inherited/;
}
done_testing;
