// The main journey: everything that a page does with the gate, and everything that the gate must refuse.

import { request } from './http.mjs';
import { expect, expectEqual, needed } from './report.mjs';
import { INVALID, MISSING } from './visitor.mjs';

const FILE = '/api/trips/1/files/1/download';
const ASSETS = '/api/integrations/immich/assets';
const PNG_MAGIC = '89504e470d0a1a0a';

export async function mainJourney(report, alice, appUrl) {
  await signIn(report, alice);
  await sockets(report, alice);
  await downloads(report, alice, appUrl);
  await pictures(report, alice);
  await wrongPlaces(report, alice);
  await wrongQuestions(report, alice);
}

async function signIn(report, alice) {
  await report.step('GET /api/health, no session', async () => {
    const { status, json } = await alice.request('GET', '/api/health');
    expectEqual([status, json], [200, { status: 'ok' }], 'the answer');
    return '200 {"status":"ok"}';
  });

  await report.step('GET /api/trips, no session', async () => {
    return refused(await alice.request('GET', '/api/trips'), MISSING);
  });

  await report.step('POST /api/auth/login as alice', async () => {
    const user = await alice.signIn();
    return `200 user ${user.id}, JWT ${alice.jwt}`;
  });

  await report.step('GET /api/auth/me with the JWT', async () => {
    const { status, json } = await alice.signedIn('GET', '/api/auth/me');
    expectEqual([status, json?.user?.username], [200, 'alice'], 'status and name');
    return `200 alice, role ${json.user.role}, mfa_enabled ${json.user.mfa_enabled}`;
  });
}

async function sockets(report, alice) {
  let token;
  await report.step('POST /api/auth/ws-token', async () => {
    token = await alice.token('ws');
    return `200 token ${token}`;
  });
  await report.step('WebSocket /ws?token=<ws token>', () => alice.expectWelcome(needed(token)));
  await report.step('WebSocket /ws?token=<the same token>', () => (
    alice.expectSocketClosed(`?token=${needed(token)}`, 4001, 'Invalid or expired token')));
  await report.step('WebSocket /ws without a token', () => (
    alice.expectSocketClosed('', 4001, 'Authentication required')));
}

async function downloads(report, alice, appUrl) {
  let token;
  let bytes;
  await report.step('GET the file from the application itself, with the JWT', async () => {
    const response = await request(appUrl, 'GET', FILE, { token: needed(alice.jwt) });
    expectEqual(response.status, 200, 'status');
    bytes = response.body;
    return `200 ${bytes.length} bytes`;
  });

  await report.step('POST /api/auth/resource-token {"purpose":"download"}', async () => {
    token = await alice.token('download');
    return `200 token ${token}`;
  });

  await report.step(`GET ${FILE}?token=<download token>`, async () => {
    const { body } = await alice.admittedByUrl(FILE, needed(token));
    expect(bytes?.equals(body), `${body.length} bytes that are not the file's`);
    return `200 the same ${body.length} bytes`;
  });

  await report.step('GET the same URL again', async () => {
    return refused(await alice.byUrl('GET', FILE, needed(token)), INVALID);
  });

  await report.step('GET with a new token and Range: bytes=1000-1999', async () => {
    const fresh = await alice.token('download');
    const { headers, body } = await alice.admittedByUrl(FILE, fresh, { headers: { Range: 'bytes=1000-1999' }, status: 206 });
    expectEqual(headers['content-range'], `bytes 1000-1999/${bytes?.length}`, 'Content-Range');
    expect(bytes?.subarray(1000, 2000).equals(body), 'the bytes are not those of the range');
    return `206 ${headers['content-range']}`;
  });

  await report.step('HEAD with a new token, then GET with the same', async () => {
    const fresh = await alice.token('download');
    const head = await alice.byUrl('HEAD', FILE, fresh);
    expect(head.status < 500, `HEAD is answered ${head.status}`);
    const { body } = await alice.admittedByUrl(FILE, fresh);
    expect(bytes?.equals(body), 'the bytes are not the file\'s');
    return `HEAD ${head.status} spends nothing, GET 200`;
  });
}

async function pictures(report, alice) {
  let asset;
  await report.step(`GET ${ASSETS}, with the JWT`, async () => {
    const { status, json } = await alice.signedIn('GET', ASSETS);
    expectEqual(status, 200, 'status');
    asset = json.assets[0];
    return `200 ${json.assets.length} pictures`;
  });

  for (const size of ['thumbnail', 'original']) {
    await report.step(`GET ${ASSETS}/<id>/${size}?token=<immich token>`, async () => {
      const path = `${ASSETS}/${needed(asset).id}/${size}`;
      const { headers, body } = await alice.admittedByUrl(path, await alice.token('immich'));
      expectEqual(headers['content-type'], 'image/png', 'Content-Type');
      expectEqual(body.subarray(0, 8).toString('hex'), PNG_MAGIC, 'the beginning');
      return `200 image/png, ${body.length} bytes`;
    });
  }
}

async function wrongPlaces(report, alice) {
  await report.step('GET the file with a ws token', async () => {
    return refused(await alice.byUrl('GET', FILE, await alice.token('ws')), INVALID);
  });
  await report.step('WebSocket with a download token', async () => (
    alice.expectSocketClosed(`?token=${await alice.token('download')}`, 4001, 'Invalid or expired token')));
  await report.step('GET the file with ?token=<JWT>', async () => {
    return refused(await alice.byUrl('GET', FILE, needed(alice.jwt)), INVALID);
  });
  await report.step('WebSocket with ?token=<JWT>', () => (
    alice.expectSocketClosed(`?token=${needed(alice.jwt)}`, 4001, 'Invalid or expired token')));
}

async function wrongQuestions(report, alice) {
  for (const purpose of ['anything', 'ws', 1, undefined]) {
    const json = { purpose };
    await report.step(`POST /api/auth/resource-token ${JSON.stringify(json)}`, async () => {
      const response = await alice.signedIn('POST', '/api/auth/resource-token', { json });
      expectEqual([response.status, response.json], [400, { error: 'Invalid purpose' }], 'the answer');
      return `400 ${response.text}`;
    });
  }

  await report.step('GET /api/auth/ws-token', async () => {
    const { status, headers } = await alice.signedIn('GET', '/api/auth/ws-token');
    expectEqual([status, headers.allow], [405, 'POST'], 'status and Allow');
    return '405 Allow: POST';
  });

  await report.step('POST /api/auth/ws-token, no session', async () => {
    return refused(await alice.request('POST', '/api/auth/ws-token'), MISSING);
  });
}

function refused({ status, json, text }, body) {
  expectEqual([status, json], [401, body], 'the answer');
  return `401 ${text}`;
}
