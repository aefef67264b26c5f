# The five questions of docs/apps/README.md: their shell blocks run as they stand, against an application whose answers are known.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateTest::Jwt;
use Test::More;

my ($part) = text_of('docs/apps/README.md') =~ /^## Any other application\n(.*)/ms or die 'there are no questions';
my @blocks = $part =~ /^```sh\n(.*?)^```$/msg;
is(scalar @blocks, 9, 'all blocks are known here');

# It takes its session from the header alone.
my $app = AuthGateLive->start(
    http   => 'auth_gate_secret env:JWT_SECRET;',
    server => q{
        location /api/login { auth_gate off; default_type application/json; return 200 '{"token":"eyJ"}'; }
        location /api/me    { auth_gate jwt; default_type application/json; alias html/me.json; }
        location = /files/1 { auth_gate jwt; alias html/me.json; }
    },
);
mkdir $app->dir . '/html';
write_text($app->dir . '/html/me.json', '{"user":{"id":1,"role":"user","mfa_enabled":true}}');
write_text($app->dir . '/old.log', join '', map { qq{127.0.0.1 - - [x] "GET $_ HTTP/1.1" 200\n} } '/ws?token=eyJx.eyJy.z', '/ws?token=eyJa.eyJb.c', '/img?size=1');
write_text($app->dir . '/gate.log', qq{127.0.0.1 [x] "POST /api/reset HTTP/1.1" 401 no_credentials\n127.0.0.1 [x] "GET /api/me HTTP/1.1" 200 bearer\n});

# Each block in the same shell, as a person would; only what a person puts in himself is put in.
my $jwt    = session_jwt(1, role => 'user');
my $port   = $app->port;
my $dir    = $app->dir;
my $script = join "echo; echo '\@\@\@'\n", map { "$_\n" } @blocks;
ok($script =~ s{^app=http://127\.0\.0\.1:3000$}{app=http://127.0.0.1:$port}m, 'the address');
ok($script =~ s{^jwt=eyJ…$}{jwt=$jwt}m, 'the JWT');
my @logs = ("$dir/old.log", "$dir/gate.log");
is(($script =~ s{/var/log/nginx/access\.log}{shift(@logs) // die}ge), 2, 'and two logs');
my $said = do {
    local $ENV{SECRET} = $SECRET;
    my $file = "$dir/questions.sh";
    write_text($file, $script);
    qx{bash -eu -o pipefail $file 2>&1};
};
is($?, 0, 'all commands succeed') or diag($said);
my @said = map { s/\n+\z//r } split /^\@\@\@\n/m, $said, -1;

like($said[0], qr/^HTTP\/1\.1 200 .*eyJ/s, 'the login shows a JWT');
is_deeply([ map { /^HTTP\/1\.1 (\d+)/ } split /\n/, $said[1] ], [ 200, 401, 401, 401 ], 'the places that take it are told from those that do not');
like($said[2], qr/\{"alg":"HS256","typ":"JWT"\}\n\{.*"id":1,.*\}\z/s, 'both parts can be read');
like($said[3], qr/^HTTP\/1\.1 200 /, 'a JWT that was signed here is taken');
my ($signature, $third) = split /\n/, $said[4];
is($signature, (split /\./, $jwt)[2], 'the secret makes the signature');
is($third, $signature, 'which the next line shows');
is($said[5], '      2 "GET /ws?token=eyJ', 'URLs with JWTs are found, without the JWTs');
like($said[6], qr/^HTTP\/1\.1 200 /, 'a file by the header');
is($said[7], '      1 "POST /api/reset', 'requests without a session are found');
like($said[8], qr/"mfa_enabled":true/, 'who am I');
$app->ends_well;
done_testing;
