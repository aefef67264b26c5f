// The page of the old kind with the shim, up and running.

import assert from 'node:assert/strict';
import { assertNoJwt } from './watch.mjs';

// What a refused request leaves in the console by itself.
export const refused = /status of 40[134]/;

// Runs `action(scene)` in a browser that has this session.
export const visitWith = (stage, session, action) => stage.visit({}, async (scene) => {
  await scene.page.addInitScript((value) => sessionStorage.setItem('session', value), session);
  await action(scene);
});

// A function for tests in the old page: at their end no JWT has left, and nothing was wrong.
export const oldPageTests = (tap, stage, jwt) => (name, action, { expected = /^$/ } = {}) => tap.test(name, () => visitWith(stage, jwt, async (scene) => {
  await scene.page.goto('/old/index.html');
  await scene.page.waitForFunction(() => window.ready);
  await action(scene);
  assertNoJwt(scene.seen);
  assert.deepEqual(scene.seen.problems.filter((problem) => !expected.test(problem)), []);
}));
