// fetch() for a session behind the gate.

import { config, requireTrusted, sessionHeaders } from './config.js';
import { refusal } from './errors.js';
import { credentialsFor } from './tokens.js';

// fetch() with the session. Calls `onAuthRequired` if the session has ended and `onMfaRequired` if it lacks MFA (which go to the login
// and to the settings), and still returns the response. Public endpoints work without a session, too.
export async function authedFetch(input, options = {}) {
  const target = requireTrusted(input instanceof Request ? input.url : String(input));
  const headers = new Headers(options.headers ?? (input instanceof Request ? input.headers : undefined));
  for (const [name, value] of Object.entries(await sessionHeaders({ required: false }))) {
    if (!headers.has(name)) headers.set(name, value);
  }
  const response = await config.fetch(input, { credentials: credentialsFor(target), ...options, headers });
  await tellRefusal(response);
  return response;
}

// A 401 from the application itself, such as a wrong password, has no code and is left to the page.
async function tellRefusal(response) {
  if (response.status !== 401 && response.status !== 403) return;
  const body = await response.clone().json().catch(() => null);
  const error = refusal(response, body);
  if (response.status === 401 && body?.code === 'AUTH_REQUIRED') config.onAuthRequired(error);
  else if (error.code === 'MFA_REQUIRED') config.onMfaRequired(error);
}
