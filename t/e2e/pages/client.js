// Exposes the client and some pictures to the tests.

import * as client from '/static-client/index.js';
import { createAuthedImg } from '/static-client/react.js';

// As in docs/streaming.md.
const stream = '/api/auth/stream-token';
const endpoints = { ws: '/api/auth/ws-token', events: stream, media: stream, beacon: stream };
client.configure({
  getJwt: () => window.jwt ?? null,
  purposeEndpoint: (purpose) => endpoints[purpose] ?? '/api/auth/resource-token',
});

window.client = client;
window.reactImages = createAuthedImg(window.React);

// Adds an <authed-img> and resolves to the outcome.
window.addPicture = (attributes) => {
  const picture = document.createElement('authed-img');
  for (const [name, value] of Object.entries(attributes)) picture.setAttribute(name, value);
  const ended = new Promise((resolve) => {
    picture.addEventListener('load', () => resolve({ type: 'load', width: picture.image.naturalWidth }));
    picture.addEventListener('error', ({ error }) => resolve({ type: 'error', code: error.code, message: error.message }));
  });
  document.getElementById('main').append(picture);
  return ended;
};
window.ready = true;
