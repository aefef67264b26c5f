// The configuration in a page's <meta> elements.

const content = (name) => document.querySelector(`meta[name="auth-gate-${name}"]`)?.content.trim() ?? '';

export const config = {
  // The prefix of the application's and the gate's endpoints.
  api: (content('api') || '/api').replace(/\/+$/, ''),
  // The location with `auth_gate_status json`; not requested if empty.
  status: content('status'),
  home: content('home') || '/',
  login: content('login') || '/login',
  // `both`: a code and the password turn two-factor authentication off.
  confirm: content('mfa-confirm'),
};

// The session's JWT, or null if the session is a cookie. `content` is "cookie", "localStorage:<key>" or
// "sessionStorage:<key>".
export function sessionJwt() {
  const [, area, key] = /^(localStorage|sessionStorage):(.+)$/.exec(content('jwt')) ?? [];
  return area ? window[area].getItem(key) : null;
}
