// Shared by both pages: language, navigation, messages, forms, and the signed-in user.

import { createI18n } from '../i18n/index.js';
import { languagePicker, translateDocument } from '../i18n/dom.js';
import { api, ApiError } from './api.js';
import { config } from './config.js';

export const byId = (id) => document.getElementById(id);

export const i18n = await createI18n();
export const { t } = i18n;

// Texts that follow the language: each node with the function that returns its text.
const texts = new Map();

i18n.onChange(() => {
  for (const [node, text] of texts) node.textContent = text();
});

export function setText(node, text) {
  texts.set(node, text);
  node.textContent = text();
}

function clearText(node) {
  texts.delete(node);
  node.textContent = '';
}

// A card's two messages: success (role="status") and failure (role="alert"). Both stay in the page when empty, because
// a screen reader announces only changes of elements that it knows.
export function messages(card) {
  const done = card.querySelector('[role="status"]');
  const failed = card.querySelector('[role="alert"]');
  return {
    clear() { [done, failed].forEach(clearText); },
    done(text) { clearText(failed); setText(done, text); },
    failed(error) { this.failedText(() => explain(error)); },
    failedText(text) { clearText(done); setText(failed, text); },
  };
}

// The gate's errors in the user's language; other errors as the server sent them.
function explain(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 0) return t('error.network');
  if (error.signedOut) return t('error.signed_out');
  return error.message ? i18n.translated('server.', error.message) : t('error.status', { status: error.status });
}

// Runs one action of a card at a time. Controls stay enabled, because disabling them would lose the keyboard focus.
export function oneAtATime(card) {
  const said = messages(card);
  let busy = false;
  const setBusy = (now) => {
    busy = now;
    card.classList.toggle('busy', now);
  };
  return async (action) => {
    if (busy) return;
    setBusy(true);
    said.clear();
    try {
      await action(said);
    } catch (error) {
      said.failed(error);
    } finally {
      setBusy(false);
    }
  };
}

export function onSubmit(form, action) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    action();
  });
}

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
