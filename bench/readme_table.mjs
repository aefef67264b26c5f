// Writes the benchmark's table into a page, between <!-- bench --> and <!-- /bench -->.
//
//     node bench/readme_table.mjs results.json bench/README.md

import { readFileSync, writeFileSync } from 'node:fs';
import { LINES } from './lib/targets.mjs';

const MARKED = /(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/;

function round(value) {
  if (value === undefined) return '';
  return value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString();
}

function underLoad({ load, instructions }) {
  const rows = LINES.filter(({ name }) => load.lines[name]).map(({ name, title, base, instead }) => {
    const { ratio, added, cpu } = load.lines[name];
    const counted = instructions.find((row) => row.name === name);
    const range = `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`;
    return `| ${title} | ${range}${base ? ' of a proxied one' : ''} | ${instead ? `${cpu.median.toFixed(2)} in all` : added.median.toFixed(2)} | ${round(counted?.added)} |`;
  });
  return ['| | throughput / unguarded (least–most) | CPU added, µs | instructions added |', '|---|---|---|---|', ...rows];
}

function targets({ rows }) {
  return ['| asked for | measured | target | |', '|---|---|---|---|',
    ...rows.filter((row) => row.target).map((row) =>
      `| ${row.what}: ${row.measure} | ${round(row.median)} | ${row.target.replace('<=', '≤').replace('>=', '≥')} | ${row.ok ? 'ok' : 'missed'} |`)];
}

const [, , results, page] = process.argv;
const measured = JSON.parse(readFileSync(results, 'utf8'));
const { machine, load } = measured;
const text = readFileSync(page, 'utf8');
if (!MARKED.test(text)) throw new Error(`${page} has no place for the table`);
const request = load.lines.secure_link.base_cpu.median.toFixed(1);
const quoted = [
  `${machine.cpu}, ${machine.cores} cores, ${machine.system}, nginx ${machine.nginx}, OpenSSL ${machine.openssl}, ${machine.date}.`,
  `An unguarded request: ${request} µs of the worker. Medians of ${load.rounds} interleaved rounds;`,
  `${load.rejected} of ${load.accepted + load.rejected} measurements were rejected and made again.`,
  '', ...underLoad(measured), '', ...targets(measured), '',
];
writeFileSync(page, text.replace(MARKED, (_, begin, end) => `${begin}${quoted.join('\n')}${end}`));
