// Builds ../dist/auth-gate-shim.js from the parts in this folder: a single script, because nginx adds a single one to a page.
//
//   node client/shim/build.mjs

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

// The order matters: the parts share one scope.
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
