# t/mutations.txt is not stale: what `./dev mutate` shall flip stands in the sources, and the tests that shall notice exist.
use strict;
use warnings;

use lib 't/lib';
use AuthGateTest::Reference;
use Test::More;

my @entries = grep { !/^#/ } split /\n\n+/, text_of('t/mutations.txt');
cmp_ok(scalar @entries, '>=', 30, 'there are enough decisions');
my %units = map { m{^t/unit/(\w+)/(\w+)\.cpp$} ? ("$1_$2" => 1) : () } glob 't/unit/*/*_test.cpp';

my %seen;
for my $entry (@entries) {
    my ($file, $from, $to, $tests) = $entry =~ /\Afile: (\S+)\nfrom: (\S.*)\nto: (\S.*)\ntests: (\S.*)\n?\z/;
    ok(defined $tests, "four lines: $entry") or next;
    my @lines = grep { index($_, $from) >= 0 } -f $file ? split /\n/, text_of($file) : ();
    is(scalar @lines, 1, "on one line of $file: $from");
    isnt($to, $from, "$file: something is flipped");
    is($seen{"$file $from $to"}++, 0, "$file: it is listed once");
    ok(/\.t\z/ ? -f : $units{$_}, "there is a test $_") for split ' ', $tests;
}

done_testing;
