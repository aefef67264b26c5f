// Settings: a user's own second factor.

import { api } from './api.js';
import { config } from './config.js';
import { byId, messages, oneAtATime, onSubmit, openPage, setText, t } from './page.js';
import { qrSvg } from './qr-svg.js';

const card = byId('mfa');
const act = oneAtATime(card);
const said = messages(card);
const steps = ['step-off', 'step-setup', 'step-backup', 'step-on'].map(byId);
const sentHere = new URLSearchParams(location.search).get('mfa') === 'required';

let required = sentHere;
let enabled = false;
let key = '';

await openPage(async (user) => {
  required ||= (await api('GET', '/auth/app-config').catch(() => ({}))).require_mfa === true;
  byId('continue').href = config.home;
  showState(user.mfa_enabled === true);
});

byId('set-up').addEventListener('click', () => act(async () => {
  showSetup(await api('POST', '/auth/mfa/setup'));
  byId('scan').focus();
}));

onSubmit(byId('step-setup'), () => act(async () => {
  try {
    const answer = await api('POST', '/auth/mfa/enable', { code: digits(byId('code').value) });
    forgetSetup();
    showEnabled(answer.backup_codes);
  } catch (error) {
    byId('code').setAttribute('aria-invalid', 'true');
    byId('code').select();
    throw error;
  }
}));

byId('cancel').addEventListener('click', () => {
  forgetSetup();
  said.clear();
  showState(false);
  byId('set-up').focus();
});

byId('copy-key').addEventListener('click', () => copy(key, byId('key')));
byId('backup-copy').addEventListener('click', () => copy(backupText(), byId('backup-codes')));
byId('backup-done').addEventListener('click', () => {
  URL.revokeObjectURL(byId('backup-download').href);
  byId('backup-codes').replaceChildren();
  showOn();
});

onSubmit(byId('turn-off-form'), () => {
  const code = digits(byId('off-code').value);
  const password = byId('off-password').value;
  if (!code && !password) {
    said.failedText(() => t('mfa.turn_off_empty'));
    byId('off-code').focus();
    return;
  }
  act(async () => {
    await api('POST', '/auth/mfa/disable', { ...(code && { code }), ...(password && { password }) });
    byId('turn-off-form').reset();
    byId('turn-off').open = false;
    showState(false);
    said.done(() => t('mfa.turned_off'));
    byId('set-up').focus();
  });
});

function showStep(id) {
  for (const step of steps) step.hidden = step.id !== id;
}

function showState(on) {
  enabled = on;
  byId('required').hidden = !required || on;
  byId('continue').hidden = !sentHere;
  setText(byId('mfa-state'), () => t(enabled ? 'mfa.on' : 'mfa.off'));
  byId('mfa-state').classList.toggle('on', on);
  showStep(on ? 'step-on' : 'step-off');
}

function showSetup({ secret, otpauth_url: url, qr_data_url: picture }) {
  key = String(secret ?? '');
  byId('key').textContent = key.replace(/(.{4})(?=.)/g, '$1 ');
  const isOtpauth = typeof url === 'string' && url.startsWith('otpauth:');
  const link = byId('open-app');
  link.hidden = !isOtpauth;
  if (isOtpauth) link.href = url;
  byId('qr').replaceChildren(...qrCode(isOtpauth ? url : null, picture));
  showStep('step-setup');
}

// Our own QR code, or the application's picture if it sends no URL (or a very long one). Without either, the user still has
// the key.
function qrCode(url, picture) {
  try {
    if (url) return [qrSvg(url)];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  if (typeof picture !== 'string' || !picture.startsWith('data:image/')) return [];
  return [Object.assign(new Image(), { src: picture, alt: '' })];
}

// Removes the secret from the page.
function forgetSetup() {
  key = '';
  byId('key').textContent = '';
  byId('open-app').removeAttribute('href');
  byId('qr').replaceChildren();
  byId('step-setup').reset();
  byId('code').removeAttribute('aria-invalid');
}

function showEnabled(codes) {
  showState(true);
  said.done(() => t('mfa.turned_on'));
  if (!Array.isArray(codes) || codes.length === 0) {
    showOn();
    return;
  }
  byId('backup-codes').replaceChildren(...codes.map((code) => {
    const item = document.createElement('li');
    item.append(Object.assign(document.createElement('code'), { textContent: code }));
    return item;
  }));
  byId('backup-download').href = URL.createObjectURL(new Blob([`${backupText()}\n`], { type: 'text/plain' }));
  showStep('step-backup');
  byId('backup-title').focus();
}

function showOn() {
  showStep('step-on');
  (byId('continue').hidden ? byId('turn-off').querySelector('summary') : byId('continue')).focus();
}

function backupText() {
  return [...byId('backup-codes').children].map((item) => item.textContent).join('\n');
}

// A page that was not loaded over https may not write to the clipboard. Then the text is selected, so that the user can copy it.
async function copy(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    said.done(() => t('common.copied'));
  } catch {
    getSelection().selectAllChildren(node);
    said.failedText(() => t('common.copy_failed'));
  }
}

// Normalises a code: people copy it with a space in the middle, and Arabic keyboards have digits of their own.
function digits(text) {
  return text.replace(/\s/g, '').normalize('NFKC')
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0x0f));
}
