import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import jwt from 'jsonwebtoken';
import { PNG } from 'pngjs';
import { itinerary } from '../src/seed.js';
import { codeAt, stepAt } from '../src/totp.js';
import { safeName } from '../src/trips.js';
import { Client, MAIN, openSocket, SECRET, signIn, startApp } from './server.mjs';

const FILE = '/api/trips/1/files/1/download';
const INVALID = { error: 'Invalid or expired token', code: 'AUTH_REQUIRED' };

const app = await startApp();
const anybody = new Client(app.url);
const alice = await signIn(app.url, 'alice');
const admin = await signIn(app.url, 'admin');

const sign = (claims, options) => jwt.sign(claims, SECRET, { algorithm: 'HS256', expiresIn: '1h', ...options });

test('says where it listens, in one line', () => {
  assert.match(app.line, /^example: listening on http:\/\/127\.0\.0\.1:[0-9]+$/);
});

test('refuses to start without a secret', async () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN], { env: {}, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [1, 'example: JWT_SECRET is required\n']);
});

test('health and configuration are public', async () => {
  assert.deepEqual(await anybody.json('GET', '/api/health'), { status: 200, body: { status: 'ok' } });
  const { body } = await anybody.json('GET', '/api/auth/app-config');
  assert.deepEqual(body, { app_name: 'Wayfarer', allow_registration: false });
});

test('login answers with a session for a day, and the user', async () => {
  const credentials = { email: 'Alice@Example.test', password: 'alice-password' };
  const { status, body } = await anybody.json('POST', '/api/auth/login', credentials);
  assert.equal(status, 200);
  assert.deepEqual(body.user, {
    id: 2, username: 'alice', email: 'alice@example.test', role: 'user', mfa_enabled: false,
  });
  const { id, iat, exp, ...others } = jwt.verify(body.token, SECRET, { algorithms: ['HS256'] });
  assert.deepEqual({ id, lifetime: exp - iat, others }, { id: 2, lifetime: 24 * 3600, others: {} });
});

test('login refuses a wrong password, an unknown user and a body without either', async () => {
  const wrong = { status: 401, body: { error: 'Invalid email or password' } };
  const login = (body) => anybody.json('POST', '/api/auth/login', body);
  assert.deepEqual(await login({ email: 'alice@example.test', password: 'wrong' }), wrong);
  assert.deepEqual(await login({ email: 'bob@example.test', password: 'wrong' }), wrong);
  assert.equal((await login({ email: 'alice@example.test', password: { $ne: '' } })).status, 400);
  assert.equal((await login([])).status, 400);
});

test('me says who one is', async () => {
  const { status, body } = await admin.json('GET', '/api/auth/me');
  assert.equal(status, 200);
  assert.deepEqual(body, {
    user: { id: 1, username: 'admin', email: 'admin@example.test', role: 'admin', mfa_enabled: false },
  });
});

test('without a session everything else is refused', async () => {
  const missing = { status: 401, body: { error: 'Access token required', code: 'AUTH_REQUIRED' } };
  for (const path of ['/api/auth/me', '/api/trips', FILE, '/api/integrations/immich/assets', '/api/auth/app-settings']) {
    assert.deepEqual(await anybody.json('GET', path), missing, path);
    assert.deepEqual(await anybody.json('GET', `${path}?token=${alice.token}`), missing, `${path} by URL`);
  }
  assert.deepEqual(await anybody.json('POST', '/api/auth/logout'), missing);
  assert.deepEqual(await alice.json('POST', '/api/auth/logout'), { status: 200, body: { success: true } });
});

test('only sessions of known users, signed with HS256, not expired and without a purpose, are accepted', async () => {
  const bad = {
    'another key': jwt.sign({ id: 2 }, 'another key', { algorithm: 'HS256', expiresIn: '1h' }),
    'another algorithm': sign({ id: 2 }, { algorithm: 'HS384' }),
    'no algorithm': jwt.sign({ id: 2 }, '', { algorithm: 'none', expiresIn: '1h' }),
    'a purpose': sign({ id: 2, purpose: 'mfa_login' }),
    'an unknown user': sign({ id: 99 }),
    'the id as a string': sign({ id: '2' }),
    expired: sign({ id: 2 }, { expiresIn: -1 }),
    'no expiry': jwt.sign({ id: 2 }, SECRET, { algorithm: 'HS256' }),
    garbage: 'abc',
  };
  for (const [name, token] of Object.entries(bad)) {
    assert.deepEqual(await new Client(app.url, token).json('GET', '/api/auth/me'), { status: 401, body: INVALID }, name);
  }
  assert.equal((await new Client(app.url, sign({ id: 2 })).json('GET', '/api/auth/me')).status, 200);
});

test('codes agree with RFC 6238', () => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  assert.equal(codeAt(secret, stepAt(59)), '287082');
  assert.equal(codeAt(secret, stepAt(1111111109)), '081804');
  assert.equal(codeAt(secret, stepAt(20000000000)), '353130');
});

test('a second factor: set up, sign in with a code once, with a backup code once, switch off', async () => {
  const setup = await alice.json('POST', '/api/auth/mfa/setup');
  assert.match(setup.body.secret, /^[A-Z2-7]{32}$/);
  assert.match(setup.body.otpauth_url, /^otpauth:\/\/totp\/Wayfarer:alice%40example\.test\?secret=/);
  const code = () => codeAt(setup.body.secret, stepAt(Date.now() / 1000));

  assert.equal((await alice.json('POST', '/api/auth/mfa/enable', { code: 'abcdef' })).status, 400);
  const enabled = await alice.json('POST', '/api/auth/mfa/enable', { code: code() });
  assert.equal(enabled.status, 200);
  const { backup_codes: backupCodes, ...rest } = enabled.body;
  assert.deepEqual(rest, { success: true, mfa_enabled: true });
  assert.equal(new Set(backupCodes).size, 8);
  assert.equal((await alice.json('GET', '/api/auth/me')).body.user.mfa_enabled, true);

  const credentials = { email: 'alice@example.test', password: 'alice-password' };
  const { body: login } = await anybody.json('POST', '/api/auth/login', credentials);
  assert.deepEqual(Object.keys(login), ['mfa_required', 'mfa_token']);
  assert.equal((await new Client(app.url, login.mfa_token).json('GET', '/api/auth/me')).status, 401);

  const verify = (fields) => anybody.json('POST', '/api/auth/mfa/verify-login', { mfa_token: login.mfa_token, ...fields });
  assert.deepEqual(await verify({ code: 'abcdef' }), { status: 401, body: { error: 'Invalid code' } });
  assert.equal((await verify({ code: code(), mfa_token: alice.token })).status, 401);
  const used = code();
  const signedIn = await verify({ code: used });
  assert.equal(signedIn.status, 200);
  assert.equal((await new Client(app.url, signedIn.body.token).json('GET', '/api/auth/me')).status, 200);
  assert.equal((await verify({ code: used })).status, 401);
  assert.equal((await verify({ code: backupCodes[0] })).status, 200);
  assert.equal((await verify({ code: backupCodes[0] })).status, 401);

  assert.equal((await alice.json('POST', '/api/auth/mfa/disable', { code: 'abcdef' })).status, 400);
  assert.equal((await alice.json('POST', '/api/auth/mfa/disable')).status, 400);
  const disabled = await alice.json('POST', '/api/auth/mfa/disable', { password: 'alice-password' });
  assert.deepEqual(disabled, { status: 200, body: { success: true, mfa_enabled: false } });
});

test('settings are for administrators, and changed all or not at all', async () => {
  const forbidden = { status: 403, body: { error: 'Admin access required' } };
  const path = '/api/auth/app-settings';
  assert.deepEqual(await alice.json('GET', path), forbidden);
  assert.deepEqual(await alice.json('PUT', path, { app_name: 'Mine' }), forbidden);
  assert.equal((await admin.json('PUT', path, { app_name: 'New', colour: 'red' })).status, 400);
  assert.equal((await admin.json('PUT', path, { allow_registration: true })).status, 400);
  const before = { app_name: 'Wayfarer', allow_registration: 'false' };
  assert.deepEqual(await admin.json('GET', path), { status: 200, body: before });
  const changes = { app_name: 'Roamer', allow_registration: 'true' };
  assert.deepEqual(await admin.json('PUT', path, changes), { status: 200, body: { success: true } });
  assert.deepEqual((await anybody.json('GET', '/api/auth/app-config')).body, { app_name: 'Roamer', allow_registration: true });

  const bob = { username: 'bob', email: 'bob@example.test', password: 'bob-password' };
  assert.equal((await anybody.json('POST', '/api/auth/register', bob)).status, 201);
  assert.equal((await anybody.json('POST', '/api/auth/register', bob)).status, 409);
  assert.equal((await admin.json('PUT', path, before)).status, 200);
  assert.equal((await anybody.json('POST', '/api/auth/register', bob)).status, 403);
});

test('a trip is for its members', async () => {
  const { body } = await alice.json('GET', '/api/trips');
  assert.deepEqual(body.trips.map(({ id, title }) => ({ id, title })), [{ id: 1, title: 'Slovenia in May' }]);
  const created = await alice.json('POST', '/api/trips', { title: 'Wales' });
  assert.equal(created.status, 201);
  const path = `/api/trips/${created.body.trip.id}`;
  assert.equal((await alice.json('GET', path)).body.trip.title, 'Wales');
  assert.equal((await admin.json('GET', path)).status, 404);
  assert.equal((await alice.json('POST', '/api/trips', {})).status, 400);
  assert.equal((await alice.json('GET', '/api/trips/x')).status, 404);
  assert.equal((await alice.json('GET', '/api/trips/1/files/9/download')).status, 404);
});

test('a file is downloaded whole and by range', async () => {
  const whole = await alice.fetch(FILE);
  assert.equal(whole.status, 200);
  assert.equal(whole.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(whole.headers.get('content-disposition'), 'attachment; filename=itinerary.txt');
  const text = await whole.text();
  assert.equal(text, itinerary());
  assert.ok(text.length > 20_000 && text.length < 100_000);

  const part = await alice.fetch(FILE, { headers: { range: 'bytes=100-199' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), `bytes 100-199/${text.length}`);
  assert.equal(await part.text(), text.slice(100, 200));

  const beyond = await alice.fetch(FILE, { headers: { range: 'bytes=99999999-' } });
  assert.equal(beyond.status, 416);
  assert.equal(beyond.headers.get('content-range'), `bytes */${text.length}`);
  assert.ok((await beyond.json()).error);
});

test('an upload comes back as it was, under a harmless name', async () => {
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256));
  const form = new FormData();
  form.append('file', new Blob([bytes], { type: 'text/html' }), '../../etc/Žička pot.jpg');
  const response = await alice.fetch('/api/trips/1/files', { method: 'POST', body: form });
  assert.equal(response.status, 201);
  const { file } = await response.json();
  assert.deepEqual([file.name, file.type, file.size], ['Žička pot.jpg', 'image/jpeg', bytes.length]);

  const download = await alice.fetch(file.url);
  assert.equal(download.headers.get('content-type'), 'image/jpeg');
  assert.match(download.headers.get('content-disposition'), /^attachment; .*filename\*=UTF-8''%C5%BDi%C4%8Dka%20pot\.jpg/);
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), bytes);
  const { body } = await alice.json('GET', '/api/trips/1/files');
  assert.deepEqual(body.files.map(({ name }) => name), ['itinerary.txt', 'Žička pot.jpg']);
});

test('an upload that is too large, or none at all, is refused', async () => {
  const form = new FormData();
  form.append('file', new Blob([Buffer.alloc(10 * 1024 * 1024 + 1)]), 'large.bin');
  const response = await alice.fetch('/api/trips/1/files', { method: 'POST', body: form });
  assert.deepEqual([response.status, (await response.json()).error], [413, 'File too large']);
  assert.equal((await alice.json('POST', '/api/trips/1/files', {})).status, 400);
});

test('file names are made harmless', () => {
  assert.equal(safeName('..\\..\\boot.ini'), 'boot.ini');
  assert.equal(safeName('/etc/passwd'), 'passwd');
  assert.equal(safeName('a\r\nb\0"c".txt'), 'a__b__c_.txt');
  assert.equal(safeName('..'), 'file');
  assert.equal(safeName('x'.repeat(500)).length, 120);
});

test('pictures are real, and a thumbnail is the smaller one', async () => {
  const { body } = await alice.json('GET', '/api/integrations/immich/assets');
  assert.equal(body.assets.length, 4);
  for (const { id, width, height } of body.assets) {
    const load = async (size) => {
      const response = await alice.fetch(`/api/integrations/immich/assets/${id}/${size}`);
      assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/png']);
      return PNG.sync.read(Buffer.from(await response.arrayBuffer()));
    };
    const original = await load('original');
    assert.deepEqual([original.width, original.height], [width, height]);
    assert.ok((await load('thumbnail')).width < width / 3);
  }
  assert.equal((await alice.json('GET', '/api/integrations/immich/assets/none/original')).status, 404);
  assert.equal((await alice.json('GET', `/api/integrations/immich/assets/${body.assets[0].id}/huge`)).status, 404);
});

test('a socket is welcomed, echoes, and broadcasts to the others', async () => {
  const one = await openSocket(`${app.wsUrl}/ws?token=${alice.token}`);
  const two = await openSocket(`${app.wsUrl}/ws`, { headers: { authorization: `Bearer ${admin.token}` } });
  const { type, socketId } = await one.next();
  assert.equal(type, 'welcome');
  assert.notEqual((await two.next()).socketId, socketId);

  one.send({ type: 'hello', text: 'Dober dan' });
  assert.deepEqual(await one.next(), { type: 'echo', message: { type: 'hello', text: 'Dober dan' } });
  one.send('plain text');
  assert.deepEqual(await one.next(), { type: 'echo', message: 'plain text' });
  one.send({ type: 'broadcast', text: 'to all' });
  assert.deepEqual(await two.next(), { type: 'broadcast', text: 'to all', from: { socketId, username: 'alice' } });
  await one.close();
  await two.close();
});

test('a socket without a good session is refused with 401', async () => {
  const refused = async (query) => (await openSocket(`${app.wsUrl}/ws${query}`)).refused;
  assert.equal(await refused(''), 401);
  assert.equal(await refused('?token=abc'), 401);
  assert.equal(await refused(`?token=${sign({ id: 2 }, { expiresIn: -1 })}`), 401);
  assert.equal(await refused(`?token=${sign({ id: 2 }, { algorithm: 'HS512' })}`), 401);
  assert.equal(await refused(`?token=${sign({ id: 2, purpose: 'mfa_login' })}`), 401);
  assert.equal((await openSocket(`${app.wsUrl}/other?token=${alice.token}`)).refused, 404);
});

test('errors are JSON', async () => {
  const headers = { 'content-type': 'application/json' };
  const post = (body) => anybody.fetch('/api/auth/login', { method: 'POST', body, headers });
  const malformed = await post('{"email":');
  assert.deepEqual([malformed.status, await malformed.json()], [400, { error: 'Malformed JSON' }]);
  const large = await post(JSON.stringify({ email: 'x'.repeat(1024 * 1024) }));
  assert.deepEqual([large.status, await large.json()], [413, { error: 'Body too large' }]);
  assert.deepEqual(await anybody.json('GET', '/api/none'), { status: 404, body: { error: 'Not found' } });
  assert.deepEqual(await anybody.json('POST', '/api/auth/ws-token'), { status: 404, body: { error: 'Not found' } });
  assert.equal((await alice.json('GET', '/api/trips/%zz')).status, 400);
});

test('the page and its scripts are served, scripts from elsewhere are not run', async () => {
  const expected = { '/': '/app.js', '/login?oidc_code=x': '/app.js', '/settings?mfa=required': 'settings.js', '/admin': 'admin.js' };
  for (const [path, script] of Object.entries(expected)) {
    const page = await anybody.fetch(path);
    assert.equal(page.status, 200, path);
    assert.match(page.headers.get('content-security-policy'), /script-src 'self'/);
    const scripts = [...(await page.text()).matchAll(/<script[^>]*>/g)].map(([tag]) => tag);
    assert.deepEqual(scripts, [`<script type="module" src="${script}">`]);
  }
  for (const path of ['/app.js', '/auth-gate/index.js', '/auth-gate/ui/settings.js']) {
    assert.equal((await anybody.fetch(path)).status, 200, path);
  }
  assert.equal((await anybody.fetch('/../package.json')).status, 404);
});

test('the request log has each request as it came', async () => {
  await anybody.fetch('/API/health?x=1', { headers: { 'x-mark': 'here' } });
  const entry = app.requests().at(-1);
  assert.deepEqual([entry.method, entry.url, entry.headers['x-mark']], ['GET', '/API/health?x=1', ['here']]);
});

test('tells the gate who somebody is that an OpenID provider vouches for', async () => {
  const ask = (claims) => anybody.json('POST', '/internal/oidc-user', claims);
  const mallory = { email: 'mallory@example.test', email_verified: true, name: 'Mallory' };
  assert.deepEqual(await ask({ email: 'Alice@example.test', email_verified: true }), { status: 200, body: { id: 2 } });
  assert.deepEqual(await ask({ ...mallory, email_verified: 'true' }), { status: 400, body: { error: 'no_email' } });
  assert.deepEqual(await ask({ sub: 'alice' }), { status: 400, body: { error: 'no_email' } });
  assert.deepEqual(await ask(mallory), { status: 403, body: { error: 'registration_disabled' } });
});

test('stops on SIGTERM, with a socket still open', async () => {
  const socket = await openSocket(`${app.wsUrl}/ws?token=${alice.token}`);
  assert.equal(await app.stop(), 0);
  await socket.closed;
});
