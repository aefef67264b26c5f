// Opens the settings pages, or the old page, in Chromium. An error that a page logs or throws fails the test.

import assert from 'node:assert/strict';
import { DESKTOP } from '../lib/browser.mjs';
import { startSite } from './fake-site.mjs';

// What the browser itself logs for a refused request.
const isRefusal = (text) => text.startsWith('Failed to load resource:');

// Runs `journey({ page, site, open })` and cleans up. `state` is for the site, the other options are for the browser
// context.
export async function visit(browser, { state, remembered, ...context }, journey) {
  const site = await startSite(state);
  const opened = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...context });
  const problems = [];
  try {
    const page = await opened.newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !isRefusal(message.text())) problems.push(message.text());
    });
    if (remembered) await page.addInitScript((code) => localStorage.setItem('auth-gate-language', code), remembered);
    const open = async (path) => {
      await page.goto(`${site.url}/ui/${path}`);
      await page.locator('#loading[hidden]').waitFor({ state: 'attached' });
    };
    await journey({ page, site, open, context: opened });
    assert.deepEqual(problems, []);
  } finally {
    await opened.close();
    await site.close();
  }
}

export const failedIn = (page, card) => page.locator(`#${card} [role="alert"]:not(:empty)`);
export const doneIn = (page, card) => page.locator(`#${card} [role="status"]:not(:empty)`);

// The id of the focused element, or its tag name.
export const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.localName);
