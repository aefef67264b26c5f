// The page: who is signed in, and which part of it they see.

import { showAccount } from './account.js';
import { api, session } from './session.js';
import { attempt, byId, onSubmit, showNotice } from './dom.js';
import { connectLive, disconnectLive } from './live.js';
import { showPictures } from './pictures.js';
import { sessionFromAddress } from './sso.js';
import { showTrips } from './trips.js';

const PARTS = ['login', 'login-code', 'account', 'planner'];

let mfaToken;

function show(...parts) {
  for (const part of PARTS) byId(part).hidden = !parts.includes(part);
}

function showLogin() {
  session.clear();
  disconnectLive();
  byId('who').hidden = true;
  show('login');
}

async function showPlanner() {
  const { user } = await api('GET', '/api/auth/me');
  byId('user-name').textContent = user.username;
  byId('who').hidden = false;
  if (location.pathname === '/settings') return openAccount();
  show('planner');
  connectLive();
  await Promise.all([showTrips(), showPictures()]);
}

async function openAccount() {
  show('account');
  await showAccount(() => {
    history.replaceState(null, '', '/');
    return showPlanner();
  });
}

async function signedIn(answer) {
  session.set(answer.token);
  byId('password').value = '';
  byId('code').value = '';
  if (location.pathname === '/login') history.replaceState(null, '', '/');
  await showPlanner();
}

onSubmit(byId('login'), async () => {
  const answer = await api('POST', '/api/auth/login', { email: byId('email').value, password: byId('password').value });
  if (!answer.mfa_required) return signedIn(answer);
  mfaToken = answer.mfa_token;
  show('login-code');
  byId('code').focus();
});

onSubmit(byId('login-code'), async () => {
  await signedIn(await api('POST', '/api/auth/mfa/verify-login', { mfa_token: mfaToken, code: byId('code').value }));
});

byId('account-button').addEventListener('click', () => attempt(openAccount));

byId('logout-button').addEventListener('click', () => attempt(async () => {
  await api('POST', '/api/auth/logout').finally(showLogin);
}));

document.addEventListener('failure', ({ detail: error }) => {
  if (error.code === 'MFA_REQUIRED') attempt(openAccount);
  else if (error.code === 'AUTH_REQUIRED') showLogin();
  showNotice(error.message);
});

await attempt(async () => {
  const { app_name: name } = await api('GET', '/api/auth/app-config');
  byId('app-name').textContent = name;
  document.title = name;
});

await attempt(async () => {
  const token = await sessionFromAddress();
  if (token) session.set(token);
});

if (session.get()) await attempt(showPlanner);
else showLogin();
