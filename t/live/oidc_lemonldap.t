# A third real provider: LemonLDAP::NG, from Debian's packages (`./dev test` installs liblemonldap-ng-portal-perl and
# libstring-random-perl). A person signs in at its portal; the site maps people by their address, and takes over groups.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateTest::Http;
use JSON::PP ();
use POSIX ();
use Test::More;

BEGIN {
    plan skip_all => 'LemonLDAP::NG is not installed' if system("$^X -MLemonldap::NG::Portal::Issuer::OpenIDConnect -e 1 2>/dev/null") != 0;
}

my $dir  = scratch_dir();
my $port = free_port();
my $away = free_port();

sub output_of { my $line = shift; my $text = qx{$line}; $? == 0 or die "failed: $line\n"; return $text }

# Its configuration: the people of its demonstration (dwho), and the gate as a relying party.
mkdir "$dir/$_" or die "$_: $!" for qw(conf sessions lock cache);
write_text("$dir/key.pem", output_of('openssl genrsa 2048 2>/dev/null'));
write_text("$dir/conf/lmConf-1.json", JSON::PP->new->canonical->encode({
    cfgNum => 1, cfgAuthor => 'test', cfgDate => 1, cfgVersion => '2.16.1', domain => '127.0.0.1', portal => "http://127.0.0.1:$away/",
    key => 'a key of its own', cookieName => 'lemonldap', securedCookie => 0, requireToken => 0, portalSkin => 'bootstrap',
    authentication => 'Demo', userDB => 'Same', passwordDB => 'Null', registerDB => 'Null', demoExportedVars => { map { $_ => $_ } qw(cn mail uid) },
    captcha => '::Plugins::SingleSession',  # its own needs Image::Magick, and no page here shows one
    globalStorage => 'Apache::Session::File', globalStorageOptions => { Directory => "$dir/sessions", LockDirectory => "$dir/lock" },
    whatToTrace => 'uid', exportedVars => {}, locationRules => {}, applicationList => {}, groups => { crew => '$uid eq "dwho"', all => 1 }, macros => {},
    issuerDBOpenIDConnectActivation => 1, issuerDBOpenIDConnectPath => '^/oauth2/', oidcServiceMetaDataIssuer => "http://127.0.0.1:$away",
    oidcServiceAllowAuthorizationCodeFlow => 1, oidcServiceKeyIdSig => 'one', oidcServicePrivateKeySig => text_of("$dir/key.pem"),
    oidcServicePublicKeySig => output_of("openssl rsa -in $dir/key.pem -pubout 2>/dev/null"),
    oidcRPMetaDataOptionsExtraClaims => { gate => { groups => 'groups' } },
    oidcRPMetaDataExportedVars => { gate => { email => 'mail', name => 'cn', groups => 'groups;string;always' } },
    oidcRPMetaDataOptions => { gate => {
        oidcRPMetaDataOptionsClientID => 'gate', oidcRPMetaDataOptionsClientSecret => 'the-client-secret', oidcRPMetaDataOptionsBypassConsent => 1,
        oidcRPMetaDataOptionsRedirectUris => "http://127.0.0.1:$port/oidc/lemon/callback", oidcRPMetaDataOptionsIDTokenSignAlg => 'RS256',
        oidcRPMetaDataOptionsUserIDAttr => 'uid', oidcRPMetaDataOptionsRequirePKCE => 1,
    } },
}));
write_text("$dir/lemonldap-ng.ini", <<"END");
[all]
logLevel = warn
[configuration]
type = File
dirName = $dir/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'conf', 'cache_root' => '$dir/cache', 'cache_depth' => 1 }
[portal]
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
END
write_text("$dir/app.psgi", <<"END");
use Lemonldap::NG::Portal::Main;
Lemonldap::NG::Portal::Main->run({ configStorage => { confFile => '$dir/lemonldap-ng.ini', type => 'File', dirName => '$dir/conf' } });
END
my $pid = fork // die "fork: $!";
if (!$pid) {
    @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
    AuthGateLive::prctl(1, 9);
    $ENV{LLNG_DEFAULTCONFFILE} = "$dir/lemonldap-ng.ini";
    open STDOUT, '>', "$dir/out";
    open STDERR, '>&', \*STDOUT;
    exec $^X, '-MPlack::Runner', '-e', 'my $r = Plack::Runner->new; $r->parse_options(@ARGV); $r->run', '--', '-o', '127.0.0.1', '-p', $away, "$dir/app.psgi"
        or POSIX::_exit(127);
}
AuthGateLive->also_end($pid);
wait_for('LemonLDAP::NG', sub {
    die "LemonLDAP::NG did not start:\n" . text_of("$dir/out") if waitpid($pid, POSIX::WNOHANG()) == $pid;
    return text_of("$dir/out") =~ /Accepting connections/;
}, 30);

my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the-client-secret' },  # of unreserved characters: it does not decode them (RFC 6749, 2.3.1)
    http => 'auth_gate_secret env:JWT_SECRET; map $auth_gate_oidc_claim_email $user { dwho@badwolf.org 10; }'
        . provider_conf('lemon', "http://127.0.0.1:$away", $port, 'scope openid email profile groups; user_id $user; email_verified assume; session_claim groups=groups;'),
    server => location_of('lemon') . 'location /api/ { auth_gate jwt; empty_gif; }',
);

# Somebody signs in at the portal, which sends the browser back.
sub sent_back {
    my ($login, $who) = @_;
    my ($path) = $login->{url} =~ m{^http://127\.0\.0\.1:$away(/.*)} or return '';
    my $form = "user=$who&password=$who";
    my $text = join "\r\n", "POST $path HTTP/1.1", "Host: 127.0.0.1:$away", 'Connection: close', 'Accept: text/html',
        'Content-Type: application/x-www-form-urlencoded', 'Content-Length: ' . length $form, '', $form;
    my $answer = http_request($away, $text, timeout => patience(20));
    my ($query) = ($answer->{header}{location} // '') =~ m{^http://127\.0\.0\.1:$port/oidc/lemon/callback\?(.*)};
    diag($answer->{raw} // '', text_of("$dir/out")) if !defined $query;
    return $query // '';
}

my $login = begin_login($port, '/oidc/lemon');
is($login->{answer}{status}, 302, 'login') or diag($gate->error_log, text_of("$dir/out"));
my $query = sent_back($login, 'dwho');
my $answer = callback($login, $query);
my $code = parameter($answer->{header}{location}, 'oidc_code');
ok($code, 'the callback ends with a one-time code') or diag("$answer->{header}{location}\n", $gate->error_log);
my ($jwt) = ask($port, 'GET', '/oidc/lemon/exchange?code=' . ($code // ''))->{body} =~ /"token":"([^"]+)"/;
is(payload_of($jwt)->{id}, 10, 'of the user whom the map names');
like(JSON::PP->new->canonical->encode(payload_of($jwt)->{groups} // ''), qr/crew/, 'with the groups that the portal knows');
is(ask($port, 'GET', '/api/x', ["Authorization: Bearer $jwt"])->{status}, 200, 'the gate takes it');

my $other = begin_login($port, '/oidc/lemon');
is(callback($other, sent_back($other, 'rtyler'))->{header}{location}, '/login?oidc_error=registration_disabled', 'who is not in the map has no user');

my $second = begin_login($port, '/oidc/lemon');
is(callback($second, $query =~ s/\bstate=[^&]*/state=$second->{state}/r)->{header}{location}, '/login?oidc_error=token_failed',
    'a code of the provider\'s is good once');

$gate->ends_well(signal => 'QUIT');
done_testing;
