# The checks on one response, in the original's order: status, raw head,
# headers, body.
package Test::Nginx::Standin::Checks;

use strict;
use warnings;

use Exporter qw(import);
use Test::Builder ();
use Test::Nginx::Standin::Client qw(header_value);
use Test::Nginx::Util qw(is_str);

our @EXPORT_OK = qw(check_response);

# Called with the body of each response:
# ($block, $body, $request_index, $repetition, $dry_run).
our @BodyChecks;

*indexed = \&Test::Nginx::Util::indexed;

# $at tells which request this is: {index, repeated, several}.
sub check_response {
    my ($block, $response, $raw_head, $at) = @_;
    check_status($block, $response, $at);
    check_raw_head($block, $raw_head, $at);
    check_headers($block, $response, $raw_head, $at);
    check_body($block, $response, $at);
    return;
}

sub check_status {
    my ($block, $response, $at) = @_;
    my $tb    = Test::Builder->new;
    my $code  = $response && $response->{code} || '';
    my $title = $block->name . ' - status code ok';

    if (defined $block->error_code_like) {
        my $pattern = indexed($block->name, $block->error_code_like, $at->{index}, $at->{several});
        $tb->like($code, qr/$pattern/sm, $title);
        return;
    }
    my $expected = defined $block->error_code
        ? indexed($block->name, $block->error_code, $at->{index}, $at->{several})
        : 200;
    $tb->is_eq($code, $expected, $title);
    return;
}

sub check_raw_head {
    my ($block, $raw_head, $at) = @_;
    my $tb = Test::Builder->new;
    $raw_head //= '';

    if (defined(my $value = $block->raw_response_headers_like)) {
        my $pattern = indexed($block->name, $value, $at->{index}, $at->{several});
        $tb->like($raw_head, qr/$pattern/s, $block->name . ' - raw resp headers like');
    }
    if (defined(my $value = $block->raw_response_headers_unlike)) {
        my $pattern = indexed($block->name, $value, $at->{index}, $at->{several});
        $tb->unlike($raw_head, qr/$pattern/s, $block->name . ' - raw resp headers unlike');
    }
    return;
}

sub check_headers {
    my ($block, $response, $raw_head, $at) = @_;
    my $tb   = Test::Builder->new;
    my $name = $block->name;

    my $exact = $block->response_headers;
    my $like  = $block->response_headers_like;
    return if !defined $exact && !defined $like;

    my $wanted = header_lines(indexed($name, defined $exact ? $exact : $like, $at->{index}, $at->{several}));
    for my $header (@$wanted) {
        my ($key, $value) = @$header;
        my $got = ($response ? header_value($response, $key) : undef) // '';

        if (defined $exact && !defined $value) {
            $tb->unlike($raw_head // '', qr/^\s*\Q$key\E\s*:/ms, "$name - header $key not present in the raw headers");
        }
        elsif (defined $exact) {
            $tb->is_eq($got, with_ports($value), "$name - header $key ok");
        }
        else {
            $value //= '';
            $tb->like($got, qr/^$value$/, "$name - header $key like ok");
        }
    }
    return;
}

# "Name: value" a line; "!Name", or a name alone, is one that must be absent.
sub header_lines {
    my $text = shift;
    my (%seen, @order);
    for my $line (split /\n/, $text // '') {
        $line =~ s/\A\s+|\s+\z//g;
        next if $line eq '';
        my ($key, $value) = $line =~ s/\A!\s*// ? ($line) : split /\s*:\s*/, $line, 2;
        push @order, $key if !exists $seen{$key};
        $seen{$key} = $value;
    }
    return [ map { [ $_, $seen{$_} ] } @order ];
}

sub check_body {
    my ($block, $response, $at) = @_;
    my $tb      = Test::Builder->new;
    my $name    = $block->name;
    my $content = $response ? $response->{content} : undef;

    if (defined $block->response_body || defined $block->response_body_eval) {
        my $expected;
        if ($block->response_body_eval) {
            $expected = eval indexed($name, $block->response_body_eval, $at->{index}, $at->{several});
            warn $@ if $@;
        }
        else {
            $expected = indexed($name, $block->response_body, $at->{index}, $at->{several});
        }
        $expected = with_ports($expected);
        my $which = "(repeated req $at->{repeated}, req $at->{index})";
        if (ref $expected) {
            $tb->like($content, $expected, "$name - response_body - like $which");
        }
        else {
            is_str($content, $expected, "$name - response_body - response is expected $which");
        }
    }
    elsif (defined $block->response_body_like || defined $block->response_body_unlike) {
        my $method  = defined $block->response_body_like ? 'like' : 'unlike';
        my $section = "response_body_$method";
        my $pattern = with_ports(indexed($name, scalar $block->$section, $at->{index}, $at->{several}));
        my $summary = $content // '';
        $summary =~ s/\A\s+|\s+\z//g;
        $summary =~ s/\s+/ /g;
        $tb->$method($content, qr/$pattern/s, "$name - $section - response is expected ($summary)");
    }

    $_->($block, $content, $at->{index}, $at->{repeated}, 0) for @BodyChecks;
    return;
}

sub with_ports {
    my $text = shift;
    return $text if !defined $text || ref $text && "$text" !~ /\$ServerPort/;
    $text =~ s/\$ServerPort\b/$Test::Nginx::Util::ServerPort/g;
    $text =~ s/\$ServerPortForClient\b/$Test::Nginx::Util::ServerPortForClient/g;
    return $text;
}

1;
