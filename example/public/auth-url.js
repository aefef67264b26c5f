// Addresses for what cannot send a header: links, images, sockets. Instead of the JWT they carry a token that works
// once, within seconds. It is the gate in front of the application that issues and redeems these tokens.

import { api, ApiError } from './session.js';

export class NoGateError extends Error {
  constructor() {
    super('No gate stands in front of this application, so files, pictures and live messages cannot be opened.\n'
      + 'Open the address that "./dev demo" printed, not the application\'s own.');
  }
}

export async function getAuthUrl(url, purpose) {
  const address = new URL(url, location.href);
  address.searchParams.set('token', await newToken(purpose));
  return address.href;
}

async function newToken(purpose) {
  try {
    const { token } = purpose === 'ws'
      ? await api('POST', '/api/auth/ws-token')
      : await api('POST', '/api/auth/resource-token', { purpose });
    return token;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) throw new NoGateError();
    throw error;
  }
}
