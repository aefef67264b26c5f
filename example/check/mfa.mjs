// Two-factor authentication: an administrator requires it, nobody can bypass it, and at the end everything is restored.

import { codeAt, stepAt } from '../src/totp.js';
import { request } from './http.mjs';
import { expect, expectEqual, needed } from './report.mjs';

const CONFIG = '/api/auth/app-config';
const SETTINGS = '/api/auth/app-settings';
const DISABLE = '/api/auth/mfa/disable';
const FILE = '/api/trips/1/files/1/download';

const SUCCESS = '{"success":true}';
const MFA_REQUIRED =
  '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';
const OWN_MFA_FIRST =
  '{"error":"Enable two-factor authentication on your own account before requiring it for all users."}';
const KEEP_MFA = '{"error":"Two-factor authentication cannot be disabled while it is required for all users."}';
const ADMINS_ONLY = '{"error":"Admin access required"}';

const PATHS_TO_TRIPS = [
  '/api/trips', '/API/trips', '/api/trips/', '//api//trips', '/api/%74rips', '/%61pi/trips', '/x/../api/trips',
  '/x/%2e%2e/api/trips', '/api%2Ftrips', '/api/./trips?a=b', '/api/trips/1',
];
const PATHS_TO_DISABLE = [
  DISABLE, '/API/auth/mfa/disable', '/api/auth/mfa/disable/', '//api/auth//mfa/disable', '/api/auth/mfa/%64isable',
  '/x/../api/auth/mfa/disable', '/api/auth/mfa%2Fdisable',
];
const NAVIGATION = { 'Sec-Fetch-Mode': 'navigate', Accept: 'text/html' };
const BACKGROUND = { 'Sec-Fetch-Mode': 'cors', Accept: 'text/html, application/json' };

const SOCKETS_CLOSE_WITHIN_MS = 10_000;

// alice is signed in and has no second factor. `reload` reloads nginx.
export async function mfaJourney(report, { alice, admin, appUrl, reload }) {
  // The state before, the credentials that alice got before, and how often she was refused.
  const scene = { report, alice, admin, appUrl, reload, before: {}, held: {}, refused: 0 };
  await whileOff(scene);
  await notByEverybody(scene);
  await switchOn(scene);
  await blocked(scene);
  await afterReload(scene);
  await setUp(scene);
  await recover(scene);
  await leaveAsFound(scene);
  await counters(scene);
}

async function whileOff({ report, alice, admin, appUrl, before }) {
  await report.step(`GET ${CONFIG}, no session`, async () => {
    const ofApp = await request(appUrl, 'GET', CONFIG);
    const response = await alice.request('GET', CONFIG);
    expectEqual(response.json, { ...ofApp.json, require_mfa: false }, 'the answer');
    before.appName = ofApp.json.app_name;
    return `200 ${response.text}`;
  });
  await report.step('the same, gzip wanted, with the application\'s own ETag', async () => {
    const { headers: { etag } } = await request(appUrl, 'GET', CONFIG);
    const headers = { 'If-None-Match': needed(etag), 'Accept-Encoding': 'gzip' };
    const response = await alice.request('GET', CONFIG, { headers });
    expectEqual([response.status, response.json?.require_mfa], [200, false], 'status and require_mfa');
    expectEqual(response.headers.etag, undefined, 'ETag');
    return '200, plain, no ETag';
  });
  await report.step('POST /api/auth/login as admin', async () => {
    const user = await admin.signIn();
    return `200 user ${user.id}, role ${user.role}, mfa_enabled ${user.mfa_enabled}`;
  });
  await report.step(`GET ${SETTINGS} as admin`, async () => {
    const ofApp = await request(appUrl, 'GET', SETTINGS, { token: admin.jwt });
    const response = await admin.signedIn('GET', SETTINGS);
    expectEqual(response.json, { ...ofApp.json, require_mfa: 'false' }, 'the answer');
    before.settings = response.text;
    return `200 ${response.text}`;
  });
  await report.step('GET /_auth_gate/status', async () => {
    before.counters = (await alice.request('GET', '/_auth_gate/status')).json;
    expectEqual(before.counters?.require_mfa, false, 'require_mfa');
    return `200 ${JSON.stringify(before.counters)}`;
  });
}

async function notByEverybody({ report, alice, admin, before }) {
  for (const method of ['GET', 'PUT']) {
    const options = method === 'PUT' ? { json: { require_mfa: true } } : {};
    await report.step(`${method} ${SETTINGS} as alice`, async () => (
      said(await alice.signedIn(method, SETTINGS, options), 403, ADMINS_ONLY)));
  }
  await report.step('PUT {"require_mfa":true} as admin without MFA', async () => (
    said(await admin.signedIn('PUT', SETTINGS, { json: { require_mfa: true } }), 400, OWN_MFA_FIRST)));
  await secondFactor(report, admin, 'admin');

  for (const value of [1, null, 'TRUE', 'yes']) {
    const json = { require_mfa: value, app_name: 'Changed' };
    await report.step(`PUT ${JSON.stringify(json)}`, async () => {
      const { status, text } = await admin.signedIn('PUT', SETTINGS, { json });
      expectEqual(status, 400, 'status');
      await expectSettings(admin, needed(before.settings));
      return `400 ${text}, nothing changed`;
    });
  }
  await report.step('PUT {"require_mfa":true,"app_name":""}, which the application refuses', async () => {
    const json = { require_mfa: true, app_name: '' };
    const { status, text } = await admin.signedIn('PUT', SETTINGS, { json });
    expectEqual(status, 400, 'status');
    await expectSettings(admin, needed(before.settings));
    return `400 ${text}, nothing changed`;
  });
}

async function switchOn({ report, alice, admin, appUrl, held }) {
  await report.step('alice opens a WebSocket, gets a ws token and a download token', async () => {
    held.socket = alice.socket(`?token=${await alice.token('ws')}`);
    const { type } = await held.socket.message();
    held.ws = await alice.token('ws');
    held.download = await alice.token('download');
    return type;
  });
  await report.step('PUT {"require_mfa":true,"app_name":"Wayfarer, safely"}', async () => {
    const json = { require_mfa: true, app_name: 'Wayfarer, safely' };
    const came = said(await admin.signedIn('PUT', SETTINGS, { json }), 200, SUCCESS);
    const { json: ofApp } = await request(appUrl, 'GET', SETTINGS, { token: admin.jwt });
    expectEqual([ofApp.app_name, 'require_mfa' in ofApp], [json.app_name, false], 'what the application has');
    return `${came}, the application got app_name only`;
  });
  await expectPolicy(report, alice, true);
}

async function blocked(scene) {
  const { report, alice, held } = scene;
  await report.step('alice\'s WebSocket from before', async () => {
    const closed = await needed(held.socket).closed(SOCKETS_CLOSE_WITHIN_MS);
    expectEqual(closed, { code: 4403, reason: 'MFA required' }, 'the close frame');
    return 'closed with 4403 "MFA required"';
  });
  const refused = async (what, ask) => {
    if (await report.step(what, async () => mfaRequired(await ask()))) scene.refused++;
  };
  for (const path of [...PATHS_TO_TRIPS, `${alice.gateUrl}/api/trips`]) {
    await refused(`GET ${path}`, () => alice.signedIn('GET', path));
  }
  await refused('POST /api/auth/ws-token', () => alice.signedIn('POST', '/api/auth/ws-token'));
  await refused('POST /api/auth/resource-token', () => (
    alice.signedIn('POST', '/api/auth/resource-token', { json: { purpose: 'download' } })));
  await refused('GET the file with the download token from before', () => (
    alice.byUrl('GET', FILE, needed(held.download))));
  await refused('GET /api/trips, not a navigation', () => alice.signedIn('GET', '/api/trips', { headers: BACKGROUND }));

  const counted = async (what, action) => {
    if (await report.step(what, action)) scene.refused++;
  };
  await counted('WebSocket with the ws token from before', () => (
    alice.expectSocketClosed(`?token=${needed(held.ws)}`, 4403, 'MFA required')));
  await counted('GET /api/trips, a page navigation', async () => {
    const { status, headers } = await alice.signedIn('GET', '/api/trips', { headers: NAVIGATION });
    expectEqual([status, headers.location], [302, '/settings?mfa=required'], 'status and Location');
    return `302 ${headers.location}`;
  });

  await report.step('GET /settings?mfa=required', async () => {
    const { status } = await alice.request('GET', '/settings?mfa=required', { headers: NAVIGATION });
    expectEqual(status, 200, 'status');
    return '200, no loop';
  });
  await report.step('GET /api/auth/me', async () => {
    const { status, json } = await alice.signedIn('GET', '/api/auth/me');
    expectEqual([status, json?.user?.mfa_enabled], [200, false], 'status and mfa_enabled');
    return '200 alice, mfa_enabled false';
  });
}

async function afterReload(scene) {
  const { report, alice, admin, reload } = scene;
  await reload(report);
  await expectPolicy(report, alice, true);
  const still = await report.step('GET /api/trips as alice', async () => (
    mfaRequired(await alice.signedIn('GET', '/api/trips'))));
  if (still) scene.refused++;
  await report.step('GET /api/trips as admin, who has MFA', () => expectTrips(admin));
}

async function setUp({ report, alice }) {
  await secondFactor(report, alice, 'alice');
  await report.step('GET /api/trips at once', () => expectTrips(alice));
  for (const path of [...PATHS_TO_TRIPS.slice(1), `${alice.gateUrl}/api/trips`]) {
    await report.step(`GET ${path}`, async () => {
      const { status } = await alice.signedIn('GET', path);
      expectEqual(status, 200, 'status');
      return '200';
    });
  }
  await report.step('WebSocket with a new ws token', async () => alice.expectWelcome(await alice.token('ws')));
  await report.step('GET the file with a new download token', async () => {
    const { body } = await alice.admittedByUrl(FILE, await alice.token('download'));
    return `200 ${body.length} bytes`;
  });
  for (const path of PATHS_TO_DISABLE) {
    await report.step(`POST ${path}`, async () => said(await disable(alice, path), 403, KEEP_MFA));
  }
}

// An administrator who has lost the second factor can still reach the switch.
async function recover(scene) {
  const { report, alice, admin, appUrl } = scene;
  await report.step('admin loses the second factor, at the application itself, and signs out and in', async () => {
    await disable({ signedIn: (method, path, options) => (
      request(appUrl, method, path, { token: needed(admin.jwt), ...options })), person: admin.person }, DISABLE);
    expectEqual((await admin.signedIn('POST', '/api/auth/logout')).status, 200, 'status of logout');
    const user = await admin.signIn();
    expectEqual(user.mfa_enabled, false, 'mfa_enabled');
    return '200, mfa_enabled false';
  });
  const refused = await report.step('GET /api/trips as admin', async () => (
    mfaRequired(await admin.signedIn('GET', '/api/trips'))));
  if (refused) scene.refused++;

  await report.step(`GET ${SETTINGS} as admin`, async () => {
    const { status, json } = await admin.signedIn('GET', SETTINGS);
    expectEqual([status, json?.require_mfa], [200, 'true'], 'status and require_mfa');
    return '200 require_mfa "true"';
  });
  await report.step('PUT {"require_mfa":"false"} as admin', async () => (
    said(await admin.signedIn('PUT', SETTINGS, { json: { require_mfa: 'false' } }), 200, SUCCESS)));
  await expectPolicy(report, alice, false);
  await report.step('GET /api/trips as admin', () => expectTrips(admin));
}

async function leaveAsFound({ report, alice, admin, before }) {
  await report.step(`POST ${DISABLE} as alice`, async () => said(await disable(alice, DISABLE), 200, null));
  await report.step('GET /api/trips as alice without MFA', () => expectTrips(alice));
  await report.step(`PUT {"app_name":"${before.appName}"}`, async () => {
    const came = said(await admin.signedIn('PUT', SETTINGS, { json: { app_name: before.appName } }), 200, SUCCESS);
    await expectSettings(admin, needed(before.settings));
    return `${came}, all as it was`;
  });
}

async function counters({ report, alice, before, refused }) {
  await report.step('GET /_auth_gate/status', async () => {
    const { json: now } = await alice.request('GET', '/_auth_gate/status');
    const since = (name) => now[name] - needed(before.counters)[name];
    expectEqual(now.require_mfa, false, 'require_mfa');
    expectEqual(since('mfa_refused'), refused, 'the number of requests refused for want of MFA');
    expectEqual(since('sockets_closed'), 1, 'the number of sockets closed');
    expectEqual(since('mfa_dry_run'), 0, 'the number of requests that a dry run let through');
    expect(since('requests_refused') >= refused, 'not all of them were refused');
    return `${refused} requests refused for want of MFA, 1 socket closed`;
  });
}

async function secondFactor(report, visitor, name) {
  await report.step(`POST /api/auth/mfa/setup, /api/auth/mfa/enable as ${name}`, async () => {
    const setup = await visitor.signedIn('POST', '/api/auth/mfa/setup');
    expectEqual(setup.status, 200, 'status of setup');
    const code = codeAt(setup.json.secret, stepAt(Date.now() / 1000));
    const enable = await visitor.signedIn('POST', '/api/auth/mfa/enable', { json: { code } });
    expectEqual([enable.status, enable.json?.mfa_enabled], [200, true], 'status and mfa_enabled of enable');
    return '200, 200 mfa_enabled true';
  });
}

const disable = (visitor, path) => (
  visitor.signedIn('POST', path, { json: { password: visitor.person.password } }));

async function expectPolicy(report, visitor, on) {
  await report.step(`GET ${CONFIG}`, async () => {
    const { status, json } = await visitor.request('GET', CONFIG);
    expectEqual([status, json?.require_mfa], [200, on], 'status and require_mfa');
    return `200 require_mfa ${on}`;
  });
}

async function expectSettings(admin, text) {
  expectEqual((await admin.signedIn('GET', SETTINGS)).text, text, 'the settings');
}

async function expectTrips(visitor) {
  const { status, json } = await visitor.signedIn('GET', '/api/trips');
  expectEqual([status, json?.trips?.length > 0], [200, true], 'status, and whether there are trips');
  return `200 ${json.trips.length} trips`;
}

function mfaRequired(response) {
  expectEqual(response.headers['cache-control'], 'no-store', `${response.status} ${response.text}: Cache-Control`);
  return said(response, 403, MFA_REQUIRED);
}

// `expectedText` null accepts any text.
function said({ status, text, headers }, expectedStatus, expectedText) {
  expectEqual([status, expectedText === null ? null : text], [expectedStatus, expectedText], 'the answer');
  expect(/^application\/json\b/.test(headers['content-type']), 'the answer is not application/json');
  return `${status} ${text}`;
}
