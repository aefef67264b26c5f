// Finds the URLs that contain a session's JWT, and makes the URLs that replace them.

const options = {
  wsToken: '/api/auth/ws-token',
  resourceToken: '/api/auth/resource-token',
  purposes: 'immich:/api/integrations/immich/* download:/api/*',
  dialog: 'on',
  api: '/api',
  login: '/login',
  public: '',
  bind: 'on',
  parameter: 'token',
  ...document.currentScript?.dataset,
};
const PURPOSES = options.purposes.trim().split(/\s+/).map((rule) => {
  const colon = rule.indexOf(':');
  return { purpose: rule.slice(0, colon), prefix: rule.slice(colon + 1).replace(/\*$/, ''), exact: !rule.endsWith('*') };
});

const natives = { fetch: window.fetch, WebSocket: window.WebSocket, submit: HTMLFormElement.prototype.submit };
const { addEventListener } = EventTarget.prototype;

// A JWT begins with `{"`. A JWT with a `purpose` claim is not a session, so it is left alone.
const MARK = 'eyJ';
const JWT = /^eyJ[\w-]*\.([\w-]+)\.[\w-]*$/;

function isSession(text) {
  const payload = JWT.exec(text)?.[1];
  try {
    return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))).purpose === undefined;
  } catch {
    return false;
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// `document.baseURI` can be shadowed by a page element of that name.
const { get: baseOf } = Object.getOwnPropertyDescriptor(Node.prototype, 'baseURI');

function parsed(address) {
  try {
    return new URL(address, baseOf.call(document));
  } catch {
    return null;
  }
}

// Returns {url without the JWT, jwt, purpose} for a URL of this site with a session in it, otherwise null.
function find(value, purpose) {
  const text = String(value);
  const url = text.includes(MARK) ? parsed(text) : null;
  if (url?.host !== location.host || !/^(http|ws)s?:$/.test(url.protocol)) return null;
  let jwt = null;
  const rest = url.search.slice(1).split('&').filter((pair) => {
    const found = decoded(pair.slice(pair.indexOf('=') + 1)).replace(/^Bearer[\s+]+/i, '');
    if (!isSession(found)) return true;
    jwt ??= found;
    return false;
  });
  const use = purpose ?? purposeOf(url.pathname);
  if (!jwt || !use) return null;
  url.search = rest.join('&');
  return { url: url.href, jwt, purpose: use };
}

function purposeOf(path) {
  const lower = path.toLowerCase();
  return PURPOSES.find(({ prefix, exact }) => (exact ? lower === prefix.toLowerCase() : lower.startsWith(prefix.toLowerCase())))?.purpose;
}

async function withToken({ url, jwt, purpose }, method) {
  // Relative to this site, whatever a <base> in the page says.
  const endpoint = new URL(purpose === 'ws' ? options.wsToken : options.resourceToken, location.href).href;
  const request = (wanted) => ask(endpoint, {
    method: 'POST',
    headers: { Authorization: `Bearer ${jwt}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(wanted),
    cache: 'no-store',
    redirect: 'manual',
  });
  const isBound = options.bind !== 'off';
  let response = await request({ purpose, ...(isBound && { path: new URL(url).pathname, method }) });
  // An endpoint of the application's own may refuse members that it does not know.
  if (isBound && (response.status === 400 || response.status === 422)) response = await request({ purpose });
  const body = await response.json().catch(() => null);
  if (!response.ok || !/^[0-9a-f]{64}$/.test(body?.token)) {
    console.warn(`auth-gate-shim: ${endpoint} gave no token for "${purpose}" (status ${response.status})`);
    throw Object.assign(new Error('no token'), { status: response.status, code: body?.code });
  }
  const swapped = new URL(url);
  swapped.search += `${swapped.search ? '&' : '?'}${options.parameter}=${body.token}`;
  return swapped.href;
}

// The destination without a token: the gate reports the reason, or redirects to the login.
const orBare = (found, method) => withToken(found, method).catch(() => found.url);

// The URLs in an attribute's value: a single URL, a srcset, or a style.
const WHOLE = /()(^.*$)/gs;
const IN_SRCSET = /(^|\s|[\d.][wxh],)(?![\d.]+[wxh],)(\S*?eyJ\S*?)(?=,?(?:\s|$))/g;
const IN_STYLE = /(url\(["']?)([^"')]*eyJ[^"')]*)/g;

const patternOf = (attribute) => (attribute === 'srcset' ? IN_SRCSET : WHOLE);
const findAll = (text, pattern) => (text?.includes(MARK) ? [...text.matchAll(pattern)].map((match) => find(match[2])).filter(Boolean) : []);

async function withTokens(text, pattern) {
  const found = [...text.matchAll(pattern)].map((match) => find(match[2]));
  const urls = await Promise.all(found.map((each, i) => (each ? withToken(each) : [...text.matchAll(pattern)][i][2])));
  return text.replace(pattern, (match, before) => before + urls.shift());
}
