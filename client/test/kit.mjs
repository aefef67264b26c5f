// A fake gate, clock and sockets, controlled by the test.

import { configure } from '../index.js';

export const ORIGIN = 'https://app.example';
export const JWT = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"id":7}').toString('base64url')}.c2lnbmF0dXJl`;

const hex = (number) => number.toString(16).padStart(64, '0');

// Answers each request with the result of `answer(request, n)`: a Response, or an Error to throw. Default: a new token each time.
export function fakeGate(answer = (request, n) => Response.json({ token: hex(n) })) {
  const requests = [];
  const fetch = async (url, options = {}) => {
    const request = { url: String(url), ...options, headers: new Headers(options.headers) };
    requests.push(request);
    const response = await answer(request, requests.length);
    if (response instanceof Error) throw response;
    return response;
  };
  return { requests, fetch };
}

// Acts as a page of ORIGIN with a session, and with a <base> if given. Returns the URLs that it navigated to.
export function asPage({ path = '/', base, ...changes } = {}) {
  const visited = [];
  globalThis.location = new URL(path, ORIGIN);
  globalThis.document = { baseURI: new URL(base ?? '', location).href };
  configure({
    getJwt: () => JWT, origins: [], tokenParameter: 'token', navigate: (url) => visited.push(url), fetch: () => { throw new Error('no gate'); }, ...changes,
  });
  return visited;
}

export class FakeClock {
  now = 0;
  #timers = new Map();
  #last = 0;

  setTimeout = (action, delay) => {
    this.#timers.set(++this.#last, { action, due: this.now + delay });
    return this.#last;
  };

  clearTimeout = (id) => { this.#timers.delete(id); };

  get waiting() {
    return [...this.#timers.values()].map(({ due }) => due - this.now);
  }

  async advance(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const [id, timer] = [...this.#timers].filter(([, { due }]) => due <= end).sort((a, b) => a[1].due - b[1].due)[0] ?? [];
      if (!timer) break;
      this.#timers.delete(id);
      this.now = timer.due;
      timer.action();
      await settle();
    }
    this.now = end;
  }
}

// Lets pending promises settle.
export async function settle() {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => { setImmediate(resolve); });
}

export function fakeSockets() {
  const opened = [];
  class FakeSocket extends EventTarget {
    constructor(url, protocols) {
      super();
      Object.assign(this, { url, protocols, sent: [], closedWith: null });
      opened.push(this);
    }

    send(data) { this.sent.push(data); }

    close(code, reason) { this.closedWith = { code, reason }; }

    tell(type, members) { this.dispatchEvent(Object.assign(new Event(type), members)); }

    accept() { this.tell('open'); }

    drop(code = 1006, reason = '') { this.tell('close', { code, reason, wasClean: code !== 1006 }); }
  }
  return { opened, WebSocket: FakeSocket };
}
