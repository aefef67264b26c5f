// What has to be gone in the end, however the end comes: folders, and processes that were started here.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const folders = new Set();
const running = new Set();

process.on('exit', () => {
  for (const child of running) killGroup(child);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(1));
}

// With its workers, who would outlive a master that is killed.
function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'auth-gate-bench-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

// A child process, in a process group of its own, that ends with this one. `exited` is a promise of its exit code.
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true, ...options });
  running.add(child);
  child.exited = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return code ?? signal;
  }, (error) => {
    running.delete(child);
    throw error;
  });
  child.exited.catch(() => {});
  return child;
}

// Asks again and again: nginx without a master may miss a signal that comes just before it waits for events.
export async function stop(child, signal = 'SIGTERM') {
  const ask = () => child.exitCode === null && child.signalCode === null && child.kill(signal);
  ask();
  const again = setInterval(ask, 200);
  try {
    return await child.exited;
  } finally {
    clearInterval(again);
  }
}

// The standard output of a command; throws when it fails.
export async function outputOf(command, args, options = {}) {
  const child = start(command, args, options);
  const pieces = [];
  child.stdout.on('data', (piece) => pieces.push(piece));
  const closed = once(child.stdout, 'close');
  const code = await child.exited;
  await closed;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exited with ${code}`);
  return Buffer.concat(pieces).toString();
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// Looks again and again until `look` says yes.
export async function waitFor(what, look, seconds = 20) {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const found = await look();
    if (found) return found;
    await sleep(1);
  }
  throw new Error(`waited in vain for ${what}`);
}
