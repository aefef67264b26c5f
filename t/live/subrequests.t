# Subrequests that wait for a slow "who am I": many at once, with clients that leave, and over HTTP/2.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;
use Time::HiRes qw(sleep);

my $dir = scratch_dir();
my $app = AuthGateLive->start_app(
    http => q{map $http_x_page $page { default 'part'; two 'A<!--#include virtual="/api/one" -->B<!--#include virtual="/api/two" -->C'; }},
    server => qq{
        default_type text/html;
        location /       { return 200 \$page; }
        location = /slow { root $dir; limit_rate 1000; }
    },
);
write_text("$dir/slow", '{"user":{"id":3,"role":"user","mfa_enabled":true}}' . ' ' x 1400);
my $to = 'proxy_pass http://127.0.0.1:' . $app->port;
my $h2 = free_port();
my $locations = "
    location = /_slow     { internal; $to/slow; }
    location = /_slow_too { internal; $to/slow; }
    location = /_jwt      { internal; auth_gate jwt; auth_gate_identity /_slow_too cache=300ms; empty_gif; }
    location = /page      { auth_gate jwt; auth_gate_mfa exempt; ssi on; proxy_set_header X-Page two; $to; }
    location = /tool      { auth_request /_jwt; $to; }
    location /api/        { auth_gate jwt; $to; }
";
my $gate = AuthGateLive->start(
    workers => 2,
    http    => "auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_identity /_slow cache=300ms; auth_gate_mfa always;
        server { listen 127.0.0.1:$h2 http2; $locations }",
    server  => $locations,
);
my $bearer = 'Authorization: Bearer ' . session_jwt(3);

for my $path ('/page', '/tool') {
    my $right = $path eq '/page' ? 'ApartBpartC' : 'part';
    for my $round ('half of the clients leave', 'all of them leave', 'nobody leaves') {
        my @clients = map { AuthGateLiveClient->new($gate->port) } 1 .. 40;
        $_->send(request_text('GET', $path, [$bearer])) for @clients;
        my @leave = $round =~ /^all/ ? @clients : $round =~ /^half/ ? @clients[0 .. 19] : ();
        sleep 0.02, $_->close for @leave;    # at any moment of their requests
        my %left = map { $_ => 1 } @leave;
        my %seen;
        $seen{"$_->{status} $_->{body}"}++ for map { $_->answer } grep { !$left{$_} } @clients;
        my $stay = @clients - @leave;
        is_deeply(\%seen, $stay ? { "200 $right" => $stay } : {}, "$path: $round, and the others have their answer");
    }
}

my ($curl) = grep { -x } map { "$_/curl" } split /:/, $ENV{PATH};
for my $path ('/page', '/tool') {
    my $all = qx{$curl -s --http2-prior-knowledge -m 20 -w ' %{http_code} %{http_version}' -H '$bearer' http://127.0.0.1:$h2$path};
    is($all, ($path eq '/page' ? 'ApartBpartC' : 'part') . ' 200 2', "$path over HTTP/2");
    is(qx{$curl -s -o /dev/null --http2-prior-knowledge -m 20 -w '%{http_code}' http://127.0.0.1:$h2$path}, 401, "$path over HTTP/2 without a session");
}

$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
