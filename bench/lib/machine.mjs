// Where and when a benchmark ran.

import { cpus, release } from 'node:os';
import { readFileSync } from 'node:fs';
import { nginxVersion } from './nginx.mjs';
import { outputOf } from './scratch.mjs';

export async function machine() {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: processors[0].model,
    cores: processors.length,
    kernel: release(),
    system: /^PRETTY_NAME="(.*)"/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1],
    nginx: await nginxVersion(),
    openssl: (await outputOf('openssl', ['version'])).split(' ')[1],
    node: process.version,
    redis: /v=(\S+)/.exec(await outputOf('redis-server', ['--version']))[1],
  };
}
