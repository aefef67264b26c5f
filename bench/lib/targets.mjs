// The lines of the benchmark under load, in the order of the table, and their targets (issue 4).

// `instead`: runs a server other than nginx.
// `ratio`: the minimum throughput relative to `base`. `instructions`: the maximum added to an unguarded request.
// `added`: the maximum µs of CPU added to it, a number or a function of all lines and of a request's own cost.
export const LINES = [
  { name: 'secure_link', title: 'secure_link (md5, expires)' },
  { name: 'jwt_seen', title: 'gate: JWT seen before', ratio: 0.95, instructions: 4700,
    added: { text: 'secure_link', limit: (lines) => lines.secure_link.added.median } },
  { name: 'jwt_new', title: 'gate: JWT never seen', ratio: 0.80, instructions: 25_000,
    added: { text: 'a quarter of a request', limit: (lines, request) => request / 4 } },
  { name: 'jwt_seen_mfa', title: 'gate: JWT seen before, MFA policy on',
    added: { text: '0.3 above that without', limit: (lines) => lines.jwt_seen.added.median + 0.3 } },
  { name: 'jwt_new_mfa', title: 'gate: JWT never seen, MFA policy on',
    added: { text: '0.3 above that without', limit: (lines) => lines.jwt_new.added.median + 0.3 } },
  { name: 'issue', title: 'gate: issue a token', ratio: 0.75 },
  { name: 'redeem', title: 'gate: redeem a token', ratio: 0.85 },
  { name: 'proxied_gate', title: 'gate: proxied, JWT seen before', base: 'proxied', ratio: 0.98 },
  { name: 'auth_request_nginx', title: 'auth_request to an nginx that says yes' },
  { name: 'auth_request_node', title: 'auth_request to Node.js' },
  { name: 'auth_request_example', title: 'auth_request to the example application' },
  { name: 'lua', title: 'Lua, its own HMAC' },
  { name: 'njs', title: 'njs' },
  { name: 'node_issue', instead: true, title: 'Node.js with a Map: issue' },
  { name: 'node_redeem', instead: true, title: 'Node.js with a Map: redeem' },
  { name: 'redis_set', instead: true, title: 'Redis: SET NX PX' },
  { name: 'redis_getdel', instead: true, title: 'Redis: GETDEL' },
  { name: 'redis_pipelined_set', instead: true, title: 'Redis, 16 at once: SET NX PX' },
  { name: 'redis_pipelined_getdel', instead: true, title: 'Redis, 16 at once: GETDEL' },
];

// Times in nanoseconds, on a machine where a one-shot HMAC() of such a JWT takes `oneShotHmac`; the hold is in µs.
export const MICRO = {
  oneShotHmac: 1170,
  verifyCold: 1200,
  verifyRemembered: 150,
  hmacRatio: 1.3,
  storeOperation: 300,
  storeSpread: 0.2,
  workersRatio: 1,
  cleanUpHold: 50,
};

export const FOOTPRINT = { bytesPerToken: 160, workerMb: 3, startMs: 50 };
