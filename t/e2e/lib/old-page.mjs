// Opens the old page, which puts JWTs into URLs, with the shim.

import assert from 'node:assert/strict';
import { assertNoJwt } from './watch.mjs';

// What the browser itself logs for a refused request.
export const refused = /status of 40[134]/;

// Runs `action(scene)` in a browser with this session.
export const visitWith = (stage, session, action) => stage.visit({}, async (scene) => {
  await scene.page.addInitScript((value) => sessionStorage.setItem('session', value), session);
  await action(scene);
});

// A function to run tests in the old page. At their end, no JWT may have been sent in a URL and no error logged.
export const oldPageTests = (tap, stage, jwt) => (name, action, { expected = /^$/ } = {}) => tap.test(name, () => visitWith(stage, jwt, async (scene) => {
  await scene.page.goto('/old/index.html');
  await scene.page.waitForFunction(() => window.ready);
  await action(scene);
  assertNoJwt(scene.seen);
  assert.deepEqual(scene.seen.problems.filter((problem) => !expected.test(problem)), []);
}));
