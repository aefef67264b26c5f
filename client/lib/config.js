// What the helpers have to know about the site. index.d.ts describes every member.

import { AuthGateError } from './errors.js';

const settings = {
  getJwt: null,
  purposeEndpoint: (purpose) => (purpose === 'ws' ? '/api/auth/ws-token' : '/api/auth/resource-token'),
  loginUrl: '/login',
  mfaUrl: '/settings?mfa=required',
  onAuthRequired: () => goTo(settings.loginUrl),
  onMfaRequired: () => goTo(settings.mfaUrl),
  origins: [],
  imageMode: 'url',
  fetch: (...args) => globalThis.fetch(...args),
  navigate: (url) => globalThis.location.assign(new URL(url, globalThis.location.href)),
};

// The object is live: it shows later changes.
export const config = settings;

export function configure(changes) {
  for (const name of Object.keys(changes)) {
    if (!Object.hasOwn(settings, name)) throw new TypeError(`configure: unknown member "${name}"`);
  }
  Object.assign(settings, changes);
}

// Goes to a page of the site, unless it is the one that is shown.
function goTo(url) {
  const { location } = globalThis;
  if (!url || !location || samePage(url, location.href)) return;
  settings.navigate(url);
}

export function samePage(url, current) {
  const trimmed = ({ origin, pathname }) => origin + pathname.replace(/\/+$/, '');
  return trimmed(new URL(url, current)) === trimmed(new URL(current));
}

// The session's header, or none where it is in a cookie. `required`: without a JWT there is nothing to ask for.
export async function sessionHeaders({ required }) {
  if (!settings.getJwt) return {};
  const jwt = await settings.getJwt();
  // Headers name in their error what they do not like, so nothing odd may get there.
  const usable = typeof jwt === 'string' && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(jwt);
  if (!usable && required) throw new AuthGateError('AUTH_REQUIRED');
  return usable ? { Authorization: `Bearer ${jwt}` } : {};
}

// Sessions and tokens go to this site and to the `origins` that were named, nowhere else. A relative address is what the browser makes of it:
// in a page with a <base> that may be another site's.
export function requireTrusted(url, base = globalThis.document?.baseURI ?? ownAddress()) {
  let target;
  try {
    target = new URL(url, base);
  } catch {
    throw new AuthGateError('BAD_URL');
  }
  const own = ownAddress() && new URL(ownAddress()).origin;
  const origin = target.origin.replace(/^ws/, 'http');
  if (origin !== own && !settings.origins.includes(origin)) throw new AuthGateError('FOREIGN_ORIGIN');
  return target;
}

// Addresses of the configuration are relative to it.
export const ownAddress = () => globalThis.location?.href;
