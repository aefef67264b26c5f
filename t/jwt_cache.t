# Remembered JWTs (auth_gate_jwt_cache): a repeated JWT is decided like a new one, in any location.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of this application, long enough';

our $Absent  = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';

application_behind_the_gate();

# All locations are requested repeatedly with the same JWT.
our $Session = 'Authorization: Bearer ' . session_jwt(7, role => 'user', sub => 'alice', iat => time, nbf => time);

run_tests();

__DATA__

=== TEST 1: a remembered JWT admits again, with the same user and claims
--- config
    location = /api {
        auth_gate jwt;
        add_header X-User  $auth_gate_user_id;
        add_header X-Role  $auth_gate_claim_role;
        proxy_pass http://app;
    }
--- request eval: [('GET /api') x 3]
--- more_headers eval: [($::Session) x 3]
--- error_code eval: [(200) x 3]
--- response_headers eval
[("X-User: 7\nX-Role: user") x 3]



=== TEST 2: each location checks its own required claims
--- config
    location = /any   { auth_gate jwt; proxy_pass http://app; }
    location = /user  { auth_gate jwt; auth_gate_require role=user; proxy_pass http://app; }
    location = /admin { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: ['GET /any', 'GET /admin', 'GET /user', 'GET /admin', 'GET /any', 'GET /admin']
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [200, 403, 200, 403, 200, 403]



=== TEST 3: each location verifies by its own keys
--- main_config
env OTHER_SECRET;
--- config
    location = /here  { auth_gate jwt; proxy_pass http://app; }
    location = /there { auth_gate jwt; auth_gate_secret env:OTHER_SECRET; proxy_pass http://app; }
    location = /both  { auth_gate jwt; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; proxy_pass http://app; }
--- request eval: ['GET /here', 'GET /there', 'GET /both', 'GET /there', 'GET /here', 'GET /there']
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [200, 401, 200, 401, 200, 401]



=== TEST 4: each location uses its own user claim
--- config
    location = /id   { auth_gate jwt; add_header X-User $auth_gate_user_id; proxy_pass http://app; }
    location = /sub  { auth_gate jwt; auth_gate_user_claim sub; add_header X-User $auth_gate_user_id; proxy_pass http://app; }
    location = /none { auth_gate jwt; auth_gate_user_claim uid; proxy_pass http://app; }
--- request eval: ['GET /id', 'GET /sub', 'GET /none', 'GET /id', 'GET /sub', 'GET /none']
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [200, 200, 401, 200, 200, 401]
--- response_headers eval
["X-User: 7", "X-User: alice", "", "X-User: 7", "X-User: alice", ""]



=== TEST 5: each location checks its own size limit
--- config
    location = /api   { auth_gate jwt; proxy_pass http://app; }
    location = /small { auth_gate jwt; auth_gate_jwt_max_size 100; proxy_pass http://app; }
--- request eval: ['GET /api', 'GET /small', 'GET /api', 'GET /small']
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [200, 401, 200, 401]



=== TEST 6: a JWT without exp is admitted only where exp is not required
--- config
    location = /lax { auth_gate jwt; auth_gate_require_exp off; proxy_pass http://app; }
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /lax', 'GET /api', 'GET /lax', 'GET /api']
--- more_headers eval: [('Authorization: Bearer ' . jwt('{"id":7}')) x 4]
--- error_code eval: [200, 401, 200, 401]



=== TEST 7: a JWT that is not valid yet is admitted only within leeway
--- config
    location = /lax { auth_gate jwt; auth_gate_leeway 2h; proxy_pass http://app; }
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /lax', 'GET /api', 'GET /lax', 'GET /api']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7, nbf => time + 3600)) x 4]
--- error_code eval: [200, 401, 200, 401]



=== TEST 8: an expired JWT is admitted only within leeway
--- config
    location = /lax { auth_gate jwt; auth_gate_leeway 2h; proxy_pass http://app; }
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /lax', 'GET /api', 'GET /lax', 'GET /api']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7, exp => time - 3600)) x 4]
--- error_code eval: [200, 401, 200, 401]



=== TEST 9: a bad JWT made from a remembered one is refused every time
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: [('GET /api') x 6]
--- more_headers eval: [$::Session, $::Session . 'A', substr($::Session, 0, -1), $::Session . 'A', $::Session, lc $::Session]
--- error_code eval: [200, 401, 401, 401, 200, 401]



=== TEST 10: without the cache the results are the same
--- http_config
    auth_gate_jwt_cache off;
--- config
    location = /any   { auth_gate jwt; add_header X-User $auth_gate_user_id; proxy_pass http://app; }
    location = /admin { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: ['GET /any', 'GET /admin', 'GET /any']
--- more_headers eval: [($::Session) x 3]
--- error_code eval: [200, 403, 200]
--- response_headers eval
["X-User: 7", "", "X-User: 7"]
