// Server-sent events that are connected again when the connection is lost, with a new token each time.
//
// The browser's EventSource would repeat the URL with the spent token, and a new one could not be given the last event's
// id. So this reads the stream by fetch().

import { Attempts } from './attempts.js';
import { requireTrusted, sessionHeaders } from './config.js';
import { AuthGateError, refusal } from './errors.js';
import { EventStream, idForHeader, isEventStream, readEvents } from './event-stream.js';
import { tellRefusal } from './refused.js';
import { ask, credentialsFor, getAuthUrl } from './tokens.js';

const OWN_EVENTS = ['open', 'retry', 'stopped'];
const SHORTEST_RETRY_MS = 100;

// Reconnects until close() is called, the server says that there is no more, or the gate refuses for good. index.d.ts
// describes options and events.
export function connectEventSource(url, options = {}) {
  return new AuthGateEventSource(url, options);
}

class AuthGateEventSource extends EventTarget {
  #target;
  #options;
  #purpose;
  #attempts;
  #stream = new EventStream();
  #state = 'connecting';
  #abort = null;

  constructor(url, options) {
    super();
    this.#target = requireTrusted(String(url));
    this.#target.hash = '';
    this.#options = options;
    this.#purpose = options.purpose === undefined ? 'download' : options.purpose;
    this.#stream.lastEventId = options.lastEventId ?? '';
    for (const type of [...OWN_EVENTS, 'message']) {
      const handler = options[`on${type[0].toUpperCase()}${type.slice(1)}`];
      if (handler) this.addEventListener(type, handler);
    }
    this.#attempts = new Attempts(() => this.#connect(), options);
    options.signal?.addEventListener('abort', () => this.close(), { once: true });
    if (options.signal?.aborted) this.close();
    else this.#connect();
  }

  // connecting, open, waiting (for the next attempt) or closed.
  get state() {
    return this.#state;
  }

  get lastEventId() {
    return this.#stream.lastEventId;
  }

  close() {
    this.#state = 'closed';
    this.#abort?.abort();
    this.#attempts.end();
  }

  async #connect() {
    this.#state = 'connecting';
    const { signal } = this.#abort = new AbortController();
    try {
      await this.#follow(signal);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  async #follow(signal) {
    const response = await this.#ask(signal);
    if (signal.aborted) return;
    if (response.status === 204) {
      this.#stop();
      return;
    }
    if (!response.ok) throw await streamRefusal(response);
    if (!isEventStream(response)) {
      this.#stop(new AuthGateError('BAD_ANSWER', { status: response.status }));
      return;
    }
    this.#state = 'open';
    this.#attempts.opened();
    this.#tell('open');
    await readEvents(response, this.#stream, (event) => this.#deliver(event));
    throw new AuthGateError('NETWORK');
  }

  // A token may expire on its way, as in a computer that sleeps.
  async #ask(signal) {
    const response = await this.#askOnce(signal);
    if (response.status !== 401 || this.#purpose === null) return response;
    await response.body?.cancel();
    return this.#askOnce(signal);
  }

  async #askOnce(signal) {
    const { href } = this.#target;
    const url = this.#purpose === null ? href : await getAuthUrl(href, this.#purpose, { signal });
    const session = this.#purpose === null ? await sessionHeaders({ required: true }) : {};
    const id = idForHeader(this.lastEventId);
    return ask(url, {
      headers: { Accept: 'text/event-stream', ...session, ...(id && { 'Last-Event-ID': id }) },
      cache: 'no-store',
      credentials: this.#purpose === null ? credentialsFor(this.#target) : 'same-origin',
      signal,
    });
  }

  #deliver({ type, data, lastEventId }) {
    if (this.#state !== 'open') return;
    this.#attempts.succeeded();
    const name = OWN_EVENTS.includes(type) ? 'message' : type;
    this.dispatchEvent(new MessageEvent(name, { data, lastEventId, origin: this.#target.origin }));
  }

  #failed(failure) {
    const error = failure instanceof AuthGateError ? failure : new AuthGateError('NETWORK');
    this.#attempts.lost();
    if (!error.passing) {
      this.#stop(error);
      return;
    }
    this.#state = 'waiting';
    const retry = this.#stream.retry ?? undefined;
    const first = retry === undefined ? undefined : Math.max(retry, SHORTEST_RETRY_MS);
    const delay = this.#attempts.retry({ first, atLeast: Math.max(retry ?? 0, (error.retryAfter ?? 0) * 1000) });
    this.#tell('retry', { delay, error });
  }

  #stop(error) {
    this.close();
    this.#tell('stopped', { error });
    if (error) tellRefusal(error, this.#options);
  }

  #tell(type, members = {}) {
    this.dispatchEvent(Object.assign(new Event(type), members));
  }
}

// A status that says nothing of a session is the application's: a 404 does not mean that there is no gate.
async function streamRefusal(response) {
  const { status } = response;
  const body = await response.json().catch(() => null);
  const error = refusal(response, body);
  if (error.code !== 'NO_GATE' && error.code !== 'INVALID_PURPOSE') return error;
  return new AuthGateError('BAD_REQUEST', { message: body?.error ?? `The server answered ${status}.`, status });
}
