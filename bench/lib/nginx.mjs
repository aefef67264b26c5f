// Starts nginx with one worker.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection, requestText } from './client.mjs';
import { freePort, makeFolder, outputOf, removeFolder, start, stop, waitFor } from './scratch.mjs';

export const NGINX = process.env.NGINX || 'nginx';

export function configuration(site, folder, port, { single = false } = {}) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
${(site.modules ?? []).map((module) => `load_module ${module};`).join('\n')}
daemon off;
master_process ${single ? 'off' : 'on'};
worker_processes 1;
${process.getuid() === 0 ? 'user root;' : ''}
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
${Object.keys(site.env ?? {}).map((name) => `env ${name};`).join('\n')}
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
    ${site.http?.(folder) ?? ''}
    server {
        listen 127.0.0.1:${port};
        ${site.server(folder)}
    }
}
`;
}

async function answers(port) {
  try {
    const connection = await Connection.open(port);
    await connection.request(requestText({ path: '/is-there-anybody' }));
    connection.close();
    return true;
  } catch {
    return false;
  }
}

// Starts nginx and waits until it responds. `wrapper` is a command and its arguments to run it under; `single` runs it
// without a master.
export async function startNginx(site, { single = false, wrapper = [], env = {} } = {}) {
  const folder = makeFolder();
  const port = await freePort();
  mkdirSync(join(folder, 'logs'));
  writeFileSync(join(folder, 'nginx.conf'), configuration(site, folder, port, { single }));
  const command = [...wrapper, NGINX, '-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')];
  const began = performance.now();
  const child = start(command[0], command.slice(1), {
    env: { PATH: process.env.PATH, ...site.env, ...env },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const errorLog = () => readFileSync(join(folder, 'error.log'), 'utf8');
  let ended = false;
  child.exited.then(() => { ended = true; }, () => { ended = true; });
  await waitFor('nginx', async () => {
    if (ended) throw new Error(`nginx did not start:\n${errorLog()}`);
    return answers(port);
  });
  const startMs = performance.now() - began;
  const worker = single ? child.pid : await workerOf(child.pid);
  return {
    folder, port, worker, pid: child.pid, startMs, errorLog,
    async stop() {
      await stop(child);
      removeFolder(folder);
    },
  };
}

export async function workerOf(master) {
  return waitFor('the worker', async () => {
    const children = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim();
    return Number(children.split(' ')[0]);
  });
}

export async function nginxVersion() {
  const text = await outputOf('sh', ['-c', `"${NGINX}" -v 2>&1`]);
  return /nginx\/(\S+)/.exec(text)?.[1] ?? text.trim();
}
