import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { AuthGateError, configure, getAuthUrl, getSocketUrl, getToken, openDownload } from '../index.js';
import { asPage, fakeGate, JWT, ORIGIN } from './kit.mjs';

const json = (status, body, headers) => Response.json(body, { status, headers });

async function failure(action) {
  try {
    await action;
  } catch (error) {
    assert.ok(error instanceof AuthGateError, String(error));
    assert.ok(!`${error.message}${error.stack}${JSON.stringify(error)}`.includes(JWT), 'the JWT is in the error');
    return error;
  }
  return assert.fail('there was no error');
}

beforeEach(() => asPage());

test('a token is asked for with the session and appended to the URL', async () => {
  const gate = fakeGate();
  configure({ fetch: gate.fetch });
  assert.equal(await getAuthUrl('/a?b=1#c', 'download'), `/a?b=1&token=${'1'.padStart(64, '0')}#c`);
  const [request] = gate.requests;
  assert.equal(request.url, `${ORIGIN}/api/auth/resource-token`);
  assert.equal(request.method, 'POST');
  assert.equal(request.body, '{"purpose":"download","path":"/a"}');
  assert.equal(request.headers.get('Authorization'), `Bearer ${JWT}`);
});

test('each URL gets a token of its own', async () => {
  configure({ fetch: fakeGate().fetch });
  assert.notEqual(await getAuthUrl('/a', 'download'), await getAuthUrl('/a', 'download'));
});

test('a token is asked for with the path that the browser will ask for, and with the method', async () => {
  const gate = fakeGate();
  asPage({ path: '/trips/1/', fetch: gate.fetch });
  for (const url of ['file name?x=/y#z', '../2/./a', `${ORIGIN}/caf\u00e9%2Fb`, '//app.example//c', new URL('/d', ORIGIN)]) await getAuthUrl(url, 'download');
  await getAuthUrl('/e', 'download', { method: 'POST' });
  assert.deepEqual(gate.requests.map(({ body }) => JSON.parse(body)), [
    { purpose: 'download', path: '/trips/1/file%20name' },
    { purpose: 'download', path: '/trips/2/a' },
    { purpose: 'download', path: '/caf%C3%A9%2Fb' },
    { purpose: 'download', path: '//c' },
    { purpose: 'download', path: '/d' },
    { purpose: 'download', path: '/e', method: 'POST' },
  ]);
});

test('bindTokens: false asks for tokens that are good anywhere', async () => {
  const gate = fakeGate();
  asPage({ fetch: gate.fetch, bindTokens: false });
  await getAuthUrl('/a', 'download');
  asPage({ bindTokens: true });
  assert.equal(gate.requests[0].body, '{"purpose":"download"}');
});

test('an endpoint that refuses members it does not know is asked without, and remembered', async () => {
  for (const [status, asked] of [[400, 3], [422, 3], [403, 1], [500, 1]]) {
    const gate = fakeGate(({ body }, n) => (body.includes('path') ? json(status, { error: 'Unrecognized key' }) : json(200, { token: n.toString(16).padStart(64, '0') })));
    asPage({ fetch: gate.fetch });
    const { purposeEndpoint } = (await import('../lib/config.js')).config;
    configure({ purposeEndpoint: () => `/own/${status}` });
    for (let i = 0; i < 2 && asked > 1; i++) await getAuthUrl('/a', 'download');
    if (asked === 1) await failure(getAuthUrl('/a', 'download'));
    configure({ purposeEndpoint });
    assert.equal(gate.requests.length, asked, String(status));
  }
});

test('what the gate says of one path is no word on others, and a purpose is asked for once', async () => {
  const gate = fakeGate(({ body }, n) => (/long/.test(body) ? json(400, { error: 'Invalid path' }) : json(200, { token: n.toString(16).padStart(64, '0') })));
  asPage({ fetch: gate.fetch });
  await getAuthUrl('/long', 'download');
  await getAuthUrl('/a', 'download');
  assert.deepEqual(gate.requests.map(({ body }) => JSON.parse(body).path), ['/long', undefined, '/a']);
  const refusing = fakeGate(() => json(400, { error: 'Invalid purpose' }));
  configure({ fetch: refusing.fetch });
  assert.equal((await failure(getAuthUrl('/a', 'none'))).code, 'INVALID_PURPOSE');
  assert.equal(refusing.requests.length, 1);
});

test('the endpoint depends on the purpose, and can be configured', async () => {
  const gate = fakeGate();
  configure({ fetch: gate.fetch });
  await getAuthUrl('/ws', 'ws');
  const { purposeEndpoint } = (await import('../lib/config.js')).config;
  configure({ purposeEndpoint: (purpose) => `/gate/${purpose}` });
  await getAuthUrl('/a', 'immich');
  configure({ purposeEndpoint });
  assert.deepEqual(gate.requests.map(({ url }) => url.slice(ORIGIN.length)), ['/api/auth/ws-token', '/gate/immich']);
});

test('with the session in a cookie no header is sent', async () => {
  const gate = fakeGate();
  configure({ fetch: gate.fetch, getJwt: null });
  await getAuthUrl('/a', 'download');
  assert.equal(gate.requests[0].headers.has('Authorization'), false);
  assert.equal(gate.requests[0].credentials, 'same-origin');
});

test('without a session nothing is asked', async () => {
  for (const jwt of [null, undefined, '', 'no JWT', `${JWT}\nX: y`, 7]) {
    const gate = fakeGate();
    configure({ fetch: gate.fetch, getJwt: async () => jwt });
    assert.equal((await failure(getAuthUrl('/a', 'download'))).code, 'AUTH_REQUIRED');
    assert.equal(gate.requests.length, 0);
  }
});

test('a refusal is an error with a code', async () => {
  const cases = [
    [json(400, { error: 'Invalid purpose' }), 'INVALID_PURPOSE'],
    [json(400, { error: 'Invalid JSON' }), 'BAD_REQUEST'],
    [json(401, { error: 'Invalid or expired token', code: 'AUTH_REQUIRED' }), 'AUTH_REQUIRED'],
    [json(403, { error: 'Set it up.', code: 'MFA_REQUIRED' }), 'MFA_REQUIRED'],
    [json(403, { error: 'User id too long' }), 'FORBIDDEN'],
    [json(404, { error: 'Not found' }), 'NO_GATE'],
    [json(405, {}), 'BAD_REQUEST'],
    [json(429, { error: 'Too many tokens' }, { 'Retry-After': '7' }), 'TOO_MANY'],
    [json(503, { error: 'Service unavailable' }, { 'Retry-After': '3' }), 'UNAVAILABLE'],
    [new Response('<html>', { status: 502 }), 'UNAVAILABLE'],
    [new Response('<html>the login page'), 'BAD_ANSWER'],
    [json(200, { token: 'ABC' }), 'BAD_ANSWER'],
    [json(200, { token: JWT }), 'BAD_ANSWER'],
    [json(200, null), 'BAD_ANSWER'],
    [Response.error(), 'BAD_ANSWER'],
    [new TypeError(`Failed to fetch, Bearer ${JWT}`), 'NETWORK'],
  ];
  for (const [answer, code] of cases) {
    configure({ fetch: fakeGate(() => answer).fetch });
    assert.equal((await failure(getAuthUrl('/a', 'download'))).code, code);
  }
});

test('the server\'s words are shown, and its Retry-After told', async () => {
  configure({ fetch: fakeGate(() => json(429, { error: 'Too many tokens' }, { 'Retry-After': '7' })).fetch });
  const { message, status, retryAfter, passing } = await failure(getAuthUrl('/a', 'download'));
  assert.deepEqual({ message, status, retryAfter, passing }, { message: 'Too many tokens', status: 429, retryAfter: 7, passing: true });
});

test('a server that quotes the JWT or a token is not quoted', async () => {
  const token = 'a'.repeat(64);
  configure({ fetch: fakeGate(() => json(401, { error: `Bad: Bearer ${JWT} ${token}` })).fetch });
  const { message } = await failure(getAuthUrl('/a', 'download'));
  assert.equal(message, 'Bad: Bearer *** ***');
});

test('neither session nor token goes to another site, unless it was named', async () => {
  const gate = fakeGate();
  configure({ fetch: gate.fetch });
  for (const url of ['https://other.example/a', '//other.example/a', 'http://app.example/a', 'javascript:alert(1)']) {
    assert.equal((await failure(getAuthUrl(url, 'download'))).code, 'FOREIGN_ORIGIN', url);
  }
  assert.equal((await failure(getAuthUrl('http://', 'download'))).code, 'BAD_URL');
  assert.equal(gate.requests.length, 0);
  await assert.rejects(getToken('ws', { path: 'https://other.example/a' }), { code: 'FOREIGN_ORIGIN' });
  assert.equal(gate.requests.length, 0);
  configure({ origins: ['https://other.example'] });
  assert.match(await getAuthUrl('wss://other.example/ws', 'ws'), /^wss:\/\/other\.example\/ws\?token=[0-9a-f]{64}$/);
});

test('a page whose <base> is another site: addresses mean what they mean to the browser, tokens come from this site', async () => {
  const gate = fakeGate();
  asPage({ base: 'https://other.example/x/', fetch: gate.fetch });
  for (const url of ['/a', 'a', '//other.example/a']) assert.equal((await failure(getAuthUrl(url, 'download'))).code, 'FOREIGN_ORIGIN', url);
  assert.equal(gate.requests.length, 0);
  await getAuthUrl(`${ORIGIN}/a`, 'download');
  assert.equal(gate.requests[0].url, `${ORIGIN}/api/auth/resource-token`);
});

test('it can be given up', async () => {
  const abort = new AbortController();
  configure({ fetch: async () => { abort.abort(); throw new DOMException('', 'AbortError'); } });
  assert.equal((await failure(getAuthUrl('/a', 'download', abort))).code, 'ABORTED');
});

test('an unknown member of the configuration is refused', () => {
  assert.throws(() => configure({ getJWT: () => null }), { name: 'TypeError', message: 'configure: unknown member "getJWT"' });
});

test('what needs no token costs none', async () => {
  const gate = fakeGate();
  configure({ fetch: gate.fetch });
  for (const url of ['', null, undefined, ' ']) assert.equal(await getAuthUrl(url, 'download'), '', String(url));
  for (const url of ['data:image/png;base64,AA==', `blob:${ORIGIN}/1b2c`, 'DATA:,x']) assert.equal(await getAuthUrl(url, 'download'), url);
  for (const url of ['https://other.example/a', '//other.example/a', 'about:blank', 'javascript:1']) {
    assert.equal((await failure(getAuthUrl(url, 'download'))).code, 'FOREIGN_ORIGIN', url);
  }
  assert.equal((await failure(openDownload(''))).code, 'BAD_URL');
  assert.equal(gate.requests.length, 0);
});

test('getToken: the token alone, for a path and a method if they are named', async () => {
  const gate = fakeGate();
  asPage({ path: '/trips/1/', fetch: gate.fetch });
  assert.equal(await getToken('ws'), '1'.padStart(64, '0'));
  for (const path of ['/hubs/chat?id=1', `${ORIGIN.replace('http', 'ws')}//live`, 'a b', new URL('/c', ORIGIN)]) await getToken('ws', { path });
  await getToken('beacon', { path: '/d', method: 'POST' });
  assert.deepEqual(gate.requests.map(({ body }) => JSON.parse(body)), [
    { purpose: 'ws' },
    { purpose: 'ws', path: '/hubs/chat' },
    { purpose: 'ws', path: '//live' },
    { purpose: 'ws', path: '/trips/1/a%20b' },
    { purpose: 'ws', path: '/c' },
    { purpose: 'beacon', path: '/d', method: 'POST' },
  ]);
});

test('getToken: a method without a path would be lost, so it is refused', async () => {
  const gate = fakeGate();
  configure({ fetch: gate.fetch });
  await assert.rejects(getToken('beacon', { method: 'POST' }), { name: 'TypeError', message: 'getToken: a method needs a path' });
  assert.equal(gate.requests.length, 0);
});

test('getToken can be given up', async () => {
  const abort = new AbortController();
  configure({ fetch: async (url, { signal }) => { abort.abort(); throw signal.reason; } });
  assert.equal((await failure(getToken('ws', { path: '/a', signal: abort.signal }))).code, 'ABORTED');
});

test('tokenParameter: every URL has its token there', async () => {
  asPage({ fetch: fakeGate().fetch, tokenParameter: 'access_token' });
  assert.match(await getAuthUrl('/a?access_token=old&b=1', 'download'), /^\/a\?b=1&access_token=[0-9a-f]{64}$/);
  assert.match(await getSocketUrl('/ws'), /^wss:\/\/app\.example\/ws\?access_token=[0-9a-f]{64}$/);
});

test('tokenParameter: what is no name of a parameter is refused, and nothing changes', async () => {
  for (const tokenParameter of ['', 'a=b', 'a&b', 'a b', '#', 'a%20b', 'a'.repeat(65), undefined, null, 7]) {
    assert.throws(() => configure({ origins: ['https://other.example'], tokenParameter }), { name: 'TypeError' }, String(tokenParameter));
  }
  const { config } = await import('../lib/config.js');
  assert.deepEqual([config.tokenParameter, config.origins], ['token', []]);
});

test('a refusal says whether a new JWT would help', async () => {
  for (const [headers, expected] of [[{ 'Auth-Gate': 'refresh' }, true], [{ 'Auth-Gate': 'other' }, false], [{}, false]]) {
    configure({ fetch: fakeGate(() => json(403, { code: 'MFA_REQUIRED' }, headers)).fetch });
    for (const action of [getAuthUrl('/a', 'download'), getToken('ws'), getSocketUrl('/ws')]) assert.equal((await failure(action)).refresh, expected);
  }
});
