// Requests to the application and the gate as the signed-in user.

import { configure } from '../lib/config.js';
import { authedFetch } from '../lib/fetch.js';
import { config, sessionJwt } from './config.js';
import { requests } from './request.js';

// These pages explain a refusal themselves: the user must not be redirected away from the page that can resolve it.
configure({ getJwt: sessionJwt, onAuthRequired: () => {}, onMfaRequired: () => {} });

export const api = requests(authedFetch, config.api);

// The gate's counters, or null for a user without access to them.
export async function gateStatus() {
  return config.status ? requests(authedFetch, config.status)('GET', '').catch(() => null) : null;
}
