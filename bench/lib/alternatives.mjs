// The servers that are measured under load, and the requests of each line of the table.
//
// Each alternative is a separate nginx process with only the module it needs, so that none slows another down; only the
// gate's own lines share a process. All are pinned to one processor, and only one of them works at a time.

import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bearer, gate, issueRequest, secureLink, secureLinkPath, unguarded } from './gate_sites.mjs';
import { SECRET } from './jwt.mjs';
import { MEASURED_CPU, OTHER_CPU, writeRequests } from './load.mjs';
import { startNginx } from './nginx.mjs';
import { application, authRequest, lua, njs, proxied, toApplication } from './other_sites.mjs';
import { makeFolder } from './scratch.mjs';
import { startAuthServer, startExample, startRedis, startTokenServer } from './servers.mjs';

// More than a worker's cache holds.
const NEW_JWTS = 60_000;
const USERS = 64;
const REDIS_TOKENS = 40_000;

export class Alternatives {
  #gate;
  #folder = makeFolder();
  #files = new Map();
  #nginxes = [];
  #others = new Map();

  // `gate`: { module, zone, places }.
  constructor(gate) {
    this.#gate = gate;
  }

  async #nginx(site, processor = MEASURED_CPU) {
    const server = await startNginx(site, { wrapper: ['taskset', '-c', String(processor)] });
    this.#nginxes.push(server);
    return server;
  }

  // Servers other than nginx take long to warm up, so they keep running.
  async #other(start, processor) {
    if (!this.#others.has(start)) this.#others.set(start, await start(processor));
    return this.#others.get(start);
  }

  #requests(name, requests) {
    if (!this.#files.has(name)) {
      const made = typeof requests === 'function' ? requests() : requests;
      this.#files.set(name, writeRequests(join(this.#folder, name), made));
    }
    return this.#files.get(name);
  }

  // Starts all servers, and restarts nginx, because the speed of a process depends on its memory layout. Resolves to
  // { bases, lines } for Rounds.
  async prepare() {
    await this.#stopNginx();
    const { module, zone, places } = this.#gate;
    const seen = this.#requests('seen', [{ path: '/a', headers: bearer(0) }]);
    const plain = await this.#nginx(unguarded());
    const app = await this.#nginx(application(), OTHER_CPU);
    const straight = await this.#nginx(proxied(`127.0.0.1:${app.port}`));
    const toApp = this.#requests('to-app', [{ path: '/p', headers: bearer(0) }]);
    const gated = await this.#nginx(gate(module, { zone, places, app: toApplication(`127.0.0.1:${app.port}`) }));

    const bases = {
      unguarded: { ...plain, requests: seen },
      proxied: { ...straight, others: [app.worker], requests: toApp },
    };
    const lines = [
      this.#one('secure_link', { ...await this.#nginx(secureLink()),
        requests: this.#requests('secure-link', [{ path: secureLinkPath(), headers: bearer(0) }]) }),
      ...this.#gateLines(gated, seen),
      { base: 'proxied', parts: [{ name: 'proxied_gate', load: { ...gated, others: [app.worker], requests: toApp } }] },
      ...await this.#jwtLines(seen, app),
      ...await this.#tokenLines(),
    ];
    return { bases, lines };
  }

  async stop() {
    await this.#stopNginx();
    for (const server of this.#others.values()) await server.stop();
  }

  async #stopNginx() {
    await Promise.all(this.#nginxes.map((server) => server.stop()));
    this.#nginxes = [];
  }

  #one(name, load) {
    return { base: 'unguarded', parts: [{ name, load }] };
  }

  #gateLines(gated, seen) {
    const fresh = (path) => () => Array.from({ length: NEW_JWTS }, (_, n) => ({ path, headers: bearer(n) }));
    const tokens = join(this.#folder, 'gate-tokens');
    return [
      this.#one('jwt_seen', { ...gated, requests: seen }),
      this.#one('jwt_seen_mfa', { ...gated, requests: this.#requests('mfa', [{ path: '/m', headers: bearer(0) }]) }),
      this.#one('jwt_new', { ...gated, requests: this.#requests('new', fresh('/a')) }),
      this.#one('jwt_new_mfa', { ...gated, requests: this.#requests('new-mfa', fresh('/m')) }),
      this.#issueAndRedeem('', gated, tokens,
        this.#requests('issue', Array.from({ length: USERS }, (_, n) => issueRequest(n))),
        this.#requests('redeem', [{ path: '/t?token=TOKEN' }])),
    ];
  }

  // Redeems each issued token once.
  #issueAndRedeem(prefix, server, tokens, issue, redeem) {
    return { base: 'unguarded', parts: [
      { name: `${prefix}issue`, load: { ...server, requests: issue, keepTokens: tokens } },
      { name: `${prefix}redeem`, load: { ...server, requests: redeem, tokens, once: true, seconds: 60 } },
    ] };
  }

  async #jwtLines(seen, app) {
    const auth = await this.#other(startAuthServer, OTHER_CPU);
    const example = await this.#other(startExample, OTHER_CPU);
    const asking = async (name, server, path, requests = seen) => this.#one(name, {
      ...await this.#nginx(authRequest(`127.0.0.1:${server.port}`, path)), others: [server.worker], requests,
    });
    return [
      await asking('auth_request_nginx', app, '/yes'),
      await asking('auth_request_node', auth, '/'),
      await asking('auth_request_example', example, '/api/auth/me',
        this.#requests('example', [{ path: '/a', headers: { Authorization: `Bearer ${exampleJwt()}` } }])),
      this.#one('lua', { ...await this.#nginx(lua()), requests: seen }),
      this.#one('njs', { ...await this.#nginx(njs()), requests: seen }),
    ];
  }

  async #tokenLines() {
    const node = await this.#other(startTokenServer, MEASURED_CPU);
    const redis = await this.#other(startRedis, MEASURED_CPU);
    const tokens = join(this.#folder, 'redis-tokens');
    if (!existsSync(tokens)) {
      writeFileSync(tokens, Array.from({ length: REDIS_TOKENS }, () => `${randomBytes(32).toString('hex')}\n`).join(''));
    }
    const set = this.#requests('set', [command('SET', 'TOKEN', '1000000:download', 'NX', 'PX', '60000')]);
    const get = this.#requests('getdel', [command('GETDEL', 'TOKEN')]);
    const pair = (name, pipeline) => {
      const load = { ...redis, protocol: 'redis', tokens, once: true, seconds: 60, pipeline };
      return { base: 'unguarded', parts: [
        { name: `${name}_set`, load: { ...load, requests: set } },
        { name: `${name}_getdel`, load: { ...load, requests: get } },
      ] };
    };
    return [
      this.#issueAndRedeem('node_', node, join(this.#folder, 'node-tokens'),
        this.#requests('node-issue', Array.from({ length: USERS }, (_, n) => issueRequest(n))),
        this.#requests('node-redeem', [{ path: '/t?token=TOKEN' }])),
      pair('redis', 1),
      pair('redis_pipelined', 16),
    ];
  }
}

// The Redis protocol. TOKEN is a placeholder for 64 bytes.
function command(...words) {
  const size = (word) => (word === 'TOKEN' ? 64 : word.length);
  return `*${words.length}\r\n${words.map((word) => `$${size(word)}\r\n${word}\r\n`).join('')}`;
}

// The example application knows the users 1 and 2.
function exampleJwt() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ id: 2, iat: 1_700_000_000, exp: 4_102_444_800 })}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}
