# What a person sees of a login: what a link to it may ask, what is said when it fails, and where it leads in the end.
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
my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', 'auth_gate_secret env:JWT_SECRET;', map { provider_conf($_, $provider->url($_), $port) } qw(good token-refused))
        . provider_conf('chosen', $provider->url('good'), $port, 'pass domain_hint acr_values; parameter prompt login; parameter acr_values high;'),
    server => join('', location_of('chosen'), location_of('good'), location_of('token-refused'),
        'location /cookie/ { auth_gate_oidc good; auth_gate_oidc_session cookie:sid; }
        location /own/ { auth_gate_oidc good; auth_gate_jwt_from bearer cookie:app; } location / { empty_gif; }'),
);

# What the provider says.
my $description = 'AADSTS50105:+not+assigned+%3Cb%3E%0d%0a%5Bforged%5D+%22';
{
    my $login = begin_login($port, '/oidc/good');
    my $location = callback($login, "error=access_denied&error_description=$description&state=$login->{state}")->{header}{location};
    like($location, qr{^/login\?oidc_error=access_denied&oidc_error_description=[\w%.~-]+\z}, 'the page is told, in an escaped form');
    is(parameter($location, 'oidc_error_description'), 'AADSTS50105: not assigned <b>  [forged] "', 'what the provider says');
    like($gate->error_log, qr/failed: access_denied: the provider refused the login "AADSTS50105: not assigned <b>  \[forged\] \?"/,
        'and the log, in one line');
}
{
    my $login = begin_login($port, '/oidc/good');
    is(callback($login, "error=access_denied&error_description=%C3%BC%FF&state=$login->{state}")->{header}{location},
        '/login?oidc_error=access_denied&oidc_error_description=%3F%3F%3F', 'bytes that are no text do not fail the callback');
    is(callback($login, "error=access_denied&error_description=x&state=$login->{state}")->{header}{location},
        '/login?oidc_error=invalid_state', 'nobody is told anything with a state that is gone');
    is(ask($port, 'GET', '/oidc/good/callback?error=login_required&error_description=Call+555')->{header}{location},
        '/login?oidc_error=login_required', 'without a state, the standard\'s word is believed, and nothing else');
    is(ask($port, 'GET', '/oidc/good/callback?error=call_555')->{header}{location}, '/login?oidc_error=missing_params',
        'no other word is');
}
is(log_in($port, '/oidc/token-refused')->{header}{location}, '/login?oidc_error=token_failed', 'the token endpoint refuses');
like($gate->error_log, qr/token_failed: .*invalid_grant "AADSTS70008: too late \[made up\]"/, 'the log has why');

# What a link to the login may say to the provider.
{
    my $url = begin_login($port, '/oidc/chosen', 'login_hint=a%40b%20c&prompt=none&ui_locales=de+en&domain_hint=x&acr_values=low&state=mine'
        . '&scope=admin&redirect_uri=https://evil.example&max_age=1')->{url};
    is(parameter($url, 'login_hint'), 'a@b c', 'login_hint is passed on');
    is(parameter($url, 'ui_locales'), 'de en', 'as is ui_locales');
    is(parameter($url, 'domain_hint'), 'x', 'and what the configuration names');
    is(parameter($url, 'prompt'), 'login', 'but not what it sets itself');
    is(parameter($url, 'acr_values'), 'high', 'though it may also name it');
    is(scalar(() = $url =~ /[?&]$_=/g), 1, "$_ is there once") for qw(prompt acr_values state scope redirect_uri);
    unlike($url, qr/mine|admin|evil|max_age/, 'and nothing else is');
    $url = begin_login($port, '/oidc/good', 'prompt=create&prompt=none&login_hint=%zz&domain_hint=x')->{url};
    unlike($url, qr/prompt|login_hint|domain_hint/, 'what comes twice, or is no text, or is not named, is left');
    like(begin_login($port, '/oidc/good', 'prompt=select_account')->{url}, qr/&prompt=select_account/, 'prompt is passed on');
}

# Return paths.
my $longest = '/' . 'x' x 254;
like(begin_login($port, '/cookie', "return=$longest")->{url}, qr{/auth\?}, 'a return path of 255 bytes');
{
    my $answer = begin_login($port, '/cookie', "return=${longest}x")->{answer};
    is($answer->{status}, 400, 'a longer one is refused');
    is($answer->{body}, '{"error":"Return path too long"}', 'loudly');
    like($gate->error_log, qr/"good" failed: login: the return path is too long/, 'in the log, too');
}

# A callback that is opened again.
{
    my $login = begin_login($port, '/cookie', 'return=/trips/7%3Fa=b');
    my $query = 'code=' . code_for($login) . "&state=$login->{state}";
    my $first = callback($login, $query);
    is($first->{header}{location}, '/trips/7?a=b', 'a login leads where the person wanted');
    my $session = "sid=" . session_jwt(7);
    my $again = sub { ask($port, 'GET', "/cookie/callback?$query", [ map { "Cookie: $_" } @_ ])->{header}{location} };
    is($again->($session), '/trips/7?a=b', 'so does its callback when it is opened again') for 1 .. 2;
    is($again->(), '/login?oidc_error=invalid_state', 'without a session it does not');
    is($again->('sid=' . session_jwt(7) . 'x'), '/login?oidc_error=invalid_state', 'nor with a bad one');
    is($again->('other=' . session_jwt(7)), '/login?oidc_error=invalid_state', 'nor with another cookie');
    is(ask($port, 'GET', "/oidc/good/callback?$query", ["Cookie: $session"])->{header}{location},
        '/login?oidc_error=invalid_state', 'nor where sessions are no cookies');
    $login = begin_login($port, '/own', 'return=/trips/8');
    $query = 'code=' . code_for($login) . "&state=$login->{state}";
    like(callback($login, $query)->{header}{location}, qr{^/login\?oidc_code=\w+&return=%2Ftrips%2F8\z}, 'with a cookie of the application\'s');
    is(ask($port, 'GET', "/own/callback?$query", [ 'Cookie: app=' . session_jwt(7) ])->{header}{location}, '/trips/8', 'it is the same');
    is(ask($port, 'GET', '/cookie/callback?code=x&state=' . 'A' x 43, ["Cookie: $session"])->{header}{location}, '/',
        'one that is not known leads to the front page');
}
$gate->ends_well(signal => 'QUIT');
done_testing;
