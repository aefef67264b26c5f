# Mistakes in auth_gate_mfa_bypass: nginx -t detects them, also a variable that the client chooses.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => 'auth_gate_secret env:JWT_SECRET;');
    $block->set_value(no_error_log => "[alert]\n[crit]\n[error]\n") if !defined $block->must_die;
});

run_tests();

__DATA__

=== TEST 1: a parameter of the URL
--- config
auth_gate_mfa_bypass $arg_office;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$arg_office", only those that the configuration makes, by map, geo or set



=== TEST 2: a header
--- config
auth_gate_mfa_bypass $http_x_office;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$http_x_office", only those that the configuration makes, by map, geo or set



=== TEST 3: a cookie
--- config
auth_gate_mfa_bypass $cookie_office;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$cookie_office", only those that the configuration makes, by map, geo or set



=== TEST 4: a header in capitals
--- config
auth_gate_mfa_bypass $HTTP_X_Office;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$http_x_office", only those that the configuration makes, by map, geo or set



=== TEST 5: the query
--- config
auth_gate_mfa_bypass $args;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$args", only those that the configuration makes, by map, geo or set



=== TEST 6: the host
--- config
auth_gate_mfa_bypass $host;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$host", only those that the configuration makes, by map, geo or set



=== TEST 7: the path
--- config
auth_gate_mfa_bypass $uri;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$uri", only those that the configuration makes, by map, geo or set



=== TEST 8: a header in braces
--- config
auth_gate_mfa_bypass "${http_x_office}";
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$http_x_office", only those that the configuration makes, by map, geo or set



=== TEST 9: a header behind an address
--- config
auth_gate_mfa_bypass 192.0.2.1 $http_x_office;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$http_x_office", only those that the configuration makes, by map, geo or set



=== TEST 10: a name
--- config
auth_gate_mfa_bypass office.example;
--- must_die
--- error_log
invalid value "office.example" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 11: a number
--- config
auth_gate_mfa_bypass 1;
--- must_die
--- error_log
invalid value "1" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 12: a prefix that is too long
--- config
auth_gate_mfa_bypass 10.0.0.0/33;
--- must_die
--- error_log
invalid value "10.0.0.0/33" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 13: a Unix socket
--- config
auth_gate_mfa_bypass unix:;
--- must_die
--- error_log
invalid value "unix:" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 14: on
--- config
auth_gate_mfa_bypass on;
--- must_die
--- error_log
invalid value "on" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 15: more than a variable
--- config
auth_gate_mfa_bypass $remote_addr$remote_port;
--- must_die
--- error_log
invalid value "$remote_addr$remote_port" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 16: a text with a variable
--- config
auth_gate_mfa_bypass x$remote_addr;
--- must_die
--- error_log
invalid value "x$remote_addr" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 17: a capture
--- config
auth_gate_mfa_bypass $1;
--- must_die
--- error_log
invalid value "$1" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 18: a dollar sign
--- config
auth_gate_mfa_bypass $;
--- must_die
--- error_log
invalid value "$" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 19: off beside an address
--- config
auth_gate_mfa_bypass off 192.0.2.1;
--- must_die
--- error_log
invalid value "off" in "auth_gate_mfa_bypass", expected an address, a network such as 192.0.2.0/24, a variable, or "off" alone



=== TEST 20: no parameter
--- config
auth_gate_mfa_bypass;
--- must_die
--- error_log
invalid number of arguments in "auth_gate_mfa_bypass" directive



=== TEST 21: twice
--- config
auth_gate_mfa_bypass 192.0.2.1;
auth_gate_mfa_bypass off;
--- must_die
--- error_log
"auth_gate_mfa_bypass" directive is duplicate



=== TEST 22: an unknown variable
--- config
auth_gate_mfa_bypass $nonsense;
--- must_die
--- error_log
unknown "nonsense" variable



=== TEST 23: low bits of a network are reported, as by nginx' allow
--- config
auth_gate_mfa_bypass 192.0.2.1/24;
location = /ok { empty_gif; }
--- request
GET /ok
--- error_code: 200
--- error_log
low address bits of "192.0.2.1/24" are meaningless



=== TEST 24: variables that say nothing of where a client is
--- config
auth_gate_mfa_bypass $connection_requests;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$connection_requests", only those that the configuration makes, by map, geo or set



=== TEST 25: what the referer says
--- config
auth_gate_mfa_bypass $invalid_referer;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$invalid_referer", only those that the configuration makes, by map, geo or set



=== TEST 26: early data
--- config
auth_gate_mfa_bypass $ssl_early_data;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$ssl_early_data", only those that the configuration makes, by map, geo or set



=== TEST 27: what the browser says
--- config
auth_gate_mfa_bypass $ancient_browser;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$ancient_browser", only those that the configuration makes, by map, geo or set



=== TEST 28: the unverified name of basic authentication
--- config
auth_gate_mfa_bypass $remote_user;
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$remote_user", only those that the configuration makes, by map, geo or set



=== TEST 29: $http_office is the client's word, also where a set of that name stands
--- config
auth_gate_mfa_bypass $http_office;
location /elsewhere { set $http_office 1; }
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$http_office", only those that the configuration makes, by map, geo or set



=== TEST 30: $cookie_office is the client's word, also where a set of that name stands
--- config
auth_gate_mfa_bypass $cookie_office;
location /elsewhere { set $cookie_office 1; }
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$cookie_office", only those that the configuration makes, by map, geo or set



=== TEST 31: $arg_office is the client's word, also where a set of that name stands
--- config
auth_gate_mfa_bypass $arg_office;
location /elsewhere { set $arg_office 1; }
--- must_die
--- error_log
"auth_gate_mfa_bypass" takes no variable of nginx's own such as "$arg_office", only those that the configuration makes, by map, geo or set
