import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectSocketIo } from '../index.js';
import { asPage, fakeGate, settle } from './kit.mjs';

// What connectSocketIo() uses of socket.io-client; the real one is in t/e2e.
async function connect({ gate = fakeGate(), uri = 'wss://app.example/socket.io/?EIO=4', options = {}, changes = {} } = {}) {
  const visited = asPage({ fetch: gate.fetch, ...changes });
  const told = [];
  class FakeTransport {
    query = {};

    readyState = 'opening';

    socket = { readyState: 'opening' };

    uri() { return uri; }

    doOpen() { told.push(['open', this.query]); }

    onClose({ context } = {}) { told.push(['close', context?.code]); }

    onError(reason, description) { told.push(['error', description?.code ?? description]); }
  }
  let given;
  const client = {
    WebSocket: FakeTransport,
    io: (url, all) => {
      given = { url, ...all };
      const socket = { disconnect: () => told.push(['disconnected']), io: { nsps: {} } };
      socket.io.nsps['/'] = socket;
      return socket;
    },
  };
  const socket = connectSocketIo(client, '/', { path: '/live', onStopped: ({ code }) => told.push(['stopped', code]), ...options });
  const transport = new given.transports[0]();
  const opening = transport.doOpen();
  await settle();
  return { socket, given, transport, opening, told, gate, visited };
}

test('it uses WebSocket alone, with a token, and passes other options on', async () => {
  const { given, told, gate } = await connect();
  assert.deepEqual([given.url, given.path, given.forceNew, given.transports.length], ['/', '/live', true, 1]);
  assert.equal('onStopped' in given || 'purpose' in given, false);
  assert.deepEqual(told, [['open', { token: '1'.padStart(64, '0') }]]);
  assert.equal(gate.requests[0].body, '{"purpose":"ws","path":"/socket.io/"}');
});

test('its token is for the path of its connection, in the configured parameter', async () => {
  const { told, gate } = await connect({ uri: 'wss://app.example/live/a%20b/?EIO=4&t=/x', changes: { tokenParameter: 'access_token' } });
  assert.deepEqual(told, [['open', { access_token: '1'.padStart(64, '0') }]]);
  assert.equal(JSON.parse(gate.requests[0].body).path, '/live/a%20b/');
});

test('a close code of the gate ends it, before and after the socket is open', async () => {
  for (const readyState of ['opening', 'open']) {
    const { transport, told, visited } = await connect();
    transport.socket.readyState = readyState;
    transport.onClose({ context: { code: 4403, reason: 'MFA required' } });
    await settle();
    assert.deepEqual(told.slice(1), [[readyState === 'open' ? 'close' : 'error', 4403], ['disconnected'], ['stopped', 'MFA_REQUIRED']]);
    assert.deepEqual(visited, ['/settings?mfa=required']);
  }
});

test('other ends are left to Socket.IO, which hears of those before the socket is open, too', async () => {
  const { transport, told } = await connect();
  transport.onClose({ context: { code: 1013, reason: 'Try again later' } });
  transport.socket.readyState = 'open';
  transport.onClose({ context: { code: 1006, reason: '' } });
  transport.onClose();
  await settle();
  assert.deepEqual(told.slice(1), [['error', 1013], ['close', 1006], ['close', undefined]]);
});

test('without a token nothing is opened', async () => {
  const refused = await connect({ gate: fakeGate(() => Response.json({ code: 'AUTH_REQUIRED' }, { status: 401 })), options: { onAuthRequired() {} } });
  assert.deepEqual(refused.told, [['error', 'AUTH_REQUIRED'], ['disconnected'], ['stopped', 'AUTH_REQUIRED']]);
  const full = await connect({ gate: fakeGate(() => Response.json({}, { status: 503 })) });
  assert.deepEqual(full.told, [['error', 'UNAVAILABLE']]);
});

test('another site gets no token', async () => {
  const { told, gate } = await connect({ uri: 'wss://other.example/socket.io/?EIO=4' });
  assert.deepEqual([told, gate.requests], [[['error', 'FOREIGN_ORIGIN'], ['disconnected'], ['stopped', 'FOREIGN_ORIGIN']], []]);
});

test('a socket that is closed meanwhile is not opened', async () => {
  let answer;
  const { transport, told, opening } = await connect({ gate: fakeGate(() => new Promise((resolve) => { answer = resolve; })) });
  transport.readyState = 'closed';
  answer(Response.json({ token: 'b'.repeat(64) }));
  await opening;
  assert.deepEqual(told, []);
});
