# Whether the application saw what the oracle allows.
package RequestFuzz::Views;

use strict;
use warnings;

use Exporter qw(import);
use RequestFuzz::Credentials;
use RequestFuzz::Request;

our @EXPORT = qw(fault_of_view fault_of_possible);

sub as_variable { my $user = shift // ''; return $user =~ /[\x00-\x1f\x7f]/ ? '' : $user }

# All servers of the pool have a gate: a connection becomes nothing but a WebSocket.
sub fault_of_upgrade {
    my $upgrade = shift->{header}{upgrade} // '';
    my @others = grep { !/\A[^\s;]*websocket[^\s;]*\z/i } split /\s*,\s*/, $upgrade;
    return @others ? "Upgrade is $upgrade" : undef;
}

# Whether some parser takes a cookie for the session, however its name is spelt.
sub may_be_session {
    my ($name) = shift =~ /\A([^=]*)=/ or return 0;
    $name =~ s/%([0-9a-f]{2})/chr hex $1/gie;
    return lc($name =~ s/\[.*//sr =~ s/\W//gr) eq 'sid';
}

# What is wrong with a request that the application saw, by what the oracle said of it.
sub fault_of_view {
    my ($seen, $view, $s, $r) = @_;
    my $upgrade = fault_of_upgrade($seen);
    return $upgrade if $upgrade;
    my $header = $seen->{header};
    my ($user, $purpose) = map { $_ // '' } @$header{qw(x-user x-purpose)};
    my $authorization = $header->{authorization};
    my @cookies = grep { may_be_session($_) } split /;\s*/, $header->{cookie} // '';
    my $by      = $view->{by};
    return if $by eq 'asked';
    return "a user is named: $user" if $by =~ /\A(?:nobody|public|preflight|opaque)\z/ && $user ne '';
    return 'a preflight brought credentials' if $by eq 'preflight' && (defined $authorization || defined $header->{cookie});
    return fault_of_path($seen, $s) if $by =~ /\A(?:nobody|public|preflight)\z/;
    return "the user is $user" if $user ne as_variable($view->{user});
    return "the purpose is $purpose" if $purpose ne ($view->{purpose} // '');
    return if $view->{included};
    return 'Cookie came twice' if @{ $s->{cookies} } && 1 < grep { $_->[0] eq 'cookie' } @{ $seen->{headers} };
    if ($by eq 'opaque') {
        return 'Authorization is another one' if ($authorization // '') ne $r->header('authorization');
        return "cookies that nobody checked: @cookies" if @cookies;
    } elsif ($by eq 'bearer') {
        return 'Authorization is another one' if ($authorization // '') ne $r->header('authorization');
        return "cookies that nobody checked: @cookies" if @{ $s->{cookies} } && @cookies;
    } elsif ($by eq 'cookie') {
        return "the cookies are @cookies" if "@cookies" ne "sid=$view->{text}";
        return 'an Authorization that nobody checked' if defined $authorization;
    } else {
        return 'Authorization should be gone' if !$s->{upstream_jwt} && defined $authorization;
        return "cookies that nobody checked: @cookies" if @{ $s->{cookies} } && @cookies;
        my ($jwt) = ($authorization // '') =~ /\ABearer (.+)\z/;
        my $fresh = session_of($jwt // '', { %$s, require => {} });
        return 'no fresh JWT of the user' if $s->{upstream_jwt} && (!$fresh || $fresh->{user} ne $view->{user});
    }
    return;
}

# A gated path, as a lenient application reads it, that came past its gate.
sub fault_of_path {
    my ($seen, $s) = @_;
    return if $s->{name} ne 'root' || $s->{gate};
    my ($path) = $seen->{target} =~ /\A([^?]*)/;
    my $read = unescaped($path) =~ s{\\}{/}gr =~ s{;[^/]*}{}gr =~ s/[\x00-\x1f\x7f].*//sr;
    my $way  = normalised($read =~ s/%/%25/gr) // '';
    for my $gated (grep { $_->{gate} } values %{ $s->{all} }) {
        my $reached = $gated->{exact} ? lc($way =~ s{/\z}{}r) eq $gated->{path} : $gated->{shape} && index($way, $gated->{path}) == 0;
        return "the application may read $path as a gated path" if $reached;
    }
    return;
}

# Whose credentials for a location are somewhere in these bytes.
sub possible_users {
    my ($bytes, $s, $oracle) = @_;
    my @users = map { $_->{user} } grep { defined } map { session_of($_, $s) } $s->{jwt} ? jwts_in($bytes) : ();
    my $plain = $bytes . unescaped($bytes);
    for my $text (grep { index($plain, $_) >= 0 } keys %{ $oracle->{token} }) {
        my $token = $oracle->{token}{$text};
        push @users, $token->{gives}{user} if grep { $_ eq $token->{purpose} } @{ $s->{tokens} };
    }
    return map { $_ => 1 } @users;
}

# Whether a rule for public paths is for this location, and what is special in its path is somewhere in the bytes.
sub is_near {
    my ($rule, $s, $bytes) = @_;
    my ($list, undef, $path) = @$rule;
    return 0 if $list ne 'public' || index($path, $s->{path}) != 0;
    my $rest = substr($path, length $s->{path}) =~ s/\W//gr;
    return unescaped($bytes) =~ /\Q$rest\E/i;
}

sub may_have_key { my ($s, $bytes) = @_; return $s->{opaque} && $bytes =~ /authorization/i }

# What is wrong with a request that the application saw, where nothing is known but the bytes of the connection.
sub fault_of_possible {
    my ($seen, $s, $bytes, $oracle) = @_;
    my $upgrade = fault_of_upgrade($seen);
    return $upgrade if $upgrade;
    my $user = $seen->{header}{'x-user'} // '';
    my $shape = $s->{shape} // '';
    if ($shape eq 'ask') {
        my $inner = $oracle->location("ask-inner/$s->{profile}");
        return if !$inner->{gate};
        my %possible = possible_users($bytes, { %$inner, tokens => [] }, $oracle);
        return %possible || may_have_key($inner, $bytes) ? undef : 'nobody could be let in by auth_request';
    }
    return $user ne '' ? "a user is named: $user" : fault_of_path($seen, $s) if !$s->{gate} || ($s->{as} // '') =~ /\A(?:accel|page)\z/;
    my %possible = possible_users($bytes, $s, $oracle);
    return "nobody of this name was there: $user" if $user ne '' && !grep { as_variable($_) eq $user } keys %possible;
    if ($user eq '') {
        my $may_be_open = $bytes =~ /OPTIONS/ || may_have_key($s, $bytes) || grep { is_near($_, $s, $bytes) } @{ $oracle->{configuration}{rules} };
        return 'nobody could be let in' if !$may_be_open && !grep { as_variable($_) eq '' } keys %possible;
        return;
    }
    my ($jwt) = ($seen->{header}{authorization} // '') =~ /\ABearer +(.+)\z/i;
    my $session = defined $jwt ? session_of($jwt, { %$s, require => {} }) : undef;
    return "Authorization names $session->{user}, and not $user" if $session && $s->{bearer} && as_variable($session->{user}) ne $user && $shape ne 'part';
    return "Authorization was not checked" if defined $jwt && !$session && $s->{bearer} && $shape ne 'part';
    return;
}

1;
