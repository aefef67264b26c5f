// One's own account: switching two-factor authentication on and off.

import { api } from './session.js';
import { button, byId, element, onSubmit } from './dom.js';

let goBack;

export async function showAccount(whenDone) {
  goBack = whenDone;
  const { user } = await api('GET', '/api/auth/me');
  show(
    element('p', { textContent: `${user.email}, ${user.role}` }),
    element('p', { textContent: `Two-factor authentication is ${user.mfa_enabled ? 'on' : 'off'}.` }),
    user.mfa_enabled ? codeForm('Switch off', disable) : button('Set up', setUp),
  );
}

function show(...content) {
  byId('account').replaceChildren(
    element('h1', { textContent: 'Account' }), ...content, element('p', {}, button('Back', () => goBack(), 'quiet')));
}

async function setUp() {
  const { secret, otpauth_url: url } = await api('POST', '/api/auth/mfa/setup');
  show(
    element('p', { textContent: 'Add this key to your authenticator app:' }),
    element('code', { id: 'mfa-secret', textContent: secret }),
    element('p', {}, element('a', { href: url, textContent: 'Open in an app on this device' })),
    codeForm('Switch on', enable),
  );
}

async function enable(code) {
  const { backup_codes: codes } = await api('POST', '/api/auth/mfa/enable', { code });
  show(
    element('p', { textContent: 'It is on. Keep these backup codes, each signs you in once:' }),
    element('code', { textContent: codes.join('  ') }),
  );
}

async function disable(code) {
  await api('POST', '/api/auth/mfa/disable', { code });
  await showAccount(goBack);
}

function codeForm(label, action) {
  const input = element('input', { id: 'mfa-code', autocomplete: 'one-time-code', inputMode: 'numeric', required: true });
  const form = element('form', {},
    element('label', {}, 'Code of your authenticator app ', input), element('button', { textContent: label }));
  onSubmit(form, () => action(input.value.trim()));
  return form;
}
