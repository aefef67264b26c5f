// A Strapi project with SQLite. See docs/apps/strapi.md.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { FILE, generated } from '../lib/site.mjs';

const account = (site, name) => ({ identifier: name, password: site.passwords[name] });

export default {
  lookup: '/api/users/me',

  async start(site) {
    mkdirSync(join(site.dir, 'public', 'uploads'), { recursive: true });
    await site.startApp('node', ['node_modules/@strapi/strapi/bin/strapi.js', 'start'], { env: {
      NODE_ENV: 'production',
      PORT: String(site.appPort),
      DATABASE_FILENAME: join(site.dir, 'data.db'),
      PUBLIC_DIR: join(site.dir, 'public'),
      TMPDIR: site.dir,
      JWT_SECRET: site.secret,
      APP_KEY: generated(),
      ADMIN_JWT_SECRET: generated(),
      API_TOKEN_SALT: generated(),
      TRANSFER_TOKEN_SALT: generated(),
      PASSWORD_OF_ALICE: site.passwords.alice,
      PASSWORD_OF_ADMIN: site.passwords.admin,
      STRAPI_TELEMETRY_DISABLED: 'true',
    } });
    const { json } = await site.askApp('POST', '/api/auth/local', { json: account(site, 'alice') });
    site.file = (await site.upload('/api/upload', 'files', json.jwt))[0].url;
  },

  async signIn(site, name) {
    const { status, text, json } = await site.ask('POST', '/api/auth/local', { json: account(site, name) });
    assert.equal(status, 200, text);
    return json.jwt;
  },

  api: {
    path: '/api/notes',
    told({ status, text, json }) {
      assert.deepEqual([status, json?.data?.map(({ title }) => title)], [200, ['for everybody with a session']], text);
    },
  },
  file: { path: (site) => site.file, purpose: 'download' },
  sso: () => ({ strapi_id: 1 }),

  async whileOff(test, site, { alice }) {
    await test('the API says that it is alice', async () => {
      const { json } = await site.ask('GET', '/api/users/me', { jwt: alice });
      assert.deepEqual([json.username, json.mfa_enabled], ['alice', false]);
    });
    await test('nobody writes that there is MFA', async () => {
      const mallory = { username: 'mallory', email: 'mallory@example.test', password: generated() };
      const more = await site.ask('POST', '/api/auth/local/register', { json: { ...mallory, mfa_enabled: true } });
      assert.equal(more.status, 400, more.text);
      const { json: registered } = await site.ask('POST', '/api/auth/local/register', { json: mallory });
      const { user: { id }, jwt } = registered;
      const { status, text } = await site.ask('PUT', `/api/users/${id}`, { jwt, json: { mfa_enabled: true } });
      assert.equal(status, 403, text);
    });
  },
};
