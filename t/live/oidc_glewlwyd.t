# A second real provider: Glewlwyd, from Debian's packages. It is set up over its own API, and a person signs in there.
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

my $dir  = scratch_dir();
my $port = free_port();
my $away = free_port();
my $json = JSON::PP->new->canonical;

sub output_of { my $line = shift; my $text = qx{$line}; $? == 0 or die "failed: $line\n"; return $text }

# Its database, with an administrator in it, and its configuration.
output_of("zcat /usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz | sqlite3 $dir/glewlwyd.db 2>&1");
write_text("$dir/glewlwyd.conf", <<"END");
port = $away
bind_address = "127.0.0.1"
external_url = "http://127.0.0.1:$away"
login_url = "login.html"
api_prefix = "api"
log_mode = "console"
log_level = "INFO"
cookie_secure = 0
session_key = "session"
login_api_enabled = true
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
hash_algorithm = "SHA512"
database = { type = "sqlite3"; path = "$dir/glewlwyd.db"; };
END
my $pid = fork // die "fork: $!";
if (!$pid) {
    @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
    AuthGateLive::prctl(1, 9);
    open STDOUT, '>', "$dir/out";
    open STDERR, '>&', \*STDOUT;
    exec 'glewlwyd', "--config-file=$dir/glewlwyd.conf" or POSIX::_exit(127);
}
AuthGateLive->also_end($pid);
wait_for('glewlwyd', sub {
    die "glewlwyd did not start:\n" . text_of("$dir/out") if waitpid($pid, POSIX::WNOHANG()) == $pid;
    return text_of("$dir/out") =~ /Glewlwyd started on port/;
}, 30);

# A request to it as somebody: the answer, and what cookies he then has.
my %cookies;
sub as {
    my ($who, $method, $path, $body) = @_;
    my @lines = ("$method $path HTTP/1.1", "Host: 127.0.0.1:$away", 'Connection: close');
    push @lines, "Cookie: $cookies{$who}" if $cookies{$who};
    my $text = defined $body ? $json->encode($body) : '';
    push @lines, 'Content-Type: application/json', 'Content-Length: ' . length $text if defined $body;
    my $answer = http_request($away, join("\r\n", @lines, '', $text), timeout => patience(10));
    $cookies{$who} = $1 if ($answer->{header}{'set-cookie'} // '') =~ /^(session=[^;]+)/;
    return $answer;
}

sub done { my ($answer, $what) = @_; $answer->{status} == 200 or die "$what: $answer->{raw}\n" . text_of("$dir/out"); return }

my $key = output_of('openssl genrsa 2048 2>/dev/null');
write_text("$dir/key.pem", $key);
done(as('admin', 'POST', '/api/auth/', { username => 'admin', password => 'password' }), 'signing in as administrator');
done(as('admin', 'POST', '/api/mod/plugin/', {
    module => 'oidc', name => 'oidc', display_name => 'OpenID', enabled => JSON::PP::true,
    parameters => {
        iss => "http://127.0.0.1:$away/api/oidc", 'jwt-type' => 'rsa', 'jwt-key-size' => '256',
        key => $key, cert => output_of("openssl rsa -in $dir/key.pem -pubout 2>/dev/null"),
        (map { $_ => 600 } 'access-token-duration', 'refresh-token-duration', 'code-duration'),
        (map { $_ => JSON::PP::true } 'auth-type-code-enabled', 'auth-type-id-token-enabled', 'pkce-allowed', 'pkce-required', 'jwks-show'),
        (map { $_ => JSON::PP::false } 'refresh-token-rolling', 'allow-non-oidc', 'pkce-method-plain-allowed', 'client-register-allowed',
            map { "auth-type-$_-enabled" } qw(token none password client refresh device)),
        'subject-type' => 'public', 'name-claim' => 'mandatory', 'email-claim' => 'mandatory',
        scope => [], claims => [], 'additional-parameters' => [],
    },
}), 'the plugin');
done(as('admin', 'POST', '/api/user/', {
    username => 'alice', password => 'alice-password', email => 'alice@example.test', name => 'Alice',
    scope => [ 'openid', 'g_profile' ], enabled => JSON::PP::true,
}), 'a person');
# The secret is of unreserved characters: Glewlwyd does not decode it (RFC 6749, 2.3.1).
done(as('admin', 'POST', '/api/client/', {
    client_id => 'gate', name => 'gate', confidential => JSON::PP::true, password => 'the-client-secret',
    redirect_uri => [ "http://127.0.0.1:$port/oidc/glewlwyd/callback" ], authorization_type => ['code'],
    token_endpoint_auth_method => ['client_secret_basic'], scope => [], enabled => JSON::PP::true,
}), 'the gate as its client');

my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the-client-secret' },
    http => 'auth_gate_secret env:JWT_SECRET;'
        . provider_conf('glewlwyd', "http://127.0.0.1:$away/api/oidc", $port, 'scope openid; user_id claim=name;'),
    server => location_of('glewlwyd') . 'location /api/ { auth_gate jwt; empty_gif; }',
);

# Alice at the provider: she signs in, agrees, and is sent back. Its pages do this by its API as well.
my $login = begin_login($port, '/oidc/glewlwyd');
is($login->{answer}{status}, 302, 'login') or diag($gate->error_log);
my ($asked) = $login->{url} =~ m{^http://127\.0\.0\.1:$away(/.*)};
like(as('alice', 'GET', $asked)->{header}{location}, qr/login\.html/, 'who is not signed in there is asked to');
done(as('alice', 'POST', '/api/auth/', { username => 'alice', password => 'alice-password' }), 'signing in');
done(as('alice', 'PUT', '/api/auth/grant/gate', { scope => 'openid' }), 'agreeing');
my $back = as('alice', 'GET', "$asked&g_continue")->{header}{location};
my ($query) = $back =~ m{^http://127\.0\.0\.1:$port/oidc/glewlwyd/callback\?(.*)};
ok($query, 'the provider sends her back') or diag($back);

my $answer = callback($login, $query);
my $code = parameter($answer->{header}{location}, 'oidc_code');
ok($code, 'the callback ends with a one-time code') or diag("$answer->{header}{location}\n", $gate->error_log);
my ($jwt) = ask($port, 'GET', "/oidc/glewlwyd/exchange?code=$code")->{body} =~ /"token":"([^"]+)"/;
is(payload_of($jwt)->{id}, 'Alice', 'which is good for a session of hers');
is(ask($port, 'GET', '/api/x', ["Authorization: Bearer $jwt"])->{status}, 200, 'that the gate takes');

# The same code of the provider's again.
my $second = begin_login($port, '/oidc/glewlwyd');
my $replayed = $query =~ s/state=[^&]*/state=$second->{state}/r;
is(callback($second, $replayed)->{header}{location}, '/login?oidc_error=token_failed', 'a code of the provider\'s is good once');

$gate->ends_well(signal => 'QUIT');
done_testing;
