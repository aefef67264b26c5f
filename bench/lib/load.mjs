// Runs the load generator against a server and calculates the cost of a request.

import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestText } from './client.mjs';
import { outputOf } from './scratch.mjs';

// The measured worker has one processor to itself; everything else shares the other.
export const MEASURED_CPU = 0;
export const OTHER_CPU = 1;

const NS_PER_US = 1000;

// Writes requests in the load generator's format: each is preceded by a line with its size.
export function writeRequests(path, requests) {
  writeFileSync(path, requests.map((request) => {
    const text = typeof request === 'string' ? request : requestText(request);
    return `${Buffer.byteLength(text)}\n${text}`;
  }).join(''));
  return path;
}

// `worker` is the measured process; `others` are our processes that work for it. Resolves to { rate: requests per second,
// cpu: the worker's µs per request, use: its share of its processor, answers, bad, alone, disturbance: the shares of the
// time in which the worker and the generator waited for a processor, others used one, and the host used one }.
export async function runLoad(generator, options) {
  const { port, worker, others = [], requests, seconds, connections = 16, pipeline = 1, protocol = 'http' } = options;
  const args = ['--port', port, '--requests', requests, '--seconds', seconds, '--connections', connections,
    '--pipeline', pipeline, '--protocol', protocol, '--processor', OTHER_CPU];
  for (const pid of [worker, ...others, process.pid]) args.push('--watch', pid);
  if (options.tokens) args.push('--tokens', options.tokens);
  if (options.keepTokens) args.push('--keep-tokens', options.keepTokens);
  if (options.once) args.push('--once');

  const result = JSON.parse(await outputOf(generator, args.map(String)));
  if (result.answers === 0) throw new Error('no answers: the load was over before it began');
  const ours = [...result.watched, result.self];
  const running = ours.reduce((sum, share) => sum + share.running_ns, 0);
  return {
    rate: result.answers / result.elapsed_ns * 1e9,
    cpu: result.watched[0].running_ns / result.answers / NS_PER_US,
    use: result.watched[0].running_ns / result.elapsed_ns,
    answers: result.answers,
    bad: result.bad,
    alone: others.length === 0,  // the generator has the other processor to itself
    disturbance: {
      waited: result.watched[0].waiting_ns / result.elapsed_ns,
      generatorWaited: result.self.waiting_ns / result.elapsed_ns,
      others: Math.max(0, result.busy_ns - running) / result.elapsed_ns,
      stolen: result.stolen_ns / result.elapsed_ns,
    },
  };
}

// Ticks in which a processor was not idle.
function busyTicks() {
  const [user, nice, system, , , irq, softirq, steal] = /^cpu +(.*)/.exec(readFileSync('/proc/stat', 'utf8'))[1].split(' ').map(Number);
  return user + nice + system + irq + softirq + steal;
}

// Waits until the processors are nearly idle, up to a time limit.
export async function quietMoment(patienceMs) {
  const until = Date.now() + patienceMs;
  let before = busyTicks();
  while (Date.now() < until) {
    await sleep(200);
    const now = busyTicks();
    if (now - before <= 2) return;
    before = now;
  }
}
