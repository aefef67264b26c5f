// Makes ../dist/auth-gate-shim.js from the parts in this folder: one script, because a page is given one.
//
//   node client/shim/build.mjs

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

// In this order. They share one scope.
export const PARTS = [
  'tokens', 'patch', 'elements', 'attributes', 'html', 'navigation', 'forms', 'requests', 'behind', 'socket', 'events',
];

export const read = (name) => readFileSync(new URL(`${name}.js`, import.meta.url), 'utf8');

export const SHIM = new URL('../dist/auth-gate-shim.js', import.meta.url);

export const build = () => read('frame').replace('// The parts.\n', () => PARTS.map(read).join('\n'));

if (argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(new URL('.', SHIM), { recursive: true });
  writeFileSync(SHIM, build());
}
