// Tells the person why nothing works, in a dialog in the page.

const { AuthGateDialog } = ui_dialog_js;
const { requests: requestsFor } = ui_request_js;
const { createI18n } = i18n_create_js;

// A page that handles a lost session by itself does it within this time.
const OWN_WAY = 1000;

customElements.define('auth-gate-dialog', AuthGateDialog);

let dialog = null;
let opening = false;
const shown = new Set();
// The headers with which the page asks as its session.
let session = {};

const ready = new Promise((resolve) => {
  if (document.readyState !== 'loading') resolve();
  else document.addEventListener('DOMContentLoaded', resolve, { once: true });
});
const later = () => new Promise((resolve) => { setTimeout(resolve, OWN_WAY); });

// Frames leave it to the page around them, if that is of this site and has the shim.
function outermost() {
  let found = window;
  try {
    while (found.parent !== found && found.parent[LOADED]?.refused) found = found.parent;
  } catch {
    // The frame is in another site's page.
  }
  return found[LOADED];
}

const refused = (code, headers) => outermost().refused(code, headers);

window[LOADED].refused = async (code, headers) => {
  // Whom the policy refuses has a session.
  if (code === 'MFA_REQUIRED') session = headers;
  await ready;
  if (code === 'AUTH_REQUIRED') await later();
  if (!isLogin() && !(code === 'AUTH_REQUIRED' && asksForPassword())) await show(code === 'MFA_REQUIRED' ? 'mfa' : 'auth');
};

// One at a time, and none again of a kind that was closed.
async function show(kind, error, description) {
  if (opening || dialog?.isConnected || shown.has(kind) || options.dialog === 'off') return;
  opening = true;
  shown.add(kind);
  const i18n = await createI18n({ load: async (code) => CATALOGUES[code] });
  dialog = new AuthGateDialog({ i18n, api: requestsFor(asSession, options.api.replace(/\/+$/, '')), login: options.login, css: STYLE });
  dialog.show(kind, error, description);
  opening = false;
}

const asSession = (url, given) => natives.fetch.call(window, new URL(url, location.href), { ...given, headers: { ...session, ...given.headers } });

const matches = (rule, path) => (rule.endsWith('*') ? path.startsWith(rule.slice(0, -1)) : path.replace(/\/+$/, '') === rule.replace(/\/+$/, ''));
const isLogin = () => [new URL(options.login, location.href).pathname, ...options.public.split(/\s+/).filter(Boolean)]
  .some((rule) => matches(rule, location.pathname));
const asksForPassword = () => [...document.querySelectorAll('input[type="password"]')].some((input) => input.getClientRects().length > 0);

// A page that knows the gate's errors takes them out of its URL.
ready.then(later).then(() => {
  const query = new URLSearchParams(location.search);
  const error = window === window.top && query.get('oidc_error');
  if (error && isLogin()) show('sso', error, query.get('oidc_error_description'));
});

// The page's own keyboard shortcuts would take what is typed into the dialog: it looks like no text field from outside.
for (const type of ['keydown', 'keypress', 'keyup']) {
  window.addEventListener(type, (event) => {
    if (!dialog || !event.composedPath().includes(dialog)) return;
    event.stopImmediatePropagation();
    if (type === 'keydown') dialog.keydown(event);
  }, true);
}
