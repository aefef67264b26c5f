# What counts as MFA, a role and an administrator in what auth_gate_identity reads, and what the log says of the rest.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/html/app.sock; }
    server {
        listen      unix:$TEST_NGINX_SERVER_ROOT/html/app.sock;
        server_name app;
        location /            { return 200 "$http_x_who"; }
        location ~ ^/say/(.*) { return 200 $1; }
    }
_EOC_

# Locations /0, /1 and so on, where the application says the first text of a row of its user. The second is what the
# directive says about it. /s0, /s1 and so on are the same user's settings.
sub rows {
    my $config = 'auth_gate_mfa always; proxy_set_header X-Who "$auth_gate_role/$auth_gate_mfa";';
    for my $i (0 .. $#_) {
        my ($json, $rules) = @{ $_[$i] };
        my $path = $json =~ s/([^A-Za-z0-9])/sprintf '%%%02x', ord $1/ger;
        my $identity = "auth_gate jwt; auth_gate_identity /_$i cache=0 $rules;";
        $config .= "location = /_$i { internal; proxy_pass http://app/say/$path; } location = /$i { $identity proxy_pass http://app; }"
            . "location = /s$i { $identity auth_gate_mfa off; auth_gate_app_settings on; }\n";
    }
    return $config;
}

sub as { return 'Authorization: Bearer ' . session_jwt(7, @_) }
our $As = as();

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig);
    $block->set_value(more_headers => $As) if !defined $block->more_headers;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
});
follow_up();

run_tests();

__DATA__

=== TEST 1: yes, no, and what is neither
--- config eval
::rows(map { [qq({"user":{"id":7$_}}), ''] } map({ ",\"mfa_enabled\":$_" } qw(true "true" 1 "1" "2024-05-01T12:30:00.000Z" false "false" 0 "0" "" null [] {} "yes" 2 [1] {"a":1})), '')
--- request eval: [map { "GET /$_" } 0 .. 17]
--- error_code eval: [(200) x 5, (403) x 8, (503) x 4, 403]



=== TEST 2: the log says which path has which type
--- config eval
::rows(['{"user":{"id":7,"mfa_enabled":"secret"}}', ''])
--- request
GET /0
--- error_code: 503
--- error_log
auth_gate: asking "/_0" for the user failed: "user.mfa_enabled" is a string, and says neither yes nor no, status 200



=== TEST 3: configured values count as MFA, and no others
--- config eval
::rows(map { [qq({"user":{"id":7,"mfa":$_}}), 'mfa=user.mfa:totp,webauthn'] } qw("totp" "webauthn" ["sms","totp"] [{"name":"totp"}] "sms" true null [] "" {"name":"totp"}))
--- request eval: [map { "GET /$_" } 0 .. 9]
--- error_code eval: [(200) x 4, (403) x 5, 503]



=== TEST 4: roles are a name, a list of names or of objects with a name
--- config eval
::rows(map { [qq({"user":{"id":7,"mfa_enabled":1,"role":$_}}), ''] } qw("editor" ["editor","admin"] [{"name":"a"},{"name":"b"}] [] null))
--- request eval: [map { "GET /$_" } 0 .. 4]
--- response_body eval: [map { "$_/true" } 'editor', 'editor,admin', 'a,b', '', '']



=== TEST 5: an administrator by role
--- config eval
::rows((map { [qq({"user":{"id":7,"mfa_enabled":1,"role":$_}}), 'admin=role:Administrator,global:owner'] } qw("Administrator" "global:owner" ["x","Administrator"] "admin" "global")),
    (map { [qq({"user":{"id":7,"mfa_enabled":1,"role":$_}}), ''] } qw("admin" ["x","admin"] "administrator")))
--- request eval: [map { "GET /s$_" } 0 .. 7]
--- error_code eval: [200, 200, 200, 403, 403, 200, 200, 403]



=== TEST 6: an administrator by a yes or no
--- config eval
::rows(map { [qq({"user":{"id":7,"mfa_enabled":1,"role":"admin"$_}}), 'admin=user.is_admin'] } map({ ",\"is_admin\":$_" } qw(true 1 false "" "owner")), '')
--- request eval: [map { "GET /s$_" } 0 .. 5]
--- error_code eval: [200, 200, 403, 403, 503, 403]



=== TEST 7: an answer may be an array, and arrays are read by index
--- config eval
::rows(map { [$_, 'id=0.id role=0.groups.1.name mfa=0.methods.0:totp'] } '[{"id":7,"groups":[{"name":"a"},{"name":"b"}],"methods":["totp"]}]', '[{"id":8,"methods":["totp"]}]', '[]', '"7"')
--- request eval: [map { "GET /$_" } 0 .. 3]
--- error_code eval: [200, 503, 503, 503]
--- response_body_like eval: ['^b/true$', ('Service unavailable') x 3]



=== TEST 8: what is cached knows the administrator, too
--- config
    auth_gate_identity /_me role=roles mfa=mfa admin=role:boss id=;
    auth_gate_mfa      always;
    location = /_me      { internal; proxy_pass http://app/say/%7b%22mfa%22%3a1%2c%22roles%22%3a%5b%22x%22%2c%22boss%22%5d%7d; }
    location = /settings { auth_gate jwt; auth_gate_app_settings on; }
    location = /who      { auth_gate jwt; proxy_set_header X-Who $auth_gate_role; proxy_pass http://app; }
--- request eval: ['GET /settings', 'GET /settings', 'GET /who']
--- error_code eval: [200, 200, 200]
--- response_body_like eval: ['require_mfa', 'require_mfa', '^x,boss$']



=== TEST 9: the same holds for claims
--- config
    auth_gate_identity claims role=groups admin=role:boss mfa=amr:mfa,otp;
    auth_gate_mfa      always;
    location = /settings { auth_gate jwt; auth_gate_app_settings on; }
    location = /who      { auth_gate jwt; proxy_set_header X-Who $auth_gate_role; proxy_pass http://app; }
--- request eval: [('GET /settings') x 3, ('GET /who') x 4]
--- more_headers eval
[::as(groups => ['x', 'boss'], amr => ['pwd', 'otp']), ::as(groups => 'admin', amr => 'mfa'), ::as(groups => 'boss', amr => 'pwd'),
 ::as(groups => ['x', 'y'], amr => ['mfa']), ::as(groups => 7, amr => ['mfa']), ::as(groups => 'x', amr => { a => 1 }), ::as(groups => 'x')]
--- error_code eval: [200, 403, 403, 200, 200, 503, 403]
--- response_body_like eval: ['require_mfa', 'Admin', 'MFA_REQUIRED', '^x,y$', '^$', 'unavailable', 'MFA_REQUIRED']
--- no_error_log
[alert]
[error]



=== TEST 10: behind a token, the session's claims say the same
--- config
    auth_gate_identity claims role=groups admin=role:boss;
    auth_gate_mfa      always;
    location = /token    { auth_gate_issue download; }
    location = /file     { auth_gate token=download; proxy_set_header X-Who $auth_gate_role/$auth_gate_mfa; proxy_pass http://app; }
--- request
POST /token
--- more_headers eval: ::as(groups => ['x', 'boss'], mfa_enabled => 1)
--- then eval: [['GET /file?token=%TOKEN%', 200, 'x,boss/true']]



=== TEST 11: the log says it of the role
--- config eval
::rows(['{"user":{"id":7,"role":{"name":"x"}}}', ''])
--- request
GET /0
--- error_code: 503
--- error_log
auth_gate: asking "/_0" for the user failed: "user.role" is an object, expected a name, or a list of names or of objects with a "name", status 200



=== TEST 12: the log says it of the id
--- config eval
::rows(['{"user":{"id":8}}', ''])
--- request
GET /0
--- error_code: 503
--- error_log
auth_gate: asking "/_0" for the user failed: "user.id" is a number, and not the id of this user, status 200



=== TEST 13: the log says it of the id that is absent
--- config eval
::rows(['[]', ''])
--- request
GET /0
--- error_code: 503
--- error_log
auth_gate: asking "/_0" for the user failed: "user.id" is absent, and not the id of this user, status 200



=== TEST 14: the log says it of claims, and a claim causes no error
--- config
    auth_gate_identity claims role=groups;
    auth_gate_mfa      always;
    location = /who { auth_gate jwt; proxy_pass http://app; }
--- request
GET /who
--- more_headers eval: ::as(groups => 7, mfa_enabled => 1)
--- error_code: 200
--- error_log
[info]
auth_gate: reading the user from claims failed: "groups" is a number, expected a name
--- no_error_log
[alert]
[warn]
[error]



=== TEST 15: a claim that lets nobody in is a warning
--- config
    auth_gate_identity claims;
    auth_gate_mfa      always;
    location = /who { auth_gate jwt; proxy_pass http://app; }
--- request
GET /who
--- more_headers eval: ::as(mfa_enabled => 'soon')
--- error_code: 503
--- error_log
auth_gate: reading the user from claims failed: "mfa_enabled" is a string, and says neither yes nor no
--- no_error_log
[alert]
[error]
