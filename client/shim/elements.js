// Elements: the page's value is kept in data-auth-gate-<attribute>; the browser gets the value with a token, once there is one.

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

// Returns true if the value contains a JWT for the gate. It is then handled here, and must not be given to the browser.
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
    // This cancels a request that the parser has started. Otherwise the current content stays until the next one has loaded.
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

// The token may have expired before the browser used it, so the first failure is hidden from the page.
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

// A token for a lazily loaded picture would have expired by the time the user scrolls to it.
function near(element) {
  return new Promise((resolve) => {
    new IntersectionObserver((entries, observer) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      resolve();
    }, { rootMargin: '600px' }).observe(element);
  });
}

// nginx only renames URLs of this site. Any other value was planted by somebody who hopes that it is not checked.
const isOwn = (address) => parsed(address)?.origin === location.origin;

// Elements inserted by the parser or cloned: no attribute was set by a script.
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

// The browser reads styles when it paints, and observers run before that.
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
