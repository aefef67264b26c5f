// The site's configuration for the helpers. index.d.ts describes every member.

import { AuthGateError } from './errors.js';

const settings = {
  getJwt: null,
  purposeEndpoint: (purpose) => (purpose === 'ws' ? '/api/auth/ws-token' : '/api/auth/resource-token'),
  loginUrl: '/login',
  mfaUrl: '/settings?mfa=required',
  onAuthRequired: () => goTo(settings.loginUrl),
  onMfaRequired: () => goTo(settings.mfaUrl),
  origins: [],
  bindTokens: true,
  tokenParameter: 'token',
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
  if (!isParameterName({ ...settings, ...changes }.tokenParameter)) throw new TypeError('configure: tokenParameter is no name');
  Object.assign(settings, changes);
}

// What the gate takes for `param=`.
const isParameterName = (name) => typeof name === 'string' && /^[\w-]{1,64}$/.test(name);

// Goes to a page of the site, unless it is already shown.
function goTo(url) {
  const { location } = globalThis;
  if (!url || !location || samePage(url, location.href)) return;
  settings.navigate(url);
}

export function samePage(url, current) {
  const trimmed = ({ origin, pathname }) => origin + pathname.replace(/\/+$/, '');
  return trimmed(new URL(url, current)) === trimmed(new URL(current));
}

// The session's header, or none if the session is a cookie. `required`: a missing JWT is an error.
export async function sessionHeaders({ required }) {
  if (!settings.getJwt) return {};
  const jwt = await settings.getJwt();
  // `Headers` quotes an invalid value in its error, so check the value first.
  const usable = typeof jwt === 'string' && /^[\w-]+\.[\w-]+\.[\w-]*$/.test(jwt);
  if (!usable && required) throw new AuthGateError('AUTH_REQUIRED');
  return usable ? { Authorization: `Bearer ${jwt}` } : {};
}

// Sessions and tokens go only to this site and to the configured `origins`. The browser resolves relative URLs, and in a page with
// a <base>, the result may be on another site.
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

// The base of URLs in the configuration: the page's own URL, whatever its <base>.
export const ownAddress = () => globalThis.location?.href;
