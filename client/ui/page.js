// Shared by both pages: language, navigation, and the signed-in user.

import { createI18n } from '../i18n/index.js';
import { languagePicker, translateDocument } from '../i18n/dom.js';
import { api } from './api.js';
import { cardsIn } from './card.js';
import { config } from './config.js';

export const byId = (id) => document.getElementById(id);

export const i18n = await createI18n();
export const { t } = i18n;
export const { setText, messages, oneAtATime } = cardsIn(i18n);

// Shows the page to a signed-in user, and the reason to anybody else. `show` receives the user, and may reject.
export async function openPage(show) {
  translateDocument(i18n);
  languagePicker(i18n, byId('language'));
  byId('home').href = config.home;
  byId('sign-in').href = config.login;

  const attempt = oneAtATime(byId('gatekeeper'));
  const enter = () => attempt(async (said) => {
    try {
      const user = await currentUser();
      await show(user);
      setText(byId('who'), () => t('common.signed_in_as', { name: user.username ?? user.email ?? user.id }));
      byId('gatekeeper').hidden = true;
      byId('content').hidden = false;
    } catch (error) {
      const refused = error.status === 401 || error.status === 403;
      byId('sign-in').hidden = !error.signedOut;
      byId('retry').hidden = refused;
      said.failed(error);
    }
  });
  byId('retry').addEventListener('click', enter);
  await enter();
  byId('loading').hidden = true;
}

async function currentUser() {
  const answer = await api('GET', '/auth/me');
  const user = answer.user ?? answer;
  byId('admin-link').hidden = user.role !== 'admin';
  return user;
}
