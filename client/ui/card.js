// Cards: texts that follow the language, messages, and one action at a time.

import { ApiError } from './request.js';

export function cardsIn(i18n) {
  const { t } = i18n;
  // Each node with the function that returns its text.
  const texts = new Map();
  i18n.onChange(() => {
    for (const [node, text] of texts) node.textContent = text();
  });

  function setText(node, text) {
    texts.set(node, text);
    node.textContent = text();
  }

  function clearText(node) {
    texts.delete(node);
    node.textContent = '';
  }

  // A card's two messages: success (role="status") and failure (role="alert"). Both stay in the page when empty, because
  // a screen reader announces only changes of elements that it knows.
  function messages(card) {
    const done = card.querySelector('[role="status"]');
    const failed = card.querySelector('[role="alert"]');
    return {
      clear() { [done, failed].forEach(clearText); },
      done(text) { clearText(failed); setText(done, text); },
      failed(error) { this.failedText(() => explain(error)); },
      failedText(text) { clearText(done); setText(failed, text); },
    };
  }

  // Known errors in the user's language; other errors as the server sent them.
  function explain(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 0) return t('error.network');
    if (error.signedOut) return t('error.signed_out');
    return i18n.translated('server.', error.message, error.code) || t('error.status', { status: error.status });
  }

  // Runs one action of a card at a time. Controls stay enabled, because disabling them would lose the keyboard focus.
  function oneAtATime(card) {
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

  return { setText, messages, oneAtATime };
}

export function onSubmit(form, action) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    action();
  });
}
