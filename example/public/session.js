// Talks to the application as the signed-in user. The JWT stays in this tab and is sent in a header only.

import { authedFetch, configure } from '/auth-gate/index.js';

const KEY = 'session';
const SSO_KEY = 'session-by-sso';

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.error ?? `The server answered ${status}`);
    this.status = status;
    this.code = body?.code;
  }
}

export const session = {
  get: () => sessionStorage.getItem(KEY),
  isBySso: () => sessionStorage.getItem(SSO_KEY) !== null,
  set(token, { bySso = false } = {}) {
    this.clear();
    sessionStorage.setItem(KEY, token);
    if (bySso) sessionStorage.setItem(SSO_KEY, '');
  },
  clear() {
    sessionStorage.removeItem(KEY);
    sessionStorage.removeItem(SSO_KEY);
  },
};

// A user who lacks the required two-factor authentication is sent to the settings: the client does so by default.
configure({
  getJwt: session.get,
  onAuthRequired: () => document.dispatchEvent(new Event('signed-out')),
});

export async function api(method, path, body) {
  const isForm = body instanceof FormData;
  const response = await authedFetch(path, {
    method,
    headers: body !== undefined && !isForm ? { 'Content-Type': 'application/json' } : {},
    body: body === undefined || isForm ? body : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}
