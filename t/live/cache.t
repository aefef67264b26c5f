# Answers to users stay out of every cache that nginx has: of all its upstream modules, in slices, stale or being updated.
use strict;
use warnings;

use lib 't/lib';
use AuthGateGateways;
use AuthGateLive;
use AuthGateLiveClient;
use AuthGateTest::Jwt;
use Test::More;

my $dir      = scratch_dir();
chmod 0777, $dir;
my $gateways = AuthGateGateways->start($dir);
my %user     = map { $_ => ['Authorization: Bearer ' . session_jwt($_)] } 7, 8;

my $nginx    = AuthGateLive::nginx_binary();

my $app = AuthGateLive->start_app(
    http   => q{log_format app '$request_uri $http_range';},
    server => q{access_log app.log app; location / { root html; } location /user { return 200 "user=$http_x_user"; }},
);
mkdir $app->dir . '/html';
write_text($app->dir . '/html/file', '0123456789');
my $app_url = 'http://127.0.0.1:' . $app->port;

# Each upstream module, by the same directives under its own name.
sub locations_of {
    my $name = shift;
    my $pass = $name eq 'proxy' ? "proxy_pass $app_url/user; proxy_set_header X-User \$auth_gate_user_id;"
        : "${name}_pass unix:" . $gateways->socket($name) . "; ${name}_param USER \$auth_gate_user_id;";
    my $cache = "${name}_cache $name; ${name}_cache_key \"$name\"; ${name}_cache_valid 1h; $pass";
    return <<"END";
        location = /$name/user   { auth_gate jwt; $cache }
        location = /$name/shared { auth_gate jwt; auth_gate_cache shared; $cache }
        location = /$name/open   { $cache }
        location = /$name/store        { auth_gate jwt; ${name}_store $dir/$name-user; $pass }
        location = /$name/store-shared { auth_gate jwt; auth_gate_cache shared; ${name}_store $dir/$name-shared; $pass }
END
}

my @modules = ('proxy', AuthGateGateways::names());
my $slices = qx{$nginx -V 2>&1} =~ /--with-http_slice_module\b/ ? qq{
    location = /slices/user { auth_gate jwt; slice 4; proxy_cache proxy; proxy_cache_key "s\$slice_range"; proxy_cache_valid 206 1h;
        proxy_set_header Range \$slice_range; proxy_pass $app_url/file; }
    location = /slices/open { slice 4; proxy_cache proxy; proxy_cache_key "s\$slice_range"; proxy_cache_valid 206 1h;
        proxy_set_header Range \$slice_range; proxy_pass $app_url/file; }} : '';
my $gate = AuthGateLive->start(
    http => join('', 'auth_gate_secret env:JWT_SECRET;', map { "${_}_cache_path $dir/$_ keys_zone=$_:1m;" } @modules),
    server => qq{add_header X-Cache \$upstream_cache_status; $slices
        proxy_cache_lock on;
        proxy_cache_use_stale updating error;
        proxy_cache_background_update on;
        location = /stale/user { auth_gate jwt; proxy_cache proxy; proxy_cache_key stale; proxy_cache_valid 1s; proxy_pass $app_url/file; }
        location = /stale/open { proxy_cache proxy; proxy_cache_key stale; proxy_cache_valid 1s; proxy_pass $app_url/file; }
    } . join('', map { locations_of($_) } @modules),
);

sub get {
    my ($path, $user) = @_;
    my $answer = ask($gate->port, 'GET', $path, $user && $user{$user});
    return join ' ', $answer->{status}, $answer->{header}{'x-cache'} // '-', $answer->{body};
}

for my $name (@modules) {
    is(get("/$name/user", 7), '200 BYPASS user=7', "$name: a user's answer");
    is(get("/$name/user", 8), '200 BYPASS user=8', "$name: is not another's");
    is(get("/$name/open"), '200 MISS user=', "$name: nor anybody's");
    is(get("/$name/open"), '200 HIT user=', "$name: while nobody's is everybody's");
    is(get("/$name/user", 7), '200 BYPASS user=7', "$name: but no user's");
    is(get("/$name/shared", 7), '200 HIT user=', "$name: unless the location shares");
    is(get("/$name/store", 7), '200 - user=7', "$name: an answer that would be stored");
    is(get("/$name/store-shared", 7), '200 - user=7', "$name: and one that is to be shared");
    wait_for('the shared file', sub { -e "$dir/$name-shared" });
    ok(!-e "$dir/$name-user", "$name: is stored only if it is to be shared");
}
is(qx{cd @{[$gate->dir]} && find @modules -type f}, '', 'no temporary file is left behind');

# A stale answer, and one that is being updated.
is(get('/stale/open') =~ s/ MISS / /r, '200 0123456789', 'an answer to nobody');
wait_for('it to be stale', sub { get('/stale/open') =~ /STALE|UPDATING/ });
is(get('/stale/user', 7), '200 BYPASS 0123456789', 'is not for users when it is stale, either');

SKIP: {
    skip 'nginx without slices', 8 if !$slices;
    my ($log, $marks) = ($app->dir . '/app.log', 0);
    my $requests = sub {
        my $mark = '/mark' . ++$marks;
        ask($app->port, 'GET', $mark);
        wait_for('the log', sub { grep { /^$mark / } lines_of($log) });
        return scalar grep { m{^/file } } lines_of($log);
    };
    for my $case (['user', 7, 3], ['user', 8, 3], ['open', undef, 3], ['open', undef, 0]) {
        my ($path, $user, $count) = @$case;
        my $before = $requests->();
        is(ask($gate->port, 'GET', "/slices/$path", $user && $user{$user})->{body}, '0123456789', "$path: the slices make up the answer");
        is($requests->() - $before, $count, "and $count were fetched");
    }
}
$gate->ends_well;
$app->ends_well(name => 'the application');
done_testing;
