# The messages of nginx -t about mistakes in locations that issue or accept tokens.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Zone   = "auth_gate_zone zone=gate:1m tokens=1000;\n";
our $Secret = "auth_gate_secret env:JWT_SECRET;\n";

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $Zone . $Secret)      if !defined $block->http_config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n") if !defined $block->no_error_log;
    $block->set_value(request => 'GET /index.html')        if !defined $block->must_die && !defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: a location accepts tokens for an undeclared purpose
--- config
location /t { auth_gate jwt token=nonsense; }
--- must_die
--- error_log
[emerg]
unknown purpose "nonsense" in "auth_gate", declare it with "auth_gate_purpose"



=== TEST 2: the message about an undeclared purpose names the file and line
--- config
location /t { auth_gate token=ws,nonsense; }
--- must_die
--- error_log eval
qr/\[emerg\] .*unknown purpose "nonsense" .*nginx\.conf:\d+/



=== TEST 3: a location issues tokens for an undeclared purpose
--- config
location /t { auth_gate_issue ws nonsense; }
--- must_die
--- error_log
[emerg]
unknown purpose "nonsense" in "auth_gate_issue", declare it with "auth_gate_purpose"



=== TEST 4: purpose names are compared exactly
--- config
location /t { auth_gate token=WS; }
--- must_die
--- error_log
[emerg]
unknown purpose "WS" in "auth_gate"



=== TEST 5: a purpose may be declared after the location that names it
--- http_config eval: $::Zone . $::Secret . 'server { listen unix:$TEST_NGINX_SERVER_ROOT/logs/x.sock; location / { auth_gate token=preview; } } auth_gate_purpose preview ttl=1s;'
--- config
--- error_code: 200



=== TEST 6: a location accepts tokens without a zone
--- http_config eval: $::Secret
--- config
location /t { auth_gate token=ws; }
--- must_die
--- error_log
[emerg]
"auth_gate token=" needs "auth_gate_zone"



=== TEST 7: a location issues tokens without a zone
--- http_config eval: $::Secret
--- config
location /t { auth_gate_issue ws; }
--- must_die
--- error_log
[emerg]
"auth_gate_issue" needs "auth_gate_zone"



=== TEST 8: accepting only sessions needs no zone
--- http_config eval: $::Secret
--- config
location /t { auth_gate jwt; }
--- error_code: 200



=== TEST 9: an issuing location cannot have the gate off
--- config
location /t { auth_gate off; auth_gate_issue ws; }
--- must_die
--- error_log
[emerg]
"auth_gate_issue" needs a session, so this location cannot be "auth_gate off"



=== TEST 10: an issuing location cannot accept tokens
--- config
location /t { auth_gate jwt token=ws; auth_gate_issue ws; }
--- must_die
--- error_log
[emerg]
"auth_gate_issue" needs a session; tokens cannot fetch tokens, remove "token="



=== TEST 11: an issuing location may explicitly accept sessions
--- config
location /t { auth_gate jwt; auth_gate_issue ws; }
location /ws { auth_gate token=ws; }
--- error_code: 200
--- no_error_log
[warn]
[emerg]



=== TEST 12: an issuing location does not inherit that its server accepts tokens
--- config
auth_gate jwt token=ws;
location = /t { auth_gate_issue ws; }
--- request eval: 'POST /t?token=' . 'a' x 64
--- error_code: 401
--- response_body chomp
{"error":"Access token required","code":"AUTH_REQUIRED"}



=== TEST 13: an issuing location does not inherit that its server has the gate off
--- config
auth_gate off;
location = /t { auth_gate_issue ws; }
--- request
POST /t
--- error_code: 401



=== TEST 14: a location nested in an issuing one does not issue
--- config
location /t { auth_gate_issue ws; location /t/below { auth_gate off; empty_gif; } }
--- request
POST /t/below
--- error_code: 405
--- response_body_unlike: token



=== TEST 15: auth_gate_issue twice
--- config
location /t { auth_gate_issue ws; auth_gate_issue download; }
--- must_die
--- error_log
[emerg]
"auth_gate_issue" directive is duplicate



=== TEST 16: auth_gate_issue without a purpose
--- config
location /t { auth_gate_issue; }
--- must_die
--- error_log
[emerg]
invalid number of arguments in "auth_gate_issue" directive



=== TEST 17: auth_gate_issue with an empty purpose
--- config
location /t { auth_gate_issue ""; }
--- must_die
--- error_log
[emerg]
invalid value "" in "auth_gate_issue"



=== TEST 18: auth_gate_issue outside a location
--- config
auth_gate_issue ws;
--- must_die
--- error_log
[emerg]
"auth_gate_issue" directive is not allowed here



=== TEST 19: a purpose that is issued but never accepted causes a warning
--- config
location /t { auth_gate_issue ws immich; }
location /ws { auth_gate token=ws; }
--- error_log
[warn]
"auth_gate_issue" issues tokens for "immich", which no "auth_gate token=" accepts
--- no_error_log
"ws", which no
[alert]
[crit]



=== TEST 20: a purpose that is issued and accepted causes no warning
--- config
location /t { auth_gate_issue ws; }
location /ws { auth_gate token=ws; }
--- error_code: 200
--- no_error_log
[warn]
[alert]
[crit]



=== TEST 21: auth_gate with an unknown parameter
--- config
location /t { auth_gate on; }
--- must_die
--- error_log
[emerg]
invalid value "on" in "auth_gate"



=== TEST 22: auth_gate off before another parameter
--- config
location /t { auth_gate off jwt; }
--- must_die
--- error_log
[emerg]
invalid value "jwt" in "auth_gate", expected no other argument with "off"



=== TEST 23: auth_gate off after another parameter
--- config
location /t { auth_gate jwt off; }
--- must_die
--- error_log
[emerg]
invalid value "off" in "auth_gate"



=== TEST 24: auth_gate with jwt twice
--- config
location /t { auth_gate jwt jwt; }
--- must_die
--- error_log
[emerg]
invalid value "jwt" in "auth_gate"



=== TEST 25: auth_gate with token= twice
--- config
location /t { auth_gate token=ws token=download; }
--- must_die
--- error_log
[emerg]
invalid value "token=download" in "auth_gate"



=== TEST 26: auth_gate with an empty purpose
--- config
location /t { auth_gate token=; }
--- must_die
--- error_log
[emerg]
invalid value "token=" in "auth_gate"



=== TEST 27: auth_gate with an empty purpose in a list
--- config
location /t { auth_gate token=ws,,download; }
--- must_die
--- error_log
[emerg]
invalid value "token=ws,,download" in "auth_gate"



=== TEST 28: auth_gate with an empty purpose at the end of a list
--- config
location /t { auth_gate token=ws,; }
--- must_die
--- error_log
[emerg]
invalid value "token=ws," in "auth_gate"



=== TEST 29: auth_gate with token but no purposes
--- config
location /t { auth_gate jwt token; }
--- must_die
--- error_log
[emerg]
invalid value "token" in "auth_gate"



=== TEST 30: auth_gate without a parameter
--- config
location /t { auth_gate; }
--- must_die
--- error_log
[emerg]
invalid number of arguments in "auth_gate" directive



=== TEST 31: auth_gate twice
--- config
location /t { auth_gate jwt; auth_gate jwt; }
--- must_die
--- error_log
[emerg]
"auth_gate" directive is duplicate



=== TEST 32: auth_gate in if
--- config
location /t { if ($arg_a) { auth_gate off; } }
--- must_die
--- error_log
[emerg]
"auth_gate" directive is not allowed here



=== TEST 33: auth_gate_ws_close with an unknown parameter
--- config
location /t { auth_gate_ws_close yes; }
--- must_die
--- error_log
[emerg]
invalid value "yes" in "auth_gate_ws_close" directive



=== TEST 34: auth_gate_ws_close twice
--- config
location /t { auth_gate_ws_close on; auth_gate_ws_close on; }
--- must_die
--- error_log
[emerg]
"auth_gate_ws_close" directive is duplicate



=== TEST 35: auth_gate_upstream_jwt with an unknown parameter
--- config
location /t { auth_gate_upstream_jwt maybe; }
--- must_die
--- error_log
[emerg]
invalid value "maybe" in "auth_gate_upstream_jwt"



=== TEST 36: auth_gate_upstream_jwt with a lifetime below a second
--- config
location /t { auth_gate_upstream_jwt on ttl=999ms; }
--- must_die
--- error_log
[emerg]
invalid value "ttl=999ms" in "auth_gate_upstream_jwt"



=== TEST 37: auth_gate_upstream_jwt with an invalid lifetime
--- config
location /t { auth_gate_upstream_jwt on ttl=x; }
--- must_die
--- error_log
[emerg]
invalid value "ttl=x" in "auth_gate_upstream_jwt"



=== TEST 38: auth_gate_upstream_jwt with an unknown option
--- config
location /t { auth_gate_upstream_jwt on 60s; }
--- must_die
--- error_log
[emerg]
invalid value "60s" in "auth_gate_upstream_jwt"



=== TEST 39: auth_gate_upstream_jwt twice
--- config
location /t { auth_gate_upstream_jwt on; auth_gate_upstream_jwt off; }
--- must_die
--- error_log
[emerg]
"auth_gate_upstream_jwt" directive is duplicate



=== TEST 40: an endpoint beside another content handler
--- http_config
auth_gate_zone zone=gate:1m tokens=100;
--- config
location /t { auth_gate_issue ws; proxy_pass http://127.0.0.1:1; }
--- must_die
--- error_log
location "/t" answers by an endpoint of auth_gate and by another directive: give each a location of its own



=== TEST 41: the same, the other way round
--- http_config
auth_gate_zone zone=gate:1m tokens=100;
--- config
location /t { empty_gif; auth_gate_issue ws; }
--- must_die
--- error_log
location "/t" answers by an endpoint of auth_gate and by another directive: give each a location of its own



=== TEST 42: two endpoints in one location
--- http_config
auth_gate_zone zone=gate:1m tokens=100;
--- config
location /t { auth_gate_status; auth_gate_issue ws; }
--- must_die
--- error_log
location "/t" answers by an endpoint of auth_gate and by another directive: give each a location of its own



=== TEST 43: auth_gate_ws_close with a time that is none
--- config
location /t { auth_gate_ws_close on slow=soon; }
--- must_die
--- error_log
[emerg]
invalid value "slow=soon" in "auth_gate_ws_close", expected "on slow=time", with a time of at most 1h



=== TEST 44: auth_gate_ws_close that would answer at once
--- config
location /t { auth_gate_ws_close on slow=0; }
--- must_die
--- error_log
[emerg]
invalid value "slow=0" in "auth_gate_ws_close", expected "on slow=time", with a time of at most 1h



=== TEST 45: auth_gate_ws_close that answers after everybody has left
--- config
location /t { auth_gate_ws_close on slow=61m; }
--- must_die
--- error_log
[emerg]
invalid value "slow=61m" in "auth_gate_ws_close", expected "on slow=time", with a time of at most 1h



=== TEST 46: auth_gate_ws_close off with a time
--- config
location /t { auth_gate_ws_close off slow=30s; }
--- must_die
--- error_log
[emerg]
invalid value "slow=30s" in "auth_gate_ws_close", expected "on slow=time", with a time of at most 1h



=== TEST 47: auth_gate_ws_close with another option
--- config
location /t { auth_gate_ws_close on fast=30s; }
--- must_die
--- error_log
[emerg]
invalid value "fast=30s" in "auth_gate_ws_close", expected "on slow=time", with a time of at most 1h
