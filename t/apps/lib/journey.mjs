// What every application is tried with: its API, a file by a single-use URL, WebSockets, single sign-on, the page's own
// check, the policy, logs.
//
// An application says (t/apps/<name>/app.mjs):
//   secret                  its JWT secret, if it cannot be chosen
//   userClaim               the claim with the user's id, if it is not `id`
//   lookup                  how the gate's own requests to it begin
//   start(site)             starts it on site.appPort: alice has no MFA, admin is an administrator with MFA
//   signIn(site, name)      resolves to a JWT
//   strangers               the status with which it refuses strangers, if the gate lets them pass
//   api                     {path, told(answer, name)}: told() throws if that is no answer for this person
//   file                    {path(site), purpose, parameter}: it has the text FILE
//   sockets                 [{title, purpose, path, parameter, protocol, open(site, path), talk(connection, site, name),
//                           close(connection)}]: open() gets the path with a token
//   sso(site)               the provider's claims about alice
//   setUpMfa(site, jwt)     optional: alice sets MFA up
//   whileOff(test, site, people), whileOn(…)  optional: tests of its own in these states of the policy
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { check } from './check.mjs';
import { FILE } from './site.mjs';

export const INVALID = { error: 'Invalid or expired token', code: 'AUTH_REQUIRED' };
const MISSING = { error: 'Access token required', code: 'AUTH_REQUIRED' };
const MFA_REQUIRED = {
  error: 'Two-factor authentication is required. Complete setup in Settings.', code: 'MFA_REQUIRED',
};
const JWT = /eyJ[\w-]{8,}(\.|%2e)[\w-]{8,}(\.|%2e)[\w-]{8,}/i;

const withToken = (path, token, parameter = 'token') => `${path}${path.includes('?') ? '&' : '?'}${parameter}=${token}`;

// The gate refuses, and does not pass the request on.
export async function refused(site, status, body, ask) {
  const before = site.recorder.requests.length;
  const answer = await ask();
  assert.deepEqual([answer.status, answer.json], [status, body], answer.text);
  const reached = site.recorder.requests.slice(before).filter(({ url }) => !url.startsWith(site.app.lookup));
  assert.deepEqual(reached, [], 'what reached the application');
}

// The same for a WebSocket.
async function closed(site, code, reason, path, protocol) {
  const before = site.recorder.requests.length;
  const socket = await site.socket(path, protocol);
  assert.deepEqual(await socket.closed(), { code, reason });
  const reached = site.recorder.requests.slice(before).filter(({ headers }) => headers.upgrade);
  assert.deepEqual(reached, [], 'what reached the application');
}

async function fileUrl(site, jwt) {
  const { path, purpose, parameter } = site.app.file;
  return withToken(path(site), await site.token(jwt, purpose), parameter);
}

async function socketUrl(site, jwt, { path, purpose, parameter }) {
  return withToken(path, await site.token(jwt, purpose), parameter);
}

// Opens a socket, and has what the application has to say to this person.
async function conversation(site, socket, url, name) {
  const connection = await socket.open(site, url);
  try {
    await socket.talk(connection, site, name);
  } finally {
    await socket.close(connection);
  }
}

export async function journey(tap, site) {
  const { name, app } = site;
  const test = (title, action) => tap.test(`${name}: ${title}`, action);
  const api = (jwt) => site.ask('GET', app.api.path, { jwt });
  const people = {};

  for (const who of ['alice', 'admin']) {
    await test(`${who} signs in`, async () => { people[who] = await site.signIn(who); });
  }
  await test('the API answers to a session', async () => app.api.told(await api(people.alice), 'alice'));
  await test('and to nobody else', async () => {
    if (app.strangers) assert.equal((await api()).status, app.strangers);
    else await refused(site, 401, MISSING, () => api());
    await refused(site, 401, INVALID, () => api(`${people.alice.slice(0, -8)}AAAAAAAA`));
  });
  await test('a JWT in the URL is refused', () => refused(site, 401, INVALID, () =>
    site.ask('GET', withToken(app.file.path(site), people.alice, app.file.parameter))));

  await files(test, site, people);
  for (const socket of app.sockets ?? []) await sockets(test, site, people, socket);
  await singleSignOn(test, site);
  await app.whileOff?.(test, site, people);
  await test('the page\'s own check', () => check(site, people));
  await policy(test, site, people);
  await logs(test, site);
}

async function files(test, site, people) {
  let url;
  await test('a file comes by a single-use URL, and the application sees a JWT instead of the token', async () => {
    url = await fileUrl(site, people.alice);
    const before = site.recorder.requests.length;
    const answer = await site.ask('GET', url);
    assert.deepEqual([answer.status, answer.text], [200, FILE]);
    const [seen] = site.recorder.requests.slice(before);
    assert.equal(seen.url, site.app.file.path(site));
    assert.match(seen.headers.authorization, JWT);
    site.jwts.push(JWT.exec(seen.headers.authorization)[0]);
  });
  await test('the same URL again is refused', () => refused(site, 401, INVALID, () => site.ask('GET', url)));
}

async function sockets(test, site, people, socket) {
  const { title, path, parameter, protocol } = socket;
  let used;
  await test(`${title} by a single-use URL`, async () => {
    used = await socketUrl(site, people.alice, socket);
    await conversation(site, socket, used, 'alice');
  });
  for (const [what, reason, url] of [
    ['the same URL again', 'Invalid or expired token', () => used],
    ['a URL without a token', 'Authentication required', () => path],
    ['a URL with a JWT', 'Invalid or expired token', () => withToken(path, people.alice, parameter)],
  ]) {
    await test(`${title}: ${what} is closed with 4001`, () => closed(site, 4001, reason, url(), protocol));
  }
}

async function singleSignOn(test, site) {
  const { app } = site;
  let jwt;
  await test('a login at the provider makes a session {id, iat, exp}', async () => {
    jwt = await site.singleSignOn(app.sso(site));
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
    assert.deepEqual(Object.keys(claims).sort(), [app.userClaim ?? 'id', 'iat', 'exp'].sort());
  });
  await test('the application accepts it as alice\'s', async () => {
    app.api.told(await site.ask('GET', app.api.path, { jwt }), 'alice');
  });
  await test('and gives it a file by a single-use URL', async () => {
    const answer = await site.ask('GET', await fileUrl(site, jwt));
    assert.deepEqual([answer.status, answer.text], [200, FILE]);
  });
  for (const socket of app.sockets ?? []) {
    await test(`and ${socket.title}`, async () => (
      conversation(site, socket, await socketUrl(site, jwt, socket), 'alice')));
  }
}

async function policy(test, site, people) {
  const { app } = site;
  const api = (jwt) => site.ask('GET', app.api.path, { jwt });
  const put = (jwt, value) => site.ask('PUT', '/gate/settings', { jwt, json: { require_mfa: value } });
  const held = { sockets: [] };
  await test('who is no administrator cannot switch the policy', () => (
    refused(site, 403, { error: 'Admin access required' }, () => put(people.alice, true))));
  await test('an administrator switches the policy on', async () => {
    held.file = await fileUrl(site, people.alice);
    for (const socket of app.sockets ?? []) held.sockets.push(await socketUrl(site, people.alice, socket));
    held.sso = await site.singleSignOn(app.sso(site));
    const answer = await put(people.admin, true);
    assert.deepEqual([answer.status, answer.json], [200, { success: true }], answer.text);
  });
  await test('who has no MFA is refused before the application', async () => {
    await refused(site, 403, MFA_REQUIRED, () => api(people.alice));
    const json = { purpose: app.file.purpose };
    await refused(site, 403, MFA_REQUIRED, () => site.ask('POST', '/gate/token', { jwt: people.alice, json }));
  });
  await test('also with a token from before', async () => {
    await refused(site, 403, MFA_REQUIRED, () => site.ask('GET', held.file));
    for (const [i, url] of held.sockets.entries()) await closed(site, 4403, 'MFA required', url, app.sockets[i].protocol);
  });
  await test('also who came by single sign-on', () => refused(site, 403, MFA_REQUIRED, () => api(held.sso)));
  await test('who has MFA is let in', async () => app.api.told(await api(people.admin), 'admin'));
  await app.whileOn?.(test, site, people);
  if (app.setUpMfa) {
    await test('who sets MFA up is let in', async () => {
      await app.setUpMfa(site, people.alice);
      app.api.told(await api(people.alice), 'alice');
      app.api.told(await api(await site.signIn('alice')), 'alice');
    });
  }
  await test('the policy off: everybody is let in', async () => {
    const answer = await put(people.admin, false);
    assert.deepEqual([answer.status, answer.json], [200, { success: true }], answer.text);
    app.api.told(await api(people.alice), 'alice');
    app.api.told(await api(held.sso), 'alice');
  });
}

// A part of a credential is a leak, too.
async function logs(test, site) {
  const traces = [
    ...site.tokens.map((token) => token.slice(0, 20)), ...site.jwts.map((jwt) => jwt.split('.')[2].slice(0, 20)),
  ];
  for (const path of site.logs) {
    await test(`no token and no JWT in ${path.slice(site.dir.length + 1)}`, () => {
      const text = readFileSync(path, 'utf8');
      assert.notEqual(text, '', 'it is empty');
      assert.deepEqual(traces.filter((trace) => text.includes(trace)), []);
      assert.doesNotMatch(text, JWT);
    });
  }
  await test('the log tells how requests were decided', () => {
    const text = readFileSync(`${site.dir}/access.log`, 'utf8');
    for (const decision of ['allow', 'no_credentials', 'bad_credentials', 'mfa_required']) {
      if (decision !== 'no_credentials' || !site.app.strangers) assert.match(text, new RegExp(` ${decision}$`, 'm'));
    }
  });
}
