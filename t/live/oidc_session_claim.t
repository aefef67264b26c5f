# Claims of the provider in the session's JWT, and whose second factor counts for it.
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
my $app      = AuthGateLive->start_app(
    http   => q{log_format app '$request_method $request_uri "$http_authorization"'; map $http_authorization $mfa { default true; }},
    server => q{access_log app.log app; location = /me { return 200 '{"user":{"id":"alice","role":"user","mfa_enabled":$mfa}}'; } location / { return 200 ok; }},
);
my $at = 'http://127.0.0.1:' . $app->port;

my $groups = 'session_claim groups=groups role=realm_access.roles.0; session_claim https://example.com/mail=email;';
sub http {
    my %more = @_;
    return join '', 'auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET;',
        provider_conf('plain',  $provider->url('good'), $port, 'trust_amr mfa;'),
        provider_conf('groups', $provider->url('good'), $port, $groups),
        provider_conf('strict', $provider->url('good'), $port, $more{strict} // 'trust_amr mfa; mfa provider; session_claim groups=groups;'),
        provider_conf('loose',  $provider->url('good'), $port, 'trust_amr mfa; mfa account;');
}
my $server = join '', (map { location_of($_) } qw(plain groups strict loose)), qq{
    location /cookie/ { auth_gate_oidc groups; auth_gate_oidc_session cookie:sid; }
    location /admins/ { auth_gate jwt token=ws; auth_gate_jwt_from bearer cookie:sid; auth_gate_require groups=admins; proxy_pass $at; }
    location = /token { auth_gate_issue ws; auth_gate_jwt_from bearer cookie:sid; }
    location = /_me   { internal; proxy_pass $at/me; proxy_set_header Authorization "Bearer \$auth_gate_jwt"; }
    location /mfa/    { auth_gate jwt token=ws; auth_gate_identity /_me cache=0; auth_gate_mfa always; proxy_pass $at; }
};
my $gate = AuthGateLive->start(port => $port, env => { CLIENT_SECRET => 'the client secret' }, http => http(), server => $server);

sub session {
    my ($name, %about) = @_;
    my $location = log_in($port, "/oidc/$name", %about)->{header}{location};
    my $code = parameter($location, 'oidc_code') // return parameter($location, 'oidc_error');
    return ask($port, 'GET', "/oidc/$name/exchange?code=$code")->{body} =~ /"token":"([^"]+)"/ ? $1 : 'no token';
}
sub text_in { return MIME::Base64::decode_base64url((split /\./, $_[0])[1]) }
sub status_of { my ($path, $jwt) = @_; return ask($port, 'GET', $path, ["Authorization: Bearer $jwt"])->{status} }
sub token_by { my ($jwt) = issue($port, $_[0]); return $jwt }

# Claims.
my %all = (groups => [qw(users admins)], realm_access => { roles => [qw(chief)] });
like(text_in(session('plain', userinfo => \%all)), qr/\A\{"id":"alice","iat":\d+,"exp":\d+\}\z/, 'no claims by default');
my $jwt = session('groups', userinfo => \%all);
like(text_in($jwt),
    qr/\A\{"id":"alice","iat":\d+,"exp":\d+,"groups":\["users","admins"\],"role":"chief","https:\/\/example.com\/mail":"alice\@example.test"\}\z/,
    'those that the site wants');
is(status_of('/admins/x', $jwt), 200, 'and requires');
is(ask($port, 'GET', '/admins/x?token=' . token_by($jwt))->{status}, 200, 'with a token, too');
like(text_in(session('groups')), qr/\A\{"id":"alice","iat":\d+,"exp":\d+,"https:[^,]*\}\z/, 'what is missing is left out');
is(status_of('/admins/x', session('groups')), 403, 'and is missed where it is required');
unlike(text_in(session('groups', userinfo => { email_verified => JSON::PP::false() })), qr/alice\@/, 'an address that is not verified is missing');
like(text_in(session('groups', userinfo => { groups => "a\r\n\"b" })), qr/"groups":"a\\r\\n\\"b"/, 'whatever a text has, it is JSON');
is(session('groups', userinfo => { groups => [ map { "group-$_" } 1 .. 100 ] }), 'server_error', 'there may be too many');
like($gate->error_log, qr/server_error: the claims that session_claim names are larger than 640 bytes/, 'and the log says so');
{
    my $answer = log_in($port, '/cookie', userinfo => \%all);
    my ($cookie) = $answer->{header}{'set-cookie'} =~ /(sid=[^;]+)/ or diag($answer->{header}{'set-cookie'});
    is(ask($port, 'GET', '/admins/x', ["Cookie: $cookie"])->{status}, 200, 'in a cookie, too');
}

# Whose second factor.
sub of_both { my ($name, @about) = @_; my $session = session($name, @about); return status_of('/mfa/x', $session) . ' ' . ask($port, 'GET', '/mfa/x?token=' . token_by($session))->{status} }
is(of_both('plain'),                    '200 200', 'the account\'s second factor is enough');
is(of_both('loose'),                    '200 200', 'as "mfa account" says');
is(of_both('strict'),                   '403 403', 'with "mfa provider" it is not, nor for a token');
is(of_both('strict', claims => { amr => ['mfa'] }), '200 200', 'but the provider\'s is');
is(of_both('strict', claims => { amr => ['pwd'] }), '403 403', 'which must be a second one');
is(status_of('/mfa/x', session_jwt('alice')), 200, 'a session of the application\'s is not asked for it');
my $kept = session('strict', userinfo => \%all);
like(text_in($kept), qr/\A\{"id":"alice","iat":\d+,"exp":\d+,"groups":\["users","admins"\]\}\z/, 'its claims say nothing of that');
is(status_of('/mfa/x', $kept), 403, 'a session');
$gate->reload(http => http(strict => 'mfa account;'), server => $server);
is(status_of('/mfa/x', $kept), 200, 'lasts as long as the line');
$gate->reload(http => http(), server => $server);
is(status_of('/mfa/x', $kept), 403, 'and no longer');
$gate->reload(http => http() =~ s/auth_gate_oidc_provider strict/auth_gate_oidc_provider other/r, server => $server =~ s/auth_gate_oidc strict/auth_gate_oidc other/r);
is(status_of('/mfa/x', $kept), 403, 'of a provider that is gone, nothing counts');

$gate->ends_well;
done_testing;
