# Logging in with a provider that works: login, callback, exchange, logout, and what holds of each.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateTest::Jwt;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();
my @names    = qw(good es256 es384 es512 eddsa rs384 rs512 ps256 ps384 ps512 keys-nameless names-itself no-userinfo no-end-session post-secret);

my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('',
        'auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET;',
        'log_format all \'$request|$request_uri|$args|$http_referer\'; access_log all.log all;',
        map { provider_conf($_, $provider->url($_), $port, 'trust_amr otp,mfa; trust_acr urn:mfa;') } @names),
    server => join('',
        (map { location_of($_) } @names),
        'location /cookie/ { auth_gate_oidc good; auth_gate_oidc_session cookie:sid; }',
        'location /api/ { auth_gate jwt; auth_gate_jwt_from bearer cookie:sid; auth_gate_identity claims;',
        '  auth_gate_mfa off; empty_gif; }',
        'location = /api/ws-token { auth_gate_issue ws; }',
        'location /mfa/ { auth_gate jwt token=ws; auth_gate_identity claims; auth_gate_mfa always; empty_gif; }',
        'location = /login { empty_gif; }'),
);

sub exchange { my ($code, $path) = @_; return ask($port, 'GET', ($path // '/oidc/good') . "/exchange?code=$code") }

sub session {
    my ($path, %about) = @_;
    my $code = parameter(log_in($port, $path, %about)->{header}{location}, 'oidc_code');
    return exchange($code, $path)->{body} =~ /^\{"token":"([^"]+)"\}\z/ ? $1 : undef;
}

sub status_of { my ($path, $jwt, @more) = @_; return ask($port, 'GET', $path, ["Authorization: Bearer $jwt", @more])->{status} }

my @secrets;

# Login.
{
    my $login = begin_login($port, '/oidc/good');
    my $answer = $login->{answer};
    is($answer->{status}, 302, 'login redirects');
    like($login->{url}, qr{^\Q${\$provider->url('good')}\E/auth\?}, 'to the provider');
    is(parameter($login->{url}, 'response_type'), 'code', 'with the code flow');
    is(parameter($login->{url}, 'client_id'), 'gate', 'its client_id');
    is(parameter($login->{url}, 'redirect_uri'), "http://127.0.0.1:$port/oidc/good/callback", 'a redirect_uri from APP_URL');
    is(parameter($login->{url}, 'scope'), 'openid email profile', 'the scope');
    is(parameter($login->{url}, 'code_challenge_method'), 'S256', 'PKCE');
    like($login->{$_}, qr/^[\w-]{43}\z/, "a $_ of 32 bytes") for qw(state nonce code_challenge);
    is($answer->{header}{'cache-control'}, 'no-store', 'not to be kept');
    is($answer->{header}{'referrer-policy'}, 'no-referrer', 'not to be told on');
    like($answer->{header}{'set-cookie'}, qr{; Path=/oidc/good; Max-Age=300; HttpOnly; SameSite=Lax\z}, 'bound to the browser');
    my $evil = ask($port, 'GET', '/oidc/good/login', [ 'X-Forwarded-Host: evil.example' ]);
    is(parameter($evil->{header}{location}, 'redirect_uri'), "http://127.0.0.1:$port/oidc/good/callback",
        'whatever a client says of hosts');
    isnt(begin_login($port, '/oidc/good')->{cookie}, $login->{cookie}, 'a cookie for each flow');
}

# Each algorithm, each way.
for my $name (@names) {
    my $login = begin_login($port, "/oidc/$name");
    my $code = code_for($login);
    my $iss = $name eq 'names-itself' ? '&iss=' . $provider->url($name) : '';
    my $answer = callback($login, "code=$code&state=$login->{state}$iss");
    my $one_time = parameter($answer->{header}{location}, 'oidc_code') // '';
    like($one_time, qr/^[0-9a-f]{64}\z/, "$name: a one-time code") or diag($answer->{header}{location});
    is($answer->{header}{location}, "/login?oidc_code=$one_time", "$name: at the login page");
    is($answer->{header}{'referrer-policy'}, 'no-referrer', "$name: not to be told on");
    like($answer->{header}{'set-cookie'}, qr{^\Q$login->{cookie}\E; Path=/oidc/$name; Max-Age=60; }, "$name: the cookie stays for that");
    my $exchanged = exchange($one_time, "/oidc/$name");
    is($exchanged->{status}, 200, "$name: is exchanged");
    is($exchanged->{header}{'cache-control'}, 'no-store', "$name: not to be kept");
    my ($jwt) = $exchanged->{body} =~ /^\{"token":"([^"]+)"\}\z/;
    my $payload = payload_of($jwt);
    is_deeply([ sort keys %$payload ], [qw(exp iat id)], "$name: a JWT of {id, iat, exp}");
    is($payload->{id}, 'alice', "$name: of that user");
    is($payload->{exp} - $payload->{iat}, 86400, "$name: for a day");
    is(status_of('/api/x', $jwt), 200, "$name: which the gate takes");
    my $again = exchange($one_time, "/oidc/$name");
    is($again->{status}, 400, "$name: once");
    is($again->{body}, '{"error":"Invalid or expired code"}', "$name: and says so");
    push @secrets, $code, $one_time, $jwt, @$login{qw(state nonce)}, $login->{cookie} =~ /=(.*)/;
}

is(exchange('')->{body}, '{"error":"Code required"}', 'an exchange needs a code');
is(ask($port, 'GET', '/oidc/good/exchange')->{status}, 400, 'really');
is(exchange('zz')->{body}, '{"error":"Invalid or expired code"}', 'a proper one');
is(ask($port, $_, '/oidc/good/exchange?code=x')->{status}, 405, "$_ spends nothing") for qw(POST HEAD);
is(ask($port, 'GET', '/oidc/good/other')->{status}, 404, 'there is nothing else');

# One winner.
{
    my $code = parameter(log_in($port, '/oidc/good')->{header}{location}, 'oidc_code');
    my @statuses = crowd(8, sub { my ($i, $start) = @_; $start->(); return exchange($code)->{status} });
    is(join(' ', sort @statuses), '200' . ' 400' x 7, 'a code has one winner');
    push @secrets, $code;
}

# State: once, of this browser, of this provider.
{
    my $login = begin_login($port, '/oidc/good');
    my $code = code_for($login);
    my $query = "code=$code&state=$login->{state}";
    my $error = '/login?oidc_error=invalid_state';
    is(ask($port, 'GET', "/oidc/good/callback?$query")->{header}{location}, $error, 'another browser has no use for a state');
    is(callback($login, $query)->{header}{location}, $error, 'which is gone by then');
    $login = begin_login($port, '/oidc/good');
    $query = 'code=' . code_for($login) . "&state=$login->{state}";
    is(callback({ %$login, path => '/oidc/es256' }, $query)->{header}{location}, $error, 'nor another provider');
    $login = begin_login($port, '/oidc/good');
    my $second = begin_login($port, '/oidc/good');
    $query = 'code=' . code_for($login) . "&state=$login->{state}";
    my $both = { %$login, cookie => "$second->{cookie}; $login->{cookie}" };
    like(callback($both, $query)->{header}{location}, qr/oidc_code=/, 'two tabs do not get into each other\'s way');
    is(callback($both, $query)->{header}{location}, $error, 'a state is good once');
    $query = 'code=' . code_for($second) . "&state=$second->{state}";
    like(callback($both, $query)->{header}{location}, qr/oidc_code=/, 'the other tab');
}

# What comes back is not what it should be.
for my $case (
    [ '', 'missing_params' ],
    [ 'code=x', 'missing_params' ],
    [ 'code=x&state=', 'missing_params' ],
    [ 'code=x&state=short', 'invalid_state' ],
    [ 'code=x&state=' . 'a' x 43, 'invalid_state' ],
) {
    my $answer = ask($port, 'GET', "/oidc/good/callback?$case->[0]");
    is($answer->{header}{location}, "/login?oidc_error=$case->[1]", "\"$case->[0]\" is $case->[1]");
}
{
    my $login = begin_login($port, '/oidc/good');
    is(callback($login, "error=access_denied&state=$login->{state}")->{header}{location}, '/login?oidc_error=access_denied',
        'the provider\'s own error is passed on');
    $login = begin_login($port, '/oidc/good');
    is(callback($login, "error=a+b&state=$login->{state}")->{header}{location}, '/login?oidc_error=server_error',
        'if it is one');
    $login = begin_login($port, '/oidc/good');
    is(callback($login, "error=%0d%0aSet-Cookie:x&state=$login->{state}")->{header}{location},
        '/login?oidc_error=missing_params', 'and not something to break out of a header with');
    for my $case ([ 'names-itself', '' ], [ 'names-itself', '&iss=http://127.0.0.1:1/x' ], [ 'good', '&iss=http://127.0.0.1:1/x' ]) {
        $login = begin_login($port, "/oidc/$case->[0]");
        my $code = code_for($login);
        is(callback($login, "code=$code&state=$login->{state}$case->[1]")->{header}{location},
            '/login?oidc_error=invalid_state', "$case->[0]: iss" . ($case->[1] ? ' of another provider' : ' is missing'));
    }
}

# A return path is on this site.
for my $case ([ '/trips/1?x=y', '/trips/1?x=y' ], [ '//evil.example', undef ], [ 'https://evil.example', undef ], [ '/\\evil', undef ]) {
    my ($path, $wanted) = @$case;
    my $login = begin_login($port, '/oidc/good', 'return=' . join '', map { sprintf '%%%02x', ord } split //, $path);
    my $code = code_for($login);
    is(parameter(callback($login, "code=$code&state=$login->{state}")->{header}{location}, 'return'), $wanted, "back to $path");
}

# The session in a cookie.
{
    my $login = begin_login($port, '/cookie', 'return=/trips');
    my $code = code_for($login);
    my $answer = callback($login, "code=$code&state=$login->{state}");
    is($answer->{header}{location}, '/trips', 'with a cookie the browser goes right back');
    my ($jwt) = $answer->{header}{'set-cookie'} =~ m{sid=([\w.-]+); Path=/; Max-Age=86400; HttpOnly; SameSite=Lax};
    ok($jwt, 'and has it');
    is(ask($port, 'GET', '/api/x', [ "Cookie: sid=$jwt" ])->{status}, 200, 'it is a session');
    my $out = ask($port, 'GET', '/cookie/logout', [ "Cookie: sid=$jwt" ]);
    like($out->{header}{'set-cookie'}, qr/^sid=; Path=\/; Max-Age=0/, 'which logout ends');
    push @secrets, $jwt, $code;
}

# Logout.
{
    my $out = ask($port, 'GET', '/oidc/good/logout')->{header}{location};
    like($out, qr{^\Q${\$provider->url('good')}\E/end\?}, 'logout goes to the provider');
    is(parameter($out, 'client_id'), 'gate', 'as this client');
    is(parameter($out, 'post_logout_redirect_uri'), "http://127.0.0.1:$port/login", 'and back');
    is(ask($port, 'GET', '/oidc/no-end-session/logout')->{header}{location}, '/login', 'or straight to the login page');
}

# MFA of the provider.
{
    my $with = session('/oidc/good', sub => 'with', claims => { amr => [qw(pwd mfa)] });
    my $without = session('/oidc/good', sub => 'without', claims => { amr => ['pwd'] });
    is(status_of('/mfa/x', $with), 200, 'a session that the provider saw two factors of has MFA');
    is(status_of('/mfa/x', $without), 403, 'another has not');
    is(status_of('/mfa/x', session('/oidc/good', claims => { acr => 'urn:mfa' })), 200, 'one with an acr that is trusted has it');
    is(status_of('/mfa/x', session('/oidc/good', claims => { acr => 'mfa' })), 403, 'which is not what an amr is');
    is(status_of('/mfa/x', session('/oidc/good', claims => { amr => 'otp' })), 200, 'one with an amr that is not in an array has it');
    is(status_of('/mfa/x', session('/oidc/good', claims => { amr => 'pwd otp' })), 403, 'if it is one value');
    is(status_of('/mfa/x', session('/oidc/good', userinfo => { amr => ['mfa'], acr => 'urn:mfa' })), 403, 'nor what userinfo says');
    my $same = jwt(payload_of($with));
    is(status_of('/api/x', $same), 200, 'another session of that user, of the same second,');
    is(status_of('/mfa/x', $same), 403, 'has not either');
    my ($token) = issue($port, $with, '/api/ws-token');
    is(ask($port, 'GET', "/mfa/x?token=$token")->{status}, 200, 'a token of the session has it too');
    ($token) = issue($port, $without, '/api/ws-token');
    is(ask($port, 'GET', "/mfa/x?token=$token")->{status}, 403, 'or has not');
    is_deeply([ sort keys %{ payload_of($with) } ], [qw(exp iat id)], 'the JWT says nothing of it');
    push @secrets, $with, $without;
}

# Many logins, one fetch.
is($provider->told('count/good/metadata'), 1, 'the metadata was fetched once');
is($provider->told('count/good/keys'), 1, 'so were the keys');

# Nothing of it is in a log, the page's own address included.
ask($port, 'GET', "/login?oidc_code=$secrets[1]", [ "Referer: http://127.0.0.1:$port/login?oidc_code=$secrets[1]" ]);
push @secrets, 'the client secret', @{ $provider->told('secrets') };
wait_for('the last request in the log', sub { text_of($gate->dir . '/access.log') =~ m{GET /login} });
my $logs = $gate->error_log . text_of($gate->dir . '/access.log');
is_deeply([ secrets_in($logs, @secrets) ], [], 'no secret is in the logs');
is_deeply([ secrets_in(text_of($gate->dir . '/all.log'), @secrets) ], [], 'nor in a log of its own format');

$gate->ends_well(signal => 'QUIT');
done_testing;
