// <authed-img src="…" purpose="immich" alt="…">: a picture that requires a session.
//
// It loads when it comes near the viewport, at most six at a time. mode="url" (default) gives the browser a URL with a
// token; mode="blob" fetches the picture with the session's header or cookie, without a token.

import { config } from './lib/config.js';
import { AuthGateError, refusalOf } from './lib/errors.js';
import { authedFetch } from './lib/fetch.js';
import { Limiter } from './lib/limiter.js';
import { getAuthUrl } from './lib/tokens.js';

const AT_ONCE = 6;
const NEAR = '300px';
const ATTEMPTS = 2;
const MIRRORED = ['alt', 'width', 'height', 'decoding', 'crossorigin', 'referrerpolicy'];
const STYLE = `:host { display: inline-block; overflow: hidden }
:host([hidden]) { display: none }
img { display: block; width: 100%; height: 100%; object-fit: inherit; object-position: inherit; border-radius: inherit }`;

const limiter = new Limiter(AT_ONCE);
const inBrowser = typeof HTMLElement !== 'undefined';

let observer;
let sheet;

export class AuthedImg extends (inBrowser ? HTMLElement : Object) {
  static observedAttributes = ['src', 'purpose', 'mode', ...MIRRORED];

  #image = document.createElement('img');
  #abort = null;
  #restarting = false;
  #done = false;
  #error = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [styleSheet()];
    this.#image.setAttribute('part', 'img');
    root.append(this.#image);
  }

  // The inner <img>.
  get image() {
    return this.#image;
  }

  // The reason for a missing picture: an AuthGateError, or null.
  get error() {
    return this.#error;
  }

  connectedCallback() {
    if (!this.#done) this.#restart();
  }

  disconnectedCallback() {
    this.#giveUp();
  }

  attributeChangedCallback(name, before, value) {
    if (MIRRORED.includes(name)) {
      if (value === null) this.#image.removeAttribute(name);
      else this.#image.setAttribute(name, value);
    } else if (before !== value) {
      this.#done = false;
      this.#restart();
    }
  }

  // Attributes that change together cause a single restart.
  #restart() {
    this.#giveUp();
    if (this.#restarting) return;
    this.#restarting = true;
    queueMicrotask(() => {
      this.#restarting = false;
      if (!this.isConnected || this.#done) return;
      this.#error = null;
      if (!this.getAttribute('src')) this.#image.removeAttribute('src');
      else if (this.getAttribute('loading') === 'eager') this.load();
      else nearViewport().observe(this);
    });
  }

  #giveUp() {
    this.#abort?.abort();
    this.#abort = null;
    observer?.unobserve(this);
  }

  // Loads the picture now, even if it is not near the viewport. Dispatches `load` or `error`.
  async load() {
    this.#giveUp();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      await limiter.run(() => this.#try(signal), signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#error = error;
    }
    this.#done = true;
    this.dispatchEvent(Object.assign(new Event(this.#error ? 'error' : 'load'), { error: this.#error }));
  }

  // The token may have expired before the browser used it: try once more with a new one.
  async #try(signal) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(signal);
      } catch (error) {
        if (attempt === ATTEMPTS || signal.aborted || !error.passing) throw error;
      }
    }
  }

  async #attempt(signal) {
    const src = this.getAttribute('src');
    if ((this.getAttribute('mode') ?? config.imageMode) !== 'blob') {
      return this.#show(await getAuthUrl(src, this.getAttribute('purpose') ?? 'immich', { signal }), signal);
    }
    const address = URL.createObjectURL(await fetchBlob(src, signal));
    try {
      return await this.#show(address, signal);
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  #show(address, signal) {
    const image = this.#image;
    return new Promise((resolve, reject) => {
      const listening = new AbortController();
      const settle = (action, value) => {
        listening.abort();
        action(value);
      };
      const fail = (code) => {
        image.removeAttribute('src');
        settle(reject, new AuthGateError(code));
      };
      if (signal.aborted) return fail('ABORTED');
      image.addEventListener('load', () => settle(resolve), listening);
      image.addEventListener('error', () => fail('LOAD_FAILED'), listening);
      signal.addEventListener('abort', () => fail('ABORTED'), listening);
      image.src = address;
      return undefined;
    });
  }
}

async function fetchBlob(src, signal) {
  let response;
  try {
    response = await authedFetch(src, { signal });
    if (response.ok) return await response.blob();
  } catch (error) {
    throw error instanceof AuthGateError ? error : new AuthGateError(signal.aborted ? 'ABORTED' : 'NETWORK');
  }
  throw await refusalOf(response);
}

function nearViewport() {
  observer ??= new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (isIntersecting) target.load();
    }
  }, { rootMargin: NEAR });
  return observer;
}

function styleSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
  }
  return sheet;
}

if (inBrowser && !customElements.get('authed-img')) customElements.define('authed-img', AuthedImg);
