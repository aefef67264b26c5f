# A fuzzed nginx with one of the configurations, its application, and what its logs must not contain.
package RequestFuzz::Gateway;

use strict;
use warnings;

use AuthGateLive;
use AuthGateRedis;
use RequestFuzz::Application;
use RequestFuzz::Credentials;
use RequestFuzz::Oracle;
use RequestFuzz::Pool;
use RequestFuzz::Wire;

# start($configuration, edit => sub { returns another text for nginx, and not for the oracle })
sub start {
    my ($class, $name, %option) = @_;
    my $application = RequestFuzz::Application->new;
    my $h2    = free_port();
    my $state = scratch_dir();
    chmod 0755, $state;
    my $listen = nginx_version() >= 1_025_001 ? "http2 on; listen 127.0.0.1:$h2;" : "listen 127.0.0.1:$h2 http2;";
    my $redis = needs_store($name) ? AuthGateRedis->start : undef;
    my $store = $redis ? $redis->socket : '';
    my $configuration = configuration($name, app => $application->port, state => "$state/state", dead => free_port(), store => $store, listen => $listen);
    my ($http, $server) = map { $option{edit} ? $option{edit}->($_) : $_ } @$configuration{qw(http server)};
    my $nginx = AuthGateLive->start(http => $http, server => $server, main => 'env OTHER_SECRET;', env => { OTHER_SECRET => $SECRET{OTHER_SECRET} });
    wait_for_store($nginx, '/plain/ticket/x') if $redis;
    my $self = bless {
        name => $name, redis => $redis, application => $application, nginx => $nginx, h2 => $h2, oracle => RequestFuzz::Oracle->new($configuration),
        wire => RequestFuzz::Wire->new($application, h1 => $nginx->port, h2 => $h2), at => {},
    }, $class;
    $self->new_lines($_) for qw(fuzz error);
    return $self;
}

sub wire        { return $_[0]{wire} }
sub oracle      { return $_[0]{oracle} }
sub application { return $_[0]{application} }
sub nginx       { return $_[0]{nginx} }

sub stop {
    my $self = shift;
    $self->{redis}->kill if $self->{redis};
    return $self->{nginx}->stop;
}

# What a log has since the last call.
sub new_lines {
    my ($self, $log) = @_;
    my $file = $self->{file}{$log} //= do { open my $in, '<', $self->{nginx}->dir . "/$log.log" or die "$log.log: $!"; $in };
    seek $file, $self->{at}{$log} // 0, 0;
    local $/;
    my $text = <$file> // '';
    $self->{at}{$log} = tell $file;
    return $text;
}

# What is wrong in the logs since the last call, when these bytes were sent, with these tokens. `sure`: all of it was
# requests that every server reads alike.
sub faults_in_logs {
    my ($self, $bytes, $tokens, $sure) = @_;
    my ($access, $error) = map { $self->new_lines($_) } qw(fuzz error);
    my @faults;
    push @faults, "log: $_" for grep { /\[(?:alert|crit|emerg)\]/ } split /^/, $error;
    push @faults, "sanitizer: $_" for grep { /runtime error:|Sanitizer/ } split /^/, $error;
    my @reports = glob $self->{nginx}->dir . '/*san.*';
    push @faults, 'sanitizer: ' . substr join('', map { text_of($_) } @reports), 0, 3000 if @reports;

    # nginx itself logs what it refuses while it reads it (README, "nginx itself").
    if (!$sure) {
        $access = join '', grep { !/\|(?:400|405|408|414|421|431|494|501|505|000)\|-?\|\n?\z/ } split /^/, $access;
        $error  = join '', grep { !/client sent|while reading client (?:pipelined )?request|while processing HTTP\/2 connection/ } split m{^(?=\d{4}/\d\d/\d\d )}m, $error;
    }
    # What is passed on for the application itself is in the `upstream:` of an error (there, too).
    $error =~ s{(upstream: ")http://[^/"]*([^?"]*)[^"]*}{$1 . ($self->is_open($2) ? '' : $&)}ge;
    my %found = map { $_ => 1 } join("\n", $access, unescaped($access), $error, unescaped($error)) =~ /(eyJ[\w-]+\.[\w-]+)(?=\.)/ag;
    for my $token (@$tokens) {
        $found{$token} = 1 if index($access . unescaped($access) . $error . unescaped($error), $token) >= 0;
    }
    for my $text (keys %found) {
        next if stands_elsewhere($bytes, $text);
        my ($line) = grep { index($_ . unescaped($_), $text) >= 0 } split /^/, $access . $error;
        push @faults, 'leak: a log has ' . substr($text, 0, 12) . '... in: ' . ($line // '');
    }
    return @faults;
}

sub is_open {
    my ($self, $path) = @_;
    my $uri = RequestFuzz::Request::normalised($path) // return 1;
    my $location = $self->{oracle}->location_for($uri);
    return !@{ $location->{tokens} } || ($location->{as} // '') !~ /\A(?:named)?\z/ || $self->{oracle}->is_listed('public', 'GET', $uri);
}

sub unescaped { return RequestFuzz::Request::unescaped($_[0]) }

# Whether a credential was sent in a URL in another place than behind token=, or a JWT as a part of something longer. What is
# there is the site's own.
sub stands_elsewhere {
    my ($bytes, $text) = @_;
    my $is_token = index($text, '.') < 0;
    my $plain    = $is_token ? $bytes : unescaped(unescaped($bytes));
    my $name     = qr/[?;#](?:\S*&)?\+? ?token(?:\[[^\]=]*\])?=/i;
    my $found;
    while ($plain =~ /\Q$text\E/g) {
        my $begin = $-[0];
        $found = 1;
        my ($line) = substr($plain, 0, $begin) =~ /([^\n]*)\z/;
        next if $line =~ /\A(?:Authorization|Cookie): /i;
        return 1 if $line !~ ($is_token ? qr/$name[^&\s]*\z/ : qr/$name(?:[^&\s]*[^\w&\s-])?\z/a);
    }
    return !$found;
}

1;
