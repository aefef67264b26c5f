// Opens the settings pages in Chromium. A page that logs an error or throws one fails its test.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startSite } from './fake-site.mjs';

const SCREENSHOTS = fileURLToPath(new URL('screenshots/', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const executablePath = process.env.CHROMIUM ?? execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();

// Chromium's sandbox does not run as root, as containers do.
export const launch = () => chromium.launch({ executablePath, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });

// What a refused request leaves in the console by itself.
const isRefusal = (text) => text.startsWith('Failed to load resource:');

// Runs `journey({ page, site, open })` and cleans up. `state` is the site's; the rest is the browser context's.
export async function visit(browser, { state, remembered, ...context }, journey) {
  const site = await startSite(state);
  const opened = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...context });
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
    await journey({ page, site, open });
    assert.deepEqual(problems, []);
  } finally {
    await opened.close();
    await site.close();
  }
}

export const failedIn = (page, card) => page.locator(`#${card} [role="alert"]:not(:empty)`);
export const doneIn = (page, card) => page.locator(`#${card} [role="status"]:not(:empty)`);

// The id of what has the focus, or its element's name.
export const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.localName);

export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true });
}

// What axe-core has to object to, as lines.
export async function accessibilityProblems(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
