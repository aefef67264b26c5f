# Who somebody is in the application: claims, or what the application answers.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();

# What the application says, and what becomes of it: an id, or an error.
my %answers = (
    integer  => [ 200, '{"id":7}',                                { id => 7 } ],
    text     => [ 201, '{"id":"seven","name":"x"}',               { id => 'seven' } ],
    refuses  => [ 403, '{"error":"registration_disabled"}',       { error => 'registration_disabled' } ],
    code     => [ 403, '{"error":"No!","code":"invite_expired"}', { error => 'invite_expired' } ],
    sentence => [ 400, '{"error":"You cannot."}',                 { error => 'server_error' } ],
    broken   => [ 500, '{"id":7}',                                { error => 'server_error' } ],
    nobody   => [ 200, '{}',                                      { error => 'server_error' } ],
    real     => [ 200, '{"id":1.5}',                              { error => 'server_error' } ],
    cut      => [ '200cut', '{"id":7}',                           { error => 'server_error' } ],
    html     => [ 200, '<h1>7</h1>',                              { error => 'server_error' } ],
    gone     => [ 0,   '',                                        { error => 'server_error' } ],
);
my $nowhere = free_port();

sub application {
    my $name = shift;
    my ($status, $body) = @{ $answers{$name} };
    my $url = $status ? $provider->url("application/$status/" . encode_base64url($body, '')) : "http://127.0.0.1:$nowhere";
    return "location = /_who/$name { internal; proxy_pass $url; }\n";
}

my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', 'auth_gate_secret env:JWT_SECRET;',
        (map { provider_conf($_, $provider->url('good'), $port, "user_id /_who/$_;") } keys %answers),
        provider_conf('email', $provider->url('good'), $port, 'user_id claim=email;'),
        provider_conf('nested', $provider->url('good'), $port, 'user_id claim=app.user_id;')),
    server => join('', (map { location_of($_) . application($_) } keys %answers), location_of('email'), location_of('nested')),
);

sub id_from {
    my ($name, $answer) = @_;
    my $code = parameter($answer->{header}{location}, 'oidc_code') // return;
    my ($jwt) = ask($port, 'GET', "/oidc/$name/exchange?code=$code")->{body} =~ /"token":"([^"]+)"/ or return;
    return payload_of($jwt)->{id};
}

for my $name (sort keys %answers) {
    my $wanted = $answers{$name}[2];
    my $answer = log_in($port, "/oidc/$name");
    is(parameter($answer->{header}{location}, 'oidc_error'), $wanted->{error}, "$name: the error") if $wanted->{error};
    is(id_from($name, $answer), $wanted->{id}, "$name: the id") if defined $wanted->{id};
}
is(id_from('email', log_in($port, '/oidc/email')), 'alice@example.test', 'a claim is the id');
is(id_from('nested', log_in($port, '/oidc/nested', userinfo => { app => { user_id => 12 } })), 12, 'also one within another');
is(parameter(log_in($port, '/oidc/nested')->{header}{location}, 'oidc_error'), 'server_error', 'but not when it is not there');

# What the application is asked.
{
    my $login = begin_login($port, '/oidc/integer', 'invite=abc+1');
    my $code = code_for($login);
    callback($login, "code=$code&state=$login->{state}", 'Authorization: Bearer x', 'X-Other: y');
    my $asked = $provider->told('asked')->[-1];
    is($asked->{method}, 'POST', 'the application is sent a POST');
    is($asked->{headers}{'content-type'}, 'application/json', 'of JSON');
    my $claims = JSON::PP->new->decode($asked->{body});
    is($claims->{sub}, 'alice', 'with the claims of the id_token');
    is($claims->{email}, 'alice@example.test', 'and of userinfo');
    is($claims->{iss}, $provider->url('good'), 'and the issuer');
    is($claims->{invite}, 'abc 1', 'and the invite that the login began with');
    ok(!exists $claims->{nonce}, 'without what is about this login only');
    is_deeply([ grep { exists $asked->{headers}{$_} } qw(authorization cookie x-other) ], [], 'and nothing of the client\'s');
}
is(ask($port, 'GET', '/_who/integer')->{status}, 404, 'the application\'s place is no client\'s');

my @secrets = ('the client secret', @{ $provider->told('secrets') });
is_deeply([ secrets_in($gate->error_log . text_of($gate->dir . '/access.log'), @secrets) ], [], 'no secret is in the logs');
$gate->ends_well;
done_testing;
