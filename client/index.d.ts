export { AuthedImg } from './authed-img.js';

/**
 * Why the gate, or the way to it, said no.
 *
 * `AUTH_REQUIRED` no session, or one that has ended · `MFA_REQUIRED` · `FORBIDDEN` · `INVALID_PURPOSE` · `BAD_REQUEST` ·
 * `NO_GATE` nothing issues tokens here · `TOO_MANY` · `UNAVAILABLE` · `NETWORK` · `BAD_ANSWER` · `BAD_URL` ·
 * `FOREIGN_ORIGIN` the address is not this site's, so it gets neither session nor token · `NOT_CONNECTED` ·
 * `LOAD_FAILED` a picture that is none · `ABORTED`
 */
export type AuthGateErrorCode =
  | 'AUTH_REQUIRED' | 'MFA_REQUIRED' | 'FORBIDDEN' | 'INVALID_PURPOSE' | 'BAD_REQUEST' | 'NO_GATE' | 'TOO_MANY'
  | 'UNAVAILABLE' | 'NETWORK' | 'BAD_ANSWER' | 'BAD_URL' | 'FOREIGN_ORIGIN' | 'NOT_CONNECTED' | 'LOAD_FAILED' | 'ABORTED';

/** Its message may be shown, and contains neither a JWT nor a token. */
export class AuthGateError extends Error {
  readonly code: AuthGateErrorCode;
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** Seconds to wait, where the server said so. */
  readonly retryAfter?: number;
  /** Whether another try may succeed. */
  readonly passing: boolean;
}

export interface AuthGateConfig {
  /**
   * The session's JWT, or null when nobody is signed in. Without it (`null`, the default) the session is taken to be in
   * a cookie.
   */
  getJwt: (() => string | null | undefined | Promise<string | null | undefined>) | null;
  /** Where tokens for a purpose come from. Default: `/api/auth/ws-token` for `ws`, `/api/auth/resource-token` for others. */
  purposeEndpoint: (purpose: string) => string;
  /** Where `onAuthRequired` goes. Default `/login`. */
  loginUrl: string;
  /** Where `onMfaRequired` goes. Default `/settings?mfa=required`. */
  mfaUrl: string;
  /** The session has ended. Default: go to `loginUrl`, unless that page is shown. */
  onAuthRequired: (error: AuthGateError) => void;
  /** The session lacks MFA. Default: go to `mfaUrl`, unless that page is shown. */
  onMfaRequired: (error: AuthGateError) => void;
  /** Other origins that may be given the session and tokens, such as `https://api.example.org`. */
  origins: string[];
  /** How `<authed-img>` without a `mode` loads. `blob` needs `blob:` in the page's `img-src`. Default `url`. */
  imageMode: 'url' | 'blob';
  /** Default: the global one. */
  fetch: typeof fetch;
  /** Default: `location.assign`. */
  navigate: (url: string) => void;
}

/** Changes some of the configuration. An unknown member is a TypeError. */
export function configure(changes: Partial<AuthGateConfig>): void;

/**
 * `url`, relative or absolute, with a new token for `purpose` in `?token=`: good for one request within its lifetime.
 * @throws {AuthGateError} when there is no token to be had. A URL without one is never returned.
 */
export function getAuthUrl(url: string | URL, purpose: string, options?: { signal?: AbortSignal }): Promise<string>;

/**
 * As `fetch`, with the session, for this site and the configured `origins`. A 401 with the code `AUTH_REQUIRED` calls
 * `onAuthRequired`, a 403 with `MFA_REQUIRED` calls `onMfaRequired`; the response is returned all the same.
 */
export function authedFetch(input: string | URL | Request, options?: RequestInit): Promise<Response>;

export interface DownloadOptions {
  /** Default `download`. */
  purpose?: string;
  /** What the file shall be called, where the server does not say. */
  filename?: string;
  /** Show the file in a new tab. Has to be called while a click is being handled. */
  newTab?: boolean;
}

/** @throws {AuthGateError} when there is no token to be had. Nothing is fetched then. */
export function openDownload(url: string | URL, options?: DownloadOptions): Promise<void>;

export interface AuthGateSocketEvents {
  open: Event;
  message: Event & { readonly data: string | Blob | ArrayBuffer };
  /** The connection was lost; `retry` or `stopped` follows. Not told after `close()`. */
  close: Event & { readonly code: number; readonly reason: string; readonly wasClean: boolean };
  /** The next try is in `delay` milliseconds, or as soon as the browser is online again. */
  retry: Event & { readonly delay: number; readonly error: AuthGateError };
  /** There will be no further try: the session has ended or lacks MFA, or the gate refuses for good. */
  stopped: Event & { readonly error: AuthGateError };
}

export interface AuthGateSocketOptions {
  /** Default `ws`. */
  purpose?: string;
  protocols?: string | string[];
  binaryType?: 'blob' | 'arraybuffer';
  /** Milliseconds: the first wait (1000), the longest (30000), and how long a connection has to last to count as good (10000). */
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
  /** For good: nothing is told, and nothing tried, any more. */
  close(code?: number, reason?: string): void;
  addEventListener<K extends keyof AuthGateSocketEvents>(
    type: K, listener: (event: AuthGateSocketEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

/**
 * A WebSocket to `path` that fetches a new token before each connect, waits longer after each failure, and stops when the session
 * has ended (401, close code 4001) or lacks MFA (403, close code 4403).
 * @throws {AuthGateError} `BAD_URL`, `FOREIGN_ORIGIN`. All else is told by events.
 */
export function connectWebSocket(path: string | URL, options?: AuthGateSocketOptions): AuthGateSocket;
