// A Feathers application with its data in memory. See docs/apps/feathers.md.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FILE } from '../lib/site.mjs';
import { load, socketIo } from '../lib/socket-io.mjs';

const NOTES = [{ id: 1, title: 'for everybody with a session' }];

const local = (site, name) => (
  { strategy: 'local', email: `${name}@example.test`, password: site.passwords[name] });

// Calls a method of a service by the socket.
const call = (socket, ...args) => new Promise((answer, fail) => {
  socket.timeout(5000).emit(...args, (late, error, result) => {
    if (late || error) fail(late || new Error(error.message));
    else answer(result);
  });
});

export default {
  userClaim: 'sub',
  lookup: '/users/',

  async start(site) {
    mkdirSync(join(site.dir, 'public'));
    writeFileSync(join(site.dir, 'public', 'report.txt'), FILE);
    const people = [
      { email: 'alice@example.test', password: site.passwords.alice },
      { email: 'admin@example.test', password: site.passwords.admin, role: 'admin', mfaEnabled: true },
    ];
    await site.startApp('node', ['server.js'], { says: /^ready$/m, env: {
      PORT: String(site.appPort), FEATHERS_SECRET: site.secret, PUBLIC_DIR: join(site.dir, 'public'),
      PEOPLE: JSON.stringify(people),
    } });
  },

  async signIn(site, name) {
    const { status, text, json } = await site.ask('POST', '/authentication', { json: local(site, name) });
    assert.equal(status, 201, text);
    return json.accessToken;
  },

  api: {
    path: '/notes',
    told: ({ status, text, json }) => assert.deepEqual([status, json], [200, NOTES], text),
  },
  file: { path: () => '/files/report.txt', purpose: 'download' },
  sso: () => ({ feathers_id: '1' }),

  sockets: [{
    title: 'Socket.IO',
    purpose: 'ws',
    path: '/socket.io/?EIO=4&transport=websocket',
    open: socketIo,
    async talk(socket, site) {
      assert.deepEqual(await call(socket, 'find', 'notes', {}), NOTES);
      await assert.rejects(call(socket, 'create', 'authentication', local(site, 'admin')), /this socket is signed in/);
      assert.deepEqual(await call(socket, 'get', 'users', 1, {}).then(({ email }) => email), 'alice@example.test');
    },
    close: (socket) => socket.close(),
  }],

  async whileOff(test, site, { alice, admin }) {
    await test('a change reaches Feathers\' client', async () => {
      const [{ path }] = this.sockets;
      const socket = await socketIo(site, `${path}&token=${await site.token(alice, 'ws')}`);
      try {
        const { feathers } = load(site, '@feathersjs/feathers');
        const client = feathers().configure(load(site, '@feathersjs/socketio-client')(socket));
        assert.deepEqual(await client.service('notes').find(), NOTES);
        const created = new Promise((resolve) => { client.service('notes').once('created', resolve); });
        const { json } = await site.ask('POST', '/notes', { jwt: admin, json: { title: 'new' } });
        const note = await created;
        assert.equal(note.title, 'new');
        assert.equal((await site.ask('DELETE', `/notes/${json.id}`, { jwt: admin })).status, 200);
      } finally {
        socket.close();
      }
    });
  },
};
