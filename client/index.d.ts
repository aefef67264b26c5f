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
 * Returns `url`, relative or absolute, with a new token for `purpose` in `?token=`: good for one request of this path, with this
 * `method` (default `GET`), within its lifetime.
 * @throws {AuthGateError} if no token can be obtained. A URL without a token is never returned.
 */
export function getAuthUrl(url: string | URL, purpose: string, options?: { signal?: AbortSignal; method?: string }): Promise<string>;

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
 * @throws {AuthGateError} `BAD_URL`, `FOREIGN_ORIGIN`. Everything else is reported by events.
 */
export function connectWebSocket(path: string | URL, options?: AuthGateSocketOptions): AuthGateSocket;
