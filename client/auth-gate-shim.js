// For applications whose pages still put the session's JWT into URLs (`?token=<JWT>`): keeps it from leaving the browser there.
//
// First script of the page: <script src="/auth-gate-shim.js"></script>. Pictures, media, frames, links, forms and WebSockets get a
// single-use token in place of the JWT; fetch, XMLHttpRequest, sendBeacon and EventSource send the JWT in a header. README.md tells
// the nginx configuration, and what no script can catch. Attributes of the script element, with their defaults:
//   data-ws-token="/api/auth/ws-token"   data-resource-token="/api/auth/resource-token"
//   data-purposes="immich:/api/integrations/immich/* download:/api/*"   which URLs, and for which purpose; the first that fits
//
// Made of the parts in shim/ by shim/build.mjs: change those.
(() => {
'use strict';

const LOADED = Symbol.for('auth-gate-shim');
if (window[LOADED]) return;
window[LOADED] = true;

// Which addresses have a session in them, and what is to be there instead.

const options = {
  wsToken: '/api/auth/ws-token',
  resourceToken: '/api/auth/resource-token',
  purposes: 'immich:/api/integrations/immich/* download:/api/*',
  ...document.currentScript?.dataset,
};
const PURPOSES = options.purposes.trim().split(/\s+/).map((rule) => {
  const colon = rule.indexOf(':');
  return { purpose: rule.slice(0, colon), prefix: rule.slice(colon + 1).replace(/\*$/, ''), exact: !rule.endsWith('*') };
});

const natives = { fetch: window.fetch, WebSocket: window.WebSocket, submit: HTMLFormElement.prototype.submit };

// A JWT begins with `{"`. One that was made for some purpose is no session and none of ours.
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

// document.baseURI may be something in the page that is called so.
const { get: baseOf } = Object.getOwnPropertyDescriptor(Node.prototype, 'baseURI');

function parsed(address) {
  try {
    return new URL(address, baseOf.call(document));
  } catch {
    return null;
  }
}

// {url without the JWT, jwt, purpose} of a URL of this site with a session in it; null for any other.
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

async function withToken({ url, jwt, purpose }) {
  // Of this site, whatever a <base> in the page says.
  const endpoint = new URL(purpose === 'ws' ? options.wsToken : options.resourceToken, location.href).href;
  const response = await natives.fetch.call(window, endpoint, {
    method: 'POST',
    headers: { Authorization: `Bearer ${jwt}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ purpose }),
    cache: 'no-store',
    redirect: 'manual',
  });
  const body = await response.json().catch(() => null);
  if (!response.ok || !/^[0-9a-f]{64}$/.test(body?.token)) {
    console.warn(`auth-gate-shim: ${endpoint} gave no token for "${purpose}" (status ${response.status})`);
    throw Object.assign(new Error('no token'), { status: response.status, code: body?.code });
  }
  const swapped = new URL(url);
  swapped.search += `${swapped.search ? '&' : '?'}token=${body.token}`;
  return swapped.href;
}

// Where somebody is led without a token: the gate says what is wrong, or sends them to the login.
const orBare = (found) => withToken(found).catch(() => found.url);

// The URLs in an attribute's text: one, or those of a srcset, or those of a style.
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

// Replacing what the browser has.

// patch(owner, name, make): replaces a method by make(the native one).
function patch(owner, name, make) {
  const native = owner?.[name];
  if (typeof native === 'function') {
    Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value: make(native) });
  }
}

function patchProperty(owner, name, { get, set }) {
  const native = owner && Object.getOwnPropertyDescriptor(owner, name);
  if (!native?.get) return;
  Object.defineProperty(owner, name, {
    ...native,
    ...(get && { get() { return get.call(this, native.get); } }),
    ...(set && native.set && { set(value) { set.call(this, value, native.set); } }),
  });
}

const lower = (name) => String(name).toLowerCase();

// Elements: what the page gave is held in data-auth-gate-<attribute>; the browser sees it with a token, once there is one.

const WATCHED = {
  img: ['src', 'srcset'], source: ['src', 'srcset'], video: ['src', 'poster'], audio: ['src'], track: ['src'], input: ['src'],
  iframe: ['src'], embed: ['src'], object: ['data'], image: ['href'],
  script: ['src'], link: ['href'], a: ['href'], area: ['href'],
};
const { setAttribute, getAttribute, hasAttribute, removeAttribute } = Element.prototype;
const ATTRIBUTES = ['src', 'srcset', 'poster', 'data', 'href'];
const HOLD = 'data-auth-gate-';
const SELECTOR = [...ATTRIBUTES, 'style'].map((name) => `[${name}*="${MARK}"],[${HOLD}${name}]`).join();

const isLink = (element) => element.localName === 'a' || element.localName === 'area';
const states = new WeakMap();

function stateOf(element, attribute) {
  if (!states.has(element)) states.set(element, {});
  return states.get(element)[attribute] ??= { turn: 0, ready: null, retry: null, held: false };
}

const held = (element, attribute) => getAttribute.call(element, HOLD + attribute);
const watched = (element, name) => WATCHED[element.localName]?.includes(name) ?? false;

// True when the value has a JWT for the gate: then it is taken care of, and must not be given to the browser.
function hold(element, attribute, value) {
  const state = stateOf(element, attribute);
  state.turn++;
  state.retry?.abort();
  state.ready = null;
  state.held = findAll(value, patternOf(attribute)).length > 0;
  if (!state.held) {
    removeAttribute.call(element, HOLD + attribute);
    return false;
  }
  setAttribute.call(element, HOLD + attribute, value);
  if (isLink(element)) {
    setAttribute.call(element, attribute, find(value).url);
    element.addEventListener('click', follow);
    element.addEventListener('auxclick', follow);
  } else {
    // A request that a parser has begun ends here; what is shown otherwise stays until the next is there.
    if (getAttribute.call(element, attribute)?.includes(MARK)) removeAttribute.call(element, attribute);
    state.ready = load(element, attribute, state, true);
  }
  return true;
}

async function load(element, attribute, state, again) {
  const { turn } = state;
  await null;
  if (element.loading === 'lazy') await near(element);
  if (turn !== state.turn) return;
  let value;
  try {
    value = await withTokens(held(element, attribute), patternOf(attribute));
  } catch {
    if (turn === state.turn) element.dispatchEvent(new Event('error'));
    return;
  }
  if (turn !== state.turn) return;
  state.ready = null;
  if (again && element.localName === 'img') retryOnce(element, attribute, state);
  setAttribute.call(element, attribute, value);
  if (element.localName === 'source') element.closest('video, audio')?.load();
}

// A token may have expired before the browser came to it. The page is not told of the first failure.
function retryOnce(element, attribute, state) {
  state.retry = new AbortController();
  const once = { capture: true, once: true, signal: state.retry.signal };
  element.addEventListener('load', () => state.retry.abort(), once);
  element.addEventListener('error', (event) => {
    event.stopImmediatePropagation();
    state.retry.abort();
    state.ready = load(element, attribute, state, false);
  }, once);
}

// A token for a picture that is loaded when somebody scrolls to it would be old by then.
function near(element) {
  return new Promise((resolve) => {
    new IntersectionObserver((entries, observer) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      resolve();
    }, { rootMargin: '600px' }).observe(element);
  });
}

// What nginx renames is of this site. Whatever else is there was written by somebody who hopes that nobody looks for an address there.
const isOwn = (address) => parsed(address)?.origin === location.origin;

// What a parser or a clone brought in: elements that nobody set an attribute of.
function settle(element) {
  for (const attribute of ATTRIBUTES) {
    const marker = held(element, attribute);
    const value = getAttribute.call(element, attribute);
    const isRaw = value?.includes(MARK);
    const isKnown = marker === null || states.get(element)?.[attribute]?.held;
    if (isKnown && !isRaw) continue;
    const given = isRaw ? value : marker;
    if (watched(element, attribute) && hold(element, attribute, given)) continue;
    if (marker === null) continue;
    removeAttribute.call(element, HOLD + attribute);
    if (isOwn(given)) setAttribute.call(element, attribute, given);
  }
  if (getAttribute.call(element, 'style')?.includes(MARK)) settleStyle(element.style);
}

// Styles are looked at by the browser when it paints; observers are called before that.
function settleStyle(style) {
  for (const name of [...style]) {
    const value = style.getPropertyValue(name);
    if (findAll(value, IN_STYLE).length === 0) continue;
    const priority = style.getPropertyPriority(name);
    style.removeProperty(name);
    withTokens(value, IN_STYLE).then((swapped) => {
      if (!style.getPropertyValue(name)) style.setProperty(name, swapped, priority);
    }, () => {});
  }
}

function sweep(root) {
  if (root.nodeType === Node.ELEMENT_NODE && root.matches(SELECTOR)) settle(root);
  root.querySelectorAll?.(SELECTOR).forEach(settle);
}

const observer = new MutationObserver((records) => {
  for (const { type, target, addedNodes } of records) {
    if (type === 'attributes') settle(target);
    else addedNodes.forEach(sweep);
  }
});
const observe = (root) => observer.observe(root, {
  subtree: true, childList: true, attributes: true, attributeFilter: [...ATTRIBUTES, 'style'],
});
observe(document);

// The ways in which a page sets attributes.

patch(Element.prototype, 'setAttribute', (native) => function setAttribute(name, value) {
  if (!watched(this, lower(name)) || !hold(this, lower(name), String(value))) native.apply(this, arguments);
});
patch(Element.prototype, 'setAttributeNS', (native) => function setAttributeNS(space, name, value) {
  const local = lower(name).replace(/^xlink:/, '');
  if (!watched(this, local) || !hold(this, local, String(value))) native.apply(this, arguments);
});
patch(Element.prototype, 'getAttribute', (native) => function getAttribute(name) {
  return (watched(this, lower(name)) ? held(this, lower(name)) : null) ?? native.apply(this, arguments);
});
patch(Element.prototype, 'hasAttribute', (native) => function hasAttribute(name) {
  return (watched(this, lower(name)) && held(this, lower(name)) !== null) || native.apply(this, arguments);
});
patch(Element.prototype, 'removeAttribute', (native) => function removeAttribute(name) {
  if (watched(this, lower(name))) hold(this, lower(name), '');
  native.apply(this, arguments);
});

const INTERFACES = {
  src: [
    HTMLImageElement, HTMLSourceElement, HTMLMediaElement, HTMLTrackElement, HTMLInputElement, HTMLIFrameElement, HTMLEmbedElement, HTMLScriptElement,
  ],
  srcset: [HTMLImageElement, HTMLSourceElement],
  poster: [HTMLVideoElement],
  data: [HTMLObjectElement],
  href: [HTMLAnchorElement, HTMLAreaElement, HTMLLinkElement],
};
for (const [attribute, owners] of Object.entries(INTERFACES)) {
  for (const { prototype } of owners) {
    patchProperty(prototype, attribute, {
      get(native) {
        const given = held(this, attribute);
        if (given === null) return native.call(this);
        return attribute === 'srcset' ? given : parsed(given).href;
      },
      set(value, native) {
        if (!hold(this, attribute, String(value))) native.call(this, value);
      },
    });
  }
}

// A link's parameters can be set by themselves.
for (const owner of [HTMLAnchorElement, HTMLAreaElement]) {
  patchProperty(owner.prototype, 'search', {
    set(value, native) {
      native.call(this, value);
      settle(this);
    },
  });
}

// The constructor sets the attribute past all of the above.
window.Audio = new Proxy(window.Audio, {
  construct(target, [url], newTarget) {
    const audio = Reflect.construct(target, [], newTarget);
    if (url !== undefined) audio.src = url;
    return audio;
  },
});

// A picture that waits for its token is not complete, and cannot be decoded yet.
const waiting = (image) => states.get(image)?.src?.ready;
patchProperty(HTMLImageElement.prototype, 'complete', { get(native) { return !waiting(this) && native.call(this); } });
patch(HTMLImageElement.prototype, 'decode', (native) => async function decode() {
  await waiting(this);
  return native.call(this);
});

// HTML: attributes with a JWT are renamed before the browser parses them, and settled after.

const TAG = /<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi;
const ATTRIBUTE = /([\s"'/])(?:xlink:)?(src|srcset|poster|data|href)(\s*=\s*)("[^"]*eyJ[^"]*"|'[^']*eyJ[^']*'|[^\s"'>]*eyJ[^\s>]*)/gi;

// TrustedHTML is not ours to change; the observer sees what it brings.
const renamed = (html) => (typeof html === 'string' && html.includes(MARK) ? html.replace(TAG, renamedIn) : html);

const renamedIn = (tag) => tag.replace(ATTRIBUTE, (all, before, name, equals, value) => {
  const hasJwt = findAll(value.replace(/^["']|["']$/g, ''), patternOf(lower(name))).length > 0;
  return hasJwt ? `${before}${HOLD}${name}${equals}${value}` : all;
});

function patchHtml(owner, names, swept) {
  for (const name of names) {
    patchProperty(owner, name, {
      set(value, native) {
        const root = swept(this, name);
        native.call(this, renamed(value));
        if (root) sweep(root);
      },
    });
  }
}
patchHtml(Element.prototype, ['innerHTML', 'outerHTML'], (element, name) => (name === 'innerHTML' ? element : element.parentNode));
patchHtml(ShadowRoot.prototype, ['innerHTML'], (root) => root);
for (const owner of [Element.prototype, ShadowRoot.prototype]) {
  patch(owner, 'setHTMLUnsafe', (native) => function setHTMLUnsafe(html, ...others) {
    native.call(this, renamed(html), ...others);
    sweep(this);
  });
}
patch(Element.prototype, 'insertAdjacentHTML', (native) => function insertAdjacentHTML(position, html) {
  native.call(this, position, renamed(html));
  sweep(this.parentNode ?? this);
});
patch(Range.prototype, 'createContextualFragment', (native) => function createContextualFragment(html) {
  const fragment = native.call(this, renamed(html));
  sweep(fragment);
  return fragment;
});
patch(DOMParser.prototype, 'parseFromString', (native) => function parseFromString(text, type) {
  return native.call(this, type === 'text/html' ? renamed(text) : text, type);
});
patch(Document, 'parseHTMLUnsafe', (native) => function parseHTMLUnsafe(html, ...others) {
  return native.call(this, renamed(html), ...others);
});
for (const name of ['write', 'writeln']) {
  patch(Document.prototype, name, (native) => function write(...texts) { native.apply(this, texts.map(renamed)); });
}
patch(Element.prototype, 'attachShadow', (native) => function attachShadow(init) {
  const root = native.call(this, init);
  observe(root);
  return root;
});

// Links and windows.

// Handlers of the page that come later may still prevent the click: they are asked before anything is done.
function follow(event) {
  const found = find(held(this, 'href') ?? '');
  if (!found || event.defaultPrevented || event.button > 1) return;
  event.preventDefault();
  let prevented = false;
  Object.defineProperties(event, {
    defaultPrevented: { get: () => prevented },
    preventDefault: { value: () => { prevented = true; } },
  });
  const aside = event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;
  setTimeout(async () => {
    if (prevented) return;
    const link = document.createElement('a');
    for (const name of ['target', 'download', 'rel', 'referrerpolicy']) {
      if (hasAttribute.call(this, name)) setAttribute.call(link, name, getAttribute.call(this, name));
    }
    if (aside) link.target = '_blank';
    link.href = await orBare(found);
    link.click();
  });
}

patch(window, 'open', (native) => function open(url = '', target = '_blank', features = '') {
  const found = find(url);
  if (!found) return native.apply(this, arguments);
  const alone = /\bno(opener|referrer)\b/.test(features);
  const opened = alone ? null : native.call(this, '', target, features);
  orBare(found).then((url) => {
    if (alone) native.call(window, url, target, features);
    // Of a window that another site is in, nothing else may be touched.
    else if (opened) opened.location = url;
  });
  return opened;
});

// location.href = … and the like, in browsers that tell. A form that is posted comes here when the window was not told of it.
window.navigation?.addEventListener('navigate', (event) => {
  const found = event.cancelable && find(event.destination.url);
  if (!found) return;
  event.preventDefault();
  if (event.formData) {
    const entries = [...event.formData];
    const enctype = entries.some(([, value]) => typeof value !== 'string') ? 'multipart/form-data' : '';
    send({ found, method: 'post', target: '', enctype, entries });
  } else {
    orBare(found).then((url) => location[event.navigationType === 'replace' ? 'replace' : 'assign'](url));
  }
});

// Forms: one that is posted has the JWT in its address, one that is not has it in a field.

// What a form would send: {found, method, target, enctype, entries}; null for one without a JWT for the gate.
function sending(form, submitter) {
  const given = (name) => (submitter && getAttribute.call(submitter, `form${name}`)) ?? getAttribute.call(form, name) ?? '';
  const method = lower(given('method'));
  const action = parsed(given('action') || location.href);
  if (!action) return null;
  const isPost = method === 'post';
  const mayHave = isPost ? find(action) : method !== 'dialog' && [...form.elements].some(({ value }) => String(value).includes(MARK));
  if (!mayHave) return null;
  const entries = [...new FormData(form, submitter)];
  if (!isPost) action.search = new URLSearchParams(entries.map(([name, value]) => [name, value.name ?? value]));
  const found = find(action);
  return found && { found, method, target: given('target'), enctype: given('enctype'), entries };
}

// A form of our own: that of the page may change while the token is fetched, and its handlers have been asked already.
async function send({ found, method, target, enctype, entries }) {
  const url = new URL(await orBare(found));
  const form = document.createElement('form');
  const isPost = method === 'post';
  for (const [name, value] of isPost ? entries : url.searchParams) form.append(field(name, value));
  for (const [name, value] of Object.entries({ method, target, enctype, action: url.href })) setAttribute.call(form, name, value);
  form.hidden = true;
  document.documentElement.append(form);
  natives.submit.call(form);
  form.remove();
}

function field(name, value) {
  const input = Object.assign(document.createElement('input'), { type: 'hidden', name });
  if (typeof value === 'string') {
    input.value = value;
  } else {
    const files = new DataTransfer();
    if (value.name) files.items.add(value);
    Object.assign(input, { type: 'file', files: files.files });
  }
  return input;
}

// At the window all other handlers have been asked.
window.addEventListener('submit', (event) => {
  const what = !event.defaultPrevented && sending(event.target, event.submitter);
  if (!what) return;
  event.preventDefault();
  send(what);
});
patch(HTMLFormElement.prototype, 'submit', (native) => function submit() {
  const what = sending(this, null);
  if (what) send(what);
  else native.call(this);
});

// Requests that can carry a header.

const bearer = (jwt) => `Bearer ${jwt}`;

patch(window, 'fetch', (native) => function fetch(input, init) {
  const found = find(input instanceof Request ? input.url : input);
  return found ? withHeader(native, found, input, init) : native.apply(this, arguments);
});

async function withHeader(native, { url, jwt }, input, init) {
  const options = { ...(input instanceof Request && await membersOf(input)), ...init };
  options.headers = new Headers(options.headers);
  if (!options.headers.has('Authorization')) options.headers.set('Authorization', bearer(jwt));
  // Without CORS the browser would drop the header.
  if (options.mode === 'no-cors') options.mode = 'same-origin';
  return native.call(window, url, options);
}

// What makes a request like this one. (A Request made of another would send its body as a stream, which HTTP/1.1 cannot.)
async function membersOf(request) {
  const names = ['method', 'headers', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'referrerPolicy', 'integrity', 'keepalive', 'signal'];
  const body = await request.blob();
  return { ...Object.fromEntries(names.map((name) => [name, request[name]])), ...(body.size > 0 && { body }) };
}

patch(Navigator.prototype, 'sendBeacon', (native) => function sendBeacon(url, body) {
  const found = find(url);
  if (!found) return native.apply(this, arguments);
  const headers = { Authorization: bearer(found.jwt) };
  natives.fetch.call(window, found.url, { method: 'POST', body, headers, keepalive: true }).catch(() => {});
  return true;
});

const requests = new WeakMap();
patch(XMLHttpRequest.prototype, 'open', (native) => function open(method, url, ...others) {
  const found = find(url);
  requests.set(this, found?.jwt);
  // One argument more or less is a difference: `async` has to be left out, not undefined.
  return native.call(this, method, found ? found.url : url, ...others);
});
patch(XMLHttpRequest.prototype, 'setRequestHeader', (native) => function setRequestHeader(name) {
  if (lower(name) === 'authorization') requests.delete(this);
  return native.apply(this, arguments);
});
patch(XMLHttpRequest.prototype, 'send', (native) => function send() {
  if (requests.get(this)) this.setRequestHeader('Authorization', bearer(requests.get(this)));
  return native.apply(this, arguments);
});

// WebSocket and EventSource: objects of their class, with something of ours behind.

const inner = new WeakMap();

function stand(Native, Inner, purpose) {
  for (const [name, native] of Object.entries(Object.getOwnPropertyDescriptors(Native.prototype))) {
    if (native.get) {
      patchProperty(Native.prototype, name, {
        get(get) { return inner.has(this) ? inner.get(this)[name] : get.call(this); },
        set(value, set) { if (inner.has(this)) inner.get(this)[name] = value; else set.call(this, value); },
      });
    } else if (name !== 'constructor') {
      patch(Native.prototype, name, (method) => function forward(...args) {
        return inner.has(this) ? inner.get(this)[name](...args) : method.apply(this, args);
      });
    }
  }
  window[Native.name] = new Proxy(Native, {
    construct(target, args, newTarget) {
      const found = find(args[0] ?? '', purpose);
      if (!found) return Reflect.construct(target, args, newTarget);
      const outer = Reflect.construct(EventTarget, [], newTarget);
      inner.set(outer, new Inner(outer, found, ...args));
      return outer;
    },
  });
  Native.prototype.constructor = window[Native.name];
}

class Behind {
  constructor(outer, url, events) {
    this.outer = outer;
    this.url = url;
    this.readyState = 0;
    for (const type of events) this.#handler(type);
  }

  // onopen and its like: called in the place where the first one was set.
  #handler(type) {
    let handler = null;
    let listening = false;
    Object.defineProperty(this, `on${type}`, {
      get: () => handler,
      set: (value) => {
        handler = typeof value === 'function' ? value : null;
        if (!listening) this.outer.addEventListener(type, (event) => handler?.call(this.outer, event));
        listening = true;
      },
    });
  }

  tell(event) {
    this.outer.dispatchEvent(event);
  }
}

// A WebSocket whose address gets a token first.

const CLOSING = 2;
const CLOSED = 3;

class HeldSocket extends Behind {
  #real = null;
  #binaryType = 'blob';

  constructor(outer, found, url, protocols = []) {
    const address = parsed(url);
    address.protocol = address.protocol.replace(/^http/, 'ws');
    super(outer, address.href, ['open', 'message', 'error', 'close']);
    const list = [protocols].flat().map(String);
    if (new Set(list).size < list.length || list.some((name) => !/^[!#-'*+\-.0-9A-Z^-z|~]+$/.test(name))) {
      throw new DOMException('The subprotocols are invalid.', 'SyntaxError');
    }
    this.#connect(found, list);
  }

  async #connect(found, protocols) {
    let address;
    try {
      address = new URL(await withToken(found));
    } catch ({ status, code }) {
      if (this.readyState === CLOSING) return this.#closed(1006, '');
      if (status === 401) return this.#closed(4001, 'Invalid or expired token');
      return status === 403 && code === 'MFA_REQUIRED' ? this.#closed(4403, 'MFA required') : this.#closed(1006, '');
    }
    if (this.readyState === CLOSING) return this.#closed(1006, '');
    address.protocol = address.protocol.replace(/^http/, 'ws');
    address.hash = '';
    const real = this.#real = new natives.WebSocket(address.href, protocols);
    real.binaryType = this.#binaryType;
    this.#follow('open', () => new Event('open'));
    this.#follow('error', () => new Event('error'));
    this.#follow('message', ({ data, origin }) => new MessageEvent('message', { data, origin }));
    this.#follow('close', ({ code, reason, wasClean }) => new CloseEvent('close', { code, reason, wasClean }));
    return undefined;
  }

  #follow(type, copy) {
    this.#real.addEventListener(type, (event) => {
      this.readyState = this.#real.readyState;
      this.tell(copy(event));
    });
  }

  #closed(code, reason) {
    this.readyState = CLOSED;
    if (code === 1006) this.tell(new Event('error'));
    this.tell(new CloseEvent('close', { code, reason, wasClean: code !== 1006 }));
  }

  get binaryType() { return this.#binaryType; }

  set binaryType(value) {
    if (value !== 'blob' && value !== 'arraybuffer') return;
    this.#binaryType = value;
    if (this.#real) this.#real.binaryType = value;
  }

  get bufferedAmount() { return this.#real?.bufferedAmount ?? 0; }

  get protocol() { return this.#real?.protocol ?? ''; }

  get extensions() { return this.#real?.extensions ?? ''; }

  send(data) {
    if (this.#real) return this.#real.send(data);
    if (this.readyState === 0) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError');
    return undefined;
  }

  close(code, reason = '') {
    if (this.#real) {
      this.#real.close(...(code === undefined ? [] : [code, reason]));
      this.readyState = this.#real.readyState;
      return;
    }
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException('The close code is invalid.', 'InvalidAccessError');
    }
    if (this.readyState === 0) this.readyState = CLOSING;
  }
}

stand(window.WebSocket, HeldSocket, 'ws');

// An event stream by fetch: unlike the browser's own it can send the JWT in a header, also when it connects again.
class HeldEventSource extends Behind {
  #found;
  #abort = new AbortController();
  #lastId = '';
  #wait = 3000;

  constructor(outer, found, url, { withCredentials = false } = {}) {
    super(outer, parsed(url).href, ['open', 'message', 'error']);
    this.withCredentials = Boolean(withCredentials);
    this.#found = found;
    this.#run();
  }

  close() {
    this.readyState = 2;
    this.#abort.abort();
  }

  async #run() {
    await null;
    while (this.readyState !== 2) {
      const more = await this.#stream().catch(() => true);
      if (this.readyState === 2) return;
      this.readyState = more ? 0 : 2;
      this.tell(new Event('error'));
      await new Promise((resolve) => { setTimeout(resolve, this.#wait); });
    }
  }

  // False when the answer says that there is no point in asking again.
  async #stream() {
    const { url, jwt } = this.#found;
    const headers = { Accept: 'text/event-stream', Authorization: bearer(jwt), ...(this.#lastId && { 'Last-Event-ID': this.#lastId }) };
    const response = await natives.fetch.call(window, url, { headers, cache: 'no-store', signal: this.#abort.signal });
    if (response.status !== 200 || !/^text\/event-stream\b/i.test(response.headers.get('Content-Type') ?? '')) return false;
    this.readyState = 1;
    this.tell(new Event('open'));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ''; ;) {
      const { done, value } = await reader.read();
      if (done) return true;
      text += value;
      const events = text.replace(/\r\n|\r(?!$)/g, '\n').split('\n\n');
      text = events.pop();
      events.forEach((event) => this.#event(event));
    }
  }

  #event(text) {
    const fields = { event: 'message', data: [] };
    for (const line of text.split('\n')) {
      const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (name === 'data') fields.data.push(value);
      else if (name === 'event') fields.event = value || 'message';
      else if (name === 'id' && !value.includes('\0')) this.#lastId = value;
      else if (name === 'retry' && /^\d+$/.test(value)) this.#wait = Number(value);
    }
    if (fields.data.length === 0 || this.readyState === 2) return;
    this.tell(new MessageEvent(fields.event, { data: fields.data.join('\n'), origin: location.origin, lastEventId: this.#lastId }));
  }
}

stand(window.EventSource, HeldEventSource);
})();
