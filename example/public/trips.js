// Trips and their files: a list, downloads, uploads.

import { api } from './session.js';
import { getAuthUrl } from './auth-url.js';
import { button, byId, element, onSubmit } from './dom.js';

let usedUrl;

export async function showTrips() {
  const { trips } = await api('GET', '/api/trips');
  const cards = await Promise.all(trips.map(tripCard));
  byId('trips').replaceChildren(...cards);
}

async function tripCard(trip) {
  const path = `/api/trips/${trip.id}/files`;
  const { files } = await api('GET', path);
  return element('article', { className: 'card' },
    element('h3', { textContent: trip.title }),
    element('p', { className: 'description', textContent: trip.description }),
    ...files.map(fileRow),
    uploadForm(path));
}

function fileRow(file) {
  return element('div', { className: 'file' },
    element('span', { className: 'name', textContent: file.name }),
    element('span', { className: 'size', textContent: `${Math.ceil(file.size / 1024)} KB` }),
    button('Download', () => download(file), 'quiet'));
}

// A browser downloads what a link points to: the permission has to be in the address.
async function download(file) {
  const url = await getAuthUrl(file.url, 'download');
  element('a', { href: url, download: file.name }).click();
  showUsed(url);
}

function showUsed(url) {
  usedUrl = url;
  byId('used-address').textContent = url;
  byId('used-answer').textContent = '';
  byId('used').hidden = false;
}

byId('used-again').addEventListener('click', async () => {
  const response = await fetch(usedUrl, { cache: 'no-store' });
  const answer = response.ok ? 'the file' : (await response.json().catch(() => ({}))).error;
  byId('used-answer').textContent = `${response.status}: ${answer}`;
});

function uploadForm(path) {
  const file = element('input', { type: 'file', required: true, ariaLabel: 'File to upload' });
  const form = element('form', { className: 'upload' }, file,
    element('button', { className: 'quiet', textContent: 'Upload' }));
  onSubmit(form, async () => {
    const body = new FormData();
    body.append('file', file.files[0]);
    await api('POST', path, body);
    await showTrips();
  });
  return form;
}
