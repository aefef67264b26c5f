// The types of the client's files as served by nginx. Browsers ignore modules and style sheets of other types.

import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { request } from '../../../example/check/http.mjs';

const CLIENT = new URL('../../../client/', import.meta.url);
const TYPES = {
  '.js': 'application/javascript', '.json': 'application/json', '.html': 'text/html', '.css': 'text/css', '.svg': 'image/svg+xml',
};

export default async function files(tap, stage) {
  const names = (await readdir(CLIENT, { recursive: true }))
    .filter((name) => extname(name) in TYPES && !/^(test|shim|node_modules)\//.test(name) && name !== 'package.json');

  await tap.test('every file comes from nginx, and as what it is', async () => {
    assert.ok(names.length > 40, String(names.length));
    const served = await Promise.all(names.map((name) => request(stage.url, 'GET', `/static-client/${name}`)));
    assert.deepEqual(
      served.map(({ status, headers }, i) => [names[i], status, headers['content-type']]),
      names.map((name) => [name, 200, TYPES[extname(name)]]),
    );
    for (const [i, { text }] of served.entries()) assert.equal(text, await readFile(new URL(names[i], CLIENT), 'utf8'), names[i]);
  });

  await tap.test('the shim, too, where pages look for it', async () => {
    const { status, headers } = await request(stage.url, 'GET', '/auth-gate-shim.js');
    assert.deepEqual([status, headers['content-type']], [200, 'application/javascript']);
  });

  await tap.test('each module runs in a browser by itself', () => stage.visit({}, async ({ page, seen }) => {
    await page.goto('/e2e/client.html');
    await page.waitForFunction(() => window.ready);
    const modules = names.filter((name) => /^(lib\/|i18n\/)?[\w-]+\.js$/.test(name));
    const exported = await page.evaluate((all) => Promise.all(all.map(async (name) => Object.keys(await import(`/static-client/${name}`)).length)), modules);
    assert.deepEqual(modules.filter((name, i) => exported[i] === 0), []);
    assert.deepEqual(seen.problems, []);
  }));
}
