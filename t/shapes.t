# What a directive says holds in every shape of configuration: a plain location, `if`, `limit_except`, a nested location, a
# named one, the target of an error_page. Where it may not stand, nginx refuses it. A directive without an entry fails.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateTest::Http;
use AuthGateTest::Jwt;
use AuthGateTest::Reference;
use IO::Socket::INET ();
use Test::More;

my %Kind  = directives();
my @Shape = qw(plain if limit_except nested named error_page);

my $Other = 'another secret of more than 32 bytes';
my $state = scratch_dir();
my $app   = start_application();
my $Proxy = "proxy_pass http://127.0.0.1:$app; proxy_http_version 1.1; proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection close;";

sub session   { return 'Authorization: Bearer ' . session_jwt(7, @_) }
sub navigates { return ('Accept: text/html', @_) }
my @handshake = ('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');

# Of each directive:
#   says     it, with arguments that show
#   server   what stands in the server (a directive for servers: what it says, with the rest in `server`)
#   content  what answers in the location, if not the application
#   through  what stands in the location on the way to a named one
#   method, below (the rest of the path below a location by prefix), query, headers
#   holds    a pattern for "STATUS BODY" or "STATUS Name: value" where the directive holds
#   absent   the same without it
#   SHAPE    what holds in this shape instead, or a reference to the pattern of nginx's refusal
my %Table = (
    auth_gate             => { says => 'auth_gate jwt;', holds => qr/^401/, absent => qr/^200/ },
    auth_gate_public      => { says => 'auth_gate_public GET /*;', server => 'auth_gate jwt;', holds => qr/^200/, absent => qr/^401/ },
    auth_gate_ws_close    => { says => 'auth_gate_ws_close on;', server => 'auth_gate jwt;', headers => [@handshake], holds => qr/^101/, absent => qr/^401/ },
    auth_gate_login_url   => { says => 'auth_gate_login_url /login;', server => 'auth_gate jwt;', headers => [navigates()], holds => qr/^302.*Location: \/login/s, absent => qr/^401/ },
    auth_gate_pass        => { says => 'auth_gate_pass arg:state;', server => 'auth_gate jwt;', query => '?state=' . session_jwt(8), headers => [session()], holds => qr/^200/, absent => qr/^401/ },
    auth_gate_origin      => {
        says => 'auth_gate_origin https://other.example;', content => 'auth_gate_issue download; auth_gate_jwt_from cookie:sid;',
        method => 'POST', headers => ['Origin: https://other.example', 'Cookie: sid=' . session_jwt(7)],
        holds => qr/^200.*\{"token":/s, absent => qr/^403.*Forbidden origin/s, error_page => qr/^405 \{"error"/,
    },
    auth_gate_cors        => {
        says => 'auth_gate_cors https://other.example;', server => 'auth_gate jwt;', headers => ['Origin: https://other.example'],
        holds => qr/^401.*Access-Control-Allow-Origin: https:\/\/other\.example/s, absent => qr/^401(?!.*Access-Control)/s,
    },
    auth_gate_path        => { says => 'auth_gate_path as_sent;', server => 'auth_gate jwt;', below => '/a;b', through => 'auth_gate_path as_sent;', headers => [session()], holds => qr/^200/, absent => qr/^400/ },
    auth_gate_cache       => {
        says => 'auth_gate_cache shared;', server => 'auth_gate jwt; proxy_cache c; proxy_cache_valid 1h; add_header X-Cache $upstream_cache_status;',
        headers => [session()], holds => qr/^200.*X-Cache: MISS/s, absent => qr/^200.*X-Cache: BYPASS/s,
    },
    auth_gate_secret      => { says => 'auth_gate_secret env:OTHER_SECRET;', server => 'auth_gate jwt;', headers => [session(-secret => $Other)], holds => qr/^200/, absent => qr/^401/ },
    auth_gate_jwt_from    => { says => 'auth_gate_jwt_from cookie:sid;', server => 'auth_gate jwt;', headers => ['Cookie: sid=' . session_jwt(7)], holds => qr/^200/, absent => qr/^401/ },
    auth_gate_jwt_max_size => { says => 'auth_gate_jwt_max_size 64;', server => 'auth_gate jwt;', headers => [session()], holds => qr/^401/, absent => qr/^200/ },
    auth_gate_leeway      => { says => 'auth_gate_leeway 1h;', server => 'auth_gate jwt;', headers => [session(exp => time - 600)], holds => qr/^200/, absent => qr/^401/ },
    auth_gate_require     => { says => 'auth_gate_require role=admin;', server => 'auth_gate jwt;', headers => [session()], holds => qr/^403/, absent => qr/^200/ },
    auth_gate_require_exp => { says => 'auth_gate_require_exp off;', server => 'auth_gate jwt;', headers => [session(exp => undef)], holds => qr/^200/, absent => qr/^401/ },
    auth_gate_user_claim  => { says => 'auth_gate_user_claim sub;', server => 'auth_gate jwt;', headers => [session(id => undef, sub => 7)], holds => qr/^200/, absent => qr/^401/ },
    auth_gate_upstream_jwt => { says => 'auth_gate_upstream_jwt off;', server => 'auth_gate token=download;', query => '?token=%TOKEN%', holds => qr/^200.*auth=;/, absent => qr/^200.*auth=Bearer/s },
    auth_gate_issue       => {
        says => 'auth_gate_issue download;', content => '', method => 'POST', headers => [session()],
        holds => qr/^200.*\{"token":/s, absent => qr/^404/, error_page => qr/^405 \{"error"/,    # an error_page makes a GET of it
    },
    auth_gate_identity    => {
        says => 'auth_gate_identity claims mfa=second;', server => 'auth_gate jwt; auth_gate_identity claims; auth_gate_mfa always;',
        headers => [session(second => \1)], holds => qr/^200/, absent => qr/^403/,
    },
    auth_gate_mfa         => { says => 'auth_gate_mfa always;', server => 'auth_gate jwt; auth_gate_identity claims;', headers => [session()], holds => qr/^403.*MFA_REQUIRED/s, absent => qr/^200/ },
    auth_gate_mfa_exempt  => {
        says => 'auth_gate_mfa_exempt GET /*;', server => 'auth_gate jwt; auth_gate_identity claims; auth_gate_mfa always;',
        headers => [session()], holds => qr/^200/, absent => qr/^403/,
    },
    auth_gate_mfa_url     => {
        says => 'auth_gate_mfa_url /setup;', server => 'auth_gate jwt; auth_gate_identity claims; auth_gate_mfa always;',
        headers => [navigates(session())], holds => qr/^302.*Location: \/setup/s, absent => qr/^302.*Location: \/settings/s,
    },
    auth_gate_mfa_bypass  => {
        says => 'auth_gate_mfa_bypass 127.0.0.1;', server => 'auth_gate jwt; auth_gate_identity claims; auth_gate_mfa always;',
        headers => [session()], holds => qr/^200/, absent => qr/^403/,
    },
    auth_gate_mfa_sockets => { says => 'auth_gate_mfa_sockets on;', server => 'auth_gate jwt; auth_gate_identity claims; auth_gate_mfa policy; auth_gate_mfa_sockets off;', sockets => 1 },
    auth_gate_app_config  => { says => 'auth_gate_app_config on;', holds => qr/^200 \{"app":1,.*"require_mfa":false/, absent => qr/^200 (?!.*require_mfa)/ },
    auth_gate_app_settings => {
        says => 'auth_gate_app_settings on;', server => 'auth_gate jwt; auth_gate_identity claims;', headers => [session()],
        holds => qr/^403 \{"error":"Admin/, absent => qr/^200/,
    },
    auth_gate_mfa_disable => {
        says => 'auth_gate_mfa_disable on;', server => 'auth_gate jwt; auth_gate_identity claims; auth_gate_mfa always;',
        method => 'POST', headers => [session(mfa_enabled => \1)], holds => qr/^403.*cannot be disabled/s, absent => qr/^200/,
        error_page => qr/^200.*"GET/s,    # a GET disables nothing
    },
    auth_gate_oidc        => {
        says => 'auth_gate_oidc sso;', content => '', below => '/logout', holds => qr/^302.*Referrer-Policy: no-referrer/s, absent => qr/^404/,
        named => \qr/"auth_gate_oidc" needs a location by prefix/,
    },
    auth_gate_oidc_session => {
        says => 'auth_gate_oidc_session cookie:sid;', content => 'auth_gate_oidc sso;', below => '/logout',
        holds => qr/^302.*Set-Cookie: sid=/s, absent => qr/^302 (?!.*Set-Cookie: sid=)/s,
        named => \qr/"auth_gate_oidc" needs a location by prefix/,
    },
    auth_gate_oidc_settings => {
        says => 'auth_gate_oidc_settings sso;', server => 'auth_gate jwt; auth_gate_identity claims;', headers => [session()],
        holds => qr/^403 \{"error":"Admin/, absent => qr/^200/,
    },
    auth_gate_status      => { says => 'auth_gate_status;', content => '', holds => qr/^200 \{.*"tokens_live"/s, absent => qr/^404/ },
);

# In http alone: what they say counts for all locations.
my %Http = (
    auth_gate_zone          => 'auth_gate_zone zone=other:1m;',
    auth_gate_state_path    => 'auth_gate_state_path /tmp;',
    auth_gate_store         => 'auth_gate_store redis://127.0.0.1;',
    auth_gate_purpose       => 'auth_gate_purpose other ttl=1s;',
    auth_gate_jwt_cache     => 'auth_gate_jwt_cache off;',
    auth_gate_oidc_provider => 'auth_gate_oidc_provider other { }',
);
ok(!$Table{$_} != !$Http{$_}, "$_ has one entry here") for sort keys %Kind;
ok($Kind{$_}, "$_ is a directive") for sort(keys %Table, keys %Http);
is($Kind{$_}, 'http_only', "$_ stands in http alone") for sort keys %Http;
isnt($Kind{$_}, 'http_only', "$_ stands in other blocks too") for sort keys %Table;

# The application answers with JSON, or holds a socket.
sub start_application {
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp', Listen => 50) or die "listen: $!";
    my $pid = fork // die "fork: $!";
    if ($pid) {
        AuthGateLive->also_end($pid);
        return $listener->sockport;
    }
    @SIG{qw(INT TERM HUP ALRM)} = ('DEFAULT') x 4;
    AuthGateLive::prctl(1, 9);
    my @held;
    while (my $socket = $listener->accept) {
        my $head = '';
        1 while $head !~ /\r\n\r\n/ && sysread $socket, $head, 65536, length $head;
        my ($method) = $head =~ /^(\w+)/ or next;
        my ($auth)   = $head =~ /^Authorization: (\S+)/mi;
        my $body     = qq({"app":1,"seen":"auth=) . ($auth // '') . qq(;","method":"$method"});
        my $upgrade  = $head =~ /^Upgrade:/mi;
        print {$socket} $upgrade ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " . length($body) . "\r\nConnection: close\r\n\r\n$body";
        push @held, $socket if $upgrade;
        close $socket if !$upgrade;
    }
    exit;
}

# A location of this shape in which the directive is said; `around` says the rest.
sub location {
    my ($shape, $entry, $says) = @_;
    my $content = $entry->{content} // $Proxy;
    my $at      = $entry->{below} ? '' : '= ';
    my $slash   = $entry->{below} ? '/' : '';
    my $through = $entry->{through} // '';
    my $rest    = ($entry->{below} // '') . '$is_args$args';
    return {
        absent       => "location $at/absent$slash { $content }",
        plain        => "location $at/plain$slash { $says $content }",
        if           => "location $at/if$slash { $says $content if (\$uri ~ ^) { } }",
        limit_except => "location $at/limit_except$slash { $says $content limit_except PROPFIND { } }",
        nested       => "location /outer/ { $says location $at/outer/nested$slash { $content } }",
        named        => "location $at/named$slash { auth_gate off; $through try_files /nothing \@named; } location \@named { $says $content }",
        error_page   => "location $at/error_page$slash { auth_gate off; error_page 418 = \"/target$rest\"; return 418; } location $at/target$slash { $says $content }",
    }->{$shape};
}
sub path { my ($shape, $entry) = @_; return ($shape eq 'nested' ? '/outer/nested' : "/$shape") . ($entry->{below} // '') }

my $for_servers = sub { $Kind{ $_[0] } eq 'inherited_by_servers' };

sub server_of {
    my ($name, @shapes) = @_;
    my $entry = $Table{$name};
    my $says  = $for_servers->($name) ? '' : $entry->{says};
    my $own   = join '', $entry->{server} // '', $for_servers->($name) ? $entry->{says} : '';
    return "server { listen 127.0.0.1:%PORT%; server_name $name; root /nowhere; $own " . join(' ', map { location($_, $entry, $says) } @shapes) . ' }';
}

my $http = "
    auth_gate_zone zone=gate:1m tokens=1000; auth_gate_secret env:JWT_SECRET; auth_gate_state_path $state/gate;
    auth_gate_oidc_provider sso { client_id gate; issuer https://127.0.0.1:1; client_secret env:OTHER_SECRET; app_url https://app.example; }
    proxy_cache_path $state/cache keys_zone=c:1m;
    map_hash_bucket_size 128; server_names_hash_bucket_size 128;
";
my $shared = "
    location = /token    { auth_gate_issue download; }
    location = /settings { auth_gate jwt; auth_gate_identity claims; auth_gate_mfa exempt; auth_gate_app_settings on; }
";

sub accepted { my $entry = shift; return grep { ref($entry->{$_} // '') ne 'REF' } @Shape }

# A server for each directive, and one without it for each that stands in servers.
my $servers = '';
for my $name (sort keys %Table) {
    $servers .= server_of($name, 'absent', accepted($Table{$name})) . "\n";
    next if !$for_servers->($name);
    $servers .= "server { listen 127.0.0.1:%PORT%; server_name $name.absent; $Table{$name}{server} " . location('absent', $Table{$name}, '') . " }\n";
}
my $port = free_port();
my $gate = AuthGateLive->start(
    port => $port, env => { OTHER_SECRET => $Other }, main => 'env OTHER_SECRET;',
    http => $http . $servers =~ s/%PORT%/$port/gr, server => $shared, listen => 'default_server',
);

sub answer_of {
    my ($host, $shape, $entry) = @_;
    my $target = path($shape, $entry) . ($entry->{query} // '');
    if ($target =~ /%TOKEN%/) {
        my $got = http_request($port, join "\r\n", 'POST /token HTTP/1.1', 'Host: x', session(), 'Content-Length: 22', 'Connection: close', '', '{"purpose":"download"}');
        my ($token) = $got->{body} =~ /"token":"(\w+)"/;
        $target =~ s/%TOKEN%/$token/;
    }
    my @lines = ($entry->{method} // 'GET') . " $target HTTP/1.1";
    push @lines, "Host: $host", @{ $entry->{headers} // [] };
    push @lines, 'Connection: close' if !grep { /^Connection:/ } @lines;
    push @lines, 'Content-Length: 0' if ($entry->{method} // '') eq 'POST';
    my $got = http_request($port, join "\r\n", @lines, '', '');
    my ($head) = $got->{raw} =~ /\A(.*?)\r\n\r\n/s;
    return "$got->{status} $got->{body} $head";
}

for my $name (sort keys %Table) {
    my $entry = $Table{$name};
    next if $entry->{sockets};
    my ($host, $is) = $for_servers->($name) ? ("$name.absent", 'not in the server') : ($name, 'not said');
    like(answer_of($host, 'absent', $entry), $entry->{absent}, "$name, $is, does nothing");
    for my $shape (accepted($entry)) {
        my $expected = $entry->{$shape} // ($shape eq 'nested' && $Kind{$name} eq 'location_only' ? $entry->{absent} : $entry->{holds});
        like(answer_of($name, $shape, $entry), $expected, "$name: $shape");
    }
}

# Sockets that are open when the policy is switched on: those of locations that watch them are closed.
for my $name (grep { $Table{$_}{sockets} } sort keys %Table) {
    my %socket;
    for my $shape ('absent', @Shape) {
        my $socket = $socket{$shape} = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "connect: $!";
        print {$socket} join "\r\n", 'GET ' . path($shape, {}) . ' HTTP/1.1', "Host: $name", session(), @handshake, '', '';
        my $head = '';
        1 while $head !~ /\r\n\r\n/ && sysread $socket, $head, 1, length $head;
        like($head, qr/^HTTP\/1.1 101/, "$name: $shape: a socket opens");
    }
    my $put = http_request($port, join "\r\n", 'PUT /settings HTTP/1.1', 'Host: x', session(role => 'admin', mfa_enabled => \1),
        'Content-Type: application/json', 'Content-Length: 20', 'Connection: close', '', '{"require_mfa":true}');
    is($put->{status}, 200, "$name: the policy is switched on");
    for my $shape (@Shape) {
        $socket{$shape}->blocking(0);
        my $got = '';
        ok(wait_for("$shape: the end of the socket", sub { my $n = sysread $socket{$shape}, $got, 64, length $got; defined $n && ($n == 0 || $got =~ /MFA/) }),
            "$name: $shape");
    }
    $socket{absent}->blocking(0);
    ok(!defined sysread($socket{absent}, my $nothing, 1), "$name, not said, does nothing");
}
$gate->ends_well;

# Where a directive may not stand, nginx says so.
my %outside = (http_only => [qw(server location)], inherited_by_servers => ['location'], inherited => [], location_only => [qw(http server)]);
my %around = (
    http             => '%s',
    server           => 'server { %s }',
    location         => 'server { location / { %s } }',
    'if'             => 'server { location / { if ($uri ~ ^) { %s } } }',
    'server if'      => 'server { if ($uri ~ ^) { %s } }',
    limit_except     => 'server { location / { limit_except GET { %s } } }',
);
my $tester = bless { dir => $state, port => 1, env => { OTHER_SECRET => $Other }, main => 'env OTHER_SECRET;' }, 'AuthGateLive';

sub refusal_of {
    $tester->{http} = shift;
    $tester->write_conf;
    my ($good, $text) = $tester->test_conf;
    return $good ? 'accepted' : $text;
}

for my $name (sort keys %Kind) {
    my $entry = $Table{$name} // { says => $Http{$name} };
    for my $where (@{ $outside{ $Kind{$name} } }, 'if', 'server if', 'limit_except') {
        like(refusal_of($around{$where} =~ s/%s/$entry->{says}/r), qr/"$name" directive is not allowed here/, "$name in $where is refused");
    }
    for my $shape (grep { ref($entry->{$_} // '') eq 'REF' } @Shape) {
        like(refusal_of($http . server_of($name, $shape) =~ s/%PORT%/$port/r), ${ $entry->{$shape} }, "$name: $shape is refused");
    }
}
done_testing;
