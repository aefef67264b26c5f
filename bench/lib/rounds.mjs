// Interleaved rounds: each line is measured between two measurements of its base, so that a processor whose speed drifts
// during a run makes no difference.

import { quietMoment, runLoad } from './load.mjs';

// A measurement with a greater disturbance than these shares of the time is invalid. The limit for all processes together
// is higher because it is counted in ticks, not in nanoseconds.
const LIMITS = { waited: 0.01, generatorWaited: 0.03, others: 0.2, stolen: 0.05 };
const ATTEMPTS = 4;
const PATIENCE_MS = 5000;

function isQuiet({ disturbance, alone, threaded }) {
  return (threaded || disturbance.waited <= LIMITS.waited) && disturbance.others <= LIMITS.others
    && disturbance.stolen <= LIMITS.stolen && (!alone || disturbance.generatorWaited <= LIMITS.generatorWaited);
}

export class Rounds {
  #generator;
  #bases;
  #seconds;
  #deadline;
  #lastBase = null;

  // `seconds` is the duration of a measurement; after `limit` seconds nothing is repeated and no round is started.
  constructor({ generator, seconds, limit }) {
    this.#generator = generator;
    this.#seconds = seconds;
    this.#deadline = Date.now() + limit * 1000;
    this.results = {};
    this.made = 0;
    this.rejected = 0;
    this.accepted = 0;
  }

  // `prepare` starts the servers of a round, and resolves to { bases, lines }. `bases` maps names to the loads that lines
  // are compared with; a line is { base, parts: [{ name, load }] }, whose parts run in order.
  async run(prepare, rounds, say) {
    for (let round = 1; round <= rounds && (round === 1 || Date.now() < this.#deadline); round += 1) {
      const { bases, lines } = await prepare();
      this.#bases = bases;
      this.#lastBase = null;
      for (const line of lines) await this.#bracketUntilQuiet(line);
      this.made = round;
      say(`round ${round} of ${rounds}: ${this.accepted} measurements, ${this.rejected} rejected`);
    }
  }

  async #bracketUntilQuiet(line) {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (await this.#bracket(line)) {
        this.accepted += 1;
        return;
      }
      this.rejected += 1;
      if (Date.now() > this.#deadline) return;
      await quietMoment(PATIENCE_MS);
    }
  }

  async #bracket(line) {
    const before = this.#lastBase?.name === line.base ? this.#lastBase.result : await this.#measure(this.#bases[line.base]);
    this.#lastBase = null;
    const measured = [];
    for (const part of line.parts) measured.push(await this.#measure(part.load));
    const after = await this.#measure(this.#bases[line.base]);
    if (isQuiet(after)) this.#lastBase = { name: line.base, result: after };
    if (![before, ...measured, after].every(isQuiet)) return false;

    const rate = (before.rate + after.rate) / 2;
    const cpu = (before.cpu + after.cpu) / 2;
    line.parts.forEach((part, i) => {
      const result = measured[i];
      this.results[part.name] ??= [];
      this.results[part.name].push({
        ratio: result.rate / rate, added: result.cpu - cpu, rate: result.rate, cpu: result.cpu, base_rate: rate, base_cpu: cpu,
      });
    });
    return true;
  }

  async #measure(load) {
    const result = await runLoad(this.#generator, { seconds: this.#seconds, ...load });
    if (result.bad > 0) throw new Error(`${result.bad} of ${result.answers} answers are not what was asked for: ${load.requests}`);
    return { ...result, threaded: load.threaded };
  }
}
