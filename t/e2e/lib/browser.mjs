// Starts Debian's Chromium, and checks the appearance of pages.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const OUTPUT = fileURLToPath(new URL('../output/', import.meta.url));

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };

// Chromium's sandbox does not work for root, which containers often run as.
export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});

// Saves a screenshot of the whole page, for review.
export const picture = (page, name) => page.screenshot({ path: `${OUTPUT}${name}.png`, fullPage: true });

// Checks that nothing overflows the window or is cut off in its box.
export async function assertFits(page, name = '') {
  const tooWide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const visible = [...document.body.querySelectorAll('*')].filter((node) => node.checkVisibility() && !node.closest('.unseen, svg, select'));
    const outside = visible.filter((node) => {
      const { left, right } = node.getBoundingClientRect();
      return left < -0.5 || right > clientWidth + 0.5;
    });
    const cut = visible.filter((node) => !['INPUT', 'SELECT'].includes(node.tagName) && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0);
    return [...(scrollWidth > clientWidth ? [document.documentElement] : []), ...outside, ...cut].map((node) => node.outerHTML.slice(0, 120));
  });
  assert.deepEqual(tooWide, [], `${name} ${page.viewportSize().width} pixels wide`);
}

// Checks that the page has the language and that all its texts are translated.
export async function assertLanguage(page, { tag, dir }) {
  const found = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    untranslated: [...document.querySelectorAll('[data-i18n]')]
      .filter((node) => node.textContent === '' || node.textContent === node.dataset.i18n).map((node) => node.dataset.i18n),
  }));
  assert.deepEqual(found, { lang: tag, dir, untranslated: [] });
}

// Checks that axe-core finds no violation.
export async function assertAccessible(page, name = '') {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)), [], name);
}
