// Runs the micro-benchmarks and evaluates their results.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { outputOf } from './scratch.mjs';
import { summary } from './statistics.mjs';

const NS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

// { 'micro_jwt/verify': { ns: { min, median, max }, and each counter likewise } }
export async function runMicro(folder, { repetitions, seconds }) {
  const all = {};
  for (const program of readdirSync(folder).filter((name) => /^micro_\w+$/.test(name)).sort()) {
    const text = await outputOf(join(folder, program), ['--benchmark_format=json', `--benchmark_repetitions=${repetitions}`,
      `--benchmark_min_time=${seconds}`, '--benchmark_enable_random_interleaving=true']);
    for (const [name, runs] of groupByName(JSON.parse(text).benchmarks)) {
      all[`${program}/${name}`] = summaryOf(name, runs);
    }
  }
  return all;
}

function groupByName(runs) {
  const groups = new Map();
  for (const run of runs) {
    if (run.error_occurred) throw new Error(`${run.name}: ${run.error_message}`);
    if (run.run_type !== 'iteration') continue;
    groups.set(run.run_name, [...(groups.get(run.run_name) ?? []), run]);
  }
  return groups;
}

const OWN_FIELDS = new Set(['family_index', 'per_family_instance_index', 'repetitions', 'repetition_index', 'threads',
  'iterations', 'real_time', 'cpu_time']);

// CPU time, which other processes do not affect, unless the benchmark reports its own time.
function summaryOf(name, runs) {
  const time = /manual_time|real_time/.test(name) ? 'real_time' : 'cpu_time';
  const result = { ns: summary(runs.map((run) => run[time] * NS[run.time_unit])) };
  for (const [key, value] of Object.entries(runs[0])) {
    if (typeof value === 'number' && !OWN_FIELDS.has(key)) result[key] = summary(runs.map((run) => run[key]));
  }
  return result;
}
