// The delay before the next attempt: it doubles each time, up to a limit, and is randomised.

export class Backoff {
  #failures = 0;

  // Times are in milliseconds; `random` returns numbers from 0 up to 1.
  constructor({ first = 1000, longest = 30_000, random = Math.random } = {}) {
    this.first = first;
    this.longest = longest;
    this.random = random;
  }

  get failures() {
    return this.#failures;
  }

  // At least half of the step, so that the delay is never zero.
  next() {
    const step = Math.min(this.longest, this.first * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return Math.round(step / 2 + this.random() * (step / 2));
  }

  reset() {
    this.#failures = 0;
  }
}
