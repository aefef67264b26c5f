// The settings pages in each language, on a telephone and on a desk: complete, within the window, without an error.

import assert from 'node:assert/strict';
import { bestLanguage, LANGUAGES } from '../../../client/i18n/languages.js';
import { DESKTOP, PHONE } from '../lib/stage.mjs';
import { assertNoJwt } from '../lib/watch.mjs';
import { assertFits } from './example.mjs';

// The example application has no such settings; the page asks, and does without.
const NO_OIDC = /status of 404.*\/api\/admin\/oidc$/;

export default async function languages(tap, stage) {
  const jwt = await stage.signIn('admin');
  for (const [where, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    for (const language of LANGUAGES) {
      await tap.test(`${language.name}, ${where}`, () => stage.visit({ viewport, locale: language.tag }, async ({ page, seen }) => {
        await page.addInitScript((value) => sessionStorage.setItem('session', value), jwt);
        for (const name of ['settings', 'admin']) {
          await page.goto(name === 'settings' ? '/settings?mfa=required' : '/admin');
          await page.locator('#content').waitFor();
          await assertLanguage(page, language);
          await assertFits(page);
          if (name === 'settings') await page.locator('#set-up').click();
          if (name === 'settings') await page.locator('#qr svg').waitFor();
          await assertFits(page);
          await stage.picture(page, `${name}-${where}-${language.code}`);
        }
        assertNoJwt(seen);
        assert.deepEqual(seen.problems.filter((problem) => !NO_OIDC.test(problem)), []);
      }));
    }
  }

  await tap.test('another language is chosen, and stays', () => stage.visit({ locale: 'en' }, async ({ page }) => {
    await page.addInitScript((value) => sessionStorage.setItem('session', value), jwt);
    await page.goto('/settings');
    await page.locator('#content').waitFor();
    await page.selectOption('#language', 'ar');
    await page.waitForFunction(() => document.documentElement.dir === 'rtl');
    await page.goto('/admin');
    await page.locator('#content').waitFor();
    await assertLanguage(page, bestLanguage(['ar']));
  }));
}

async function assertLanguage(page, language) {
  const { lang, dir, untranslated } = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    untranslated: [...document.querySelectorAll('[data-i18n]')].map((node) => node.textContent).filter((text) => !text || /^\w+\.\w+$/.test(text)),
  }));
  assert.deepEqual({ lang, dir, untranslated }, { lang: language.tag, dir: language.dir, untranslated: [] });
}
