import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authedFetch } from '../index.js';
import { asPage, fakeGate, JWT, ORIGIN } from './kit.mjs';

// The original, before a test replaces it.
const { navigate: ownNavigate } = (await import('../lib/config.js')).config;

const MFA = { error: 'Two-factor authentication is required.', code: 'MFA_REQUIRED' };
const ENDED = { error: 'Invalid or expired token', code: 'AUTH_REQUIRED' };

// The destination of a page at `path` when its request gets this response.
async function goesTo(path, status, body) {
  const gate = fakeGate(() => Response.json(body, { status }));
  const visited = asPage({ path, fetch: gate.fetch });
  const response = await authedFetch('/api/trips');
  assert.deepEqual([response.status, await response.json()], [status, body]);
  return visited;
}

test('the session goes along, and a header of one\'s own before it', async () => {
  const gate = fakeGate(() => Response.json({}));
  asPage({ fetch: gate.fetch });
  await authedFetch('/api/a', { method: 'PUT', body: '{}', headers: { 'X-A': 'b' } });
  await authedFetch('/api/a', { headers: { Authorization: 'Basic x' } });
  await authedFetch(new Request(`${ORIGIN}/api/b`, { headers: { 'X-C': 'd' } }));
  const [first, second, third] = gate.requests;
  assert.deepEqual([first.method, first.headers.get('Authorization'), first.headers.get('X-A')], ['PUT', `Bearer ${JWT}`, 'b']);
  assert.equal(second.headers.get('Authorization'), 'Basic x');
  assert.deepEqual([third.headers.get('Authorization'), third.headers.get('X-C')], [`Bearer ${JWT}`, 'd']);
});

test('without a session the request is made without one', async () => {
  const gate = fakeGate(() => Response.json({}));
  asPage({ fetch: gate.fetch, getJwt: () => null });
  await authedFetch('/api/auth/app-config');
  assert.equal(gate.requests[0].headers.has('Authorization'), false);
});

test('another site gets nothing, also where a <base> names it', async () => {
  asPage();
  await assert.rejects(authedFetch('https://other.example/'), { code: 'FOREIGN_ORIGIN' });
  asPage({ base: 'https://other.example/' });
  await assert.rejects(authedFetch('/api/trips'), { code: 'FOREIGN_ORIGIN' });
});

test('403 MFA_REQUIRED leads to the settings, unless they are shown', async () => {
  assert.deepEqual(await goesTo('/', 403, MFA), ['/settings?mfa=required']);
  for (const path of ['/settings', '/settings/', '/settings?mfa=required']) assert.deepEqual(await goesTo(path, 403, MFA), [], path);
});

test('401 AUTH_REQUIRED leads to the login, unless it is shown', async () => {
  assert.deepEqual(await goesTo('/trips', 401, ENDED), ['/login']);
  assert.deepEqual(await goesTo('/login?oidc_error=x', 401, ENDED), []);
});

test('pages of this site are of this site, whatever a <base> says', async () => {
  const gate = fakeGate(() => Response.json(ENDED, { status: 401 }));
  asPage({ base: 'https://other.example/', fetch: gate.fetch, navigate: ownNavigate });
  const visited = [];
  globalThis.location.assign = (url) => visited.push(String(url));
  await authedFetch(`${ORIGIN}/api/trips`);
  assert.deepEqual(visited, [`${ORIGIN}/login`]);
});

test('other refusals lead nowhere', async () => {
  assert.deepEqual(await goesTo('/', 401, { error: 'Invalid email or password' }), []);
  assert.deepEqual(await goesTo('/', 403, { error: 'Admin access required' }), []);
  assert.deepEqual(await goesTo('/', 500, ENDED), []);
});

test('a page is told that a new JWT would help', async () => {
  const { config } = await import('../lib/config.js');
  const { onMfaRequired } = config;
  for (const [headers, expected] of [[{ 'Auth-Gate': 'refresh' }, true], [{ 'Auth-Gate': 'other' }, false], [{}, false]]) {
    const told = [];
    asPage({
      fetch: fakeGate(() => Response.json(MFA, { status: 403, headers })).fetch, onMfaRequired: ({ refresh }) => told.push(refresh),
    });
    await authedFetch('/api/trips');
    assert.deepEqual(told, [expected]);
  }
  asPage({ onMfaRequired });
});

test('what happens then can be configured', async () => {
  const { config } = await import('../lib/config.js');
  const { onAuthRequired, onMfaRequired } = config;
  const called = [];
  asPage({
    fetch: fakeGate((request, n) => (n === 1 ? Response.json(MFA, { status: 403 }) : Response.json(ENDED, { status: 401 }))).fetch,
    onAuthRequired: ({ code }) => called.push(code),
    onMfaRequired: ({ code, message }) => called.push(code, message),
  });
  await authedFetch('/api/trips');
  await authedFetch('/api/trips');
  assert.deepEqual(called, ['MFA_REQUIRED', MFA.error, 'AUTH_REQUIRED']);
  asPage({ onAuthRequired, onMfaRequired });
});
