# What the sources and the README say of the directives, for t/reference.t and t/directives.t.
package AuthGateTest::Reference;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(text_of directives contexts_of);

sub text_of {
    my $path = shift;
    open my $file, '<:encoding(UTF-8)', $path or die "$path: $!";
    local $/;
    return <$file>;
}

# directives(): the kind of each directive (src/nginx/conf/directive.hpp), from all capabilities' lists.
sub directives {
    my %kind;
    for my $list (glob 'src/nginx/*/directives.hpp') {
        my $text = text_of($list);
        $kind{$2} = $1 while $text =~ /\bdirective::(\w+)<"(auth_gate\w*)">\(/g;
    }
    return %kind;
}

my %Contexts = (
    http_only            => 'http',
    inherited_by_servers => 'http, server',
    inherited            => 'http, server, location',
    location_only        => 'location',
);

sub contexts_of { my $kind = shift; return $Contexts{$kind} // die "no such kind of directive: $kind" }

1;
