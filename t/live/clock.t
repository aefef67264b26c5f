# The time is read where nginx's own clock stands still: here it is set at the start and never again.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use MIME::Base64 ();
use Test::More;

my $app  = AuthGateLive->start_app;
my $port = $app->port;
my $gate = AuthGateLive->start(
    main => 'timer_resolution 1000s;',
    http => q{
        auth_gate_zone zone=gate:1m tokens=100;
        auth_gate_secret env:JWT_SECRET;
        auth_gate_purpose short ttl=1s;
    },
    server => qq{
        location = /token { auth_gate_issue short; }
        location = /file  { auth_gate token=short; proxy_pass http://127.0.0.1:$port; }
        location = /api   { auth_gate jwt; add_header X-Jwt \$auth_gate_jwt; proxy_pass http://127.0.0.1:$port; }
    },
);
my $started = time;
wait_for('nginx\'s clock to be old', sub { time > $started + 1 });

sub answer_to { return ask($gate->port, 'GET', '/api', ['Authorization: Bearer ' . session_jwt(7, @_)]) }

is(answer_to(nbf => time)->{status}, 200, 'a JWT that begins now is good');
is(answer_to(iat => time)->{status}, 200, 'so is one that was issued now');
is(answer_to(iat => time + 55)->{status}, 200, 'or nearly a minute ahead');
is(answer_to(iat => time + 120)->{status}, 401, 'but not two minutes');
is(answer_to(exp => time)->{status}, 401, 'a JWT that ends now is not');
is(answer_to(nbf => time + 30)->{status}, 401, 'nor is one that has not begun');

my $jwt = answer_to()->{header}{'x-jwt'};
my ($iat) = MIME::Base64::decode_base64url((split /\./, $jwt)[1]) =~ /"iat":(\d+)/;
cmp_ok(abs($iat - time), '<=', 1, 'the gate signs with the time of now');

my ($token) = issue($gate->port, session_jwt(7));
ok($token, 'a token is issued');
my $issued = time;
wait_for('the token to expire', sub { time > $issued + 2 });
is(redeem($gate->port, $token)->{status}, 401, 'a token expires in its time');
($token) = issue($gate->port, session_jwt(7));
is(redeem($gate->port, $token)->{status}, 200, 'and not before');

$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
