// Signs in at the example's OpenID provider like a browser.

import { request } from './http.mjs';
import { expect, expectEqual } from './report.mjs';

const LONGEST_WAY = 10;

const setCookies = (jar, headers) => {
  for (const line of headers['set-cookie'] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    jar.set(name, value);
  }
};

const cookieHeader = (jar) => ({ Cookie: [...jar].map((pair) => pair.join('=')).join('; ') });

// Follows redirects and fills in the provider's form, until a redirect leaves the provider.
async function throughProvider(providerUrl, from) {
  const jar = new Map();
  let url = new URL(from, providerUrl);
  let form = null;
  for (let i = 0; i < LONGEST_WAY && url.origin === providerUrl; i++) {
    const answer = await (form
      ? fetch(url, { method: 'POST', body: form, redirect: 'manual', headers: cookieHeader(jar) })
      : fetch(url, { redirect: 'manual', headers: cookieHeader(jar) }));
    setCookies(jar, { 'set-cookie': answer.headers.getSetCookie?.() ?? [answer.headers.get('set-cookie')].filter(Boolean) });
    const next = answer.headers.get('location') ?? /action="([^"]+)"/.exec(await answer.text())?.[1];
    expect(next, `the provider answers ${answer.status} and leads nowhere`);
    form = answer.headers.get('location') ? null : new URLSearchParams({ name: 'alice', password: 'alice-password' });
    url = new URL(next, url);
  }
  return url;
}

export async function ssoJourney(report, alice, providerUrl) {
  const jar = new Map();
  let back;
  let code;

  await report.step('GET /api/auth/oidc/login', async () => {
    const { status, headers } = await alice.request('GET', '/api/auth/oidc/login');
    expectEqual(status, 302, 'status');
    setCookies(jar, headers);
    back = await throughProvider(providerUrl, headers.location);
    expectEqual(back.pathname, '/api/auth/oidc/callback', 'where the provider sends the browser');
    return `302 to ${providerUrl}, and back`;
  });

  await report.step('GET /api/auth/oidc/callback without the browser\'s cookie, for another login', async () => {
    const { headers } = await alice.request('GET', '/api/auth/oidc/callback?code=x&state=' + 'A'.repeat(43));
    expectEqual(headers.location, '/login?oidc_error=invalid_state', 'Location');
    return '302 invalid_state';
  });

  await report.step('GET /api/auth/oidc/callback', async () => {
    const { status, headers } = await alice.request('GET', back.pathname + back.search, { headers: cookieHeader(jar) });
    expectEqual(status, 302, 'status');
    code = /^\/login\?oidc_code=([0-9a-f]{64})$/.exec(headers.location)?.[1];
    expect(code, `it leads to ${headers.location}`);
    alice.tokens.add(code);
    return '302 with a one-time code';
  });

  await report.step('GET /api/auth/oidc/exchange', async () => {
    const { status, json } = await alice.request('GET', `/api/auth/oidc/exchange?code=${code}`);
    expectEqual(status, 200, 'status');
    alice.jwts.add(json.token);
    const me = await request(alice.gateUrl, 'GET', '/api/auth/me', { token: json.token });
    expectEqual([me.status, me.json?.user?.username], [200, 'alice'], 'who that is');
    return '200 a JWT of alice';
  });

  await report.step('GET /api/auth/oidc/exchange with the same code', async () => {
    const { status, json } = await alice.request('GET', `/api/auth/oidc/exchange?code=${code}`);
    expectEqual([status, json], [400, { error: 'Invalid or expired code' }], 'the answer');
    return '400 Invalid or expired code';
  });

  await report.step('POST /internal/oidc-user, what only the gate may ask', async () => {
    for (const path of ['/internal/oidc-user', '/INTERNAL/oidc-user', '/_oidc_user']) {
      const { status } = await alice.request('POST', path, { json: { email: 'alice@example.test', email_verified: true } });
      expectEqual(status, 404, `status of ${path}`);
    }
    return '404';
  });
}
