// Settings: the user's own second factor.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import jsQR from 'jsqr';
import { launch } from '../lib/browser.mjs';
import { doneIn, failedIn, focused, visit } from './browser.mjs';
import { BACKUP_CODES, CODE, OTPAUTH, SECRET } from './fake-site.mjs';

const NOTICE = 'Your administrator requires two-factor authentication. Set up an authenticator app below before continuing.';

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const user = (mfa = false) => ({ id: 2, username: 'alice', role: 'user', mfa_enabled: mfa });

// Decodes the QR code in a screenshot of an element, in a separate page without a Content-Security-Policy.
async function scan(page, selector) {
  const png = (await page.locator(selector).screenshot()).toString('base64');
  const blank = await browser.newPage();
  try {
    const { data, width, height } = await blank.evaluate(async (bytes) => {
      const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${bytes}`)).blob());
      const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
      canvas.drawImage(picture, 0, 0);
      const pixels = canvas.getImageData(0, 0, picture.width, picture.height);
      return { data: [...pixels.data], width: pixels.width, height: pixels.height };
    }, png);
    return jsQR(new Uint8ClampedArray(data), width, height)?.data;
  } finally {
    await blank.close();
  }
}

test('setting up by keyboard only', () => visit(browser, { state: { user: user() }, colorScheme: 'dark' }, async ({ page, site, open }) => {
  await open('settings.html?mfa=required');
  assert.equal(await page.locator('#required').textContent(), NOTICE);
  await page.locator('#set-up').focus();
  await page.keyboard.press('Enter');
  await page.locator('#scan:focus').waitFor();
  assert.equal(await scan(page, '#qr'), OTPAUTH);
  assert.equal((await page.locator('#key').textContent()).replaceAll(' ', ''), SECRET);
  assert.equal(await page.locator('#open-app').getAttribute('href'), OTPAUTH);

  while (await focused(page) !== 'code') await page.keyboard.press('Tab');
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await failedIn(page, 'mfa').getByText('Invalid code').waitFor();
  assert.equal(await focused(page), 'code');
  assert.equal(await page.locator('#code').getAttribute('aria-invalid'), 'true');

  await page.keyboard.type('123 456');
  await page.keyboard.press('Enter');
  await page.locator('#backup-title:focus').waitFor();
  assert.deepEqual(await page.locator('#backup-codes li').allTextContents(), BACKUP_CODES);
  assert.equal(await page.locator('#required').isVisible(), false);
  assert.equal(await page.locator('#key').textContent(), '');

  while (await focused(page) !== 'backup-done') await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await focused(page), 'continue');
  assert.equal(await page.getByRole('link', { name: 'Continue to the application' }).getAttribute('href'), '/');
  assert.equal(await page.locator('#backup-codes li').count(), 0);
  assert.deepEqual(site.sent('POST /api/auth/mfa/enable'), [{ code: '000000' }, { code: CODE }]);
}));

test('phones can fill in the code field', () => visit(browser, { state: { user: user() } }, async ({ page, open }) => {
  await open('settings.html');
  await page.locator('#set-up').click();
  const field = page.getByLabel('Six-digit code');
  await field.waitFor();
  assert.equal(await field.getAttribute('autocomplete'), 'one-time-code');
  assert.equal(await field.getAttribute('inputmode'), 'numeric');
}));

test('digits of other scripts are accepted', async () => {
  for (const typed of ['١٢٣٤٥٦', '۱۲۳ ۴۵۶', '１２３４５６']) {
    await visit(browser, { state: { user: user() } }, async ({ page, open }) => {
      await open('settings.html');
      await page.locator('#set-up').click();
      await page.locator('#code').fill(typed);
      await page.keyboard.press('Enter');
      await page.locator('#step-backup').waitFor();
    });
  }
});

test('the notice is shown only to users it concerns', async () => {
  const cases = [
    [{ user: user() }, 'settings.html', false],
    [{ user: user(), requireMfa: true }, 'settings.html', true],
    [{ user: user() }, 'settings.html?mfa=required', true],
    [{ user: user(true), requireMfa: true }, 'settings.html?mfa=required', false],
    [{ user: user(), answer: { 'GET /api/auth/app-config': () => ({ status: 404, body: {} }) } }, 'settings.html', false],
  ];
  for (const [state, path, shown] of cases) {
    await visit(browser, { state }, async ({ page, open }) => {
      await open(path);
      assert.equal(await page.locator('#required').isVisible(), shown, JSON.stringify([state, path]));
    });
  }
});

test('backup codes are copied and downloaded', () => visit(browser, { state: { user: user() }, permissions: ['clipboard-read', 'clipboard-write'] }, async ({ page, open }) => {
  await open('settings.html');
  await page.locator('#set-up').click();
  await page.locator('#copy-key').click();
  await doneIn(page, 'mfa').getByText('Copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), SECRET);
  await page.locator('#code').fill(CODE);
  await page.keyboard.press('Enter');
  await page.locator('#backup-copy').click();
  await doneIn(page, 'mfa').getByText('Copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), BACKUP_CODES.join('\n'));
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#backup-download').click()]);
  assert.equal(download.suggestedFilename(), 'backup-codes.txt');
  assert.equal(await readFile(await download.path(), 'utf8'), `${BACKUP_CODES.join('\n')}\n`);
}));

test('where the browser forbids copying, the text is selected', () => visit(browser, { state: { user: user() } }, async ({ page, open }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await open('settings.html');
  await page.locator('#set-up').click();
  await page.locator('#copy-key').click();
  await failedIn(page, 'mfa').waitFor();
  assert.equal((await page.evaluate(() => String(getSelection()))).replace(/\s/g, ''), SECRET);
}));

test('an application without backup codes', () => visit(browser, { state: { user: user(), backupCodes: null } }, async ({ page, open }) => {
  await open('settings.html');
  await page.locator('#set-up').click();
  await page.locator('#code').fill(CODE);
  await page.keyboard.press('Enter');
  await page.locator('#step-on').waitFor();
  assert.equal(await page.locator('#mfa-state').textContent(), 'On');
  assert.equal(await page.locator('#continue').isVisible(), false);
}));

test('an application that draws the QR code itself, and one that gives only the key', async () => {
  const picture = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==';
  for (const [setup, shown] of [[{ secret: SECRET, qr_data_url: picture }, 1], [{ secret: SECRET, qr_data_url: 'javascript:0', otpauth_url: 'javascript:0' }, 0]]) {
    await visit(browser, { state: { user: user(), setup } }, async ({ page, open }) => {
      await open('settings.html');
      await page.locator('#set-up').click();
      await page.locator('#code').waitFor();
      assert.equal(await page.locator('#qr > *').count(), shown);
      assert.equal(await page.locator('#open-app').isVisible(), false);
      assert.equal(await page.locator('#open-app').getAttribute('href'), null);
    });
  }
});

test('cancelling discards the key', () => visit(browser, { state: { user: user() } }, async ({ page, open }) => {
  await open('settings.html');
  await page.locator('#set-up').click();
  await page.locator('#cancel').click();
  assert.equal(await focused(page), 'set-up');
  assert.equal(await page.locator('#key').textContent(), '');
  assert.equal(await page.locator('#qr > *').count(), 0);
}));

test('turning off needs a code or a password, and is impossible while required', () => visit(browser, { state: { user: user(true), requireMfa: true } }, async ({ page, site, open }) => {
  await open('settings.html');
  await page.getByText('Turn off two-factor authentication').click();
  await page.getByRole('button', { name: 'Turn off' }).click();
  await failedIn(page, 'mfa').getByText('Enter a code or your password.').waitFor();
  assert.equal(await focused(page), 'off-code');
  await page.getByLabel('Code from your app').fill('654321');
  await page.keyboard.press('Enter');
  await failedIn(page, 'mfa').getByText('Two-factor authentication cannot be disabled while it is required for all users.').waitFor();
  site.state.requireMfa = false;
  await page.getByLabel('Code from your app').fill('');
  await page.getByLabel('Password').fill(' a password ');
  await page.keyboard.press('Enter');
  await doneIn(page, 'mfa').getByText('is now off').waitFor();
  assert.equal(await focused(page), 'set-up');
  assert.deepEqual(site.sent('POST /api/auth/mfa/disable'), [{ code: '654321' }, { password: ' a password ' }]);
}));

test('an application that wants code and password is given both: it says so, or the page knows it', async () => {
  const both = (state, { code, password }) => {
    if (!code || !password) return { status: 400, body: { error: 'Password and authenticator code are required' } };
    state.user.mfa_enabled = false;
    return { body: { success: true } };
  };
  for (const [first, other] of [['Password', 'Code from your app'], ['Code from your app', 'Password']]) {
    await visit(browser, { state: { user: user(true), answer: { 'POST /api/auth/mfa/disable': both } } }, async ({ page, open }) => {
      await open('settings.html');
      await page.getByText('Turn off two-factor authentication').click();
      await page.getByLabel(first).fill('123456');
      await page.keyboard.press('Enter');
      await failedIn(page, 'mfa').getByText('Confirm with a code from your app and with your password.').waitFor();
      assert.equal(await page.getByLabel(other).evaluate((node) => node.matches(':focus[aria-invalid="true"]')), true);
      await page.keyboard.type('123456');
      await page.keyboard.press('Enter');
      await doneIn(page, 'mfa').getByText('is now off').waitFor();
    });
  }
  await visit(browser, { state: { user: user(true), confirm: 'both', answer: { 'POST /api/auth/mfa/disable': both } } }, async ({ page, site, open }) => {
    await open('settings.html');
    await page.getByText('Turn off two-factor authentication').click();
    await page.getByText('Confirm with a code from your app and with your password.').waitFor();
    await page.getByLabel('Password').fill('secret');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'off-code');
    assert.deepEqual(site.sent('POST /api/auth/mfa/disable'), []);
    await page.keyboard.type('123456');
    await page.keyboard.press('Enter');
    await doneIn(page, 'mfa').getByText('is now off').waitFor();
  });
});

test('signed out: the page says so and links to the login', () => visit(browser, { state: { user: null } }, async ({ page, open }) => {
  await open('settings.html');
  await failedIn(page, 'gatekeeper').getByText('not signed in').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href'), '/login');
  assert.equal(await page.locator('#content').isVisible(), false);
}));

test('no connection: the user can retry', () => visit(browser, { state: { user: user(), answer: { 'GET /api/auth/me': null } } }, async ({ page, site, open }) => {
  await open('settings.html');
  await failedIn(page, 'gatekeeper').getByText('cannot be reached').waitFor();
  site.state.answer = {};
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#mfa').waitFor();
  assert.equal(await page.locator('#gatekeeper').isVisible(), false);
}));

test('only administrators see the link to the administration', async () => {
  for (const [role, shown] of [['user', false], ['admin', true]]) {
    await visit(browser, { state: { user: { ...user(), role } } }, async ({ page, open }) => {
      await open('settings.html');
      assert.equal(await page.locator('#admin-link').isVisible(), shown);
    });
  }
});

test('the JWT goes from its storage into the header and into no URL', async () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJpZCI6Mn0.c2ln';
  for (const [jwtFrom, authorization] of [['localStorage:jwt', `Bearer ${jwt}`], ['sessionStorage:jwt', `Bearer ${jwt}`], ['cookie', undefined]]) {
    await visit(browser, { state: { user: user(), jwtFrom } }, async ({ page, site, open }) => {
      await page.addInitScript(([from, value]) => window[from.split(':')[0]]?.setItem('jwt', value), [jwtFrom, jwt]);
      await open('settings.html');
      await page.locator('#set-up').click();
      await page.locator('#code').waitFor();
      assert.ok(site.requests.length >= 3);
      for (const request of site.requests) {
        assert.equal(request.authorization, authorization);
        assert.ok(!request.url.includes('eyJ'));
      }
    });
  }
});
