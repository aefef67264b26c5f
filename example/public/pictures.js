// The gallery: every picture gets its own URL, good for one request.

import { openDownload } from '/auth-gate/index.js';
import { attempt, byId, element, picture, pictureUrl } from './dom.js';
import { i18n, t } from './texts.js';

let shown = [];
let current = 0;

const titleOf = (asset) => asset.name.replace(/\.png$/, '');

export function showPictures(assets) {
  shown = assets;
  byId('pictures').replaceChildren(...assets.map((asset, i) => {
    const title = titleOf(asset);
    const node = element('button', { type: 'button', className: 'picture' },
      picture(asset, 'thumbnail', ''), element('span', { textContent: title }));
    node.addEventListener('click', () => view(i));
    return node;
  }));
}

function view(i) {
  current = (i + shown.length) % shown.length;
  const asset = shown[current];
  const title = titleOf(asset);
  const large = picture(asset, 'original', title);
  large.setAttribute('loading', 'eager');
  byId('viewer-picture').replaceChildren(large);
  byId('viewer-name').textContent = title;
  const taken = new Intl.DateTimeFormat(i18n.language.tag, { dateStyle: 'long' }).format(new Date(asset.taken_at));
  byId('viewer-download').ariaLabel = t('files.download_one', { name: title });
  byId('viewer-details').textContent = `${taken} · ${asset.width} × ${asset.height}`;
  if (!byId('viewer').open) byId('viewer').showModal();
}

byId('viewer-download').addEventListener('click', () => attempt(() => {
  const asset = shown[current];
  return openDownload(pictureUrl(asset, 'original'), { purpose: 'immich', filename: asset.name });
}));
byId('viewer-before').addEventListener('click', () => view(current - 1));
byId('viewer-next').addEventListener('click', () => view(current + 1));
byId('viewer').addEventListener('keydown', ({ key }) => {
  const [before, next] = i18n.language.dir === 'rtl' ? ['ArrowRight', 'ArrowLeft'] : ['ArrowLeft', 'ArrowRight'];
  if (key === before) view(current - 1);
  if (key === next) view(current + 1);
});
byId('viewer').addEventListener('click', (event) => {
  if (event.target === byId('viewer')) byId('viewer').close();
});
