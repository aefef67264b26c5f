// Server-sent events and beacons. The configuration is that of docs/streaming.md.

import assert from 'node:assert/strict';
import { StreamsApp } from '../lib/streams-app.mjs';
import { assertNoJwt } from '../lib/watch.mjs';

export default async function streams(tap, stage) {
  const jwt = await stage.signIn('alice');
  const app = await StreamsApp.start(`${stage.pages}/streams.sock`);
  const test = (name, action, { expected = /^$/ } = {}) => tap.test(name, () => stage.visit({}, async ({ page, context, seen }) => {
    app.requests = [];
    await page.addInitScript((value) => { window.jwt = value; }, jwt);
    await page.goto('/e2e/client.html');
    await page.waitForFunction(() => window.ready);
    await action({ page, context, seen });
    assertNoJwt(seen);
    assert.deepEqual(seen.problems.filter((problem) => !expected.test(problem)), []);
  }));

  // Tells one event for each connection, and ends: then 204.
  const tellThree = (request, response) => {
    const next = Number(request.headers['last-event-id'] ?? 0) + 1;
    if (next > 3) return response.writeHead(204).end();
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    return response.end(`retry: 100\nid: ${next}\nevent: count\ndata: ${next}\n\n`);
  };

  await test('connectEventSource: each connection has a token of its own and goes on behind the last event', async ({ page, seen }) => {
    app.handlers.set('/api/events', tellThree);
    const told = await page.evaluate(() => new Promise((resolve) => {
      const counted = [];
      const source = window.client.connectEventSource('/api/events', { purpose: 'events', onStopped: ({ error }) => resolve([counted, error?.code ?? null]) });
      source.addEventListener('count', ({ data, lastEventId }) => counted.push([data, lastEventId]));
    }));
    assert.deepEqual(told, [[['1', '1'], ['2', '2'], ['3', '3']], null]);
    const urls = [...new Set(seen.urls.filter((url) => url.includes('/api/events')))];
    assert.equal(urls.length, 4);
    for (const url of urls) assert.match(url, /\/api\/events\?token=[0-9a-f]{64}$/);
    assert.deepEqual(app.asked('/api/events').map(({ url, headers }) => [url, headers['last-event-id']]),
      [['/api/events', undefined], ['/api/events', '1'], ['/api/events', '2'], ['/api/events', '3']]);
  });

  await test('connectEventSource: events come as they are sent, and close() ends the connection', async ({ page }) => {
    let closed;
    const ended = new Promise((resolve) => { closed = resolve; });
    app.handlers.set('/api/events', (request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: first\n\n');
      response.on('close', closed);
    });
    const data = await page.evaluate(() => new Promise((resolve) => {
      const source = window.client.connectEventSource('/api/events', {
        purpose: 'events', onMessage: (event) => { source.close(); resolve(event.data); },
      });
    }));
    assert.equal(data, 'first');
    await ended;
  });

  await test('connectEventSource: a connection that breaks is made again', async ({ page }) => {
    app.handlers.set('/api/events', (request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const { 'last-event-id': last } = request.headers;
      response.write(`retry: 100\nid: ${last ? 'second' : 'first'}\ndata: x\n\n`);
      // In the middle of an event.
      if (!last) response.write('data: ha', () => response.destroy());
    });
    const ids = await page.evaluate(() => new Promise((resolve) => {
      const ids = [];
      const source = window.client.connectEventSource('/api/events', {
        purpose: 'events', onMessage: ({ lastEventId }) => { if (ids.push(lastEventId) === 2) { source.close(); resolve(ids); } },
      });
    }));
    assert.deepEqual(ids, ['first', 'second']);
  }, { expected: /ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONTENT_LENGTH/ });

  await test('connectEventSource without a purpose sends the session', async ({ page, seen }) => {
    app.handlers.set('/api/events', tellThree);
    await page.evaluate(() => new Promise((resolve) => {
      window.client.connectEventSource('/api/events', { purpose: null, onStopped: resolve });
    }));
    assert.deepEqual(seen.urls.filter((url) => /-token|token=/.test(url)), []);
    assert.equal(app.asked('/api/events').length, 4);
  });

  await test('the native EventSource cannot reconnect with a token that works once', async ({ page }) => {
    app.handlers.set('/api/events', tellThree);
    const state = await page.evaluate(async () => {
      const source = new EventSource(await window.client.getAuthUrl('/api/events', 'events'));
      return new Promise((resolve) => { source.onerror = () => { if (source.readyState === 2) resolve(source.readyState); }; });
    });
    assert.deepEqual([state, app.asked('/api/events').length], [2, 1]);
  }, { expected: /401/ });

  await test('sendBeacon with a token that was asked for before', async ({ page, context }) => {
    const arrived = new Promise((resolve) => {
      app.handlers.set('/api/beacon', (request, response) => {
        response.writeHead(204).end();
        resolve({ method: request.method, url: request.url, body: request.body, session: /^Bearer eyJ/.test(request.headers.authorization) });
      });
    });
    await page.evaluate(async () => {
      const url = await window.client.getAuthUrl('/api/beacon', 'beacon', { method: 'POST' });
      window.addEventListener('pagehide', () => navigator.sendBeacon(url, 'goodbye'));
    });
    const other = await context.newPage();
    await page.close();
    assert.deepEqual(await arrived, { method: 'POST', url: '/api/beacon', body: 'goodbye', session: true });
    await other.close();
  });

  await test('what needs no token costs none', async ({ page, seen }) => {
    const results = await page.evaluate(async () => {
      const blob = URL.createObjectURL(new Blob(['x']));
      const picture = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
      const got = [];
      for (const url of ['', null, undefined, blob, picture]) got.push(await window.client.getAuthUrl(url, 'download') === (url ?? ''));
      return [...got, await window.client.getAuthUrl('https://other.example/', 'download').catch(({ code }) => code)];
    });
    assert.deepEqual(results, [true, true, true, true, true, 'FOREIGN_ORIGIN']);
    assert.deepEqual(seen.urls.filter((url) => url.includes('-token')), []);
  });

  await app.stop();
}
