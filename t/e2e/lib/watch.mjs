// Records a page's network activity and its errors, as reported by the browser.

import assert from 'node:assert/strict';

const JWT = /eyJ[\w-]*(\.|%2E)[\w-]+/i;

// Watches all pages of the context. Returns {urls, sockets, problems}.
export function watch(context) {
  const seen = { urls: [], sockets: [], problems: [] };
  context.on('request', (request) => seen.urls.push(request.url()));
  context.on('console', (message) => {
    // For an image in its own tab, the browser requests an icon.
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico')) seen.problems.push(`console: ${message.text()} ${message.location().url}`);
  });
  context.on('weberror', (error) => seen.problems.push(`error: ${error.error().stack}`));
  return seen;
}

// The DevTools network log of one page, which includes WebSocket handshakes and refused requests.
export async function watchPage(page, seen) {
  const devtools = await page.context().newCDPSession(page);
  devtools.on('Network.requestWillBeSent', ({ request }) => seen.urls.push(request.url));
  devtools.on('Network.webSocketCreated', ({ url }) => seen.sockets.push(url));
  await devtools.send('Network.enable');
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`CSP: ${violatedDirective} ${blockedURI}`);
    });
  });
}

export const withJwt = (seen) => [...seen.urls, ...seen.sockets].filter((url) => JWT.test(url));

export function assertNoJwt(seen) {
  assert.ok(seen.urls.length > 0, 'nothing was watched');
  assert.deepEqual(withJwt(seen), []);
}
