# README.md is the reference: what the sources have, it has an entry for, and nothing else. nginx.conf.example shows it.
use strict;
use warnings;

use lib 't/lib';
use AuthGateTest::Reference;
use Test::More;

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);

my $readme  = text_of('README.md');
my $example = text_of('nginx.conf.example');

# section($title): the text below a heading, up to the next one of its level or a higher one
sub section {
    my $title = shift;
    my ($marks, $text) = $readme =~ /^(##+) \Q$title\E\n(.*?)(?=^## |^### |\z)/ms;
    $text = $1 if defined $marks && $marks eq '##' && $readme =~ /^## \Q$title\E\n(.*?)(?=^## |\z)/ms;
    return $text // '';
}

# Directives: an entry each, with the contexts that its kind allows.
my %not_shown = (
    'auth_gate_identity admin'   => 'a comment there names it, beside roles',
    'auth_gate_zone per_user'    => 'its default follows from tokens=',
    'auth_gate_store timeout'    => 'its default is for any network of one site',
    'auth_gate_store inflight'   => 'its default is for any site',
);
my %directives = directives();
cmp_ok(scalar keys %directives, '>', 25, 'the lists of directives can be read');
for my $name (sort keys %directives) {
    my $entry = section($name);
    my $contexts = contexts_of($directives{$name});
    like($entry, qr/^\| Syntax \| `\Q$name\E[ ;]/m, "README: the syntax of $name");
    like($entry, qr/^\| Default \| \S/m, "README: the default of $name");
    like($entry, qr/^\| Context \| \Q$contexts\E \|$/m, "README: where $name may stand");
    unlike($entry, qr/\| Default \| `(?!\Q$name\E )(?!ws )/, "README: the default is one of $name");
    ok($example =~ /\b\Q$name\E[ ;]/, "nginx.conf.example: $name");
    my ($syntax) = $entry =~ /^\| Syntax \| (.*?) \|$/m;
    for my $option (($syntax // '') =~ /\b(\w+)=/g) {
        my $shown = $example =~ /\b\Q$name\E\s[^;]*?(?<![\w.])\Q$option\E=/;
        my $why = delete $not_shown{"$name $option"};
        ok($why ? !$shown : $shown, "nginx.conf.example: $name $option=" . ($why ? " is not shown: $why" : ''));
    }
}
is_deeply([sort keys %not_shown], [], 'no reason for an option that there is not');
my @entries = section('Directives') =~ /^### (\w+)$/mg;
is_deeply([sort @entries], [sort keys %directives], 'README: no entry of a directive that there is not');
my %named = map { $_ => 1 } $example =~ /(?<![\$_\/\w])(auth_gate\w*)(?=[ ;])/g;
is_deeply([grep { !$directives{$_} } sort keys %named], [], 'nginx.conf.example: no directive that there is not');

# What stands within auth_gate_oidc_provider, and the environment before it.
my $provider = text_of('src/nginx/oidc/provider_conf.cpp');
my $block = section('auth_gate_oidc_provider');
my @lines = $provider =~ /^    \{"(\w+)", \d/mg;
cmp_ok(scalar @lines, '>', 15, "the table of a provider's lines can be read");
like($block, qr/^\|.*`\Q$_\E /m, "README: a provider's $_") for @lines;
my %plain = map { $_ => 1 } qw(issuer discovery_url client_id client_secret display_name leeway cache connect_timeout timeout);
ok($example =~ /\b\Q$_\E\s/, "nginx.conf.example: a provider's $_") for grep { !$plain{$_} } @lines;
my %line = map { $_ => 1 } @lines;
is_deeply([grep { !$line{$_} } map { /`(\w+) /g } $block =~ /^\| (`.*?) \|/mg], [], 'README: no line that there is not');
my @environment = $provider =~ /from_environment\([\w.]+, "(\w+)"\)/g;
for my $name (@environment) {
    like($block, qr/`\Q$name\E`/, "README: $name");
    ok($example =~ /^env \Q$name\E;/m, "nginx.conf.example: env $name");
}

my @purposes = text_of('src/nginx/token/conf.cpp') =~ /^    \{"(\w+)", (\d+)'000\}/mg;
is(section('auth_gate_purpose') =~ /Default \| `(.*?)`/ && $1,
    join('; ', map { "$purposes[2 * $_] ttl=$purposes[2 * $_ + 1]s" } 0 .. $#purposes / 2), 'README: the built-in purposes');

# Variables, and why a request was refused.
my $variables = section('Variables');
my @variables = text_of('src/nginx/gate/variables.cpp') =~ /\{"(auth_gate_\w+)"/g;
s/_\z/_NAME/ for @variables;
is_deeply([sort map { /`\$(\w+)`/g } $variables =~ /^\| (.*?) \|/mg], [sort @variables], 'README: each variable, and no other');
my @decisions = text_of('src/core/http/refusal.cpp') =~ /"(\w+)"\};/g;
cmp_ok(scalar @decisions, '>', 8, 'the decisions can be read');
like($variables, qr/`\Q$_\E`/, "README: the decision $_") for @decisions, 'mfa_required_dry_run', 'mfa_bypass';

# Answers.
my $answers = section('Answers');
my %bodies;
for my $source (glob 'src/*/*/*.cpp') {
    $bodies{$_} = $source for text_of($source) =~ /R"\((\{"(?:error|success)":.*?\})\)"/g;
}
cmp_ok(scalar keys %bodies, '>', 20, 'the answers can be read');
ok(index($answers, $_) >= 0, "README: $_ of $bodies{$_}") for sort keys %bodies;
my ($codes) = $answers =~ /^(`oidc_error` is .*?)\n\n/ms;
like($codes, qr/`\Q$_\E`/, "README: oidc_error=$_") for 'access_denied', text_of('src/core/oidc/error.cpp') =~ /return "(\w+)";/g;

my @counters = text_of('src/nginx/state/metrics.hpp') =~ /\{Counter::\w+, "(\w+)"/g;
like(section('auth_gate_status'), qr/`\Q$_\E`/, "README: the counter $_") for 'tokens_live', 'require_mfa', @counters;

# It can be read: no endless lines, no row of a table with more or fewer cells than its head, no dead link.
for my $page ('README.md', 'CHANGELOG.md', 'nginx.conf.example') {
    my $number = 0;
    is_deeply([map { $number++; length > 160 ? "$page:$number" : () } split /\n/, text_of($page)], [], "$page: lines are short");
}
my $columns = 0;
for my $line (split /\n/, $readme) {
    my $cells = $line =~ /^\|/ ? () = $line =~ /(?<!\\)\|/g : 0;
    is($cells, $columns, "a row has its table's cells: $line") if $cells && $columns;
    $columns = $cells;
}
for my $link ($readme =~ /\]\((?!https?:)([^)#]+)/g) {
    ok(-e $link, "there is $link");
}
# SECURITY.md: each defence names tests that there are.
my @defences = grep { /^\| / && !/^\| Asset/ } split /^/, text_of('SECURITY.md');
cmp_ok(scalar @defences, '>', 15, 'the table of SECURITY.md can be read');
for my $row (@defences) {
    my $attacker = (split / *\| */, $row)[2];
    my @tests = $row =~ /`(t\/[\w\/]+\.t)`/g;
    ok(@tests, "SECURITY.md: a test shows the defence against $attacker");
    ok(-f $_, "SECURITY.md: there is a $_") for @tests;
}

done_testing;
