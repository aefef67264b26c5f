// The JavaScript in the documents that asks for tokens without the client runs as it is, and all of it at least parses. What uses the
// client runs in a browser: t/e2e/suites/documents.mjs.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { asBody, piecesOf } from '../../t/e2e/lib/documents.mjs';
import { fakeGate, JWT } from './kit.mjs';

const ROOT = new URL('../../', import.meta.url);
const DOCUMENTS = ['.', 'client', 'client/ui', 'docs', 'docs/apps', 'example'].flatMap((folder) => (
  readdirSync(new URL(`${folder}/`, ROOT)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)));
const AsyncFunction = (async () => {}).constructor;
const token = (n) => n.toString(16).padStart(64, '0');

const scripts = (document) => piecesOf(document).filter(({ kind }) => kind === 'js').map(({ code }) => asBody(code));

test('every piece parses', () => {
  let count = 0;
  for (const document of DOCUMENTS) {
    for (const code of scripts(document)) {
      assert.doesNotThrow(() => new AsyncFunction(code), `${document}: ${code}`);
      count++;
    }
  }
  assert.ok(count > 15, String(count));
});

// Runs the piece of `document` with `text` in it, in a page of that application. Returns what it asked for and what it opened.
async function run(document, text, names = {}) {
  const [code, ...others] = scripts(document).filter((each) => each.includes(text));
  assert.ok(code && others.length === 0, `${document}: ${text}`);
  const gate = fakeGate();
  const opened = [];
  const page = {
    fetch: gate.fetch,
    jwt: JWT,
    location: { host: 'app.example' },
    image: {},
    id: 7,
    WebSocket: class { constructor(url) { opened.push(url); } },
    ...names,
  };
  await new AsyncFunction(...Object.keys(page), code)(...Object.values(page));
  const asked = gate.requests.map(({ method, url, headers, body }) => {
    assert.equal(headers.get('Authorization'), `Bearer ${JWT}`);
    return [method, url, body && JSON.parse(body)];
  });
  return { asked, opened, image: page.image.src };
}

test('README.md: a socket', async () => {
  assert.deepEqual(await run('README.md', 'new WebSocket('), {
    asked: [['POST', '/api/auth/ws-token', undefined]], opened: [`wss://app.example/ws?token=${token(1)}`], image: undefined,
  });
});

test('docs/apps/README.md: a picture', async () => {
  assert.deepEqual(await run('docs/apps/README.md', 'urlOf'), {
    asked: [['POST', '/gate/token', { purpose: 'download' }]], opened: [], image: `/files/picture.png?token=${token(1)}`,
  });
});

test('docs/apps/directus.md: a picture and a socket', async () => {
  assert.deepEqual(await run('docs/apps/directus.md', 'new WebSocket('), {
    asked: [['POST', '/gate/token', { purpose: 'download' }], ['POST', '/gate/token', { purpose: 'ws' }]],
    opened: [`wss://app.example/websocket?access_token=${token(2)}`],
    image: `/assets/7?access_token=${token(1)}`,
  });
});

test('docs/apps/sockets.md: Socket.IO asks for a token before it connects, and graphql-ws for each URL', async () => {
  const connected = [];
  const socket = { io: { opts: {} }, on() {}, connect() { connected.push(this.io.opts.query.token); } };
  let options;
  const io = (given) => { options = given; return socket; };
  let client;
  const { asked } = await run('docs/apps/sockets.md', 'createClient', { io, createClient: (given) => { client = given; } });
  await new Promise((resolve) => { setImmediate(resolve); });
  assert.deepEqual([options.transports, options.autoConnect, options.reconnection], [['websocket'], false, false]);
  assert.deepEqual(connected, [token(1)]);
  assert.deepEqual(asked[0], ['POST', '/gate/token', { purpose: 'ws' }]);
  assert.equal(await client.url(), `wss://app.example/graphql?token=${token(2)}`);
});
