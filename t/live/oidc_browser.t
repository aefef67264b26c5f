# Other people's pages and hosts that have a browser in hand: what they can make of somebody's login.
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
    http => join('', 'auth_gate_secret env:JWT_SECRET;',
        (map { provider_conf($_, $provider->url($_), $port) } qw(good names-itself)),
        'auth_gate_oidc_provider secure { issuer ' . $provider->url('good') . '; client_id gate;'
            . ' client_secret env:CLIENT_SECRET; app_url https://app.example; }'),
    server => join('', (map { location_of($_) } qw(good names-itself secure)),
        'location /cookie/ { auth_gate_oidc secure; auth_gate_oidc_session cookie:__Host-sid; }'),
);

sub cookies_of { return map { $_->[1] } grep { $_->[0] eq 'set-cookie' } @{ $_[0]{headers} } }

sub finish { my ($login, @more) = @_; return callback($login, 'code=' . code_for($login) . "&state=$login->{state}", @more) }

sub code_of { my ($answer) = @_; return parameter($answer->{header}{location}, 'oidc_code') }

# What a page of the site does with a code, in the browser with these cookies.
sub exchange_in_page {
    my ($path, $code, @cookies) = @_;
    my @headers = ('Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Dest: empty',
        @cookies ? 'Cookie: ' . join '; ', @cookies : ());
    return ask($port, 'GET', "$path/exchange?code=$code", \@headers);
}

# On https no other host, and no plain http, can set the cookie that a flow is bound by.
for my $path ('/oidc/secure', '/cookie') {
    my $login = begin_login($port, $path);
    like($login->{answer}{header}{'set-cookie'},
        qr{^__Host-auth_gate_oidc_[0-9a-f]{16}=[\w-]{43}; Path=/; Max-Age=300; HttpOnly; SameSite=Lax; Secure\z},
        "$path: the cookie is this host's alone");
    my $planted = { %$login, cookie => $login->{cookie} =~ s/^__Host-//r };
    is(finish($planted)->{header}{location}, '/login?oidc_error=invalid_state', "$path: one of a name that others can set is none");
}

# A code that came to another browser is of no use to a page: nobody signs in as whoever sent the link.
for my $path ('/oidc/good', '/oidc/secure') {
    my $mallory = begin_login($port, $path);
    my $code = code_of(finish($mallory));
    my $alice = begin_login($port, $path);
    my $answer = exchange_in_page($path, $code, $alice->{cookie});
    is($answer->{status}, 400, "$path: a page in another browser gets nothing for a code");
    is($answer->{body}, '{"error":"Invalid or expired code"}', "$path: and is told so");
    is(exchange_in_page($path, $code, $mallory->{cookie})->{status}, 400, "$path: the code is gone by then");

    my $callback = finish($mallory = begin_login($port, $path));
    my ($cookie, @more) = cookies_of($callback);
    my ($value) = $mallory->{cookie} =~ /=(.*)/;
    like($cookie, qr/^\w[\w-]*_[0-9a-f]{16}=\Q$value\E; .*Max-Age=60; /, "$path: the cookie stays for as long as the code");
    is(scalar @more, 0, "$path: and no other comes");
    $answer = exchange_in_page($path, code_of($callback), 'other=1', $alice->{cookie}, $mallory->{cookie});
    is($answer->{status}, 200, "$path: a page in the browser that logged in gets the session");
    my ($name) = $mallory->{cookie} =~ /^([^=]+)/;
    like(join("\n", cookies_of($answer)), qr/^\Q$name\E=; Path=\S+; Max-Age=0; [^\n]*\z/, "$path: and the cookie goes");
    is(ask($port, 'GET', "$path/exchange?code=" . code_of(finish(begin_login($port, $path))))->{status}, 200,
        "$path: who is no browser needs no cookie");
    is(ask($port, 'GET', "$path/exchange?code=" . code_of(finish(begin_login($port, $path))), ['Sec-Fetch-Site: cross-site'])->{status},
        200, "$path: nor does an application of the same provider elsewhere");
}

# With the session in a cookie the flow's own goes at once.
{
    my $login = begin_login($port, '/cookie');
    my @cookies = cookies_of(finish($login));
    my ($name) = $login->{cookie} =~ /^([^=]+)/;
    is(scalar(grep { /^\Q$name\E=; Path=\/; Max-Age=0; / } @cookies), 1, 'the flow\'s cookie goes');
    is(scalar(grep { /^__Host-sid=[\w.-]+; Path=\/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure\z/ } @cookies), 1, 'and the session comes');
}

# Of a page that is fetched before anybody goes there, and perhaps nobody does, nothing comes about.
for my $header ('Sec-Purpose: prefetch', 'Sec-Purpose: prefetch;prerender', 'Purpose: prefetch', 'X-Moz: prefetch') {
    my $early = sub {
        my ($path, $cookie) = @_;
        my $answer = ask($port, 'GET', $path, [ $header, $cookie ? "Cookie: $cookie" : () ]);
        is($answer->{status}, 503, "$header: " . $path =~ s/\?.*//r);
        is($answer->{header}{$_->[0]}, $_->[1], "$header: $_->[0]")
            for [ 'set-cookie', undef ], [ 'cache-control', 'no-store' ], [ 'referrer-policy', 'no-referrer' ];
    };
    $early->('/cookie/login');
    $early->('/cookie/logout', 'sid=x');
    my $login = begin_login($port, '/oidc/good');
    $early->("/oidc/good/callback?code=" . code_for($login) . "&state=$login->{state}", $login->{cookie});
    my $code = code_of(finish($login));
    ok($code, "$header: the state is still good");
    $early->("/oidc/good/exchange?code=$code", $login->{cookie});
    is(exchange_in_page('/oidc/good', $code, $login->{cookie})->{status}, 200, "$header: so is the code");
}

# A service worker's preload is the navigation itself.
{
    my $login = begin_login($port, '/oidc/good');
    ok(code_of(finish($login, 'Service-Worker-Navigation-Preload: true')), 'a preload ends a login');
}

# An error is the provider's only when it says so, where it does (RFC 9207, 2.4).
for my $case (
    [ 'names-itself', '', 'invalid_state' ],
    [ 'names-itself', '&iss=http://127.0.0.1:1/x', 'invalid_state' ],
    [ 'names-itself', '&iss=' . $provider->url('names-itself'), 'access_denied' ],
    [ 'good', '&iss=http://127.0.0.1:1/x', 'invalid_state' ],
    [ 'good', '', 'access_denied' ],
) {
    my ($name, $iss, $error) = @$case;
    my $login = begin_login($port, "/oidc/$name");
    my $answer = callback($login, "error=access_denied&state=$login->{state}$iss");
    is($answer->{header}{location}, "/login?oidc_error=$error", "$name: an error with \"$iss\"");
    like($answer->{header}{'set-cookie'}, qr/=; Path=\S+; Max-Age=0; /, "$name: ends the flow");
}

# Whoever has a state can bring any code, and fill no error log with that.
{
    my $login = begin_login($port, '/oidc/good');
    my $invalid = code_for({ %$login, code_challenge => 'another' });
    is(callback($login, "code=$invalid&state=$login->{state}")->{header}{location}, '/login?oidc_error=token_failed', 'a code that is none');
    my ($line) = grep { /token_failed/ } split /\n/, $gate->error_log;
    like($line, qr/\[info\].*"good" failed: token_failed: .*status 400, invalid_grant/, 'is said at level info');
    unlike($gate->error_log, qr/\[error\]/, 'nothing of all this is an error of nginx\'s');
}
$gate->ends_well(signal => 'QUIT');
done_testing;
