// Runs tasks in the order of their arrival, with a limit on how many run at once.

import { AuthGateError } from './errors.js';

export class Limiter {
  #free;
  #waiting = [];

  constructor(atOnce) {
    this.#free = atOnce;
  }

  // Settles as the task does. A task whose signal is aborted while it waits is never started.
  async run(task, signal) {
    await this.#turn(signal);
    try {
      return await task();
    } finally {
      this.#done();
    }
  }

  #turn(signal) {
    if (signal?.aborted) return Promise.reject(new AuthGateError('ABORTED'));
    if (this.#free > 0) {
      this.#free--;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const entry = { begin };
      const waiting = this.#waiting;
      waiting.push(entry);
      signal?.addEventListener('abort', giveUp);

      function begin() {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      }
      function giveUp() {
        signal.removeEventListener('abort', giveUp);
        waiting.splice(waiting.indexOf(entry), 1);
        reject(new AuthGateError('ABORTED'));
      }
    });
  }

  #done() {
    const next = this.#waiting.shift();
    if (next) next.begin();
    else this.#free++;
  }
}
