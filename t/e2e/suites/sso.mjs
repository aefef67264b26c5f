// Signing in at a provider, in the browser.

import assert from 'node:assert/strict';
import { assertNoJwt } from '../lib/watch.mjs';
import { live, loaded } from './example.mjs';

export default async function sso(tap, stage) {
  await tap.test('SSO: to the provider and back, also after a reload of nginx, and out', () => stage.visit({ locale: 'en' }, async ({ page, seen }) => {
    const signIn = page.getByRole('button', { name: 'Sign in' });
    const begin = () => page.getByRole('link', { name: 'Sign in with SSO' }).click();
    const arrive = async () => {
      await live(page);
      await loaded(page, 2);
      await page.locator('#avatar[title="alice@example.test"]').waitFor();
      assert.equal(page.url(), `${stage.url}/`);
      await assertNothingLeft(page);
    };

    await page.goto('/login');
    await begin();
    await page.getByRole('heading', { name: 'Example provider' }).waitFor();
    await signIn.click();
    await arrive();

    // The provider has her session now. Signing in must also work with new workers.
    await stage.reload();
    await page.evaluate(() => sessionStorage.clear());
    await page.goto('/login');
    await begin();
    await arrive();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('Sign out here, too?').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('#login').waitFor();
    assert.equal(page.url(), `${stage.url}/login`);
    await assertNothingLeft(page);
    await begin();
    await signIn.waitFor();

    assertNoJwt(seen);
    assert.deepEqual(seen.problems, []);
  }));

  await tap.test('SSO: what goes wrong is told, and not left in the address', () => stage.visit({}, async ({ page }) => {
    await page.goto('/login?oidc_error=access_denied&oidc_error_description=not%20%3Cb%3Eassigned');
    await page.getByRole('alert').getByText('You said no at the provider. The provider says: not <b>assigned').waitFor();
    assert.equal(new URL(page.url()).search, '');
    await stage.picture(page, 'sso-refused');
  }));

  await tap.test('SSO: nobody signs in as whoever sent the link', () => stage.visit({ locale: 'en' }, async ({ page: sender }) => {
    await sender.route('**/api/auth/oidc/exchange?*', (route) => route.abort());
    await sender.goto('/login');
    await sender.getByRole('link', { name: 'Sign in with SSO' }).click();
    const exchange = sender.waitForRequest('**/api/auth/oidc/exchange?*');
    await sender.getByRole('button', { name: 'Sign in' }).click();
    const code = new URL((await exchange).url()).searchParams.get('code');
    assert.match(code, /^[0-9a-f]{64}$/);

    await stage.visit({ locale: 'en' }, async ({ page }) => {
      await page.goto(`/login?oidc_code=${code}`);
      await page.getByRole('alert').getByText('Invalid or expired code').waitFor();
      assert.equal(await page.evaluate(() => JSON.stringify(sessionStorage).includes('eyJ')), false);
    });
  }));
}

// Neither in the current URL nor in one that the browser can go back to.
async function assertNothingLeft(page) {
  const devtools = await page.context().newCDPSession(page);
  const { entries } = await devtools.send('Page.getNavigationHistory');
  await devtools.detach();
  assert.ok(entries.length > 0);
  for (const { url, userTypedURL } of entries) assert.doesNotMatch(`${url} ${userTypedURL}`, /oidc_code|[?&]code=|eyJ/);
}
