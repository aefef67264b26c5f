// Every language in every state of both pages, on phone and desktop, light and dark: nothing overflows, everything is
// translated, and axe-core finds no violation. Screenshots are saved for review.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LANGUAGES } from '../../../client/i18n/languages.js';
import { assertAccessible, assertFits, assertLanguage, launch, picture } from '../lib/browser.mjs';
import { failedIn, visit } from './browser.mjs';
import { CODE } from './fake-site.mjs';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const SIZES = [{ width: 320, height: 640 }, { width: 1280, height: 800 }];
const oidc = {
  issuer: 'https://id.example.test/application/o/wayfarer/', client_id: 'wayfarer', client_secret_set: true, display_name: 'Example ID', discovery_url: '', environment: ['issuer'],
};

// Goes through the states of both pages and calls `look` in each.
async function tour({ page, site, open }, look) {
  await open('admin.html');
  await page.locator('#require-mfa').click();
  await failedIn(page, 'policy').waitFor();
  await look('admin');
  await open('settings.html?mfa=required');
  await look('settings-off');
  await page.locator('#set-up').click();
  await page.locator('#code').fill('000000');
  await page.keyboard.press('Enter');
  await failedIn(page, 'mfa').waitFor();
  await look('settings-setup');
  await page.locator('#code').fill(CODE);
  await page.keyboard.press('Enter');
  await page.locator('#step-backup').waitFor();
  await look('settings-backup');
  site.state.requireMfa = true;
  await page.locator('#backup-done').click();
  await page.locator('summary').click();
  await page.locator('#off-password').fill('password');
  await page.keyboard.press('Enter');
  await failedIn(page, 'mfa').waitFor();
  await look('settings-on');
  site.state.user = null;
  await open('settings.html');
  await look('signed-out');
}

for (const language of LANGUAGES) {
  test(`the pages in ${language.name}`, () => visit(browser, { state: { oidc }, remembered: language.code }, async (visitor) => {
    const { page } = visitor;
    await tour(visitor, async (name) => {
      await assertLanguage(page, language);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        await assertFits(page, name);
        await picture(page, `ui/${name}-${language.code}-${size.width}`);
      }
    });
  }));
}

for (const colorScheme of ['light', 'dark']) {
  for (const remembered of ['en', 'ar']) {
    test(`axe-core, ${colorScheme}, ${remembered}`, () => visit(browser, { state: { oidc }, colorScheme, remembered, viewport: SIZES[0] }, async (visitor) => {
      await tour(visitor, async (name) => {
        await assertAccessible(visitor.page, name);
        await picture(visitor.page, `ui/${name}-${remembered}-${colorScheme}`);
      });
    }));
  }
}

test('the browser\'s language is the default, and a choice is remembered', () => visit(browser, { locale: 'pt-PT' }, async ({ page, open }) => {
  await open('settings.html');
  assert.equal(await page.title(), 'Configurações');
  await page.locator('#language').selectOption('ar');
  await page.locator('html[dir="rtl"][lang="ar"]').waitFor();
  assert.equal(await page.locator('#who').textContent(), 'تم تسجيل الدخول باسم alice');
  await open('admin.html');
  assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl');
  assert.equal(await page.locator('#language').inputValue(), 'ar');
}));
