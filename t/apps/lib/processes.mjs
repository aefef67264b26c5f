// Processes that a run starts. Each leads a group of its own, and each group ends with the run, whatever ends that.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set();

function killAll(signal) {
  for (const child of running) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  }
}

process.on('exit', () => killAll('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

function launch(command, args, { env = {}, cwd, log }) {
  const out = openSync(log, 'a');
  const options = { cwd, env: { ...process.env, ...env }, stdio: ['ignore', out, out], detached: true };
  const child = spawn(command, args, options);
  closeSync(out);
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}

const failure = (command, args, log) => new Error(`${command} ${args.join(' ')} ended:\n${readFileSync(log, 'utf8')}`);

// Starts a process with both outputs in `log`. Resolves when `ready(child)` does.
export async function start(command, args, { ready, ...options }) {
  const child = launch(command, args, options);
  const failed = once(child, 'error').then(([error]) => { throw error; });
  const ended = once(child, 'exit').then(() => { throw failure(command, args, options.log); });
  for (const late of [failed, ended]) late.catch(() => {});
  await Promise.race([ready(child), failed, ended]);
  return child;
}

// Runs a process to its end, which must be a good one.
export async function run(command, args, options) {
  const [status] = await once(launch(command, args, options), 'exit');
  if (status !== 0) throw failure(command, args, options.log);
}

export async function stopAll() {
  const ends = [...running].map((child) => once(child, 'exit'));
  killAll('SIGTERM');
  await Promise.race([Promise.all(ends), sleep(10_000, undefined, { ref: false })]);
  killAll('SIGKILL');
}

// Polls until `condition()` is true.
export async function until(what, condition, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  while (!await condition()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await sleep(50);
  }
}

// Not one of those that the system gives out by itself: whatever is started next could be given it.
export async function freePort() {
  for (;;) {
    const server = createServer();
    const port = 11_000 + Math.floor(Math.random() * 20_000);
    const open = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!open) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
