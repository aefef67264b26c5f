# The messages of nginx -t about mistakes in the configuration of tokens.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our $Zone   = "auth_gate_zone zone=gate:1m tokens=1000;\n";
our $Secret = "auth_gate_secret env:JWT_SECRET;\n";

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $Zone . $Secret)                if !defined $block->http_config;
    $block->set_value(config => 'location /t { auth_gate off; }')    if !defined $block->config;
    $block->set_value(no_error_log => "[alert]\n[crit]\n")           if !defined $block->no_error_log;
    $block->set_value(request => 'GET /index.html')                  if !defined $block->must_die && !defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: a zone needs a name and a size
--- http_config
auth_gate_zone tokens=10;
--- must_die
--- error_log
[emerg]
"auth_gate_zone" must have "zone=name:size"



=== TEST 2: a zone without a size
--- http_config
auth_gate_zone zone=gate;
--- must_die
--- error_log
[emerg]
invalid value "zone=gate" in "auth_gate_zone"



=== TEST 3: a zone without a name
--- http_config
auth_gate_zone zone=:1m;
--- must_die
--- error_log
[emerg]
invalid value "zone=:1m" in "auth_gate_zone"



=== TEST 4: a zone with an empty size
--- http_config
auth_gate_zone zone=gate:;
--- must_die
--- error_log
[emerg]
invalid value "zone=gate:" in "auth_gate_zone"



=== TEST 5: a zone with an empty value
--- http_config
auth_gate_zone zone=;
--- must_die
--- error_log
[emerg]
invalid value "zone=" in "auth_gate_zone"



=== TEST 6: a zone with an invalid size
--- http_config
auth_gate_zone zone=gate:big;
--- must_die
--- error_log
[emerg]
invalid value "zone=gate:big" in "auth_gate_zone"



=== TEST 7: a zone with a negative size
--- http_config
auth_gate_zone zone=gate:-1m;
--- must_die
--- error_log
[emerg]
invalid value "zone=gate:-1m" in "auth_gate_zone"



=== TEST 8: a zone with a size that is too large
--- http_config
auth_gate_zone zone=gate:99999999999999999999m;
--- must_die
--- error_log
[emerg]
invalid value "zone=gate:99999999999999999999m" in "auth_gate_zone"



=== TEST 9: a zone with a size that overflows by its unit
--- http_config
auth_gate_zone zone=gate:9223372036854775807m;
--- must_die
--- error_log
[emerg]
invalid value "zone=gate:9223372036854775807m" in "auth_gate_zone"



=== TEST 10: a zone with a size of 0
--- http_config
auth_gate_zone zone=gate:0 tokens=1;
--- must_die
--- error_log
[emerg]
auth_gate_zone "gate" is too small for tokens=1, it needs at least



=== TEST 11: a zone that is too small for its number of tokens
--- http_config
auth_gate_zone zone=gate:1m tokens=10000;
--- must_die
--- error_log
[emerg]
auth_gate_zone "gate" is too small for tokens=10000, it needs at least



=== TEST 12: a zone that is too small for the default of 10 000 tokens
--- http_config
auth_gate_zone zone=gate:1m;
--- must_die
--- error_log
[emerg]
auth_gate_zone "gate" is too small for tokens=10000, it needs at least



=== TEST 13: a zone that is too small for a very large number of tokens
--- http_config
auth_gate_zone zone=gate:4m tokens=2147483647;
--- must_die
--- error_log
[emerg]
auth_gate_zone "gate" is too small for tokens=2147483647, it needs at least



=== TEST 14: 4 MB suffice for the default of 10 000 tokens
--- http_config
auth_gate_zone zone=gate:4m;
--- error_code: 200



=== TEST 15: a number of tokens that is not a number
--- http_config
auth_gate_zone zone=gate:1m tokens=many;
--- must_die
--- error_log
[emerg]
invalid value "tokens=many" in "auth_gate_zone"



=== TEST 16: a number of tokens of 0
--- http_config
auth_gate_zone zone=gate:1m tokens=0;
--- must_die
--- error_log
[emerg]
invalid value "tokens=0" in "auth_gate_zone"



=== TEST 17: a negative number of tokens
--- http_config
auth_gate_zone zone=gate:1m tokens=-1;
--- must_die
--- error_log
[emerg]
invalid value "tokens=-1" in "auth_gate_zone"



=== TEST 18: a number of tokens that is too large
--- http_config
auth_gate_zone zone=gate:1m tokens=4294967297;
--- must_die
--- error_log
[emerg]
invalid value "tokens=4294967297" in "auth_gate_zone"



=== TEST 19: an empty number of tokens
--- http_config
auth_gate_zone zone=gate:1m tokens=;
--- must_die
--- error_log
[emerg]
invalid value "tokens=" in "auth_gate_zone"



=== TEST 20: a per-user share of 0
--- http_config
auth_gate_zone zone=gate:1m tokens=10 per_user=0;
--- must_die
--- error_log
[emerg]
invalid value "per_user=0" in "auth_gate_zone"



=== TEST 21: a per-user share that is not a number
--- http_config
auth_gate_zone zone=gate:1m tokens=10 per_user=1k;
--- must_die
--- error_log
[emerg]
invalid value "per_user=1k" in "auth_gate_zone"



=== TEST 22: an unknown parameter of a zone
--- http_config
auth_gate_zone zone=gate:1m token=10;
--- must_die
--- error_log
[emerg]
invalid value "token=10" in "auth_gate_zone"



=== TEST 23: a zone without parameters
--- http_config
auth_gate_zone;
--- must_die
--- error_log
[emerg]
invalid number of arguments in "auth_gate_zone" directive



=== TEST 24: a second zone
--- http_config
auth_gate_zone zone=gate:1m tokens=10;
auth_gate_zone zone=other:1m tokens=10;
--- must_die
--- error_log
[emerg]
"auth_gate_zone" directive is duplicate



=== TEST 25: a zone with the name of another module's zone
--- http_config
limit_req_zone $server_name zone=gate:1m rate=1r/s;
auth_gate_zone zone=gate:1m tokens=10;
--- must_die
--- error_log
[emerg]
"gate"



=== TEST 26: a zone in a server
--- config
auth_gate_zone zone=gate:1m tokens=10;
--- must_die
--- error_log
[emerg]
"auth_gate_zone" directive is not allowed here



=== TEST 27: a purpose without a lifetime
--- http_config eval: $::Zone . 'auth_gate_purpose preview lease=1s;'
--- must_die
--- error_log
[emerg]
"auth_gate_purpose preview" must have "ttl=time"



=== TEST 28: a purpose with only a name
--- http_config eval: $::Zone . 'auth_gate_purpose preview;'
--- must_die
--- error_log
[emerg]
invalid number of arguments in "auth_gate_purpose" directive



=== TEST 29: an invalid lifetime
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=soon;'
--- must_die
--- error_log
[emerg]
invalid value "ttl=soon" in "auth_gate_purpose"



=== TEST 30: a lifetime of 0
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=0;'
--- must_die
--- error_log
[emerg]
invalid value "ttl=0" in "auth_gate_purpose"



=== TEST 31: a negative lifetime
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=-1s;'
--- must_die
--- error_log
[emerg]
invalid value "ttl=-1s" in "auth_gate_purpose"



=== TEST 32: an empty lifetime
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=;'
--- must_die
--- error_log
[emerg]
invalid value "ttl=" in "auth_gate_purpose"



=== TEST 33: a lifetime of more than an hour
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=61m;'
--- must_die
--- error_log
[emerg]
invalid value "ttl=61m" in "auth_gate_purpose"



=== TEST 34: a lifetime that is too large
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=99999999999999999999s;'
--- must_die
--- error_log
[emerg]
invalid value "ttl=99999999999999999999s" in "auth_gate_purpose"



=== TEST 35: an hour is the longest lifetime
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=1h lease=1h;'
--- error_code: 200



=== TEST 36: an invalid lease
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=1s lease=x;'
--- must_die
--- error_log
[emerg]
invalid value "lease=x" in "auth_gate_purpose"



=== TEST 37: a lease of more than an hour
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=1s lease=2h;'
--- must_die
--- error_log
[emerg]
invalid value "lease=2h" in "auth_gate_purpose"



=== TEST 38: an unknown parameter of a purpose
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=1s once;'
--- must_die
--- error_log
[emerg]
invalid value "once" in "auth_gate_purpose"



=== TEST 39: a purpose twice
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=1s; auth_gate_purpose preview ttl=2s;'
--- must_die
--- error_log
[emerg]
"auth_gate_purpose preview" is duplicate



=== TEST 40: a built-in purpose may be declared once
--- http_config eval: $::Zone . 'auth_gate_purpose ws ttl=1s;'
--- error_code: 200



=== TEST 41: a built-in purpose may not be declared twice
--- http_config eval: $::Zone . 'auth_gate_purpose ws ttl=1s; auth_gate_purpose ws ttl=1s;'
--- must_die
--- error_log
[emerg]
"auth_gate_purpose ws" is duplicate



=== TEST 42: an invalid name
--- http_config eval: $::Zone . 'auth_gate_purpose pre.view ttl=1s;'
--- must_die
--- error_log
[emerg]
invalid value "pre.view" in "auth_gate_purpose"



=== TEST 43: a list of names
--- http_config eval: $::Zone . 'auth_gate_purpose a,b ttl=1s;'
--- must_die
--- error_log
[emerg]
invalid value "a,b" in "auth_gate_purpose"



=== TEST 44: an empty name
--- http_config eval: $::Zone . 'auth_gate_purpose "" ttl=1s;'
--- must_die
--- error_log
[emerg]
invalid value "" in "auth_gate_purpose"



=== TEST 45: a name of more than 32 characters
--- http_config eval: $::Zone . 'auth_gate_purpose ' . 'a' x 33 . ' ttl=1s;'
--- must_die
--- error_log
[emerg]
invalid value "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" in "auth_gate_purpose"



=== TEST 46: a lifetime given twice
--- http_config eval: $::Zone . 'auth_gate_purpose preview ttl=1s ttl=2s;'
--- must_die
--- error_log
[emerg]
"ttl=2s" in "auth_gate_purpose"



=== TEST 47: a number of tokens given twice
--- http_config
auth_gate_zone zone=gate:1m tokens=10 tokens=20;
--- must_die
--- error_log
[emerg]
"tokens=20" in "auth_gate_zone"



=== TEST 48: the cache of JWTs is off or has a size
--- http_config
auth_gate_jwt_cache on;
--- must_die
--- error_log
[emerg]
invalid value "on" in "auth_gate_jwt_cache"



=== TEST 49: a cache that is too small
--- http_config
auth_gate_jwt_cache 63k;
--- must_die
--- error_log
[emerg]
invalid value "63k" in "auth_gate_jwt_cache", expected "off" or a size of at least 64k



=== TEST 50: the cache set twice
--- http_config
auth_gate_jwt_cache 1m; auth_gate_jwt_cache off;
--- must_die
--- error_log
[emerg]
"auth_gate_jwt_cache" directive is duplicate
