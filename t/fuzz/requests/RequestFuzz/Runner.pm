# Runs sequences against a gateway and checks the invariants:
#   log, sanitizer   no crash, no report, no alert, crit or emerg
#   answers, framing one well-formed answer for each request, and nothing behind it
#   status           what the oracle expects
#   upstream         the application sees requests, and their users, only as the oracle allows
#   leak             no token and no JWT in a log
package RequestFuzz::Runner;

use strict;
use warnings;

use RequestFuzz::Answers;
use RequestFuzz::Credentials;
use RequestFuzz::Http2;
use RequestFuzz::Predict;
use RequestFuzz::Request;
use RequestFuzz::Sequence;
use RequestFuzz::Views;

sub new {
    my ($class, $gateway) = @_;
    return bless { gateway => $gateway, count => { sequences => 0, requests => 0, unsure => 0, unread => 0, views => 0, connections => 0 } }, $class;
}

# The faults of a sequence, as text that begins with the name of the invariant.
sub run {
    my ($self, $sequence) = @_;
    $self->{faults} = [];
    $self->{tokens} = {};
    $self->{count}{sequences}++;
    my $done = eval {
        $self->set_policy(0) if $self->oracle->{policy};
        $self->run_connection($_) for connections_of($sequence);
        1;
    };
    $self->fault("answers: $@") if !$done;
    return @{ $self->{faults} };
}

sub oracle { return $_[0]{gateway}->oracle }
sub wire   { return $_[0]{gateway}->wire }
sub fault  { my ($self, $text) = @_; push @{ $self->{faults} }, $text; return }

sub issue {
    my ($self, $name, $jwt, $purpose, $path) = @_;
    my $text   = jwt_named($jwt);
    my $issuer = $self->oracle->location($jwt eq 'carol' ? 'ep/issue-sub' : $jwt eq 'other' ? 'ep/issue-other' : 'ep/issue-any');
    my $body   = qq({"purpose":"$purpose") . (defined $path ? qq(,"path":"$path"}) : '}');
    my $answer = $self->wire->ask(qq(POST $issuer->{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $text\r\nContent-Length: )
        . length($body) . qq(\r\n\r\n$body));
    my $session = session_of($text, $issuer);
    my ($token) = $answer =~ /\{"token":"([0-9a-f]{64})"\}/;
    $self->{tokens}{$name} = $token // 'e' x 64;
    return if !$token;
    return $self->fault("upstream: $jwt got a token") if !$session;
    return $self->oracle->learn_token($token, $session, $issuer, $purpose, $path);
}

# Brings the policy into a known state.
sub set_policy {
    my ($self, $on) = @_;
    my $body = $on ? '{"require_mfa":true}' : '{"require_mfa":false}';
    for (1 .. 20) {
        my $answer = $self->wire->ask("PUT /ep/settings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " . jwt_named('admin')
            . "\r\nContent-Length: " . length($body) . "\r\n\r\n$body");
        return $self->oracle->{policy} = $on if $answer =~ /\AHTTP\/1\.1 200/;
    }
    return $self->fault('status: the administrator cannot set the policy');
}

sub run_connection {
    my ($self, $connection) = @_;
    $self->issue(@$_[1 .. $#$_]) for @{ $connection->{issues} };
    $self->{count}{connections}++;
    my $expand = sub { return expanded($_[0], $self->{tokens}) };
    my $h2 = $connection->{kind} eq 'h2';
    my $c  = $self->wire->open_socket($connection->{kind});
    $c->{out} = preface() if $h2;
    my ($bytes, @frames, $odd) = ('');
    for my $op (@{ $connection->{ops} }) {
        my ($what, $rest) = @$op;
        if ($what eq 'flush') { $self->wire->quiet($c, 2); next }
        my $more = $what eq 'frame' ? frame_bytes($rest, $expand) : $expand->($rest);
        push @frames, $rest if $what eq 'frame';
        $odd = 1 if $h2 && $what eq 'bytes' || !$h2 && $what eq 'frame';
        $bytes    .= $more;
        $c->{out} .= $more;
    }
    my $sent = $h2 ? $bytes . join "\n", map { my $f = $_; map { $expand->("$_->[0]: $_->[1]") } @{ $f->{fields} || [] } } @frames : $bytes;
    my $result = $h2 ? $self->settle_h2($c, $odd ? undef : requests_of_frames(\@frames, $expand)) : $self->settle_h1($c, $bytes);
    $self->wire->close_socket($c);
    $self->wire->quiet($c, 2) if !$result->{sure} || $result->{upgraded};    # these are logged when they end
    $self->check_views($result, $sent);
    $self->check_logs($result, $sent);
    $self->sync($sent) if $result->{sync} || !$result->{sure} && $sent =~ m{settings|require_mfa}i;
    return;
}

# A connection of HTTP/1: asks the oracle about each request that was answered.
sub settle_h1 {
    my ($self, $c, $bytes) = @_;
    my ($requests, $rest) = read_requests($bytes);
    my %result = (sure => $rest eq '', rest => $rest, predicted => []);
    my @methods = map { $_->{method} } @$requests;
    my ($answers, $left, $fault);
    my $read = sub {
        ($answers, $left, $fault) = read_answers($c->{in}, \@methods, closed => $c->{closed});
        return [grep { $_->{status} >= 200 || $_->{status} == 101 } @$answers];
    };
    $self->wire->wait_until($c, sub { my $some = $read->(); $fault || @$some >= @$requests || @$some && $some->[-1]{status} == 101 });
    $self->wire->quiet($c, $result{sure} ? 1 : 3);
    my $final = $read->();

    my $over = 0;
    for my $i (0 .. $#$requests) {
        my $answer = $final->[$i] // last;
        $over = $self->settle($requests->[$i], $answer->{status}, $answer->{body}, \%result);
        $over ||= ($answer->{header}{connection} // '') eq 'close' || $answer->{status} == 101;
        if ($over) {
            $self->fault('answers: an answer after one that ends the connection') if @$final > $i + 1 && $answer->{status} != 101;
            last;
        }
    }
    $self->fault("answers: a request has no answer: " . $requests->[@$final]{target}) if !$over && @$final < @$requests;
    $self->fault("answers: more than there are requests: " . @$final . ' ' . $final->[-1]{head}) if $result{sure} && @$final > @$requests;
    my $upgraded = $result{upgraded} = @$final && $final->[-1]{status} == 101;
    # HTTP/0.9 has nothing but a body; a connection may end in the middle of what it should not have been asked.
    my $headless = !$result{sure} && ($left =~ /\A<html>.*<\/html>\r\n\z/s);
    $self->fault("framing: $fault") if $fault && !$headless && !$upgraded;
    $self->fault('framing: an answer is not complete: ' . substr $left, 0, 200) if !$fault && length $left && !$upgraded && !$headless && $result{sure};
    $self->note_tail($rest, \%result) if $rest ne '';
    return \%result;
}

sub settle_h2 {
    my ($self, $c, $streams) = @_;
    my @requests = map { { stream => $_->{stream}, request => scalar request_of_fields($_->{fields}, $_->{body}) } } @{ $streams || [] };
    my %result = (sure => 1, rest => '', predicted => []);
    $result{sure} = 0 if !$streams || grep { !$_->{request} } @requests;
    my $read;
    my $look = sub { $read = read_frames($c->{in}) };
    if ($result{sure}) {
        $self->wire->wait_until($c, sub { my $r = $look->(); $r->{fault} || $r->{goaway} || @requests == grep { $r->{stream}{ $_->{stream} }{done} } @requests });
    }
    $self->wire->quiet($c, $result{sure} ? 1 : 3);
    $look->();
    $self->fault("framing: $read->{fault}") if $read->{fault};
    if (!$result{sure}) {
        $self->note_tail(undef, \%result);
        return \%result;
    }
    for my $one (@requests) {
        my $stream = $read->{stream}{ $one->{stream} };
        if (!$stream || !$stream->{done} || !defined $stream->{status}) {
            $self->fault("answers: a stream has no answer: $one->{request}{target}");
            next;
        }
        $self->settle($one->{request}, $stream->{status}, $stream->{body}, \%result);
    }
    return \%result;
}

# Compares one answer with what the oracle says of its request.
sub settle {
    my ($self, $r, $status, $body, $result) = @_;
    $self->{count}{requests}++;
    my $said = predict($self->oracle, $r);
    push @{ $result->{predicted} }, { request => $r, said => $said, status => $status };
    $self->{count}{unsure}++ if $said->{unsure};
    if ($said->{unsure}) {
        $self->unsettle("$r->{target}\n" . join "\n", map { $_->[1] } @{ $r->{headers} });
        $result->{unsure} = 1;
    }
    if ($said->{statuses} && !grep { $_ == $status } @{ $said->{statuses} }) {
        $self->fault("status: $status and not @{ $said->{statuses} } for $r->{method} $r->{target} ($r->{version})");
    }
    if ($status == 200 && $said->{token} && $body =~ /\A\{"token":"([0-9a-f]{64})"\}\z/) {
        $self->oracle->learn_token($1, @{ $said->{token} }{qw(session location purpose)});
    }
    $self->oracle->{policy} = $said->{policy} if defined $said->{policy} && $status == 200;
    $result->{sync} = 1 if $said->{sync} || defined $said->{policy} && $status != 200;
    return 0;
}

# What was sent and not read may have spent tokens.
sub unsettle {
    my ($self, $bytes) = @_;
    my $plain = $bytes . unescaped($bytes);
    for my $text (grep { index($plain, $_) >= 0 } keys %{ $self->oracle->{token} }) {
        my $token = $self->oracle->{token}{$text};
        $token->{state} = 'unsure' if $token->{state} ne 'spent';
    }
    return;
}

sub note_tail {
    my ($self, $rest, $result) = @_;
    $self->{count}{requests}++;
    $self->{count}{unread}++;
    $result->{sure}   = 0;
    $result->{unread} = 1;
    $self->unsettle($_) for defined $rest ? $rest : values %{ $self->{tokens} };
    return;
}

sub check_views {
    my ($self, $result, $sent) = @_;
    my $oracle = $self->oracle;
    $self->fault("upstream: $_") for $self->{gateway}->application->take_faults;
    my @seen = $self->{gateway}->application->take_seen;
    $self->{count}{views} += @seen;
    my $redeemed = 0;
    my %by_mark;
    for my $one (@{ $result->{predicted} }) { push @{ $by_mark{ $one->{request}->header('x-mark') // '' } }, $one }
    for my $seen (@seen) {
        my $name = $seen->{location};
        if ($name eq 'me') {
            $self->fault("upstream: a lookup carries what the client sent: $seen->{head}") if defined $seen->{mark};
            next;
        }
        if (!$oracle->{configuration}{locations}{$name}) {
            $self->fault("upstream: no location is called '$name': $seen->{head}");
            next;
        }
        my $s    = $oracle->location($name);
        my $mine = $by_mark{ $seen->{mark} // '' } || [];
        my $sure = @$mine && length($seen->{mark} // '') && index($result->{rest}, $seen->{mark}) < 0 && !grep { $_->{said}{unsure} } @$mine;
        my @views = map { { view => $_->{said}{views}{$name}, of => $_ } } grep { $_->{said}{views}{$name} } @$mine;
        my @faults;
        if ($sure) {
            @faults = @views ? map { fault_of_view($seen, $_->{view}, $s, $_->{of}{request}) // () } @views : ('it must not see this request');
            @faults = () if @faults < @views;
        } else {
            @faults = fault_of_possible($seen, $s, $sent, $oracle) // ();
            $redeemed++ if $seen->{header}{'x-purpose'} && $seen->{method} ne 'HEAD' && $name !~ m{\Apart/};
        }
        $self->fault("upstream: in $name: $faults[0]: $seen->{head}") if @faults;
        $_->{seen}{$name}++ for $sure ? map { $_->{of} } @views : ();
    }
    # Without a mark, a request that the oracle let in by a token was one of them.
    $redeemed -= grep { !$_->{seen} && grep { $_->{by} eq 'token' } values %{ $_->{said}{views} } } @{ $result->{predicted} };
    $self->check_uses($sent, $redeemed) if $redeemed > 0;
    for my $one (grep { $_->{said}{must} && !$_->{said}{unsure} && $_->{status} < 400 } @{ $result->{predicted} }) {
        my $mark = $one->{request}->header('x-mark') // next;
        next if @{ $by_mark{$mark} } > 1 || index($result->{rest}, $mark) >= 0;
        my $times = $one->{seen}{ $one->{said}{must} } // 0;
        $self->fault("upstream: the application saw it $times times: $one->{request}{target}") if $times != 1;
    }
    return;
}

# A token works once, also where the oracle does not know which request presented it.
sub check_uses {
    my ($self, $sent, $redeemed) = @_;
    my $plain = $sent . unescaped($sent);
    my @tokens = grep { index($plain, $_->{text}) >= 0 } values %{ $self->oracle->{token} };
    return if grep { $_->{purpose} eq 'media' } @tokens;
    $tokens[0]{uses} += $redeemed if @tokens == 1;
    $self->fault('upstream: a token was redeemed twice') if $redeemed > @tokens || @tokens == 1 && $tokens[0]{uses} > 1;
    return;
}

sub check_logs {
    my ($self, $result, $sent) = @_;
    my @tokens = grep { index($sent . unescaped($sent), $_) >= 0 } keys %{ $self->oracle->{token} };
    $self->fault($_) for $self->{gateway}->faults_in_logs($sent, \@tokens, $result->{sure});
    return;
}

# The policy after something that nobody is sure about: only credentials of an administrator can have changed it.
sub sync {
    my ($self, $sent) = @_;
    my ($word) = $self->wire->ask("GET /ep/config HTTP/1.1\r\nHost: localhost\r\n\r\n") =~ /"require_mfa":(true|false)/;
    my $on    = ($word // '') eq 'true' ? 1 : 0;
    my $place = $self->oracle->location('ep/settings');
    my @admins = grep { $_ && ($_->{claims}{role} // '') eq 'admin' && ($_->{claims}{mfa_enabled} || !$on) } map { session_of($_, $place) } jwts_in($sent);
    $self->fault('upstream: the policy was changed by nobody') if $on != $self->oracle->{policy} && !@admins;
    return $self->set_policy($on);
}

1;
