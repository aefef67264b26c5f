# Two nginx with one Redis are one gate: a token that one issues, the other redeems, once. All under the ACL that the
# README gives.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateRedis;
use AuthGateTest::Jwt;
use MIME::Base64 qw(decode_base64url);
use Test::More;

my $redis = AuthGateRedis->start(
    config => ['user default on >root ~* &* +@all', AuthGateRedis::least_acl('gate', 'pass:word', 'site:')],
    auth   => ['root'],
);
my $app = AuthGateLive->start_app(
    http   => q{log_format app '$request_method $request_uri "$http_authorization"';},
    server => q{access_log app.log app; location / { return 200 "$http_authorization"; }},
);

sub gate {
    return AuthGateLive->start(
        workers => 2,
        listen  => 'reuseport',
        http    => qq{
            auth_gate_zone zone=gate:1m tokens=50 per_user=5;
            auth_gate_secret env:JWT_SECRET;
            auth_gate_store unix:@{[$redis->socket]} user=gate password=env:STORE_PASSWORD prefix=site: timeout=10s;
            auth_gate_purpose image ttl=60s lease=60s;
            auth_gate_purpose short ttl=1s;
            auth_gate_purpose agent ttl=60s lease=60s bind=agent;
            auth_gate_purpose place ttl=60s bind=path;
        },
        env    => { STORE_PASSWORD => 'pass:word' },
        main   => 'env STORE_PASSWORD;',
        server => file_gate($app->port) . qq{
            location = /claim { auth_gate token=download; auth_gate_require role=admin; proxy_set_header Authorization "\$auth_gate_user_id \$auth_gate_claim_role"; proxy_pass http://127.0.0.1:@{[$app->port]}; }
            location = /image { auth_gate token=image; proxy_pass http://127.0.0.1:@{[$app->port]}; }
            location = /image-token { auth_gate_issue image; }
            location = /short { auth_gate token=short; proxy_pass http://127.0.0.1:@{[$app->port]}; }
            location = /short-token { auth_gate_issue short; }
            location = /agent { auth_gate token=agent; proxy_pass http://127.0.0.1:@{[$app->port]}; }
            location /place/ { auth_gate token=place,download; proxy_pass http://127.0.0.1:@{[$app->port]}; }
            location = /tokens { auth_gate_issue agent place download; }
        },
    );
}
my ($one, $two) = map { gate() } 1, 2;
wait_for_store($_) for $one, $two;

my ($token) = issue($one->port, session_jwt(1));
like($token, qr/\A[0-9a-f]{64}\z/, 'one host issues a token');
is(redeem($two->port, $token)->{status}, 200, 'the other redeems it');
is(redeem($_->port, $token)->{status}, 401, 'once') for $one, $two;
like($one->error_log, qr/the token was used before/, 'a used token is told from');
is(redeem($one->port, 'a' x 64)->{status}, 401, '... one that there never was');
like($one->error_log, qr/the token is unknown/, 'in the log');

# What judge() says of tokens in shared memory, Redis says.
($token) = issue($one->port, session_jwt(2));
is(ask($two->port, 'HEAD', "/file?token=$token")->{status}, 200, 'HEAD is let in');
is(redeem($two->port, $token)->{status}, 200, 'and spends nothing');
($token) = issue($one->port, session_jwt(2));
is(redeem($two->port, $token, '/image')->{status}, 401, 'a token for something else is refused');
is(redeem($two->port, $token)->{status}, 401, 'and spent');
($token) = issue($one->port, session_jwt(2));
is(ask($two->port, 'HEAD', "/image?token=$token")->{status}, 401, 'by HEAD it is refused');
is(redeem($two->port, $token)->{status}, 200, 'and not spent');
($token) = issue($one->port, session_jwt(3), '/image-token');
is(redeem($two->port, $token, '/image')->{status}, 200, 'a lease begins');
is(redeem($two->port, $token, '/image')->{status}, 200, 'goes on') for 1, 2;
is(ask($two->port, 'HEAD', "/image?token=$token")->{status}, 200, 'for HEAD too');
is(ask($two->port, 'POST', "/image?token=$token")->{status}, 401, 'but not for another kind of request');
is(redeem($two->port, $token, '/image')->{status}, 200, 'which does not end it');
($token) = issue($one->port, session_jwt(3), '/short-token');
wait_for('its end', sub { !grep { ($redis->query('GET', $_) // '') =~ /^L/ } @{ $redis->query('KEYS', 'site:{gate}:t:*') } });
is(redeem($two->port, $token, '/short')->{status}, 401, 'a token ends by itself');

# Bound to a path and a method, or a lease to an agent.
sub issue_for {
    my ($gate, $body) = @_;
    my $answer = ask($gate->port, 'POST', '/tokens', ['Authorization: Bearer ' . session_jwt(4), 'Content-Type: application/json'], $body);
    return $answer->{body} =~ /"token":"([0-9a-f]{64})"/ ? $1 : $answer->{body};
}
for my $purpose (qw(place download)) {
    my $body = qq({"purpose":"$purpose","path":"/place/a"});
    is(redeem($two->port, issue_for($one, $body), '/place/a')->{status}, 200, "$purpose: a token for a path is good there");
    $token = issue_for($one, $body);
    is(ask($two->port, 'HEAD', "/place/b?token=$token")->{status}, 401, "$purpose: not elsewhere");
    is(redeem($two->port, $token, '/place/%61')->{status}, 200, "$purpose: however it is spelt");
    $token = issue_for($one, $body);
    is(redeem($two->port, $token, '/place/b')->{status}, 401, "$purpose: elsewhere");
    is(redeem($two->port, $token, '/place/a')->{status}, 401, "$purpose: it is spent");
    $token = issue_for($one, $body);
    is(ask($two->port, 'POST', "/place/a?token=$token")->{status}, 401, "$purpose: another method is another place");
}
is(issue_for($one, '{"purpose":"place"}'), '{"error":"Path required"}', 'a purpose can demand a path');
$token = issue_for($one, '{"purpose":"agent"}');
is(ask($two->port, 'GET', "/agent?token=$token", ['User-Agent: x'])->{status}, 200, 'a lease to an agent') for 1, 2;
is(ask($two->port, 'GET', "/agent?token=$token", ['User-Agent: y'])->{status}, 401, 'is for no other');

# The session comes along.
($token) = issue($one->port, session_jwt(7, role => 'admin', aud => 'x'));
is(redeem($two->port, $token, '/claim')->{body}, '7 admin', 'claims of the session are known on the other host');
($token) = issue($one->port, session_jwt(7, role => 'user', exp => time + 600));
is(redeem($two->port, $token, '/claim')->{status}, 403, 'and required');
($token) = issue($one->port, session_jwt(7, role => 'user', aud => 'x'));
my ($payload) = redeem($two->port, $token)->{body} =~ /\ABearer [\w-]+\.([\w-]+)\./;
like(decode_base64url($payload), qr/"aud":"x"/, 'the application gets a copy of the session');

# Both caps hold across hosts.
my @statuses = map { (issue($_ % 2 ? $one->port : $two->port, session_jwt(8)))[1]{status} } 1 .. 6;
is_deeply(\@statuses, [ (200) x 5, 429 ], 'one user has five tokens on all hosts together');
my ($mine) = issue($one->port, session_jwt(9));
ok($mine, 'another user has a share of his own');
my %count;
my @all;
for my $user (100 .. 160) {
    my ($got, $answer) = issue($user % 2 ? $one->port : $two->port, session_jwt($user));
    $count{ $answer->{status} }++;
    push @all, $got if $got;
}
ok($count{200} >= 40 && $count{503} >= 5 && !grep({ !/^(?:200|503)$/ } keys %count), 'and all users together fifty') or diag(explain(\%count));
my (undef, $full) = issue($one->port, session_jwt(300));
cmp_ok($full->{header}{'retry-after'}, '>', 0, 'who comes too late is told when to come again');
is(scalar(grep { redeem($two->port, $_)->{status} == 200 } @all[0 .. 9]), 10, 'tokens that are used');
is((issue($one->port, session_jwt(300)))[1]{status}, 200, 'make room');

# A thousand at once.
for my $round (1 .. 4) {
    redeem($one->port, shift @all) for 1 .. 2;
    my ($sought) = issue($one->port, session_jwt(1000 + $round));
    my @answers = crowd(8, sub {
        my ($i, $start) = @_;
        return map { $_->{status} } redeem_all_at_once($i % 2 ? $one->port : $two->port, $sought, 125, $start);
    });
    my %seen;
    $seen{$_}++ for @answers;
    is_deeply(\%seen, { 200 => 1, 401 => 999 }, "round $round: of a thousand requests on two hosts one gets in");
}

# What there is in Redis: digests, and no token, JWT or user's claim but those of the session.
my $keys = $redis->query('KEYS', '*');
is(scalar(grep { !/\Asite:\{gate\}:(?:t:[\w-]{43}|s:[\w-]{22}|n:t(?::[\w-]{11})?)\z/ } @$keys), 0, 'all keys have the names that the reference lists');
is(scalar(grep { $redis->query('PTTL', $_) < 0 } @$keys), 0, 'and all of them an end');
my ($live) = grep { ($redis->query('GET', $_) // '') =~ /^L/ } grep { /:t:/ } @$keys;
cmp_ok($redis->query('MEMORY', 'USAGE', $live), '<=', 300, 'a token takes at most 300 bytes') if ok($live, 'there is a live token');

# A server that has forgotten the scripts, or is told to.
$redis->query('SCRIPT', 'FLUSH');
redeem($one->port, shift @all) for 1 .. 3;
($token) = issue($one->port, session_jwt(400));
ok($token, 'scripts that the server does not know are sent');
$redis->query('SCRIPT', 'FLUSH');
is(redeem($two->port, $token)->{status}, 200, 'to redeem as well');

$one->ends_well;
$two->ends_well;
$app->ends_well(name => 'the application');
$redis->kill('TERM');
done_testing;
