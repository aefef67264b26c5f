// The result of `npm pack` is complete, can be imported, and has types that the TypeScript compiler accepts.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const CLIENT = fileURLToPath(new URL('../../../client/', import.meta.url));
const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url));
const NAME = 'nginx-auth-gate-client';

let folder;
let installed;

// A project with the package installed.
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'auth-gate-package-'));
  installed = join(folder, 'node_modules', NAME);
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: CLIENT, encoding: 'utf8' }));
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  for (const name of ['@types', 'socket.io-client']) symlinkSync(join(MODULES, name), join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  copyFileSync(new URL('use.tsx', import.meta.url), join(folder, 'use.tsx'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('it contains all served files and no tests', () => {
  const files = (root, under) => readdirSync(join(root, under), { recursive: true }).filter((name) => /\.\w+$/.test(name)).sort();
  for (const under of ['dist', 'lib', 'ui', 'i18n']) assert.deepEqual(files(installed, under), files(CLIENT, under), under);
  const others = readdirSync(installed).sort();
  assert.deepEqual(others, [
    'LICENSE', 'README.md', 'authed-img.d.ts', 'authed-img.js', 'dist', 'i18n', 'index.d.ts', 'index.js', 'lib', 'package.json',
    'react.d.ts', 'react.js', 'ui',
  ]);
});

test('it can be imported by name', () => {
  const script = `
    const { getAuthUrl } = await import('${NAME}');
    const { createAuthedImg } = await import('${NAME}/react.js');
    const { LANGUAGES } = await import('${NAME}/i18n/index.js');
    console.log(typeof getAuthUrl, typeof createAuthedImg, LANGUAGES.length);`;
  const said = execFileSync('node', ['--input-type=module', '--eval', script], { cwd: folder, encoding: 'utf8' });
  assert.equal(said, 'function function 12\n');
});

test('the README is included and names the main exports', () => {
  const text = readFileSync(join(installed, 'README.md'), 'utf8');
  for (const name of ['getAuthUrl', 'authedFetch', 'connectWebSocket', 'connectEventSource', 'connectSocketIo',
    'getSocketUrl', 'getToken', 'closeRefusal', 'shouldRetry', 'openDownload', '<authed-img', 'createAuthedImg', 'auth-gate-shim.js']) {
    assert.ok(text.includes(name), name);
  }
});

test('the compiler accepts the types', () => {
  const program = ts.createProgram([join(folder, 'use.tsx')], {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    jsx: ts.JsxEmit.ReactJSX,
    types: [],
  });
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => (
    `${file?.fileName}:${file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  ));
  assert.deepEqual(problems, []);
});
