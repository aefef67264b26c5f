// Settings: a user's own second factor.

import { api } from './api.js';
import { onSubmit } from './card.js';
import { config } from './config.js';
import { byId, i18n, messages, oneAtATime, openPage, setText, t } from './page.js';
import { digits, mfaSetup } from './setup.js';

const card = byId('mfa');
const act = oneAtATime(card);
const said = messages(card);
const sentHere = new URLSearchParams(location.search).get('mfa') === 'required';
const factors = { code: byId('off-code'), password: byId('off-password') };

let required = sentHere;
let enabled = false;

const setup = mfaSetup(byId('setup'), {
  i18n,
  api,
  act,
  said,
  show: showStep,
  cancelled() {
    showState(false);
    byId('set-up').focus();
  },
  enabled: () => showState(true),
  finished() {
    showStep(byId('step-on'));
    (byId('continue').hidden ? byId('turn-off').querySelector('summary') : byId('continue')).focus();
  },
});
const steps = [byId('step-off'), ...setup.steps, byId('step-on')];

if (config.confirm === 'both') {
  byId('turn-off-hint').dataset.i18n = 'mfa.turn_off_both';
  for (const field of Object.values(factors)) field.required = true;
}

await openPage(async (user) => {
  required ||= (await api('GET', '/auth/app-config').catch(() => ({}))).require_mfa === true;
  byId('continue').href = config.home;
  showState(user.mfa_enabled === true);
});

byId('set-up').addEventListener('click', () => act(() => setup.begin()));

onSubmit(byId('turn-off-form'), () => {
  const given = Object.entries({ code: digits(factors.code.value), password: factors.password.value }).filter(([, value]) => value);
  if (given.length === 0) {
    said.failedText(() => t('mfa.turn_off_empty'));
    factors.code.focus();
    return;
  }
  act(async () => {
    try {
      await api('POST', '/auth/mfa/disable', Object.fromEntries(given));
    } catch (error) {
      const missing = ['code', 'password'].find((name) => !given.some(([one]) => one === name));
      if (!missing || !wantsOther(error, missing)) throw error;
      askFor(missing);
      return;
    }
    byId('turn-off-form').reset();
    byId('turn-off').open = false;
    showState(false);
    said.done(() => t('mfa.turned_off'));
    byId('set-up').focus();
  });
});

// An application that wants both says so only when one is missing. Its words may be any, but they name what is missing.
function wantsOther({ status, message, code }, missing) {
  return [400, 401, 422].includes(status) && `${message} ${code}`.toLowerCase().includes(missing);
}

function askFor(factor) {
  said.failedText(() => t('mfa.turn_off_both'));
  factors[factor].setAttribute('aria-invalid', 'true');
  factors[factor].focus();
}
for (const field of Object.values(factors)) field.addEventListener('input', () => field.removeAttribute('aria-invalid'));

function showStep(shown) {
  for (const step of steps) step.hidden = step !== shown;
}

function showState(on) {
  enabled = on;
  byId('required').hidden = !required || on;
  byId('continue').hidden = !sentHere;
  setText(byId('mfa-state'), () => t(enabled ? 'mfa.on' : 'mfa.off'));
  byId('mfa-state').classList.toggle('on', on);
  showStep(byId(on ? 'step-on' : 'step-off'));
}
