// How long to wait before the next try: twice as long each time, up to a limit, and never the same for everybody.

export class Backoff {
  #failures = 0;

  // Times in milliseconds; `random` gives numbers from 0 up to 1.
  constructor({ first = 1000, longest = 30_000, random = Math.random } = {}) {
    this.first = first;
    this.longest = longest;
    this.random = random;
  }

  get failures() {
    return this.#failures;
  }

  // At least half of the step: a wait of nothing would be none.
  next() {
    const step = Math.min(this.longest, this.first * 2 ** Math.min(this.#failures, 30));
    this.#failures++;
    return Math.round(step / 2 + this.random() * (step / 2));
  }

  reset() {
    this.#failures = 0;
  }
}
