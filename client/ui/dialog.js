// <auth-gate-dialog>: says in a page of the application why nothing works, and sets up the second factor right there.

import { languagePicker, translate } from '../i18n/dom.js';
import { ssoErrorText } from '../i18n/sso.js';
import { cardsIn } from './card.js';
import { element, labelled } from './element.js';
import { mfaSetup } from './setup.js';

// Each kind: its title, what it says, and its buttons.
const KINDS = {
  mfa: { title: 'mfa.title', notice: 'settings.required', hint: 'mfa.intro', buttons: ['setUp', 'later'] },
  on: { title: 'mfa.title', notice: 'dialog.mfa_on', buttons: ['reload', 'signIn'] },
  auth: { title: 'common.sign_in', notice: 'error.signed_out', buttons: ['signIn', 'later'] },
  sso: { title: 'common.sign_in', buttons: ['close'] },
};

// A page's framework may remove what it does not know; one that does it again and again shall win.
const RETURNS = 3;

export class AuthGateDialog extends HTMLElement {
  #i18n;
  #api;
  #at = parts();
  #setup;
  #setText;
  #enabled = false;
  #closed = false;
  #returns = 0;

  // `api` asks as the page's session does, `login` is the login page's URL, `css` the style sheet's text.
  constructor({ i18n, api, login, css }) {
    super();
    this.#i18n = i18n;
    this.#api = api;
    const { dialog, signIn, setUp, reload, later, close } = this.#at;
    const { setText, messages, oneAtATime } = cardsIn(i18n);
    const act = oneAtATime(dialog);
    this.#setText = setText;
    this.#setup = mfaSetup(this.#at.setup, {
      i18n,
      api,
      act,
      said: messages(dialog),
      show: (step) => this.#showStep(step),
      cancelled: () => {
        this.#showStep(this.#at.start);
        setUp.focus();
      },
      enabled: () => { this.#enabled = true; },
      finished: () => window.location.reload(),
    });

    signIn.href = login;
    setUp.addEventListener('click', () => act(() => this.#setup.begin()));
    reload.addEventListener('click', () => window.location.reload());
    for (const button of [later, close]) button.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => this.#ended());
    languagePicker(i18n, this.#at.language);
    i18n.onChange(() => this.#translate());

    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    root.append(dialog);
  }

  // `kind` is one of KINDS; `error` and `description` are the values of `oidc_error` and `oidc_error_description`, for `sso`.
  show(kind, error, description) {
    const { title, notice, hint, buttons } = KINDS[kind];
    const at = this.#at;
    at.title.dataset.i18n = title;
    at.hint.hidden = !hint;
    if (hint) at.hint.dataset.i18n = hint;
    this.#setText(at.notice, () => (notice ? this.#i18n.t(notice) : ssoErrorText(this.#i18n, error, description)));
    for (const name of ['setUp', 'reload', 'signIn', 'later', 'close']) at[name].hidden = !buttons.includes(name);
    this.#translate();
    this.#showStep(at.start);
    if (!this.isConnected) document.documentElement.append(this);
    at[buttons[0]].focus();
    if (kind === 'mfa') this.#askWhetherOn();
  }

  connectedCallback() {
    if (this.#closed) return;
    this.#at.dialog.removeAttribute('open');
    this.#at.dialog.showModal();
  }

  disconnectedCallback() {
    if (!this.#closed && this.#returns++ < RETURNS) setTimeout(() => document.documentElement.append(this));
  }

  // Called for each key that is pressed in the dialog.
  keydown(event) {
    if (event.key === 'Escape' && this.#setup.hasCodes) event.preventDefault();
  }

  // The second factor may have been set up elsewhere, while this session or an answer in a cache does not know it.
  async #askWhetherOn() {
    const answer = await this.#api('GET', '/auth/me').catch(() => null);
    if ((answer?.user ?? answer)?.mfa_enabled === true && !this.#enabled && !this.#at.start.hidden && !this.#closed) this.show('on');
  }

  #showStep(shown) {
    for (const step of [this.#at.start, ...this.#setup.steps]) step.hidden = step !== shown;
  }

  #translate() {
    const { dialog } = this.#at;
    dialog.lang = this.#i18n.language.tag;
    dialog.dir = this.#i18n.language.dir;
    translate(this.#i18n, dialog);
  }

  #ended() {
    // While this element is out of the page, its dialog is closed without anybody's wish.
    if (!this.isConnected) return;
    this.#closed = true;
    this.remove();
    if (this.#enabled) window.location.reload();
  }
}

function parts() {
  const at = {
    title: labelled('h2', 'mfa.title', { id: 'title' }),
    language: element('select', { id: 'language' }),
    notice: element('p', { id: 'notice', class: 'notice' }),
    hint: labelled('p', 'mfa.intro', { class: 'hint' }),
    setup: element('div'),
    setUp: labelled('button', 'mfa.set_up', { id: 'set-up', type: 'button' }),
    reload: labelled('button', 'dialog.reload', { id: 'reload', type: 'button' }),
    signIn: labelled('a', 'common.sign_in', { id: 'sign-in', class: 'button' }),
    later: labelled('button', 'dialog.later', { id: 'later', class: 'quiet', type: 'button' }),
    close: labelled('button', 'dialog.close', { id: 'close', type: 'button' }),
  };
  at.start = element('div', { id: 'start', class: 'buttons' }, at.setUp, at.reload, at.signIn, at.later, at.close);
  at.dialog = element('dialog', { class: 'card', 'aria-labelledby': 'title', 'aria-describedby': 'notice' },
    element('div', { class: 'title' },
      at.title,
      element('label', { class: 'language' }, labelled('span', 'common.language', { class: 'unseen' }), at.language)),
    at.notice,
    at.hint,
    at.start,
    at.setup,
    element('p', { class: 'done', role: 'status' }),
    element('p', { id: 'mfa-failed', class: 'failed', role: 'alert' }));
  return at;
}
