# The policy over HTTP/2, by curl.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use JSON::PP ();
use Test::More;

my ($curl) = grep { -x } map { "$_/curl" } split /:/, $ENV{PATH};
die "no curl with HTTP/2\n" if !$curl || `$curl --version` !~ /\bHTTP2\b/;
die "no openssl to make a certificate\n" if system('openssl version >/dev/null 2>&1') != 0;

my $dir = scratch_dir();
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2 -keyout $dir/key -out $dir/cert >/dev/null 2>&1") == 0
    or die 'no certificate';
my $app = AuthGateLive->start_app(
    http => q{
        log_format app '$request_method $request_uri "$http_authorization" "$http_cookie" "$http_referer"';
        map $http_authorization $me {
            ~\.eyJpZCI6MSwi '{"user":{"id":1,"role":"admin","mfa_enabled":true}}';
            ~\.eyJpZCI6Miwi '{"user":{"id":2,"role":"user","mfa_enabled":false}}';
            ~\.eyJpZCI6Mywi '{"user":{"id":3,"role":"user","mfa_enabled":true}}';
            default '{"error":"who?"}';
        }
    },
    server => qq{
        access_log app.log app;
        location / { return 200 "the application\\n"; }
        location = /me { access_log $dir/me.log; return 200 \$me; }
        location = /slow { access_log $dir/me.log; root $dir; limit_rate 1000; }
        location = /config { default_type application/json; add_header ETag '"x"'; return 200 '{"a":1.0}'; }
    },
);
write_text("$dir/slow", '{"user":{"id":3,"role":"user","mfa_enabled":true}}' . ' ' x 1400);
my $to = 'proxy_pass http://127.0.0.1:' . $app->port;
my $gate = AuthGateLive->start(
    workers => 2,
    listen  => 'ssl http2',
    http    => "ssl_certificate $dir/cert; ssl_certificate_key $dir/key; auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $dir/state;
        auth_gate_identity /_me; auth_gate_mfa policy;",
    server => "
        location = /_me      { internal; $to/me; }
        location = /_slow    { internal; $to/slow; }
        location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
        location = /both     { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; $to; }
        location = /config   { auth_gate_app_config on; $to; }
        location = /disable  { auth_gate jwt; auth_gate_mfa_disable on; $to; }
        location = /slow     { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_slow; $to/x; }
        location = /token    { auth_gate_issue download; }
        location = /file     { auth_gate token=download; $to; }
        location ~* ^/api    { auth_gate jwt; $to; }
    ",
);

# Status, headers and body of a request over HTTP/2. nginx resets a stream whose body it does not want, and curl
# may take that for a failure before it has read the answer: then once more.
sub h2 {
    my ($answer, @request) = (undef, @_);
    for (1 .. 20) {
        $answer = h2_once(@request);
        last if $answer->{status};
    }
    return $answer;
}

sub h2_once {
    my ($user, $path, @more) = @_;
    my @command = ($curl, '-s', '-m', '10', '-i', '-k', '--http2', '--path-as-is',
        $user ? ('-H', 'Authorization: Bearer ' . session_jwt($user)) : (), @more, 'https://127.0.0.1:' . $gate->port . $path);
    open my $out, '-|', @command or die "curl: $!";
    local $/;
    my $text = <$out>;
    close $out;
    my ($head, $body) = split /\r\n\r\n/, $text // '', 2;
    my ($status) = ($head // '') =~ m{^HTTP/2 (\d+)};
    return { status => $status // 0, head => $head // '', body => $body // '' };
}
my $Required = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';

is(h2(2, '/api/x')->{status}, 200, 'with the policy off, a user without MFA is let in');
my ($token) = h2(2, '/token', '-X', 'POST')->{body} =~ /([0-9a-f]{64})/;
my $put = h2(1, '/settings', '-X', 'PUT', '-d', '{"require_mfa":true}');
is("$put->{status} $put->{body}", '200 {"success":true}', 'a PUT over HTTP/2 switches it on');
my $refused = h2(2, '/api/x');
is("$refused->{status} $refused->{body}", "403 $Required", 'then the user is refused');
like($refused->{head}, qr/^content-type: application\/json\r?$/mi, 'as JSON');
is(h2(3, '/api/x')->{status}, 200, 'one with MFA is let in');
for my $path ('/API/x', '//api//x', '/api/%74rips', '/x/../api/x', '/api%2fx', '/api/x/', '/api/./x') {
    is(h2(2, $path)->{status}, 403, "$path is refused");
}
is(h2(2, '/api/x;y')->{status}, 403, 'so is a path with a parameter,');
is(h2(3, '/api/x;y')->{status}, 400, 'for anybody');
is(h2(0, "/file?token=$token")->{status}, 403, 'a token from before does not help');
is(h2(2, '/token', '-X', 'POST')->{status}, 403, 'and no new one is issued');
is(h2(3, '/disable', '-X', 'POST', '-d', '{}')->{body}, '{"error":"Two-factor authentication cannot be disabled while it is required for all users."}', 'nobody gives MFA up');
is(h2(2, '/api/page', '-H', 'Accept: text/html')->{status}, 302, 'a page navigation is redirected');
is(h2(2, '/api/x', '-X', 'POST', '-d', 'x' x 100_000)->{status}, 403, 'a large body is refused with its request');

my $config = h2(0, '/config');
is($config->{body}, '{"a":1.0,"require_mfa":true}', 'app-config is extended');
like($config->{head}, qr/^content-length: 28\r?$/mi, 'with its length');
unlike($config->{head}, qr/^etag/mi, 'without the ETag');
is(h2(0, '/config', '-I')->{status}, 200, 'HEAD of it works');
is(h2(1, '/both', '-X', 'PUT', '-d', '{"theme":"dark","require_mfa":false}')->{status}, 200, 'a PUT of both parts');
is(h2(2, '/api/x')->{status}, 200, 'takes effect');
is(h2(1, '/settings', '-X', 'PUT', '-d', '{"require_mfa":1}')->{status}, 400, 'a bad value does not');

# Many streams of one connection at a cold cache.
write_text("$dir/me.log", '');
my @urls = map { 'https://127.0.0.1:' . $gate->port . "/slow?$_" } 1 .. 30;
my @command = ($curl, '-s', '-k', '-m', '20', '--http2', '--parallel', '--parallel-max', '30', '-H', 'Authorization: Bearer ' . session_jwt(3), '-w', '%{http_code}\n', map { ('-o', '/dev/null', $_) } @urls);
open my $out, '-|', "@{[ map { qq('$_') } @command ]} 2>/dev/null" or die "curl: $!";
my @codes = <$out>;
close $out;
is(scalar(grep { /^200/ } @codes), 30, 'thirty streams at once at a cold cache are answered');
is(scalar(lines_of("$dir/me.log")), 1, 'by one lookup');

$gate->ends_well(signal => 'QUIT');
$app->ends_well(name => 'the application');
done_testing;
