// The published package: everything in `exports` exists, and can be imported without a browser.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Script } from 'node:vm';
import { build, PARTS, read } from '../shim/build.mjs';

const ROOT = new URL('../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', ROOT)));

test('every export exists, and so do its types', () => {
  const targets = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? target : Object.values(target)));
  for (const target of targets.filter((path) => !path.includes('*') && !path.startsWith('./dist/'))) assert.ok(readFileSync(new URL(target, ROOT)).length > 0, target);
});

test('there is nothing to install', () => {
  assert.deepEqual([manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies], [undefined, undefined, undefined]);
});

test('every import stays in the package, with its file name as a browser needs it', () => {
  for (const file of readdirSync(ROOT, { recursive: true }).filter((name) => /^(?!dist|test|shim|node_modules).*\.m?js$/.test(name))) {
    const text = readFileSync(new URL(file, ROOT), 'utf8');
    for (const [, specifier] of text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gm)) {
      assert.ok(readFileSync(new URL(specifier, new URL(file, ROOT))), `${file}: ${specifier}`);
    }
  }
});

test('the shim is one script with all of its parts', () => {
  const script = build();
  new Script(script);
  for (const name of PARTS) assert.ok(script.includes(read(name)), name);
});

test('the types know everything that there is', async () => {
  const types = readFileSync(new URL('index.d.ts', ROOT), 'utf8');
  for (const name of Object.keys(await import('../index.js'))) assert.match(types, new RegExp(`\\b${name}\\b`));
});

test('the modules import where there is no browser', async () => {
  const React = { createElement: () => {}, forwardRef: (render) => ({ render }) };
  const { AuthedImg, ImmichImg } = (await import('../react.js')).createAuthedImg(React);
  assert.deepEqual([AuthedImg.displayName, ImmichImg.displayName], ['AuthedImg', 'ImmichImg']);
});
