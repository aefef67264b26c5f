// Errors between a page and the gate, with messages that may be shown: none contains a JWT or a token.

const MESSAGES = {
  AUTH_REQUIRED: 'Please sign in.',
  MFA_REQUIRED: 'Two-factor authentication is required. Complete setup in Settings.',
  FORBIDDEN: 'This is not allowed.',
  INVALID_PURPOSE: 'The gate issues no token for this purpose.',
  BAD_REQUEST: 'The gate did not understand the request.',
  NO_GATE: 'No gate stands in front of this application.',
  TOO_MANY: 'Too many requests. Try again in a moment.',
  UNAVAILABLE: 'The service is not available. Try again in a moment.',
  NETWORK: 'The server cannot be reached.',
  BAD_ANSWER: 'The gate gave an answer that is none.',
  BAD_URL: 'This is not an address.',
  FOREIGN_ORIGIN: 'This address belongs to another site.',
  NOT_CONNECTED: 'There is no connection.',
  LOAD_FAILED: 'The picture could not be loaded.',
  ABORTED: 'It was given up.',
};

// Failures that may not recur at the next attempt.
const PASSING = new Set(['TOO_MANY', 'UNAVAILABLE', 'NETWORK', 'BAD_ANSWER', 'LOAD_FAILED']);

const SECRETS = [/[\w-]*eyJ[\w-]*\.[\w-]+\.[\w-]*/g, /\b[0-9a-f]{64}\b/gi];
const LONGEST_MESSAGE = 300;

export class AuthGateError extends Error {
  // `retryAfter` is in seconds, if the server sent it. `refresh`: a new JWT would help.
  constructor(code, { message, status, retryAfter, refresh = false } = {}) {
    super(message ? cover(message) : MESSAGES[code] ?? code);
    this.name = 'AuthGateError';
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
    this.refresh = refresh;
  }

  get passing() {
    return PASSING.has(this.code);
  }
}

// A server may quote the request in its message.
function cover(message) {
  return SECRETS.reduce((text, secret) => text.replace(secret, '***'), message).slice(0, LONGEST_MESSAGE);
}

// The error for a Response that is a refusal. `body` is its parsed body, or null.
export function refusal({ status, headers }, body) {
  const message = typeof body?.error === 'string' && body.error ? body.error : undefined;
  const retryAfter = headers.get('Retry-After') ?? '';
  const seconds = /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  return new AuthGateError(codeOf(status, body), { message, status, retryAfter: seconds, refresh: headers.get('Auth-Gate') === 'refresh' });
}

// The same, of a Response whose body nobody has read.
export const refusalOf = async (response) => refusal(response, await response.json().catch(() => null));

function codeOf(status, body) {
  switch (status) {
    case 400: return body?.error === 'Invalid purpose' ? 'INVALID_PURPOSE' : 'BAD_REQUEST';
    case 401: return 'AUTH_REQUIRED';
    case 403: return body?.code === 'MFA_REQUIRED' ? 'MFA_REQUIRED' : 'FORBIDDEN';
    case 404: return 'NO_GATE';
    case 429: return 'TOO_MANY';
    default:
      if (status >= 500) return 'UNAVAILABLE';
      return status >= 400 ? 'BAD_REQUEST' : 'BAD_ANSWER';
  }
}

// The error for one of the gate's close codes in a CloseEvent, or undefined for any other code.
export function closeRefusal({ code, reason }) {
  if (code === 1013) return new AuthGateError('UNAVAILABLE', { message: reason });
  if (code === 4001) return new AuthGateError('AUTH_REQUIRED', { message: reason });
  if (code === 4003) return new AuthGateError('FORBIDDEN', { message: reason });
  if (code === 4403) return new AuthGateError('MFA_REQUIRED', { message: reason });
  return undefined;
}
