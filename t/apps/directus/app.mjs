// Directus with SQLite. See docs/apps/directus.md.

import assert from 'node:assert/strict';
import { join } from 'node:path';

import { codeAt, stepAt } from '../../../example/src/totp.js';
import { INVALID, refused } from '../lib/journey.mjs';
import { run, until } from '../lib/processes.mjs';
import { generated } from '../lib/site.mjs';

const ROLE = '5a3e1c0e-6f0e-4a53-9d0b-2b6f5c1d7e90';  // as in the page's configuration
const NOTE = { id: 1, title: 'for everybody with a session' };

const codeNow = (secret) => codeAt(secret, stepAt(Date.now() / 1000));

// Directus takes the code of the moment alone, which may be over when it arrives: a second attempt is in time.
async function withCode(secret, ask) {
  const answer = await ask(codeNow(secret));
  return answer.status < 300 ? answer : ask(codeNow(secret));
}

// Makes a second factor for a person. `post(path, json)` posts as this person.
async function secondFactor(site, name, post) {
  const { json } = await post('/users/me/tfa/generate', { password: site.passwords[name] });
  const { secret } = json.data;
  const { status, text } = await withCode(secret, (otp) => post('/users/me/tfa/enable', { secret, otp }));
  assert.equal(status, 204, text);
  site.secrets[name] = secret;
}

async function signIn(site, name, ask) {
  const secret = site.secrets[name];
  const json = { email: `${name}@example.com`, password: site.passwords[name] };
  const login = (otp) => ask('POST', '/auth/login', { json: { ...json, otp } });
  const { status, text, json: answer } = secret ? await withCode(secret, login) : await login();
  assert.equal(status, 200, text);
  return answer.data.access_token;
}

// What an administrator sets up in the Data Studio: a role, a person, a collection and a file.
async function setUp(site) {
  const token = await signIn(site, 'admin', (...args) => site.askApp(...args));
  const create = async (path, json) => {
    const { status, text, json: answer } = await site.askApp('POST', path, { token, json });
    assert.equal(status, 200, `${path}: ${text}`);
    return answer.data;
  };
  await create('/roles', { id: ROLE, name: 'People', app_access: true, admin_access: false });
  const alice = { email: 'alice@example.com', password: site.passwords.alice, role: ROLE, token: site.staticToken };
  site.alice = (await create('/users', alice)).id;
  await create('/collections', { collection: 'notes', schema: {}, meta: {}, fields: [
    { field: 'id', type: 'integer', schema: { is_primary_key: true, has_auto_increment: true } },
    { field: 'title', type: 'string' },
  ] });
  for (const [collection, action, more] of [
    ['notes', 'read', { fields: ['*'] }],
    ['directus_files', 'read', { fields: ['*'] }],
    ['directus_users', 'update', { fields: ['tfa_secret'], permissions: { id: { _eq: '$CURRENT_USER' } } }],
  ]) {
    await create('/permissions', { role: ROLE, collection, action, ...more });
  }
  await create('/items/notes', { title: NOTE.title });
  // Somebody makes a note, and removes it.
  site.change = async () => {
    const { id } = await create('/items/notes', { title: 'short' });
    await site.askApp('DELETE', `/items/notes/${id}`, { token });
  };
  site.file = `/assets/${(await site.upload('/files', 'file', token)).data.id}`;
  await secondFactor(site, 'admin', (path, json) => site.askApp('POST', path, { token, json }));
}

export default {
  lookup: '/users/me?fields=id,tfa_secret',

  async start(site) {
    Object.assign(site, { secrets: {}, staticToken: generated() });
    const env = {
      HOST: '127.0.0.1',
      PORT: String(site.appPort),
      PUBLIC_URL: 'http://127.0.0.1',
      KEY: generated(),
      SECRET: site.secret,
      ADMIN_EMAIL: 'admin@example.com',
      ADMIN_PASSWORD: site.passwords.admin,
      DB_CLIENT: 'sqlite3',
      DB_FILENAME: join(site.dir, 'data.db'),
      STORAGE_LOCAL_ROOT: join(site.dir, 'uploads'),
      EXTENSIONS_PATH: join(site.dir, 'extensions'),
      CONFIG_PATH: join(site.dir, 'none.env'),
      TMPDIR: site.dir,
      TELEMETRY: 'false',
      WEBSOCKETS_ENABLED: 'true',
      WEBSOCKETS_REST_AUTH: 'strict',
      WEBSOCKETS_GRAPHQL_AUTH: 'strict',
      WEBSOCKETS_GRAPHQL_PATH: '/graphql-socket',
    };
    const command = 'node_modules/directus/cli.js';
    await run('node', [command, 'bootstrap'], { cwd: site.packages, env, log: join(site.dir, 'bootstrap.log') });
    await site.startApp('node', [command, 'start'], { env, says: /Server started/ });
    await setUp(site);
  },

  signIn: (site, name) => signIn(site, name, (...args) => site.ask(...args)),
  setUpMfa: (site, jwt) => secondFactor(site, 'alice', (path, json) => site.ask('POST', path, { jwt, json })),

  strangers: 403,
  api: {
    path: '/items/notes',
    told: ({ status, text, json }) => assert.deepEqual([status, json], [200, { data: [NOTE] }], text),
  },
  file: { path: (site) => site.file, purpose: 'download', parameter: 'access_token' },
  sso: (site) => ({ directus_id: site.alice }),

  sockets: [{
    title: 'a WebSocket',
    purpose: 'ws',
    path: '/websocket',
    parameter: 'access_token',
    open: (site, path) => site.socket(path),
    async talk(socket) {
      socket.send({ type: 'items', collection: 'notes', action: 'read', uid: 'x' });
      assert.deepEqual((await socket.message()).data, [NOTE]);
    },
    close: (socket) => socket.close(),
  }, {
    title: 'a GraphQL subscription',
    purpose: 'ws',
    path: '/graphql-socket',
    parameter: 'access_token',
    protocol: 'graphql-transport-ws',
    open: (site, path) => site.socket(path, 'graphql-transport-ws'),
    async talk(socket, site) {
      socket.send({ type: 'connection_init' });
      assert.equal((await socket.message()).type, 'connection_ack');
      socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { notes_mutated(event: create) { event } }' } });
      let come = false;
      const answer = socket.message().finally(() => { come = true; });
      await until('the event', async () => { await site.change(); return come; });
      assert.deepEqual((await answer).payload.data, { notes_mutated: { event: 'create' } });
    },
    close: (socket) => socket.close(),
  }],

  async whileOff(test, site, { alice }) {
    await test('the API says that it is alice', async () => {
      const { json } = await site.ask('GET', '/users/me', { jwt: alice });
      assert.equal(json.data.email, 'alice@example.com');
    });
    await test('a session in the Data Studio\'s cookie', async () => {
      const json = { email: 'alice@example.com', password: site.passwords.alice, mode: 'session' };
      const { status, headers } = await site.ask('POST', '/auth/login', { json });
      assert.equal(status, 200);
      const Cookie = headers['set-cookie'].map((line) => line.split(';')[0]).join('; ');
      site.jwts.push(/directus_session_token=([^;]*)/.exec(Cookie)[1]);
      this.api.told(await site.ask('GET', this.api.path, { headers: { Cookie } }));
      const bad = { Cookie: Cookie.replace(/.{8}$/, 'AAAAAAAA') };
      await refused(site, 401, INVALID, () => site.ask('GET', this.api.path, { headers: bad }));
    });
    await test('static tokens are nobody\'s session', async () => {
      const { status } = await site.askApp('GET', `${this.api.path}?access_token=${site.staticToken}`);
      assert.equal(status, 200, 'Directus itself takes it');
      for (const path of [this.api.path, '/ITEMS/notes', site.file, '/users/me', '/users/me/tfa/disable', '/graphql']) {
        await refused(site, 401, INVALID, () => site.ask('GET', path, { jwt: site.staticToken }));
        for (const name of ['access_token', 'ACCESS_TOKEN', 'access%5Ftoken', 'access_token[]', 'access_token[0]']) {
          await refused(site, 401, INVALID, () => site.ask('GET', `${path}?${name}=${site.staticToken}`));
        }
      }
    });
    await test('nor are they beside a session', async () => {
      const before = site.recorder.requests.length;
      await site.ask('GET', `/users/me?access_token=${site.staticToken}`, { jwt: alice });
      const seen = site.recorder.requests.slice(before).filter(({ url }) => url.includes(site.staticToken));
      assert.deepEqual(seen, []);
    });
  },

  async whileOn(test, site, { admin }) {
    await test('nobody disables MFA', async () => {
      const keep = { error: 'Two-factor authentication cannot be disabled while it is required for all users.' };
      const json = { otp: codeNow(site.secrets.admin) };
      for (const path of ['/users/me/tfa/disable', '/USERS/me/tfa/disable/']) {
        await refused(site, 403, keep, () => site.ask('POST', path, { jwt: admin, json }));
      }
    });
  },
};
