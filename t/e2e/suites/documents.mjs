// The pieces of JavaScript in the documents about the client run as they are, before a gate whose tokens are all for one path. The
// configuration is that of docs/streaming.md.

import assert from 'node:assert/strict';
import { asBody, piecesOf } from '../lib/documents.mjs';
import { StreamsApp } from '../lib/streams-app.mjs';
import { assertNoJwt } from '../lib/watch.mjs';

const PLACES = {
  '/auth-gate/index.js': '/static-client/index.js',
  'socket.io-client': '/libraries/socket.io-client/dist/socket.io.esm.min.js',
};

const CLIENT = ['authedFetch', 'configure', 'connectEventSource', 'connectSocketIo', 'getAuthUrl', 'getSocketUrl', 'getToken', 'shouldRetry'];
const THUMBNAIL = /\/assets\/17\/thumbnail\?token=[0-9a-f]{64}$/;

// For each piece, by a text in it (the first one counts): what runs before and after it, and what the latter returns; what the application gets;
// which URLs are asked for. `told` is what the piece has shown, and `ended` resolves when there are `count` of that.
const PIECES = {
  'docs/streaming.md': {
    'const endpoints =': {
      before: 'configure({ purposeEndpoint: () => "/nowhere" });',
      after: 'return Promise.all(["events", "media", "beacon"].map((purpose) => getToken(purpose, { path: "/x" }).then((token) => token.length)));',
      expected: () => [64, 64, 64],
    },
    'connectEventSource(': {
      count: 2,
      after: 'await ended; source.close(); return told;',
      expected: () => ['show hello', 'update 7'],
    },
    'video.addEventListener(': {
      before: 'const video = { currentTime: 12, addEventListener(type, action) { this[type] = action; } };',
      after: 'await video.error(); return [await piece(video.src), video.currentTime];',
      expected: () => [206, 12],
    },
    'video.src = ': {
      before: 'const video = document.createElement("video");',
      after: 'return [await piece(video.src), await piece(video.src)];',
      expected: () => [206, 206],
    },
    'keepalive: true': {
      before: 'const body = "kept alive";',
      arrives: 'kept alive',
    },
    'sendBeacon(': {
      before: 'const data = "goodbye";',
      after: 'dispatchEvent(new Event("pagehide")); return null;',
      arrives: 'goodbye',
    },
    'connectSocketIo(': {
      after: 'const { user } = await new Promise((resolve) => socket.once("welcome", resolve)); socket.disconnect(); return user;',
      expected: ({ user }) => user,
    },
    'createClient(': {
      before: 'const { createClient } = await import("/libraries/graphql-ws/dist/client.js");',
      after: `return new Promise((resolve, reject) => {
        client.subscribe({ query: 'subscription { user }' }, { next: ({ data }) => resolve(data.user), error: reject, complete() {} });
      });`,
      expected: ({ user }) => user,
    },
    'HubConnectionBuilder(': {
      script: '/libraries/@microsoft/signalr/dist/browser/signalr.min.js',
      after: 'await hub.start(); const user = await hub.invoke("Who"); await hub.stop(); return user;',
      expected: ({ user }) => user,
    },
  },
  'README.md': {
    // Without the client, and so without a path: client/test/documents.test.mjs runs it.
    "'/api/auth/ws-token', {": null,
    'connectWebSocket,': {
      count: 1,
      before: 'const image = new Image(); sessionStorage.setItem("session", jwt);',
      after: 'await ended; return told[0].includes("welcome");',
      expected: () => true,
      asked: [THUMBNAIL],
    },
  },
  'client/README.md': {
    'authedFetch,': {
      count: 1,
      before: 'const image = new Image(), id = 17; sessionStorage.setItem("session", jwt);',
      after: 'await ended; live.close(); return [trips.length > 0, told[0].includes("welcome")];',
      expected: () => [true, true],
      asked: [THUMBNAIL],
      downloads: true,
    },
    '<authed-img': { expected: () => null, asked: [THUMBNAIL] },
  },
};

export default async function documents(tap, stage) {
  const jwt = await stage.signIn('alice');
  const { user } = await stage.json('GET', '/api/auth/me', undefined, jwt);
  const app = await StreamsApp.start(`${stage.pages}/streams.sock`);
  app.media.set('/media/film.webm', { type: 'video/webm', body: Buffer.from('a film') });
  app.handlers.set('/api/events', (request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: hello\n\nevent: price\ndata: 7\n\n');
  });

  await tap.test('a token without a path is refused at this gate', async () => {
    const { error } = await stage.json('POST', '/api/auth/ws-token', {}, jwt);
    assert.equal(error, 'Path required');
  });

  for (const [document, cases] of Object.entries(PIECES)) {
    const left = new Set(Object.keys(cases));
    for (const { kind, code } of piecesOf(document)) {
      const name = Object.keys(cases).find((text) => code.includes(text));
      left.delete(name);
      if (cases[name] === null) continue;
      await tap.test(`${document}: ${name ?? code.split('\n', 1)}`, () => run({ stage, app, jwt, user }, kind, code, cases[name]));
    }
    await tap.test(`${document} has all the pieces that are known here`, () => assert.deepEqual([...left], []));
  }
  await app.stop();
}

async function run({ stage, app, jwt, user }, kind, code, known) {
  assert.ok(known, 'nobody knows what this piece should do');
  await stage.visit({}, async ({ page, context, seen }) => {
    const arrived = new Promise((resolve) => {
      app.handlers.set('/api/beacon', ({ method, body }, response) => { response.writeHead(204).end(); resolve({ method, body }); });
    });
    await page.addInitScript((value) => { window.jwt = value; }, jwt);
    await page.goto('/e2e/client.html');
    await page.waitForFunction(() => window.ready);
    if (known.script) await page.addScriptTag({ url: known.script });
    const answers = (known.asked ?? []).map((path) => context.waitForEvent('response', (response) => path.test(response.url())));
    const download = known.downloads && page.waitForEvent('download');
    const found = await inTime(page.evaluate(kind === 'html' ? asPage(code) : asScript(code, known)));
    if (known.expected) assert.deepEqual(found, known.expected({ user: user.id }));
    if (known.arrives) assert.deepEqual(await inTime(arrived), { method: 'POST', body: known.arrives });
    // There is no such picture, but the gate has let the request through.
    for (const answer of await Promise.all(answers)) assert.equal(answer.status(), 404);
    if (download) assert.equal(await (await download).failure(), null);
    assertNoJwt(seen);
    assert.deepEqual(seen.problems.filter((problem) => !/status of 404/.test(problem)), []);
  });
}

// A piece that is refused may try again for ever.
async function inTime(promise) {
  let timer;
  const late = new Promise((resolve, reject) => { timer = setTimeout(() => reject(new Error('the piece does not end')), 15_000); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const asPage = (code) => `document.getElementById('main').innerHTML = ${JSON.stringify(code)}; null`;

// What the documents take for granted: the names of the client, and functions that show something. A block may declare them again.
const asScript = (code, { before = '', after = 'return null;', count = 0 }) => `(async () => {
  const { ${CLIENT.join(', ')} } = window.client;
  const told = [];
  let end;
  const ended = new Promise((resolve) => { end = resolve; });
  const tell = (what) => (data) => { if (told.push(what + ' ' + (typeof data === 'string' ? data : JSON.stringify(data))) === ${count}) end(); };
  const [show, update] = [tell('show'), tell('update')];
  const piece = async (url) => (await fetch(url, { headers: { Range: 'bytes=0-1' } })).status;
  ${before}
  {
    ${asBody(code, PLACES)}
    ${after}
  }
})()`;
