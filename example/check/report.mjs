// Counts steps and prints one line per step, with all secrets truncated.

const LONG_SECRETS = [/\beyJ[\w-]*\.[\w-]+\.[\w-]*/g, /\b[0-9a-f]{64}\b/gi];

export const shorten = (secret) => `${secret.slice(0, 6)}…`;

export function mask(text) {
  return LONG_SECRETS.reduce((masked, pattern) => masked.replace(pattern, shorten), String(text));
}

export class Report {
  passed = 0;
  failed = 0;

  heading(text) {
    console.log(`\n${text}`);
  }

  // The action returns a short description of the result, or throws an error that says what is wrong.
  async step(sent, action) {
    let came;
    let ok = true;
    try {
      came = await action();
    } catch (error) {
      ok = false;
      came = error.message;
    }
    if (ok) this.passed++;
    else this.failed++;
    console.log(`${ok ? 'ok  ' : 'FAIL'}  ${mask(sent)}  →  ${mask(came)}`);
    return ok;
  }

  conclude() {
    console.log(`\n${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0;
  }
}

export function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

export function expectEqual(actual, expected, what) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  expect(a === b, `${what} is ${a}, expected ${b}`);
}

// A value that an earlier step should have produced.
export function needed(value) {
  expect(value, 'a step before this one failed');
  return value;
}
