// The servers other than nginx, each on a free port and pinned to one processor.

import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from './client.mjs';
import { SECRET } from './jwt.mjs';
import { freePort, makeFolder, removeFolder, start, stop, waitFor } from './scratch.mjs';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

// Starts a Node.js program, which prints "listening on http://…" when it is ready.
async function startNode(program, processor, env = {}) {
  const child = start('taskset', ['-c', String(processor), process.execPath, path(program)], {
    env: { PATH: process.env.PATH, BENCH_SECRET: SECRET, NODE_ENV: 'production', ...env },
  });
  const lines = createInterface(child.stdout);
  const failed = child.exited.then((code) => { throw new Error(`${program} ended with ${code}`); });
  const port = await Promise.race([failed, (async () => {
    for (;;) {
      const [line] = await once(lines, 'line');
      const found = /listening on http:\/\/[^:]+:(\d+)/.exec(line);
      if (found) return Number(found[1]);
    }
  })()]);
  failed.catch(() => {});
  return { port, worker: child.pid, pid: child.pid, threaded: true, stop: () => stop(child) };
}

export const startAuthServer = (processor) => startNode('others/auth_server.mjs', processor);
export const startTokenServer = (processor) => startNode('others/token_server.mjs', processor);

export async function startExample(processor) {
  const folder = makeFolder();
  const server = await startNode('../example/src/main.js', processor, { JWT_SECRET: SECRET, PORT: '0', DATA_DIR: folder });
  return {
    ...server,
    async stop() {
      await server.stop();
      removeFolder(folder);
    },
  };
}

export async function startRedis(processor) {
  const folder = makeFolder();
  const port = await freePort();
  const child = start('taskset', ['-c', String(processor), 'redis-server', '--bind', '127.0.0.1', '--port', String(port),
    '--dir', folder, '--save', '', '--appendonly', 'no', '--logfile', join(folder, 'log')]);
  await waitFor('Redis', async () => {
    try {
      (await Connection.open(port)).close();
      return true;
    } catch {
      return false;
    }
  });
  return {
    port, worker: child.pid, pid: child.pid,
    async stop() {
      await stop(child);
      removeFolder(folder);
    },
  };
}
