// json-server-auth's own command with a database in a file. See docs/apps/json-server-auth.md.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { refused } from '../lib/journey.mjs';
import { FILE } from '../lib/site.mjs';

const NOTES = [{ id: 1, title: 'for everybody with a session' }];
const OTHER_NAMES = [
  '/mfa', '/MFA/', '/666/mfa', '/660/mfa/1', '/x/../666/mfa', '/%366%36/mfa', '/db', '/DB/',
];

const account = (site, name) => ({ email: `${name}@example.test`, password: site.passwords[name] });

export default {
  secret: 'json-server-auth-123456',  // a constant in its source
  userClaim: 'sub',
  lookup: '/mfa?',

  async start(site) {
    const json = (name, value) => {
      writeFileSync(join(site.dir, name), JSON.stringify(value));
      return join(site.dir, name);
    };
    const database = json('db.json', { users: [], notes: NOTES, mfa: [{ id: 1, userId: 2, enabled: true, role: 'admin' }] });
    const routes = json('routes.json', { users: 600, notes: 660, mfa: 440 });
    mkdirSync(join(site.dir, 'public', 'files'), { recursive: true });
    writeFileSync(join(site.dir, 'public', 'files', 'report.txt'), FILE);
    const command = join(site.packages, 'node_modules/.bin/json-server-auth');
    await site.startApp('node', [command, '--host', '127.0.0.1', '--port', String(site.appPort), '--routes', routes,
      '--static', 'public', database], { cwd: site.dir, env: { TMPDIR: site.dir } });
    for (const name of ['alice', 'admin']) {
      const { status, text } = await site.askApp('POST', '/register', { json: account(site, name) });
      assert.equal(status, 201, text);
    }
  },

  async signIn(site, name) {
    const { status, text, json } = await site.ask('POST', '/login', { json: account(site, name) });
    assert.equal(status, 200, text);
    return json.accessToken;
  },

  api: {
    path: '/notes',
    told: ({ status, text, json }) => assert.deepEqual([status, json], [200, NOTES], text),
  },
  file: { path: () => '/files/report.txt', purpose: 'download' },
  sso: () => ({ notes_id: '1' }),

  async whileOff(test, site, { alice }) {
    // Whoever registers chooses the fields of the account, also its id, which then is the JWT's subject.
    await test('nobody gets another\'s MFA by an id that changes the lookup', async () => {
      const text = [{ alg: 'HS256', typ: 'JWT' }, { sub: '1&userId=2', exp: Math.floor(Date.now() / 1000) + 600 }]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      const jwt = `${text}.${createHmac('sha256', site.secret).update(text).digest('base64url')}`;
      await refused(site, 403, { error: 'Admin access required' }, () => site.ask('GET', '/gate/settings', { jwt }));
    });
    await test('nobody writes to the records of MFA, by whatever name', async () => {
      const json = { userId: 1, enabled: true, role: 'admin' };
      for (const path of OTHER_NAMES) {
        for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
          const before = site.recorder.requests.length;
          const { status } = await site.ask(method, path, { jwt: alice, json });
          assert.deepEqual([method, path, status], [method, path, 404]);
          assert.equal(site.recorder.requests.length, before, 'what reached the application');
        }
      }
    });
  },
};
