import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Limiter } from '../lib/limiter.js';
import { settle } from './kit.mjs';

// Tasks that end on command.
function tasks(limiter, count, signals = []) {
  const begun = [];
  const ends = [];
  const results = Array.from({ length: count }, (_, i) => limiter.run(() => {
    begun.push(i);
    return new Promise((resolve, reject) => { ends[i] = { resolve, reject }; });
  }, signals[i]));
  return { begun, ends, results };
}

test('at most so many at a time, in order', async () => {
  const { begun, ends, results } = tasks(new Limiter(2), 5);
  await settle();
  assert.deepEqual(begun, [0, 1]);
  ends[1].resolve('one');
  assert.equal(await results[1], 'one');
  await settle();
  assert.deepEqual(begun, [0, 1, 2]);
  ends[0].resolve();
  ends[2].resolve();
  await settle();
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
});

test('a failure frees its place and is told', async () => {
  const { begun, ends, results } = tasks(new Limiter(1), 2);
  await settle();
  ends[0].reject(new Error('so'));
  await assert.rejects(results[0], { message: 'so' });
  await settle();
  assert.deepEqual(begun, [0, 1]);
});

test('a task that is given up while it waits is not begun and holds no place', async () => {
  const abort = new AbortController();
  const { begun, ends, results } = tasks(new Limiter(1), 3, [undefined, abort.signal]);
  abort.abort();
  await assert.rejects(results[1], { code: 'ABORTED' });
  await settle();
  ends[0].resolve();
  await settle();
  assert.deepEqual(begun, [0, 2]);
});

test('a task that was given up before is not begun', async () => {
  const limiter = new Limiter(1);
  await assert.rejects(limiter.run(() => assert.fail('begun'), AbortSignal.abort()), { code: 'ABORTED' });
  assert.equal(await limiter.run(() => 'free'), 'free');
});
