# Each piece of nginx configuration in a document is one that nginx takes without a warning, also in documents that are added later.
use strict;
use warnings;

use lib 't/lib';
use AuthGateLive;
use AuthGateTest::Reference qw(directives);
use File::Find qw(find);
use Test::More;

binmode Test::More->builder->$_, ':encoding(UTF-8)' for qw(output failure_output todo_output);

my @documents;
find({ no_chdir => 1, wanted => sub {
    $File::Find::prune = 1 if -d && m{/(?:node_modules|build[^/]*|\.run|\.git|servroot[^/]*)\z};
    push @documents, s{\A\./}{}r if -f && /\.md\z/;
} }, '.');
cmp_ok(scalar @documents, '>', 8, 'the documents are found');

my %Kind = directives();
my %OfMain = map { $_ => 1 } qw(load_module env user worker_processes worker_rlimit_nofile pid error_log daemon events pcre_jit);
my %OfHttp = map { $_ => 1 } qw(server upstream map geo split_clients log_format limit_req_zone limit_conn_zone proxy_cache_path),
    grep { $Kind{$_} eq 'http_only' } keys %Kind;

# The statements of a piece: [name, text, the text within its braces]
sub statements {
    my $text = shift;
    my @found;
    my ($depth, $begin, $inner) = (0, undef, undef);
    while ($text =~ /\G(?:\s+|(\#[^\n]*)|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|([{}])|(;)|((?:\$\{\w+\}|\\.|[^\s{};])+))/gs) {
        my ($comment, $brace, $end, $from) = ($1, $3, $4, $-[0]);
        next if defined $comment || !defined $begin && $& =~ /\A\s+\z/;
        $begin //= $from;
        $inner //= $+[0] if defined $brace && $brace eq '{' && !$depth;
        $depth += $brace eq '{' ? 1 : -1 if defined $brace;
        next if $depth || !defined $end && !(defined $brace && $brace eq '}');
        my $whole = substr $text, $begin, pos($text) - $begin;
        push @found, [$whole =~ /\A(\w+)/ ? $1 : $whole, $whole, defined $inner ? substr $text, $inner, $from - $inner : undef];
        ($begin, $inner) = ();
    }
    return @found, defined $begin ? ['unfinished', substr($text, $begin), undef] : ();
}

my $dir = scratch_dir();
my $mime = '/etc/nginx/mime.types';
write_text("$dir/mime.types", -f $mime ? AuthGateLive::text_of($mime) : 'types { application/javascript js; }');
write_text("$dir/secret", 'x' x 32);
chmod 0600, "$dir/secret";

# A whole configuration from a piece of any level, with what it takes for granted.
sub configuration {
    my $piece = shift;
    my %level = (http => '', server => '');
    my @statements = statements($piece);
    my $has_servers = grep { $_->[0] =~ /\A(?:http|server)\z/ } @statements;
    for (map { $_->[0] eq 'http' ? statements($_->[2]) : $_ } @statements) {
        my ($name, $text) = @$_;
        $level{ $has_servers || $OfHttp{$name} ? 'http' : 'server' } .= "$text\n" if !$OfMain{$name};
    }
    my $all = "$level{http}$level{server}";
    my $http = join '', map { "$_\n" }
        $all =~ /\bauth_gate_zone\b/       ? () : 'auth_gate_zone zone=gate:4m;',
        $all =~ /\bauth_gate_secret\b/     ? () : 'auth_gate_secret env:JWT_SECRET;',
        $all =~ /\bauth_gate_state_path\b/ ? () : "auth_gate_state_path $dir/state;",
        $all =~ /\bupstream app\b/         ? () : 'upstream app { server 127.0.0.1:3000; }',
        $all =~ /auth_gate_oidc sso;/ && $all !~ /auth_gate_oidc_provider sso/
        ? 'auth_gate_oidc_provider sso { issuer https://id.example.com; client_id travel; app_url https://travel.example.com; }' : (),
        $all =~ /\bauth_gate_mfa\b/ && $all !~ /\bauth_gate_identity\b/ ? 'auth_gate_identity claims;' : (),
        map { $all =~ /keys_zone=$_:/ ? () : "proxy_cache_path $dir/cache-$_ keys_zone=$_:1m;" } $all =~ /\bproxy_cache\s+(\w+);/g;
    my $server = $level{server} eq '' ? '' : "server {\n$level{server}\n}\n";
    my $temps = join ' ', map { "${_}_temp_path $dir/$_;" } qw(client_body proxy fastcgi uwsgi scgi);
    my $user = $> == 0 ? 'user root root;' : '';
    my $text = "pid $dir/nginx.pid; error_log $dir/error.log; load_module " . module_path() . ";\n$user env JWT_SECRET; env LD_PRELOAD;\n"
        . "events { }\nhttp {\n$temps access_log off;\n$http$level{http}$server}\n";
    $text =~ s{file:/[\w./-]+}{file:$dir/secret}g;
    $text =~ s{/var/lib/nginx/[\w-]+}{$dir/state}g;
    $text =~ s{/var/(?:log|cache)/nginx/}{$dir/}g;
    $text =~ s{\blisten\s+(?:\[::\]:)?(?:80|443)\b}{listen 127.0.0.1:8080}g;
    return with_certificate($text);
}

sub with_certificate {
    my $text = shift;
    return $text if $text !~ /\bssl_certificate\b/;
    system qq{openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null}
        if !-f "$dir/cert.pem";
    return $text =~ s/\bssl_certificate\s+[^;]+;/ssl_certificate $dir\/cert.pem;/gr =~ s/\bssl_certificate_key\s+[^;]+;/ssl_certificate_key $dir\/key.pem;/gr;
}

sub what_nginx_says {
    my $piece = shift;
    write_text("$dir/nginx.conf", configuration($piece));
    my $gate = bless { dir => $dir }, 'AuthGateLive';
    my $pid = open(my $out, '-|') // die "fork: $!";
    if (!$pid) {
        open STDERR, '>&', \*STDOUT or die $!;
        $gate->set_environment;
        exec $gate->command, '-t' or die "exec: $!";
    }
    my $said = do { local $/; <$out> };
    close $out;
    return $? == 0 && $said !~ /\[(?:warn|error|alert|emerg|crit)\]/ ? '' : $said . AuthGateLive::text_of("$dir/nginx.conf");
}

# nginx replaces all headers that a location would inherit: a connection that the application has closed would be used again.
sub locations_that_drop_connection {
    my @bad;
    for (@_) {
        my ($name, $text, $inner) = @$_;
        next if !defined $inner;
        my @within = statements($inner);
        push @bad, locations_that_drop_connection(@within);
        my @headers = grep { $_->[0] eq 'proxy_set_header' } @within;
        push @bad, $text =~ /\A([^{]*)/ if $name eq 'location' && @headers && !grep { $_->[1] =~ /\Aproxy_set_header\s+Connection\s/i } @headers;
    }
    return @bad;
}

my $count = 0;
for my $document (sort @documents) {
    my $text = AuthGateTest::Reference::text_of($document);
    while ($text =~ /^([ ]*)```nginx\n(.*?)^[ ]*```$/msg) {
        my ($indent, $piece) = ($1, $2);
        my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);
        $piece =~ s/^$indent//mg;
        $count++;
        is(what_nginx_says($piece), '', "$document:$line");
        is_deeply([locations_that_drop_connection(statements($piece))], [], "$document:$line keeps the header Connection");
    }
    unlike($text, qr/^[ ]*```(?!nginx$)\w*\n(?:(?!^[ ]*```).)*\b(?:proxy_pass|auth_gate\w*)\b[^\n`]*;\s*(?:\#[^\n]*)?$(?:(?!^[ ]*```).)*^[ ]*```$/ms,
        "$document: configuration is marked as such");
}
cmp_ok($count, '>', 8, 'pieces are found');
is_deeply([locations_that_drop_connection(statements(AuthGateLive::text_of('nginx.conf.example')))], [], 'nginx.conf.example keeps the header Connection');

# The test itself would notice.
like(what_nginx_says('auth_gate_mfa sometimes;'), qr/invalid value "sometimes"/, 'a mistake is noticed');
like(what_nginx_says('location / { proxy_pass http://app; ... }'), qr/\[emerg\]/, 'what is left out is noticed');
like(what_nginx_says('location / { proxy_pass http://app;'), qr/\[emerg\]/, 'what has no end is noticed');
is_deeply([locations_that_drop_connection(statements('location /x { location /y { proxy_set_header Host $host; } }'))], ['location /y '], 'and a dropped header');

done_testing;
