// Helpers for building the page. Text is always set as text, so user input never becomes markup.

import { i18n, setText } from './texts.js';

const SVG = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

// User-written text, in its own writing direction.
export const written = (text) => element('bdi', { textContent: text });

// A <span> whose text follows the language.
export function phrase(key) {
  const node = element('span');
  setText(node, key);
  return node;
}

export function button({ key, iconName, className = 'quiet', label }, onClick) {
  const node = element('button', { type: 'button', className }, ...(iconName ? [icon(iconName)] : []), phrase(key));
  if (label) node.ariaLabel = label;
  node.addEventListener('click', () => whileBusy(node, onClick));
  return node;
}

export const pictureUrl = (asset, size) => `/api/integrations/immich/assets/${asset.id}/${size}`;

export function picture(asset, size, title) {
  const node = document.createElement('authed-img');
  node.setAttribute('src', pictureUrl(asset, size));
  node.setAttribute('purpose', 'immich');
  node.setAttribute('alt', title);
  node.addEventListener('error', ({ error }) => tell(error));
  return node;
}

export function onSubmit(form, action) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(form.querySelector('[type=submit]'), action);
  });
}

export function showNotice(message) {
  const notice = byId('notice');
  notice.textContent = i18n.translated('server.', message ?? '');
  notice.hidden = !message;
}

// Runs a user's action; errors are shown at the top of the page.
export async function attempt(action) {
  try {
    await action();
  } catch (error) {
    tell(error);
  }
}

const NO_GATE = 'No gate stands in front of this application, so files, pictures and live messages cannot be opened.\n'
  + 'Open the address that "./dev demo" printed, not the application\'s own.';

// An ended session has a message of its own (app.js); a user without a second factor is already being sent to the settings.
export function tell(error) {
  if (error.code === 'AUTH_REQUIRED') document.dispatchEvent(new Event('signed-out'));
  else if (error.code !== 'MFA_REQUIRED') showNotice(error.code === 'NO_GATE' ? NO_GATE : error.message);
}

async function whileBusy(node, action) {
  node.disabled = true;
  showNotice(null);
  await attempt(action);
  node.disabled = false;
}
