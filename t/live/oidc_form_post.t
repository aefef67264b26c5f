# A provider that has the browser post the callback, as Apple does.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();
my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', 'auth_gate_secret env:JWT_SECRET; client_body_buffer_size 1k; log_format body \'$request $request_body\'; access_log body.log body;',
        provider_conf('apple', $provider->url('good'), $port, 'response_mode form_post;') =~ s/app_url http:/app_url https:/r,
        provider_conf('asks', $provider->url('good'), $port, 'response_mode form_post; user_id /_who;') =~ s/app_url http:/app_url https:/r,
        provider_conf('plain', $provider->url('good'), $port)),
    server => join('', location_of('apple'), location_of('plain'), location_of('asks'),
        "location = /_who { internal; proxy_pass @{[ $provider->url('application/200/eyJpZCI6N30') ]}; }",
        'location /cookie/ { auth_gate_oidc apple; auth_gate_oidc_session cookie:sid; } location / { empty_gif; }'),
);

sub post {
    my ($login, $form, @headers) = @_;
    return ask($port, 'POST', "$login->{path}/callback", [ "Cookie: $login->{cookie}", 'Origin: https://appleid.apple.com',
        'Sec-Fetch-Site: cross-site', 'Content-Type: application/x-www-form-urlencoded', @headers ], $form);
}

my $login = begin_login($port, '/oidc/apple');
is(parameter($login->{url}, 'response_mode'), 'form_post', 'the provider is asked to have it posted');
like($login->{answer}{header}{'set-cookie'}, qr{^__Host-auth_gate_oidc_.*; HttpOnly; SameSite=None; Secure\z}, 'and the cookie goes along');
my $code = code_for($login);
my $form = "code=$code&state=$login->{state}";
my $answer = post($login, "$form&user=" . '%7B' x 700);
is($answer->{status}, 302, 'a posted callback');
my $one_time = parameter($answer->{header}{location}, 'oidc_code');
ok($one_time, 'is a login') or diag($answer->{header}{location}, $gate->error_log);
is($answer->{header}{'referrer-policy'}, 'no-referrer', 'not to be told on');
like($answer->{header}{'set-cookie'}, qr/; SameSite=None; Secure\z/, 'the cookie stays the same');
like(ask($port, 'GET', "/oidc/apple/exchange?code=$one_time", [ "Cookie: $login->{cookie}" ])->{body}, qr/^\{"token":"/, 'the code is good');
is(post($login, $form)->{header}{location}, '/login?oidc_error=invalid_state', 'once');

$login = begin_login($port, '/oidc/apple');
is(post({ %$login, cookie => 'x=y' }, 'code=' . code_for($login) . "&state=$login->{state}")->{header}{location},
    '/login?oidc_error=invalid_state', 'in the browser that began it');
$login = begin_login($port, '/oidc/apple');
is(post($login, "error=user_cancelled_authorize&state=$login->{state}")->{header}{location},
    '/login?oidc_error=user_cancelled_authorize', 'errors are posted, too');
$login = begin_login($port, '/oidc/apple');
like(callback($login, 'code=' . code_for($login) . "&state=$login->{state}")->{header}{location}, qr/oidc_code=/, 'a GET is taken as well');
is(post($login, '')->{header}{location}, '/login?oidc_error=missing_params', 'an empty form');
is(ask($port, 'POST', "/oidc/apple/callback?code=x&state=$login->{state}", [ "Cookie: $login->{cookie}" ], '')->{header}{location},
    '/login?oidc_error=missing_params', 'a posted callback has nothing in its URL');
is(post($login, 'x' x 70_000)->{status}, 413, 'one that is too large');

$login = begin_login($port, '/oidc/asks');
like(post($login, 'code=' . code_for($login) . "&state=$login->{state}")->{header}{location}, qr/oidc_code=/, 'the application may be asked');
my $asked = $provider->told('asked')->[-1];
is($asked->{headers}{'content-type'}, 'application/json', 'in JSON');
like($asked->{body}, qr/^\{"iss":[^&]*\}\z/, 'with the claims, and nothing of the form');

$login = begin_login($port, '/cookie', 'return=/trips');
$answer = post($login, 'code=' . code_for($login) . "&state=$login->{state}");
is($answer->{header}{location}, '/trips', 'with a session cookie the browser goes right back');
like($answer->{header}{'set-cookie'}, qr/sid=[\w.-]+; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax/, 'and that one is not for other sites');

is(ask($port, 'POST', '/oidc/plain/callback', [], $form)->{status}, 405, 'no other provider\'s callback is posted');
is(ask($port, 'POST', '/oidc/apple/login', [], 'x')->{status}, 405, 'nor is the login');

my @secrets = ('the client secret', $code, $one_time, @{ $provider->told('secrets') });
is_deeply([ secrets_in($gate->error_log . text_of($gate->dir . '/access.log') . text_of($gate->dir . '/body.log'), @secrets) ], [], 'no secret is in the logs');
$gate->ends_well(signal => 'QUIT');
done_testing;
