# Who may repeat a leased request: auth_gate_purpose bind=address, agent or none.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

# X-Real-IP sets the client's address.
our $HttpConfig = <<'_EOC_';
    auth_gate_zone    zone=gate:1m tokens=1000;
    auth_gate_purpose usual   ttl=60s lease=60s;
    auth_gate_purpose address ttl=60s lease=60s bind=address;
    auth_gate_purpose agent   ttl=60s lease=60s bind=agent;
    auth_gate_purpose none    ttl=60s lease=60s bind=none;
    auth_gate_purpose both    ttl=60s lease=60s bind=path,agent;
    auth_gate_purpose turned  ttl=60s lease=60s bind=none,path;
    set_real_ip_from  127.0.0.1;
_EOC_

our $Config = <<'_EOC_';
    server_name a.test;
    location = /token { auth_gate_issue usual address agent none both turned; }
    location /media   { auth_gate token=usual,address,agent,none,both,turned; proxy_pass http://app; }
    location /agents  { auth_gate token=agent; proxy_pass http://app; }
_EOC_

our $Session = 'Authorization: Bearer ' . session_jwt(7);
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';

application_behind_the_gate($Config);
add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig);
    $block->set_value(more_headers => $Session);
    chomp(my $purpose = $block->purpose);
    my $path = $purpose =~ /both|turned/ ? ',"path":"/media"' : '';
    $block->set_value(request => qq(POST /token\n{"purpose":"$purpose"$path}));
});

# One step: the path, the status, header lines.
sub at {
    my ($path, $status, @headers) = @_;
    return [($path =~ /^[A-Z]/ ? $path : "GET $path") . '?token=%TOKEN%', $status, undef, \@headers];
}

our $One   = 'X-Real-IP: 192.0.2.1';
our $Other = 'X-Real-IP: 2001:db8::1';
our $Phone = 'User-Agent: phone';
our $Desk  = 'User-Agent: desk';

follow_up();
run_tests();

__DATA__

=== TEST 1: by default, the address must be the same, and the agent need not
--- purpose: usual
--- then eval: [::at('/media', 200, $::One, $::Phone), ::at('/media', 401, $::Other, $::Phone), ::at('/media', 200, $::One, $::Desk), ::at('/media', 200, $::One)]



=== TEST 2: bind=address says so
--- purpose: address
--- then eval: [::at('/media', 200, $::One, $::Phone), ::at('/media', 401, $::Other, $::Phone), ::at('/media', 200, $::One, $::Desk)]



=== TEST 3: bind=agent: the agent must be the same, and the address need not
--- purpose: agent
--- then eval: [::at('/media', 200, $::One, $::Phone), ::at('/media', 401, $::One, $::Desk), ::at('/media', 200, $::Other, $::Phone), ::at('HEAD /media', 200, $::Other, $::Phone)]



=== TEST 4: bind=agent: no agent is an agent, and another one than an empty one
--- purpose: agent
--- then eval: [::at('/media', 200, $::One), ::at('/media', 401, $::One, $::Phone), ::at('/media', 401, $::One, 'User-Agent: '), ::at('/media', 200, $::Other)]



=== TEST 5: bind=agent: the name is compared byte by byte
--- purpose: agent
--- then eval: [::at('/media', 200, $::Phone), ::at('/media', 401, 'User-Agent: Phone'), ::at('/media', 401, 'User-Agent: phone2'), ::at('/media', 200, 'user-agent:   phone')]



=== TEST 6: bind=none: neither address nor agent
--- purpose: none
--- then eval: [::at('/media', 200, $::One, $::Phone), ::at('/media', 200, $::Other, $::Desk), ::at('/media', 200)]



=== TEST 7: everything else of a lease stays, whatever it is bound to
--- purpose: none
--- then eval
[
    ::at('/media', 200),
    ::at('/media2', 401),
    ['GET /media?x=1&token=%TOKEN%', 401, $::Invalid],
    ::at('/media', 401, 'Host: b.test'),
    ::at('/media', 401, 'Upgrade: websocket', 'Connection: upgrade'),
    ::at('POST /media', 401),
    ::at('/media', 200),
]



=== TEST 8: the same with bind=agent
--- purpose: agent
--- then eval
[
    ::at('/media', 200),
    ::at('/media2', 401),
    ['GET /media?x=1&token=%TOKEN%', 401, $::Invalid],
    ::at('/media', 401, 'Host: b.test'),
    ::at('/media', 401, 'Upgrade: websocket', 'Connection: upgrade'),
    ::at('POST /media', 401),
    ::at('/media', 200),
]



=== TEST 9: an address and an agent are not confused
--- purpose: agent
--- then eval: [::at('/media', 200, $::One, 'User-Agent: 192.0.2.9'), ::at('/media', 401, 'X-Real-IP: 192.0.2.9', $::Phone), ::at('/media', 401, 'X-Real-IP: 192.0.2.9')]



=== TEST 10: bind=path,agent: both
--- purpose: both
--- then eval: [::at('/media', 200, $::One, $::Phone), ::at('/media', 401, $::One, $::Desk), ::at('/media', 200, $::Other, $::Phone)]



=== TEST 11: bind=path,agent: another path spends it
--- purpose: both
--- then eval: [::at('/media2', 401, $::Phone), ::at('/media', 401, $::Phone)]



=== TEST 12: bind=none,path: the order makes no difference
--- purpose: turned
--- then eval: [::at('/media', 200, $::One, $::Phone), ::at('/media', 200, $::Other), ::at('/media2', 401), ::at('/media', 200)]



=== TEST 13: a location of one purpose
--- purpose: agent
--- then eval: [::at('/agents', 200, $::One, $::Phone), ::at('/agents', 200, $::Other, $::Phone), ::at('/agents', 401, $::One)]
