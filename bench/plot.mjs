// Draws what the benchmark found: docs/bench-added-cpu.svg and docs/bench-live-tokens.svg.
//
//     node bench/plot.mjs results.json folder

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIVE_TOKENS, storeTime } from './lib/micro_rows.mjs';
import { LINES } from './lib/targets.mjs';

const WIDTH = 760;
// Readable on white and on black.
const INK = '#7d8590';
const GATE = '#2f9e6e';
const OTHER = '#8792a2';
const SERIES = { put: '#2f9e6e', take: '#3b82c4' };

const escaped = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

function text(x, y, content, { anchor = 'start', size = 13, color = INK, weight = 400, rotate } = {}) {
  const turned = rotate ? ` transform="rotate(${rotate} ${x} ${y})"` : '';
  const look = `text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" fill="${color}"`;
  return `<text x="${x}" y="${y}" ${look}${turned}>${escaped(content)}</text>`;
}

const line = (x1, y1, x2, y2, options = '') =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${INK}" ${options}/>`;
const GRID = 'stroke-opacity="0.25"';

function picture(height, title, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}"
     font-family="system-ui, sans-serif">
<title>${escaped(title)}</title>
${parts.join('\n')}
</svg>
`;
}

// 1, 2 or 5 times a power of ten, so that there are some five of them up to `most`.
function stepFor(most) {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

const heading = (title, { cpu, cores, nginx, date }) => [
  text(12, 24, title, { size: 16, weight: 600 }),
  text(12, 42, `${cpu}, ${cores} cores, nginx ${nginx}, ${date}`, { size: 11 }),
];

function addedCpu({ load, machine }) {
  const bars = LINES.filter(({ name, base, instead }) => !base && !instead && load.lines[name])
    .map(({ name, title }) => ({ title, gate: title.startsWith('gate: '), ...load.lines[name].added }));
  const request = load.lines.secure_link.base_cpu.median;

  const left = 310;
  const top = 82;
  const row = 26;
  const bottom = top + bars.length * row;
  const most = Math.max(request, ...bars.map((bar) => bar.max));
  const x = (value) => left + Math.max(0, value) / most * (WIDTH - left - 60);

  const parts = heading('CPU time that a check adds to a request', machine);
  for (let value = 0; value <= most; value += stepFor(most)) {
    parts.push(line(x(value), top - 4, x(value), bottom, GRID),
      text(x(value), bottom + 18, +value.toFixed(2), { anchor: 'middle', size: 12 }));
  }
  bars.forEach((bar, i) => {
    const y = top + i * row;
    const color = bar.gate ? GATE : OTHER;
    const look = bar.gate ? { color: GATE, weight: 600 } : {};
    parts.push(text(left - 10, y + 17, bar.title, { anchor: 'end', ...look }),
      `<rect x="${left}" y="${y + 4}" width="${(x(bar.median) - left).toFixed(1)}" height="${row - 8}" rx="2" fill="${color}"/>`,
      line(x(bar.min), y + row / 2, x(bar.max), y + row / 2, 'stroke-width="1.5"'),
      text(x(bar.max) + 6, y + 17, bar.median.toFixed(2), { size: 12 }));
  });
  parts.push(line(x(request), top - 4, x(request), bottom, 'stroke-dasharray="4 4"'),
    text(x(request) - 4, top - 10, `the request itself: ${request.toFixed(1)}`, { size: 11 }),
    text(WIDTH - 12, bottom + 40, 'µs of the worker a request, above an unguarded one (median; line: minimum to maximum)',
      { anchor: 'end', size: 12 }));
  return picture(bottom + 54, 'CPU time that a check adds to a request, in microseconds', parts);
}

function liveTokens({ micro, machine }) {
  const left = 64;
  const right = WIDTH - 90;
  const top = 58;
  const bottom = 300;
  const series = Object.fromEntries(Object.keys(SERIES).map((operation) =>
    [operation, LIVE_TOKENS.map((live) => storeTime(micro, operation, live))]));
  const most = 1.1 * Math.max(...Object.values(series).flat().map((time) => time.max));
  const x = (i) => left + i / (LIVE_TOKENS.length - 1) * (right - left);
  const y = (ns) => bottom - ns / most * (bottom - top);

  const parts = heading('What a token costs while so many others live', machine);
  for (let ns = 0; ns <= most; ns += stepFor(most)) {
    parts.push(line(left, y(ns), right, y(ns), GRID), text(left - 8, y(ns) + 4, ns, { anchor: 'end', size: 12 }));
  }
  LIVE_TOKENS.forEach((live, i) => parts.push(text(x(i), bottom + 20, live.toLocaleString('en'), { anchor: 'middle', size: 12 })));
  for (const [operation, times] of Object.entries(series)) {
    const color = SERIES[operation];
    const points = times.map((time, i) => `${x(i).toFixed(1)},${y(time.median).toFixed(1)}`);
    parts.push(`<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`);
    times.forEach((time, i) => parts.push(
      `<circle cx="${x(i).toFixed(1)}" cy="${y(time.median).toFixed(1)}" r="3.5" fill="${color}"/>`,
      `<line x1="${x(i)}" y1="${y(time.min)}" x2="${x(i)}" y2="${y(time.max)}" stroke="${color}" stroke-width="1.5"/>`));
    parts.push(text(right + 10, y(times.at(-1).median) + 4, operation, { color, weight: 600 }));
  }
  parts.push(text((left + right) / 2, bottom + 42, 'live tokens', { anchor: 'middle', size: 12 }),
    text(16, (top + bottom) / 2, 'ns an operation', { anchor: 'middle', size: 12, rotate: -90 }));
  return picture(bottom + 54, 'Nanoseconds that issuing and redeeming take in the store, by number of live tokens', parts);
}

const [, , results, folder] = process.argv;
const measured = JSON.parse(readFileSync(results, 'utf8'));
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'bench-added-cpu.svg'), addedCpu(measured));
writeFileSync(join(folder, 'bench-live-tokens.svg'), liveTokens(measured));
