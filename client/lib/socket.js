// A WebSocket that reconnects when the connection is lost, with a new token each time.

import { config, requireTrusted } from './config.js';
import { Backoff } from './backoff.js';
import { AuthGateError, closeRefusal } from './errors.js';
import { getAuthUrl } from './tokens.js';

const STABLE_AFTER_MS = 10_000;

// Reconnects until close() is called or the gate refuses for good. index.d.ts describes options and events.
export function connectWebSocket(path, options = {}) {
  return new AuthGateSocket(path, options);
}

class AuthGateSocket extends EventTarget {
  #url;
  #options;
  #clock;
  #backoff;
  #state = 'connecting';
  #socket = null;
  #abort = null;
  #retryTimer;
  #stableTimer;
  #online = () => { if (this.#state === 'waiting') this.#connect(); };

  constructor(path, options) {
    super();
    const url = requireTrusted(String(path));
    url.protocol = url.protocol.replace(/^http/, 'ws');
    url.hash = '';
    this.#url = url.href;
    this.#options = options;
    this.#clock = options.clock ?? globalThis;
    this.#backoff = new Backoff({ first: options.firstDelay, longest: options.longestDelay, random: options.random });
    for (const type of ['open', 'message', 'close', 'retry', 'stopped']) {
      const handler = options[`on${type[0].toUpperCase()}${type.slice(1)}`];
      if (handler) this.addEventListener(type, handler);
    }
    globalThis.addEventListener?.('online', this.#online);
    this.#connect();
  }

  // connecting, open, waiting (for the next attempt) or closed.
  get state() {
    return this.#state;
  }

  send(data) {
    if (this.#state !== 'open') throw new AuthGateError('NOT_CONNECTED');
    this.#socket.send(data);
  }

  close(code = 1000, reason = '') {
    const socket = this.#socket;
    this.#end();
    socket?.close(code, reason);
  }

  async #connect() {
    this.#clock.clearTimeout(this.#retryTimer);
    this.#state = 'connecting';
    const abort = new AbortController();
    this.#abort = abort;
    let url;
    try {
      url = await getAuthUrl(this.#url, this.#options.purpose ?? 'ws', { signal: abort.signal });
    } catch (error) {
      if (abort.signal.aborted) return;
      if (error instanceof AuthGateError && error.passing) this.#retry(error);
      else this.#stop(error);
      return;
    }
    if (!abort.signal.aborted) this.#open(url);
  }

  #open(url) {
    const WebSocket = this.#options.WebSocket ?? globalThis.WebSocket;
    const socket = new WebSocket(url, this.#options.protocols ?? []);
    socket.binaryType = this.#options.binaryType ?? 'blob';
    this.#socket = socket;
    const on = (type, action) => socket.addEventListener(type, (event) => {
      if (this.#socket === socket) action(event);
    });
    on('open', () => this.#opened());
    on('message', ({ data }) => this.#tell('message', { data }));
    on('close', (event) => this.#lost(event));
  }

  // If every opened connection counted as a success, a server that accepts and closes at once would be asked without a delay.
  #opened() {
    this.#state = 'open';
    this.#stableTimer = this.#clock.setTimeout(() => this.#backoff.reset(), this.#options.stableAfter ?? STABLE_AFTER_MS);
    this.#tell('open');
  }

  #lost({ code, reason, wasClean }) {
    this.#socket = null;
    this.#clock.clearTimeout(this.#stableTimer);
    this.#state = 'waiting';
    this.#tell('close', { code, reason, wasClean });
    if (this.#state !== 'waiting') return;
    const error = closeRefusal(code, reason);
    if (error) this.#stop(error);
    else this.#retry(new AuthGateError('NETWORK'));
  }

  #retry(error) {
    this.#state = 'waiting';
    const delay = Math.max(this.#backoff.next(), (error.retryAfter ?? 0) * 1000);
    this.#retryTimer = this.#clock.setTimeout(() => this.#connect(), delay);
    this.#tell('retry', { delay, error });
  }

  #stop(error) {
    this.#end();
    this.#tell('stopped', { error });
    if (error.code === 'AUTH_REQUIRED') (this.#options.onAuthRequired ?? config.onAuthRequired)(error);
    if (error.code === 'MFA_REQUIRED') (this.#options.onMfaRequired ?? config.onMfaRequired)(error);
  }

  #end() {
    this.#state = 'closed';
    this.#socket = null;
    this.#abort?.abort();
    this.#clock.clearTimeout(this.#retryTimer);
    this.#clock.clearTimeout(this.#stableTimer);
    globalThis.removeEventListener?.('online', this.#online);
  }

  #tell(type, members = {}) {
    this.dispatchEvent(Object.assign(new Event(type), members));
  }
}
