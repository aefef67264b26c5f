// The gallery: each <img> gets an address of its own, good for one request.

import { api } from './session.js';
import { getAuthUrl } from './auth-url.js';
import { attempt, byId, element } from './dom.js';

export async function showPictures() {
  const { assets } = await api('GET', '/api/integrations/immich/assets');
  byId('pictures').replaceChildren(...await Promise.all(assets.map(card)));
}

const urlOf = (asset, size) => getAuthUrl(`/api/integrations/immich/assets/${asset.id}/${size}`, 'immich');

async function card(asset) {
  const title = asset.name.replace(/\.png$/, '');
  const image = element('img', { alt: title, src: await urlOf(asset, 'thumbnail') });
  // An address may have expired before the browser came to it: one more chance.
  image.addEventListener('error', () => attempt(async () => { image.src = await urlOf(asset, 'thumbnail'); }), { once: true });
  const node = element('button', { type: 'button', className: 'picture' }, image, element('span', { textContent: title }));
  node.addEventListener('click', () => attempt(() => view(asset, title)));
  return node;
}

async function view(asset, title) {
  const image = byId('viewer-picture');
  image.src = await urlOf(asset, 'original');
  image.alt = title;
  byId('viewer-name').textContent = `${title}, ${asset.width} × ${asset.height}`;
  byId('viewer').showModal();
}
