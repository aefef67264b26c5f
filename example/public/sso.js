// Signing in with SSO: what the gate brings back to the login page, in its address.

import { t } from './texts.js';

const EXPLAINED = ['access_denied', 'registration_disabled', 'no_email', 'invalid_state'];

// A session's JWT, null when the address has nothing of the kind. Throws a sentence for the person.
export async function sessionFromAddress() {
  const parameters = new URLSearchParams(location.search);
  const code = parameters.get('oidc_code');
  const error = parameters.get('oidc_error');
  if (!code && !error) return null;
  history.replaceState(null, '', code ? '/' : location.pathname);
  if (error) throw new Error(EXPLAINED.includes(error) ? t(`sso.${error}`) : t('sso.failed', { code: error }));
  const response = await fetch(`/api/auth/oidc/exchange?code=${encodeURIComponent(code)}`);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer.token;
}
