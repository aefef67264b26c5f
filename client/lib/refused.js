// What follows when the gate refuses for good.

import { config } from './config.js';
import { AuthGateError, closeRefusal } from './errors.js';

// Calls what the page, or else the configuration, has for a session that has ended or lacks MFA.
export function tellRefusal(error, { onAuthRequired, onMfaRequired } = {}) {
  if (error.code === 'AUTH_REQUIRED') (onAuthRequired ?? config.onAuthRequired)(error);
  if (error.code === 'MFA_REQUIRED') (onMfaRequired ?? config.onMfaRequired)(error);
}

// For libraries that ask whether they may connect again, such as graphql-ws. `cause` is a CloseEvent, or what a helper
// has thrown.
export function shouldRetry(cause) {
  const error = cause instanceof AuthGateError ? cause : closeRefusal(cause ?? {});
  if (!error || error.passing) return true;
  tellRefusal(error);
  return false;
}
