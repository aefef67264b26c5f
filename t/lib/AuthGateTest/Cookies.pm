# Cookie headers that parsers read differently, and what the gate makes of them: for t/cookies.t, and for
# t/live/cookie_parsers.t, which shows both headers to real parsers. The session's cookie is trek_session.
#
# In a header, and in what goes on, stand for sessions: <A> user 7; <A-later> and <A-sooner> the same with another iat;
# <A-guest> the same without the role; <B> user 8; <X> one that is signed by somebody else; <E> one that has expired.
package AuthGateTest::Cookies;

use strict;
use warnings;

use AuthGateTest::Jwt;
use Exporter qw(import);

our @EXPORT = qw(cookie_rows cookie_lines with_sessions);

my %Claims = (
    'A'        => { id => 7, role => 'user', iat => 1000 },
    'A-later'  => { id => 7, role => 'user', iat => 1001 },
    'A-sooner' => { id => 7, role => 'user', iat => 999 },
    'A-no-iat' => { id => 7, role => 'user', iat => undef },
    'A-guest'  => { id => 7, iat => 2000 },
    'B'        => { id => 8, role => 'user', iat => 1000 },
    'E'        => { id => 8, role => 'user', iat => 1000, exp => 2000 },
);
my %Session = map { $_ => session_jwt($Claims{$_}{id}, %{ $Claims{$_} }) } keys %Claims;
$Session{X}   = $Session{B} =~ s/[^.]+\z/'A' x 43/er;
$Session{'%'} = $Session{B} =~ s/\./%2E/gr;                                        # as some libraries escape a value
$Session{'"'} = '"' . $Session{B} . '"';

sub with_sessions { return $_[0] =~ s/<([^<>]+)>/$Session{$1} or die "no session $1"/ger }

# What is sent: a line, or several. What goes on: undef is 401.
my @Rows = (
    # one session: untouched
    ['a=1; trek_session=<A>; b=2',                       'a=1; trek_session=<A>; b=2'],
    ['a=1;trek_session=<A>;b=2',                         'a=1;trek_session=<A>;b=2'],
    ['a="1, 2"; c; trek_session=<A>; d=e=f',             'a="1, 2"; c; trek_session=<A>; d=e=f'],
    ['trek_session2=<B>; xtrek_session=<B>; trek_session=<A>', 'trek_session2=<B>; xtrek_session=<B>; trek_session=<A>'],
    ['trek-session=<B>; trek_session=<A>',               'trek-session=<B>; trek_session=<A>'],
    ['from=/x?trek_session=1; trek_session=<A>',         'from=/x?trek_session=1; trek_session=<A>'],
    ['Trek_Session=dark; trek_session=<A>',              'Trek_Session=dark; trek_session=<A>'],

    # twice the same
    ['trek_session=<A>; trek_session=<A>',               'trek_session=<A>'],
    [['trek_session=<A>', 'z=1; trek_session=<A>'],      'trek_session=<A>; z=1'],

    # one is good, the others go
    ['trek_session=<A>; trek_session=<X>',               'trek_session=<A>'],
    ['trek_session=<X>; trek_session=<A>',               'trek_session=<A>'],
    ['trek_session=<E>; z=1; trek_session=<A>; y=2',     'z=1; trek_session=<A>; y=2'],
    ['trek_session=; trek_session=<A>',                  'trek_session=<A>'],
    ['trek_session; trek_session=<A>',                   'trek_session=<A>'],
    ['trek_session=<A>; trek_session=a; trek_session=b; trek_session=c', 'trek_session=<A>'],
    [['trek_session=<A>', 'trek_session=<X>'],           'trek_session=<A>'],
    [['trek_session=<X>; a=1', 'trek_session=<A>'],      'a=1; trek_session=<A>'],
    [['z=1', 'y=2 trek_session=<E>', 'trek_session=<A>'], 'z=1; trek_session=<A>'],

    # ... wherever some parser finds them: white space
    ['trek_session=<A>; z=1 trek_session=<X>',           'trek_session=<A>'],
    ['trek_session=<A>; y=2; z=1 trek_session=<X>; x=3', 'trek_session=<A>; y=2; x=3'],
    ["trek_session=<A>; z=1\ttrek_session=<X>",          'trek_session=<A>'],
    ['z=1 trek_session=<X>; trek_session=<A>',           'trek_session=<A>'],
    ['trek_session =<X>; trek_session=<A>',              'trek_session=<A>'],
    ["trek_session\t=<X>; trek_session=<A>",             'trek_session=<A>'],
    ['trek_session = <X>; trek_session=<A>',             'trek_session=<A>'],
    ['trek_session=<A>; trek_session= <X>',              'trek_session=<A>'],
    ["\xa0trek_session=<X>; trek_session=<A>",           'trek_session=<A>'],
    ["trek_session\xa0=<X>; trek_session=<A>",           'trek_session=<A>'],
    ["\xe2\x80\x83trek_session=<X>; trek_session=<A>",   'trek_session=<A>'],
    ["\xef\xbb\xbftrek_session=<X>; trek_session=<A>",   'trek_session=<A>'],

    # an empty name before it
    ['=trek_session=<X>; trek_session=<A>',              'trek_session=<A>'],
    ['==trek_session=<X>; trek_session=<A>',             'trek_session=<A>'],
    ['z=1, =trek_session=<X>; trek_session=<A>',         'trek_session=<A>'],
    ['=' x 4000 . 'trek_session=<X>; trek_session=<A>',  'trek_session=<A>'],
    ['z=trek_session=<X>; trek_session=<A>',             'z=trek_session=<X>; trek_session=<A>'],

    # commas
    ['trek_session=<A>; z=1,trek_session=<X>',           'trek_session=<A>'],
    ['trek_session=<A>; z=1, trek_session=<X>',          'trek_session=<A>'],
    ['z=1,trek_session=<X>,y=2; trek_session=<A>; x=3',  'trek_session=<A>; x=3'],
    ['trek_session=<X>, trek_session=<A>',               'trek_session=<A>'],
    ['trek_session=<A>, trek_session=<X>',               'trek_session=<A>'],

    # quotes
    ['trek_session=<A>; z="1" trek_session=<X>',         'trek_session=<A>'],
    ['trek_session=<A>; z="1"trek_session=<X>',          'trek_session=<A>'],
    ['trek_session=<A>; "trek_session"=<X>',             'trek_session=<A>'],
    ['trek_session=<A>; z="; trek_session=<X>; y="',     'trek_session=<A>; z="; y="'],
    ['z="\"; trek_session=<X>"; trek_session=<A>',       'z="\"; trek_session=<A>'],
    ['trek_session="<X>"; trek_session=<A>',             'trek_session=<A>'],

    # $Version and its like (RFC 2965)
    ['$Version=1; trek_session=<A>; $Path=/',            '$Version=1; trek_session=<A>; $Path=/'],
    ['$Version=1; trek_session="<X>"; $Path=/; trek_session=<A>', '$Version=1; $Path=/; trek_session=<A>'],
    ['$Version=1, trek_session="<X>"; $Path=/; trek_session=<A>', '$Path=/; trek_session=<A>'],

    # names that PHP, Rack, ASP.NET or nginx's own $cookie_NAME take for this one
    ['trek.session=<X>; trek_session=<A>',               'trek_session=<A>'],
    ['trek session=<X>; trek_session=<A>',               'trek_session=<A>'],
    ['trek[session=<X>; trek_session=<A>',               'trek_session=<A>'],
    ['trek_session=<A>; trek_session[a]=<X>',            'trek_session=<A>'],
    ['trek%5fsession=<X>; trek_session=<A>',             'trek_session=<A>'],
    ['%74rek_session=<X>; trek_session=<A>',             'trek_session=<A>'],
    ['%20trek_session=<X>; trek_session=<A>',            'trek_session=<A>'],
    ['trek+session=<X>; trek_session=<A>',               'trek_session=<A>'],
    ['Trek_Session=<X>; trek_session=<A>',               'trek_session=<A>'],
    ['TREK_SESSION="<X>"; trek_session=<A>',             'trek_session=<A>'],
    ['trek_session=<A>; z=1, Trek_Session=<E>',          'trek_session=<A>'],

    # the good one may be the one that only others find
    ['trek_session=<X>; z=1 trek_session=<A>; y=2',      'trek_session=<A>; y=2'],
    ['y=2; trek_session=<X> trek_session=<A>',           'trek_session=<A>; y=2'],
    ['trek_session="<A>"; trek_session=<X>',             'trek_session=<A>'],
    [['y=2', 'trek_session=<X>, trek_session=<A>'],      'trek_session=<A>; y=2'],

    # several good ones of one user: the latest
    ['trek_session=<A>; trek_session=<A-later>',         'trek_session=<A-later>'],
    ['trek_session=<A-later>; trek_session=<A>',         'trek_session=<A-later>'],
    ['trek_session=<A>; z=1 trek_session=<A-later>',     'trek_session=<A-later>'],
    ['trek_session=<A>; z=1 trek_session=<A-sooner>',    'trek_session=<A>'],
    ['trek_session=<A-sooner>; trek_session=<X>, trek_session=<A>; trek_session=<A-later>', 'trek_session=<A-later>'],
    ['trek_session=<A-no-iat>; trek_session=<A-sooner>', 'trek_session=<A-sooner>'],
    ['trek_session=<A-sooner>; trek_session=<A-no-iat>', 'trek_session=<A-sooner>'],
    ['trek_session=<A-guest>; trek_session=<A>',         'trek_session=<A>'],

    # of different users: nobody's
    ['trek_session=<A>; trek_session=<B>'],
    ['trek_session=<B>; trek_session=<A>'],
    ['trek_session=<A>; z=1 trek_session=<B>'],
    ["trek_session=<A>; z=1\ttrek_session=<B>"],
    ['trek_session=<A>; z=1,trek_session=<B>'],
    ['trek_session=<A>; z="1" trek_session=<B>'],
    ['trek_session=<A>; trek_session="<B>"'],
    ['trek_session =<B>; trek_session=<A>'],
    ['trek.session=<B>; trek_session=<A>'],
    ['trek%5Fsession=<B>; trek_session=<A>'],
    ['Trek_Session=<B>; trek_session=<A>'],
    ['$Version=1; trek_session="<B>"; trek_session=<A>'],
    ['trek_session=<A>; trek_session=<A-later>; trek_session=<B>'],
    [['trek_session=<A>', 'trek_session=<B>']],
    [['trek_session=<A>', 'z=1 trek_session=<B>']],

    # no good one, or too many
    ['trek_session=<X>; trek_session=<E>'],
    ['trek_session=<X>; z=1 trek_session=<E>'],
    ['trek_session=; trek_session='],
    ['trek_session=<A>; ' . join '; ', map { "trek_session=$_" } 'a' .. 'd'],
    [join('; ', map { "z=1 trek_session=$_" } 'a' .. 'd') . '; trek_session=<A>'],
    ['trek_session=<%>'],
    ['trek_session=<">'],
    ['trek_session=<A> x'],
    ['z=1 trek_session=<A>'],
    ['Trek_Session=<A>'],
);

# A copy of the rows: what is sent, and what goes on.
sub cookie_rows { return map { [@$_] } @Rows }

# The header lines of a row.
sub cookie_lines {
    my $row = shift;
    return map { 'Cookie: ' . with_sessions($_) } ref $row->[0] ? @{ $row->[0] } : $row->[0];
}

1;
