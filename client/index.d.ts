export { AuthedImg } from './authed-img.js';

/**
 * The reason for a failure: a refusal by the gate, or an error on the way to it.
 *
 * `AUTH_REQUIRED` no session, or it has ended · `MFA_REQUIRED` · `FORBIDDEN` · `INVALID_PURPOSE` · `BAD_REQUEST` ·
 * `NO_GATE` no endpoint issues tokens here · `TOO_MANY` · `UNAVAILABLE` · `NETWORK` · `BAD_ANSWER` · `BAD_URL` ·
 * `FOREIGN_ORIGIN` the URL is on another site, so it gets neither session nor token · `NOT_CONNECTED` ·
 * `LOAD_FAILED` not a valid picture · `ABORTED`
 */
export type AuthGateErrorCode =
  | 'AUTH_REQUIRED' | 'MFA_REQUIRED' | 'FORBIDDEN' | 'INVALID_PURPOSE' | 'BAD_REQUEST' | 'NO_GATE' | 'TOO_MANY'
  | 'UNAVAILABLE' | 'NETWORK' | 'BAD_ANSWER' | 'BAD_URL' | 'FOREIGN_ORIGIN' | 'NOT_CONNECTED' | 'LOAD_FAILED' | 'ABORTED';

/** The message may be shown: it contains neither a JWT nor a token. */
export class AuthGateError extends Error {
  readonly code: AuthGateErrorCode;
  /** The HTTP status, if there was a response. */
  readonly status?: number;
  /** Seconds to wait, if the server sent it. */
  readonly retryAfter?: number;
  /** Whether a new JWT would help (`Auth-Gate: refresh`), such as after the user has set up MFA. */
  readonly refresh: boolean;
  /** Whether another attempt may succeed. */
  readonly passing: boolean;
}

export interface AuthGateConfig {
  /**
   * Returns the session's JWT, or null if nobody is signed in. Without this function (`null`, the default), the session is
   * assumed to be a cookie.
   */
  getJwt: (() => string | null | undefined | Promise<string | null | undefined>) | null;
  /** The endpoint that issues tokens for a purpose. Default: `/api/auth/ws-token` for `ws`, `/api/auth/resource-token` for others. */
  purposeEndpoint: (purpose: string) => string;
  /** The destination of `onAuthRequired`. Default `/login`. */
  loginUrl: string;
  /** The destination of `onMfaRequired`. Default `/settings?mfa=required`. */
  mfaUrl: string;
  /** Called when the session has ended. Default: go to `loginUrl`, unless that page is already shown. */
  onAuthRequired: (error: AuthGateError) => void;
  /** Called when the session lacks MFA. Default: go to `mfaUrl`, unless that page is already shown. */
  onMfaRequired: (error: AuthGateError) => void;
  /** Other origins that may be given the session and tokens, such as `https://api.example.org`. */
  origins: string[];
  /**
   * Whether each token is asked for with the path of its URL, and is good there alone. Default `true`; `false` if a proxy in front of
   * the gate changes paths.
   */
  bindTokens: boolean;
  /** The parameter of URLs that has the token. Default `token`; `access_token` for locations with `param=access_token`. */
  tokenParameter: string;
  /** The mode of an `<authed-img>` without `mode`. `blob` needs `blob:` in the page's `img-src`. Default `url`. */
  imageMode: 'url' | 'blob';
  /** Default: the global one. */
  fetch: typeof fetch;
  /** Default: `location.assign`. */
  navigate: (url: string) => void;
}

/** Changes parts of the configuration. An unknown member throws a TypeError. */
export function configure(changes: Partial<AuthGateConfig>): void;

/**
 * Returns `url`, relative or absolute, with a new token for `purpose` in its parameter `tokenParameter`: good for one request of this path, with this
 * `method` (default `GET`), within its lifetime. What needs no token costs none: without a URL (`''`, `null`, `undefined`) it returns `''`, and a `data:` or `blob:` URL comes back unchanged.
 * @throws {AuthGateError} if no token can be obtained. A URL of a site is never returned without a token.
 */
export function getAuthUrl(
  url: string | URL | null | undefined, purpose: string,
  options?: { signal?: AbortSignal; method?: string }): Promise<string>;

/**
 * Returns a new token for `purpose`: for libraries that put it into the URL themselves. `path` is that URL or its path: the token is good
 * there alone, with this `method` (default `GET`). Without `path`, it is good wherever its purpose is, and none is issued if the purpose has
 * `bind=path`.
 * @throws {AuthGateError} if no token can be obtained.
 */
export function getToken(
  purpose: string, options?: { path?: string | URL; method?: string; signal?: AbortSignal }): Promise<string>;

/**
 * Returns the absolute URL (`ws:` or `wss:`) of a WebSocket with a new token: good for one connection. `purpose` is `ws` by default.
 * @throws {AuthGateError} if no token can be obtained.
 */
export function getSocketUrl(path: string | URL, purpose?: string, options?: { signal?: AbortSignal }): Promise<string>;

/**
 * `fetch` with the session, for this site and the configured `origins`. A 401 with the code `AUTH_REQUIRED` calls
 * `onAuthRequired`, a 403 with `MFA_REQUIRED` calls `onMfaRequired`; the response is still returned.
 */
export function authedFetch(input: string | URL | Request, options?: RequestInit): Promise<Response>;

export interface DownloadOptions {
  /** Default `download`. */
  purpose?: string;
  /** The file's name, if the server does not send one. */
  filename?: string;
  /** Shows the file in a new tab. Must be called while a click is being handled. */
  newTab?: boolean;
}

/** @throws {AuthGateError} if no token can be obtained. Nothing is fetched then. */
export function openDownload(url: string | URL, options?: DownloadOptions): Promise<void>;

export interface AuthGateSocketEvents {
  open: Event;
  message: Event & { readonly data: string | Blob | ArrayBuffer };
  /** The connection was lost; `retry` or `stopped` follows. Not dispatched after `close()`. */
  close: Event & { readonly code: number; readonly reason: string; readonly wasClean: boolean };
  /** The next attempt is in `delay` milliseconds, or as soon as the browser is online again. */
  retry: Event & { readonly delay: number; readonly error: AuthGateError };
  /** There will be no further attempt: the session has ended or lacks MFA, or the gate refuses for good. */
  stopped: Event & { readonly error: AuthGateError };
}

export interface AuthGateSocketOptions {
  /** Default `ws`. */
  purpose?: string;
  protocols?: string | string[];
  binaryType?: 'blob' | 'arraybuffer';
  /** Milliseconds: the first wait (1000), the longest (30000), and how long a connection must last to count as good (10000). */
  firstDelay?: number;
  longestDelay?: number;
  stableAfter?: number;
  onOpen?: (event: AuthGateSocketEvents['open']) => void;
  onMessage?: (event: AuthGateSocketEvents['message']) => void;
  onClose?: (event: AuthGateSocketEvents['close']) => void;
  onRetry?: (event: AuthGateSocketEvents['retry']) => void;
  onStopped?: (event: AuthGateSocketEvents['stopped']) => void;
  /** Close code 4001, or 401 for a token. Default: the configured one. */
  onAuthRequired?: (error: AuthGateError) => void;
  /** Close code 4403, or 403 `MFA_REQUIRED` for a token. Default: the configured one. */
  onMfaRequired?: (error: AuthGateError) => void;
  /** For tests. */
  random?: () => number;
  clock?: { setTimeout: (action: () => void, milliseconds: number) => unknown; clearTimeout: (timer: unknown) => void };
  WebSocket?: typeof WebSocket;
}

export interface AuthGateSocket extends EventTarget {
  readonly state: 'connecting' | 'open' | 'waiting' | 'closed';
  /** @throws {AuthGateError} `NOT_CONNECTED` unless `state` is `open`. */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void;
  /** Closes for good: no more events, no more attempts. */
  close(code?: number, reason?: string): void;
  addEventListener<K extends keyof AuthGateSocketEvents>(
    type: K, listener: (event: AuthGateSocketEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

/**
 * Opens a WebSocket to `path`. It fetches a new token before each connection, waits longer after each failure, and stops when the
 * session has ended (401, close code 4001), lacks MFA (403, close code 4403) or may not be used by this page (403, close code 4003).
 * The close code 1013 (the gate cannot decide now) is one more failure to wait after.
 * @throws {AuthGateError} `BAD_URL`, `FOREIGN_ORIGIN`. Everything else is reported by events.
 */
export function connectWebSocket(path: string | URL, options?: AuthGateSocketOptions): AuthGateSocket;

/** The reason in a CloseEvent of the gate (4001, 4003, 4403, or 1013, which is `passing`); undefined for any other close code. */
export function closeRefusal(event: { readonly code?: number; readonly reason?: string }): AuthGateError | undefined;

/**
 * For libraries that ask whether they may connect again, such as graphql-ws (`shouldRetry`). `cause` is a CloseEvent or an error. After
 * false, the configured `onAuthRequired` or `onMfaRequired` has been called.
 */
export function shouldRetry(cause: unknown): boolean;

export interface AuthGateEventSourceEvents {
  open: Event;
  message: MessageEvent<string>;
  /** The connection was lost. The next attempt is in `delay` milliseconds, or as soon as the browser is online again. */
  retry: Event & { readonly delay: number; readonly error: AuthGateError };
  /** There will be no further attempt. Without `error`, the server has said that there is no more (204). */
  stopped: Event & { readonly error?: AuthGateError };
}

export interface AuthGateEventSourceOptions {
  /** Default `download`. `null`: no token; the session's own header or cookie is sent, for a location that takes JWTs. */
  purpose?: string | null;
  /** The last event that the page knows, to go on behind it. */
  lastEventId?: string;
  /** Closes it. */
  signal?: AbortSignal;
  /** Milliseconds: the first wait until the server says another by `retry:` (1000), the longest (30000, unless the server wants a longer
   *  one), and how long a connection without an event must last to count as good (10000). */
  firstDelay?: number;
  longestDelay?: number;
  stableAfter?: number;
  onOpen?: (event: AuthGateEventSourceEvents['open']) => void;
  onMessage?: (event: AuthGateEventSourceEvents['message']) => void;
  onRetry?: (event: AuthGateEventSourceEvents['retry']) => void;
  onStopped?: (event: AuthGateEventSourceEvents['stopped']) => void;
  /** 401. Default: the configured one. */
  onAuthRequired?: (error: AuthGateError) => void;
  /** 403 `MFA_REQUIRED`. Default: the configured one. */
  onMfaRequired?: (error: AuthGateError) => void;
  /** For tests. */
  random?: () => number;
  clock?: { setTimeout: (action: () => void, milliseconds: number) => unknown; clearTimeout: (timer: unknown) => void };
}

/** Events with names of the server's (`event: price`) are dispatched by that name, but those named `open`, `retry` or `stopped` as `message`. */
export interface AuthGateEventSource extends EventTarget {
  readonly state: 'connecting' | 'open' | 'waiting' | 'closed';
  readonly lastEventId: string;
  /** Closes for good: no more events, no more attempts. */
  close(): void;
  addEventListener<K extends keyof AuthGateEventSourceEvents>(
    type: K, listener: (event: AuthGateEventSourceEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

/**
 * Reads server-sent events. It fetches a new token before each connection and sends `Last-Event-ID`, waits as long as `retry:` says or
 * longer after each failure, and stops when the server says 204, refuses for good (401 to two tokens, 403, another 4xx), or answers with
 * something that is no event stream.
 * @throws {AuthGateError} `BAD_URL`, `FOREIGN_ORIGIN`. Everything else is reported by events.
 */
export function connectEventSource(url: string | URL, options?: AuthGateEventSourceOptions): AuthGateEventSource;

/** What is used of the module socket.io-client, 4.8 or later. */
export interface SocketIoClient<Socket> {
  io: (url: string, options: any) => Socket;
  WebSocket: any;
}

export interface SocketIoOptions {
  /** Default `ws`. */
  purpose?: string;
  /** The gate refuses for good: the socket is disconnected. */
  onStopped?: (error: AuthGateError) => void;
  /** Default: the configured ones. */
  onAuthRequired?: (error: AuthGateError) => void;
  onMfaRequired?: (error: AuthGateError) => void;
  /** Socket.IO's own options, except `transports` and `forceNew`. */
  [option: string]: unknown;
}

/**
 * Opens a socket of Socket.IO by WebSocket, with a new token for each connection: `connectSocketIo(await import('socket.io-client'), '/')`.
 * Socket.IO reconnects as it always does, until the gate refuses for good.
 */
export function connectSocketIo<Socket>(client: SocketIoClient<Socket>, url: string, options?: SocketIoOptions): Socket;
