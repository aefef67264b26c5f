// The page: the signed-in user, and the parts of the page that the user sees.

import { attempt, byId, showNotice } from './dom.js';
import { connectLive, disconnectLive } from './live.js';
import { showSignIn } from './login.js';
import { showPictures } from './pictures.js';
import { api, session } from './session.js';
import { sessionFromAddress } from './sso.js';
import { i18n, t } from './texts.js';
import { showTrips } from './trips.js';

function showLogin() {
  session.clear();
  disconnectLive();
  byId('top').hidden = true;
  byId('planner').hidden = true;
  byId('welcome').hidden = false;
  showSignIn(async ({ token }) => {
    session.set(token);
    showNotice(null);
    await showPlanner();
  });
}

async function showPlanner() {
  if (location.pathname === '/login') history.replaceState(null, '', '/');
  const { user } = await api('GET', '/api/auth/me');
  byId('avatar').textContent = user.username.slice(0, 1).toUpperCase();
  byId('avatar').ariaLabel = t('common.signed_in_as', { name: user.username });
  byId('avatar').title = user.email;
  byId('admin-link').hidden = user.role !== 'admin';
  byId('welcome').hidden = true;
  byId('top').hidden = false;
  byId('planner').hidden = false;
  connectLive(user);
  const { assets } = await api('GET', '/api/integrations/immich/assets');
  showPictures(assets);
  await showTrips(assets);
}

// A user who signed in at the provider is signed out there, too: otherwise it would let the next person in without asking.
byId('logout-button').addEventListener('click', () => attempt(async () => {
  const bySso = session.isBySso();
  await api('POST', '/api/auth/logout').finally(showLogin);
  if (bySso) location.assign('/api/auth/oidc/logout');
}));

i18n.onChange(() => {
  if (!byId('planner').hidden) attempt(showPlanner);
});

document.addEventListener('signed-out', () => {
  if (!session.get()) return;
  showLogin();
  showNotice(t('sign_in.ended'));
});

await attempt(async () => {
  const config = await api('GET', '/api/auth/app-config');
  for (const name of document.getElementsByClassName('app-name')) name.textContent = config.app_name;
  document.title = config.app_name;
});

await attempt(async () => {
  const token = await sessionFromAddress();
  if (token) session.set(token, { bySso: true });
});

if (session.get()) await attempt(showPlanner);
else showLogin();
