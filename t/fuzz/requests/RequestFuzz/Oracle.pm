# A small, slow, obvious model of the gate: what it does with one request, in one location.
#
# It never admits what it should not. Where it is not sure, it says `unsure`, and the user's name may then only be one of
# those whose credentials were sent (see RequestFuzz::Possible).
package RequestFuzz::Oracle;

use strict;
use warnings;

use RequestFuzz::Credentials;
use RequestFuzz::Request;

# new($configuration): knows tokens by their text, and whether the policy is on.
sub new {
    my ($class, $configuration) = @_;
    return bless { configuration => $configuration, token => {}, policy => 0 }, $class;
}

sub location { my ($self, $name) = @_; return $self->{configuration}{locations}{$name} // die "no location $name\n" }

# The location of a path: exact, an endpoint or a gated exact one in another spelling, the longest prefix.
sub location_for {
    my ($self, $uri) = @_;
    my @all   = values %{ $self->{configuration}{locations} };
    my @exact = grep { $_->{exact} } @all;
    for my $location (@exact) { return $location if $location->{path} eq $uri }
    for my $location (@exact) { return $location if ($location->{gate} || $location->{folds}) && folded($location->{path}) eq folded($uri) }
    my ($longest) = sort { length $b->{path} <=> length $a->{path} }
        grep { !$_->{exact} && $_->{path} !~ m{^/_} && index($uri, $_->{path}) == 0 } @all;
    return $longest;
}

sub folded { my $path = lc shift; $path =~ s{/+}{/}g; $path =~ s{(?<=.)/\z}{}; return $path }

sub is_ambiguous { my $raw = shift; return unescaped($raw) =~ /[;\\\x00-\x1f\x7f]/ || $raw =~ /[;\\]/ }

sub is_listed {
    my ($self, $list, $method, $uri) = @_;
    my $path = lc($uri) =~ s{/+}{/}gr;
    for my $rule (@{ $self->{configuration}{rules} }) {
        my ($of, $for, $wanted) = @$rule;
        next if $of ne $list || !($for eq '*' || $for eq $method || $for eq 'GET' && $method eq 'HEAD');
        return 1 if $wanted =~ m{\*/} && folded($path) =~ one_segment(folded($wanted));
        return 1 if $wanted =~ s/\*\z//r ne $wanted ? index($path, $wanted =~ s/\*\z//r) == 0 : folded($path) eq folded($wanted);
    }
    return 0;
}

# A rule with * for a segment, as a pattern.
sub one_segment {
    my $rule = shift;
    my $pattern = join q{(?=[^/]*[^./])[\w.~!$&'()*+,=:\@-]+}, map { quotemeta } split /\*(?=\/)/, $rule, -1;
    return qr/\A$pattern\z/a;
}

# What stands in ?token=: none, jwt, token (and its text), unusable, or unsure.
sub url_token {
    my ($r, $s) = @_;
    my (@values, @rest);
    for my $parameter (split /&/, $r->{args}, -1) {
        my ($name, $value) = split /=/, $parameter, 2;
        if (unescaped($name // '') eq 'token') { push @values, unescaped($value // '') } else { push @rest, $parameter }
    }
    my $rest = join '&', $r->{path} =~ /;|%(?:3b|23|3f|25)/i ? $r->{path} : (), @rest;
    return ['unsure'] if unescaped(unescaped($rest)) =~ /token|[\x80-\xff]|%u/i || $rest =~ /%u/i || $r->{args} =~ /[;?]/;
    return ['unsure'] if grep { contains_jwt(unescaped(unescaped($_))) } @rest;  # a JWT under another name
    return ['jwt'] if grep { contains_jwt($_) } @values;
    return ['none'] if !@values || !@{ $s->{tokens} };
    return ['unsure'] if grep { /[A-F]/ } @values;
    return @values == 1 && $values[0] =~ /\A[0-9a-f]{64}\z/ ? [token => $values[0]] : ['unusable'];
}

# bearer($r): nothing, or the text, or '' where it is no proper one.
sub bearer {
    my $r = shift;
    my $value = $r->header('authorization') // return;
    my ($white, $scheme, $rest) = $value =~ /\A([^\w-]*)([\w-]*)(.*)\z/s;
    return if lc $scheme ne 'bearer';
    return $white eq '' && $rest =~ /\A +(.+)\z/ ? $1 : '';
}

# The values of a session cookie; or unsure where a lenient parser may find others.
sub cookie_values {
    my ($r, $name) = @_;
    my (@values, $unsure);
    for my $header ($r->values_of('cookie')) {
        for my $segment (split /;/, $header, -1) {
            $segment =~ s/\A[ \t]+//;
            if ($segment =~ /\A\Q$name\E=([\w.~-]*)\z/a) { push @values, $1 }
            elsif ($segment =~ /s|%/i)                   { $unsure = 1 }
        }
    }
    return (\@values, $unsure);
}

sub is_websocket {
    my $r = shift;
    return ($r->header('upgrade') // '') =~ /websocket/i && $r->{version} eq '1.1' && $r->{method} !~ /\A(?:HEAD|OPTIONS)\z/;
}

# A handshake: valid, wrong_version, none, or unsure.
sub handshake {
    my $r = shift;
    my $upgrade = $r->header('upgrade') // return 'none';
    return 'unsure' if grep { my $n = $_; 1 < $r->values_of($n) } qw(upgrade connection sec-websocket-key sec-websocket-version);
    return 'unsure' if lc $upgrade ne 'websocket' || ($r->header('sec-websocket-key') // '') ne 'dGhlIHNhbXBsZSBub25jZQ==';
    return 'none' if $r->{version} ne '1.1' || $r->{method} ne 'GET';
    return 'unsure' if lc($r->header('connection') // '') ne 'upgrade';
    my $version = $r->header('sec-websocket-version') // return 'unsure';
    return $version eq '13' ? 'valid' : $version =~ /\A\d+\z/ ? 'wrong_version' : 'unsure';
}

sub is_admitted_origin {
    my ($r, $s) = @_;
    return 1 if $s->{origins}[0] eq 'off';
    my $origin = lc($r->header('origin') // '');
    my @fetch = $r->values_of('sec-fetch-site');
    return @fetch == 1 && $fetch[0] eq 'same-origin' if $origin eq '';
    return 1 if grep { $_ eq $origin } @{ $s->{origins} };
    my ($scheme, $authority) = $origin =~ m{\A(https?)://([a-z0-9.-]+(?::\d+)?)\z} or return 0;
    my $port = $scheme eq 'http' ? 80 : 443;
    return $authority =~ s/:$port\z//r eq lc($r->header('host') // '') =~ s/:$port\z//r;
}

my %Unsure = (unsure => 1);

sub is_listed_by_cors { my ($r, $s) = @_; return grep { $_ eq lc($r->header('origin') // '') } @{ $s->{cors} } }

# What an Authorization is where an application's own keys go through: none of them, key, or unsure.
sub opaque_key {
    my $r = shift;
    my $value = $r->header('authorization') // '';
    return 'none' if $value !~ /[^ \t]/ || contains_jwt($value);
    return 'key' if $value eq 'Basic YTpi';
    return $value =~ m{[^\w .:/-]|\..*\.|[\w+/-]{12}|\A[^\w]*basic}i ? 'unsure' : 'key';
}

# Browsers send the header by themselves, and name their page.
sub is_foreign_socket {
    my ($r, $s) = @_;
    my $names_page = grep { defined $r->header($_) } qw(origin sec-fetch-site);
    return $names_page && is_websocket($r) && $r->header('authorization') =~ /\A(?:basic|digest|negotiate|ntlm)\b/i && !is_admitted_origin($r, $s);
}
sub refusal { my ($status, $why) = @_; return { refused => $status, why => $why } }

# judge($r, $s, %how): { refused => status, why } or { user, by, facts } or { unsure => 1 }.
#   uri           as it is in this location
#   subrequest    1: of an auth_request or an include
#   no_url        1: the redirect has lost the query
sub judge {
    my ($self, $r, $s, %how) = @_;
    my $method = $r->{method};
    my $uri    = $how{uri} // $r->{uri};
    my $path   = $how{subrequest} ? $uri : $r->{path};
    my $bad    = !$s->{as_sent} && is_ambiguous($path);
    return $bad ? refusal(400, 'bad_path') : { by => 'nobody' } if !$s->{gate};

    my $found = $self->credentials($r, $s, { %how, uri => $uri, bad => $bad });
    return $found if $found->{refused} || $found->{unsure};
    if ($found->{by} eq 'cookie' && (is_websocket($r) || $s->{own} && $method !~ /\A(?:GET|HEAD|OPTIONS)\z/)) {
        return refusal(403, 'origin') if !is_admitted_origin($r, $s) && (is_websocket($r) || !is_listed_by_cors($r, $s));
        my $has_body = ($r->header('content-length') // 0) > 0 || defined $r->header('transfer-encoding') || length $r->{body};
        if ($s->{own} && $has_body && $method !~ /\A(?:GET|HEAD|OPTIONS)\z/) {
            my $type = lc($r->header('content-type') // '');
            return \%Unsure if $type =~ /json/ && $type ne 'application/json';
            return refusal(415, 'not_json') if $type ne 'application/json';
        }
    }
    return refusal(403, 'origin') if $found->{by} eq 'opaque' && is_foreign_socket($r, $s);
    my $refused = $self->mfa_refusal($r, $s, $found, $method, $uri);
    return $refused if $refused;
    return $bad ? refusal(400, 'bad_path') : $found;
}

sub credentials {
    my ($self, $r, $s, $how) = @_;
    return { by => 'preflight' } if $r->{method} eq 'OPTIONS' && !$how->{subrequest} && length($r->header('origin') // '')
        && length($r->header('access-control-request-method') // '');
    return { by => 'public' } if !$s->{issues} && $self->is_listed('public', $r->{method}, $how->{uri});
    my $url = $how->{subrequest} ? ['none'] : url_token($r, $s);
    # A redirect loses the query, but not $request_uri.
    $url = ['none'] if $how->{no_url} && $url->[0] !~ /\A(?:jwt|unsure)\z/;
    return \%Unsure if $url->[0] eq 'unsure';
    return refusal(401, 'bad') if $url->[0] eq 'jwt';
    if ($s->{ws_close} && !$how->{subrequest}) {
        my $handshake = handshake($r);
        return \%Unsure if $handshake eq 'unsure';
        return refusal(426, 'version') if $handshake eq 'wrong_version';
    }
    my $key = $s->{opaque} ? opaque_key($r) : 'none';
    return \%Unsure if $key eq 'unsure' || $key eq 'key' && $how->{subrequest} && defined $r->header('cookie');
    return { by => 'opaque' } if $key eq 'key';
    my $bearer = $s->{jwt} && $s->{bearer} ? bearer($r) : undef;
    return $self->by_jwt($bearer, $s, 'bearer') if defined $bearer;
    if ($url->[0] ne 'none') {
        return refusal(400, 'bad_path') if $how->{bad};
        return $url->[0] eq 'token' ? $self->redeem($r, $s, $url->[1]) : refusal(401, 'bad');
    }
    for my $name ($s->{jwt} ? @{ $s->{cookies} } : ()) {
        my ($values, $unsure) = cookie_values($r, $name);
        return \%Unsure if $unsure;
        next if !@$values;
        return $self->by_cookies($values, $s, $how->{subrequest});
    }
    return refusal(401, 'none');
}

sub by_jwt {
    my ($self, $text, $s, $by) = @_;
    my $session = session_of($text, $s) or return session_of($text, $s, 1) ? refusal(403, 'claims') : refusal(401, 'bad');
    return { %$session, by => $by, text => $text };
}

sub by_cookies {
    my ($self, $values, $s, $subrequest) = @_;
    my %seen;
    my @different = grep { $_ ne '' && !$seen{$_}++ } @$values;
    return $self->by_jwt($values->[0], $s, 'cookie') if @$values == 1;
    return refusal(401, 'bad') if $subrequest && @different > 1;
    return refusal(401, 'bad') if @different > 4;
    my @good = grep { session_of($_, $s) } @different;
    return refusal(403, 'claims') if !@good && grep { session_of($_, $s, 1) } @different;
    my %users = map { session_of($_, $s)->{id} => 1 } @good;
    return refusal(401, 'bad') if keys %users != 1;
    my ($latest) = sort { (session_of($b, $s)->{claims}{iat} // -1) <=> (session_of($a, $s)->{claims}{iat} // -1) } @good;
    return $self->by_jwt($latest, $s, 'cookie');
}

# Whether a browser fetches ahead: yes, no, or unsure where other bytes stand around the word.
sub prefetch {
    my $r = shift;
    return 'yes' if defined $r->header('service-worker-navigation-preload');
    my @purposes = grep { /prefetch|prerender|preview/i } map { $r->values_of($_) } qw(sec-purpose purpose x-purpose x-moz);
    return (grep { /\A(?:prefetch|prerender|preview)\z/i } @purposes) ? 'yes' : @purposes ? 'unsure' : 'no';
}

sub redeem {
    my ($self, $r, $s, $text) = @_;
    my $prefetch = prefetch($r);
    return refusal(401, 'prefetch') if $prefetch eq 'yes';
    my $token = $self->{token}{$text} or return refusal(401, 'bad');
    $token->{state} = 'unsure' if $prefetch eq 'unsure';
    return \%Unsure if $token->{state} eq 'unsure';
    return refusal(401, 'bad') if $token->{state} eq 'spent';
    my %binding = (host => $r->header('host') // '', upgrade => $r->header('upgrade') // '', uri => $r->{uri}, path => $r->{path},
        args => join '&', grep { !/\Atoken=/ } split /&/, $r->{args});
    my $reads = $r->{method} =~ /\A(?:GET|HEAD)\z/;
    my $right = (grep { $_ eq $token->{purpose} } @{ $s->{tokens} }) && (grep { $_ eq $token->{gives}{key} } @{ $s->{keys} })
        && $token->{user_claim} eq $s->{user_claim};
    my $lacks = !has_claims($token->{gives}{claims}, $s);
    my $given = $lacks ? refusal(403, 'claims') : { %{ $token->{gives} }, by => 'token', purpose => $token->{purpose} };
    if ($token->{state} eq 'leased' && $right) {
        my @other = grep { $binding{$_} ne $token->{binding}{$_} } sort keys %binding;
        return $reads && !@other ? $given : $reads && "@other" eq 'path' ? \%Unsure : refusal(401, 'bad');
    }
    my $place = defined $token->{place} ? place_of($r, $s, $token->{place}) : 'right';
    if ($right && $place eq 'unsure') {
        $token->{state} = 'unsure';
        return \%Unsure;
    }
    $right &&= $place eq 'right';
    if ($r->{method} ne 'HEAD') {
        @$token{qw(state binding)} = ($right && $token->{purpose} eq 'media' && $reads ? 'leased' : 'spent', \%binding);
        $token->{uses}++ if $right && !$lacks;
    }
    return $right ? $given : refusal(401, 'bad');
}

# Whether a token for this path, which was asked for with GET, is right here, wrong, or unsure.
sub place_of {
    my ($r, $s, $path) = @_;
    return 'wrong' if ($r->{sent_method} // $r->{method}) !~ /\A(?:GET|HEAD)\z/;
    return 'wrong' if folded($path) ne folded($r->{uri});
    return 'unsure' if $path ne $r->{uri} || $s->{as_sent} && $r->{path} ne $path || $r->{path} =~ /%2f/i;
    return 'right';
}

# A token that was issued to a session in this location.
sub learn_token {
    my ($self, $text, $session, $s, $purpose, $path) = @_;
    $self->{token}{$text} = {
        text => $text, state => 'live', uses => 0, purpose => $purpose, user_claim => $s->{user_claim}, place => $path,
        gives => { user => $session->{user}, key => $session->{key}, claims => $session->{claims} },
    };
    return;
}

sub mfa_refusal {
    my ($self, $r, $s, $found, $method, $uri) = @_;
    return if !defined $found->{user} || $s->{mfa} =~ /\A(?:off|exempt)\z/ || $self->is_listed('mfa_exempt', $method, $uri);
    return if $s->{bypass} || $s->{dry_run} || $s->{mfa} eq 'policy' && !$self->{policy};
    if ($s->{identity} eq 'lookup') {
        my $known = user_with($found->{user}) or return refusal(401, 'bad');
        return $known->{mfa} ? undef : refusal(403, 'mfa');
    }
    my $claim = $found->{claims}{mfa_enabled};
    return \%Unsure if defined $claim && ref $claim ne 'JSON::PP::Boolean';
    return $claim ? undef : refusal(403, 'mfa');
}

1;
