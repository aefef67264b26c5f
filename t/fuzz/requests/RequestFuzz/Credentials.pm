# The JWTs and users of the request fuzzer, and a slow model of what makes a JWT a session.
#
# A sequence names credentials: <jwt:NAME>, <token:NAME>. <jwt:NAME~5> is the same with its sixth character changed.
package RequestFuzz::Credentials;

use strict;
use warnings;

use AuthGateTest::Jwt;
use Digest::SHA qw(hmac_sha256);
use Exporter qw(import);
use JSON::PP ();
use MIME::Base64 qw(decode_base64);

our @EXPORT = qw(jwt_names jwt_named changed session_of has_claims contains_jwt jwts_in user_with %SECRET);

our %SECRET = (JWT_SECRET => $SECRET, OTHER_SECRET => 'another secret of more than 32 bytes');

# What the application knows: its "who am I".
my %User = (
    1     => { role => 'admin', mfa => 1 },
    2     => { role => 'admin', mfa => 0 },
    7     => { role => 'user',  mfa => 1 },
    8     => { role => 'user',  mfa => 0 },
    carol => { role => 'user',  mfa => 1 },
);

sub user_with { my $id = shift; return $User{$id} }

my $Day = 86_400;
my %Jwt = (
    admin  => sub { session_jwt(1, role => 'admin', mfa_enabled => \1, exp => time + $Day) },
    chief  => sub { session_jwt(2, role => 'admin', mfa_enabled => \0, exp => time + $Day) },
    alice  => sub { session_jwt(7, role => 'user', mfa_enabled => \1, exp => time + $Day) },
    bob    => sub { session_jwt(8, role => 'user', exp => time + $Day) },
    older  => sub { session_jwt(7, mfa_enabled => \1, iat => time - 500, exp => time + $Day) },
    text   => sub { session_jwt('7', mfa_enabled => \1, exp => time + $Day) },
    other  => sub { session_jwt(7, mfa_enabled => \1, exp => time + $Day, -secret => $SECRET{OTHER_SECRET}) },
    carol  => sub { session_jwt(undef, sub => 'carol', mfa_enabled => \1, exp => time + $Day) },
    nobody => sub { session_jwt(99, exp => time + $Day) },
    long   => sub { session_jwt(7, mfa_enabled => \1, exp => time + $Day, pad => 'x' x 300) },
    line   => sub { session_jwt("7\r\nX-User: 1", exp => time + $Day) },
    recent => sub { session_jwt(7, mfa_enabled => \1, exp => time - 600) },
    ended  => sub { session_jwt(7, iat => 1000, exp => 2000) },
    noexp  => sub { session_jwt(7, mfa_enabled => \1, exp => undef) },
    later  => sub { session_jwt(7, nbf => time + $Day, exp => time + 2 * $Day) },
    ahead  => sub { session_jwt(7, iat => time + $Day, exp => time + 2 * $Day) },
    forged => sub { session_jwt(1, role => 'admin', exp => time + $Day, -secret => 'guessed') },
    none   => sub { session_jwt(1, role => 'admin', exp => time + $Day, -header => { alg => 'none' }) },
    large  => sub { session_jwt(1, role => 'admin', exp => time + $Day, -header => { alg => 'HS512' }) },
    crit   => sub { session_jwt(1, exp => time + $Day, -header => { crit => ['x'] }) },
    other_use => sub { session_jwt(1, exp => time + $Day, purpose => 'mfa') },
    unsigned  => sub { session_jwt(1, exp => time + $Day, -signature => '') },
    list   => sub { jwt('[1]') },
    object => sub { session_jwt({ a => 1 }, exp => time + $Day) },
);
my %Made;

sub jwt_names { return sort keys %Jwt }
sub jwt_named { my $name = shift; return $Made{$name} //= ($Jwt{$name} or die "no JWT is called $name\n")->() }

# The text with one character of base64url changed into another.
sub changed {
    my ($text, $at) = @_;
    return $text if $text eq '';
    $at %= length $text;
    substr($text, $at, 1) = substr($text, $at, 1) eq 'A' ? 'B' : 'A';
    return $text;
}

sub decoded {
    my $text = shift;
    return if $text !~ /\A[\w-]*\z/a || length($text) % 4 == 1;
    my $bytes = decode_base64($text =~ tr{-_}{+/}r);
    return b64url($bytes) eq $text ? $bytes : undef;
}

sub object_in {
    my $bytes = decoded(shift) // return;
    my $value = eval { JSON::PP->new->utf8->decode($bytes) };
    return ref $value eq 'HASH' ? $value : undef;
}

sub is_number { return defined $_[0] && !ref $_[0] && JSON::PP->new->allow_nonref->encode($_[0]) =~ /\A-?[0-9.eE+-]+\z/ }

my %Read;    # by text: verifying is slow

# The key's name and the claims, if one of the keys has signed this.
sub authentic {
    my $text = shift;
    return $Read{$text} if exists $Read{$text};
    %Read = () if keys %Read > 5000;
    return $Read{$text} = do {
        my ($header, $payload, $signature, @more) = split /\./, $text, -1;
        my $head = defined $signature && !@more ? object_in($header) : undef;
        my $key;
        if ($head && ($head->{alg} // '') eq 'HS256' && !exists $head->{crit}) {
            ($key) = grep { b64url(hmac_sha256("$header.$payload", $SECRET{$_})) eq $signature } sort keys %SECRET;
        }
        my $claims = $key ? object_in($payload) : undef;
        # A number and the same digits as a string are two users.
        $claims ? { key => $key, claims => $claims, id => { map { $_ => JSON::PP->new->allow_nonref->encode($claims->{$_}) } keys %$claims } } : undef;
    };
}

# session_of($text, $settings, $any): { user, id, key, claims } if the text is a session where these settings hold; with
# $any also one that lacks required claims.
sub session_of {
    my ($text, $s, $any) = @_;
    return if length $text > $s->{max_size};
    my $found = authentic($text) or return;
    return if !grep { $_ eq $found->{key} } @{ $s->{keys} };
    my $claims = $found->{claims};
    return if exists $claims->{purpose};
    for my $date (qw(exp nbf iat)) {
        return if exists $claims->{$date} && !is_number($claims->{$date});
    }
    my $now = time;
    return if !exists $claims->{exp} && $s->{require_exp};
    return if exists $claims->{exp} && $now >= $claims->{exp} + $s->{leeway};
    return if exists $claims->{nbf} && $now + $s->{leeway} < $claims->{nbf};
    return if exists $claims->{iat} && $now + ($s->{leeway} > 60 ? $s->{leeway} : 60) < $claims->{iat};
    my $user = $claims->{ $s->{user_claim} };
    return if !defined $user || ref $user || $user eq '';
    return if !$any && !has_claims($claims, $s);
    return { user => $user, id => $found->{id}{ $s->{user_claim} }, key => $found->{key}, claims => $claims };
}

sub has_claims {
    my ($claims, $s) = @_;
    for my $claim (keys %{ $s->{require} }) {
        my $value = $claims->{$claim};
        my @values = ref $value eq 'ARRAY' ? @$value : $value;
        return if !grep { defined && $_ eq $s->{require}{$claim} } @values;
    }
    return 1;
}

# Also where other letters stand before its header, if that is an object from its beginning to its end.
sub contains_jwt {
    my $text = shift;
    while ($text =~ /(?<![\w-])(?=([\w-]+)\.[\w-]+\.)/ag) {
        my $run = $1;
        return 1 if (decoded($run) // '') =~ /\A\s*\{/;
        return 1 if grep { (decoded(substr $run, $_) // '') =~ /\A\{["\s].*\}\s*\z/s } 1 .. length($run) - 1;
    }
    return 0;
}

# All that could be JWTs in these bytes, escapes decoded too.
sub jwts_in {
    my $bytes = shift;
    my %seen;
    for my $text ($bytes, $bytes =~ s/%([0-9a-f]{2})/chr hex $1/gier) {
        $seen{$1} = 1 while $text =~ /(?=(?<![\w-])([\w-]+\.[\w-]+\.[\w-]+))/ag;
    }
    return keys %seen;
}

1;
