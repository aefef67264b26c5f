// A fake of a site behind the gate: the settings pages and an old page with the shim, under a strict Content-Security-Policy, and
// endpoints that respond as CONTRACT.md specifies. Tests set `state` and read `requests`.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const CLIENT = new URL('../../../client/', import.meta.url);
const OWN = new URL('./', import.meta.url);
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'application/javascript', '.json': 'application/json', '.css': 'text/css', '.svg': 'image/svg+xml',
};
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
  + "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
export const OTPAUTH = `otpauth://totp/Wayfarer:alice%40example.test?secret=${SECRET}&issuer=Wayfarer`;
export const CODE = '123456';
export const BACKUP_CODES = ['0a1b2c3d4e', '1a1b2c3d4e', '2a1b2c3d4e', '3a1b2c3d4e', '4a1b2c3d4e', '5a1b2c3d4e', '6a1b2c3d4e', '7a1b2c3d4e'];

const ok = { status: 200, body: { success: true } };
const refused = (status, error, code) => ({ status, body: { error, ...(code && { code }) } });

const ENDPOINTS = {
  'GET /api/auth/me': ({ user }) => ({ body: { user } }),
  'GET /api/trips': ({ user, requireMfa }) => (requireMfa && !user.mfa_enabled
    ? refused(403, 'Two-factor authentication is required. Complete setup in Settings.', 'MFA_REQUIRED') : { body: { trips: ['Lisbon', 'Piran'] } }),
  'GET /api/auth/app-config': ({ requireMfa }) => ({ body: { require_mfa: requireMfa } }),
  'GET /api/auth/app-settings': ({ user, requireMfa }) => (user.role === 'admin'
    ? { body: { require_mfa: String(requireMfa) } } : refused(403, 'Admin access required')),
  'PUT /api/auth/app-settings': (state, { require_mfa: wanted }) => {
    if (wanted && !state.user.mfa_enabled) {
      return refused(400, 'Enable two-factor authentication on your own account before requiring it for all users.');
    }
    state.requireMfa = wanted;
    return ok;
  },
  'GET /_auth_gate/status': ({ dryRun }) => (dryRun === null ? refused(403, 'Forbidden') : { body: { mfa_dry_run: dryRun } }),
  'GET /api/admin/oidc': ({ user, requireMfa, oidc }) => {
    if (requireMfa && !user.mfa_enabled) {
      return refused(403, 'Two-factor authentication is required. Complete setup in Settings.', 'MFA_REQUIRED');
    }
    return oidc ? { body: oidc } : refused(404, 'Not found');
  },
  'PUT /api/admin/oidc': (state, { client_secret: secret, ...others }) => {
    Object.assign(state.oidc, others, secret === undefined ? {} : { client_secret_set: secret !== '' });
    return ok;
  },
  'POST /api/auth/mfa/setup': ({ setup }) => ({ body: setup }),
  'POST /api/auth/mfa/enable': (state, { code }) => {
    if (code !== CODE) return refused(400, 'Invalid code');
    state.user.mfa_enabled = true;
    return { body: { success: true, mfa_enabled: true, ...(state.backupCodes && { backup_codes: state.backupCodes }) } };
  },
  'POST /api/auth/mfa/disable': (state) => {
    if (state.requireMfa) return refused(403, 'Two-factor authentication cannot be disabled while it is required for all users.');
    state.user.mfa_enabled = false;
    return ok;
  },
};

// `state.answer` replaces an endpoint's response: {"PUT /api/…": () => ({status, body})}, or null for no response.
// `state.jwtFrom` and `state.confirm` are the contents of the pages' <meta> elements.
export async function startSite(changes = {}) {
  const state = {
    user: { id: 2, username: 'alice', email: 'alice@example.test', role: 'admin', mfa_enabled: false },
    requireMfa: false,
    dryRun: 3,
    oidc: {
      issuer: 'https://id.example.test/', client_id: 'wayfarer', client_secret_set: true, display_name: 'Example ID', discovery_url: '',
    },
    setup: { secret: SECRET, otpauth_url: OTPAUTH },
    backupCodes: BACKUP_CODES,
    jwtFrom: 'cookie',
    confirm: 'any',
    answer: {},
    ...changes,
  };
  const requests = [];

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://site');
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const name = `${request.method} ${pathname}`;
    if (/^\/(api|_auth_gate)\//.test(pathname)) {
      const body = text ? JSON.parse(text) : undefined;
      requests.push({ name, body, url: request.url, authorization: request.headers.authorization, app: request.headers['x-app'] });
      const answer = answerTo(name, body);
      if (answer === null) return request.socket.destroy();
      response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json' });
      return response.end(JSON.stringify(answer.body));
    }
    return sendFile(response, pathname);
  });

  function answerTo(name, body) {
    if (name in state.answer) return state.answer[name] && state.answer[name](state, body);
    if (!state.user) return refused(401, 'Access token required', 'AUTH_REQUIRED');
    return ENDPOINTS[name]?.(state, body) ?? refused(404, 'Not found');
  }

  async function sendFile(response, pathname) {
    const content = await readFile(new URL(`.${pathname}`, pathname.startsWith('/old/') ? OWN : CLIENT), 'utf8').catch(() => null);
    const type = TYPES[extname(pathname)];
    if (content === null || !type) return response.writeHead(404).end();
    const policy = pathname.startsWith('/old/') ? POLICY.replace('connect-src', '$& http://other.example') : POLICY;
    response.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff' });
    return response.end(content.replace('name="auth-gate-jwt" content="cookie"', `name="auth-gate-jwt" content="${state.jwtFrom}"`)
      .replace('name="auth-gate-mfa-confirm" content="any"', `name="auth-gate-mfa-confirm" content="${state.confirm}"`));
  }

  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    state,
    requests,
    url: `http://127.0.0.1:${server.address().port}`,
    sent: (name) => requests.filter((request) => request.name === name).map(({ body }) => body),
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
