// What the administrator set in a page's <meta> elements.

const content = (name) => document.querySelector(`meta[name="auth-gate-${name}"]`)?.content.trim() ?? '';

export const config = {
  // Below it are the application's and the gate's endpoints.
  api: (content('api') || '/api').replace(/\/+$/, ''),
  // Where `auth_gate_status json` is; not asked for when empty.
  status: content('status'),
  home: content('home') || '/',
  login: content('login') || '/login',
};

// The session's JWT, or null where the session is a cookie. `content` is "cookie", "localStorage:<key>" or
// "sessionStorage:<key>".
export function sessionJwt() {
  const [, area, key] = /^(localStorage|sessionStorage):(.+)$/.exec(content('jwt')) ?? [];
  return area ? window[area].getItem(key) : null;
}
