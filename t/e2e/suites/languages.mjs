// The example application's page in every language, and the settings pages as embedded in its site (for all their
// languages and states see ../ui).

import assert from 'node:assert/strict';
import { bestLanguage, LANGUAGES } from '../../../client/i18n/languages.js';
import { assertFits, assertLanguage, DESKTOP, PHONE } from '../lib/browser.mjs';
import { assertNoJwt } from '../lib/watch.mjs';
import { live, loaded } from './example.mjs';

const SIZES = { phone: PHONE, desktop: DESKTOP };

export default async function languages(tap, stage) {
  const jwt = await stage.signIn('admin');
  const begin = (page) => page.addInitScript((value) => sessionStorage.setItem('session', value), jwt);
  const test = (name, options, action) => tap.test(name, () => stage.visit(options, async ({ page, seen }) => {
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
      await begin(page);
      await page.goto('/settings?mfa=required');
      await page.locator('#set-up').click();
      await page.locator('#qr svg').waitFor();
      await look('settings');
      await page.goto('/admin');
      await page.locator('#oidc-form').waitFor();
      await look('admin');
    });
  }

  for (const language of LANGUAGES) {
    await test(`the planner in ${language.name}`, { locale: language.tag }, async (page) => {
      const look = async (name) => {
        await assertLanguage(page, language);
        for (const [where, size] of Object.entries(SIZES)) {
          await page.setViewportSize(size);
          await assertFits(page, name);
          await stage.picture(page, `${name}-${where}-${language.code}`);
        }
      };
      await page.goto('/login');
      await page.locator('#login').waitFor();
      await look('login');
      await begin(page);
      await page.goto('/');
      await live(page);
      await loaded(page, 2);
      await Promise.all([page.waitForEvent('download'), page.locator('.file button').first().click()]);
      await page.locator('#used').waitFor();
      await look('planner');
      await page.locator('#new-trip').click();
      await look('trip');
    });
  }

  await test('a chosen language is remembered', { locale: 'en' }, async (page) => {
    await begin(page);
    await page.goto('/settings');
    await page.locator('#content').waitFor();
    await page.selectOption('#language', 'ar');
    await page.waitForFunction(() => document.documentElement.dir === 'rtl');
    await page.goto('/admin');
    await page.locator('#content').waitFor();
    await assertLanguage(page, bestLanguage(['ar']));
  });
}
