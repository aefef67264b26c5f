// Runs tests sequentially and prints TAP. A failed test does not stop the others.

export const asComment = (error) => String(error.stack ?? error).replace(/^/gm, '#   ');

export class Tap {
  #count = 0;
  #failed = 0;

  // `onFailure(name)` may save something for inspection.
  async test(name, action, onFailure = async () => {}) {
    this.#count++;
    try {
      await action();
      console.log(`ok ${this.#count} - ${name}`);
    } catch (error) {
      this.#failed++;
      console.log(`not ok ${this.#count} - ${name}`);
      console.log(asComment(error));
      await onFailure(name).catch((problem) => console.log(`#   ${problem.message}`));
    }
  }

  note(text) {
    console.log(`# ${text}`);
  }

  conclude() {
    console.log(`1..${this.#count}`);
    return this.#failed === 0;
  }
}
