# OpenID providers for the live tests, and a browser that logs in with them.
#
#     my $provider = AuthGateOidc->scripted;          t/lib/scripted-provider.mjs
#     my $provider = AuthGateOidc->real($redirect);   example/provider.js, which is npm's oidc-provider
package AuthGateOidc;

use strict;
use warnings;

use Digest::SHA qw(sha256);
use Exporter qw(import);
use JSON::PP ();
use MIME::Base64 qw(encode_base64url decode_base64url);

use AuthGateLive qw(wait_for scratch_dir text_of);
use AuthGateLiveClient qw(ask);
use AuthGateTest::Jwt;

our @EXPORT = qw(provider_conf location_of parameter payload_of begin_login code_for callback log_in secrets_in);

sub scripted { my ($class, %env) = @_; return $class->start([ 'node', 't/lib/scripted-provider.mjs' ], %env) }

# Installed by ./dev. More environment variables may be given.
sub real {
    my ($class, $redirect, %env) = @_;
    return $class->start([ 'node', 'example/provider.js' ], REDIRECT_URIS => $redirect, PORT => 0, CLIENT_ID => 'gate',
        CLIENT_SECRET => 'the client secret', %env);
}

sub start {
    my ($class, $command, %env) = @_;
    my $out = scratch_dir() . '/provider';
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
        AuthGateLive::prctl(1, 9);
        %ENV = (%ENV, %env);
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>', $out;
        open STDERR, '>', "$out.err";
        exec @$command or POSIX::_exit(127);
    }
    AuthGateLive->also_end($pid);
    my ($url) = wait_for('the provider', sub {
        return $1 if text_of($out) =~ m{^listening on (http://\S+)\n}m;
        die "the provider did not start:\n" . text_of("$out.err") if waitpid($pid, POSIX::WNOHANG()) == $pid;
        return;
    }, 30);
    my ($port) = $url =~ /:(\d+)\z/;
    return bless { url => $url, port => $port, pid => $pid }, $class;
}

sub url  { return $_[0]{url} . (defined $_[1] ? "/$_[1]" : '') }
sub port { return $_[0]{port} }
sub pid  { return $_[0]{pid} }

sub tell { my ($self, $path) = @_; return ask($self->{port}, 'POST', "/control/$path", [], '')->{status} == 200 }

sub told {
    my ($self, $path) = @_;
    return JSON::PP->new->allow_nonref->decode(ask($self->{port}, 'GET', "/control/$path")->{body});
}

# Waits until the provider holds this many requests.
sub holds { my ($self, $count) = @_; return wait_for('the provider to hold a request', sub { $self->told('holding') == $count }) }

# A provider's block, and the location of its logins: /oidc/<name>/.
sub provider_conf {
    my ($name, $issuer, $port, @more) = @_;
    return "auth_gate_oidc_provider $name { issuer $issuer; client_id gate; client_secret env:CLIENT_SECRET;"
        . " app_url http://127.0.0.1:$port; @more }\n";
}

sub location_of { my $name = shift; return "location /oidc/$name/ { auth_gate_oidc $name; }\n" }

sub parameter {
    my ($url, $name) = @_;
    my ($value) = $url =~ /[?&]\Q$name\E=([^&#]*)/ or return;
    $value =~ tr/+/ /;
    $value =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    return $value;
}

sub payload_of { my ($jwt) = @_; return JSON::PP->new->decode(decode_base64url((split /\./, $jwt)[1])) }

# The browser's state after /login: the provider's URL, the cookie and more, as {url, cookie, state, nonce, challenge}.
sub begin_login {
    my ($port, $path, $query) = @_;
    my $answer = ask($port, 'GET', "$path/login" . ($query ? "?$query" : ''));
    my $url = $answer->{header}{location} // '';
    my ($cookie) = ($answer->{header}{'set-cookie'} // '') =~ /^([^;]+)/;
    return { answer => $answer, url => $url, cookie => $cookie, path => $path, port => $port,
        map { $_ => parameter($url, $_) } qw(state nonce code_challenge redirect_uri) };
}

# A code that the scripted provider accepts.
sub code_for {
    my ($login, %about) = @_;
    return encode_base64url(JSON::PP->new->canonical->encode({
        sub => 'alice', email => 'alice@example.test', nonce => $login->{nonce},
        challenge => $login->{code_challenge}, redirect_uri => $login->{redirect_uri}, random => rand(), %about,
    }), '');
}

sub callback {
    my ($login, $query, @headers) = @_;
    return ask($login->{port}, 'GET', "$login->{path}/callback?$query", [ "Cookie: $login->{cookie}", @headers ]);
}

# Does a whole login with a scripted provider. Returns the callback's answer.
sub log_in {
    my ($port, $path, %about) = @_;
    my $login = begin_login($port, $path);
    my $code = code_for($login, %about);
    return callback($login, "code=$code&state=$login->{state}");
}

# Those of the strings that the text contains.
sub secrets_in {
    my ($text, @secrets) = @_;
    return grep { length && index($text, $_) >= 0 } @secrets;
}

1;
