# Makes sequences of proper requests. All of them are requests that the oracle reads and is sure about, nearly always.
package RequestFuzz::Grammar;

use strict;
use warnings;

use Exporter qw(import);
use RequestFuzz::Credentials;
use RequestFuzz::Pool;

our @EXPORT = qw(new_sequence);

my @Shapes    = grep { $_ ne 'exact' } shape_names();
my @Profiles  = profile_names();
my @Methods   = (('GET') x 6, qw(HEAD POST POST PUT DELETE OPTIONS PATCH));
my @Rest      = (('x') x 8, '', 'a/b', 'a%20b', 'open/x', 'setup/x', 'setup', 'x;y', 'x%3By', 'a%5cb', 'a%2Fb', './x', 'a/../x', 'x//y', '%78', 'x%0ay', '%c3%bc', '%e2%80%a8', 'x%253b');
my @Apps      = (('plain') x 6, qw(chunked big failed missing empty));
my @Endpoints = qw(/ep/issue /ep/issue-any /ep/issue-any /ep/issue-sub /ep/issue-other /ep/issue-claims /ep/issue-asked /ep/issue-cors /ep/settings /ep/settings /ep/app-settings /ep/app-provider /ep/config
    /ep/app-config /ep/disable /ep/status /ep/prometheus /ep/provider /sso/login /sso/callback?code=a&state=b /sso/exchange?code=c /sso/logout /sso/x);
my @Good = qw(alice alice bob admin chief);
my %Fits = (other => ['other'], keys => ['other', @Good], sub => ['carol'], leeway => ['recent'], noexp => ['noexp'], small => ['alice', 'long'], claims => [qw(admin chief alice)]);
my @Handshake = (['Upgrade', 'websocket'], ['Connection', 'Upgrade'], ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==']);

# new_sequence($random, $configuration)
sub new_sequence {
    my ($random, $configuration) = @_;
    my $self = bless { random => $random, ops => [], marks => 0, tokens => 0 }, __PACKAGE__;
    $self->connection for 1 .. 1 + $random->below(3);
    return { configuration => $configuration, ops => $self->{ops} };
}

sub connection {
    my $self   = shift;
    my $random = $self->{random};
    my $h2     = $random->chance(30);
    my @ops;
    my $stream = -1;
    for my $i (1 .. 1 + $random->below(4)) {
        my $request = $self->request($h2);
        if ($h2) {
            $stream += 2;
            push @ops, h2_ops($request, $stream, $random);
        } else {
            push @ops, [bytes => h1_bytes($request, $random)];
            push @ops, ['flush'] if $random->chance(15);
            last if $request->{last};
        }
    }
    push @{ $self->{ops} }, @{ delete $self->{issues} || [] }, [connect => $h2 ? 'h2' : 'h1'], @ops;
    return;
}

# { method, target, headers, body, version }
sub request {
    my ($self, $h2) = @_;
    my $random  = $self->{random};
    my %request = (method => $random->one_of(@Methods), headers => [], body => '', version => $random->chance(12) ? '1.0' : '1.1');
    my $profile = $random->one_of(@Profiles);
    my $add     = sub { push @{ $request{headers} }, [@_]; return };
    my @query   = $random->chance(25) ? ('a=' . $random->below(9)) : ();
    if ($random->chance(20)) {
        $profile = '';
        $self->endpoint(\%request, $add, $h2);
    } elsif ($random->chance(12)) {
        $request{target} = $self->spelt("/exact/$profile");
    } else {
        my $shape = $random->one_of(@Shapes);
        $request{target} = "/$shape/$profile/" . ($shape eq 'nested' ? 'in/' : '') . $random->one_of(@Rest);
        $request{target} = '/' . $random->one_of('', '/', 'x/../', './', 'login', 'other') . substr $request{target}, 1 if $random->chance(5);
    }
    $self->credentials(\%request, $add, $profile, \@query);
    if (@query) { $request{target} .= ($request{target} =~ /\?/ ? '&' : '?') . join '&', @query }

    $add->('X-App', $random->one_of(@Apps)) if $random->chance(40);
    $add->(@$_) for $random->chance(12) && !$h2 ? (@Handshake, ['Sec-WebSocket-Version', $random->one_of(13, 13, 13, 8)]) : ();
    $add->('Origin', $random->one_of('http://localhost', 'https://a.example', 'https://b.example', 'null', 'https://localhost:443')) if $random->chance(25);
    $add->('Access-Control-Request-Method', 'GET') if $request{method} eq 'OPTIONS' && $random->chance(60);
    $add->('Sec-Fetch-Site', $random->one_of(qw(same-origin same-site cross-site none))) if $random->chance(12);
    $add->('Sec-Fetch-Mode', $random->one_of(qw(navigate cors no-cors))) if $random->chance(8);
    $add->('Accept', $random->one_of('text/html', 'application/json', '*/*')) if $random->chance(15);
    $add->($random->one_of('Sec-Purpose', 'Purpose'), 'prefetch') if $random->chance(3);
    $add->('X-User', 'forged') if $random->chance(8);
    $add->('X-Forwarded-For', '10.0.0.1') if $random->chance(5);
    if ($request{method} =~ /\A(?:POST|PUT|PATCH|DELETE)\z/ && $request{body} eq '' && $random->chance(50)) {
        $request{body} = $random->one_of('{}', 'a=b', 'x' x 3000, '{"purpose":"download"}', "GET /plain/jwt/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        $add->('Content-Type', $random->one_of('application/json', 'text/plain')) if $random->chance(60);
    }
    $add->('X-Mark', 'mark' . ++$self->{marks} . 'x');
    $request{last} = $random->chance(10);
    $add->('Connection', 'close') if $request{last} && !$h2 && !grep { $_->[0] eq 'Connection' } @{ $request{headers} };
    return \%request;
}

sub spelt {
    my ($self, $path) = @_;
    return $self->{random}->one_of(($path) x 6, uc $path, "$path/", "/$path", $path =~ s/exact/%65xact/r, "/x/..$path", "$path;x", "$path%3B", "$path%2f");
}

sub endpoint {
    my ($self, $request, $add, $h2) = @_;
    my $random = $self->{random};
    my $path   = $random->one_of(@Endpoints);
    $request->{target} = $path =~ /\?/ ? $path : $random->chance(8) ? $self->spelt($path) : $path;
    if ($path =~ /issue/) {
        $request->{method} = 'POST' if $random->chance(80);
        $request->{body}   = $random->one_of('', '{"purpose":"ws"}', '{"purpose":"download"}', '{"purpose":"media"}', '{"purpose":"bound"}', '{"purpose":"download","path":"/plain/bound/x"}',
            '{"purpose":"bound","path":"x"}', '{"purpose":7}', 'no JSON');
    } elsif ($path =~ /settings|disable/) {
        $request->{method} = $path =~ /disable/ ? 'POST' : $h2 ? 'GET' : 'PUT' if $random->chance(70);
        $request->{method} = 'GET' if $h2 && $request->{method} eq 'PUT';
        my @bodies = ('{"require_mfa":true}', '{"require_mfa":true}', '{"require_mfa":"false"}', '{"require_mfa":1}', '{"other":1}', '[');
        $request->{body} = $random->one_of(@bodies) if $request->{method} eq 'PUT';
    }
    $add->('Content-Type', 'application/json') if $request->{body} ne '' && $random->chance(80);
    return;
}

sub credentials {
    my ($self, $request, $add, $profile, $query) = @_;
    my $random = $self->{random};
    my $jwt    = sub {
        my $name = $random->one_of($random->chance(70) ? @{ $Fits{$profile} || \@Good } : jwt_names());
        return $random->chance(4) ? "<jwt:$name~" . $random->below(200) . '>' : "<jwt:$name>";
    };
    my $roll   = $random->below(100);
    $add->('Authorization', $random->one_of(('Bearer ') x 12, 'bearer ', 'Bearer  ', 'Basic ', 'Bearer') . $jwt->()) if $roll < 55 || $roll > 92;
    $add->('Authorization', $random->one_of('Token abc', 'Bearer key', 'Basic YTpi', 'key')) if $roll >= 55 && $roll < 62;
    if ($roll >= 50 && $roll < 72) {
        my $cookie = join '; ', $random->chance(30) ? 'a=b' : (), map { 'sid=' . $jwt->() } 1 .. ($random->chance(15) ? 2 : 1);
        $add->('Cookie', $cookie);
        $add->('Origin', 'http://localhost') if $random->chance(40) && !grep { $_->[0] eq 'Origin' } @{ $request->{headers} };
    }
    if ($roll >= 68 && $roll < 96) {
        push @$query, 'token=' . $random->one_of(($self->token($profile, $request->{target})) x 6, $jwt->(), 'f' x 64, 'abc', '');
        push @$query, 'b=1' if $random->chance(20);
        push @$query, $query->[-1] if $random->chance(3);
        $add->('Referer', "http://localhost/?$query->[-1]") if $random->chance(10);
    }
    return;
}

# A new token, or one that was there before.
sub token {
    my ($self, $profile, $target) = @_;
    my $random = $self->{random};
    return "<token:t$self->{tokens}>" if $self->{tokens} && $random->chance(25);
    my ($path)  = $target =~ m{\A((?:/[\w-]+)+/?)(?:\?|\z)};
    $path = '/plain/bound/y' if $random->chance(10);
    my $purpose = $random->chance(80) ? $profile eq 'bound' && defined $path ? 'bound' : $profile eq 'lease' ? 'media' : $profile eq 'close' ? 'ws' : 'download' : $random->one_of(qw(ws download media));
    my $jwt     = $profile eq 'sub' ? 'carol' : $profile eq 'other' ? 'other' : $random->one_of(@Good);
    push @{ $self->{issues} }, [issue => 't' . ++$self->{tokens}, $jwt, $purpose, defined $path && ($purpose eq 'bound' || $random->chance(25)) ? $path : ()];
    return "<token:t$self->{tokens}>";
}

sub h1_bytes {
    my ($request, $random) = @_;
    my @headers = @{ $request->{headers} };
    my %seen;
    @headers = grep { $_->[0] !~ /\A(?:Origin|Connection|Content-Type)\z/ || !$seen{ $_->[0] }++ } @headers;
    my $body = $request->{body};
    if ($body ne '') {
        if ($request->{version} eq '1.1' && $random->chance(35)) {
            push @headers, ['Transfer-Encoding', 'chunked'];
            my $cut = $random->below(length $body);
            $body = join '', map({ length() ? sprintf("%x\r\n%s\r\n", length, $_) : () } substr($body, 0, $cut), substr($body, $cut)), "0\r\n\r\n";
        } else {
            push @headers, ['Content-Length', length $body];
        }
    }
    return join "\r\n", "$request->{method} $request->{target} HTTP/$request->{version}", 'Host: localhost', map({ "$_->[0]: $_->[1]" } @headers), '', $body;
}

sub h2_ops {
    my ($request, $stream, $random) = @_;
    my %seen;
    my @fields = ([':method', $request->{method}], [':scheme', 'http'], [':path', $request->{target}], [':authority', 'localhost'],
        map { [lc $_->[0], $_->[1]] } grep { $_->[0] !~ /\A(?:Origin|Content-Type)\z/ || !$seen{ $_->[0] }++ } @{ $request->{headers} });
    my $has_body = $request->{body} ne '';
    return ([frame => { type => 'headers', flags => $has_body ? 4 : 5, stream => $stream, fields => \@fields }],
        $has_body ? [frame => { type => 'data', flags => 1, stream => $stream, payload => $request->{body} }] : (),
        $random->chance(5) ? [frame => { type => 'ping', flags => 0, stream => 0, payload => '12345678' }] : ());
}

1;
