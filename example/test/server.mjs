// Starts the application in a separate process on a free port, and talks to it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

export const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
export const SECRET = 'a secret for tests, longer than 32 bytes';

export async function startApp() {
  const dir = mkdtempSync(join(tmpdir(), 'auth-gate-example-test-'));
  const requestLog = join(dir, 'requests.log');
  const child = spawn(process.execPath, [MAIN], {
    env: { JWT_SECRET: SECRET, PORT: '0', DATA_DIR: join(dir, 'data'), REQUEST_LOG: requestLog },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill());
  const exited = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(([code]) => { throw new Error(`the application exited with ${code}`); }),
  ]);
  // Tests that end early, or run one by one, need not wait for the application.
  child.unref();
  child.stdout.unref();
  const url = line.replace('example: listening on ', '');

  return {
    line,
    url,
    wsUrl: url.replace('http', 'ws'),
    requests: () => readFileSync(requestLog, 'utf8').trim().split('\n').map((entry) => JSON.parse(entry)),
    async stop() {
      child.ref();
      child.kill('SIGTERM');
      const [code] = await exited;
      rmSync(dir, { recursive: true, force: true });
      return code;
    },
  };
}

export class Client {
  constructor(url, token) {
    this.url = url;
    this.token = token;
  }

  fetch(path, { headers, ...options } = {}) {
    const authorization = this.token ? { authorization: `Bearer ${this.token}` } : {};
    return fetch(this.url + path, { ...options, headers: { ...authorization, ...headers } });
  }

  // Returns the status and parsed body of a JSON exchange.
  async json(method, path, body) {
    const response = await this.fetch(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, body: await response.json() };
  }
}

export async function signIn(url, name) {
  const { body } = await new Client(url).json('POST', '/api/auth/login', {
    email: `${name}@example.test`, password: `${name}-password`,
  });
  return new Client(url, body.token);
}

// Resolves to a WebSocket whose messages can be awaited one by one, or to the status of a refusal.
export async function openSocket(url, options) {
  const socket = new WebSocket(url, options);
  const messages = [];
  const waiting = [];
  socket.on('message', (data) => {
    const message = JSON.parse(data);
    if (waiting.length > 0) waiting.shift()(message);
    else messages.push(message);
  });
  const closed = once(socket, 'close');
  const refused = await new Promise((resolve, reject) => {
    socket.on('open', () => resolve(null));
    socket.on('unexpected-response', (req, res) => {
      res.resume();
      resolve(res.statusCode);
    });
    socket.on('error', reject);
  });
  return {
    refused,
    closed,
    next: () => (messages.length > 0 ? messages.shift() : new Promise((resolve) => waiting.push(resolve))),
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async close() {
      socket.close();
      await closed;
    },
  };
}
