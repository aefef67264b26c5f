// Old pages with the shim: their JWTs stay in the browser.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from '../../../example/check/http.mjs';
import { oldPageTests, refused, visitWith } from '../lib/old-page.mjs';
import { assertNoJwt, withJwt } from '../lib/watch.mjs';

export default async function shim(tap, stage) {
  const jwt = await stage.signIn('alice');
  const { assets } = await stage.json('GET', '/api/integrations/immich/assets', undefined, jwt);
  const test = oldPageTests(tap, stage, jwt);

  await test('the unchanged page: pictures, live messages, a download', async ({ page, seen }) => {
    await page.waitForFunction(() => [...document.images].length === 4 && [...document.images].every((image) => image.naturalWidth));
    await page.getByText('welcome').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    assert.match(await readFile(await download.path(), 'utf8'), /^Slovenia in May/);
    assert.match(seen.sockets[0], /\/ws\?token=[0-9a-f]{64}$/);
    assert.ok(seen.urls.some((url) => /thumbnail\?size=3&token=[0-9a-f]{64}$/.test(url)));
    await stage.picture(page, 'old-page');
  });

  await pictures(test);
  await links(test);
  await requests(test);
  await sockets(test);

  await tap.test('an expired session: the socket gets the close code, pictures fail, no JWT is sent', () => (
    visitWith(stage, `${jwt.slice(0, -3)}abc`, async ({ page, seen }) => {
      await page.goto('/old/empty.html');
      const ended = await page.evaluate(() => {
        const socket = new WebSocket(`/ws?token=${sessionStorage.getItem('session')}`);
        const broken = new Image();
        broken.src = `/api/integrations/immich/assets/1/thumbnail?token=${sessionStorage.getItem('session')}`;
        return Promise.all([
          new Promise((resolve) => { socket.onclose = ({ code, reason }) => resolve([code, reason, socket.readyState]); }),
          new Promise((resolve) => { broken.onerror = () => resolve('error'); }),
        ]);
      });
      assert.deepEqual(ended, [[4001, 'Invalid or expired token', 3], 'error']);
      assertNoJwt(seen);
      assert.deepEqual(seen.problems.filter((problem) => !refused.test(problem)), []);
    })));

  await rendered(tap, stage, jwt, assets);
  await added(tap, stage);
}

async function pictures(test) {
  // Each runs in the page with a URL and a container, and returns the picture.
  const ways = {
    'the property src': (url, place) => { const image = new Image(); image.src = url; place.append(image); return image; },
    'setAttribute': (url, place) => {
      const image = document.createElement('img');
      image.setAttribute('src', url);
      place.append(image);
      return image;
    },
    'a picture that is in no document': (url) => Object.assign(new Image(), { src: url }),
    'srcset': (url) => Object.assign(new Image(), { srcset: `${url}&a=1 1x,${url}&a=2 2x` }),
    'insertAdjacentHTML': (url, place) => {
      place.insertAdjacentHTML('beforeend', `<b>text</b><img alt=x src=${url}>`);
      return place.querySelector('img');
    },
    'outerHTML': (url, place) => {
      place.innerHTML = '<i></i>';
      place.firstChild.outerHTML = `<p><img src='${url.replace('?', '?a=1&amp;')}'></p>`;
      return place.querySelector('img');
    },
    'createContextualFragment': (url, place) => {
      place.append(document.createRange().createContextualFragment(`<img src="${url}">`));
      return place.querySelector('img');
    },
    'DOMParser': (url, place) => {
      const parsed = new DOMParser().parseFromString(`<img src="${url}">`, 'text/html');
      place.append(document.importNode(parsed.querySelector('img'), true));
      return place.querySelector('img');
    },
    'a template': (url, place) => {
      const template = document.createElement('template');
      template.innerHTML = `<img src="${url}">`;
      place.append(template.content.cloneNode(true));
      return place.querySelector('img');
    },
    'a shadow root': (url, place) => {
      const root = place.attachShadow({ mode: 'closed' });
      root.innerHTML = `<img src="${url}">`;
      return root.querySelector('img');
    },
    'a template cloned into a shadow root': (url, place) => {
      const template = document.createElement('template');
      template.innerHTML = `<img src="${url}">`;
      const root = place.attachShadow({ mode: 'open' });
      root.append(template.content.cloneNode(true));
      return root.querySelector('img');
    },
    '<picture>': (url, place) => {
      place.innerHTML = `<picture><source srcset="${url}"><img alt=""></picture>`;
      return place.querySelector('img');
    },
    'lazy loading': (url, place) => { place.innerHTML = `<img loading="lazy" width="9" height="9" src="${url}">`; return place.querySelector('img'); },
    'a picture that is changed before it came': (url, place) => {
      const image = new Image();
      image.src = url.replace('thumbnail', 'original');
      image.src = url;
      place.append(image);
      return image;
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    await test(`pictures: ${name}`, async ({ page }) => {
      assert.equal(await page.evaluate(`window.pictureBy(${way})`), 240);
    });
  }

  await test('pictures: the page reads back what it wrote', async ({ page }) => {
    const [given, absolute, attribute, complete, cleared] = await page.evaluate(async () => {
      const image = new Image();
      const [url] = window.thumbnails;
      image.src = url;
      const read = [url, image.src, image.getAttribute('src'), image.complete];
      await image.decode();
      if (image.src !== read[1] || image.naturalWidth !== 240) read.length = 0;
      image.removeAttribute('src');
      return [...read, image.src + image.hasAttribute('src')];
    });
    assert.deepEqual([absolute.slice(-given.length), attribute, complete, cleared], [given, given, false, 'false']);
  });

  await test('pictures: a copy gets its own token', async ({ page }) => {
    const width = await page.evaluate(async () => {
      const first = document.querySelector('#gallery img');
      await first.decode();
      const copy = document.querySelector('#gallery figure').cloneNode(true);
      document.getElementById('main').append(copy);
      await new Promise((resolve) => { copy.querySelector('img').addEventListener('load', resolve); });
      return copy.querySelector('img').naturalWidth;
    });
    assert.equal(width, 240);
  }, { expected: refused });

  await test('pictures: the shim retries with a new token, unnoticed by the page', async ({ page }) => {
    const urls = [];
    await page.route('**/original*', (route, request) => {
      urls.push(request.url());
      return urls.length === 1 ? route.fulfill({ status: 200, contentType: 'image/png', body: 'none' }) : route.continue();
    });
    const [width, errors] = await page.evaluate(() => new Promise((resolve) => {
      const image = new Image();
      let errors = 0;
      image.onerror = () => errors++;
      image.onload = () => resolve([image.naturalWidth, errors]);
      image.src = window.thumbnails[0].replace('thumbnail', 'original');
    }));
    assert.deepEqual([width, errors, new Set(urls).size], [960, 0, 2]);
  });

  await test('pictures: an element\'s background', async ({ page }) => {
    const [answer] = await Promise.all([
      page.waitForResponse(/original\?token=[0-9a-f]{64}$/),
      page.evaluate(() => {
        const place = document.getElementById('main');
        Object.assign(place.style, { height: '90px', backgroundImage: `url(${window.thumbnails[0].replace('thumbnail', 'original')})` });
      }),
    ]);
    assert.equal(answer.status(), 200);
  });

  await test('frames and objects', async ({ page }) => {
    const loaded = await page.evaluate(() => Promise.all(['iframe', 'object'].map((name) => new Promise((resolve) => {
      const frame = document.createElement(name);
      frame.addEventListener('load', () => resolve(name));
      if (name === 'object') frame.data = window.thumbnails[0];
      else frame.src = window.thumbnails[1];
      document.getElementById('main').append(frame);
    }))));
    assert.deepEqual(loaded, ['iframe', 'object']);
  });

  await test('new Audio()', async ({ page }) => {
    const url = await page.evaluate(() => {
      const audio = new Audio(window.file);
      return new Promise((resolve) => { audio.onerror = () => resolve([audio instanceof HTMLAudioElement, audio.preload, audio.currentSrc]); });
    });
    assert.deepEqual(url.slice(0, 2), [true, 'auto']);
    assert.match(url[2], /download\?token=[0-9a-f]{64}$/);
  });

  await test('text that only resembles HTML with a JWT is left alone', async ({ page }) => {
    const text = await page.evaluate(() => {
      const place = document.getElementById('main');
      place.innerHTML = `<pre>&lt;img src="${window.thumbnails[0]}"></pre><textarea data="eyJ">eyJ</textarea>`;
      return [place.querySelector('pre').textContent === `<img src="${window.thumbnails[0]}">`, place.querySelector('[data=eyJ]').value];
    });
    assert.deepEqual(text, [true, 'eyJ']);
  });
}

async function links(test) {
  const saved = async (page, action) => {
    const [download] = await Promise.all([page.waitForEvent('download'), action()]);
    assert.match(await readFile(await download.path(), 'utf8'), /^Slovenia in May/);
  };

  await test('links: a scripted click on a detached link', async ({ page }) => {
    await saved(page, () => page.evaluate(() => {
      const link = document.createElement('a');
      link.href = window.file;
      link.download = '';
      link.click();
    }));
    await saved(page, () => page.evaluate(() => {
      Object.assign(document.createElement('a'), { href: window.file }).dispatchEvent(new MouseEvent('click', { cancelable: true }));
    }));
  });

  await test('links: in HTML, with a target', async ({ page }) => {
    await page.evaluate(() => {
      document.getElementById('main').innerHTML = `<a id="tab" target="_blank" href="${window.thumbnails[0]}">see</a>`;
    });
    const [tab] = await Promise.all([page.waitForEvent('popup'), page.click('#tab')]);
    await tab.waitForURL(/thumbnail\?token=[0-9a-f]{64}$/);
  });

  for (const [how, options] of Object.entries({ 'the middle button': { button: 'middle' }, 'Ctrl': { modifiers: ['Control'] } })) {
    await test(`links: with ${how}`, async ({ page, context }) => {
      await page.evaluate(() => {
        document.getElementById('main').innerHTML = `<a id="tab" href="${window.thumbnails[0]}">see</a>`;
      });
      const [tab] = await Promise.all([context.waitForEvent('page'), page.click('#tab', options)]);
      await tab.waitForURL(/thumbnail\?token=[0-9a-f]{64}$/);
    });
  }

  await test('links: a handler of the page may prevent navigation, whenever it was added', async ({ page, seen }) => {
    await page.evaluate(() => {
      document.addEventListener('click', (event) => {
        window.before = event.defaultPrevented;
        event.preventDefault();
        window.after = event.defaultPrevented;
      });
    });
    await page.click('#download');
    assert.deepEqual(await page.evaluate(() => new Promise((resolve) => { setTimeout(() => resolve([window.before, window.after])); })), [false, true]);
    assert.deepEqual(seen.urls.filter((url) => url.includes('/download')), []);
  });

  await test('links: hovering shows no JWT', async ({ page }) => {
    const shown = await page.evaluate(() => document.getElementById('download').outerHTML.match(/ href="([^"]*)"/)[1]);
    assert.equal(shown, new URL('/api/trips/1/files/1/download', page.url()).href);
  });

  for (const [name, features] of [['window.open', ''], ['window.open without an opener', 'noopener']]) {
    await test(name, async ({ page, context }) => {
      await page.evaluate((given) => {
        const place = document.getElementById('main');
        place.textContent = 'open';
        place.onclick = () => { window.opened = window.open(window.thumbnails[0], '_blank', given); };
      }, features);
      const [tab] = await Promise.all([context.waitForEvent('page'), page.click('#main')]);
      await tab.waitForURL(/thumbnail\?token=[0-9a-f]{64}$/);
      assert.equal(await page.evaluate(() => window.opened !== null), features === '');
    });
  }

  await test('location', async ({ page }) => {
    await saved(page, () => page.evaluate(() => { location.href = window.file; }));
  });
}

async function requests(test) {
  const start = 'Slovenia in May';
  const ways = {
    'fetch': async () => (await fetch(window.file)).text(),
    'fetch of a Request': async () => (await fetch(new Request(window.file, { headers: { 'X-A': 'b' } }))).text(),
    'fetch without CORS': async () => (await fetch(window.file, { mode: 'no-cors' })).text(),
    'XMLHttpRequest': () => new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open('GET', window.file);
      request.onload = () => resolve(request.responseText);
      request.send();
    }),
    'XMLHttpRequest that blocks': async () => {
      const request = new XMLHttpRequest();
      request.open('GET', window.file, false);
      request.send();
      return request.responseText;
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    await test(`requests: ${name}`, async ({ page }) => {
      assert.equal((await page.evaluate(`(${way})()`)).slice(0, start.length), start);
    });
  }

  await test('requests: sendBeacon', async ({ page }) => {
    const [answer] = await Promise.all([
      page.waitForResponse('**/api/trips'),
      page.evaluate(() => navigator.sendBeacon(`/api/trips?token=${sessionStorage.getItem('session')}`, 'text')),
    ]);
    assert.deepEqual([answer.status(), answer.request().method()], [400, 'POST']);
  }, { expected: /status of 400/ });

  await test('requests: EventSource, which reconnects', async ({ page }) => {
    const told = await page.evaluate(() => new Promise((resolve) => {
      const told = [];
      const source = new EventSource(`/api/e2e/events?token=${sessionStorage.getItem('session')}`);
      told.push(source instanceof EventSource, source.readyState, source.CLOSED);
      source.onmessage = ({ data, lastEventId }) => told.push(data, lastEventId);
      source.addEventListener('news', ({ data }) => told.push(data, source.readyState));
      source.onerror = () => {
        told.push(source.readyState);
        if (told.length < 10) return;
        source.close();
        resolve(told);
      };
    }));
    const once = ['first\nsecond', '7', 'third', 1, 0];
    assert.deepEqual(told, [true, 0, 2, ...once, ...once]);
  });

  await test('URLs that are not for the gate are left alone', async ({ page }) => {
    const urls = await page.evaluate(async () => {
      const session = sessionStorage.getItem('session');
      const image = Object.assign(new Image(), { src: 'data:,?token=eyJ' });
      const other = `https://other.example/api/a?token=${session}`;
      const link = Object.assign(document.createElement('a'), { href: other });
      const page = Object.assign(document.createElement('a'), { href: `/login?token=${session}` });
      const purpose = `e30.${btoa('{"id":2,"purpose":"mail"}').replaceAll('=', '')}.x`.replace('e30', session.split('.')[0]);
      const mail = Object.assign(document.createElement('a'), { href: `/api/auth/verify?token=${purpose}` });
      return [image.outerHTML, link.outerHTML === `<a href="${other}"></a>`, page.outerHTML.includes('auth-gate'), mail.outerHTML.includes('auth-gate')];
    });
    assert.deepEqual(urls, ['<img src="data:,?token=eyJ">', true, false, false]);
  }, { expected: /data:/ });
}

async function sockets(test) {
  await test('WebSocket: its type, and its properties while connecting', async ({ page }) => {
    const found = await page.evaluate(() => {
      const url = `ws://${location.host}/ws?room=1&token=${sessionStorage.getItem('session')}`;
      const socket = new WebSocket(url);
      const facts = [
        socket instanceof WebSocket, socket.constructor === WebSocket, Object.prototype.toString.call(socket), WebSocket.name,
        WebSocket.OPEN, socket.CLOSED, WebSocket.length, socket.readyState, socket.url === url, socket.binaryType, socket.bufferedAmount,
        socket.protocol, socket.extensions, socket.onopen,
      ];
      const failing = (action) => { try { action(); return null; } catch (error) { return error.name; } };
      facts.push(failing(() => socket.send('early')), failing(() => socket.close(7)));
      facts.push(failing(() => new WebSocket(url, ['a', 'a'])), failing(() => new WebSocket('http://[')));
      socket.close();
      facts.push(socket.readyState);
      return new Promise((resolve) => { socket.onclose = ({ code, wasClean }) => resolve([...facts, code, wasClean, socket.readyState]); });
    });
    assert.deepEqual(found, [
      true, true, '[object WebSocket]', 'WebSocket', 1, 3, 1, 0, true, 'blob', 0, '', '', null,
      'InvalidStateError', 'InvalidAccessError', 'SyntaxError', 'SyntaxError', 2, 1006, false, 3,
    ]);
  });

  await test('WebSocket: messages, bytes, closing', async ({ page }) => {
    const found = await page.evaluate(async () => {
      const socket = new WebSocket(`ws://${location.host}/ws?token=${sessionStorage.getItem('session')}`);
      socket.binaryType = 'arraybuffer';
      const event = (type) => new Promise((resolve) => { socket.addEventListener(type, resolve, { once: true }); });
      const opened = await event('open');
      const facts = [opened.target === socket, socket.readyState, socket.binaryType];
      facts.push(JSON.parse((await event('message')).data).type);
      socket.send('"hello"');
      const { data, origin } = await event('message');
      facts.push(data, origin === `ws://${location.host}`);
      socket.close(3001, 'bye');
      facts.push(socket.readyState);
      const { code, reason, wasClean } = await event('close');
      return [...facts, code, reason, wasClean, socket.readyState];
    });
    assert.deepEqual(found, [true, 1, 'arraybuffer', 'welcome', '{"type":"echo","message":"hello"}', true, 2, 3001, 'bye', true, 3]);
  });

  await test('WebSocket: subclasses', async ({ page }) => {
    const found = await page.evaluate(() => new Promise((resolve) => {
      class Mine extends WebSocket {
        send(data) { super.send(JSON.stringify(data)); }

        get mine() { return 'mine'; }
      }
      const socket = new Mine(`/ws?token=${sessionStorage.getItem('session')}`);
      const messages = [];
      socket.onopen = () => socket.send({ a: 1 });
      socket.onmessage = ({ data }) => {
        if (messages.push(JSON.parse(data).type) === 2) resolve([socket instanceof Mine, socket instanceof WebSocket, socket.mine, ...messages]);
      };
    }));
    assert.deepEqual(found, [true, true, 'mine', 'welcome', 'echo']);
  });

  await test('WebSocket: one without a JWT is the browser\'s', async ({ page }) => {
    const found = await page.evaluate(() => new Promise((resolve) => {
      const socket = new WebSocket(`ws://${location.host}/ws`);
      socket.onclose = ({ code, reason }) => resolve([socket instanceof WebSocket, socket.constructor === WebSocket, code, reason]);
    }));
    assert.deepEqual(found, [true, true, 4001, 'Authentication required']);
  });
}

// HTML rendered by a server, with JWTs in it: the browser requests pictures before any script runs.
async function rendered(tap, stage, jwt, assets) {
  const src = `/api/integrations/immich/assets/${assets[0].id}/thumbnail?token=${jwt}`;
  await writeFile(`${stage.pages}/page.html`, `<!doctype html><html><head><link rel="icon" href="/favicon.svg"><title>Rendered</title></head>
<body><img src="${src}" alt="A"><a id="link" href="/api/trips/1/files/1/download?token=${jwt}">file</a></body></html>`);
  const shown = (page) => page.waitForFunction(() => document.images[0]?.naturalWidth === 240);

  await tap.test('HTML of the server, renamed by nginx: no JWT leaves', () => stage.visit({}, async ({ page, seen }) => {
    await page.goto('/renamed/page.html');
    await shown(page);
    await Promise.all([page.waitForEvent('download'), page.click('#link')]);
    assertNoJwt(seen);
    assert.deepEqual(seen.problems, []);
  }));

  await tap.test('HTML of the server, with the shim alone: refused, covered in the log, and mended', () => stage.visit({}, async ({ page, seen }) => {
    await page.goto('/rendered/page.html');
    await shown(page);
    await Promise.all([page.waitForEvent('download'), page.click('#link')]);
    assert.deepEqual([...new Set(withJwt(seen).map((url) => new URL(url).pathname))], [src.split('?')[0]]);
  }));
}

// The site's additions to a page, also if the browser has cached the page and if it accepts compression.
async function added(tap, stage) {
  await tap.test('the lines for nginx: the shim is the first script, whatever the browser had before', async () => {
    const get = (path, headers) => request(stage.url, 'GET', path, { headers });
    const { etag, 'last-modified': modified } = (await get('/login')).headers;
    const headers = { 'If-None-Match': etag, 'If-Modified-Since': modified, 'Accept-Encoding': 'gzip' };
    assert.equal((await get('/login', headers)).status, 304);
    const page = await get('/behind/login', headers);
    assert.equal(page.status, 200);
    assert.match(page.text, /<head><script src="\/auth-gate-shim\.js"><\/script>/);
    assert.deepEqual([page.headers['last-modified'], page.headers.etag], [undefined, undefined]);
  });

  await tap.test('the lines for a service worker: browsers see another one, and take the page anew', async () => {
    const manifest = 'precacheAndRoute([{url:"assets/a.js",revision:null},{url:"index.html",revision:"5d1c"}])';
    await writeFile(`${stage.pages}/sw.js`, `self.addEventListener("install",()=>self.skipWaiting());${manifest}`);
    const worker = await request(stage.url, 'GET', '/worker/sw.js', { headers: { 'Accept-Encoding': 'gzip' } });
    assert.match(worker.text, /\{url:"index\.html",revision:"shim-1-5d1c"\}/);
    assert.match(worker.text, /\{url:"assets\/a\.js",revision:null\}/);
    assert.deepEqual([worker.headers['content-type'], worker.headers.etag], ['application/javascript', undefined]);
    // With the settings pages' lines in the same location.
    const both = await request(stage.url, 'GET', '/worker/both.js', { headers: { 'Accept-Encoding': 'gzip' } });
    assert.equal(both.text, await readFile(new URL('../../../client/ui/worker.js', import.meta.url), 'utf8') + worker.text);
  });
}
