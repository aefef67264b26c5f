// The settings of single sign-on: the page, and its requests to the gate.

import assert from 'node:assert/strict';
import { DESKTOP, PHONE } from '../lib/browser.mjs';
import { assertNoJwt } from '../lib/watch.mjs';

const LABELS = { issuer: 'Issuer URL', client_id: 'Client ID', client_secret: 'Client secret' };

export default async function oidc(tap, stage) {
  const jwt = await stage.signIn('admin');
  const settings = () => stage.json('GET', '/api/admin/oidc', undefined, jwt);
  const test = (name, action, { expected = /^$/, ...options } = {}) => tap.test(`SSO settings: ${name}`, () => stage.visit({ locale: 'en', ...options }, async ({ page, seen }) => {
    await page.addInitScript((value) => sessionStorage.setItem('session', value), jwt);
    await page.goto('/admin');
    await page.locator('#oidc-form').waitFor();
    await action(page);
    assertNoJwt(seen);
    assert.deepEqual(seen.problems.filter((problem) => !expected.test(problem)), []);
  }));
  const save = async (page, url) => {
    await page.getByLabel('Discovery URL').fill(url);
    await page.locator('#oidc-save').click();
    await page.getByText('Single sign-on settings saved.').waitFor();
  };

  for (const [where, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    await test(`settings from the environment are read-only, ${where}`, async (page) => {
      for (const [name, label] of Object.entries(LABELS)) {
        assert.equal(await page.getByLabel(label, { exact: true }).isEditable(), false, name);
        await page.getByText(`Set by the environment (OIDC_${name.toUpperCase()})`).waitFor();
      }
      assert.equal(await page.getByLabel('Issuer URL').inputValue(), stage.provider);
      assert.equal(await page.getByLabel('Client secret', { exact: true }).inputValue(), '');
      assert.equal(await page.getByLabel('Discovery URL').isEditable(), true);
      await stage.picture(page, `oidc-${where}`);
    }, { viewport });
  }

  try {
    await test('the discovery URL is saved and can be removed', async (page) => {
      const url = `${stage.provider}/.well-known/openid-configuration?saved`;
      await save(page, url);
      assert.equal((await settings()).discovery_url, url);
      await page.reload();
      await page.locator('#oidc-form').waitFor();
      assert.equal(await page.getByLabel('Discovery URL').inputValue(), url);
      await save(page, '');
      assert.equal((await settings()).discovery_url, '');
    });

    await test('a refusal by the gate is shown, and the input is kept', async (page) => {
      await page.getByLabel('Discovery URL').fill('http://id.example.test/openid');
      await page.locator('#oidc-save').click();
      await page.locator('#oidc').getByRole('alert').getByText('discovery_url').waitFor();
      assert.equal(await page.getByLabel('Discovery URL').inputValue(), 'http://id.example.test/openid');
      assert.equal((await settings()).discovery_url, '');
      await stage.picture(page, 'oidc-refused');
    }, { expected: /status of 400/ });
  } finally {
    await stage.json('PUT', '/api/admin/oidc', { discovery_url: '' }, jwt);
  }
}
