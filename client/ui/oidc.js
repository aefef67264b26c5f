// The single sign-on settings.

import { api } from './api.js';
import { onSubmit } from './card.js';
import { byId, messages, oneAtATime, setText, t } from './page.js';

const PATH = '/admin/oidc';
const FIELDS = ['display_name', 'issuer', 'discovery_url', 'client_id'];

const card = byId('oidc');
const act = oneAtATime(card);

// The server's last response.
let settings = {};

// Shows the card, unless the gate has no single sign-on. Other errors are shown in the card, so that the rest of the page
// stays usable: while MFA is required, an administrator without it cannot use this endpoint.
export async function openOidc() {
  try {
    await read();
    byId('oidc-form').hidden = false;
  } catch (error) {
    if (error.status === 404) return;
    byId('oidc-form').hidden = true;
    messages(card).failed(error);
  }
  card.hidden = false;
}

onSubmit(byId('oidc-form'), () => act(async (said) => {
  await api('PUT', PATH, changes());
  await read();
  said.done(() => t('oidc.saved'));
}));

byId('secret-remove').addEventListener('change', () => {
  byId('client_secret').disabled = byId('secret-remove').checked;
});

// Sends only changed values: otherwise a value from the configuration file would become a setting.
function changes() {
  const changed = FIELDS.filter((name) => !byId(name).readOnly && byId(name).value.trim() !== (settings[name] ?? ''));
  const body = Object.fromEntries(changed.map((name) => [name, byId(name).value.trim()]));
  const secret = byId('client_secret');
  if (byId('secret-remove').checked) body.client_secret = '';
  else if (secret.value && !secret.readOnly) body.client_secret = secret.value;
  return body;
}

async function read() {
  settings = await api('GET', PATH);
  for (const name of FIELDS) {
    byId(name).value = settings[name] ?? '';
    showEnvironment(name);
  }
  showEnvironment('client_secret');
  const secretSet = settings.client_secret_set === true;
  const own = secretSet && !byId('client_secret').readOnly;
  byId('client_secret').value = '';
  byId('client_secret').disabled = false;
  byId('secret-remove').checked = false;
  byId('secret-remove-label').hidden = !own;
  setText(byId('client_secret-hint'), () => t(secretSet ? 'oidc.secret_set' : 'oidc.secret_unset'));
  byId('client_secret-hint').hidden = byId('client_secret').readOnly;
}

function showEnvironment(name) {
  const fixed = (settings.environment ?? []).includes(name);
  const variable = `OIDC_${name.toUpperCase()}`;
  byId(name).readOnly = fixed;
  setText(byId(`${name}-environment`), () => (fixed ? t('oidc.environment', { variable }) : ''));
}
