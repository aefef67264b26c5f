# A site says by its configuration which of its users the provider's people are: by a map, or by a question in a URL.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use Test::More;

my $provider = AuthGateOidc->scripted;
my $port     = free_port();

# An application that finds users by what a URL says, and some of whose answers are not about one user.
my $app = AuthGateLive->start_app(
    http => q{
        log_format app '$request_method $request_uri "$http_x_name" $http_content_length';
        map $arg_email $found {
            alice%40example.test   '[{"id":5}]';
            a%26id%3D1%2Bb%40c.d   '[{"id":"six"}]';
            twins%40example.test   '[{"id":5},{"id":6}]';
            nobody%40example.test  '[]';
            odd%40example.test     '[{"name":"x"}]';
            default                '[{"id":1}]';
        }},
    server => q{
        access_log app.log app;
        location = /users         { return 200 $found; }
        location = /wrapped       { return 200 '{"data":$found}'; }
        location ~ ^/users/alice$ { return 200 '{"id":7}'; }
        location /users/          { return 404 '{"message":"not found"}'; }
    },
);
my $at = 'http://127.0.0.1:' . $app->port;

my %blocks = (
    mapped   => 'user_id $user;',
    braced   => 'user_id ${user};',
    integer  => 'user_id $number type=integer;',
    string   => 'user_id $user type=string;',
    group    => 'user_id $by_group;',
    claim    => 'user_id $auth_gate_oidc_claim_ref;',
    numeral  => 'user_id $auth_gate_oidc_claim_ref type=integer;',
    path     => 'user_id claim=app.ref type=integer;',
    email    => 'user_id $auth_gate_oidc_claim_email;',
    stored   => 'user_id $stored;',
    captured => 'user_id $name;',
    ignoring => 'user_id $auth_gate_oidc_claim_employeeNumber;',
    found    => 'user_id /_found method=GET id=0.id;',
    wrapped  => 'user_id /_wrapped method=GET id=data.0.id;',
    posted   => 'user_id /_posted id=0.id;',
    segment  => 'user_id /_segment method=GET;',
    fixed    => 'user_id /_fixed method=GET id=0.id;',
    early    => 'user_id /_early method=GET id=0.id;',
    client   => 'user_id $from_client;',
    nested   => 'user_id $outer;',
    anew     => 'user_id $inner;',
);
my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => join('', q[auth_gate_secret env:JWT_SECRET; log_format who '$request_method "$auth_gate_oidc_claim_email"'; access_log who.log who;
        map $auth_gate_oidc_claim_email $user { alice@example.test 42; bob@example.test bob; zero@example.test 007; big@example.test 9007199254740993;
            odd@example.test "a] . "\xff" . q["; default ""; }
        map $arg_user $from_client { default $arg_user; } map $auth_gate_oidc_claim_email $inner { alice@example.test 42; default ""; }
        map $inner $outer { 42 42; default 1; } map $auth_gate_oidc_claim_email $mail { default $auth_gate_oidc_claim_email; }
        map $auth_gate_oidc_claim_ref $number { default $auth_gate_oidc_claim_ref; }
        map $auth_gate_oidc_claim_groups $by_group { ~"admins" 1; default 2; }],
        map { provider_conf($_, $provider->url('good'), $port, $blocks{$_}) } keys %blocks),
    server => join('', (map { location_of($_) } keys %blocks), qq{
        set \$stored 1;
        set \$early "\$mail \$inner";
        location = /_fixed   { internal; proxy_pass $at/users?email=; }
        location = /_early   { internal; proxy_pass $at/users?email=\$mail; }
        location /x/ { rewrite ^/x/(?<name>.*)\$ /oidc/captured/\$name last; }
        location = /_found   { internal; proxy_set_header X-Name \$auth_gate_oidc_claim_name; proxy_pass $at/users?email=\$auth_gate_oidc_claim_email; }
        location = /_wrapped { internal; proxy_pass $at/wrapped?email=\$auth_gate_oidc_claim_email; }
        location = /_posted  { internal; proxy_method GET; proxy_pass $at/users?email=\$auth_gate_oidc_claim_email; }
        location = /_segment { internal; proxy_pass $at/users/\$auth_gate_oidc_claim_name; }
        location / { add_header X-Email "<\$auth_gate_oidc_claim_email>"; empty_gif; }}),
);

# The session's id, with quotes if it is a string; or the error.
sub id_by {
    my ($name, %about) = @_;
    my $location = log_in($port, "/oidc/$name", userinfo => \%about)->{header}{location};
    my $code = parameter($location, 'oidc_code') // return parameter($location, 'oidc_error');
    my ($jwt) = ask($port, 'GET', "/oidc/$name/exchange?code=$code")->{body} =~ /"token":"([^"]+)"/ or return 'no token';
    return MIME::Base64::decode_base64url((split /\./, $jwt)[1]) =~ /\A\{"id":(.*),"iat":\d+,"exp":\d+\}\z/ ? $1 : 'another payload';
}

sub mail { my $name = shift; return (email => $name =~ /@/ ? $name : "$name\@example.test", email_verified => JSON::PP::true(), @_) }

# By a map.
is(id_by('mapped', mail('alice')), '42', 'a map makes an integer of digits');
is(id_by('braced', mail('alice')), '42', 'however the variable is written');
is(id_by('mapped', mail('bob')), '"bob"', 'and a string of other text');
is(id_by('mapped', mail('zero')), '"007"', 'as of what is no integer in JSON');
is(id_by('mapped', mail('big')), 'server_error', 'an integer that readers of JSON round is none');
is(id_by('string', mail('big')), '"9007199254740993"', 'but a string, if the site says so');
is(id_by('mapped', mail('odd')), 'server_error', 'nor is what is no UTF-8');
is(id_by('string', mail('alice')), '"42"', 'type=string');
is(id_by('mapped', mail('mallory')), 'registration_disabled', 'an empty value refuses');
is(id_by('mapped', email => 'alice@example.test', email_verified => JSON::PP::false()), 'registration_disabled', 'as does an address that is not verified');
is(id_by('mapped', email => [ 'alice@example.test' ], email_verified => JSON::PP::true()), 'registration_disabled', 'or that is no text');
is(id_by('mapped', EMAIL => 'alice@example.test', email => undef, email_verified => JSON::PP::true()), 'registration_disabled', 'or has another name');
is(id_by('group', mail('alice', groups => [qw(users admins)])), '1', 'a map over a list');
is(id_by('group', mail('alice', groups => [qw(users)])), '2', 'and its default');

# A claim alone.
is(id_by('claim', ref => 7), '7', 'a claim keeps its type');
is(id_by('claim', ref => '7'), '"7"', 'also of digits in a string');
is(id_by('numeral', ref => '7'), '7', 'type=integer');
is(id_by('path', app => { ref => '7' }), '7', 'of a claim at a path, too');
is(id_by('path', app => { ref => 'x' }), 'server_error', 'which must be one');
is(id_by('numeral', ref => '9223372036854775807'), '9223372036854775807', 'of 64 bits');
is(id_by('numeral', ref => $_), 'server_error', "$_ is none") for '9223372036854775808', '1e3', '+7', '07', '7.0', '-7', ' 7';
is(id_by('integer', ref => $_), 'server_error', "nor by a map: $_") for '1e3', '0x7', '07';
is(id_by('claim', ref => $_), 'server_error', 'what no id can be is none as text') for [7], { a => 7 }, JSON::PP::true(), 1.5;
is(id_by('claim', ref => "a\r\nX-Admin: 1"), 'registration_disabled', 'nor is what has control characters');
is(id_by('claim', ref => 'x' x 256), 'server_error', 'nor what is too long');
is(id_by('claim', ref => ''), 'registration_disabled', 'or empty');
is(id_by('claim'), 'registration_disabled', 'or not there');
is(id_by('ignoring', employeeNumber => 'E7'), '"E7"', 'letter case does not matter');
is(id_by('email', mail('alice')), '"alice@example.test"', 'a verified address');
is(id_by('email', email => 'alice@example.test', email_verified => JSON::PP::false()), 'no_email', 'or none');

# What a client or the configuration has stored before is not about the person.
is(id_by('stored', mail('alice')), 'server_error', 'a variable of set');
{
    my $login = begin_login($port, '/oidc/captured');
    my $code = code_for($login);
    my $answer = ask($port, 'GET', "/x/callback?code=$code&state=$login->{state}", [ "Cookie: $login->{cookie}" ]);
    is($answer->{header}{location}, '/login?oidc_error=server_error', 'a capture');
}

# Nor is what does not come from the claims, or did so too early.
{
    my $login = begin_login($port, '/oidc/client');
    is(callback($login, 'code=' . code_for($login) . "&state=$login->{state}&user=1")->{header}{location}, '/login?oidc_error=server_error',
        'a map of what a client sets');
    like($gate->error_log, qr/server_error: the variable \$from_client does not use the user's claims/, 'and the log says so');
    is(id_by('anew', mail('alice')), '42', 'a map that was computed before is computed anew');
    is(id_by('nested', mail('alice')), 'server_error', 'a map of a map that was computed before the claims were known');
    is(id_by('early', mail('alice')), 'server_error', 'a question with such a map');
    is(id_by('fixed', mail('alice')), 'server_error', 'or without any claim');
    like($gate->error_log, qr/server_error: user_id's location does not use the user's claims/, 'and the log says so');
}

# By a question.
is(id_by('found', mail('alice', name => 'A')), '5', 'the application finds who it is');
is(($app->requests)[-1], 'GET /users?email=alice%40example.test "A" -', 'by a GET without a body');
is(id_by('found', mail('a&id=1+b@c.d', name => "x y/z")), '"six"', 'a claim is escaped');
is(($app->requests)[-1], 'GET /users?email=a%26id%3D1%2Bb%40c.d "x%20y%2Fz" -', 'wherever it goes');
is(id_by('found', mail('twins', name => 'A')), 'server_error', 'two users are none');
like($gate->error_log, qr/server_error: the application answered 200 with more than one user/, 'and the log says so');
is(id_by('found', mail('nobody', name => 'A')), 'registration_disabled', 'and an empty list is nobody');
is(id_by('found', mail('odd', name => 'A')), 'server_error', 'a user without an id');
is(id_by('wrapped', mail('alice')), '5', 'a list within an answer');
is(id_by('wrapped', mail('twins')), 'server_error', 'of one');
is(id_by('posted', mail('alice')), '5', 'the location chooses the method, too');
is(id_by('found', email => 'alice@example.test', email_verified => JSON::PP::false(), name => 'A'), 'no_email',
    'a question without the address would be another one: the answer does not count');
like($gate->error_log, qr/user_id's location uses the claim "email", which the user lacks/, 'and the log says why');
is(id_by('found', mail('alice')), 'registration_disabled', 'whatever claim it is');
is(id_by('segment', name => 'alice'), '7', 'a claim in a path');
is(id_by('segment', name => 'bob'), 'registration_disabled', 'where 404 is nobody');
is(id_by('segment', name => $_), 'registration_disabled', "\"$_\" leads nowhere else") for '..', '.', '', '../users/alice', 'x/..', 'a\\..\\b';
is(id_by('segment', name => 'x/y'), 'registration_disabled', 'nor does a slash');
is(($app->requests)[-1], 'GET /users/x%2Fy "-" -', 'which is escaped');

is(ask($port, 'GET', '/', [])->{header}{'x-email'}, '<>', 'elsewhere, the variables are empty');
like(text_of($gate->dir . '/who.log'), qr/^GET "alice\@example\.test"$/m, 'a callback\'s log has them');
$gate->ends_well;
done_testing;
