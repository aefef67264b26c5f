// Trips and their files: a list, downloads, uploads.

import { getAuthUrl } from '/auth-gate/index.js';
import { api } from './session.js';
import { attempt, button, byId, element, icon, onSubmit, phrase, picture, written } from './dom.js';
import { i18n, t } from './texts.js';

let covers = [];
let usedUrl;

// `assets` are the pictures for the covers.
export async function showTrips(assets = covers) {
  covers = assets;
  const { trips } = await api('GET', '/api/trips');
  byId('trips').replaceChildren(...await Promise.all(trips.map(tripCard)));
}

async function tripCard(trip, i) {
  const path = `/api/trips/${trip.id}/files`;
  const { files } = await api('GET', path);
  return element('article', { className: 'card trip' },
    element('div', { className: 'cover' },
      ...(covers.length > 0 ? [picture(covers[(i + 1) % covers.length], 'original', '')] : []),
      element('div', { className: 'text' },
        element('h2', {}, written(trip.title)),
        element('p', {}, written(trip.description)))),
    element('div', { className: 'files' },
      ...files.map(fileRow),
      uploadButton(path)));
}

function fileRow(file) {
  return element('div', { className: 'file' },
    icon('file'),
    element('div', { className: 'text' },
      element('span', { className: 'name' }, written(file.name)),
      element('span', { className: 'hint' }, written(`${Math.ceil(file.size / 1024)} KB · ${file.uploaded_by}`))),
    button({ key: 'files.download', iconName: 'download', label: t('files.download_one', { name: file.name }) }, () => download(file)));
}

// Works like openDownload(), but keeps the URL, to show that it cannot be used again.
async function download(file) {
  const url = new URL(await getAuthUrl(file.url, 'download'), location.href).href;
  element('a', { href: url, download: file.name }).click();
  usedUrl = url;
  byId('used-address').textContent = url;
  byId('used-answer').textContent = '';
  byId('used').hidden = false;
}

byId('used-again').addEventListener('click', async () => {
  const response = await fetch(usedUrl, { cache: 'no-store' });
  const answer = response.ok ? t('used.file') : i18n.translated('server.', (await response.json().catch(() => ({}))).error);
  byId('used-answer').textContent = `${response.status}: ${answer}`;
});

function uploadButton(path) {
  const input = element('input', { type: 'file', className: 'unseen' });
  input.addEventListener('change', () => attempt(async () => {
    const body = new FormData();
    body.append('file', input.files[0]);
    await api('POST', path, body);
    await showTrips();
  }));
  return element('label', { className: 'upload' }, input, icon('upload'), phrase('files.add'));
}

byId('new-trip').addEventListener('click', () => byId('trip-dialog').showModal());
byId('trip-cancel').addEventListener('click', () => byId('trip-dialog').close());
onSubmit(byId('trip-form'), async () => {
  byId('trip-dialog').close();
  await api('POST', '/api/trips', { title: byId('trip-name').value, description: byId('trip-text').value });
  byId('trip-form').reset();
  await showTrips();
});
