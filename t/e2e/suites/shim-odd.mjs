// Old pages that use unusual APIs, and the shim's behaviour without a token.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { oldPageTests, refused, visitWith } from '../lib/old-page.mjs';
import { StreamsApp } from '../lib/streams-app.mjs';
import { assertNoJwt } from '../lib/watch.mjs';

const WITH_TOKEN = /[?&]token=[0-9a-f]{64}$/;

export default async function odd(tap, stage) {
  const jwt = await stage.signIn('alice');
  const test = oldPageTests(tap, stage, jwt);

  // Each runs in the page with a URL and a container; its request must succeed.
  for (const [name, way] of Object.entries(WAYS)) {
    await test(`odd ways: ${name}`, async ({ page, context }) => {
      const [answer] = await Promise.all([
        context.waitForEvent('response', (response) => WITH_TOKEN.test(response.url()) && response.url().includes('/original')),
        page.evaluate(`(${way})(window.thumbnails[0].replace('thumbnail', 'original'), document.getElementById('main'))`),
      ]);
      assert.equal(answer.status(), 200);
    }, { expected: /execute script/ });
  }

  await requests(test);
  await forms(test);
  await elsewhere(test);
  await gadgets(test);
  await otherParameter(tap, stage, jwt);
  await withoutToken(tap, stage, `${jwt.slice(0, -3)}abc`);
}

const WAYS = {
  'a URL object': (url) => { new Image().src = new URL(url, location); },
  'without a scheme': (url) => { new Image().src = `//${location.host}${url}`; },
  'relative': (url) => { new Image().src = `..${url}`; },
  'another name, and "Bearer"': (url) => { new Image().src = url.replace('token=', 'authorization=Bearer%20'); },
  'percent signs': (url) => { new Image().src = url.replaceAll('.', '%2E'); },
  'character references': (url, place) => { place.innerHTML = `<img src="${url.replace('eyJ', '&#101;yJ')}">`; },
  'a preload': (url) => { document.head.append(Object.assign(document.createElement('link'), { rel: 'preload', as: 'image', href: url })); },
  'a script': (url) => { document.head.append(Object.assign(document.createElement('script'), { src: url })); },
  'an attribute\'s own value': (url, place) => {
    place.innerHTML = '<img src="data:,">';
    place.firstChild.getAttributeNode('src').value = url;
  },
  'SVG': (url, place) => { place.innerHTML = `<svg><image width="9" height="9" href="${url}"/></svg>`; },
  'SVG with xlink': (url, place) => { place.innerHTML = `<svg><image width="9" height="9" xlink:href="${url}"/></svg>`; },
  'setAttributeNS': (url, place) => {
    place.innerHTML = '<svg><image width="9" height="9"/></svg>';
    place.querySelector('image').setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', url);
  },
  'document.write': (url) => {
    document.write(`<p id="live"></p><img src="${url}">`);
    document.close();
  },
  'document.write in pieces': (url) => {
    document.write('<p id="live"></p><img src="');
    document.write(`${url}">`);
    document.close();
  },
  'another document\'s element': (url, place) => {
    const other = document.implementation.createHTMLDocument('');
    other.body.innerHTML = `<img src="${url}">`;
    place.append(document.adoptNode(other.images[0]));
  },
  'Document.parseHTMLUnsafe': (url, place) => { place.append(Document.parseHTMLUnsafe(`<img src="${url}">`).images[0]); },
  'a frame\'s element': (url, place) => {
    const frame = document.createElement('iframe');
    place.append(frame);
    const image = frame.contentDocument.createElement('img');
    place.append(document.adoptNode(image));
    image.src = url;
  },
  'a frame that is sent elsewhere': async (url, place) => {
    const frame = Object.assign(document.createElement('iframe'), { src: '/old/empty.html' });
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    place.append(frame);
    await loaded;
    frame.contentWindow.location = url;
  },
  'TrustedHTML': (url, place) => {
    const policy = trustedTypes.createPolicy('odd', { createHTML: (html) => html });
    place.innerHTML = policy.createHTML(`<img src="${url}">`);
  },
  'a poster': (url, place) => { place.innerHTML = `<video poster="${url}"></video>`; },
  'a style with a custom property': (url, place) => {
    place.style.cssText = `height: 9px; background: var(--picture); --picture: url("${url}")`;
  },
  'a style in HTML': (url, place) => { place.innerHTML = `<div style="height: 9px; background-image: url('${url}')"></div>`; },
  'a link in parts': (url, place) => {
    const { pathname, search } = new URL(url, location);
    const link = Object.assign(document.createElement('a'), { href: pathname, target: '_blank' });
    place.append(link);
    link.search = search;
    link.click();
  },
  'window.open in this window': (url) => { window.open(url, '_self'); },
  'location.replace': (url) => { location.replace(url); },
  '<meta http-equiv="refresh">': (url) => {
    document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: `0;url=${url}` }));
  },
  'a page with <base>': (url) => {
    document.head.prepend(Object.assign(document.createElement('base'), { href: 'https://other.example/' }));
    new Image().src = location.origin + url;
  },
  'a page with something named "baseURI"': (url, place) => {
    place.innerHTML = '<img name="baseURI">';
    new Image().src = url;
  },
};

async function requests(test) {
  await test('odd ways: requests to URL objects', async ({ page }) => {
    const [fetched, asked, opened] = await page.evaluate(async () => {
      const url = new URL(window.file, location);
      const request = new XMLHttpRequest();
      request.open('GET', url);
      const loaded = new Promise((resolve) => { request.onload = () => resolve(request.status); });
      request.send();
      const socket = new WebSocket(new URL(`/ws?jwt=${sessionStorage.getItem('session')}`, location.href.replace('http', 'ws')));
      const opened = new Promise((resolve) => { socket.onopen = () => resolve(true); });
      return [(await fetch(url)).status, await loaded, await opened];
    });
    assert.deepEqual([fetched, asked, opened], [200, 200, true]);
  });

  await test('odd ways: a Request with a body', async ({ page }) => {
    const [status, answer] = await page.evaluate(async () => {
      const response = await fetch(new Request(`/api/trips?token=${sessionStorage.getItem('session')}`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"title":""}',
      }));
      return [response.status, await response.json()];
    });
    assert.deepEqual([status, answer.error], [400, 'title is required']);
  }, { expected: /status of 400/ });
}

// A form cannot send a header.
async function forms(test) {
  const POSTED = { 'a button': (form) => form.querySelector('button').click(), 'submit()': (form) => form.submit() };
  for (const [name, go] of Object.entries(POSTED)) {
    await test(`forms: posted by ${name}`, async ({ page }) => {
      const [request] = await Promise.all([
        page.waitForRequest((each) => each.method() === 'POST' && WITH_TOKEN.test(each.url())),
        page.evaluate(`(() => {
          const place = document.getElementById('main');
          place.innerHTML = \`<form method="post" action="\${window.file}"><input name="a" value="b &amp; c"><button name="d" value="e">x</button></form>\`;
          (${go})(place.firstChild);
        })()`),
      ]);
      assert.equal(request.postData(), name === 'submit()' ? 'a=b+%26+c' : 'a=b+%26+c&d=e');
    }, { expected: refused });
  }

  const KEPT = {
    'whose event is stopped': (place) => { place.addEventListener('submit', (event) => event.stopPropagation()); return place; },
    'in a shadow root': (place) => place.attachShadow({ mode: 'closed' }),
  };
  for (const [name, make] of Object.entries(KEPT)) {
    await test(`forms: one ${name}`, async ({ page }) => {
      const [request] = await Promise.all([
        page.waitForRequest((each) => each.method() === 'POST' && WITH_TOKEN.test(each.url())),
        page.evaluate(`(() => {
          const root = (${make})(document.getElementById('main'));
          root.innerHTML = \`<form method="post" action="\${window.file}"><input name="a" value="b"><button name="d" value="e">x</button></form>\`;
          root.querySelector('button').click();
        })()`),
      ]);
      assert.equal(request.postData(), 'a=b&d=e');
    }, { expected: refused });
  }

  await test('forms: a button with its own URL, a file', async ({ page }) => {
    const [answer] = await Promise.all([
      page.waitForResponse(/\/api\/e2e\/upload\?token=[0-9a-f]{64}$/),
      page.evaluate(() => {
        const place = document.getElementById('main');
        const address = `/api/e2e/upload?token=${sessionStorage.getItem('session')}`;
        place.innerHTML = `<form action="/elsewhere" method="post" enctype="multipart/form-data"><input type="file" name="file"><button formaction="${address}">x</button></form>`;
        const files = new DataTransfer();
        files.items.add(new File(['socks'], 'packing.txt', { type: 'text/plain' }));
        place.querySelector('input').files = files.files;
        place.querySelector('button').click();
      }),
    ]);
    assert.equal(answer.status(), 201);
    const { name, size } = (await answer.json()).file;
    assert.deepEqual([name, size], ['packing.txt', 5]);
  });

  for (const target of ['', '_blank']) {
    await test(`forms: the JWT in a field${target && ', in a new window'}`, async ({ page, context }) => {
      const [answer] = await Promise.all([
        context.waitForEvent('response', (response) => /page=1/.test(response.url())),
        page.evaluate((where) => {
          const place = document.getElementById('main');
          const [path] = window.thumbnails[0].split('?');
          place.innerHTML = `<form target="${where}" action="${path}"><input name="page" value="1"><input type="hidden" name="token" value="${sessionStorage.getItem('session')}"></form>`;
          place.firstChild.requestSubmit();
        }, target),
      ]);
      assert.match(answer.url(), /thumbnail\?page=1&token=/);
      assert.equal(answer.status(), 200);
    });
  }

  await test('forms: a handler of the page may prevent submission, and other forms are left to the browser', async ({ page, seen }) => {
    await page.evaluate(() => {
      const place = document.getElementById('main');
      place.innerHTML = `<form method="post" action="${window.file}"></form><form action="/old/empty.html"><input name="a" value="eyJ"></form>`;
      place.firstChild.addEventListener('submit', (event) => event.preventDefault());
      place.firstChild.requestSubmit();
      place.lastChild.requestSubmit();
    });
    await page.waitForURL('**/old/empty.html?a=eyJ');
    assert.deepEqual(seen.urls.filter((url) => url.includes('/download')), []);
  });
}

// Another site named by the page, or by its <base>, gets nothing.
async function elsewhere(test) {
  await test('another site gets no request for a token and no token', async ({ page, seen }) => {
    await page.route('https://other.example/**', (route) => route.fulfill({ status: 200, body: '' }));
    await page.evaluate(async () => {
      document.head.prepend(Object.assign(document.createElement('base'), { href: 'https://other.example/' }));
      const image = new Image();
      const ended = new Promise((resolve) => { image.onload = resolve; image.onerror = resolve; });
      image.src = location.origin + window.thumbnails[0];
      await ended;
    });
    assert.deepEqual(seen.urls.filter((url) => url.includes('other.example')), []);
  });
}

// Applications such as Directus read their session from another parameter, and the gate its tokens.
async function otherParameter(tap, stage, jwt) {
  await tap.test('data-parameter: tokens go where the location reads them', () => visitWith(stage, jwt, async ({ page, seen }) => {
    await writeFile(`${stage.pages}/parameter.html`, `<!doctype html><title>Other</title><link rel="icon" href="/favicon.svg">
<script src="/auth-gate-shim.js" data-parameter="access_token"></script>`);
    const app = await StreamsApp.start(`${stage.pages}/streams.sock`);
    await page.goto('/rendered/parameter.html');
    await page.evaluate(() => new Promise((resolve, reject) => {
      const socket = new WebSocket(`/hubs/chat?id=1&access_token=${sessionStorage.getItem('session')}`);
      socket.onopen = resolve;
      socket.onclose = ({ code }) => reject(new Error(String(code)));
    }));
    assert.match(seen.sockets.join(), /^ws:[^,]*\/hubs\/chat\?id=1&access_token=[0-9a-f]{64}$/);
    assert.deepEqual(app.requests.map(({ url }) => url), ['/hubs/chat?id=1']);
    await app.stop();
    assertNoJwt(seen);
    assert.deepEqual(seen.problems, []);
  }));
}

// The shim's attributes data-auth-gate-… may also come from HTML of a stranger that the page inserts after removing scripts.
async function gadgets(test) {
  await test('HTML of a stranger gains nothing from the shim', async ({ page, seen }) => {
    const found = await page.evaluate(async () => {
      const place = document.getElementById('main');
      place.innerHTML = `<a data-auth-gate-href="javascript:window.hit=1">a</a><a data-auth-gate-href="javascript:window.hit='eyJ'">b</a>
        <img data-auth-gate-src="https://other.example/eyJ.png"><iframe data-auth-gate-src="https://other.example/"></iframe>`;
      document.body.append(place.cloneNode(true));
      for (const link of document.querySelectorAll('a')) if (link.id !== 'download') link.click();
      await new Promise((resolve) => { setTimeout(resolve); });
      return [window.hit, document.querySelectorAll('main [href], main [src]').length];
    });
    assert.deepEqual(found, [undefined, 0]);
    assert.deepEqual(seen.urls.filter((url) => url.includes('other.example')), []);
  });

  await test('HTML with text that resembles a JWT is left alone', async ({ page }) => {
    const html = '<a href="javascript:void \'eyJ\'">a</a><img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=#eyJ"><p data="eyJ" title=\' src="eyJ"\'>p</p>';
    const [read, width] = await page.evaluate(async (given) => {
      const place = document.getElementById('main');
      place.innerHTML = given;
      await place.querySelector('img').decode().catch(() => {});
      return [place.innerHTML, place.querySelector('a').protocol];
    }, html);
    assert.deepEqual([read, width], [html.replace(/title='([^']*)'/, (all, text) => `title="${text.replaceAll('"', '&quot;')}"`), 'javascript:']);
  }, { expected: /data:/ });

  await test('attributes renamed by nginx work with and without a JWT', async ({ page }) => {
    const width = await page.evaluate(async () => {
      const place = document.getElementById('main');
      place.innerHTML = '<img data-auth-gate-src="/favicon.svg">';
      await place.firstChild.decode();
      return place.firstChild.naturalWidth;
    });
    assert.ok(width > 0);
  });
}

// If the gate issues no token, following a link shows the gate's refusal, at the URL without the JWT.
async function withoutToken(tap, stage, ended) {
  const follows = {
    'a link': (url) => { Object.assign(document.createElement('a'), { href: url }).click(); },
    'a link to a new window': (url) => { Object.assign(document.createElement('a'), { href: url, target: '_blank' }).click(); },
    'window.open': (url) => { window.open(url); },
    'location': (url) => { location.href = url; },
    'a form': (url) => {
      document.body.innerHTML = `<form method="post" action="${url}"></form>`;
      document.body.firstChild.submit();
    },
  };
  for (const [name, follow] of Object.entries(follows)) {
    await tap.test(`no token: ${name}`, () => visitWith(stage, ended, async ({ page, context, seen }) => {
      await page.goto('/old/empty.html');
      const [answer] = await Promise.all([
        context.waitForEvent('response', (response) => response.url().includes('/download')),
        page.evaluate(`(${follow})('/api/trips/1/files/1/download?token=' + sessionStorage.getItem('session'))`),
      ]);
      assert.equal(new URL(answer.url()).search, '');
      assert.ok([302, 303, 401].includes(answer.status()), String(answer.status()));
      assertNoJwt(seen);
      assert.deepEqual(seen.problems.filter((problem) => !refused.test(problem)), []);
    }));
  }
}
