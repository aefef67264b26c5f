// Admin -> Settings.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from '../lib/browser.mjs';
import { doneIn, failedIn, focused, visit } from './browser.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const admin = (mfa = true) => ({ id: 1, username: 'root', role: 'admin', mfa_enabled: mfa });
const isOn = (page) => page.locator('#require-mfa').isChecked();

test('the switch shows the server\'s setting and works by keyboard', () => visit(browser, { state: { user: admin(), requireMfa: true } }, async ({ page, site, open }) => {
  await open('admin.html');
  const toggle = page.getByRole('switch', { name: 'Require two-factor authentication (2FA)' });
  assert.equal(await toggle.isChecked(), true);
  await toggle.focus();
  await page.keyboard.press('Space');
  await doneIn(page, 'policy').waitFor();
  assert.equal(await toggle.isChecked(), false);
  assert.equal(await focused(page), 'require-mfa');
  assert.equal(await doneIn(page, 'policy').textContent(), 'Two-factor authentication is no longer required.');
  assert.deepEqual(site.sent('PUT /api/auth/app-settings'), [{ require_mfa: false }]);
  await page.keyboard.press('Space');
  await doneIn(page, 'policy').getByText('now required').waitFor();
  assert.equal(await toggle.isChecked(), true);
}));

test('a refusal is shown, and the switch does not change', () => visit(browser, { state: { user: admin(false) } }, async ({ page, open }) => {
  await open('admin.html');
  await page.locator('#require-mfa').click();
  await failedIn(page, 'policy').waitFor();
  assert.equal(await failedIn(page, 'policy').textContent(),
    'Enable two-factor authentication on your own account before requiring it for all users.');
  assert.equal(await isOn(page), false);
}));

test('a refusal is shown in the page\'s language, also after a change', () => visit(browser, { state: { user: admin(false) }, remembered: 'de' }, async ({ page, open }) => {
  await open('admin.html');
  await page.locator('#require-mfa').click();
  await failedIn(page, 'policy').getByText('Aktivieren Sie').waitFor();
  await page.locator('#language').selectOption('es');
  await failedIn(page, 'policy').getByText('Activa la autenticación').waitFor();
}));

test('a refusal is shown in the page\'s language by its code, whatever the server\'s words are', () => visit(browser, {
  state: { user: admin(), answer: { 'PUT /api/auth/app-settings': () => ({ status: 403, body: { error: 'Go away', code: 'FORBIDDEN' } }) } }, remembered: 'fr',
}, async ({ page, open }) => {
  await open('admin.html');
  await page.locator('#require-mfa').click();
  await failedIn(page, 'policy').getByText('Vos autorisations ne suffisent pas').waitFor();
}));

test('a server that answers with success but changes nothing is detected', () => visit(browser, {
  state: { user: admin(), answer: { 'PUT /api/auth/app-settings': () => ({ body: { success: true } }) } },
}, async ({ page, open }) => {
  await open('admin.html');
  await page.locator('#require-mfa').click();
  await doneIn(page, 'policy').waitFor();
  assert.equal(await isOn(page), false);
  assert.equal(await doneIn(page, 'policy').textContent(), 'Two-factor authentication is no longer required.');
}));

test('a change by somebody else is shown', () => visit(browser, { state: { user: admin(false) } }, async ({ page, site, open }) => {
  await open('admin.html');
  site.state.requireMfa = true;
  await page.locator('#require-mfa').click();
  await failedIn(page, 'policy').waitFor();
  assert.equal(await isOn(page), true);
}));

test('no connection: the switch does not change, and an error is shown', () => visit(browser, { state: { user: admin(), answer: { 'PUT /api/auth/app-settings': null } } }, async ({ page, open }) => {
  await open('admin.html');
  await page.locator('#require-mfa').click();
  await failedIn(page, 'policy').getByText('cannot be reached').waitFor();
  assert.equal(await isOn(page), false);
}));

test('the dry run\'s count is shown only to those who may see it, and if there is one', async () => {
  for (const [dryRun, text] of [[1, '1 request went'], [1234, '1,234 requests went']]) {
    await visit(browser, { state: { user: admin(), dryRun } }, async ({ page, open }) => {
      await open('admin.html');
      assert.ok((await page.locator('#dry-run-count').textContent()).startsWith(text));
    });
  }
  for (const dryRun of [null, 0]) {
    await visit(browser, { state: { user: admin(), dryRun } }, async ({ page, open }) => {
      await open('admin.html');
      assert.equal(await page.locator('#dry-run').isVisible(), false);
    });
  }
});

test('a user who is no administrator sees an explanation and no settings', () => visit(browser, { state: { user: { ...admin(), role: 'user' } } }, async ({ page, open }) => {
  await open('admin.html');
  assert.equal(await failedIn(page, 'gatekeeper').textContent(), 'Admin access required');
  assert.equal(await page.locator('#content').isVisible(), false);
  assert.equal(await page.locator('#sign-in').isVisible(), false);
}));

test('single sign-on: only changes are sent', () => visit(browser, { state: { user: admin() } }, async ({ page, site, open }) => {
  await open('admin.html');
  await page.getByLabel('Discovery URL').fill('https://id.example.test/application/o/wayfarer/.well-known/openid-configuration');
  await page.locator('#oidc-save').click();
  await doneIn(page, 'oidc').waitFor();
  await page.getByLabel('Client secret').fill('new secret');
  await page.locator('#oidc-save').click();
  await page.waitForFunction(() => document.getElementById('client_secret').value === '');
  assert.deepEqual(site.sent('PUT /api/admin/oidc'), [
    { discovery_url: 'https://id.example.test/application/o/wayfarer/.well-known/openid-configuration' },
    { client_secret: 'new secret' },
  ]);
}));

test('single sign-on: the secret can be removed and is never shown', () => visit(browser, { state: { user: admin() } }, async ({ page, site, open }) => {
  await open('admin.html');
  await page.getByText('A secret is stored.').waitFor();
  assert.equal(await page.getByLabel('Client secret').inputValue(), '');
  await page.getByLabel('Remove the stored secret').check();
  await page.locator('#oidc-save').click();
  await page.getByText('No secret is stored.').waitFor();
  assert.deepEqual(site.sent('PUT /api/admin/oidc'), [{ client_secret: '' }]);
  assert.equal(await page.getByLabel('Remove the stored secret').isVisible(), false);
}));

test('single sign-on: settings from the environment are read-only and marked', () => visit(browser, {
  state: {
    user: admin(),
    oidc: {
      issuer: 'https://id.example.test/', client_id: 'x', client_secret_set: true, display_name: '', discovery_url: '', environment: ['issuer', 'client_secret'],
    },
  },
}, async ({ page, site, open }) => {
  await open('admin.html');
  for (const [label, variable] of [['Issuer URL', 'OIDC_ISSUER'], ['Client secret', 'OIDC_CLIENT_SECRET']]) {
    const field = page.getByLabel(label, { exact: true });
    assert.equal(await field.isEditable(), false);
    const description = await field.evaluate((node) => node.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).textContent).join(' '));
    assert.ok(description.includes(`Set by the environment (${variable})`), description);
  }
  assert.equal(await page.getByLabel('Remove the stored secret').isVisible(), false);
  await page.getByLabel('Client ID').fill('y');
  await page.locator('#oidc-save').click();
  await doneIn(page, 'oidc').waitFor();
  assert.deepEqual(site.sent('PUT /api/admin/oidc'), [{ client_id: 'y' }]);
}));

test('single sign-on: a refusal keeps the input', () => visit(browser, {
  state: { user: admin(), answer: { 'PUT /api/admin/oidc': () => ({ status: 400, body: { error: 'Invalid value for issuer' } }) } },
}, async ({ page, open }) => {
  await open('admin.html');
  await page.getByLabel('Issuer URL').fill('https://other.example.test/');
  await page.locator('#oidc-save').click();
  await failedIn(page, 'oidc').getByText('Invalid value for issuer').waitFor();
  assert.equal(await page.getByLabel('Issuer URL').inputValue(), 'https://other.example.test/');
}));

test('without single sign-on in the gate, its settings are hidden', () => visit(browser, { state: { user: admin(), oidc: null } }, async ({ page, open }) => {
  await open('admin.html');
  assert.equal(await page.locator('#policy').isVisible(), true);
  assert.equal(await page.locator('#oidc').isVisible(), false);
}));

test('recovery: an administrator without MFA can turn the requirement off', () => visit(browser, { state: { user: admin(false), requireMfa: true } }, async ({ page, open }) => {
  await open('admin.html');
  assert.ok(page.url().endsWith('/ui/admin.html'));
  await failedIn(page, 'oidc').getByText('Two-factor authentication is required.').waitFor();
  await page.locator('#require-mfa').click();
  await doneIn(page, 'policy').waitFor();
  assert.equal(await isOn(page), false);
}));
