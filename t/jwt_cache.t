# Remembered JWTs (auth_gate_jwt_cache): the second request with one is decided as the first would be, anywhere.

use lib 't/lib';
use AuthGateTest;
use Test::Nginx::Socket 'no_plan';

$ENV{JWT_SECRET}   = $SECRET;
$ENV{OTHER_SECRET} = 'another secret of this application, long enough';

our $Absent  = '{"error":"Access token required","code":"AUTH_REQUIRED"}';
our $Invalid = '{"error":"Invalid or expired token","code":"AUTH_REQUIRED"}';

application_behind_the_gate();

# Every location is asked for with one and the same JWT, again and again.
our $Session = 'Authorization: Bearer ' . session_jwt(7, role => 'user', sub => 'alice', iat => time, nbf => time);

run_tests();

__DATA__

=== TEST 1: a remembered JWT lets in again, with the same user and claims
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



=== TEST 2: claims are required by the location that is asked, whatever another one let in
--- config
    location = /any   { auth_gate jwt; proxy_pass http://app; }
    location = /user  { auth_gate jwt; auth_gate_require role=user; proxy_pass http://app; }
    location = /admin { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: ['GET /any', 'GET /admin', 'GET /user', 'GET /admin', 'GET /any', 'GET /admin']
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [200, 401, 200, 401, 200, 401]



=== TEST 3: keys are those of the location that is asked
--- main_config
env OTHER_SECRET;
--- config
    location = /here  { auth_gate jwt; proxy_pass http://app; }
    location = /there { auth_gate jwt; auth_gate_secret env:OTHER_SECRET; proxy_pass http://app; }
    location = /both  { auth_gate jwt; auth_gate_secret env:OTHER_SECRET env:JWT_SECRET; proxy_pass http://app; }
--- request eval: ['GET /here', 'GET /there', 'GET /both', 'GET /there', 'GET /here', 'GET /there']
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [200, 401, 200, 401, 200, 401]



=== TEST 4: who the user is, the location's user claim says
--- config
    location = /id   { auth_gate jwt; add_header X-User $auth_gate_user_id; proxy_pass http://app; }
    location = /sub  { auth_gate jwt; auth_gate_user_claim sub; add_header X-User $auth_gate_user_id; proxy_pass http://app; }
    location = /none { auth_gate jwt; auth_gate_user_claim uid; proxy_pass http://app; }
--- request eval: ['GET /id', 'GET /sub', 'GET /none', 'GET /id', 'GET /sub', 'GET /none']
--- more_headers eval: [($::Session) x 6]
--- error_code eval: [200, 200, 401, 200, 200, 401]
--- response_headers eval
["X-User: 7", "X-User: alice", "", "X-User: 7", "X-User: alice", ""]



=== TEST 5: size is asked by each location
--- config
    location = /api   { auth_gate jwt; proxy_pass http://app; }
    location = /small { auth_gate jwt; auth_gate_jwt_max_size 100; proxy_pass http://app; }
--- request eval: ['GET /api', 'GET /small', 'GET /api', 'GET /small']
--- more_headers eval: [($::Session) x 4]
--- error_code eval: [200, 401, 200, 401]



=== TEST 6: a JWT without end is let in where that may be, and nowhere else
--- config
    location = /lax { auth_gate jwt; auth_gate_require_exp off; proxy_pass http://app; }
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /lax', 'GET /api', 'GET /lax', 'GET /api']
--- more_headers eval: [('Authorization: Bearer ' . jwt('{"id":7}')) x 4]
--- error_code eval: [200, 401, 200, 401]



=== TEST 7: a JWT that is about to begin is let in with leeway, and nowhere else
--- config
    location = /lax { auth_gate jwt; auth_gate_leeway 2h; proxy_pass http://app; }
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /lax', 'GET /api', 'GET /lax', 'GET /api']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7, nbf => time + 3600)) x 4]
--- error_code eval: [200, 401, 200, 401]



=== TEST 8: a JWT that has ended is let in with leeway, and nowhere else
--- config
    location = /lax { auth_gate jwt; auth_gate_leeway 2h; proxy_pass http://app; }
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: ['GET /lax', 'GET /api', 'GET /lax', 'GET /api']
--- more_headers eval: [('Authorization: Bearer ' . session_jwt(7, exp => time - 3600)) x 4]
--- error_code eval: [200, 401, 200, 401]



=== TEST 9: a bad JWT stays bad, however often it comes, beside the good one that it was made from
--- config
    location = /api { auth_gate jwt; proxy_pass http://app; }
--- request eval: [('GET /api') x 6]
--- more_headers eval: [$::Session, $::Session . 'A', substr($::Session, 0, -1), $::Session . 'A', $::Session, lc $::Session]
--- error_code eval: [200, 401, 401, 401, 200, 401]



=== TEST 10: without it everything is the same
--- http_config
    auth_gate_jwt_cache off;
--- config
    location = /any   { auth_gate jwt; add_header X-User $auth_gate_user_id; proxy_pass http://app; }
    location = /admin { auth_gate jwt; auth_gate_require role=admin; proxy_pass http://app; }
--- request eval: ['GET /any', 'GET /admin', 'GET /any']
--- more_headers eval: [($::Session) x 3]
--- error_code eval: [200, 401, 200]
--- response_headers eval
["X-User: 7", "", "X-User: 7"]
