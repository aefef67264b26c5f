// The settings pages as the gate's site has them, in the browser's language. Every language and state: ../ui.

import assert from 'node:assert/strict';
import { bestLanguage } from '../../../client/i18n/languages.js';
import { assertFits, assertLanguage, DESKTOP, PHONE } from '../lib/browser.mjs';
import { assertNoJwt } from '../lib/watch.mjs';

export default async function languages(tap, stage) {
  const jwt = await stage.signIn('admin');
  const test = (name, options, action) => tap.test(name, () => stage.visit(options, async ({ page, seen }) => {
    await page.addInitScript((value) => sessionStorage.setItem('session', value), jwt);
    await action(page);
    assertNoJwt(seen);
    assert.deepEqual(seen.problems, []);
  }));

  for (const [where, viewport, locale] of [['desktop', DESKTOP, 'de-AT'], ['phone', PHONE, 'ar-EG']]) {
    await test(`${locale}, ${where}`, { viewport, locale }, async (page) => {
      const look = async (name) => {
        await assertLanguage(page, bestLanguage([locale]));
        await assertFits(page, name);
        await stage.picture(page, `${name}-${where}`);
      };
      await page.goto('/settings?mfa=required');
      await page.locator('#set-up').click();
      await page.locator('#qr svg').waitFor();
      await look('settings');
      await page.goto('/admin');
      await page.locator('#oidc-form').waitFor();
      await look('admin');
    });
  }

  await test('another language is chosen, and stays', { locale: 'en' }, async (page) => {
    await page.goto('/settings');
    await page.locator('#content').waitFor();
    await page.selectOption('#language', 'ar');
    await page.waitForFunction(() => document.documentElement.dir === 'rtl');
    await page.goto('/admin');
    await page.locator('#content').waitFor();
    await assertLanguage(page, bestLanguage(['ar']));
  });
}
