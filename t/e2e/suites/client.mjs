// The client's helpers in a page.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { assertNoJwt } from '../lib/watch.mjs';

const FILE = '/api/trips/1/files/1/download';
const THUMBNAIL = '**/assets/*/thumbnail*';

export default async function client(tap, stage) {
  const jwt = await stage.signIn('alice');
  const { assets } = await stage.json('GET', '/api/integrations/immich/assets', undefined, jwt);
  const src = `/api/integrations/immich/assets/${assets[0].id}/thumbnail`;

  // Runs a test in a page with the client and a session. At its end, no error may have been logged.
  const test = (name, action, { session = jwt, expected = /^$/ } = {}) => tap.test(name, () => stage.visit({}, async ({ page, seen }) => {
    await page.addInitScript((value) => { window.jwt = value; }, session);
    await page.goto('/e2e/client.html');
    await page.waitForFunction(() => window.ready);
    await action({ page, seen });
    assertNoJwt(seen);
    assert.deepEqual(seen.problems.filter((problem) => !expected.test(problem)), []);
  }));
  const addPicture = (page, attributes) => page.evaluate((given) => window.addPicture(given), attributes);

  await test('getAuthUrl: an address for one request', async ({ page }) => {
    const statuses = await page.evaluate(async (path) => {
      const url = await window.client.getAuthUrl(`${path}?size=1#top`, 'immich');
      return [await fetch(url), await fetch(url)].map((response) => response.status);
    }, src);
    assert.deepEqual(statuses, [200, 401]);
  }, { expected: /status of 401/ });

  await test('<authed-img> shows a picture', async ({ page }) => {
    assert.deepEqual(await addPicture(page, { src, alt: 'Lake' }), { type: 'load', width: 240 });
    assert.ok(await page.getByRole('img', { name: 'Lake' }).isVisible());
  });

  await test('<authed-img> waits until it is near the viewport', async ({ page, seen }) => {
    const far = addPicture(page, { src, class: 'far' });
    assert.equal((await addPicture(page, { src, class: 'near', loading: 'eager' })).type, 'load');
    assert.equal(new Set(seen.urls.filter((url) => url.includes('thumbnail'))).size, 1);
    await page.locator('.far').scrollIntoViewIfNeeded();
    assert.equal((await far).type, 'load');
  });

  await test('<authed-img>: at most six load at a time', async ({ page }) => {
    let loading = 0;
    let most = 0;
    const held = [];
    await page.route(THUMBNAIL, (route) => {
      most = Math.max(most, ++loading);
      held.push(async () => { loading--; await route.continue(); });
      // The first ones wait for each other, so that any others would have had time to load.
      if (held.length >= 6) held.splice(0).forEach((go) => go());
    });
    const ended = [];
    for (let i = 0; i < 12; i++) ended.push(addPicture(page, { src }));
    assert.deepEqual((await Promise.all(ended)).map(({ type }) => type), Array(12).fill('load'));
    assert.equal(most, 6);
  });

  await test('<authed-img> tries once more with a new token', async ({ page }) => {
    const urls = [];
    await page.route(THUMBNAIL, (route, request) => {
      urls.push(request.url());
      return urls.length === 1 ? route.fulfill({ status: 200, contentType: 'image/png', body: 'none' }) : route.continue();
    });
    assert.equal((await addPicture(page, { src })).type, 'load');
    assert.equal(new Set(urls).size, 2);
  });

  await test('<authed-img> then gives up and reports why', async ({ page }) => {
    let count = 0;
    await page.route(THUMBNAIL, (route) => {
      count++;
      return route.fulfill({ status: 200, contentType: 'image/png', body: 'none' });
    });
    const { type, code } = await addPicture(page, { src });
    assert.deepEqual({ type, code, count }, { type: 'error', code: 'LOAD_FAILED', count: 2 });
  });

  await test('<authed-img> without a session requests nothing', async ({ page, seen }) => {
    const { type, code } = await addPicture(page, { src });
    assert.deepEqual({ type, code }, { type: 'error', code: 'AUTH_REQUIRED' });
    assert.deepEqual(seen.urls.filter((url) => url.includes('/api/')), []);
  }, { session: null });

  await test('<authed-img mode="blob"> uses the header and revokes the blob', async ({ page, seen }) => {
    await page.evaluate(() => {
      window.revoked = [];
      const revoke = URL.revokeObjectURL;
      URL.revokeObjectURL = (url) => { window.revoked.push(url); revoke.call(URL, url); };
    });
    assert.deepEqual(await addPicture(page, { src, mode: 'blob' }), { type: 'load', width: 240 });
    assert.deepEqual(seen.urls.filter((url) => url.includes('token=')), []);
    assert.equal(await page.evaluate(() => window.revoked[0] === document.querySelector('authed-img').image.src), true);
  });

  await test('<authed-img> reacts to changes of its attributes', async ({ page }) => {
    await addPicture(page, { src, alt: 'One' });
    const width = await page.evaluate((original) => new Promise((resolve) => {
      const picture = document.querySelector('authed-img');
      picture.addEventListener('load', () => resolve(picture.image.naturalWidth));
      picture.setAttribute('src', original);
      picture.setAttribute('alt', 'Two');
    }), src.replace('thumbnail', 'original'));
    assert.equal(width, 960);
    assert.ok(await page.getByRole('img', { name: 'Two' }).isVisible());
  });

  await test('React: AuthedImg and ImmichImg', async ({ page }) => {
    const widths = await page.evaluate(([id, path]) => new Promise((resolve) => {
      const { AuthedImg, ImmichImg } = window.reactImages;
      const found = {};
      const loaded = (name) => (event) => {
        found[name] = [event.target.image.naturalWidth, event.target.className];
        if (Object.keys(found).length === 2) resolve(found);
      };
      window.ReactDOM.createRoot(document.getElementById('main')).render([
        window.React.createElement(AuthedImg, { key: 1, src: path, alt: 'A', className: 'a', onLoad: loaded('one') }),
        window.React.createElement(ImmichImg, { key: 2, assetId: id, size: 'original', alt: 'B', onLoad: loaded('two') }),
      ]);
    }), [assets[0].id, src]);
    assert.deepEqual(widths, { one: [240, 'a'], two: [960, ''] });
  });

  await test('openDownload saves the file', async ({ page }) => {
    await page.evaluate((file) => {
      document.getElementById('button').onclick = () => window.client.openDownload(file);
    }, FILE);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#button')]);
    assert.equal(download.suggestedFilename(), 'itinerary.txt');
    assert.match(await readFile(await download.path(), 'utf8'), /^Slovenia in May/);
  });

  await test('openDownload in a new tab', async ({ page }) => {
    await page.evaluate((picture) => {
      document.getElementById('button').onclick = () => window.client.openDownload(picture, { purpose: 'immich', newTab: true });
    }, src);
    const [tab] = await Promise.all([page.waitForEvent('popup'), page.click('#button')]);
    await tab.waitForURL(/thumbnail\?token=/);
    assert.equal(await tab.evaluate(() => window.opener), null);
  });

  await test('openDownload without a session opens nothing', async ({ page }) => {
    const code = await page.evaluate((file) => window.client.openDownload(file).catch((error) => error.code), FILE);
    assert.equal(code, 'AUTH_REQUIRED');
  }, { session: null });

  await test('authedFetch: a redirect to another site does not send the session', async ({ page }) => {
    const asked = [];
    const other = createServer(({ method, headers }, response) => {
      asked.push([method, headers.authorization]);
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'authorization' }).end('{}');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const { port } = other.address();
      await page.evaluate((to) => window.client.authedFetch(`/e2e-away?to=${to}`).catch(() => {}), `http://127.0.0.1:${port}/`);
      assert.deepEqual(asked, [['GET', undefined]]);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  await test('connectWebSocket: messages, and a new token for each connection', async ({ page, seen }) => {
    const states = await page.evaluate(async () => {
      const states = [];
      const socket = window.client.connectWebSocket('/ws', { firstDelay: 10 });
      const event = (type) => new Promise((resolve) => { socket.addEventListener(type, resolve, { once: true }); });
      states.push(JSON.parse((await event('message')).data).type, socket.state);
      // The example application closes a socket that sends binary data.
      const [lost, again] = [event('close'), event('message')];
      socket.send(new Uint8Array(1));
      states.push((await lost).code, JSON.parse((await again).data).type);
      socket.close();
      return states;
    });
    assert.deepEqual(states, ['welcome', 'open', 1003, 'welcome']);
    assert.equal(seen.sockets.length, 2);
    assert.equal(new Set(seen.sockets).size, 2);
    for (const url of seen.sockets) assert.match(url, /^ws:[^?]*\/ws\?token=[0-9a-f]{64}$/);
  });

  await test('connectWebSocket: a gate that cannot decide now is asked again', async ({ page, seen }) => {
    const found = await page.evaluate(() => new Promise((resolve) => {
      const codes = [];
      const socket = window.client.connectWebSocket('/e2e-undecided', {
        firstDelay: 10,
        onClose: ({ code, reason }) => codes.push(code, reason),
        onRetry: ({ error }) => {
          if (codes.push(error.code) < 6) return;
          socket.close();
          resolve(codes);
        },
      });
    }));
    const once = [1013, 'Try again later', 'UNAVAILABLE'];
    assert.deepEqual([found, seen.sockets.length], [[...once, ...once], 2]);
  });

  await test('connectWebSocket: an expired session leads to the login', async ({ page }) => {
    await page.evaluate(() => window.client.connectWebSocket('/ws'));
    await page.waitForURL('**/login');
  }, { session: `${jwt.slice(0, -3)}abc`, expected: /status of 401/ });
}
