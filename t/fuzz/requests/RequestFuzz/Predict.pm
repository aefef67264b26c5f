# What must come of one request: the status, and what the application may see of it, in all locations that it passes.
package RequestFuzz::Predict;

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP ();
use RequestFuzz::Credentials qw(user_with);

our @EXPORT = qw(predict);

# predict($oracle, $r): { statuses => [...] or nothing for any, views => { LOCATION => view }, must => LOCATION that the
# application has to see, token => what an issued token is for, sync => 1 if the policy may be another one now }
# A view is what the oracle's judge() admitted.
sub predict {
    my ($oracle, $r) = @_;
    my $location = $oracle->location_for($r->{uri});
    return { views => {} } if $r->{uri} =~ m{\A/(?:_|-probe)};
    return { statuses => [301], views => {} } if slash_is_missing($oracle, $r, $location);
    my $as = $location->{as} // '';
    return endpoint($oracle, $r, $location) if $location->{exact} && !$location->{shape};
    return { views => {}, statuses => undef } if $location->{loose};

    my $strict = { gate => 0, as_sent => 0 };
    if ($as =~ /\A(?:named|accel|ask|page)\z/) {
        my $entry = $oracle->judge($r, $strict);
        return refused($entry, $r, $strict) if $entry->{refused};
    }
    return asked($oracle, $r, $location) if $as eq 'ask';
    return page($oracle, $r, $location)  if $as eq 'page';

    my %how;
    my $target = $location->{target} ? $oracle->location($location->{target}) : $location;
    my $entry  = $as eq 'accel' ? { $location->{name} => { by => 'nobody' } } : {};
    if ($as eq 'error' || $as eq 'accel') {
        %how  = (uri => "$target->{path}x", no_url => $as eq 'accel');
        $r    = $r->with_method('GET') if $r->{method} ne 'HEAD';
    } elsif ($as eq 'rewrite') {
        %how = (uri => $target->{path} . substr $r->{uri}, length $location->{path});
    }
    my $found = $oracle->judge($r, $target, %how);
    my $said  = $found->{refused} ? refused($found, $r, $target) : passed_on($found, $r, $target);
    $said->{views} = { %{ $said->{views} }, %$entry };
    return $said;
}

# nginx itself adds the final slash of a location that passes requests on.
sub slash_is_missing {
    my ($oracle, $r, $location) = @_;
    return $location->{name} eq 'root' && grep { !$_->{exact} && $_->{path} eq "$r->{uri}/" && ($_->{as} // '') !~ /error|rewrite|named/ && ($_->{shape} // '') ne 'if' }
        values %{ $oracle->{configuration}{locations} };
}

sub navigates {
    my $r = shift;
    return 0 if $r->{method} !~ /\A(?:GET|HEAD|POST)\z/;
    my $mode = $r->header('sec-fetch-mode');
    return lc $mode eq 'navigate' ? 1 : 0 if defined $mode && $mode ne '';
    return 0 if length($r->header('x-requested-with') // '');
    my $accept = $r->header('accept') // '';
    return $accept eq 'text/html' ? 1 : $accept !~ /html/i ? 0 : undef;
}

sub refused {
    my ($found, $r, $s) = @_;
    my ($status, $why) = @$found{qw(refused why)};
    return { statuses => [401], views => {} } if $why eq 'prefetch';    # no remedy, no close code
    my @statuses = ($status);
    my $page = navigates($r);
    my $url  = $why eq 'mfa' ? $r->{method} eq 'POST' ? undef : $s->{mfa_url} : $status == 401 ? $s->{login_url} : undef;
    if (defined $url && !(!$s->{as_sent} && RequestFuzz::Oracle::is_ambiguous($r->{path}))) {
        my $found = $r->{method} eq 'POST' ? 303 : 302;
        @statuses = ($found) if $page;
        push @statuses, $found if !defined $page || index($url, $r->{uri}) == 0;
    }
    if ($s->{ws_close} && $status =~ /\A(?:401|403|503)\z/) {
        my $handshake = RequestFuzz::Oracle::handshake($r);
        @statuses = (101) if $handshake eq 'valid';
        push @statuses, 101 if $handshake eq 'unsure';
    }
    return { statuses => \@statuses, views => {} };
}

sub passed_on {
    my ($found, $r, $location) = @_;
    return { statuses => undef, views => {}, unsure => 1, at => $location->{name} } if $found->{unsure};
    return { statuses => statuses_of_application($r), views => { $location->{name} => $found }, must => $location->{cached} ? undef : $location->{name} };
}

my %Says = (plain => 200, chunked => 200, big => 200, failed => 500, missing => 404, empty => 204, broken => 502);

sub statuses_of_application {
    my $r = shift;
    return undef if defined $r->header('upgrade') || defined $r->header('expect') || length $r->{body} > 90_000;
    return [$Says{ $r->header('x-app') // 'plain' } // 200];
}

sub asked {
    my ($oracle, $r, $location) = @_;
    my $inner = $oracle->location("ask-inner/$location->{profile}");
    my $found = $oracle->judge($r->with_method('GET'), $inner, subrequest => 1, uri => $inner->{path});
    return { statuses => undef, views => {}, unsure => 1, at => $location->{name} } if $found->{unsure};
    return { statuses => [$found->{refused} =~ /\A40[13]\z/ ? $found->{refused} : 500], views => {} } if $found->{refused};
    return { statuses => statuses_of_application($r), views => { $location->{name} => { by => 'asked' } }, must => $location->{name} };
}

sub page {
    my ($oracle, $r, $location) = @_;
    my $part  = $oracle->location($location->{target});
    my $found = $oracle->judge($r->with_method('GET'), $part, subrequest => 1, uri => "$part->{path}x");
    my %views = ($location->{name} => { by => 'nobody' });
    $views{ $part->{name} } = { %$found, included => 1 } if !$found->{refused} && !$found->{unsure};
    return { statuses => defined $r->header('upgrade') || defined $r->header('expect') ? undef : [200], views => \%views, must => $location->{name},
        $found->{unsure} ? (unsure => 1, at => $part->{name}) : () };
}

sub endpoint {
    my ($oracle, $r, $location) = @_;
    my $found = $oracle->judge($r, $location);
    return refused($found, $r, $location) if $found->{refused};
    return { statuses => $location->{open}, views => {} } if $location->{open};
    return { statuses => undef, views => { $location->{name} => $found } } if $location->{loose} && !$found->{unsure};
    return { statuses => undef, views => {}, unsure => 1, at => $location->{name}, sync => $location->{settings} } if $found->{unsure};
    return issued($r, $location, $found) if $location->{issues};
    if ($location->{disable}) {
        return $r->{method} eq 'POST' && $oracle->{policy} ? { statuses => [403], views => {} }
            : { %{ passed_on($found, $r, $location) }, statuses => defined $r->header('upgrade') ? undef : [200] };
    }
    return settings($oracle, $r, $location, $found);
}

sub issued {
    my ($r, $location, $found) = @_;
    my $says = sub { return { statuses => [@_], views => {} } };
    return $says->(204) if $found->{by} eq 'preflight' && RequestFuzz::Oracle::is_listed_by_cors($r, $location);
    return $says->(405) if $r->{method} ne 'POST';
    return $says->(401, 503) if $location->{asks} && !user_with($found->{user});
    return $says->(413) if length $r->{body} > 16_384;
    my @purposes = @{ $location->{issues} };
    my $body     = $r->{body};
    my $purpose  = @purposes == 1 ? $purposes[0] : undef;
    if ($body ne '' && $body ne '{}') {
        return $says->(400) if !eval { JSON::PP->new->utf8->decode($body); 1 };
        $body =~ /\A\{"purpose":"(\w+)"\}\z/ or return { statuses => [200, 400], views => {} };
        ($purpose) = grep { $_ eq $1 } @purposes;
    }
    return $says->(400) if !defined $purpose || $purpose eq 'bound';
    return { statuses => [200, 429, 503], views => {}, token => { session => $found, location => $location, purpose => $purpose } };
}

sub settings {
    my ($oracle, $r, $location, $found) = @_;
    my $says = sub { return { statuses => [@_], views => {} } };
    my $with_application = $location->{settings} == 2;
    my $views = $with_application ? { $location->{name} => $found } : {};
    return $with_application ? { views => $views } : $says->(405) if $found->{by} eq 'preflight';
    return $says->(403) if ($found->{claims}{role} // '') ne 'admin';
    return { views => $views, sync => $r->{method} eq 'PUT' } if $with_application;
    return $says->(200) if $r->{method} =~ /\A(?:GET|HEAD)\z/;
    return $says->(405) if $r->{method} ne 'PUT';
    my ($on) = $r->{body} =~ /\A\{"require_mfa":"?(true|false)"?\}\z/ or return { statuses => [200, 400, 413, 409], views => {}, sync => 1 };
    return { statuses => [200, 400, 409], views => {}, sync => 1 } if $r->{body} =~ /"/ && $r->{body} !~ /:(?:true|false|"(?:true|false)")\}/;
    return $says->(400) if $on eq 'true' && !$found->{claims}{mfa_enabled};
    return { statuses => [200, 409], views => {}, policy => $on eq 'true' ? 1 : 0 };
}

1;
