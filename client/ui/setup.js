// Setting up a second factor: the QR code, the app's code, the backup codes. For the settings page, and for the shim's dialog.

import { onSubmit } from './card.js';
import { element, labelled } from './element.js';
import { qrSvg } from './qr-svg.js';

// Puts the two steps in place of `place`, both hidden. `act` and `said` are the card's; `show(step)` shows one of its steps. `cancelled()`,
// `enabled()` (the second factor is on) and `finished()` (the user has the backup codes, if there are any) tell how it went.
export function mfaSetup(place, { i18n, api, act, said, show, cancelled, enabled, finished }) {
  const { form, backup, at } = steps();
  let key = '';
  place.replaceWith(form, backup);

  onSubmit(form, () => act(async () => {
    try {
      const answer = await api('POST', '/auth/mfa/enable', { code: digits(at.code.value) });
      forget();
      enabled();
      said.done(() => i18n.t('mfa.turned_on'));
      showBackup(answer.backup_codes);
    } catch (error) {
      at.code.setAttribute('aria-invalid', 'true');
      at.code.select();
      throw error;
    }
  }));
  at.cancel.addEventListener('click', () => {
    forget();
    said.clear();
    cancelled();
  });
  at.copyKey.addEventListener('click', () => copy(key, at.key));
  at.backupCopy.addEventListener('click', () => copy(backupText(), at.codes));
  at.backupDone.addEventListener('click', () => {
    URL.revokeObjectURL(at.backupDownload.href);
    at.codes.replaceChildren();
    finished();
  });

  // Removes the secret from the page.
  function forget() {
    key = '';
    at.key.textContent = '';
    at.openApp.removeAttribute('href');
    at.qr.replaceChildren();
    form.reset();
    at.code.removeAttribute('aria-invalid');
  }

  function showBackup(codes) {
    if (!Array.isArray(codes) || codes.length === 0) {
      finished();
      return;
    }
    at.codes.replaceChildren(...codes.map((code) => element('li', {}, element('code', {}, String(code)))));
    at.backupDownload.href = URL.createObjectURL(new Blob([`${backupText()}\n`], { type: 'text/plain' }));
    show(backup);
    at.backupTitle.focus();
  }

  const backupText = () => [...at.codes.children].map((item) => item.textContent).join('\n');

  // A page that was not loaded over https may not write to the clipboard. Then the text is selected, so that the user can copy it.
  async function copy(text, node) {
    try {
      await navigator.clipboard.writeText(text);
      said.done(() => i18n.t('common.copied'));
    } catch {
      getSelection().selectAllChildren(node);
      said.failedText(() => i18n.t('common.copy_failed'));
    }
  }

  return {
    steps: [form, backup],

    // Rejects with an ApiError.
    async begin() {
      const { secret, otpauth_url: url, qr_data_url: picture } = await api('POST', '/auth/mfa/setup');
      key = String(secret ?? '');
      at.key.textContent = key.replace(/(.{4})(?=.)/g, '$1 ');
      const isOtpauth = typeof url === 'string' && url.startsWith('otpauth:');
      at.openApp.hidden = !isOtpauth;
      if (isOtpauth) at.openApp.href = url;
      at.qr.replaceChildren(...qrCode(isOtpauth ? url : null, picture));
      show(form);
      at.scan.focus();
    },

    // Whether the user would lose the backup codes now.
    get hasCodes() { return at.codes.childElementCount > 0; },
  };
}

function steps() {
  const at = {
    scan: labelled('p', 'mfa.step_scan', { id: 'scan', tabindex: -1 }),
    qr: element('div', { id: 'qr', role: 'img', 'data-i18n-attr': 'aria-label:mfa.qr' }),
    key: element('code', { id: 'key', dir: 'ltr', translate: 'no', 'aria-labelledby': 'key-label' }),
    copyKey: labelled('button', 'common.copy', { id: 'copy-key', class: 'quiet', type: 'button' }),
    openApp: labelled('a', 'mfa.open_app', { id: 'open-app' }),
    code: element('input', {
      id: 'code', class: 'code', name: 'code', dir: 'ltr', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 12, required: '',
      'aria-describedby': 'mfa-failed',
    }),
    cancel: labelled('button', 'common.cancel', { id: 'cancel', class: 'quiet', type: 'button' }),
    backupTitle: labelled('h3', 'mfa.backup_title', { id: 'backup-title', tabindex: -1 }),
    codes: element('ul', { id: 'backup-codes', dir: 'ltr', translate: 'no', 'aria-labelledby': 'backup-title' }),
    backupCopy: labelled('button', 'mfa.backup_copy', { id: 'backup-copy', class: 'quiet', type: 'button' }),
    backupDownload: labelled('a', 'mfa.backup_download', { id: 'backup-download', class: 'button quiet', download: 'backup-codes.txt' }),
    backupDone: labelled('button', 'mfa.backup_done', { id: 'backup-done', type: 'button' }),
  };
  const form = element('form', { id: 'step-setup', hidden: '' }, element('ol', { class: 'steps' },
    element('li', {},
      at.scan,
      at.qr,
      labelled('p', 'mfa.key', { class: 'hint', id: 'key-label' }),
      element('p', { class: 'copyable' }, at.key, at.copyKey),
      element('p', {}, at.openApp)),
    element('li', {},
      labelled('p', 'mfa.step_code'),
      element('label', { class: 'field' }, labelled('span', 'mfa.code'), at.code),
      element('div', { class: 'buttons' }, labelled('button', 'mfa.turn_on', { type: 'submit' }), at.cancel))));
  const backup = element('div', { id: 'step-backup', hidden: '' },
    at.backupTitle,
    labelled('p', 'mfa.backup_intro'),
    at.codes,
    element('div', { class: 'buttons' }, at.backupCopy, at.backupDownload, at.backupDone));
  return { form, backup, at };
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
  return [element('img', { src: picture, alt: '' })];
}

// Normalises a code: people copy it with a space in the middle, and Arabic keyboards have digits of their own.
export function digits(text) {
  return text.replace(/\s/g, '').normalize('NFKC')
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0x0f));
}
