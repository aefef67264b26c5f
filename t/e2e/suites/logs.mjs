// Runs last: nginx's logs contain no JWT, no token, and no crash of a worker.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

export default async function logs(tap, stage) {
  for (const path of stage.logs) {
    await tap.test(`${path.split('/').pop()} has neither JWT nor token in it`, async () => {
      const text = await readFile(path, 'utf8');
      assert.ok(text.length > 0);
      assert.deepEqual(text.match(/eyJ[\w-]+\.[\w-]+|\b[0-9a-f]{64}\b/g), null);
    });
  }

  await tap.test('no worker died', async () => {
    const lines = (await Promise.all(stage.logs.map((path) => readFile(path, 'utf8')))).join('').split('\n');
    assert.deepEqual(lines.filter((line) => /exited on signal|\[emerg\]/.test(line)), []);
  });
}
