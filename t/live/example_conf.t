# nginx.conf.example: nginx accepts it without a warning, and each of its locations works as described.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;

my $app = AuthGateLive->start_app(server => 'client_max_body_size 0; access_log app.log app; location / { return 200 "the application\n"; }');
my $dir = scratch_dir();
my $port = free_port();

my $conf = text_of('nginx.conf.example');
ok($conf, 'the example is found');
my $module = module_path();
my $app_port = $app->port;
my $temps = join ' ', map { "${_}_temp_path $dir/$_;" } qw(client_body proxy fastcgi uwsgi scgi);
my $user = $> == 0 ? 'user root root;' : '';
for ($conf) {
    s{modules/ngx_http_auth_gate_module\.so}{$module};
    s{listen 80;}{listen 127.0.0.1:$port;};
    s{server 127\.0\.0\.1:3000;}{server 127.0.0.1:$app_port;};
    s{/var/log/nginx/}{$dir/}g;
    s{/var/lib/nginx/auth-gate}{$dir/state}g;
    s<^worker_processes auto;><worker_processes 1; $user daemon off; pid $dir/nginx.pid; error_log $dir/error.log info;>m;
    s<^env JWT_SECRET;><env JWT_SECRET; env LD_PRELOAD; env ASAN_OPTIONS; env UBSAN_OPTIONS;>m;
    s<^http \{><http { $temps>m;
}
my $gate = AuthGateLive->start(conf => $conf, port => $port);
my ($content, $said) = $gate->test_conf;
ok($content, 'nginx -t accepts it');
unlike($said, qr/\[(?:warn|error|emerg)\]/, 'without a warning');

my $jwt = session_jwt(7);
my @session = ("Authorization: Bearer $jwt");
sub status_of { return ask($port, @_)->{status} }

is(status_of('GET', '/api/health'), 200, 'health is public');
is(status_of('POST', '/api/auth/login', [], '{}'), 200, 'so is signing in');
is(status_of('GET', '/api/auth/login'), 401, 'but not with GET');
is(status_of('GET', '/api/auth/invite/abc'), 200, 'an invitation is public');
is(status_of('GET', '/api/trips'), 401, 'the API is not');
is(status_of('GET', '/API/trips'), 401, 'in whatever case');
is(status_of('GET', '/api/trips', \@session), 200, 'but for a session');
is(status_of('GET', '/'), 200, 'pages are open');
is(status_of('POST', '/api/trips/1/files', \@session, 'x' x 51_000_000), 200, 'a file of 50 MB');
is(status_of('POST', '/api/trips/1/files', \@session, 'x' x 60_000_000), 413, 'and none that is larger');
is(ask($port, 'GET', '/api/trips', ['Sec-Fetch-Mode: navigate'])->{header}{location}, '/login?return=%2Fapi%2Ftrips', 'a page is sent to sign in');

sub token_for {
    my ($path, $body) = @_;
    return ask($port, 'POST', $path, \@session, $body)->{body} =~ /"token":"([0-9a-f]{64})"/ ? $1 : 'none';
}
my $download = token_for('/api/auth/resource-token', '{"purpose":"download"}');
is(status_of('GET', "/api/trips/1/files/2/download?token=$download"), 200, 'a download by token');
is(status_of('GET', "/api/trips/1/files/2/download?token=$download"), 401, 'once');
my $immich = token_for('/api/auth/resource-token', '{"purpose":"immich"}');
is(status_of('GET', "/api/integrations/immich/assets/a1/thumbnail?token=$immich"), 200, 'an image by token');
my $ws = token_for('/api/auth/ws-token');
is(status_of('GET', "/api/trips/1/files/2/download?token=$ws"), 401, 'a token for something else');
$ws = token_for('/api/auth/ws-token');
my @handshake = ('Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
is(http_status_of_upgrade("/ws?token=$ws"), 200, 'a WebSocket by token reaches the application');
is(http_status_of_upgrade("/ws?token=$ws"), 101, 'and is closed with a code the second time');
like((grep { m{^GET /ws} } $app->requests)[0], qr{^GET /ws\?token=eyJ}, 'the application gets a JWT in its URL');

sub http_status_of_upgrade {
    my $client = AuthGateLiveClient->new($port);
    return $client->ask_here(request_text('GET', shift, [ @handshake, 'Connection: Upgrade' ]))->{status};
}

$gate->ends_well;

(my $uncommented = $conf) =~ s/^( +)# (auth_gate_\w+ .*;)/$1$2/mg;
isnt($uncommented, $conf, 'some directives are in comments');
$gate = AuthGateLive->start(conf => $uncommented, port => $port);
($content, $said) = $gate->test_conf;
ok($content, 'nginx -t accepts them');
unlike($said, qr/\[(?:warn|error|emerg)\]/, 'without a warning');

# A line further to the right stands instead of another one, and a provider's lines are for different providers.
my ($provider) = $conf =~ /^    auth_gate_oidc_provider sso \{\n(.*?)^    \}/ms;
my @alternatives = ($conf =~ /^ +(#   auth_gate_\w+ .*?;)(?= *#|$)/mg, $provider =~ /^ +(# [a-z_]+ {2,}.*?;)(?= *#|$)/mg);
cmp_ok(scalar @alternatives, '>', 15, 'some lines are alternatives');
chmod 0600, write_text("$dir/file", $SECRET);
for my $line (@alternatives) {
    (my $instead = $line) =~ s/^# *//;
    $instead =~ s{/etc/nginx/[\w.-]+}{$dir/file};
    $gate->{conf} = $conf =~ s/\Q$line\E/$instead/r;
    $gate->write_conf;
    ($content, $said) = $gate->test_conf;
    ok($content, "nginx -t accepts $line") or diag($said);
    unlike($said, qr/\[(?:warn|error|emerg)\](?!.*"auth_gate_store")/, 'without a warning');
}
$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
