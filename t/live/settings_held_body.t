# An administrator who holds the body of a PUT back, and is none any more when it comes: nothing is changed.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use IO::Select ();
use Test::More;

my $dir  = scratch_dir();
my $app  = AuthGateLive->start_app;
my $gate = AuthGateLive->start(
    http => "auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $dir/state;
        auth_gate_identity /_me cache=0; auth_gate_mfa policy;
        auth_gate_oidc_provider sso { app_url https://app.example; user_id claim=sub; }",
    server => "
        location = /_me {
            internal;
            if (-f $dir/demoted) { return 200 '{\"user\":{\"id\":1,\"role\":\"user\",\"mfa_enabled\":true}}'; }
            if (-f $dir/out)     { return 401; }
            if (-f $dir/broken)  { return 500; }
            return 200 '{\"user\":{\"id\":1,\"role\":\"admin\",\"mfa_enabled\":true}}';
        }
        location = /settings { auth_gate jwt; auth_gate_mfa exempt; auth_gate_app_settings on; }
        location = /oidc     { auth_gate jwt; auth_gate_mfa exempt; auth_gate_oidc_settings sso; }
        location = /checked  { auth_gate jwt; auth_gate_mfa always; auth_gate_app_settings on; }
        location = /config   { auth_gate_app_config on; }
    ",
);
my $admin = 'Authorization: Bearer ' . session_jwt(1);

sub put_late {
    my ($path, $body, $file) = @_;
    my $client = AuthGateLiveClient->new($gate->port, timeout => patience(15));
    $client->send("PUT $path HTTP/1.1\r\nHost: t\r\nConnection: close\r\n$admin\r\nContent-Type: application/json\r\nContent-Length: "
            . length($body) . "\r\nExpect: 100-continue\r\n\r\n");
    wait_for('the body to be wanted', sub { IO::Select->new($client->{socket})->can_read(0.01) });
    sysread $client->{socket}, my $continue, length "HTTP/1.1 100 Continue\r\n\r\n";
    AuthGateLive::write_text("$dir/$file", '') if $file;
    $client->send($body);
    my $status = $client->answer->{status};
    unlink "$dir/$file" if $file;
    return $status;
}
sub is_on { return ask($gate->port, 'GET', '/config', [])->{body} =~ /true/ ? 'on' : 'off' }

for my $case ([ 'demoted', 403 ], [ 'out', 401 ], [ 'broken', 503 ]) {
    my ($file, $status) = @$case;
    for my $path ('/settings', '/checked') {
        is(put_late($path, '{"require_mfa":true}', $file), $status, "$path: $file meanwhile: $status");
    }
    is(is_on(), 'off', 'and nothing has changed');
    is(put_late('/oidc', '{"display_name":"Evil"}', $file), $status, "/oidc: $file meanwhile: $status");
    unlike(ask($gate->port, 'GET', '/oidc', [$admin])->{body}, qr/Evil/, 'and nothing has changed');
}
is(put_late('/oidc', '{"display_name":"Good"}'), 200, 'who is still one changes the provider');
like(ask($gate->port, 'GET', '/oidc', [$admin])->{body}, qr/Good/, 'so it is');
is(put_late('/settings', '{"require_mfa":true}'), 200, 'and the switch');
is(is_on(), 'on', 'so it is');

$gate->ends_well;
done_testing;
