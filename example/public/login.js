// Signing in with a password, followed by a code if required.

import { byId, onSubmit } from './dom.js';
import { api } from './session.js';

let mfaToken;
let done;

// `whenDone` receives the response with the session's token.
export function showSignIn(whenDone) {
  done = whenDone;
  showStep('login');
  byId('email').focus();
}

function showStep(id) {
  for (const step of ['login', 'login-code']) {
    byId(step).hidden = step !== id;
    byId(step).reset();
  }
}

onSubmit(byId('login'), async () => {
  const answer = await api('POST', '/api/auth/login', { email: byId('email').value, password: byId('password').value });
  if (!answer.mfa_required) return done(answer);
  mfaToken = answer.mfa_token;
  showStep('login-code');
  byId('code').focus();
});

onSubmit(byId('login-code'), async () => {
  await done(await api('POST', '/api/auth/mfa/verify-login', { mfa_token: mfaToken, code: byId('code').value.trim() }));
});

byId('login-back').addEventListener('click', () => showStep('login'));

for (const chip of document.querySelectorAll('[data-user]')) {
  chip.addEventListener('click', () => {
    byId('email').value = `${chip.dataset.user}@example.test`;
    byId('password').value = `${chip.dataset.user}-password`;
    byId('login').requestSubmit();
  });
}
