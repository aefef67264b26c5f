// Signing in with SSO: what the gate brings back to the login page, in its address.

const SENTENCES = {
  access_denied: 'You said no at the provider.',
  registration_disabled: 'There is no account for you here, and nobody may register.',
  no_email: 'The provider does not vouch for your e-mail address.',
  invalid_state: 'That took too long, or began in another browser. Try again.',
};

// A session's JWT, null when the address has nothing of the kind. Throws a sentence for the person.
export async function sessionFromAddress() {
  const parameters = new URLSearchParams(location.search);
  const code = parameters.get('oidc_code');
  const error = parameters.get('oidc_error');
  if (!code && !error) return null;
  history.replaceState(null, '', code ? '/' : location.pathname);
  if (error) throw new Error(SENTENCES[error] ?? `Signing in with SSO failed (${error}).`);
  const response = await fetch(`/api/auth/oidc/exchange?code=${encodeURIComponent(code)}`);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer.token;
}
