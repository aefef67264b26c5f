// Administration: the MFA policy and the single sign-on settings.

import { api, gateStatus } from './api.js';
import { openOidc } from './oidc.js';
import { byId, oneAtATime, openPage, setText, t } from './page.js';

const act = oneAtATime(byId('policy'));
const toggle = byId('require-mfa');

// The server's last response.
let requireMfa = false;

await openPage(async () => {
  await readPolicy();
  await Promise.all([readDryRun(), openOidc()]);
});

toggle.addEventListener('change', () => {
  const wanted = toggle.checked;
  // The switch shows the value in force until the server has confirmed the change.
  toggle.checked = requireMfa;
  act(async (said) => {
    try {
      await api('PUT', '/auth/app-settings', { require_mfa: wanted });
    } finally {
      await readPolicy();
    }
    said.done(() => t(requireMfa ? 'admin.require_mfa_on' : 'admin.require_mfa_off'));
    await readDryRun();
  });
});

async function readPolicy() {
  const settings = await api('GET', '/auth/app-settings');
  requireMfa = String(settings.require_mfa) === 'true';
  toggle.checked = requireMfa;
}

async function readDryRun() {
  const count = (await gateStatus())?.mfa_dry_run;
  // The counter is there without a dry run, too.
  const counted = typeof count === 'number' && count > 0;
  byId('dry-run').hidden = !counted;
  if (counted) setText(byId('dry-run-count'), () => t('admin.dry_run_count', { count }));
}
