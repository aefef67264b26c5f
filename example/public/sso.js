// Signing in with SSO: handles the parameters that the gate adds to the login page's URL.

import { ssoErrorText } from '/auth-gate/i18n/sso.js';
import { i18n } from './texts.js';

// Resolves to a session's JWT, or null if the URL has no such parameter. Throws an error with a message for the user.
export async function sessionFromAddress() {
  const parameters = new URLSearchParams(location.search);
  const code = parameters.get('oidc_code');
  const error = parameters.get('oidc_error');
  if (!code && !error) return null;
  history.replaceState(null, '', code ? '/' : location.pathname);
  if (error) throw new Error(ssoErrorText(i18n, error, parameters.get('oidc_error_description')));
  const response = await fetch(`/api/auth/oidc/exchange?code=${encodeURIComponent(code)}`);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer.token;
}
