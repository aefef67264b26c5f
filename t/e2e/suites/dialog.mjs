// The shim's dialog and the settings pages behind a service worker that answers every navigation with the application's page.

import assert from 'node:assert/strict';
import { codeAt, stepAt } from '../../../example/src/totp.js';
import { assertNoJwt } from '../lib/watch.mjs';

const NOTICE = 'Your administrator requires two-factor authentication.';
const expected = /status of 403/;

const codeFor = (secret) => codeAt(secret, stepAt(Date.now() / 1000));

export default async function dialog(tap, stage) {
  const admin = await stage.signIn('admin');
  const alice = await stage.signIn('alice');
  const test = (name, action) => tap.test(`dialog: ${name}`, () => stage.visit({ locale: 'en' }, async (scene) => {
    await scene.page.addInitScript((jwt) => {
      localStorage.setItem('jwt', jwt);
      sessionStorage.setItem('session', jwt);
    }, alice);
    await action(scene.page);
    assertNoJwt(scene.seen);
    assert.deepEqual(scene.seen.problems.filter((problem) => !expected.test(problem)), []);
  }));

  await test('the settings pages behind a worker of Workbox, with the lines for nginx', async (page) => {
    await page.goto('/pwa/index.html');
    await page.getByText('Trips: ').waitFor();
    await workIn(page, '/pwa/sw.js');
    await page.goto('/auth-gate/ui/settings.html');
    await page.getByRole('heading', { name: 'An installed application' }).waitFor();

    await workIn(page, '/pwa/gate-sw.js');
    await page.goto('/auth-gate/ui/settings.html');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.getByText('Signed in as alice').waitFor();
    assert.equal(await page.evaluate(() => new URL(navigator.serviceWorker.controller.scriptURL).pathname), '/pwa/gate-sw.js');
    await page.goto('/anywhere');
    await page.getByRole('heading', { name: 'An installed application' }).waitFor();
  });

  const { secret } = await stage.json('POST', '/api/auth/mfa/setup', {}, admin);
  await stage.json('POST', '/api/auth/mfa/enable', { code: codeFor(secret) }, admin);
  try {
    assert.deepEqual(await stage.json('PUT', '/api/auth/app-settings', { require_mfa: true }, admin), { success: true });
    await test('under the policy, and behind such a worker, the old page sets up the second factor by itself', async (page) => {
      await page.goto('/pwa/index.html');
      await workIn(page, '/pwa/sw.js');
      await page.goto('/anywhere');
      await page.getByRole('dialog').getByText(NOTICE).waitFor();
      assert.equal(await page.locator('#trips').textContent(), 'Failed to load');
      await stage.picture(page, 'dialog-worker');
      await page.getByRole('button', { name: 'Set up' }).click();
      const key = (await page.locator('#key:not(:empty)').textContent()).replaceAll(' ', '');
      await page.getByLabel('Six-digit code').fill(codeFor(key));
      await page.keyboard.press('Enter');
      await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'I have saved them' }).click()]);
      await page.getByText('Trips: ').waitFor();
      assert.equal(new URL(page.url()).pathname, '/anywhere');
      assert.equal(await page.getByRole('dialog').count(), 0);
    });
  } finally {
    await stage.json('PUT', '/api/auth/app-settings', { require_mfa: false }, admin);
    for (const [jwt, name] of [[admin, 'admin'], [alice, 'alice']]) {
      await stage.json('POST', '/api/auth/mfa/disable', { password: `${name}-password` }, jwt);
    }
  }
}

// Resolves when the page is controlled by this worker.
const workIn = (page, url) => page.evaluate(async (script) => {
  const isOurs = () => navigator.serviceWorker.controller?.scriptURL.endsWith(script);
  const changed = new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => { if (isOurs()) resolve(); });
  });
  await navigator.serviceWorker.register(script, { scope: '/' });
  if (!isOurs()) await changed;
}, url);
