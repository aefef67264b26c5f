import type { AuthGateError } from './index.js';

/**
 * `<authed-img src purpose mode alt loading>`, defined when this module is imported in a browser.
 *
 * `purpose`: the token's purpose, default `immich` · `mode`: `url` or `blob`, default as configured · `loading="eager"`: load at once,
 * not near the viewport only · `alt`, `width`, `height`, `decoding`, `crossorigin`, `referrerpolicy`: as on `<img>` · `::part(img)`: for styles.
 * Dispatches `load`, and `error` with the AuthGateError in `event.error`.
 */
export class AuthedImg extends HTMLElement {
  /** The inner `<img>`. */
  readonly image: HTMLImageElement;
  /** The reason for a missing picture. */
  readonly error: AuthGateError | null;
  /** Loads the picture now, even if it is not near the viewport. */
  load(): Promise<void>;
}

declare global {
  interface HTMLElementTagNameMap {
    'authed-img': AuthedImg;
  }
}
