// The shim's dialog in an old page, which only knows "failed to load".

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LANGUAGES } from '../../../client/i18n/languages.js';
import { assertAccessible, assertFits, launch, picture } from '../lib/browser.mjs';
import { visit } from './browser.mjs';
import { CODE, SECRET } from './fake-site.mjs';

const NOTICE = 'Your administrator requires two-factor authentication. Set up an authenticator app below before continuing.';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJpZCI6Mn0.c2ln';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const user = (mfa = false) => ({ id: 2, username: 'alice', role: 'user', mfa_enabled: mfa });
const refusing = () => ({ user: user(), requireMfa: true });

// Opens the old page, with a session in localStorage.
const old = (options, journey) => visit(browser, { state: refusing(), ...options }, async (visitor) => {
  visitor.page.setDefaultTimeout(8000);
  await visitor.page.addInitScript((jwt) => localStorage.setItem('jwt', jwt), JWT);
  const go = (path = 'app.html') => visitor.page.goto(`${visitor.site.url}/old/${path}`);
  await journey({ ...visitor, go, dialog: visitor.page.getByRole('dialog') });
});

const untouched = async ({ page, dialog }) => {
  await page.waitForTimeout(1500);
  assert.equal(await dialog.count(), 0);
};

// The id of the focused element in the dialog.
const focused = (page) => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.id);

test('the whole setup by keyboard, in the page: afterwards everything is there', () => old({}, async ({ page, site, go, dialog }) => {
  await go();
  await dialog.getByText(NOTICE).waitFor();
  assert.equal(await page.locator('#trips').textContent(), 'Failed to load');
  assert.equal(await page.getByRole('dialog', { name: 'Two-factor authentication' }).count(), 1);
  assert.equal(await focused(page), 'set-up');
  await page.keyboard.press('Enter');
  await page.locator('#scan:focus').waitFor();
  assert.equal((await page.locator('#key').textContent()).replaceAll(' ', ''), SECRET);
  assert.equal(await page.locator('#qr svg').isVisible(), true);

  while (await focused(page) !== 'code') await page.keyboard.press('Tab');
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').getByText('Invalid code').waitFor();
  await page.keyboard.type(CODE);
  await page.keyboard.press('Enter');
  await page.locator('#backup-title:focus').waitFor();
  assert.equal(await page.locator('#backup-codes li').count(), 8);
  await page.keyboard.press('Escape');
  assert.equal(await dialog.isVisible(), true, 'Escape lost the backup codes');
  while (await focused(page) !== 'backup-done') await page.keyboard.press('Tab');
  const [pressed] = [await page.evaluate(() => window.pressed)];
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  await page.getByText('Trips: Lisbon,Piran').waitFor();
  await untouched({ page, dialog });

  assert.deepEqual(pressed, [], 'the page saw what was typed into the dialog');
  assert.deepEqual(site.sent('POST /api/auth/mfa/enable'), [{ code: '000000' }, { code: CODE }]);
  for (const { name, authorization, app } of site.requests) assert.deepEqual([authorization, app], [`Bearer ${JWT}`, '7'], name);
}));

test('an application without backup codes: the page is loaded anew at once', () => old({ state: { ...refusing(), backupCodes: null } }, async ({ page, go, dialog }) => {
  await go();
  await dialog.getByRole('button', { name: 'Set up' }).click();
  await page.locator('#code').fill(CODE);
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  await page.getByText('Trips: Lisbon,Piran').waitFor();
}));

test('fetch and XMLHttpRequest see what they always saw, and each refusal shows the dialog', async () => {
  const body = '{"error":"Two-factor authentication is required. Complete setup in Settings.","code":"MFA_REQUIRED"}';
  const read = {
    'fetch ': (found) => found,
    'xhr ': (found) => found,
    'xhr text': (found) => found,
    'xhr json': ([status, answer]) => [status, JSON.stringify(answer)],
    'xhr blob': (found) => found,
    'xhr arraybuffer': (found) => found,
  };
  for (const [how, shown] of Object.entries(read)) {
    await old({}, async ({ page, go, dialog }) => {
      await go('app.html#later');
      const found = await page.evaluate(async ([name, type]) => {
        const [status, answer] = await window.load[name](type);
        return [status, type === 'blob' || type === 'arraybuffer' ? await new Response(answer).text() : answer];
      }, how.split(' '));
      assert.deepEqual(shown(found), [403, body], how);
      await dialog.waitFor();
    });
  }
});

test('fetch as the page knows it: a rejection is reported once, an answer is read as it was', () => old({ state: { user: user() } }, async ({ page, go }) => {
  await page.route('**/api/broken', (route) => route.abort());
  await go('app.html#later');
  const found = await page.evaluate(async () => {
    const unhandled = [];
    window.addEventListener('unhandledrejection', (event) => {
      event.preventDefault();
      unhandled.push(event.reason.name);
    });
    fetch('/api/broken').then(() => {});
    const caught = await fetch('http://[').catch((error) => error.name);
    const aborted = await fetch('/api/trips', { signal: AbortSignal.abort() }).catch((error) => error.name);
    const response = await fetch('/api/nothing');
    const reader = response.body.getReader();
    const { value } = await reader.read();
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    return [unhandled, caught, aborted, response.status, response.bodyUsed, new TextDecoder().decode(value)];
  });
  assert.deepEqual(found, [['TypeError'], 'TypeError', 'AbortError', 404, true, '{"error":"Not found"}']);
}));

test('one dialog, however many requests are refused, and none again after it was closed', () => old({}, async ({ page, go, dialog }) => {
  await go();
  await page.evaluate(() => Promise.all([window.show(), window.show('xhr'), window.show()]));
  await dialog.waitFor();
  await page.evaluate(() => window.show());
  assert.equal(await page.locator('auth-gate-dialog').count(), 1);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.evaluate(() => window.show());
  await untouched({ page, dialog });
  await page.locator('#search').fill('the page can be used');
}));

test('a session that has ended: the way to sign in', () => old({ state: { user: null } }, async ({ page, go, dialog }) => {
  await go();
  await dialog.getByText('You are not signed in, or your session has ended.').waitFor();
  assert.equal(await focused(page), 'sign-in');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/old/login.html');
  await untouched({ page, dialog });
}));

test('no dialog: on the login page, on one that asks for a password, and for another site\'s refusal', () => old({ state: { user: null } }, async ({ page, go, dialog, site }) => {
  await go('login.html');
  await untouched({ page, dialog });
  await go('app.html#later');
  await page.evaluate(() => {
    document.querySelector('main').append(Object.assign(document.createElement('input'), { type: 'password' }));
    return window.show();
  });
  await untouched({ page, dialog });
  await go('app.html#again');
  await page.reload();
  await page.route('http://other.example/**', (route) => route.fulfill({
    status: 403, contentType: 'application/json', headers: { 'Access-Control-Allow-Origin': '*' }, body: '{"code":"MFA_REQUIRED"}',
  }));
  await page.evaluate(() => fetch('http://other.example/api/trips').catch(() => {}));
  await untouched({ page, dialog });
  assert.ok(site.requests.length > 0);
}));

test('the second factor is on, but this session does not know it: sign in again', () => old({
  state: { user: user(true), answer: { 'GET /api/trips': () => ({ status: 403, body: { error: 'x', code: 'MFA_REQUIRED' } }) } },
}, async ({ go, dialog }) => {
  await go();
  await dialog.getByText('Two-factor authentication is on for your account.').waitFor();
  assert.equal(await dialog.getByRole('link', { name: 'Sign in' }).getAttribute('href'), '/old/login.html');
  assert.equal(await dialog.getByRole('button', { name: 'Set up' }).isVisible(), false);
}));

test('a page that removes what it does not know gets the dialog back', () => old({}, async ({ page, go, dialog }) => {
  await go();
  await dialog.waitFor();
  await page.evaluate(() => document.querySelector('auth-gate-dialog').remove());
  await dialog.getByText(NOTICE).waitFor();
  await dialog.getByRole('button', { name: 'Set up' }).click();
  await page.locator('#code').waitFor();
}));

test('the page\'s own style does not reach the dialog', () => old({}, async ({ page, go, dialog }) => {
  await go();
  await dialog.waitFor();
  const look = () => page.locator('#set-up').evaluate((node) => {
    const { fontSize, color, padding } = getComputedStyle(node);
    return [fontSize, color, padding, node.getBoundingClientRect().height];
  });
  const before = await look();
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('html { font-size: 40px; color: red } auth-gate-dialog, button { color: red !important; display: none !important; padding: 40px; font-size: 99px }');
    document.adoptedStyleSheets = [sheet];
  });
  assert.deepEqual(await look(), before);
}));

test('an error of single sign-on that the login page does not handle is a sentence', () => old({}, async ({ page, go, dialog }) => {
  await go('login.html?oidc_error=no_email&oidc_error_description=AADSTS1%3A+%3Cb%3Enot%3C%2Fb%3E+%3Cimg+src%3Dx%3E');
  await dialog.getByText('The provider does not vouch for your e-mail address.').waitFor();
  await dialog.getByText('The provider says: AADSTS1: <b>not</b> <img src=x>').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'detached' });
  await go('login.html?oidc_error=no_email');
  await page.evaluate(() => history.replaceState(null, '', location.pathname));
  await untouched({ page, dialog });
}));

// Goes through the dialog's states and calls `look` in each.
async function tour({ page, site, go, dialog }, look) {
  await go();
  await dialog.waitFor();
  await look('dialog-start');
  await page.locator('#set-up').click();
  await page.locator('#code').fill('000000');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').locator('visible=true').waitFor();
  await look('dialog-setup');
  await page.locator('#code').fill(CODE);
  await page.keyboard.press('Enter');
  await page.locator('#step-backup').waitFor();
  await look('dialog-backup');
  site.state.user = null;
  await go();
  await page.reload();
  await dialog.waitFor();
  await look('dialog-signed-out');
}

const assertDialog = (page, { tag, dir }, name) => page.evaluate(() => {
  const dialog = document.querySelector('auth-gate-dialog').shadowRoot.querySelector('dialog');
  const texts = [...dialog.querySelectorAll('[data-i18n]')].filter((node) => node.checkVisibility());
  const box = dialog.getBoundingClientRect();
  return {
    lang: dialog.lang,
    dir: dialog.dir,
    untranslated: texts.filter((node) => [node.dataset.i18n, ''].includes(node.textContent)).length,
    outside: box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > innerHeight,
    tooWide: dialog.scrollWidth > dialog.clientWidth,
  };
}).then((found) => assert.deepEqual(found, { lang: tag, dir, untranslated: 0, outside: false, tooWide: false }, name));

for (const language of LANGUAGES) {
  test(`the dialog in ${language.name}`, () => old({ remembered: language.code }, async (visitor) => {
    const { page } = visitor;
    await tour(visitor, async (name) => {
      for (const size of [{ width: 320, height: 640 }, { width: 1280, height: 800 }]) {
        await page.setViewportSize(size);
        await assertDialog(page, language, name);
        await assertFits(page, name);
        await picture(page, `ui/${name}-${language.code}-${size.width}`);
      }
    });
  }));
}

for (const colorScheme of ['light', 'dark']) {
  test(`axe-core finds nothing in the dialog, ${colorScheme}`, () => old({ colorScheme }, async (visitor) => {
    await tour(visitor, async (name) => {
      await assertAccessible(visitor.page, name);
      await picture(visitor.page, `ui/${name}-${colorScheme}`);
    });
  }));
}
