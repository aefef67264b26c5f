import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { AuthGateError, closeRefusal, connectWebSocket, getSocketUrl, shouldRetry } from '../index.js';
import { Backoff } from '../lib/backoff.js';
import { asPage, FakeClock, fakeGate, fakeSockets, JWT, settle } from './kit.mjs';

const closing = [];
afterEach(() => closing.splice(0).forEach((socket) => socket.close()));

// A page's socket that records all its events.
async function connect({ gate = fakeGate(), ...options } = {}) {
  const visited = asPage({ fetch: gate.fetch });
  const clock = new FakeClock();
  const sockets = fakeSockets();
  const told = [];
  const socket = connectWebSocket('/ws?room=1#top', { clock, random: () => 1, WebSocket: sockets.WebSocket, ...options });
  closing.push(socket);
  for (const type of ['open', 'message', 'close', 'retry', 'stopped']) {
    socket.addEventListener(type, (event) => told.push([type, event.data ?? event.delay ?? event.error?.code ?? event.code]));
  }
  await settle();
  return { socket, clock, opened: sockets.opened, told, gate, visited };
}

test('the wait doubles up to a limit, and half of it is chance', () => {
  const waits = (random) => {
    const backoff = new Backoff({ first: 1000, longest: 30_000, random: () => random });
    return Array.from({ length: 7 }, () => backoff.next());
  };
  assert.deepEqual(waits(1), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  assert.deepEqual(waits(0), [500, 1000, 2000, 4000, 8000, 15000, 15000]);
  const backoff = new Backoff({ random: () => 1 });
  for (let i = 0; i < 2000; i++) backoff.next();
  assert.equal(backoff.next(), 30_000);
  backoff.reset();
  assert.equal(backoff.next(), 1000);
});

test('who has to set up MFA hears whether a new JWT would help', async () => {
  for (const hint of ['refresh', 'other']) {
    const heard = [];
    const gate = fakeGate(() => Response.json({ code: 'MFA_REQUIRED' }, { status: 403, headers: { 'Auth-Gate': hint } }));
    await connect({ gate, onMfaRequired: ({ refresh }) => heard.push(refresh), onStopped: ({ error }) => heard.push(error.refresh) });
    assert.deepEqual(heard, Array(2).fill(hint === 'refresh'));
  }
});

test('it connects with a token, and messages go both ways', async () => {
  const { socket, opened, told } = await connect({ protocols: ['a'] });
  assert.equal(socket.state, 'connecting');
  assert.match(opened[0].url, /^wss:\/\/app\.example\/ws\?room=1&token=[0-9a-f]{64}$/);
  assert.deepEqual(opened[0].protocols, ['a']);
  assert.throws(() => socket.send('early'), { code: 'NOT_CONNECTED' });
  opened[0].accept();
  assert.equal(socket.state, 'open');
  socket.send('hello');
  opened[0].tell('message', { data: 'world' });
  assert.deepEqual(opened[0].sent, ['hello']);
  assert.deepEqual(told, [['open', undefined], ['message', 'world']]);
});

test('a lost connection is made again, each time with a new token', async () => {
  const { clock, opened, told, gate } = await connect();
  opened[0].accept();
  opened[0].drop();
  assert.deepEqual(told.slice(1), [['close', 1006], ['retry', 1000]]);
  await clock.advance(999);
  assert.equal(opened.length, 1);
  await clock.advance(1);
  opened[1].drop();
  await clock.advance(2000);
  assert.equal(opened.length, 3);
  assert.equal(gate.requests.length, 3);
  assert.equal(new Set(opened.map(({ url }) => url)).size, 3);
});

test('a server that accepts and closes at once is not hammered', async () => {
  const { clock, opened, told } = await connect();
  for (let i = 0; i < 6; i++) {
    opened[i].accept();
    await clock.advance(100);
    opened[i].drop(1000);
    await clock.advance(told.at(-1)[1]);
  }
  const waits = told.filter(([type]) => type === 'retry').map(([, delay]) => delay);
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16000, 30000]);
});

test('after a connection that lasted the waiting begins anew', async () => {
  const { clock, opened, told } = await connect({ stableAfter: 5000 });
  for (let i = 0; i < 3; i++) {
    opened[i].drop();
    await clock.advance(told.at(-1)[1]);
  }
  opened[3].accept();
  await clock.advance(5000);
  opened[3].drop();
  assert.deepEqual(told.at(-1), ['retry', 1000]);
});

test('close codes of the gate end it, and are called back', async () => {
  for (const [code, reason, expected, page] of [
    [4001, 'Invalid or expired token', 'AUTH_REQUIRED', '/login'],
    [4403, 'MFA required', 'MFA_REQUIRED', '/settings?mfa=required'],
    [4003, 'Forbidden', 'FORBIDDEN', null],
  ]) {
    const { socket, clock, opened, told, visited } = await connect();
    opened[0].accept();
    opened[0].drop(code, reason);
    assert.deepEqual(told.at(-1), ['stopped', expected]);
    assert.deepEqual([socket.state, clock.waiting, visited], ['closed', [], page ? [page] : []]);
  }
});

test('a gate that cannot decide now is asked again, later each time', async () => {
  const { socket, clock, opened, told } = await connect();
  for (let i = 0; i < 3; i++) {
    opened[i].accept();
    opened[i].drop(1013, 'Try again later');
    assert.equal(socket.state, 'waiting');
    await clock.advance(told.at(-1)[1]);
  }
  assert.deepEqual(told.filter(([type]) => type === 'retry'), [['retry', 1000], ['retry', 2000], ['retry', 4000]]);
  let error;
  socket.addEventListener('retry', (event) => { error = event.error; });
  opened[3].drop(1013, 'Try again later');
  assert.deepEqual([error.code, error.passing, error.message], ['UNAVAILABLE', true, 'Try again later']);
});

test('callbacks of its own replace those of the configuration', async () => {
  const called = [];
  const { opened, visited } = await connect({ onMfaRequired: ({ code, message }) => called.push(code, message) });
  opened[0].drop(4403, 'MFA required');
  assert.deepEqual([called, visited], [['MFA_REQUIRED', 'MFA required'], []]);
});

test('a token that is refused ends it where another try is of no use', async () => {
  for (const [status, body, code] of [
    [401, { code: 'AUTH_REQUIRED' }, 'AUTH_REQUIRED'],
    [403, { code: 'MFA_REQUIRED' }, 'MFA_REQUIRED'],
    [400, { error: 'Invalid purpose' }, 'INVALID_PURPOSE'],
    [404, {}, 'NO_GATE'],
  ]) {
    const { clock, opened, told } = await connect({ gate: fakeGate(() => Response.json(body, { status })) });
    assert.deepEqual([told, opened, clock.waiting], [[['stopped', code]], [], []]);
  }
});

test('a gate that cannot be reached is asked again, not before it wants to be', async () => {
  const gate = fakeGate((request, n) => [
    new TypeError('Failed to fetch'),
    Response.json({}, { status: 503, headers: { 'Retry-After': '60' } }),
    Response.json({ token: 'b'.repeat(64) }),
  ][n - 1]);
  const { clock, opened, told } = await connect({ gate });
  await clock.advance(1000);
  assert.deepEqual(told, [['retry', 1000], ['retry', 60_000]]);
  await clock.advance(60_000);
  assert.equal(opened.length, 1);
});

test('being online again ends the wait', async () => {
  const page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  globalThis.removeEventListener = page.removeEventListener.bind(page);
  try {
    const { socket, clock, opened } = await connect();
    opened[0].drop();
    page.dispatchEvent(new Event('online'));
    await settle();
    assert.deepEqual([opened.length, clock.waiting], [2, []]);
    page.dispatchEvent(new Event('online'));
    socket.close();
    page.dispatchEvent(new Event('online'));
    await settle();
    assert.equal(opened.length, 2);
  } finally {
    delete globalThis.addEventListener;
    delete globalThis.removeEventListener;
  }
});

test('close() ends it in every state, and nothing is told any more', async () => {
  const open = await connect();
  open.opened[0].accept();
  open.socket.close(1000, 'done');
  assert.deepEqual(open.opened[0].closedWith, { code: 1000, reason: 'done' });
  open.opened[0].drop(1000);
  assert.deepEqual([open.told, open.clock.waiting, open.socket.state], [[['open', undefined]], [], 'closed']);

  const waiting = await connect();
  waiting.opened[0].drop();
  waiting.socket.close();
  await waiting.clock.advance(60_000);
  assert.equal(waiting.opened.length, 1);

  let answer;
  const asking = await connect({ gate: fakeGate(() => new Promise((resolve) => { answer = resolve; })) });
  asking.socket.close();
  answer(Response.json({ token: 'c'.repeat(64) }));
  await settle();
  assert.equal(asking.opened.length, 0);
});

test('closing from within a handler is for good', async () => {
  const { socket, clock, opened } = await connect();
  socket.addEventListener('close', () => socket.close());
  opened[0].drop();
  assert.deepEqual([socket.state, clock.waiting], ['closed', []]);
});

test('the JWT is in no address', async () => {
  const { clock, opened, gate } = await connect();
  opened[0].drop();
  await clock.advance(1000);
  for (const { url } of [...opened, ...gate.requests]) assert.ok(!url.includes(JWT));
});

test('another site is refused at once', () => {
  asPage();
  assert.throws(() => connectWebSocket('wss://other.example/ws'), { code: 'FOREIGN_ORIGIN' });
});

test('getSocketUrl: an absolute URL with a token, for other libraries', async () => {
  asPage({ fetch: fakeGate().fetch });
  assert.match(await getSocketUrl('/graphql?a=1#b'), /^wss:\/\/app\.example\/graphql\?a=1&token=[0-9a-f]{64}$/);
  await assert.rejects(getSocketUrl('wss://other.example/'), { code: 'FOREIGN_ORIGIN' });
});

test('shouldRetry: not where the gate refuses for good, and the page is told', () => {
  for (const [cause, expected, pages] of [
    [{ code: 1006, reason: '' }, true, []],
    [{ code: 1013, reason: 'Try again later' }, true, []],
    [new AuthGateError('NETWORK'), true, []],
    [new TypeError('x'), true, []],
    [undefined, true, []],
    [{ code: 4001, reason: 'Invalid or expired token' }, false, ['/login']],
    [{ code: 4003, reason: 'Forbidden' }, false, []],
    [{ code: 4403, reason: 'MFA required' }, false, ['/settings?mfa=required']],
    [new AuthGateError('AUTH_REQUIRED'), false, ['/login']],
  ]) {
    const visited = asPage();
    assert.deepEqual([shouldRetry(cause), visited], [expected, pages]);
  }
  assert.equal(closeRefusal({ code: 4000, reason: '' }), undefined);
});
