# The options of auth_gate_purpose and auth_gate_issue that nginx -t refuses, and those that it takes.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

lines_that_nginx_refuses(
    http_config => 'auth_gate_secret env:JWT_SECRET; auth_gate_zone zone=gate:1m tokens=100; LINE',
    config      => 'location = /token { auth_gate_issue media; } location /media { auth_gate token=media; }',
);

# The section issue stands for a location, with this purpose and a lookup.
add_block_preprocessor(sub {
    my $block = shift;
    my $issue = $block->issue // return;
    $block->set_value(http_config => 'auth_gate_secret env:JWT_SECRET; auth_gate_zone zone=gate:1m tokens=100; '
        . 'auth_gate_purpose media ttl=1s; ' . ($block->http // ''));
    $block->set_value(config => "location /me { internal; proxy_pass http://127.0.0.1:1; } location /media { auth_gate token=media; }\n$issue");
});

run_tests();

__DATA__

=== TEST 1: bind=address without a lease
--- line: auth_gate_purpose media ttl=1s bind=address;
--- error_log
[emerg]
"auth_gate_purpose media": bind=address, agent and none are for a lease, add "lease=time"



=== TEST 2: bind=agent without a lease
--- line: auth_gate_purpose media ttl=1s bind=agent;
--- error_log
[emerg]
"auth_gate_purpose media": bind=address, agent and none are for a lease, add "lease=time"



=== TEST 3: bind=none without a lease, beside path
--- line: auth_gate_purpose media ttl=1s bind=path,none;
--- error_log
[emerg]
"auth_gate_purpose media": bind=address, agent and none are for a lease, add "lease=time"



=== TEST 4: two of them
--- line: auth_gate_purpose media ttl=1s lease=1s bind=agent,address;
--- error_log
[emerg]
invalid value "bind=agent,address" in "auth_gate_purpose", expected ttl=time or lease=time of at most 1h, or bind=path,address|agent|none, each once



=== TEST 5: two of them, with path between
--- line: auth_gate_purpose media ttl=1s lease=1s bind=none,path,agent;
--- error_log
[emerg]
invalid value "bind=none,path,agent" in "auth_gate_purpose"



=== TEST 6: one twice
--- line: auth_gate_purpose media ttl=1s lease=1s bind=agent,agent;
--- error_log
[emerg]
invalid value "bind=agent,agent" in "auth_gate_purpose"



=== TEST 7: path twice
--- line: auth_gate_purpose media ttl=1s bind=path,path;
--- error_log
[emerg]
invalid value "bind=path,path" in "auth_gate_purpose"



=== TEST 8: an unknown word
--- line: auth_gate_purpose media ttl=1s lease=1s bind=host;
--- error_log
[emerg]
invalid value "bind=host" in "auth_gate_purpose"



=== TEST 9: no word
--- line: auth_gate_purpose media ttl=1s lease=1s bind=;
--- error_log
[emerg]
invalid value "bind=" in "auth_gate_purpose"



=== TEST 10: an empty word
--- line: auth_gate_purpose media ttl=1s lease=1s bind=path,;
--- error_log
[emerg]
invalid value "bind=path," in "auth_gate_purpose"



=== TEST 11: another case
--- line: auth_gate_purpose media ttl=1s lease=1s bind=Agent;
--- error_log
[emerg]
invalid value "bind=Agent" in "auth_gate_purpose"



=== TEST 12: two of the option
--- line: auth_gate_purpose media ttl=1s bind=path bind=path;
--- error_log
[emerg]
invalid value "bind=path" in "auth_gate_purpose"



=== TEST 13: two different ones
--- line: auth_gate_purpose media lease=1s bind=agent bind=path;
--- error_log
[emerg]
invalid value "bind=path" in "auth_gate_purpose"



=== TEST 14: no lifetime
--- line: auth_gate_purpose media bind=path;
--- error_log
[emerg]
"auth_gate_purpose media" must have "ttl=time"



=== TEST 15: the order makes no difference
--- http_config
auth_gate_secret env:JWT_SECRET;
auth_gate_zone zone=gate:1m tokens=100;
auth_gate_purpose ws bind=path ttl=1s;
auth_gate_purpose media bind=agent,path lease=1s ttl=1s;
auth_gate_purpose other bind=address ttl=1s lease=1s;
--- config
location = /open { return 204; }
--- request
GET /open
--- error_code: 204



=== TEST 16: check=identity without auth_gate_identity
--- issue: location = /token { auth_gate_issue media check=identity; }
--- error_log
[emerg]
"auth_gate_issue check=identity" needs "auth_gate_identity" with a lookup, which asks the application, in



=== TEST 17: check=identity with identity claims: nobody would be asked
--- issue: location = /token { auth_gate_issue check=identity media; auth_gate_identity claims; }
--- error_log
[emerg]
"auth_gate_issue check=identity" needs "auth_gate_identity" with a lookup, which asks the application, in



=== TEST 18: the same, inherited
--- http: auth_gate_identity claims;
--- issue: location = /token { auth_gate_issue media check=identity; }
--- error_log
[emerg]
"auth_gate_issue check=identity" needs "auth_gate_identity" with a lookup, which asks the application, in



=== TEST 19: the message names the line of auth_gate_issue
--- issue
location = /token {
auth_gate_identity claims;
auth_gate_issue media check=identity;
}
--- error_log eval
[qr{with a lookup, which asks the application, in \S+nginx\.conf:\d+}]



=== TEST 20: an inherited lookup
--- http: auth_gate_identity /me;
--- issue: location = /token { auth_gate_issue media check=identity; } location = /open { return 204; }
--- request
GET /open
--- error_code: 204



=== TEST 21: check=identity without a purpose
--- issue: location = /token { auth_gate_issue check=identity; auth_gate_identity /me; }
--- error_log
[emerg]
"auth_gate_issue" must have a purpose



=== TEST 22: check=identity twice
--- issue: location = /token { auth_gate_issue media check=identity check=identity; auth_gate_identity /me; }
--- error_log
[emerg]
invalid value "check=identity" in "auth_gate_issue", expected purposes and check=identity, once



=== TEST 23: another check
--- issue: location = /token { auth_gate_issue media check=session; auth_gate_identity /me; }
--- error_log
[emerg]
invalid value "check=session" in "auth_gate_issue", expected purposes and check=identity, once



=== TEST 24: an unknown option
--- issue: location = /token { auth_gate_issue media bind=path; }
--- error_log
[emerg]
invalid value "bind=path" in "auth_gate_issue"
