import type { I18n } from './index.js';

/**
 * The sentence for a value of `oidc_error`, in the user's language, and what the provider says about it (`oidc_error_description`).
 * It is text, not HTML: anybody can write a URL.
 */
export function ssoErrorText(i18n: I18n, error: string, description?: string | null): string;
