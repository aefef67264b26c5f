# auth_gate_issue check=identity: the application is asked about the session before a token is issued.

use lib 't/lib';
use AuthGateTest;
use Test::More ();
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# Two sessions of one user. The application does not know $Out any more, and none at all once there is the file "out".
our $Session = 'Authorization: Bearer ' . session_jwt(7, iat => time - 60);
our $Other   = 'Authorization: Bearer ' . session_jwt(7, iat => time - 30);
our ($OutJwt) = session_jwt(7, iat => time - 10);
our $Out     = "Authorization: Bearer $OutJwt";
our $Cookie  = 'Cookie: sid=' . session_jwt(7, iat => time - 60);

our $Invalid     = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';
our $Unavailable = '{"error":"Service unavailable"}';

our $HttpConfig = <<"_EOC_";
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path \$TEST_NGINX_SERVER_ROOT/html/state;
    upstream app { server unix:\$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    server {
        listen      unix:\$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        server_name app;
        root        \$TEST_NGINX_SERVER_ROOT/html;
        location / { return 200 reached; }
        location = /me {
            access_log \$TEST_NGINX_SERVER_ROOT/logs/me.log;
            if (-f \$document_root/out)                       { return 401; }
            if (-f \$document_root/broken)                    { return 200 "no JSON"; }
            if (-f \$document_root/other)                     { return 200 '{"user":{"id":8,"mfa_enabled":true}}'; }
            if (-f \$document_root/failing)                   { return 500; }
            if (-f \$document_root/moved)                     { return 302 /login; }
            if (-f \$document_root/plain)                     { return 200 '{"user":{"id":7,"mfa_enabled":false}}'; }
            if (\$http_authorization = "Bearer $OutJwt")      { return 401; }
            return 200 '{"user":{"id":7,"mfa_enabled":true}}';
        }
    }
_EOC_

our $Config = <<'_EOC_';
    auth_gate_identity /_identity;
    auth_gate_jwt_from bearer cookie:sid;
    location = /_identity { internal; proxy_pass http://app/me; }
    location = /_nowhere  { internal; proxy_pass http://127.0.0.1:1/; }
    location = /token     { auth_gate_issue download check=identity; }
    location = /both      { auth_gate_issue check=identity download ws; }
    location = /unchecked { auth_gate_issue download; }
    location = /always    { auth_gate_issue download check=identity; auth_gate_mfa always; }
    location = /nocache   { auth_gate_issue download check=identity; auth_gate_mfa always; auth_gate_identity /_identity cache=0; }
    location = /dry       { auth_gate_issue download check=identity; auth_gate_mfa policy dry_run; }
    location = /session   { auth_gate_issue download check=identity; auth_gate_identity /_identity per=session; }
    location = /nowhere   { auth_gate_issue download check=identity; auth_gate_identity /_nowhere; }
    location = /any       { auth_gate_issue download check=identity; satisfy any; allow all; }
    location = /moved     { error_page 418 = /token; return 418; }
    location = /twice     { auth_gate jwt; auth_gate_mfa always; error_page 404 = /token; proxy_pass http://app/missing; }
    location = /api       { auth_gate jwt; auth_gate_mfa always; proxy_pass http://app; }
    location = /api2      { auth_gate jwt; auth_gate_mfa always; auth_gate_identity /_identity per=session; proxy_pass http://app; }
    location = /file      { auth_gate token=download; proxy_pass http://app; }
    location = /part      { auth_gate off; mirror /token; proxy_pass http://app; }
    location = /asking    { auth_gate off; auth_request /token; proxy_pass http://app; }
_EOC_

sub touch { open my $out, '>', "$ENV{TEST_NGINX_SERVER_ROOT}/html/" . shift or die $!; return 1 }

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config  => $HttpConfig)            if !defined $block->http_config;
    $block->set_value(config       => $Config)                if !defined $block->config;
    $block->set_value(request      => "POST /token\n")        if !defined $block->request;
    $block->set_value(more_headers => $Session)               if !defined $block->more_headers;
    $block->set_value(no_error_log => "[alert]\n[crit]\n")    if !defined $block->no_error_log;
});

# The section after is code that runs between the block's own requests and those of the section then.
add_response_body_check(sub {
    my $code = $_[0]->after // return;
    eval "package main; $code; 1" or die $@;
});

follow_up();

# The section lookups is their number in all.
add_response_body_check(sub {
    my ($block, undef, $index) = @_;
    my $requests = $block->request;
    return if !defined $block->lookups || $index < (ref $requests eq 'ARRAY' ? $#$requests : 0);
    my $path  = "$ENV{TEST_NGINX_SERVER_ROOT}/logs/me.log";
    my $count = -f $path ? do { open my $log, '<', $path or die $!; scalar(() = <$log>) } : 0;
    my $name = $block->name . ' - lookups';
    # A body that comes after the header is asked about once more, and HTTP/2 sends it in a frame of its own.
    return Test::More::is($count, 0 + $block->lookups, $name) if ($ENV{AUTH_GATE_PROTOCOL} // '') !~ /\Ah2/;
    Test::More::ok($count >= $block->lookups && $count <= 2 * $block->lookups, $name) or Test::More::diag("$count lookups");
});

run_tests();

__DATA__

=== TEST 1: a session that the application knows gets a token
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z
--- then eval: [['GET /file?token=%TOKEN%', 200, 'reached']]
--- lookups: 1



=== TEST 2: it asks each time, whatever is cached
--- request eval: ['GET /api', ("POST /token\n") x 3, 'GET /api']
--- more_headers eval: [($::Session) x 5]
--- error_code eval: [(200) x 5]
--- lookups: 4



=== TEST 3: a session that was signed out there gets none, though its user is still in the cache
--- request: GET /api
--- after: touch('out')
--- then eval: [['GET /api', 200, 'reached', [$::Session]], ["POST /token\n", 401, $::Invalid, [$::Session]], ["POST /unchecked\n", 200, undef, [$::Session]]]
--- lookups: 2



=== TEST 4: the answer is that of a lookup that said 401
--- more_headers eval: $::Out
--- error_code: 401
--- response_body eval: $::Invalid
--- response_headers
WWW-Authenticate: Bearer error="invalid_token"
Content-Type: application/json
Cache-Control: no-store
--- log_level: info
--- error_log
auth_gate: request refused: the application does not know the session (check=identity)



=== TEST 5: a session in a cookie
--- request eval: "POST /token\n{}"
--- more_headers eval: "$::Cookie\nContent-Type: application/json\nSec-Fetch-Site: same-origin"
--- response_body_like: \A\{"token":"[0-9a-f]{64}"\}\z
--- after: touch('out')
--- then eval: [["POST /token\n{}", 401, $::Invalid, [$::Cookie, 'Content-Type: application/json', 'Sec-Fetch-Site: same-origin']]]
--- lookups: 2



=== TEST 6: an application that fails, says nothing or speaks of somebody else: 503
--- request: GET /file
--- error_code: 401
--- then eval
[map { my $file = $_; (['GET /file', 401, sub { ::touch($file); 1 }], ["POST /token\n", 503, sub { unlink "$ENV{TEST_NGINX_SERVER_ROOT}/html/$file"; $_[0] eq $::Unavailable }, [$::Session]]) } qw(broken other failing moved)]
--- lookups: 4



=== TEST 7: an application that cannot be reached: 503
--- request eval: "POST /nowhere\n"
--- error_code: 503
--- response_body eval: $::Unavailable



=== TEST 8: several endpoints, some of which ask
--- then eval
[
    (map { [$_, 200, undef, [$::Session]] } qq(POST /both\n{"purpose":"ws"}), "POST /unchecked\n", "POST /session\n"),
    ["POST /nowhere\n", 503, sub { ::touch('out') }, [$::Session]],
    (map { [$_, 401, $::Invalid, [$::Session]] } "POST /token\n", qq(POST /both\n{"purpose":"ws"}), "POST /session\n"),
    ["POST /unchecked\n", 200, undef, [$::Session]],
]
--- lookups: 6



=== TEST 9: of two sessions of one user, one that is signed out, the other one gets its token
--- request eval: ['GET /api', "POST /token\n", "POST /token\n", "POST /token\n"]
--- more_headers eval: [$::Session, $::Out, $::Other, $::Out]
--- error_code eval: [200, 401, 200, 401]
--- lookups: 4



=== TEST 10: the same with per=session
--- request eval: ['GET /api2', "POST /session\n", "POST /session\n", 'GET /api2', "POST /session\n"]
--- more_headers eval: [$::Session, $::Out, $::Session, $::Out, $::Other]
--- error_code eval: [200, 401, 200, 401, 200]
--- lookups: 5



=== TEST 11: where MFA is in force, one answer serves both
--- request eval: ["POST /always\n", "POST /nocache\n"]
--- more_headers eval: [$::Session, $::Session]
--- error_code eval: [200, 200]
--- lookups: 2



=== TEST 12: the fresh answer decides about MFA, too
--- request: GET /api
--- after: touch('plain')
--- then eval: [['GET /api', 200, undef, [$::Session]], ["POST /always\n", 403, qr/MFA_REQUIRED/, [$::Session]], ["POST /token\n", 200, undef, [$::Session]]]
--- lookups: 3



=== TEST 13: a dry run of the policy changes nothing about it
--- request eval: "POST /dry\n"
--- more_headers eval: $::Out
--- error_code: 401
--- response_body eval: $::Invalid



=== TEST 14: nobody is asked about what gets no token anyway
--- request eval: ['GET /token', 'PUT /token', 'OPTIONS /token', "POST /token\n", "POST /token\n"]
--- more_headers eval: [$::Session, $::Session, $::Session, 'X-No: 1', 'Authorization: Bearer e30.e30.bad']
--- error_code eval: [405, 405, 405, 401, 401]
--- lookups: 0



=== TEST 15: a session that is not good gets 401, whatever the body
--- request eval: qq(POST /both\n{"purpose":"other"})
--- more_headers eval: $::Out
--- error_code: 401
--- response_body eval: $::Invalid



=== TEST 16: satisfy any: another module cannot let it in
--- request eval: ["POST /any\n", "POST /any\n"]
--- more_headers eval: [$::Out, $::Session]
--- error_code eval: [401, 200]



=== TEST 17: after a redirect within nginx
--- request eval: ["POST /moved\n"]
--- more_headers eval: [$::Session]
--- error_code eval: [405]



=== TEST 18: subrequests: none gets a token, and a mirrored one is asked about
--- request eval: ["POST /part\n{}", 'GET /asking']
--- more_headers eval: [$::Out, $::Session]
--- error_code eval: [200, 500]
--- lookups: 1



=== TEST 19: the token that it issues is bound as any other
--- request eval: qq(POST /token\n{"path":"/file"})
--- then eval: [['GET /file?token=%TOKEN%', 200, 'reached']]
--- lookups: 1
