# The headers that the gate makes or changes on the way to the application: each arrives once, in the usual spelling, with
# the gate's value, unless proxy_set_header says another: then with that one, in all versions of nginx.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateOidc;
use AuthGateTest::Jwt;
use IO::Socket::INET ();
use POSIX ();
use Test::More;

my $dir  = scratch_dir();
my $app  = start_application();
my $port = free_port();

# Keeps the head of each request in a file that is named by its path.
sub start_application {
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 50, ReuseAddr => 1) or die "listen: $!";
    my $pid = fork // die "fork: $!";
    if ($pid) {
        AuthGateLive->also_end($pid);
        return $listener->sockport;
    }
    @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
    AuthGateLive::prctl(1, 9);
    while (my $socket = $listener->accept) {
        my ($head, $body) = ('', '');
        while ($head !~ /\r\n\r\n/) { sysread $socket, $head, 65536, length $head or last }
        ($head, $body) = split /\r\n\r\n/, $head, 2;
        my ($length) = ($head // '') =~ /^Content-Length: (\d+)/mi;
        while (length $body < ($length // 0)) { sysread $socket, $body, 65536, length $body or last }
        my ($path) = $head =~ m{^\S+ /(\S+)} or next;
        write_text("$dir/$path.tmp", $head);
        rename "$dir/$path.tmp", "$dir/$path";
        if ($path eq 'switch') {
            print {$socket} "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\ntaken over";
            close $socket;
            next;
        }
        my $answer = $path =~ /^who-/ ? '{"user":{"id":7,"role":"user","mfa_enabled":true}}' : $path =~ /^oidc-/ ? '{"id":7}' : 'ok';
        print {$socket} "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " . length($answer) . "\r\n\r\n$answer";
        close $socket;
    }
    POSIX::_exit(0);
}

# What a site may say of a header: [name of the variant, how it is spelt, the value, or '' for none].
my @made = qw(Authorization Cookie Host Accept Content-Type Content-Length);
my @variants = (['plain'], map { my $name = $_; (
    ["own-$name",   $name,    "site-$name"],
    ["lower-$name", lc $name, "site-$name"],
    ["upper-$name", uc $name, "site-$name"],
    ["none-$name",  $name,    ''],
) } @made);
# The length of a body is nginx's own, and so is whether there is a Host at all.
@variants = grep { $_->[0] !~ /-Content-Length$|^none-Host$/ } @variants;

sub set_header {
    my (undef, $name, $value) = @_;
    return defined $name ? qq{proxy_set_header $name "$value";} : '';
}

# Ways in, each with what the client sends and what the application has to get: undef for none, 1 for whatever it is.
my $other_jwt = session_jwt(8);
my %ways = (
    'token' => {
        location => 'auth_gate token=download; auth_gate_jwt_from bearer cookie:session;',
        token    => 1,
        sends    => ["AUTHORIZATION: Bearer $other_jwt", 'cookie: session=x; theme=dark', 'COOKIE: lang=de', 'ACCEPT: text/html', 'X-Mine: 1'],
        gets     => { Authorization => qr/^Bearer eyJ(?!.*\Q$other_jwt\E)/, Cookie => qr/^theme=dark; lang=de$/, Accept => qr{^text/html$}, Host => 1 },
        spells   => [qw(Authorization Cookie Host)],
    },
    'tokenonly' => {
        location => 'auth_gate token=download; auth_gate_jwt_from bearer cookie:session;',
        token    => 1,
        sends    => ['cookie: session=x', 'Cookie: session=y'],
        gets     => { Authorization => qr/^Bearer eyJ/, Host => 1 },
        spells   => [qw(Authorization Host)],
    },
    'plaintoken' => {
        location => 'auth_gate token=download;',
        token    => 1,
        sends    => ['cookie: a=1', 'Cookie: b=2', 'authorization: Basic x'],
        gets     => { Authorization => qr/^Bearer eyJ/, Cookie => qr/^a=1; b=2$/, Host => 1 },
        spells   => [qw(Authorization Cookie Host)],
    },
    'tokenoff' => {
        location => 'auth_gate token=download; auth_gate_upstream_jwt off;',
        token    => 1,
        sends    => ["authorization: Bearer $other_jwt"],
        gets     => { Host => 1 },
        spells   => [qw(Host)],
    },
    'cookie' => {
        location => 'auth_gate jwt; auth_gate_jwt_from cookie:session cookie:other;',
        sends    => ['cookie: other=x; theme=dark', "COOKIE: session=%JWT%; lang=de", 'authorization: Bearer x'],
        gets     => { Cookie => qr/^theme=dark; session=eyJ[^;]*; lang=de$/, Host => 1 },
        spells   => [qw(Cookie Host)],
    },
    'bearer' => {
        location => 'auth_gate jwt; auth_gate_jwt_from bearer cookie:session;',
        sends    => ['Authorization: Bearer %JWT%', 'cookie: session=x; theme=dark', 'Cookie: session=y'],
        gets     => { Authorization => qr/^Bearer eyJ/, Cookie => qr/^theme=dark$/, Host => 1 },
        spells   => [qw(Authorization Cookie Host)],
    },
);

# The lookup of an identity, and of a login's user.
my %lookups = (
    who  => { gets => { Authorization => qr/^Bearer eyJ/, Host => 1, Accept => qr{^application/json$} } },
    oidc => { gets => { Host => 1, Accept => qr{^application/json$}, 'Content-Type' => qr{^application/json$}, 'Content-Length' => qr/^\d+$/ } },
);

my ($server, $http) = ("location = /token { auth_gate_issue download; }
    location = /_switch { internal; proxy_http_version 1.1; proxy_pass http://127.0.0.1:$app/switch; }
    location = /switch  { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_switch; proxy_pass http://127.0.0.1:$app/page; }\n", '');
my $provider = AuthGateOidc->scripted;
for my $variant (@variants) {
    my ($name) = @$variant;
    my $set = set_header(@$variant);
    for my $way (sort keys %ways) {
        $server .= "location = /$way-$name { $ways{$way}{location} $set proxy_pass http://127.0.0.1:$app; }\n";
    }
    $server .= "location = /_who-$name { internal; $set proxy_pass http://127.0.0.1:$app/who-$name; }\n"
        . "location = /asks-$name { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_who-$name; proxy_pass http://127.0.0.1:$app; }\n"
        . "location = /_oidc-$name { internal; $set proxy_pass http://127.0.0.1:$app/oidc-$name; }\n"
        . location_of($name);
    $http .= provider_conf($name, $provider->url('good'), $port, "user_id /_oidc-$name;");
}
my $gate = AuthGateLive->start(
    port => $port,
    env  => { CLIENT_SECRET => 'the client secret' },
    http => "auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; $http",
    server => $server,
);

# Each failure names the request.
sub check_head {
    my ($path, $gets, $spells, $name, $value) = @_;
    my $head = text_of("$dir/$path");
    my (%seen, @wrong);
    for my $line ((split /\r\n/, $head)[1 .. ($head =~ tr/\n//)]) {
        my ($key, $text) = split /: ?/, $line, 2;
        push @{ $seen{lc $key} }, [$key, $text];
    }
    push @wrong, 'the application got nothing' if $head eq '';
    push @wrong, "$_ came more than once" for grep { @{ $seen{$_} } > 1 } sort keys %seen;
    for my $key (@made) {
        my $wanted = defined $name && $name eq $key ? ($value eq '' ? undef : qr/^\Q$value\E$/) : $gets->{$key};
        my ($found) = @{ $seen{lc $key} // [] };
        if (!defined $wanted) {
            push @wrong, "$key: $found->[1] came" if $found;
        } elsif (!$found) {
            push @wrong, "there is no $key";
        } else {
            push @wrong, "$key is $found->[1]" if ref $wanted && $found->[1] !~ $wanted;
            push @wrong, "$key is spelt $found->[0]" if !defined $name && (grep { $_ eq $key } @$spells) && $found->[0] ne $key;
        }
    }
    is(join(', ', @wrong), '', $path) or diag $head;
    return;
}

my $jwt = session_jwt(7);
for my $variant (@variants) {
    my ($name, $spelt, $value) = @$variant;
    my ($header) = defined $spelt ? $name =~ /-(.*)/ : ();
    for my $way (sort keys %ways) {
        my $query = '';
        if ($ways{$way}{token}) {
            my ($token) = issue($port, $jwt);
            $query = "?token=$token";
        }
        my $answer = ask($port, 'GET', "/$way-$name$query", [map { s/%JWT%/$jwt/r } @{ $ways{$way}{sends} }]);
        is($answer->{status}, 200, "$way-$name is let in");
        check_head("$way-$name", $ways{$way}{gets}, $ways{$way}{spells}, $header, $value);
    }
    ask($port, 'GET', "/asks-$name", ["authorization: Bearer $jwt", 'cookie: a=1', 'accept: text/html', 'CONTENT-TYPE: text/plain', 'content-length: 0', 'connection: upgrade', 'upgrade: websocket']);
    check_head("who-$name", $lookups{who}{gets}, [sort keys %{ $lookups{who}{gets} }], $header, $value);
    log_in($port, "/oidc/$name");
    check_head("oidc-$name", $lookups{oidc}{gets}, [sort keys %{ $lookups{oidc}{gets} }], $header, $value);
}

# A lookup is no WebSocket, whatever the application makes of it.
my $answer = ask($port, 'GET', '/switch', ["Authorization: Bearer $jwt", 'Connection: upgrade', 'Upgrade: websocket',
    'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']);
is($answer->{status}, 503, 'a lookup that is answered with 101 is none');
unlike($answer->{raw}, qr/taken over|101/, 'and does not take the connection over');

$gate->ends_well;
done_testing;
