// Single-use tokens for links, pictures and sockets, which cannot send a header.

import { config, ownAddress, requireTrusted, sessionHeaders } from './config.js';
import { AuthGateError, refusalOf } from './errors.js';
import { withToken } from './url.js';

const TOKEN = /^[0-9a-f]{64}$/;

// Endpoints that refuse requests with members that they do not know: an application's own may.
const withoutPlaces = new Set();

// Returns `url` with a new token for `purpose`, good for one request of this path and method. Throws AuthGateError; never returns a
// URL without a token. What needs no token is returned as it is: no URL at all, and what the page has itself.
export async function getAuthUrl(url, purpose, { signal, method } = {}) {
  const text = String(url ?? '').trim();
  if (text === '' || /^(data|blob):/i.test(text)) return text;
  return withToken(text, await getToken(purpose, { path: text, method, signal }), config.tokenParameter);
}

// A token alone, for libraries that put it into the URL by themselves. `path` is that URL, or its path: the token is good there alone.
export async function getToken(purpose, { path, method, signal } = {}) {
  if (path === undefined && method !== undefined) throw new TypeError('getToken: a method needs a path');
  return newToken(purpose, path === undefined ? {} : { path: requireTrusted(String(path)).pathname, method }, signal);
}

async function newToken(purpose, place, signal) {
  const endpoint = requireTrusted(config.purposeEndpoint(purpose), ownAddress());
  const anywhere = () => tokenFrom(endpoint, { purpose }, signal);
  if (!config.bindTokens || withoutPlaces.has(endpoint.href)) return anywhere();
  try {
    return await tokenFrom(endpoint, { purpose, ...place }, signal);
  } catch (error) {
    if (error.code !== 'BAD_REQUEST' || ![400, 422].includes(error.status)) throw error;
    const token = await anywhere();
    // What the gate says of one path is no word on others.
    if (error.message !== 'Invalid path') withoutPlaces.add(endpoint.href);
    return token;
  }
}

async function tokenFrom(endpoint, wanted, signal) {
  const headers = { ...await sessionHeaders({ required: true }), 'Content-Type': 'application/json' };
  const response = await ask(endpoint.href, {
    method: 'POST',
    headers,
    body: JSON.stringify(wanted),
    cache: 'no-store',
    credentials: credentialsFor(endpoint),
    // Another site must not see the session, and its answer is not a token.
    redirect: 'manual',
    signal,
  });
  if (!response.ok) throw await refusalOf(response);
  const body = await response.json().catch(() => null);
  if (!TOKEN.test(body?.token)) throw new AuthGateError('BAD_ANSWER', { status: response.status });
  return body.token;
}

export function credentialsFor({ origin }) {
  return origin === globalThis.location?.origin ? 'same-origin' : 'include';
}

// fetch() with errors that reveal nothing about the request.
export async function ask(url, options) {
  try {
    return await config.fetch(url, options);
  } catch {
    throw new AuthGateError(options.signal?.aborted ? 'ABORTED' : 'NETWORK');
  }
}
