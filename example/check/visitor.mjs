// A user of the gate. Remembers every credential that was used, so that the logs can be searched for them.

import { randomUUID } from 'node:crypto';
import { request } from './http.mjs';
import { expect, expectEqual } from './report.mjs';
import { Socket } from './socket.mjs';

export const ALICE = { email: 'alice@example.test', password: 'alice-password' };
export const ADMIN = { email: 'admin@example.test', password: 'admin-password' };
export const INVALID = { error: 'Invalid or expired token', code: 'AUTH_REQUIRED' };
export const MISSING = { error: 'Access token required', code: 'AUTH_REQUIRED' };

export class Visitor {
  jwt = null;
  jwts = new Set();
  tokens = new Set();
  // Requests admitted by a token, so that they can be found in the application's log.
  admitted = [];

  constructor(gateUrl, person) {
    this.gateUrl = gateUrl;
    this.person = person;
  }

  request(method, target, options) {
    return request(this.gateUrl, method, target, options);
  }

  signedIn(method, target, options) {
    expect(this.jwt, 'not signed in: login failed');
    return this.request(method, target, { token: this.jwt, ...options });
  }

  async signIn() {
    const response = await this.request('POST', '/api/auth/login', { json: this.person });
    expectEqual(response.status, 200, 'status');
    expect(typeof response.json?.token === 'string', 'the answer has no token');
    this.jwt = response.json.token;
    this.jwts.add(this.jwt);
    return response.json.user;
  }

  async token(purpose) {
    const response = purpose === 'ws'
      ? await this.signedIn('POST', '/api/auth/ws-token')
      : await this.signedIn('POST', '/api/auth/resource-token', { json: { purpose } });
    expectEqual(response.status, 200, `status of a ${purpose} token's issue`);
    const token = response.json?.token;
    expect(/^[0-9a-f]{64}$/.test(token), 'the token is not 64 lower-case hex digits');
    expectEqual(Object.keys(response.json), ['token'], 'the members of the answer');
    expectEqual(response.headers['cache-control'], 'no-store', 'Cache-Control');
    expect(/^application\/json\b/.test(response.headers['content-type']), 'the answer is not application/json');
    expect(!this.tokens.has(token), 'the token was issued before');
    this.tokens.add(token);
    return token;
  }

  // Requests by URL alone, like a link or an image. A mark identifies the request in the application's log.
  byUrl(method, path, token, headers = {}) {
    const mark = randomUUID();
    return this.request(method, `${path}?token=${token}`, { headers: { 'X-Check': mark, ...headers } })
      .then((response) => ({ ...response, mark }));
  }

  async admittedByUrl(path, token, { headers, status = 200 } = {}) {
    const response = await this.byUrl('GET', path, token, headers);
    expectEqual(response.status, status, 'status');
    this.admitted.push({ path, mark: response.mark });
    return response;
  }

  socket(query) {
    return new Socket(`${this.gateUrl.replace(/^http/, 'ws')}/ws${query}`);
  }

  async expectSocketClosed(query, code, reason) {
    const socket = this.socket(query);
    try {
      const closed = await socket.closed();
      expectEqual(closed, { code, reason }, 'the close frame');
      return `closed with ${code} "${reason}"`;
    } finally {
      socket.terminate();
    }
  }

  async expectWelcome(token) {
    const socket = this.socket(`?token=${token}`);
    try {
      const welcome = await socket.message();
      expectEqual(welcome.type, 'welcome', 'the first message');
      expect(Number.isInteger(welcome.socketId), 'the welcome has no socketId');
      socket.send({ type: 'hello', text: 'Dober dan' });
      expectEqual(await socket.message(), { type: 'echo', message: { type: 'hello', text: 'Dober dan' } }, 'the echo');
      await socket.close();
      return `welcome as ${welcome.socketId}, echo`;
    } finally {
      socket.terminate();
    }
  }
}
