# The counters: auth_gate_status.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $HttpConfig = <<'_EOC_';
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
_EOC_
our $Config = <<'_EOC_';
    auth_gate_identity claims;
    location = /status     { auth_gate_status; }
    location = /json       { auth_gate_status json; }
    location = /metrics    { auth_gate_status prometheus; }
    location = /secret     { auth_gate jwt; auth_gate_status; }
    location = /denied     { auth_gate_status; deny all; }
    location = /token      { auth_gate_issue download; }
    location = /file       { auth_gate token=download; empty_gif; }
    location = /always     { auth_gate jwt; auth_gate_mfa always; empty_gif; }
    location = /settings   { auth_gate jwt; auth_gate_app_settings on; }
_EOC_
our $Session = 'Authorization: Bearer ' . session_jwt(7);
our $Admin   = 'Authorization: Bearer ' . session_jwt(1, role => 'admin', mfa_enabled => JSON::PP::true());
our $Zero = '{"tokens_live":0,"require_mfa":false,"tokens_issued":0,"tokens_redeemed":0,"tokens_refused":0,"requests_refused":0,"mfa_refused":0,"mfa_dry_run":0,"sockets_closed":0,"version":"0.1.0"}';

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig)          if !defined $block->http_config;
    $block->set_value(config => $Config)                   if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n") if !defined $block->no_error_log;
});

follow_up();
run_tests();

__DATA__

=== TEST 1: JSON by default, with every counter, not cacheable
--- request eval: ['GET /status', 'GET /json']
--- response_headers eval: [("Content-Type: application/json\nCache-Control: no-store") x 2]
--- response_body eval: [($::Zero) x 2]
--- error_code eval: [200, 200]



=== TEST 2: Prometheus: each metric has help and type, and the text ends with a line break
--- request
GET /metrics
--- response_headers
Content-Type: text/plain; version=0.0.4
Cache-Control: no-store
--- response_body_like eval
'^# HELP auth_gate_tokens_live [^\n]+\n# TYPE auth_gate_tokens_live gauge\nauth_gate_tokens_live 0\n'
. '# HELP auth_gate_require_mfa [^\n]+\n# TYPE auth_gate_require_mfa gauge\nauth_gate_require_mfa 0\n'
. CORE::join('', map { "# HELP auth_gate_${_}_total [^\\n]+\\n# TYPE auth_gate_${_}_total counter\\nauth_gate_${_}_total 0\\n" }
    qw(tokens_issued tokens_redeemed tokens_refused requests_refused mfa_refused mfa_dry_run sockets_closed))
. "# HELP auth_gate_build_info [^\\n]+\n# TYPE auth_gate_build_info gauge\nauth_gate_build_info\\{version=\"0\\.1\\.0\"\\} 1\n" . '\z'



=== TEST 3: HEAD has Content-Length and no body
--- request
HEAD /status
--- response_headers eval: 'Content-Length: ' . length $::Zero
--- response_body



=== TEST 4: other methods are refused
--- request eval: [map { "$_ /status" } qw(POST PUT DELETE OPTIONS)]
--- error_code eval: [(405) x 4]



=== TEST 5: counts of tokens issued, redeemed and refused, and of refused requests
--- request
POST /token
--- more_headers eval: $::Session
--- error_code: 200
--- then eval
[
    ['GET /status', 200, qr/"tokens_live":1,"require_mfa":false,"tokens_issued":1,"tokens_redeemed":0,"tokens_refused":0,"requests_refused":0,/],
    ['GET /file?token=%TOKEN%', 200, undef],
    ['GET /status', 200, qr/"tokens_live":0,"require_mfa":false,"tokens_issued":1,"tokens_redeemed":1,"tokens_refused":0,"requests_refused":0,/],
    ['GET /file?token=%TOKEN%', 401, undef],
    ['GET /file', 401, undef],
    ['POST /token', 401, undef],
    ['GET /status', 200, qr/"tokens_live":0,"require_mfa":false,"tokens_issued":1,"tokens_redeemed":1,"tokens_refused":1,"requests_refused":3,"mfa_refused":0,/],
    ['GET /always', 403, undef, [$::Session]],
    ['GET /status', 200, qr/"requests_refused":4,"mfa_refused":1,/],
    ['GET /metrics', 200, qr/^auth_gate_mfa_refused_total 1\n/m],
]



=== TEST 6: it reports the MFA policy
--- request
PUT /settings
{"require_mfa":true}
--- more_headers eval: $::Admin
--- error_code: 200
--- then eval
[
    ['GET /status', 200, qr/"require_mfa":true/],
    ['GET /metrics', 200, qr/^auth_gate_require_mfa 1\n/m],
]



=== TEST 7: a settings endpoint that refuses a user counts it as a refused request
--- request
GET /settings
--- more_headers eval: $::Session
--- error_code: 403
--- then eval
[['GET /status', 200, qr/"requests_refused":1,"mfa_refused":0,/]]



=== TEST 8: it can be gated and restricted by nginx's own rules
--- request eval: ['GET /secret', 'GET /secret', 'GET /denied']
--- more_headers eval: ['', $::Session, '']
--- error_code eval: [401, 200, 403]
--- no_error_log
[alert]
[crit]



=== TEST 9: a JSON parser accepts it
--- request
GET /status
--- response_body_like eval: JSON::PP::decode_json($::Zero) && '^\{.*\}$'
