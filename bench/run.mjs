// The whole benchmark: prints one table, and writes it as JSON. Started by ./dev bench.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Alternatives } from './lib/alternatives.mjs';
import { bytesPerToken, startTimes, workerMemory } from './lib/footprint.mjs';
import { machine } from './lib/machine.mjs';
import { runMicro } from './lib/micro.mjs';
import { microRows } from './lib/micro_rows.mjs';
import { Rounds } from './lib/rounds.mjs';
import { footprintRows, loadRows, printTable, summarise } from './lib/rows.mjs';
import { makeFolder, outputOf } from './lib/scratch.mjs';
import { LINES } from './lib/targets.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const GATE = { zone: '256m', places: 1_000_000 };

// Seconds; `limit` is for all rounds together.
const FULL = { rounds: 11, seconds: 0.5, limit: 330, starts: 9, micro: { repetitions: 5, seconds: 0.1 } };
const QUICK = { rounds: 4, seconds: 0.25, limit: 70, starts: 3, micro: { repetitions: 3, seconds: 0.02 } };

const say = (text) => process.stderr.write(`${text}\n`);

async function underLoad({ module, generator, plan }) {
  const alternatives = new Alternatives({ module, ...GATE });
  const rounds = new Rounds({ generator, seconds: plan.seconds, limit: plan.limit });
  await rounds.run(() => alternatives.prepare(), plan.rounds, say);
  await alternatives.stop();
  return { lines: summarise(rounds.results), rounds: rounds.made, accepted: rounds.accepted, rejected: rounds.rejected };
}

async function countInstructions(module) {
  const path = join(makeFolder(), 'instructions.json');
  await outputOf(process.execPath, [join(HERE, 'instructions.mjs'), '--module', module, '--others', '--json', path]);
  return JSON.parse(readFileSync(path, 'utf8')).rows;
}

async function main() {
  const { values } = parseArgs({
    options: { build: { type: 'string' }, out: { type: 'string' }, quick: { type: 'boolean' } },
  });
  const plan = values.quick ? QUICK : FULL;
  const module = join(values.build, 'ngx_http_auth_gate_module.so');
  const generator = join(values.build, 'auth_gate_load');

  say('Under load');
  const load = await underLoad({ module, generator, plan });
  say('Memory, start and reload');
  const footprint = {
    bytes: await bytesPerToken(module),
    memory: await workerMemory({ module, generator, seconds: plan.seconds }),
    times: await startTimes(module, plan.starts),
  };
  say('Micro-benchmarks');
  const micro = await runMicro(join(values.build, 'bench/micro'), plan.micro);
  say('Instructions');
  const instructions = await countInstructions(module);

  const rows = [...loadRows(load.lines, instructions), ...microRows(micro), ...footprintRows(footprint)];
  const where = await machine();
  printTable(rows);
  console.log(`\n${where.cpu}, ${where.cores} cores, Linux ${where.kernel}, nginx ${where.nginx}, ${where.date}`);
  console.log(`${load.rounds} rounds; ${load.accepted} measurements, and ${load.rejected} rejected: others used the processors`);
  console.log('instructions: valgrind shows OpenSSL no SHA extensions, SHA-256 is its AVX2 code there');

  mkdirSync(dirname(values.out), { recursive: true });
  const all = { machine: where, quick: values.quick ?? false, load, instructions, micro, footprint, rows };
  writeFileSync(values.out, `${JSON.stringify(all, null, 1)}\n`);
  say(`\nWritten to ${values.out}`);
  if (LINES.some(({ name }) => !load.lines[name])) {
    say('Other processes left no quiet moment for some lines: run it again when the machine has nothing else to do');
    process.exitCode = 1;
  }
}

await main();
