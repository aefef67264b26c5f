// Requests to the application and the gate, as the user who is signed in.

import { configure } from '../lib/config.js';
import { authedFetch } from '../lib/fetch.js';
import { config, sessionJwt } from './config.js';

// These pages say themselves what a refusal means: nobody is sent away from the page where he can help himself.
configure({ getJwt: sessionJwt, onAuthRequired: () => {}, onMfaRequired: () => {} });

// `message` is what the server said, in its language, or empty. `status` is 0 where no answer came.
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

// Resolves to the answer's JSON object; rejects with an ApiError.
export function api(method, path, body) {
  return ask(config.api + path, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
}

// The gate's counters, or null for those who may not see them.
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
