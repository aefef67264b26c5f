// An application, an OpenID provider, and nginx with the configuration of the application's page, on ports of their own.

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { request } from '../../../example/check/http.mjs';
import { Socket } from '../../../example/check/socket.mjs';
import { configuration } from './document.mjs';
import { freePort, start, stopAll, until } from './processes.mjs';
import { Recorder } from './recorder.mjs';

const env = process.env;

// What is in the file that only people with a session may read.
export const FILE = 'a file that only people with a session may read\n';

export const generated = () => randomBytes(32).toString('hex');

function isOpen(port) {
  return new Promise((answer) => {
    const socket = connect(port, '127.0.0.1', () => { socket.destroy(); answer(true); });
    socket.on('error', () => answer(false));
  });
}

export class Site {
  // Credentials of this run: none of them may be in a log.
  tokens = [];
  jwts = [];
  logs = [];
  secret = generated();
  passwords = { alice: generated(), admin: generated() };

  // `app` is the default export of t/apps/<name>/app.mjs.
  static async open(name, app) {
    const site = new Site();
    const dir = mkdtempSync(join(tmpdir(), `auth-gate-${name}-`));
    Object.assign(site, { name, app, dir, packages: resolve('t/apps', name) });
    // nginx's workers may be somebody else.
    chmodSync(site.dir, 0o755);
    process.on('exit', () => rmSync(site.dir, { recursive: true, force: true }));
    site.secret = app.secret ?? site.secret;
    site.appPort = await freePort();
    site.appUrl = `http://127.0.0.1:${site.appPort}`;
    await app.start(site);
    site.recorder = await Recorder.start(site.appPort);
    await site.#startProvider();
    await site.#startNginx();
    return site;
  }

  async close() {
    this.recorder?.close();
    await stopAll();
  }

  // A process of the application: ready when its port is open and it has said what `says` matches.
  startApp(command, args, { says = /^/, ...options } = {}) {
    const log = this.logFile('app.log');
    return start(command, args, { cwd: this.packages, log, ...options,
      ready: (child) => until('the application', async () => (
        child.exitCode === null && await isOpen(this.appPort) && says.test(readFileSync(log, 'utf8'))), 180) });
  }

  logFile(name) {
    const path = join(this.dir, name);
    if (!this.logs.includes(path)) this.logs.push(path);
    return path;
  }

  async #startProvider() {
    const log = join(this.dir, 'provider.out');
    const said = () => /^listening on (\S+)$/m.exec(readFileSync(log, 'utf8'));
    await start('node', ['t/lib/scripted-provider.mjs'], { log, ready: () => until('the provider', said) });
    this.provider = said()[1];
  }

  async #startNginx() {
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    mkdirSync(join(this.dir, 'etc'));
    writeFileSync(join(this.dir, 'etc', `${this.name}-secret`), this.secret, { mode: 0o600 });
    writeFileSync(join(this.dir, 'etc', 'oidc-secret'), 'the client secret', { mode: 0o600 });
    const conf = join(this.dir, 'nginx.conf');
    writeFileSync(conf, configuration(this.name, {
      dir: this.dir, port: this.port, appPort: this.recorder.port,
      module: resolve(env.TEST_NGINX_LOAD_MODULES || 'build/ngx_http_auth_gate_module.so'),
      user: process.getuid() === 0 ? 'user root root;' : '',
    }));
    this.logFile('access.log');
    this.logFile('combined.log');
    const log = this.logFile('error.log');
    await start(env.TEST_NGINX_BINARY || 'nginx', ['-p', this.dir, '-e', log, '-c', conf], {
      env: { OIDC_ISSUER: `${this.provider}/good`, OIDC_CLIENT_ID: 'gate', APP_URL: this.url },
      log: join(this.dir, 'nginx.out'),
      ready: (child) => until('nginx', () => child.exitCode === null && isOpen(this.port)),
    }).catch((error) => { throw new Error(`${error.message}\n${readFileSync(log, 'utf8')}`); });
  }

  // Through the gate, as `jwt` if one is given.
  ask(method, path, { jwt, ...options } = {}) {
    return request(this.url, method, path, { token: jwt, ...options });
  }

  // Without the gate.
  askApp(method, path, options = {}) {
    return request(this.appUrl, method, path, options);
  }

  // Uploads the file without the gate. Resolves to the application's answer.
  async upload(path, field, jwt) {
    const body = new FormData();
    body.append(field, new Blob([FILE], { type: 'text/plain' }), 'report.txt');
    const answer = await fetch(this.appUrl + path, { method: 'POST', body, headers: { Authorization: `Bearer ${jwt}` } });
    if (!answer.ok) throw new Error(`the upload failed: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async signIn(name) {
    const jwt = await this.app.signIn(this, name);
    this.jwts.push(jwt);
    return jwt;
  }

  // A single-use token from the endpoint of the page.
  async token(jwt, purpose) {
    const { status, text, json } = await this.ask('POST', '/gate/token', { jwt, json: { purpose } });
    if (status !== 200) throw new Error(`no token: ${status} ${text}`);
    this.tokens.push(json.token);
    return json.token;
  }

  // Resolves when it is open.
  async socket(path, protocol) {
    const socket = new Socket(this.url.replace('http', 'ws') + path, protocol);
    await socket.opened();
    return socket;
  }

  // A login at the provider as somebody with these claims. Resolves to the session's JWT.
  async singleSignOn(claims) {
    const begun = await this.ask('GET', '/gate/oidc/login');
    const to = new URL(begun.headers.location);
    const told = (name) => to.searchParams.get(name);
    const code = Buffer.from(JSON.stringify({
      sub: 'person-7', email: 'alice@example.test', nonce: told('nonce'), challenge: told('code_challenge'),
      redirect_uri: told('redirect_uri'), random: generated(), claims,
    })).toString('base64url');
    const headers = { Cookie: begun.headers['set-cookie'].map((line) => line.split(';')[0]).join('; ') };
    const come = (path, query) => this.ask('GET', `/gate/oidc/${path}?${new URLSearchParams(query)}`, { headers });
    const back = await come('callback', { code, state: told('state') });
    const oneTime = new URL(back.headers.location, this.url).searchParams.get('oidc_code');
    if (!oneTime) throw new Error(`the login failed: ${back.headers.location}`);
    const { json } = await come('exchange', { code: oneTime });
    this.jwts.push(json.token);
    this.tokens.push(oneTime);
    return json.token;
  }
}
