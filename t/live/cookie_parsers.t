# What real parsers read of the Cookie headers of t/lib/AuthGateTest/Cookies.pm: of the client's, they may find different
# sessions; of what the gate passes on, they find the one that it verified, or none.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Cookies;
use AuthGateTest::Jwt;
use Test::More;

my $here = 't/lib/cookie-parsers';
my $dir  = scratch_dir();

# An application that says what it got, and what nginx itself reads of it.
my $app = AuthGateLive->start_app(
    http   => 'large_client_header_buffers 4 16k;',
    server => 'location / { return 200 "<$http_cookie><$cookie_trek_session>"; }',
);
my $gate = AuthGateLive->start(
    http   => 'auth_gate_secret env:JWT_SECRET; auth_gate_jwt_from bearer cookie:trek_session; auth_gate_require role=user;',
    server => 'location / { auth_gate jwt; proxy_pass http://127.0.0.1:' . $app->port . '; }',
);

# What an application sees of a header: the lines joined, as servers do it.
sub seen_at {
    my ($server, @lines) = @_;
    my $answer = ask($server->port, 'GET', '/', \@lines);
    return $answer->{status} == 200 ? $answer->{body} =~ /\A<(.*?)><(.*)>\z/s : ();
}

# The values, or undef, that a program reads of headers.
sub read_by {
    my ($command, @headers) = @_;
    write_text("$dir/headers", join '', map { unpack('H*', $_) . "\n" } @headers);
    open my $out, '-|', "$command < $dir/headers" or die "$command: $!";
    chomp(my @values = <$out>);
    close $out or die "$command failed\n";
    return map { $_ eq '-' ? undef : pack 'H*', $_ } @values;
}

sub read_by_php {
    local %ENV = (%ENV, REDIRECT_STATUS => 200, REQUEST_METHOD => 'GET', SCRIPT_FILENAME => "$here/cookie.php", SCRIPT_NAME => '/cookie.php');
    return map {
        local $ENV{HTTP_COOKIE} = $_;
        my $value = qx{php-cgi $here/cookie.php};
        $value =~ /\r?\n\r?\n([0-9a-f]*|-)\n\z/ or die "php-cgi failed: $value\n";
        $1 eq '-' ? undef : pack 'H*', $1;
    } @_;
}

sub installed { my $program = shift; return scalar grep { -x "$_/$program" } split /:/, $ENV{PATH} }

my %parser = (
    'Python'         => sub { read_by("python3 $here/python.py", @_) },
    "npm's cookie"   => sub { read_by("node $here/node.mjs cookie", @_) },
    "npm's cookies"  => sub { read_by("node $here/node.mjs cookies", @_) },
);
$parser{PHP} = \&read_by_php if installed('php-cgi') || diag('php-cgi is not installed');
if (installed('go')) {
    local $ENV{GOCACHE} = "$dir/go-cache";
    local $ENV{GOFLAGS} = '-mod=mod';
    system('go', 'build', '-o', "$dir/parser", "$here/parser.go") == 0 or die "go build failed\n";
    $parser{Go} = sub { read_by("$dir/parser", @_) };
} else {
    diag('go is not installed');
}

my (@sent, @passed, @session, @name, @nginx);
for my $row (cookie_rows()) {
    my @lines = cookie_lines($row);
    my ($sent) = seen_at($app, @lines);
    my ($passed, $value) = seen_at($gate, @lines);
    my $name = join ' + ', ref $row->[0] ? @{ $row->[0] } : $row->[0];
    is(defined $passed, defined $row->[1], "the gate's decision on $name") or next;
    next if !defined $passed;
    push @sent,    $sent;
    push @passed,  $passed;
    push @name,    $name;
    push @nginx,   $value;
    push @session, with_sessions($row->[1] =~ /(?:^|;\s*)trek_session=(<[\w-]+>)/);
}
cmp_ok(scalar @session, '>', 50, 'there are headers to read');

# Whether a value is the verified session, or no session at all.
sub is_harmless {
    my ($value, $session) = @_;
    return !defined $value || $value eq $session || $value !~ /\A"?eyJ/;
}

ok(is_harmless($nginx[$_], $session[$_]), "nginx reads no other session than the verified one of $name[$_]") for 0 .. $#session;
for my $parser (sort keys %parser) {
    my @before = $parser{$parser}->(@sent);
    my @after  = $parser{$parser}->(@passed);
    my $others = 0;
    for my $i (0 .. $#session) {
        $others += defined $before[$i] && $before[$i] ne $session[$i];
        ok(is_harmless($after[$i], $session[$i]), "$parser reads no other session than the verified one of $name[$i]")
            or diag("it reads $after[$i] of $passed[$i]");
    }
    cmp_ok($others, '>', 0, "$parser would have read another one of what was sent, $others times");
    cmp_ok(scalar(grep { defined } @after), '>', @session - 5, "$parser finds it nearly always");
}

$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
