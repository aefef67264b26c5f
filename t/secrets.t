# The sources of keys: auth_gate_secret and auth_gate_state_path.

use lib 't/lib';
use AuthGateTest;
use File::Temp qw(tempdir);
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = our $Other = 'another secret of more than 32 bytes';
$ENV{THIRD_SECRET} = our $Third = 'a third secret of more than 32 bytes';
$ENV{SHORT_SECRET} = our $Short = 'x' x 31;
$ENV{ODD_SECRET}   = our $Odd   = " \t\"secret\" \xc3\xa9 of bytes;{}\$x and a newline\n";
$ENV{EMPTY_SECRET} = '';

our $Invalid    = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $NotReached = "[alert]\n[crit]\nserver: app,\n";

# Files with secrets, in different modes. Configurations refer to their directory as $TEST_NGINX_SECRETS.
our $Dir = $ENV{TEST_NGINX_SECRETS} = tempdir(CLEANUP => 1);
sub secret_file {
    my ($name, $mode, $content) = @_;
    open my $out, '>:raw', "$Dir/$name" or die "$Dir/$name: $!";
    print {$out} $content;
    close $out;
    chmod $mode, "$Dir/$name" or die "$Dir/$name: $!";
}
secret_file('plain',    0600, $SECRET);
secret_file('group',    0640, $SECRET);
secret_file('newline',  0600, "$SECRET\n");
secret_file('newlines', 0600, "$SECRET\n\n");
secret_file('crlf',     0600, "$SECRET\r\n");
secret_file('spaces',   0600, " $SECRET \n");
secret_file('nul',      0600, "$SECRET\0$Other\n");
secret_file('binary',   0600, join '', map { chr } 0 .. 255);
secret_file('short',    0600, "$Short\n");
secret_file('empty',    0600, '');
secret_file('only_newline', 0600, "\n");
secret_file('largest',  0600, 'x' x 65536);
secret_file('too_large', 0600, 'x' x 65537);
secret_file(sprintf('mode_%o', $_), $_, $SECRET) for 0644, 0660, 0604, 0777;
mkdir "$Dir/$_", 0700 or die $! for qw(directory kept damaged loose);
secret_file('kept/secret',    0600, "$Other\n");
secret_file('damaged/secret', 0600, "short\n");
secret_file('loose/secret',   0644, "$Other\n");

our $HttpConfig = <<"_EOC_";
    upstream app { server unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/app.sock; }
    server {
        listen      unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/app.sock;
        server_name app;
        auth_gate   off;
        rewrite_log on;
        if (\$uri ~ ^) { }
        location / { return 200 "\$request_method \$request_uri"; }
    }
_EOC_

# Sends a JWT signed with each of the secrets in the sections accepted and refused, and checks the status.
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config  => $HttpConfig . ($block->http_config // ''));
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;

    my @accepted = @{ $block->accepted // [] };
    my @refused  = @{ $block->refused // [] };
    return if !@accepted && !@refused;
    $block->set_value(request       => [('GET /api') x (@accepted + @refused)]);
    $block->set_value(more_headers  => [map { 'Authorization: Bearer ' . session_jwt(7, -secret => $_) } @accepted, @refused]);
    $block->set_value(error_code    => [(200) x @accepted, (401) x @refused]);
    $block->set_value(response_body => [('GET /api') x @accepted, ($Invalid) x @refused]);
    $block->set_value(config => 'location = /api { auth_gate jwt; proxy_pass http://app; }' . ($block->config // ''));
});

# The section generated names a state directory. Checks that the secret that nginx stored there is well-formed, signs
# sessions, and is the same in every such block.
my %generated;
add_response_body_check(sub {
    my $block = shift;
    my $dir   = $block->generated // return;
    chomp $dir;
    my $name   = $block->name;
    my $tb     = Test::Builder->new;
    my @status = stat "$Dir/$dir/secret";
    $tb->is_eq(sprintf('%o', $status[2] & 07777), '600', "$name - mode of the secret");
    $tb->is_eq(sprintf('%o', (stat "$Dir/$dir")[2] & 07777), '700', "$name - mode of the directory");

    open my $in, '<', "$Dir/$dir/secret" or return $tb->ok(0, "$name - $!");
    chomp(my $secret = <$in>);
    $tb->like($secret, qr/\A[0-9a-f]{64}\z/, "$name - 32 bytes in hex");
    $tb->is_eq($secret, $generated{$dir} //= $secret, "$name - the same secret as before");
    opendir my $entries, "$Dir/$dir";
    $tb->is_eq(join(' ', sort grep { !/^\./ } readdir $entries), 'secret', "$name - nothing else is left there");

    my $port = Test::Nginx::Socket::server_port_for_client();
    my $got  = http_get($port, '/api', 'Authorization: Bearer ' . session_jwt(7, -secret => $secret));
    $tb->is_eq($got->{status}, 200, "$name - a JWT signed with it lets in");
});

# Checks the log of the start after each request, too.
check_accum_error_log();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: env: reads the secret from the environment
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- accepted eval: [$SECRET]
--- refused eval: [$::Other, "$SECRET\n", '']
--- no_error_log
[alert]
[crit]
[warn]



=== TEST 2: a secret from the environment is used byte for byte
--- http_config
    auth_gate_secret env:ODD_SECRET;
--- accepted eval: [$::Odd]
--- refused eval: [$::Odd =~ s/\n\z//r]



=== TEST 3: an unset environment variable is an error
--- http_config
    auth_gate_secret env:NO_SUCH_SECRET;
--- config
--- must_die
--- error_log
auth_gate_secret "env:NO_SUCH_SECRET": there is no such environment variable



=== TEST 4: an empty environment variable is an error
--- http_config
    auth_gate_secret env:EMPTY_SECRET;
--- config
--- must_die
--- error_log
auth_gate_secret "env:EMPTY_SECRET" is empty



=== TEST 5: an empty secret is an error even beside a good one
--- http_config
    auth_gate_secret env:JWT_SECRET env:EMPTY_SECRET;
--- config
--- must_die
--- error_log
auth_gate_secret "env:EMPTY_SECRET" is empty



=== TEST 6: a secret of less than 32 bytes causes a warning and is used
--- http_config
    auth_gate_secret env:SHORT_SECRET;
--- accepted eval: [$::Short]
--- refused eval: []
--- error_log
[warn]
auth_gate_secret "env:SHORT_SECRET" is shorter than 32 bytes



=== TEST 7: file: reads the secret from a file
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/plain;
--- accepted eval: [$SECRET]
--- refused eval: ["$SECRET\n"]
--- no_error_log
[alert]
[crit]
[warn]



=== TEST 8: a relative path is relative to the directory of nginx.conf
--- http_config
    auth_gate_secret file:secret;
--- user_files
>>> ../conf/secret
a secret in the directory of nginx.conf
--- accepted eval: ['a secret in the directory of nginx.conf']



=== TEST 9: one trailing newline of a file is removed
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/newline;
--- accepted eval: [$SECRET]
--- refused eval: ["$SECRET\n"]



=== TEST 10: of two trailing newlines, one is removed
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/newlines;
--- accepted eval: ["$SECRET\n"]
--- refused eval: [$SECRET, "$SECRET\n\n"]



=== TEST 11: a carriage return and spaces are part of the secret
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/crlf file:$TEST_NGINX_SECRETS/spaces;
--- accepted eval: ["$SECRET\r", " $SECRET "]
--- refused eval: [$SECRET]



=== TEST 12: a NUL does not end a secret in a file
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/nul file:$TEST_NGINX_SECRETS/binary;
--- accepted eval: ["$SECRET\0$::Other", pack 'C*', 0 .. 255]
--- refused eval: [$SECRET]



=== TEST 13: a file of mode 0640 causes no warning
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/group;
--- accepted eval: [$SECRET]
--- no_error_log
[alert]
[crit]
[warn]



=== TEST 14: files that others can read or write cause a warning and are used
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/mode_644 file:$TEST_NGINX_SECRETS/mode_660 file:$TEST_NGINX_SECRETS/mode_604 file:$TEST_NGINX_SECRETS/mode_777;
--- accepted eval: [$SECRET]
--- error_log
mode_644" has mode 0644, more than 0640 lets others at it
mode_660" has mode 0660, more than 0640 lets others at it
mode_604" has mode 0604, more than 0640 lets others at it
mode_777" has mode 0777, more than 0640 lets others at it



=== TEST 15: a short secret in a file causes a warning
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/short;
--- accepted eval: [$::Short]
--- error_log
is shorter than 32 bytes



=== TEST 16: an empty file is an error
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/empty;
--- config
--- must_die
--- error_log eval: qr{auth_gate_secret "file:.*/empty" is empty}



=== TEST 17: a file with only a newline is an error
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/only_newline;
--- config
--- must_die
--- error_log eval: qr{auth_gate_secret "file:.*/only_newline" is empty}



=== TEST 18: a missing file is an error
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/no_such_file;
--- config
--- must_die
--- error_log eval: qr{auth_gate_secret "?file:.*/no_such_file.*No such file|secret file ".*/no_such_file".*No such file}



=== TEST 19: a directory in place of a file is an error
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/directory;
--- config
--- must_die
--- error_log eval: qr{secret file ".*/directory" failed}



=== TEST 20: a file of 64 KB is a secret
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/largest;
--- accepted eval: ['x' x 65536]



=== TEST 21: a larger file is an error
--- http_config
    auth_gate_secret file:$TEST_NGINX_SECRETS/too_large;
--- config
--- must_die
--- error_log eval: qr{secret file ".*/too_large" failed}



=== TEST 22: messages never contain a secret
--- http_config
    auth_gate_secret env:SHORT_SECRET file:$TEST_NGINX_SECRETS/mode_644;
--- accepted eval: [$SECRET]
--- no_error_log eval: ['[alert]', '[crit]', $SECRET, $::Short]



=== TEST 23: each of several secrets verifies
--- http_config
    auth_gate_secret env:JWT_SECRET env:OTHER_SECRET file:$TEST_NGINX_SECRETS/short;
--- accepted eval: [$SECRET, $::Other, $::Short]
--- refused eval: [$::Third, $SECRET . $::Other, '']



=== TEST 24: a copy of a session is signed by the secret that verified it
--- http_config
    auth_gate_secret env:OTHER_SECRET env:JWT_SECRET;
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/first.sock;
        location = / { auth_gate jwt; auth_gate_secret env:OTHER_SECRET; empty_gif; }
    }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/second.sock;
        location = / { auth_gate jwt; auth_gate_secret env:JWT_SECRET; empty_gif; }
    }
--- config
    location = /to-first  { auth_gate jwt; proxy_set_header Authorization "Bearer $auth_gate_jwt"; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/first.sock:/; }
    location = /to-second { auth_gate jwt; proxy_set_header Authorization "Bearer $auth_gate_jwt"; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/second.sock:/; }
--- request eval: ['GET /to-first', 'GET /to-second']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7)) x 2]
--- error_code eval: [401, 200]



=== TEST 25: a location's secrets replace the server's
--- http_config
    auth_gate_secret env:JWT_SECRET;
--- config
    auth_gate_secret env:OTHER_SECRET;
    location = /server { auth_gate jwt; proxy_pass http://app; }
    location = /own    { auth_gate jwt; auth_gate_secret env:THIRD_SECRET; proxy_pass http://app; }
--- request eval: [('GET /server') x 3, ('GET /own') x 3]
--- more_headers eval: [map { 'Authorization: Bearer ' . session_jwt(7, -secret => $_) } ($SECRET, $::Other, $::Third) x 2]
--- error_code eval: [401, 200, 401, 401, 401, 200]



=== TEST 26: without a secret, one is generated and stored with mode 0600, and a warning is logged
--- http_config
    auth_gate_state_path $TEST_NGINX_SECRETS/made;
--- accepted eval: []
--- refused eval: [$SECRET]
--- generated: made
--- error_log
no "auth_gate_secret", using the generated one in



=== TEST 27: a generated secret survives a restart, and each start warns
--- http_config
    auth_gate_state_path $TEST_NGINX_SECRETS/made;
--- refused eval: [$SECRET]
--- generated: made
--- error_log eval: qr/\[warn\].*no "auth_gate_secret", using the generated one in/



=== TEST 28: a stored secret is reused
--- http_config
    auth_gate_state_path $TEST_NGINX_SECRETS/kept;
--- accepted eval: [$::Other]
--- refused eval: [$SECRET, "$::Other\n"]
--- error_log
no "auth_gate_secret", using the generated one in



=== TEST 29: a stored secret that others can read causes a warning
--- http_config
    auth_gate_state_path $TEST_NGINX_SECRETS/loose;
--- accepted eval: [$::Other]
--- error_log
has mode 0644, more than 0640 lets others at it



=== TEST 30: a damaged generated secret is an error
--- http_config
    auth_gate_state_path $TEST_NGINX_SECRETS/damaged;
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- must_die
--- error_log eval: qr{the generated secret in ".*/damaged/secret" is damaged}



=== TEST 31: without a secret and without a state path, nginx does not start
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- must_die
--- error_log
there is no "auth_gate_secret", and no "auth_gate_state_path"



=== TEST 32: a state path with a missing parent is an error
--- http_config
    auth_gate_state_path $TEST_NGINX_SECRETS/no/such;
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- must_die
--- error_log eval: qr{making the state directory ".*/no/such" failed.*No such file}



=== TEST 33: a state path that is a file is an error
--- http_config
    auth_gate_state_path $TEST_NGINX_SECRETS/plain;
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- must_die
--- error_log eval: qr{\[emerg\].*/plain}



=== TEST 34: no secret is generated where one is configured or nothing is gated
--- http_config
    auth_gate_state_path $TEST_NGINX_SECRETS/unused;
--- config
    location = /api { auth_gate jwt; auth_gate_secret env:JWT_SECRET; proxy_pass http://app; }
    location = /off { auth_gate off; proxy_pass http://app; }
--- request
GET /off
--- response_body: GET /off
--- no_error_log
[alert]
[crit]
[warn]



=== TEST 35: what is no copy is signed by the first of several secrets
--- http_config
    auth_gate_secret env:OTHER_SECRET env:JWT_SECRET;
    auth_gate_upstream_jwt on minimal;
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/first.sock;
        location = / { auth_gate jwt; auth_gate_secret env:OTHER_SECRET; empty_gif; }
    }
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/html/second.sock;
        location = / { auth_gate jwt; auth_gate_secret env:JWT_SECRET; empty_gif; }
    }
--- config
    location = /to-first  { auth_gate jwt; proxy_set_header Authorization "Bearer $auth_gate_jwt"; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/first.sock:/; }
    location = /to-second { auth_gate jwt; proxy_set_header Authorization "Bearer $auth_gate_jwt"; proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/second.sock:/; }
--- request eval: ['GET /to-first', 'GET /to-second']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7)) x 2]
--- error_code eval: [200, 401]
