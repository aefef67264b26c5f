# Makes JWTs for the tests, good and bad ones, without the code under test.
package AuthGateTest::Jwt;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha384 hmac_sha512);
use Exporter qw(import);
use JSON::PP ();
use MIME::Base64 qw(encode_base64);

our @EXPORT = qw(jwt session_jwt b64url $SECRET);

our $SECRET = '0123456789abcdef0123456789abcdef';

my $Json = JSON::PP->new->canonical->utf8->allow_nonref;
my %Mac  = (HS256 => \&hmac_sha256, HS384 => \&hmac_sha384, HS512 => \&hmac_sha512);

# jwt($payload, %options): the payload is a hash, or JSON text that is used
# unchanged. Members are in alphabetical order.
#   secret     default $SECRET
#   header     a hash merged over {alg => 'HS256', typ => 'JWT'} (undef removes
#              a member), or JSON text
#   sign       how to sign, default the header's alg: HS256, HS384, HS512, none
#   signature  the third part, instead of a computed one
sub jwt {
    my ($payload, %option) = @_;
    my $header = $option{header} // {};
    my $how    = $option{sign} // (ref $header ? $header->{alg} : undef) // 'HS256';

    $header = without_undef({ alg => 'HS256', typ => 'JWT', %$header }) if ref $header;
    my $signed = join '.', map { b64url(ref $_ ? $Json->encode($_) : $_) } $header, $payload;

    my $mac = $Mac{$how};
    my $signature = $option{signature}
        // ($mac ? b64url($mac->($signed, $option{secret} // $SECRET)) : '');
    return "$signed.$signature";
}

# A JWT like those of the example's login: session_jwt(7, role => 'admin'). The id comes first.
# A claim set to undef is left out; names with a dash are options of jwt():
# session_jwt(7, -secret => 'x').
sub session_jwt {
    my ($id, %more) = @_;
    my %option = map { substr($_, 1) => delete $more{$_} } grep { /^-/ } keys %more;
    my $now = time;
    my $claims = without_undef({ id => $id, iat => $now, exp => $now + 3600, %more });
    return jwt($claims, %option) if !exists $claims->{id};
    my $first = $Json->encode(delete $claims->{id});
    my $rest  = $Json->encode($claims) =~ s/\A\{//r;
    return jwt('{"id":' . $first . ($rest eq '}' ? '' : ',') . $rest, %option);
}

sub b64url {
    my $text = encode_base64(shift, '');
    $text =~ tr{+/=}{-_}d;
    return $text;
}

sub without_undef {
    my $members = shift;
    return { map { $_ => $members->{$_} } grep { defined $members->{$_} } keys %$members };
}

1;
