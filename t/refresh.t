# `Auth-Gate: refresh` tells a page that a new JWT would help: with `auth_gate_identity claims`, a JWT keeps saying that its
# user has no MFA after the setup.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Without = 'Authorization: Bearer ' . session_jwt(7);
our $With    = 'Authorization: Bearer ' . session_jwt(7, mfa_enabled => JSON::PP::true());
our $Refused = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';
our $Origin  = 'Origin: https://app.example';

application_behind_the_gate(<<'_EOC_');
    auth_gate_identity    claims;
    auth_gate_mfa         always;
    auth_gate_mfa_exempt  POST /setup /fails;
    auth_gate_mfa_exempt  GET  /setup;

    location = /token  { auth_gate_issue download; auth_gate_mfa exempt; }
    location /api      { auth_gate jwt; proxy_pass http://app; }
    location /cors     { auth_gate jwt; auth_gate_cors https://app.example; proxy_pass http://app; }
    location /file     { auth_gate token=download; proxy_pass http://app; }
    location /ask      { auth_gate jwt; auth_gate_identity /_me; proxy_pass http://app; }
    location = /_me    { internal; proxy_pass http://other/me; }
    location /role     { auth_gate jwt; auth_gate_mfa off; auth_gate_require role=admin; proxy_pass http://app; }
    location /page     { auth_gate jwt; auth_gate_mfa_url /settings; proxy_pass http://app; }
    location /setup    { auth_gate jwt; proxy_pass http://app; }
    location /fails    { auth_gate jwt; proxy_pass http://other/fails; }
    location /exempt   { auth_gate jwt; auth_gate_mfa exempt; proxy_pass http://app; }
    location /asked    { auth_gate jwt; auth_gate_mfa exempt; auth_gate_identity /_me; proxy_pass http://app; }
    location /off      { auth_gate jwt; auth_gate_mfa off; proxy_pass http://app; }
_EOC_
add_block_preprocessor(sub {
    my $block  = shift;
    my $socket = "unix:$ENV{TEST_NGINX_SERVER_ROOT}/html/other.sock";
    $block->set_value(http_config => <<"_EOC_");
    auth_gate_zone zone=gate:1m tokens=100;
    upstream other { server $socket; }
    server {
        listen $socket;
        location /fails { return 400 no; }
        location /me    { return 200 '{"user":{"id":7,"mfa_enabled":false}}'; }
    }
_EOC_
});
follow_up();
run_tests();

__DATA__

=== TEST 1: with the refusal that claims cause, and its body stays as it is
--- request eval: ['GET /api', 'POST /api', 'HEAD /api', 'GET /cors']
--- more_headers eval: [("$::Without\n$::Origin") x 4]
--- error_code eval: [(403) x 4]
--- response_body eval: [$::Refused, $::Refused, '', $::Refused]
--- response_headers eval: [('Auth-Gate: refresh') x 3, "Auth-Gate: refresh\nAccess-Control-Expose-Headers: Auth-Gate, Retry-After, WWW-Authenticate"]



=== TEST 2: for a token, too, whose session says so
--- request
POST /token
--- more_headers eval: $::Without
--- then eval: [['GET /file?token=%TOKEN%', 403, $::Refused]]



=== TEST 3: not where the application is asked, a claim is missing, or there is no session
--- request eval: ['GET /ask', 'GET /role', 'GET /api', 'GET /api', 'GET /page']
--- more_headers eval: [$::Without, $::Without, 'X-No: 1', $::With, "$::Without\nSec-Fetch-Mode: navigate"]
--- error_code eval: [403, 403, 401, 200, 302]
--- response_headers eval: [('!Auth-Gate') x 5]



=== TEST 4: with the answer of a setup that may have been finished, for a JWT that says no
--- request eval: ['POST /setup', 'POST /exempt', 'PUT /exempt']
--- more_headers eval: [($::Without) x 3]
--- error_code eval: [(200) x 3]
--- response_body eval: ['POST /setup', 'POST /exempt', 'PUT /exempt']
--- response_headers eval: [('Auth-Gate: refresh') x 3]



=== TEST 5: not where nothing was changed, it failed, the JWT says yes, or it is not asked
--- request eval: ['GET /setup', 'POST /fails', 'POST /setup', 'POST /exempt', 'POST /asked', 'POST /off', 'GET /exempt']
--- more_headers eval: [$::Without, $::Without, $::With, $::With, $::Without, $::Without, $::Without]
--- error_code eval: [200, 400, (200) x 5]
--- response_headers eval: [('!Auth-Gate') x 7]
