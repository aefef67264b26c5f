// When a helper that reconnects tries again: after a delay that grows, or as soon as the browser is online.

import { Backoff } from './backoff.js';

const STABLE_AFTER_MS = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Attempts {
  #again;
  #clock;
  #backoff;
  #stableAfter;
  #retryTimer;
  #stableTimer;
  #isWaiting = false;
  #online = () => { if (this.#isWaiting) this.#start(); };

  // Calls `again()` for each attempt but the first one.
  constructor(again, { clock = globalThis, firstDelay, longestDelay, random, stableAfter = STABLE_AFTER_MS }) {
    this.#again = again;
    this.#clock = clock;
    this.#backoff = new Backoff({ first: firstDelay, longest: longestDelay, random });
    this.#stableAfter = stableAfter;
    globalThis.addEventListener?.('online', this.#online);
  }

  // If every opened connection counted as a success, a server that accepts and closes at once would be asked without a
  // delay.
  opened() {
    this.#stableTimer = this.#clock.setTimeout(() => this.#backoff.reset(), this.#stableAfter);
  }

  succeeded() {
    this.#backoff.reset();
  }

  lost() {
    this.#clock.clearTimeout(this.#stableTimer);
  }

  // Returns the delay. `first` is that of the server for a first failure.
  retry({ atLeast = 0, first } = {}) {
    if (first !== undefined) this.#backoff.first = first;
    const delay = Math.min(Math.max(this.#backoff.next(), atLeast), LONGEST_TIMER_MS);
    this.#isWaiting = true;
    this.#retryTimer = this.#clock.setTimeout(() => this.#start(), delay);
    return delay;
  }

  end() {
    this.#isWaiting = false;
    this.#clock.clearTimeout(this.#retryTimer);
    this.#clock.clearTimeout(this.#stableTimer);
    globalThis.removeEventListener?.('online', this.#online);
  }

  #start() {
    this.#isWaiting = false;
    this.#clock.clearTimeout(this.#retryTimer);
    this.#again();
  }
}
