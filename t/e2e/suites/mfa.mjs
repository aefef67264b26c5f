// Two-factor authentication in the browser: an administrator requires it, a user is stopped, sets it up, and continues.

import assert from 'node:assert/strict';
import { codeAt, stepAt } from '../../../example/src/totp.js';
import { assertNoJwt } from '../lib/watch.mjs';
import { live, loaded, signIn } from './example.mjs';

const NOTICE = 'Your administrator requires two-factor authentication. Set up an authenticator app below before continuing.';
const OWN_FIRST = 'Enable two-factor authentication on your own account before requiring it for all users.';
const STAYS = 'Two-factor authentication cannot be disabled while it is required for all users.';
const expected = /status of 40[013]/;

export default async function mfa(tap, stage) {
  await stage.visit({ locale: 'en' }, (admin) => stage.visit({ locale: 'en' }, async (alice) => {
    try {
      await journey(tap, stage, admin.page, alice.page);
    } finally {
      await leaveAsFound(stage, admin.page, alice.page);
    }
    await tap.test('MFA: no JWT in an address, no error in the pages', async () => {
      for (const { seen } of [admin, alice]) {
        assertNoJwt(seen);
        assert.deepEqual(seen.problems.filter((problem) => !expected.test(problem)), []);
      }
    });
  }));
}

async function journey(tap, stage, admin, alice) {
  const secrets = {};
  const code = (who) => codeAt(secrets[who], stepAt(Date.now() / 1000));
  const toggle = admin.getByRole('switch', { name: 'Require two-factor authentication (2FA)' });
  let wrong = false;
  const test = (name, action) => tap.test(`MFA: ${name}`, async () => {
    if (wrong) throw new Error('a step before this one failed');
    await action();
  }, async () => {
    if (wrong) return;
    wrong = true;
    await stage.picture(admin, 'failed-admin');
    await stage.picture(alice, 'failed-alice');
  });

  // Sets it up on the settings page, with the key below the QR code in place of an authenticator app.
  async function setUp(page, who) {
    await page.getByRole('button', { name: 'Set up', exact: false }).click();
    secrets[who] = (await page.locator('#key:not(:empty)').textContent()).replaceAll(' ', '');
    await stage.picture(page, `mfa-setup-${who}`);
    await page.locator('#code').fill(code(who));
    await page.locator('#step-setup [type=submit]').click();
    await page.locator('#backup-codes li').first().waitFor();
    assert.equal(await page.locator('#backup-codes li').count(), 8);
    await stage.picture(page, `mfa-backup-${who}`);
    await page.locator('#backup-done').click();
  }

  await test('alice works without it', async () => {
    await signIn(alice, 'alice');
    await live(alice);
    await loaded(alice, 2);
    assert.equal(await alice.getByRole('link', { name: 'Admin' }).count(), 0);
  });

  await test('an administrator without it cannot require it and sees why', async () => {
    await signIn(admin, 'admin');
    await admin.getByRole('link', { name: 'Admin' }).click();
    await toggle.click();
    await admin.getByRole('alert').getByText(OWN_FIRST).waitFor();
    assert.equal(await toggle.isChecked(), false);
    await stage.picture(admin, 'mfa-refused');
  });

  await test('the administrator sets it up, and then requires it', async () => {
    await admin.getByRole('link', { name: 'Settings' }).first().click();
    await setUp(admin, 'admin');
    await admin.getByRole('link', { name: 'Administration' }).click();
    await toggle.click();
    await admin.getByText('Two-factor authentication is now required for all users.').waitFor();
    await admin.reload();
    await admin.locator('#content').waitFor();
    assert.equal(await toggle.isChecked(), true);
    await stage.picture(admin, 'mfa-required');
  });

  await test('alice\'s socket is closed, and she is led to the settings', async () => {
    await alice.waitForURL('**/settings?mfa=required');
    await alice.getByText(NOTICE).waitFor();
    await stage.picture(alice, 'mfa-notice');
  });

  await test('she cannot go back before that', async () => {
    await alice.goto('/');
    await alice.waitForURL('**/settings?mfa=required');
    await alice.getByText(NOTICE).waitFor();
  });

  await test('a wrong code is reported', async () => {
    await alice.getByRole('button', { name: 'Set up', exact: false }).click();
    await alice.locator('#code').fill('abcdef');
    await alice.locator('#step-setup [type=submit]').click();
    await alice.getByRole('alert').getByText('Invalid code').waitFor();
    await alice.locator('#cancel').click();
  });

  await test('she sets it up and continues where she was', async () => {
    await setUp(alice, 'alice');
    await alice.locator('#continue').click();
    await live(alice);
    await loaded(alice, 2);
  });

  await test('she cannot turn it off', async () => {
    await alice.getByRole('link', { name: 'Settings' }).click();
    await alice.locator('#turn-off summary').click();
    await alice.locator('#off-password').fill('alice-password');
    await alice.locator('#turn-off-form [type=submit]').click();
    await alice.getByRole('alert').getByText(STAYS).waitFor();
    await stage.picture(alice, 'mfa-stays');
  });

  await test('she signs in with a code', async () => {
    await alice.goto('/');
    await alice.getByRole('button', { name: 'Sign out' }).click();
    await signIn(alice, 'alice');
    await alice.locator('#login-code').waitFor();
    await stage.picture(alice, 'mfa-code');
    await alice.locator('#code').fill('abcdef');
    await alice.getByRole('button', { name: 'Continue' }).click();
    await alice.getByRole('alert').getByText('Invalid code').waitFor();
    await alice.locator('#code').fill(code('alice'));
    await alice.getByRole('button', { name: 'Continue' }).click();
    await live(alice);
  });

  await test('the administrator no longer requires it, and alice turns it off', async () => {
    await toggle.click();
    await admin.getByText('Two-factor authentication is no longer required.').waitFor();
    await alice.getByRole('link', { name: 'Settings' }).click();
    await alice.locator('#turn-off summary').click();
    await alice.locator('#off-password').fill('alice-password');
    await alice.locator('#turn-off-form [type=submit]').click();
    await alice.locator('#set-up').waitFor();
  });
}

// Also after a failure in between, using the sessions of the pages.
async function leaveAsFound(stage, admin, alice) {
  const jwtOf = (page) => page.evaluate(() => sessionStorage.getItem('session'));
  await stage.json('PUT', '/api/auth/app-settings', { require_mfa: false }, await jwtOf(admin));
  for (const [page, name] of [[admin, 'admin'], [alice, 'alice']]) {
    await stage.json('POST', '/api/auth/mfa/disable', { password: `${name}-password` }, await jwtOf(page));
  }
}
