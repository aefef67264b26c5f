# A login that begins on one host ends on another; its one-time code is exchanged at a third request anywhere, once.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateRedis;
use AuthGateTest::Jwt;
use Test::More;

my $redis    = AuthGateRedis->start;
my $provider = AuthGateOidc->scripted;
my $site     = free_port();    # what the browser sees of all hosts

sub host {
    my (%option) = @_;
    return AuthGateLive->start(
        %option,
        env    => { CLIENT_SECRET => 'the client secret' },
        http   => "auth_gate_zone zone=gate:1m tokens=100; auth_gate_secret env:JWT_SECRET; auth_gate_store unix:@{[$redis->socket]} timeout=10s;"
            . provider_conf('good', $provider->url('good'), $site),
        server => location_of('good') . 'location = /file { auth_gate jwt token=download; empty_gif; } location = /login { empty_gif; }'
            . 'location /cookie/ { auth_gate_oidc good; auth_gate_oidc_session cookie:sid; }',
    );
}
my ($one, $two) = (host(port => $site), host());
wait_for_store($_) for $one, $two;

# At a host, with the browser's cookies.
sub callback_at { my ($gate, $login, $query) = @_; return callback({ %$login, port => $gate->port }, $query)->{header}{location} }
sub exchange { my ($gate, $code) = @_; return ask($gate->port, 'GET', "/oidc/good/exchange?code=$code") }

my $login = begin_login($one->port, '/oidc/good', 'return=/trips/1');
my $code  = code_for($login);
my $where = callback_at($two, $login, "code=$code&state=$login->{state}");
like($where, qr/oidc_code=/, 'a login ends on another host');
is(callback_at($one, $login, "code=$code&state=$login->{state}"), '/login?oidc_error=invalid_state', 'a state is good once');
my $one_time = parameter($where, 'oidc_code');
my $answer   = exchange($one, $one_time);
is($answer->{status}, 200, 'its code is exchanged on the first one');
my ($jwt) = $answer->{body} =~ /"token":"([^"]+)"/;
is(ask($_->port, 'GET', '/file', ["Authorization: Bearer $jwt"])->{status}, 200, 'for a session on both') for $one, $two;
isnt(exchange($_, $one_time)->{status}, 200, 'once') for $one, $two;

# In another browser it is worth nothing, and gone.
$login = begin_login($one->port, '/oidc/good');
is(ask($two->port, 'GET', "/oidc/good/callback?code=x&state=$login->{state}")->{header}{location}, '/login?oidc_error=invalid_state', 'another browser has no use for a state');
is(callback_at($two, $login, 'code=' . code_for($login) . "&state=$login->{state}"), '/login?oidc_error=invalid_state', 'which is gone by then');

# Of many callbacks at once on both hosts, one wins.
$login = begin_login($two->port, '/oidc/good');
$code  = code_for($login);
my @places = crowd(8, sub {
    my ($i, $start) = @_;
    $start->();
    return callback_at($i % 2 ? $one : $two, $login, "code=$code&state=$login->{state}");
});
is(scalar(grep { /oidc_code=/ } @places), 1, 'of many callbacks one is answered with a code');

# Records end, and name neither state nor code.
my $keys = $redis->query('KEYS', '*');
is_deeply([ grep { $redis->query('PTTL', $_) < 0 } @$keys ], [], 'everything ends by itself');
is_deeply([ grep { index($_, $login->{state}) >= 0 } @$keys ], [], 'no key has a state');

# Without the store nobody can log in, and is told so.
$redis->kill;
wait_for('the hosts to notice', sub { !grep { $_->error_log !~ /is away/ } $one, $two });
$answer = ask($one->port, 'GET', '/oidc/good/login');
is("$answer->{status} $answer->{body}", '500 {"error":"OIDC login failed"}', 'while the store is away, a login fails with an error');
is(ask($one->port, 'GET', '/file', ["Authorization: Bearer $jwt"])->{status}, 200, 'those who are signed in go on');
$redis->again;
wait_for_store($one);
like(begin_login($one->port, '/oidc/good')->{state}, qr/\A[\w-]{43}\z/, 'when it is back, logins begin again');

$_->ends_well for $one, $two;
done_testing;
