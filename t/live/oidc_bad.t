# Providers that answer badly: each ends in the contract's error and a line in the log, and nothing leaks.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();

# Scripts of t/lib/scripted-provider.mjs, the error that they end in, and what the log says. Where one never answers, the
# timeout is long enough for what is asked before.
my @callbacks = (
    [ 'wrong-issuer',       'id_token_invalid', qr/issuer/ ],
    [ 'wrong-key',          'id_token_invalid', qr/signature/ ],
    [ 'unknown-key',        'id_token_invalid', qr/key/ ],
    [ 'wrong-nonce',        'id_token_invalid', qr/nonce/ ],
    [ 'no-nonce',           'id_token_invalid', qr/nonce/ ],
    [ 'wrong-audience',     'id_token_invalid', qr/aud|client/ ],
    [ 'wrong-party',        'id_token_invalid', qr/azp/ ],
    [ 'clock-behind',       'id_token_invalid', qr/expired|ago/ ],
    [ 'clock-ahead',        'id_token_invalid', qr/future/ ],
    [ 'wrong-at-hash',      'id_token_invalid', qr/at_hash|access token/ ],
    [ 'no-subject',         'id_token_invalid', qr/sub/ ],
    [ 'hs256',              'id_token_invalid', qr/algorithm/ ],
    [ 'none',               'id_token_invalid', qr/algorithm/ ],
    [ 'cut-id-token',       'id_token_invalid', qr/./ ],
    [ 'no-id-token',        'no_id_token',      qr/id_token/ ],
    [ 'other-subject',      'subject_mismatch', qr/sub/ ],
    [ 'no-email',           'no_email',         qr/./, 'user_id claim=email;' ],
    [ 'unverified-email',   'no_email',         qr/verified/, 'user_id claim=email;' ],
    [ 'token-injects',      'token_failed',     qr/access_token/ ],
    [ 'token-500',          'token_failed',     qr/500/ ],
    [ 'token-html',         'token_failed',     qr/JSON/ ],
    [ 'token-huge',         'token_failed',     qr/large/ ],
    [ 'token-slow',         'token_failed',     qr/[Tt]ime/, 'timeout 2s;' ],
    [ 'token-truncated',    'token_failed',     qr/requesting tokens/ ],
    [ 'token-reset',        'token_failed',     qr/requesting tokens/ ],
    [ 'token-redirect',     'token_failed',     qr/302/ ],
    [ 'token-refused',      'token_failed',     qr/invalid_grant/ ],
    [ 'client-refused',     'token_failed',     qr/invalid_client/ ],
    [ 'token-empty',        'token_failed',     qr/JSON/ ],
    [ 'keys-500',           'server_error',     qr/500/ ],
    [ 'keys-html',          'server_error',     qr/JWK/ ],
    [ 'keys-huge',          'server_error',     qr/large/ ],
    [ 'keys-slow',          'server_error',     qr/[Tt]ime/, 'timeout 2s;' ],
    [ 'keys-truncated',     'server_error',     qr/keys/ ],
    [ 'userinfo-500',       'server_error',     qr/500/ ],
    [ 'userinfo-html',      'server_error',     qr/JSON/ ],
    [ 'userinfo-huge',      'server_error',     qr/large/ ],
    [ 'userinfo-slow',      'server_error',     qr/[Tt]ime/, 'timeout 2s;' ],
    [ 'userinfo-truncated', 'server_error',     qr/userinfo/ ],
);

# What whoever has an account there, or a state, can bring about: no error of nginx's.
my %of_clients = map { $_ => 1 } qw(unverified-email token-refused);

# Here nobody gets as far as the provider.
my @logins = (
    [ 'metadata-500',          qr/500/ ],
    [ 'metadata-html',         qr/JSON/ ],
    [ 'metadata-huge',         qr/large/ ],
    [ 'metadata-slow',         qr/[Tt]ime/, 'timeout 300ms;' ],
    [ 'metadata-truncated',    qr/metadata/ ],
    [ 'metadata-reset',        qr/metadata/ ],
    [ 'metadata-redirect',     qr/302/ ],
    [ 'metadata-empty',        qr/JSON/ ],
    [ 'metadata-wrong-issuer', qr/issuer/ ],
    [ 'metadata-insecure',     qr/https.*token_endpoint/ ],
    [ 'unheard-of',            qr/404/ ],
);

my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', 'auth_gate_secret env:JWT_SECRET;',
        map { my ($name, @rest) = @$_; provider_conf($name, $provider->url($name), $port, grep { !ref } @rest[1 .. $#rest]) }
            @callbacks, map { [ $_->[0], 0, @$_[1 .. $#$_] ] } @logins),
    server => join('', (map { location_of($_->[0]) } @callbacks, @logins), 'location / { empty_gif; }'),
);

sub new_lines { my $before = shift; return substr $gate->error_log, $before }

my @secrets = ('the client secret');
for my $case (@callbacks) {
    my ($name, $error, $why) = @$case;
    my $before = length $gate->error_log;
    my $login = begin_login($port, "/oidc/$name");
    is($login->{answer}{status}, 302, "$name: login") or diag($gate->error_log);
    my $code = code_for($login);
    my $answer = callback($login, "code=$code&state=$login->{state}");
    is($answer->{header}{location}, "/login?oidc_error=$error", "$name is $error");
    is($answer->{body}, '', "$name: and no more");
    my $level = $of_clients{$name} ? 'info' : 'error';
    my @lines = grep { /\[$level\]/ } split /\n/, new_lines($before);
    ok((grep { $_ =~ $why && /\Q"$name"\E/ } @lines), "$name: the log says why") or diag(join "\n", @lines);
    is(scalar(grep { /failed: $error/ } @lines), 1, "$name: in a line");
    push @secrets, $code, @$login{qw(state nonce)}, $login->{cookie} =~ /=(.*)/;
}

for my $case (@logins) {
    my ($name, $why) = @$case;
    my $before = length $gate->error_log;
    my $answer = begin_login($port, "/oidc/$name")->{answer};
    is($answer->{status}, 500, "$name: no login");
    is($answer->{body}, '{"error":"OIDC login failed"}', "$name: and says so");
    is($answer->{header}{'set-cookie'}, undef, "$name: nothing is begun");
    like(new_lines($before), $why, "$name: the log says why");
}

# A code that was used already.
{
    my $name = 'wrong-audience';
    my $login = begin_login($port, "/oidc/$name");
    my $code = code_for($login);
    callback($login, "code=$code&state=$login->{state}");
    my $second = begin_login($port, "/oidc/$name");
    is(callback($second, "code=$code&state=$second->{state}")->{header}{location}, '/login?oidc_error=token_failed',
        'a replayed code is token_failed');
}

# A key that is unknown, or does not fit, makes the gate ask for the keys, not each time.
for my $name (qw(unknown-key wrong-key)) {
    is($provider->told("count/$name/keys"), 2, "$name: the keys are fetched again");
    for (1 .. 3) {
        my $login = begin_login($port, "/oidc/$name");
        my $code = code_for($login);
        is(callback($login, "code=$code&state=$login->{state}")->{header}{location}, '/login?oidc_error=id_token_invalid', "$name: no login");
    }
    is($provider->told("count/$name/keys"), 2, "$name: but not again and again");
}

push @secrets, @{ $provider->told('secrets') };
my $logs = $gate->error_log . text_of($gate->dir . '/access.log');
is_deeply([ secrets_in($logs, @secrets) ], [], 'no secret is in the logs');

$gate->ends_well(signal => 'QUIT');
done_testing;
