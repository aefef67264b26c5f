# Open WebSockets when the policy goes on: with "mfa provider", the account's second factor keeps none of the provider's sessions'.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateSocketApp;
use AuthGateTest::Jwt;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $app      = AuthGateSocketApp->start;
my $port     = free_port();
my $to       = 'proxy_pass http://127.0.0.1:' . $app->port . ';';
write_text($app->dir . "/mfa-$_", '') for 1, 2;

my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => "auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_state_path ${\ $app->dir }/gate;
        auth_gate_identity /_identity cache=300ms; auth_gate_mfa policy; proxy_http_version 1.1; auth_gate_mfa_exempt PUT /settings;"
        . provider_conf('strict', $provider->url('good'), $port, 'user_id claim=sub type=integer; trust_amr mfa; mfa provider;'),
    server => location_of('strict') . "
        location = /_identity { internal; proxy_pass http://127.0.0.1:${\ $app->port }/me; proxy_set_header Connection ''; }
        location = /settings  { auth_gate jwt; auth_gate_app_settings on; }
        location = /ws        { auth_gate jwt; proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection upgrade; proxy_read_timeout 60s; $to }",
);

sub session {
    my $code = parameter(log_in($port, '/oidc/strict', sub => '2', @_)->{header}{location}, 'oidc_code');
    return ask($port, 'GET', "/oidc/strict/exchange?code=$code")->{body} =~ /"token":"([^"]+)"/ ? $1 : undef;
}
my %jwt = (
    provider => session(claims => { amr => ['mfa'] }),
    account  => session(),
    own      => session_jwt(2),
);
my %socket = map { $_ => open_socket($port, '/ws', "Authorization: Bearer $jwt{$_}") } sort keys %jwt;
ok(alive($socket{$_}), "without the policy, \"$_\" is open") for sort keys %socket;

is(ask($port, 'PUT', '/settings', [ 'Authorization: Bearer ' . session_jwt(1) ], '{"require_mfa":true}')->{status}, 200, 'the policy goes on');
is($socket{account}->read_bytes(16), "\x88\x0e\x11\x33MFA required", 'a session that the account has the second factor for is closed');
ok(alive($socket{provider}), 'one that the provider saw it for is not');
ok(alive($socket{own}), 'nor is one of the application\'s');

$gate->ends_well;
done_testing;
