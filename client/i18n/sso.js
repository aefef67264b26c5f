// Sentences for `oidc_error`, which the gate adds to the login page's URL when signing in at a provider failed.

const SENTENCES = {
  'sso.access_denied': ['access_denied'],
  'sso.registration_disabled': ['registration_disabled'],
  'sso.no_email': ['no_email'],
  'sso.invalid_state': ['invalid_state'],
  'sso.untrusted': ['missing_params', 'token_failed', 'no_id_token', 'id_token_invalid', 'subject_mismatch'],
  'sso.misconfigured': ['not_configured', 'issuer_not_https', 'invalid_request', 'unauthorized_client', 'unsupported_response_type', 'invalid_scope'],
  'sso.unavailable': ['server_error', 'temporarily_unavailable'],
  'sso.sign_in_first': ['login_required', 'interaction_required', 'account_selection_required', 'consent_required'],
};

// Anybody can write a URL: what is no code does not get into the sentence.
const CODE = /^[\w.-]{1,64}$/;

// Like the codes, so it is said whose words these are. Text only: it is for textContent.
const LONGEST = 512;
const shown = (description) => description.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim().slice(0, LONGEST);

export function ssoErrorText(i18n, error, description) {
  const code = CODE.test(error) ? error : '?';
  const [key] = Object.entries(SENTENCES).find(([, codes]) => codes.includes(code)) ?? ['sso.failed'];
  const sentence = i18n.t(key, { code });
  const text = shown(description ?? '');
  return text ? `${sentence} ${i18n.t('sso.provider_says', { text })}` : sentence;
}
