// The clients of Socket.IO, graphql-ws and SignalR themselves, and their servers (SignalR's is a part of its protocol). The
// configuration is that of docs/streaming.md.

import assert from 'node:assert/strict';
import { StreamsApp } from '../lib/streams-app.mjs';
import { assertNoJwt } from '../lib/watch.mjs';

const TOKEN = /[?&](?:token|access_token)=([0-9a-f]{64})(?:&|$)/;

export default async function sockets(tap, stage) {
  const jwt = await stage.signIn('alice');
  const { user: { id } } = await stage.json('GET', '/api/auth/me', undefined, jwt);
  const app = await StreamsApp.start(`${stage.pages}/streams.sock`);
  const test = (name, action, { session = jwt, expected = /^$/ } = {}) => tap.test(name, () => stage.visit({}, async ({ page, seen }) => {
    app.requests = [];
    await page.addInitScript((value) => { window.jwt = value; }, session);
    await page.goto('/e2e/client.html');
    await page.waitForFunction(() => window.ready);
    await action({ page, seen });
    assertNoJwt(seen);
    assert.deepEqual(seen.problems.filter((problem) => !expected.test(problem)), []);
  }));

  // Each connection had a token of its own, and the application saw none.
  function assertTokens(seen, count) {
    const tokens = seen.sockets.map((url) => TOKEN.exec(url)?.[1]);
    assert.equal(new Set(tokens).size, count, String(seen.sockets));
    assert.ok(tokens.every(Boolean), String(seen.sockets));
    for (const { url } of app.requests) assert.doesNotMatch(url, TOKEN);
  }
  // The network is lost as soon as the page says so.
  const droppable = (page) => page.exposeFunction('drop', () => app.drop());

  await test('Socket.IO: messages, reconnection with a new token, and auth in the first message', async ({ page, seen }) => {
    await droppable(page);
    const told = await page.evaluate(async () => {
      const library = await import('/libraries/socket.io-client/dist/socket.io.esm.min.js');
      const socket = window.client.connectSocketIo(library, '/', { auth: { hello: 'there' }, reconnectionDelay: 10, reconnectionDelayMax: 20 });
      const next = (name) => new Promise((resolve) => { socket.once(name, resolve); });
      const first = await next('welcome');
      const said = await socket.emitWithAck('say', 'hello');
      const again = next('welcome');
      window.drop();
      const second = await again;
      socket.disconnect();
      return [first, said, second];
    });
    const welcome = { user: id, token: null, auth: { hello: 'there' } };
    assert.deepEqual(told, [welcome, 'HELLO', welcome]);
    assertTokens(seen, 2);
  });

  await test('Socket.IO: a session that has ended stops it', async ({ page, seen }) => {
    const code = await page.evaluate(async () => {
      const library = await import('/libraries/socket.io-client/dist/socket.io.esm.min.js');
      return new Promise((resolve) => {
        const socket = window.client.connectSocketIo(library, '/', {
          reconnectionDelay: 10, onAuthRequired: () => {}, onStopped: ({ code: found }) => resolve([found, socket.active]),
        });
      });
    });
    assert.deepEqual([code, seen.sockets], [['AUTH_REQUIRED', false], []]);
  }, { session: `${jwt.slice(0, -3)}abc`, expected: /status of 401/ });

  await test('Socket.IO: a close code of the gate stops it, at once', async ({ page, seen }) => {
    const found = await page.evaluate(async () => {
      const library = await import('/libraries/socket.io-client/dist/socket.io.esm.min.js');
      return new Promise((resolve) => {
        const socket = window.client.connectSocketIo(library, '/', {
          purpose: 'download', reconnectionDelay: 10, onAuthRequired: () => {}, onStopped: ({ code }) => resolve([code, socket.active]),
        });
      });
    });
    assert.deepEqual([found, seen.sockets.length, app.requests.length], [['AUTH_REQUIRED', false], 1, 0]);
  });

  await test('graphql-ws: a subscription, reconnection with a new token', async ({ page, seen }) => {
    await droppable(page);
    const users = await page.evaluate(async () => {
      const { createClient } = await import('/libraries/graphql-ws/dist/client.js');
      const { getSocketUrl, shouldRetry } = window.client;
      const client = createClient({ url: () => getSocketUrl('/graphql'), shouldRetry, lazy: false, retryWait: async () => {} });
      const ask = () => new Promise((resolve, reject) => {
        client.subscribe({ query: 'subscription { user }' }, { next: ({ data }) => resolve(data.user), error: reject, complete() {} });
      });
      const first = await ask();
      const closed = new Promise((resolve) => { client.on('closed', resolve); });
      const again = new Promise((resolve) => { client.on('connected', resolve); });
      window.drop();
      await closed;
      await again;
      const second = await ask();
      client.dispose();
      return [first, second];
    });
    assert.deepEqual(users, [id, id]);
    assertTokens(seen, 2);
  });

  await test('graphql-ws: a close code of the gate stops it', async ({ page, seen }) => {
    const found = await page.evaluate(async () => {
      const { createClient } = await import('/libraries/graphql-ws/dist/client.js');
      const { configure, getSocketUrl, shouldRetry } = window.client;
      const called = [];
      configure({ onAuthRequired: ({ code }) => called.push(code) });
      const client = createClient({ url: () => getSocketUrl('/graphql', 'download'), shouldRetry });
      return new Promise((resolve) => {
        client.subscribe({ query: 'subscription { user }' }, { next() {}, error: ({ code }) => resolve([code, called]), complete() {} });
      });
    });
    assert.deepEqual([found, seen.sockets.length, app.requests.length], [[4001, ['AUTH_REQUIRED']], 1, 0]);
  });

  await test('SignalR: a call, reconnection with a new token', async ({ page, seen }) => {
    await droppable(page);
    await page.addScriptTag({ url: '/libraries/@microsoft/signalr/dist/browser/signalr.min.js' });
    const users = await page.evaluate(async () => {
      const { HttpTransportType, HubConnectionBuilder, LogLevel } = window.signalR;
      const hub = new HubConnectionBuilder()
        .withUrl('/hubs/chat', {
          accessTokenFactory: () => window.client.getToken('ws', { path: '/hubs/chat' }),
          skipNegotiation: true,
          transport: HttpTransportType.WebSockets,
        })
        .withAutomaticReconnect([0])
        .configureLogging(LogLevel.None)
        .build();
      await hub.start();
      const first = await hub.invoke('Who');
      const again = new Promise((resolve) => { hub.onreconnected(resolve); });
      window.drop();
      await again;
      const second = await hub.invoke('Who');
      await hub.stop();
      return [first, second];
    });
    assert.deepEqual(users, [id, id]);
    assertTokens(seen, 2);
  });

  await app.stop();
}
