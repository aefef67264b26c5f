// What a page did on the network and what it complained of, by the browser's own word.

import assert from 'node:assert/strict';

const JWT = /eyJ[\w-]*(\.|%2E)[\w-]+/i;

// Watches everything in the context: {urls, sockets, problems}.
export function watch(context) {
  const seen = { urls: [], sockets: [], problems: [] };
  context.on('request', (request) => seen.urls.push(request.url()));
  context.on('console', (message) => {
    // For a picture in a tab of its own the browser looks for an icon.
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico')) seen.problems.push(`console: ${message.text()} ${message.location().url}`);
  });
  context.on('weberror', (error) => seen.problems.push(`error: ${error.error().stack}`));
  return seen;
}

// The network log of DevTools for one page: knows WebSocket handshakes, and requests that were refused.
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
