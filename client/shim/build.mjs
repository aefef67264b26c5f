// Builds ../dist/auth-gate-shim.js from the parts in this folder and the modules of the dialog: a single script, because nginx adds
// a single one to a page.
//
//   node client/shim/build.mjs

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { LANGUAGES } from '../i18n/languages.js';
import { bundle } from './bundle.mjs';

// The order matters: the parts share one scope.
export const PARTS = [
  'tokens', 'patch', 'elements', 'attributes', 'html', 'navigation', 'forms', 'notice', 'refusals', 'requests', 'behind', 'socket', 'events',
];
const MODULES = ['ui/dialog.js', 'ui/request.js', 'i18n/create.js', 'lib/event-stream.js'];
// The dialog finds these texts by what a server says.
const LOOKED_UP = ['server.', 'sso.'];

export const read = (name) => readFileSync(new URL(`${name}.js`, import.meta.url), 'utf8');
const client = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

export const SHIM = new URL('../dist/auth-gate-shim.js', import.meta.url);

export function build() {
  const modules = bundle(MODULES);
  const bundled = [
    '// Modules of the client.', modules,
    '// The texts and the style of the dialog.',
    `const CATALOGUES = ${JSON.stringify(catalogues(modules), null, 1)};`,
    `const STYLE = ${JSON.stringify(style())};`, '',
  ];
  return read('frame').replace('// The parts.\n', () => [...bundled, ...PARTS.map(read)].join('\n'));
}

function catalogues(modules) {
  const isUsed = (key) => modules.includes(`'${key}'`) || modules.includes(`:${key}'`) || LOOKED_UP.some((prefix) => key.startsWith(prefix));
  return Object.fromEntries(LANGUAGES.map(({ code }) => [
    code, Object.fromEntries(Object.entries(JSON.parse(client(`i18n/${code}.json`))).filter(([key]) => isUsed(key))),
  ]));
}

// In a shadow root, `rem` would be the size of the page's own text.
const style = () => `${client('ui/card.css')}${client('ui/dialog.css')}`
  .replace(/:root/g, ':host')
  .replace(/([\d.]+)rem/g, (all, number) => `${Number((number * 16).toFixed(2))}px`)
  .replace(/\/\*.*?\*\//gs, '').replace(/\s+/g, ' ').trim();

if (argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(new URL('.', SHIM), { recursive: true });
  writeFileSync(SHIM, build());
}
