// A WebSocket that reconnects when the connection is lost, with a new token each time.

import { Attempts } from './attempts.js';
import { AuthGateError, closeRefusal } from './errors.js';
import { tellRefusal } from './refused.js';
import { socketAddress } from './socket-url.js';
import { getAuthUrl } from './tokens.js';

// Reconnects until close() is called or the gate refuses for good. index.d.ts describes options and events.
export function connectWebSocket(path, options = {}) {
  return new AuthGateSocket(path, options);
}

class AuthGateSocket extends EventTarget {
  #url;
  #options;
  #attempts;
  #state = 'connecting';
  #socket = null;
  #abort = null;

  constructor(path, options) {
    super();
    this.#url = socketAddress(path);
    this.#options = options;
    for (const type of ['open', 'message', 'close', 'retry', 'stopped']) {
      const handler = options[`on${type[0].toUpperCase()}${type.slice(1)}`];
      if (handler) this.addEventListener(type, handler);
    }
    this.#attempts = new Attempts(() => this.#connect(), options);
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
    this.#state = 'connecting';
    const abort = new AbortController();
    this.#abort = abort;
    let url;
    try {
      url = await getAuthUrl(this.#url, this.#options.purpose ?? 'ws', { signal: abort.signal });
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(error);
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

  #opened() {
    this.#state = 'open';
    this.#attempts.opened();
    this.#tell('open');
  }

  #lost({ code, reason, wasClean }) {
    this.#socket = null;
    this.#attempts.lost();
    this.#state = 'waiting';
    this.#tell('close', { code, reason, wasClean });
    if (this.#state === 'waiting') this.#failed(closeRefusal({ code, reason }) ?? new AuthGateError('NETWORK'));
  }

  #failed(error) {
    if (!(error instanceof AuthGateError) || !error.passing) return this.#stop(error);
    this.#state = 'waiting';
    const delay = this.#attempts.retry({ atLeast: (error.retryAfter ?? 0) * 1000 });
    return this.#tell('retry', { delay, error });
  }

  #stop(error) {
    this.#end();
    this.#tell('stopped', { error });
    tellRefusal(error, this.#options);
  }

  #end() {
    this.#state = 'closed';
    this.#socket = null;
    this.#abort?.abort();
    this.#attempts.end();
  }

  #tell(type, members = {}) {
    this.dispatchEvent(Object.assign(new Event(type), members));
  }
}
