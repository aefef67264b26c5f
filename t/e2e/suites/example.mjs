// The example application's page, as used by a person.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { assertAccessible, assertFits, DESKTOP, PHONE } from '../lib/browser.mjs';
import { assertNoJwt } from '../lib/watch.mjs';

const unhappy = /status of 40[13]/;

export async function signIn(page, name, password = `${name}-password`) {
  await page.goto('/login');
  await page.fill('#email', `${name}@example.test`);
  await page.fill('#password', password);
  await page.click('#login [type=submit]');
}

export const loaded = (page, count) => page.waitForFunction((wanted) => {
  const pictures = [...document.querySelectorAll('authed-img')].filter((each) => each.checkVisibility());
  return pictures.length >= wanted && pictures.every(({ image }) => image.naturalWidth > 0);
}, count);

export const live = (page) => page.locator('#live-state.on').waitFor();

export default async function example(tap, stage) {
  const test = (name, action, { expected = /^$/, ...options } = {}) => tap.test(name, () => stage.visit(options, async (scene) => {
    await action(scene);
    assertNoJwt(scene.seen);
    assert.deepEqual(scene.seen.problems.filter((problem) => !expected.test(problem)), []);
  }));

  await test('a wrong password is reported, and signing in works', async ({ page }) => {
    await signIn(page, 'alice', 'wrong');
    await page.getByRole('alert').getByText('Invalid email or password').waitFor();
    await page.getByRole('button', { name: 'Alice' }).click();
    await loaded(page, 5);
    assert.equal(new URL(page.url()).pathname, '/');
    assert.equal(await page.getByRole('alert').isVisible(), false);
  }, { expected: unhappy });

  await test('pictures, and one enlarged', async ({ page, seen }) => {
    await signIn(page, 'alice');
    await loaded(page, 5);
    await page.getByRole('button', { name: 'Evening at Piran' }).click();
    await page.locator('#viewer authed-img').waitFor();
    await loaded(page, 6);
    await page.keyboard.press('ArrowRight');
    await page.getByText('Night on Mangart', { exact: true }).last().waitFor();
    await loaded(page, 6);
    await stage.picture(page, 'viewer');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download Night on Mangart' }).click()]);
    assert.match(download.suggestedFilename(), /^Night on Mangart\.png$/);
    await page.getByRole('button', { name: 'Close' }).click();
    assert.ok(seen.urls.some((url) => /thumbnail\?token=[0-9a-f]{64}$/.test(url)));
  });

  await test('a download, whose URL works once', async ({ page }) => {
    await signIn(page, 'alice');
    const [download] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('button', { name: 'Download itinerary.txt' }).click(),
    ]);
    assert.match(await readFile(await download.path(), 'utf8'), /^Slovenia in May/);
    assert.match(await page.textContent('#used-address'), /download\?token=[0-9a-f]{64}$/);
    await page.getByRole('button', { name: 'Try it again' }).click();
    await page.getByText('401: Invalid or expired token').waitFor();
  }, { expected: unhappy });

  await test('an upload, and a new trip', async ({ page }) => {
    await signIn(page, 'alice');
    await page.locator('.trip input[type=file]').first().setInputFiles({ name: 'packing.txt', mimeType: 'text/plain', buffer: Buffer.from('socks') });
    await page.getByText('packing.txt').first().waitFor();
    await page.getByRole('button', { name: 'New trip' }).click();
    await page.getByLabel('Where to?').fill('Lisbon in autumn');
    await page.getByLabel('A few words').fill('Tiles, trams, and the sea.');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('heading', { name: 'Lisbon in autumn' }).waitFor();
  });

  await test('two people chat, also after a reload of nginx', async ({ page, context, seen }) => {
    await signIn(page, 'alice');
    await live(page);
    await stage.visit({}, async (other) => {
      await signIn(other.page, 'admin');
      await live(other.page);
      const say = async (text) => {
        await other.page.fill('#live-text', text);
        await other.page.click('#live-form button');
        await page.locator('#live-messages .theirs', { hasText: text }).waitFor();
      };
      await say('Are we there yet?');
      const before = [seen.sockets.length, other.seen.sockets.length];
      await stage.reload();
      await page.waitForFunction(() => !document.querySelector('#live-state.on'));
      await Promise.all([live(page), live(other.page)]);
      await say('Still here.');
      assert.deepEqual([seen.sockets.length, other.seen.sockets.length], [before[0] + 1, before[1] + 1]);
      assert.equal(new Set(seen.sockets).size, seen.sockets.length);
      assertNoJwt(other.seen);
    });
    assert.equal(context.pages().length, 1);
  });

  await test('an expired session leads back to signing in', async ({ page }) => {
    await signIn(page, 'alice');
    await live(page);
    // Together with the reload, because the current page may still be requesting something.
    await page.addInitScript(() => sessionStorage.setItem('session', `${sessionStorage.getItem('session').slice(0, -3)}abc`));
    await page.reload();
    await page.getByText('Your session has ended').waitFor();
    await page.locator('#login').waitFor();
  }, { expected: unhappy });

  await test('signing out', async ({ page }) => {
    await signIn(page, 'alice');
    await live(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#login').waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.getItem('session')), null);
  });

  for (const [where, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    for (const colorScheme of ['light', 'dark']) {
      await test(`appearance: ${where}, ${colorScheme}`, async ({ page }) => {
        await page.goto('/login');
        await page.locator('#login').waitFor();
        await assertFits(page);
        await assertAccessible(page);
        await stage.picture(page, `login-${where}-${colorScheme}`);
        await signIn(page, 'alice');
        await live(page);
        await loaded(page, 2);
        await page.fill('#live-text', 'Who has the tickets?');
        await page.click('#live-form button');
        await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download itinerary.txt' }).click()]);
        await page.locator('#gallery').scrollIntoViewIfNeeded();
        await loaded(page, 5);
        await assertFits(page);
        await assertAccessible(page);
        await stage.picture(page, `planner-${where}-${colorScheme}`);
      }, { viewport, colorScheme });
    }
  }
}
