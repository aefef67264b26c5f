// An OpenID provider that does what a test wants of it. Each issuer is http://127.0.0.1:<port>/<script>, and the script's
// name says what is wrong with it; see `scripts`. Whoever is signed in, and what the token is about, is in the code that
// the test makes up: base64url of {"nonce", "challenge", "sub", …}.
//
// INSIDE, in the environment, is what metadata leads to that should not.
// BASE, in the environment, is where browsers and the gate find it when that is not here.
//
//     /control/hold/<what>      POST: the next request for token, keys or metadata is held,
//     /control/holding          GET: how many are held
//     /control/release          POST: they get their answers
//     /control/rotate           POST: another signing key, for the scripts that have it
//     /control/replace          POST: another signing key under the same kid
//     /control/count/<path>     GET: how often that was asked for
//     /control/connections      GET: on how many connections providers were asked
//     /control/secrets          GET: all that should be in no log
//     /control/asked            GET: what the application was asked
//     /control/close            POST: no connection is kept, the provider does not listen any more
import { createHash, createHmac, createSign, generateKeyPairSync, randomBytes, sign as signRaw } from 'node:crypto';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

const newKey = (kid) => ({ kid, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) });
const other = newKey('key-1');
const curve = (kid, namedCurve) => ({ kid, ...generateKeyPairSync('ec', { namedCurve }) });
const ec = curve('ec-1', 'P-256');
const ec384 = curve('ec-384', 'P-384');
const ec521 = curve('ec-521', 'P-521');
const ed = { kid: 'ed-1', ...generateKeyPairSync('ed25519') };
let key = newKey('key-1');
let rotations = 1;
let port;

const secrets = new Set();
const counts = {};
const connections = new Set();
const wanted = new Set();
const held = [];

const b64 = (value) => Buffer.from(value).toString('base64url');
const secret = (text) => { secrets.add(text); return text; };
const now = () => Math.floor(Date.now() / 1000);
const half = (hash, text) => b64(createHash(hash).update(text).digest().subarray(0, parseInt(hash.slice(3), 10) / 16));

function jws(header, payload, signer) {
  const text = `${b64(JSON.stringify(header))}.${b64(JSON.stringify(payload))}`;
  return secret(`${text}.${signer(text)}`);
}

const rsa = (pair, hash = 'sha256') => (text) => createSign(hash).update(text).sign(pair.privateKey, 'base64url');
const ecdsa = (pair = ec, hash = 'sha256') => (text) => createSign(hash).update(text)
  .sign({ key: pair.privateKey, dsaEncoding: 'ieee-p1363' }, 'base64url');
const pss = (hash = 'sha256') => (text) => createSign(hash).update(text)
  .sign({ key: key.privateKey, padding: 6, saltLength: parseInt(hash.slice(3), 10) / 8 }, 'base64url');

// What each script changes: claims and header of the id_token, who signs it, the members of an answer, or the answer.
const scripts = {
  good: {},
  es256: { header: { alg: 'ES256', kid: 'ec-1' }, sign: () => ecdsa() },
  eddsa: { header: { alg: 'EdDSA', kid: 'ed-1' }, sign: () => (text) => b64(signRaw(null, Buffer.from(text), ed.privateKey)) },
  ps256: { header: { alg: 'PS256' }, sign: () => pss() },
  rs384: { header: { alg: 'RS384' }, sign: () => rsa(key, 'sha384') },
  rs512: { header: { alg: 'RS512' }, sign: () => rsa(key, 'sha512') },
  ps384: { header: { alg: 'PS384' }, sign: () => pss('sha384') },
  ps512: { header: { alg: 'PS512' }, sign: () => pss('sha512') },
  es384: { header: { alg: 'ES384', kid: 'ec-384' }, sign: () => ecdsa(ec384, 'sha384') },
  es512: { header: { alg: 'ES512', kid: 'ec-521' }, sign: () => ecdsa(ec521, 'sha512') },
  nameless: { header: { kid: undefined }, keys: () => [{ ...jwk(key), kid: undefined }] },
  'keys-nameless': { keys: () => [{ ...jwk(key), kid: undefined }, { ...jwk(other), kid: undefined }] },
  'names-itself': { metadata: { authorization_response_iss_parameter_supported: true } },
  'no-userinfo': { metadata: { userinfo_endpoint: undefined } },
  'no-end-session': { metadata: { end_session_endpoint: undefined } },
  'post-secret': { metadata: { token_endpoint_auth_methods_supported: ['client_secret_post'] } },

  // Both are on offer, but the client is registered for one.
  'client-basic': { client: ({ basic }) => basic },
  'client-post': { client: ({ form }) => [form.get('client_id'), form.get('client_secret')] },
  'client-basic-odd': { client: ({ basic }) => basic, claims: { aud: 'g+a te%:ü' } },
  'client-post-odd': { client: ({ form }) => [form.get('client_id'), form.get('client_secret')], claims: { aud: 'g+a te%:ü' } },
  'client-unlisted': {
    client: ({ form }) => [form.get('client_id'), form.get('client_secret')],
    metadata: { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
  },
  'client-jwt': { client: ({ form, issuer }) => assertion(form, issuer) },
  'client-none': { client: ({ form }) => [form.get('client_id'), form.get('client_secret') ?? ''] },

  'signed-userinfo': { signedUserinfo: () => ({}) },
  'signed-userinfo-bare': { signedUserinfo: () => ({ iss: undefined, aud: undefined, header: { typ: 'JWT', kid: undefined } }) },
  'signed-userinfo-rotates': {
    signedUserinfo: () => { key = newKey(`key-${++rotations}`); return { aud: ['other', 'gate'], header: { kid: key.kid }, sign: rsa(key) }; },
  },
  'signed-userinfo-none': { signedUserinfo: () => ({ header: { alg: 'none' }, sign: () => '' }) },
  'signed-userinfo-wrong-key': { signedUserinfo: () => ({ sign: rsa(other) }) },
  'signed-userinfo-wrong-issuer': { signedUserinfo: () => ({ iss: 'http://127.0.0.1:1' }) },
  'signed-userinfo-wrong-client': { signedUserinfo: () => ({ aud: 'another' }) },
  'signed-userinfo-old': { signedUserinfo: () => ({ exp: now() - 3600 }) },
  'signed-userinfo-other-subject': { signedUserinfo: () => ({ sub: 'somebody else' }) },
  'userinfo-401': { faults: { userinfo: (res) => { res.statusCode = 401; res.end(); } } },
  'userinfo-403': { faults: { userinfo: (res) => { res.statusCode = 403; res.end('no'); } } },

  // Deviations that real providers have.
  'several-audiences': { claims: { aud: ['https://api.example', 'gate'] } },
  'numeric-subject': { claims: { sub: 7 }, userinfo: { sub: '7' } },
  'numeric-userinfo': { claims: { sub: '7' }, userinfo: { sub: 7 } },
  proxied: { proxied: true },  // a proxy that wants a password
  'silent-email': { userinfo: { email_verified: undefined } },
  // As Microsoft Entra does it: /tenants/<tenant or "organizations">.
  tenants: {
    metadata: (value) => ({ issuer: `${value.issuer.replace(/\/[^/]*$/, '')}/{tenantid}` }),
    claims: (claims) => ({ iss: `${claims.iss.replace(/\/[^/]*$/, '')}/${claims.tid}` }),
  },
  gzip: { compressed: true },
  moved: { moved: { '/.well-known/openid-configuration': '/.well-known/openid-configuration/' } },
  'moved-keys': { moved: { '/keys': '/keys/' } },
  'moved-relative': { moved: { '/.well-known/openid-configuration': 'openid-configuration/' } },
  'moved-round': { moved: { '/.well-known/openid-configuration': '/.well-known/openid-configuration' } },
  'moved-away': { moved: { '/.well-known/openid-configuration': () => `http://localhost:${port}/good/.well-known/openid-configuration` } },

  'wrong-issuer': { claims: { iss: 'http://127.0.0.1:1/elsewhere' } },
  'wrong-key': { sign: () => rsa(other) },
  'unknown-key': { header: { kid: 'nobody' } },
  'wrong-nonce': { claims: { nonce: 'another' } },
  'no-nonce': { claims: { nonce: undefined } },
  'wrong-audience': { claims: { aud: 'somebody else' } },
  'wrong-party': { claims: { azp: 'somebody else' } },
  'clock-behind': { claims: () => ({ iat: now() - 7200, exp: now() - 3600 }) },
  'clock-ahead': { claims: () => ({ iat: now() + 3600, exp: now() + 7200 }) },
  'wrong-at-hash': { claims: { at_hash: b64(randomBytes(16)) } },
  'no-subject': { claims: { sub: undefined } },
  hs256: { header: { alg: 'HS256' }, sign: () => (text) => createHmac('sha256', 'the client secret').update(text).digest('base64url') },
  none: { header: { alg: 'none', kid: undefined }, sign: () => () => '' },
  'token-injects': { claims: { at_hash: undefined }, token: { access_token: 'a\r\nX-Injected: 1\r\n\r\nDELETE / HTTP/1.1' } },
  'no-id-token': { token: { id_token: undefined } },
  'cut-id-token': { token: (answer) => ({ id_token: answer.id_token.slice(0, -9) }) },
  'other-subject': { userinfo: { sub: 'somebody else' } },
  'no-email': { userinfo: { email: undefined } },
  'unverified-email': { userinfo: { email_verified: false } },
};

// Sends until the other side has had enough.
function endless(to, next) {
  let i = 0;
  const go = () => { if (!to.destroyed) next((text) => (to.write(text) ? setImmediate(go) : to.once('drain', go)), i++); };
  to.on('error', () => {});
  go();
}

// Answers that are none, of whatever is asked for: "token-500", "keys-html" and so on.
const faults = {
  500: (res) => { res.statusCode = 500; res.end('{"error":"server_error"}'); },
  html: (res) => { res.setHeader('Content-Type', 'text/html'); res.end('<h1>Maintenance</h1>'); },
  huge: (res) => { res.setHeader('Content-Type', 'application/json'); res.end(JSON.stringify({ x: 'x'.repeat(3000000) })); },
  slow: () => {},
  truncated: (res) => { res.setHeader('Content-Length', 1000); res.write('{"access_token":"'); setImmediate(() => res.destroy()); },
  reset: (res) => res.socket.resetAndDestroy?.() ?? res.destroy(),
  redirect: (res, what) => { res.statusCode = 302; res.setHeader('Location', `http://localhost:${port}/good/${what}`); res.end(); },
  empty: (res) => res.end(),
  // Without end: bytes of a body, interim answers, header lines, one header line, chunks.
  drip: (res) => { res.setHeader('Content-Length', 1000); endless(res, (send) => setTimeout(() => send(' '), 10)); },
  interim: (res) => endless(res.socket, (send) => send('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(1000))),
  headers: (res) => endless(res.socket, (send, i) => send(i ? `X-${i}: ${'x'.repeat(8000)}\r\n` : 'HTTP/1.1 200 OK\r\n')),
  header: (res) => endless(res.socket, (send, i) => send(i ? 'x'.repeat(8000) : 'HTTP/1.1 200 OK\r\nX: ')),
  chunks: (res) => endless(res, (send) => send('x'.repeat(8000))),
  trailers: (res) => endless(res.socket, (send, i) =>
    send(i ? `X-${i}: ${'x'.repeat(8000)}\r\n` : 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n')),
  bomb: (res) => { res.setHeader('Content-Encoding', 'gzip'); res.end(gzipSync(Buffer.alloc(30000000, ' '))); },
  longer: (res) => { res.setHeader('Content-Length', 2); res.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n'); },
  headless: (res) => res.socket.end('{}'),
};
for (const what of ['metadata', 'keys', 'token', 'userinfo']) {
  for (const [name, fault] of Object.entries(faults)) scripts[`${what}-${name}`] = { faults: { [what]: fault } };
}
scripts['metadata-wrong-issuer'] = { metadata: { issuer: 'http://127.0.0.1:1/elsewhere' } };
scripts['metadata-insecure'] = { metadata: { token_endpoint: 'http://provider.example/token' } };
scripts['metadata-leads-here'] = { metadata: () => ({ token_endpoint: `http://127.0.0.1:${port}/good/token` }) };
// Public metadata that names a private place, INSIDE: by a name, or by its address.
for (const [what, member] of [['token', 'token_endpoint'], ['keys', 'jwks_uri'], ['userinfo', 'userinfo_endpoint']]) {
  scripts[`inside-${what}`] = { metadata: () => ({ [member]: `${process.env.INSIDE}/good/${what}` }) };
  scripts[`literal-${what}`] = { metadata: () => ({ [member]: `https://127.0.0.1:${port}/good/${what}` }) };
}
scripts['client-refused'] = { faults: { token: (res) => { res.statusCode = 401; res.end('{"error":"invalid_client"}'); } } };
scripts['token-refused'] = { faults: { token: (res) => { res.statusCode = 400; res.end('{"error":"invalid_grant","error_description":"AADSTS70008: too late\\n[made up]"}'); } } };

// The application: it says what the path tells it to, /application/<status>/<base64url of the body>. A status with "cut"
// behind it promises more than there is.
const asked = [];

async function application(req, res, status, body) {
  let text = '';
  for await (const part of req) text += part;
  asked.push({ method: req.method, headers: req.headers, body: text });
  res.statusCode = parseInt(status, 10);
  res.setHeader('Content-Type', 'application/json');
  if (status.endsWith('cut')) {
    res.setHeader('Content-Length', 1000);
    res.write(Buffer.from(body, 'base64url'));
    setImmediate(() => res.destroy());
  } else res.end(Buffer.from(body || '', 'base64url'));
}

const json = (res, value) => { res.setHeader('Content-Type', 'application/json'); res.end(JSON.stringify(value)); };
const changed = (value, change, argument) => ({ ...value, ...(typeof change === 'function' ? change(argument ?? value) : change) });

function metadata(script, issuer) {
  return changed({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/end`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    id_token_signing_alg_values_supported: ['RS256', 'PS512', 'ES384', 'EdDSA'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  }, script.metadata);
}

const jwk = (pair, more) => ({ ...pair.publicKey.export({ format: 'jwk' }), kid: pair.kid, use: 'sig', ...more });

// How the client says who it is: [id, secret]. Each way is to be the only one (RFC 6749, 2.3).
function basic(authorization) {
  const [, pair] = /^Basic (.*)$/.exec(authorization || '') || [];
  return pair && Buffer.from(pair, 'base64').toString().split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
}

function assertion(form, issuer) {
  const given = secret(form.get('client_assertion') || '');
  const claims = JSON.parse(Buffer.from(given.split('.')[1] || '', 'base64url') || '{}');
  const text = given.slice(0, given.lastIndexOf('.'));
  const good = createHmac('sha256', 'the client secret').update(text).digest('base64url') === given.slice(text.length + 1)
    && claims.aud === `${issuer}/token` && claims.iss === claims.sub && claims.jti && claims.exp > now() && claims.exp <= now() + 60
    && form.get('client_assertion_type') === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return [claims.sub, good ? 'the client secret' : 'a forged one'];
}

// The first client has the secret of the tests; the second one's is hard to write.
const clients = { gate: ['the client secret', ''], 'g+a te%:ü': ['s:e+c r%65t&ü='] };

function knowsClient(script, issuer, form, authorization) {
  const ways = [authorization, form.get('client_secret'), form.get('client_assertion')].filter(Boolean);
  const [id, password] = script.client({ basic: basic(authorization), form, issuer }) || [];
  return ways.length <= 1 && (clients[id] || []).includes(password) && (password === '') === (ways.length === 0);
}

const codes = new Map(); // of access tokens, and which were used

function token(script, issuer, form, authorization, res) {
  if (script.client && !knowsClient(script, issuer, form, authorization)) {
    res.statusCode = 401;
    json(res, { error: 'invalid_client' });
    return;
  }
  const code = form.get('code');
  const about = JSON.parse(Buffer.from(secret(code), 'base64url'));
  secret(form.get('code_verifier'));
  const challenge = createHash('sha256').update(form.get('code_verifier')).digest('base64url');
  if (codes.has(code) || challenge !== about.challenge || form.get('redirect_uri') !== about.redirect_uri) {
    res.statusCode = 400;
    json(res, { error: 'invalid_grant' });
    return;
  }
  const accessToken = secret(randomBytes(20).toString('hex'));
  codes.set(code, accessToken);
  codes.set(accessToken, about);
  const header = { alg: 'RS256', typ: 'JWT', kid: key.kid, ...script.header };
  const claims = changed({
    iss: issuer, sub: about.sub, aud: 'gate', iat: now(), exp: now() + 300, nonce: about.nonce,
    at_hash: half(header.alg === 'EdDSA' ? 'sha512' : `sha${/\d+$/.exec(header.alg)?.[0] ?? 256}`, accessToken), ...about.claims,
  }, script.claims);
  if (header.alg === 'EdDSA') delete claims.at_hash;
  const answer = {
    access_token: accessToken, token_type: 'Bearer', expires_in: 60,
    id_token: jws(header, claims, script.sign ? script.sign() : rsa(key)),
  };
  json(res, changed(answer, script.token, answer));
}

function userinfo(script, issuer, authorization, res) {
  const about = codes.get((authorization || '').replace(/^Bearer /, ''));
  if (!about) {
    res.statusCode = 401;
    res.end();
    return;
  }
  const claims = changed({ sub: about.sub, email: about.email, email_verified: true, ...about.userinfo }, script.userinfo);
  if (!script.signedUserinfo) {
    json(res, claims);
    return;
  }
  const { header, sign = rsa(key), ...more } = script.signedUserinfo();
  res.setHeader('Content-Type', 'application/jwt');
  res.end(jws({ alg: 'RS256', kid: key.kid, ...header }, { iss: issuer, aud: 'gate', ...claims, ...more }, sign));
}

async function provider(req, res, name, path) {
  const script = scripts[name];
  const issuer = `${process.env.BASE || `http://127.0.0.1:${port}`}/${name}`;
  const to = script?.moved?.[path];
  if (to) {
    counts[`${name}/moved`] = (counts[`${name}/moved`] || 0) + 1;
    res.statusCode = 301;
    res.setHeader('Location', typeof to === 'function' ? to() : to.startsWith('/') ? `${issuer}${to}` : to);
    res.end();
    return;
  }
  if (script?.compressed) {
    const end = res.end.bind(res);
    res.end = (text) => { res.setHeader('Content-Encoding', 'gzip'); end(gzipSync(text || '')); };
  }
  const what = { '/.well-known/openid-configuration': 'metadata', '/keys': 'keys', '/token': 'token', '/userinfo': 'userinfo' }[path.replace(/\/$/, '')];
  if (!script || !what) {
    res.statusCode = 404;
    res.end();
    return;
  }
  if (script.proxied && req.headers['proxy-authorization'] !== `Basic ${Buffer.from('user:p@ss').toString('base64')}`) {
    res.statusCode = 407;
    res.end();
    return;
  }
  connections.add(req.socket);
  counts[`${name}/${what}`] = (counts[`${name}/${what}`] || 0) + 1;
  let body = '';
  for await (const part of req) body += part;
  const form = new URLSearchParams(body);
  if (wanted.delete(what)) await new Promise((resolve) => { held.push(resolve); });
  if (script.faults?.[what]) {
    if (form.has('code_verifier')) secret(form.get('code_verifier'));
    script.faults[what](res, what);
  } else if (what === 'metadata') json(res, metadata(script, issuer));
  else if (what === 'keys') json(res, { keys: script.keys ? script.keys() : [key, ec, ec384, ec521, ed].map((pair) => jwk(pair)) });
  else if (what === 'token') token(script, issuer, form, req.headers.authorization, res);
  else userinfo(script, issuer, req.headers.authorization, res);
}

const server = createServer((req, res) => {
  const { pathname } = new URL(req.url, 'http://localhost');
  const [, first, second] = pathname.split('/');
  const rest = pathname.slice(first.length + 1);
  if (first === 'application') application(req, res, second, pathname.split('/')[3]);
  else if (first !== 'control') {
    provider(req, res, first, rest).catch(() => res.destroy());
  } else if (second === 'hold') {
    wanted.add(rest.slice('/hold/'.length));
    res.end();
  } else if (second === 'holding') json(res, held.length);
  else if (second === 'release') {
    for (const resolve of held.splice(0)) resolve();
    res.end();
  } else if (second === 'rotate') {
    key = newKey(`key-${++rotations}`);
    res.end();
  } else if (second === 'replace') {
    key = newKey(key.kid);
    res.end();
  } else if (second === 'connections') json(res, connections.size);
  else if (second === 'count') json(res, counts[rest.slice('/count/'.length)] || 0);
  else if (second === 'asked') json(res, asked);
  else if (second === 'secrets') json(res, [...secrets]);
  else if (second === 'close') {
    res.end();
    server.close();
    server.closeAllConnections();
  }
});
server.listen(0, '127.0.0.1', () => {
  ({ port } = server.address());
  console.log(`listening on http://127.0.0.1:${port}`);
});
