import type { AuthGateError } from './index.js';

/**
 * `<authed-img src purpose mode alt loading>`, defined when this module is imported in a browser.
 *
 * `purpose`: of the token, default `immich` · `mode`: `url` or `blob`, default as configured · `loading="eager"`: not only when it
 * comes near the viewport · `alt`, `width`, `height`, `decoding`, `crossorigin`, `referrerpolicy`: as on `<img>` · `::part(img)`: for styles.
 * Dispatches `load`, and `error` with the AuthGateError in `event.error`.
 */
export class AuthedImg extends HTMLElement {
  /** The `<img>` within. */
  readonly image: HTMLImageElement;
  /** Why there is no picture. */
  readonly error: AuthGateError | null;
  /** Loads the picture now, wherever it is. */
  load(): Promise<void>;
}

declare global {
  interface HTMLElementTagNameMap {
    'authed-img': AuthedImg;
  }
}
