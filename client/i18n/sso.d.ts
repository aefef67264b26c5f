import type { I18n } from './index.js';

/** The sentence for a value of `oidc_error`, in the user's language. */
export function ssoErrorText(i18n: I18n, error: string): string;
