# An application that issues single-use tokens for its WebSocket by itself, as the README says: the gate checks the session, and
# the application its token.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET} = $SECRET;

our %As = (1 => session_jwt(1, mfa_enabled => 1), 2 => session_jwt(2, mfa_enabled => 0));

add_block_preprocessor(sub {
    my $block = shift;
    $block->set_value(user_files => [['state/settings.json', '{"require_mfa":true}']]);
    $block->set_value(http_config => <<'_EOC_');
    auth_gate_zone       zone=gate:1m tokens=1000;
    auth_gate_secret     env:JWT_SECRET;
    auth_gate_state_path $TEST_NGINX_SERVER_ROOT/html/state;
    upstream app { server unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock; }
    log_format all '$request|$args';
    access_log $TEST_NGINX_SERVER_ROOT/logs/all.log all;
    server {
        listen unix:$TEST_NGINX_SERVER_ROOT/logs/app.sock;
        location = /api/auth/ws-token { return 200 '{"token":"its own"}'; }
        location = /ws { return 200 "$request_uri <$http_authorization> $http_cookie"; }
    }
_EOC_
    # The README's piece of configuration.
    open my $in, '<', 'README.md' or die $!;
    my $readme = do { local $/; <$in> };
    my ($piece) = $readme =~ /^### Single-use tokens of the application's own\n.*?^```nginx\nserver \{\n(.*?)^\}\n```/ms or die 'README';
    $block->set_value(config => "auth_gate_identity claims; auth_gate_mfa policy;\n$piece");
});

follow_up();
run_tests();

__DATA__

=== TEST 1: the application gets its token, and the session that the gate has checked
--- request eval: ['POST /api/auth/ws-token', 'GET /ws?token=' . '0a' x 32 . '&a=1']
--- more_headers eval: ["Cookie: trek_session=$::As{1}", "Cookie: trek_session=$::As{1}"]
--- error_code eval: [200, 200]
--- response_body eval: ['{"token":"its own"}', '/ws?token=' . '0a' x 32 . "&a=1 <> trek_session=$::As{1}"]



=== TEST 2: a session without MFA gets no token, and no socket with somebody's
--- request eval: ['POST /api/auth/ws-token', 'GET /ws?token=' . '0a' x 32]
--- more_headers eval: [("Cookie: trek_session=$::As{2}") x 2]
--- error_code eval: [403, 403]
--- response_body_like eval: ['MFA_REQUIRED', 'MFA_REQUIRED']



=== TEST 3: a token alone opens nothing
--- request eval: ['GET /ws?token=' . '0a' x 32, 'POST /api/auth/ws-token']
--- error_code eval: [401, 401]



=== TEST 4: a JWT in the token's place is refused, whatever the cookie is
--- request eval: ["GET /ws?token=$::As{1}"]
--- more_headers eval: ["Cookie: trek_session=$::As{1}"]
--- error_code eval: [401]
