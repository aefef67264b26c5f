# Mistakes in the locations of logins and of their settings: nginx -t catches them, and says what and where.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;
delete @ENV{qw(OIDC_ISSUER OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_DISCOVERY_URL OIDC_DISPLAY_NAME OIDC_SCOPE APP_URL)};

our $HttpConfig = <<'_EOC_';
    auth_gate_zone   zone=gate:1m tokens=1000;
    auth_gate_secret env:JWT_SECRET;
_EOC_

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(http_config => $HttpConfig . ($block->http_config // ''));
});

run_tests();

__DATA__

=== TEST 1: a login with an unknown provider
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location /oidc/ { auth_gate_oidc other; }
--- must_die
--- error_log
"auth_gate_oidc": there is no "auth_gate_oidc_provider other", in 



=== TEST 2: a login without any provider
--- config
location /oidc/ { auth_gate_oidc sso; }
--- must_die
--- error_log
"auth_gate_oidc": there is no "auth_gate_oidc_provider sso", in 



=== TEST 3: a login in an exact location
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /oidc { auth_gate_oidc sso; }
--- must_die
--- error_log
"auth_gate_oidc" needs a location by prefix, such as /api/auth/oidc/



=== TEST 4: a login in a location by pattern
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location ~ /oidc { auth_gate_oidc sso; }
--- must_die
--- error_log
"auth_gate_oidc" needs a location by prefix, such as /api/auth/oidc/



=== TEST 5: a login in a server
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
auth_gate_oidc sso;
--- must_die
--- error_log
"auth_gate_oidc" directive is not allowed here



=== TEST 6: a session that is kept nowhere
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location /oidc/ { auth_gate_oidc sso; auth_gate_oidc_session header:X; }
--- must_die
--- error_log
invalid value "header:X" in "auth_gate_oidc_session", expected "code" or "cookie:NAME"



=== TEST 7: a session in a cookie without a name
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location /oidc/ { auth_gate_oidc sso; auth_gate_oidc_session cookie:; }
--- must_die
--- error_log
invalid value "cookie:" in "auth_gate_oidc_session", expected "code" or "cookie:NAME"



=== TEST 8: settings of an unknown provider
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /admin { auth_gate jwt; auth_gate_oidc_settings other; }
--- must_die
--- error_log
"auth_gate_oidc_settings": there is no "auth_gate_oidc_provider other", in 



=== TEST 9: settings for everybody
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /admin { auth_gate_oidc_settings sso; }
--- must_die
--- error_log
"auth_gate_oidc_settings" needs "auth_gate jwt" and no "token=", in 



=== TEST 10: settings for a token
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /admin { auth_gate jwt token=ws; auth_gate_oidc_settings sso; }
--- must_die
--- error_log
"auth_gate_oidc_settings" needs "auth_gate jwt" and no "token=", in 



=== TEST 11: settings without an identity
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /admin { auth_gate jwt; auth_gate_oidc_settings sso; }
--- must_die
--- error_log
"auth_gate_oidc_settings" needs "auth_gate_identity" to know who is an administrator, in 



=== TEST 12: `satisfy any` would bypass it
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /admin { auth_gate jwt; auth_gate_identity claims; satisfy any; auth_gate_oidc_settings sso; }
--- must_die
--- error_log
"auth_gate_oidc_settings" cannot stand where "satisfy any" would bypass it, in 



=== TEST 13: settings in one place with others
--- http_config
auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state; auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /admin { auth_gate jwt; auth_gate_identity claims; auth_gate_app_settings on; auth_gate_oidc_settings sso; }
--- must_die
--- error_log
"auth_gate_oidc_settings" needs a location of its own, in 



=== TEST 14: settings without a place
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /admin { auth_gate jwt; auth_gate_identity claims; auth_gate_oidc_settings sso; }
--- must_die
--- error_log
"auth_gate_oidc_settings" needs "auth_gate_state_path" to keep its settings



=== TEST 15: settings with an unknown option
--- http_config
auth_gate_oidc_provider sso { client_id gate; }
--- config
location = /admin { auth_gate jwt; auth_gate_identity claims; auth_gate_oidc_settings sso allow_all; }
--- must_die
--- error_log
invalid value "allow_all" in "auth_gate_oidc_settings", expected "allow_private"



=== TEST 16: settings that allow more in one place than in another
--- http_config
auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state; auth_gate_oidc_provider sso { client_id gate; }
auth_gate_identity claims;
server { listen 127.0.0.1:1; location = /admin { auth_gate jwt; auth_gate_oidc_settings sso allow_private; } }
--- config
location = /admin { auth_gate jwt; auth_gate_oidc_settings sso; }
--- must_die
--- error_log
"auth_gate_oidc_settings sso" has "allow_private" in one place and not in another, in 
