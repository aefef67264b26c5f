// A server with Socket.IO and graphql-ws. See docs/apps/sockets.md.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FILE } from '../lib/site.mjs';
import { load, socketIo } from '../lib/socket-io.mjs';

const who = (socket) => new Promise((answer, fail) => {
  socket.timeout(5000).emit('who', (late, name) => (late ? fail(late) : answer(name)));
});

function subscribe(site, path, connectionParams) {
  return load(site, 'graphql-ws').createClient({
    url: site.url.replace('http', 'ws') + path,
    webSocketImpl: load(site, 'ws').WebSocket,
    connectionParams,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
  });
}

async function results(client, query) {
  const found = [];
  for await (const { data } of client.iterate({ query })) found.push(Object.values(data)[0]);
  return found;
}

export default {
  lookup: '/api/me',

  async start(site) {
    mkdirSync(join(site.dir, 'public'));
    writeFileSync(join(site.dir, 'public', 'report.txt'), FILE);
    const people = [
      { id: 1, name: 'alice', password: site.passwords.alice, role: 'user', mfa_enabled: false },
      { id: 2, name: 'admin', password: site.passwords.admin, role: 'admin', mfa_enabled: true },
    ];
    await site.startApp('node', ['server.js'], { says: /^ready$/m, env: {
      PORT: String(site.appPort), JWT_SECRET: site.secret, PUBLIC_DIR: join(site.dir, 'public'),
      PEOPLE: JSON.stringify(people),
    } });
  },

  async signIn(site, name) {
    const { status, text, json } = await site.ask('POST', '/api/login', { json: { name, password: site.passwords[name] } });
    assert.equal(status, 200, text);
    return json.token;
  },

  api: {
    path: '/api/me',
    told({ status, text, json }, name) {
      assert.deepEqual([status, json?.user?.name], [200, name], text);
    },
  },
  file: { path: () => '/files/report.txt', purpose: 'download' },
  sso: () => ({ app_id: 1 }),

  sockets: [{
    title: 'Socket.IO',
    purpose: 'ws',
    path: '/socket.io/?EIO=4&transport=websocket',
    open: socketIo,
    talk: async (socket, site, name) => assert.equal(await who(socket), name),
    close: (socket) => socket.close(),
  }, {
    title: 'graphql-ws',
    purpose: 'ws',
    path: '/graphql',
    open: subscribe,
    async talk(client, site, name) {
      assert.deepEqual(await results(client, '{ who }'), [name]);
      assert.deepEqual(await results(client, 'subscription { counted }'), ['one', 'two']);
    },
    close: (client) => client.dispose(),
  }],

  async whileOff(test, site, { alice, admin }) {
    const [io, graphql] = this.sockets;
    await test('pages that send their JWT in the first message work unchanged', async () => {
      const socket = await socketIo(site, `${io.path}&token=${await site.token(alice, 'ws')}`, { token: alice });
      await io.talk(socket, site, 'alice');
      io.close(socket);
      const client = subscribe(site, `${graphql.path}?token=${await site.token(alice, 'ws')}`, { token: alice });
      await graphql.talk(client, site, 'alice');
      await graphql.close(client);
    });
    await test('Socket.IO connects again, each time with a token of its own', async () => {
      const options = { transports: ['websocket'], autoConnect: false, reconnection: false };
      const socket = load(site, 'socket.io-client').io(site.url, options);
      for (let i = 0; i < 2; i++) {
        socket.io.opts.query = { token: await site.token(alice, 'ws') };
        const connected = once(socket, 'connect');
        socket.connect();
        await connected;
        await io.talk(socket, site, 'alice');
        const gone = once(socket, 'disconnect');
        socket.io.engine.close();
        await gone;
      }
      socket.close();
    });
    await test('graphql-ws asks for the URL at each attempt', async () => {
      const client = load(site, 'graphql-ws').createClient({
        url: async () => `${site.url.replace('http', 'ws')}/graphql?token=${await site.token(alice, 'ws')}`,
        webSocketImpl: load(site, 'ws').WebSocket,
      });
      for (let i = 0; i < 2; i++) await graphql.talk(client, site, 'alice');
      await client.dispose();
    });
    await test('and a socket stays its handshake\'s, whatever the message says', async () => {
      const socket = await socketIo(site, `${io.path}&token=${await site.token(admin, 'ws')}`, { token: alice });
      await io.talk(socket, site, 'admin');
      io.close(socket);
    });
  },
};
