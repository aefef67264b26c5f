// Temporary folders and child processes, cleaned up however the program ends.

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

// Kills the whole process group, because workers outlive a killed master.
function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just exited by itself.
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

// Starts a child in its own process group, which ends with this process. `exited` is a promise of its exit code.
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

// Repeats the signal, because nginx without a master may miss one that arrives just before it waits for events.
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

// The standard output of a command. Throws if the command fails.
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

// Polls until `look` returns true. Throws after `seconds`.
export async function waitFor(what, look, seconds = 20) {
  const until = Date.now() + seconds * 1000;
  while (Date.now() < until) {
    const found = await look();
    if (found) return found;
    await sleep(1);
  }
  throw new Error(`waited in vain for ${what}`);
}
