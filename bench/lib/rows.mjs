// Turns measurements into the rows of the table.
//
// A row is { what, measure, min, median, max, target, ok }. `ok` is undefined if there is no target.

import { summary } from './statistics.mjs';
import { FOOTPRINT, LINES } from './targets.mjs';

export const atMost = (text, limit, value) => ({ target: text, ok: value <= limit });
export const atLeast = (text, limit, value) => ({ target: text, ok: value >= limit });

// For each line with a valid round: { ratio, added, cpu, rate }, each with minimum, median and maximum.
export function summarise(results) {
  const lines = {};
  for (const [name, rounds] of Object.entries(results)) {
    const of = (key) => summary(rounds.map((round) => round[key]));
    lines[name] = { rounds: rounds.length, ratio: of('ratio'), added: of('added'), cpu: of('cpu'), rate: of('rate'), base_cpu: of('base_cpu') };
  }
  return lines;
}

export function loadRows(lines, instructions) {
  return LINES.flatMap((line) => rowsOf(line, lines, instructions.find((row) => row.name === line.name)));
}

function rowsOf(line, lines, counted) {
  const measured = lines[line.name];
  const rows = [];
  if (!measured) {
    rows.push({ what: line.title, measure: 'no quiet round', ok: line.ratio || line.added ? false : undefined });
  } else {
    rows.push({ what: line.title, measure: `throughput / ${line.base ?? 'unguarded'}`, ...measured.ratio,
      ...(line.ratio && atLeast(`>= ${line.ratio}`, line.ratio, measured.ratio.median)) });
    rows.push(line.instead ? { what: line.title, measure: 'CPU an operation, µs', ...measured.cpu }
      : { what: line.title, measure: 'CPU added, µs', ...measured.added, ...addedVerdict(line.added, lines, measured) });
  }
  if (counted) {
    rows.push({ what: line.title, measure: 'instructions added', median: counted.added,
      ...(line.instructions && atMost(`<= ${line.instructions}`, line.instructions, counted.added)) });
  }
  return rows;
}

function addedVerdict(asked, lines, measured) {
  if (!asked) return {};
  let limit;
  try {
    limit = asked.limit(lines, measured.base_cpu.median);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { target: `<= ${asked.text} (no quiet round)`, ok: false };
  }
  return atMost(`<= ${asked.text} (${limit.toFixed(2)})`, limit, measured.added.median);
}

export function footprintRows({ bytes, memory, times }) {
  const start = summary(times.start);
  const reload = summary(times.reload);
  const less = (limit, value) => ({ target: `< ${limit}`, ok: value < limit });
  return [
    { what: 'memory', measure: 'bytes of zone a token', median: bytes,
      ...atMost(`<= ${FOOTPRINT.bytesPerToken}`, FOOTPRINT.bytesPerToken, Math.round(bytes)) },
    { what: 'memory', measure: 'MB more in a worker after use', median: memory.added_mb,
      ...atMost(`<= ${FOOTPRINT.workerMb}`, FOOTPRINT.workerMb, memory.added_mb) },
    { what: 'start, 10^6 places', measure: 'ms more', ...start, ...less(FOOTPRINT.startMs, start.median) },
    { what: 'reload, 10^6 places', measure: 'ms more', ...reload, ...less(FOOTPRINT.startMs, reload.median) },
  ];
}

const number = (value) => {
  if (value === undefined) return '';
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 3);
};

export function printTable(rows) {
  const verdict = (ok) => (ok === undefined ? '' : ok ? 'ok' : 'MISSED');
  const cells = [['', '', 'min', 'median', 'max', 'target', ''],
    ...rows.map((row, i) => [row.what === rows[i - 1]?.what ? '' : row.what, row.measure, number(row.min),
      number(row.median), number(row.max), row.target ?? '', verdict(row.ok)])];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const isNumber = (column) => column >= 2 && column <= 4;
  for (const row of cells) {
    console.log(row.map((text, column) =>
      (isNumber(column) ? text.padStart(widths[column]) : text.padEnd(widths[column]))).join('  ').trimEnd());
  }
}
