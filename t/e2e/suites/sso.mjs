// Signing in at a provider, by clicking.

import assert from 'node:assert/strict';
import { assertNoJwt } from '../lib/watch.mjs';
import { live, loaded } from './example.mjs';

export default async function sso(tap, stage) {
  await tap.test('SSO: to the provider, and back into the planner', () => stage.visit({}, async ({ page, seen }) => {
    await page.goto('/login');
    await page.getByRole('link', { name: 'Sign in with SSO' }).click();
    await page.getByRole('heading', { name: 'Example provider' }).waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await live(page);
    await loaded(page, 2);
    assert.equal(new URL(page.url()).search, '');
    await page.locator('#avatar[title="alice@example.test"]').waitFor();
    assertNoJwt(seen);
    assert.deepEqual(seen.problems, []);
  }));

  await tap.test('SSO: what goes wrong is told, and not left in the address', () => stage.visit({}, async ({ page }) => {
    await page.goto('/login?oidc_error=access_denied');
    await page.getByRole('alert').getByText('You said no at the provider.').waitFor();
    assert.equal(new URL(page.url()).search, '');
    await stage.picture(page, 'sso-refused');
  }));
}
