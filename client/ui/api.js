// Requests to the application and the gate as the signed-in user.

import { configure } from '../lib/config.js';
import { authedFetch } from '../lib/fetch.js';
import { config, sessionJwt } from './config.js';

// These pages explain a refusal themselves: the user must not be redirected away from the page that can resolve it.
configure({ getJwt: sessionJwt, onAuthRequired: () => {}, onMfaRequired: () => {} });

// `message` is the server's text in its own language, or empty. `status` is 0 if there was no response.
export class ApiError extends Error {
  constructor(status, answer) {
    super(typeof answer?.error === 'string' ? answer.error : '');
    this.status = status;
    this.code = answer?.code;
  }

  get signedOut() {
    return this.status === 401 && (this.code === 'AUTH_REQUIRED' || !this.message);
  }
}

// Resolves to the response's JSON object; rejects with an ApiError.
export function api(method, path, body) {
  return ask(config.api + path, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
}

// The gate's counters, or null for a user without access to them.
export async function gateStatus() {
  return config.status ? ask(config.status, {}).catch(() => null) : null;
}

async function ask(url, options) {
  const response = await authedFetch(url, { cache: 'no-store', ...options }).catch(() => {
    throw new ApiError(0);
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null || typeof answer !== 'object') throw new ApiError(response.status, answer);
  return answer;
}
