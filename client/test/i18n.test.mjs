// The catalogues are complete and match the pages; texts are found, filled in, and follow the language.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bestLanguage, createI18n, LANGUAGES } from '../i18n/index.js';
import { ssoErrorText } from '../i18n/sso.js';
import { catalogueProblems, usageProblems } from './i18n-check.mjs';

const I18N = new URL('../i18n/', import.meta.url);
const UI = new URL('../ui/', import.meta.url);

const read = (file, folder) => readFileSync(new URL(file, folder), 'utf8');
const codes = readdirSync(I18N).filter((file) => file.endsWith('.json')).map((file) => file.replace('.json', ''));
const catalogues = Object.fromEntries(codes.map((code) => [code, JSON.parse(read(`${code}.json`, I18N))]));
const sources = [...readdirSync(UI).filter((file) => /\.(html|js)$/.test(file)).map((file) => read(file, UI)), read('sso.js', I18N)];

const load = async (code) => catalogues[code];

function fakeStorage(items = {}) {
  return { items, getItem: (key) => items[key] ?? null, setItem: (key, value) => { items[key] = value; } };
}

const i18nIn = (code, options = {}) => createI18n({ load, storage: fakeStorage({ 'auth-gate-language': code }), ...options });

test('there is a catalogue for each language and no other', () => {
  assert.deepEqual(codes.sort(), LANGUAGES.map(({ code }) => code).sort());
  assert.deepEqual(codes, ['ar', 'br', 'cs', 'de', 'en', 'es', 'fr', 'hu', 'it', 'nl', 'ru', 'zh']);
});

test('no key, plural form or placeholder is missing or left over', () => {
  assert.deepEqual(catalogueProblems(catalogues, LANGUAGES), []);
});

test('the pages use every key, and no other', () => {
  assert.deepEqual(usageProblems(sources, catalogues.en, ['server.']), []);
});

test('no key is there twice', () => {
  for (const code of codes) {
    const keys = [...read(`${code}.json`, I18N).matchAll(/^ {2}"([^"]+)":/gm)].map(([, key]) => key);
    assert.deepEqual(keys, [...new Set(keys)], code);
    assert.deepEqual(keys, Object.keys(catalogues.en), `${code} has the keys in another order`);
  }
});

test('a problem is found', () => {
  const english = { 'a.one': 'One {x}', 'a.many': { one: '{count} thing', other: '{count} things' } };
  const czech = { 'a.many': { one: '{count} věc', other: 'věci' }, 'a.old': ' ' };
  const languages = LANGUAGES.filter(({ code }) => ['en', 'cs', 'de'].includes(code));
  assert.deepEqual(catalogueProblems({ en: english, cs: czech }, languages), [
    'de: no catalogue',
    'cs: a.one is missing',
    'cs: a.old is left over',
    'cs: a.many lacks the form "few"',
    'cs: a.many lacks the form "many"',
  ]);
  assert.deepEqual(catalogueProblems({ en: english, de: { ...english, 'a.one': 'Eins {y}' } }, languages.slice(0, 1)), [
    'de: a.one has other placeholders: {y}',
  ]);
  assert.deepEqual(usageProblems(['<p data-i18n="a.one">', "t('a.none')", 'data-i18n-attr="title:b.no alt:a.one"'], english), [
    'a.none is used but in no catalogue',
    'b.no is used but in no catalogue',
    'a.many is in the catalogues but not used',
  ]);
});

test('the texts that the issue gives', () => {
  const { en } = catalogues;
  assert.equal(en['admin.require_mfa'], 'Require two-factor authentication (2FA)');
  assert.equal(en['admin.require_mfa_hint'], 'Users without 2FA must complete setup in Settings before using the app.');
  assert.equal(en['settings.required'],
    'Your administrator requires two-factor authentication. Set up an authenticator app below before continuing.');
});

test('no translation is the English text', () => {
  // Words that are the same in some of the languages.
  const same = ['oidc.title', 'admin.nav', 'admin.dry_run', 'mfa.password', 'oidc.client_id', 'oidc.client_secret', 'oidc.issuer', 'oidc.discovery_url'];
  for (const code of codes.filter((one) => one !== 'en')) {
    const untranslated = Object.keys(catalogues.en).filter((key) => !same.includes(key) && catalogues[code][key] === catalogues.en[key]);
    assert.deepEqual(untranslated, [], code);
  }
});

test('the browser\'s first language that there is', () => {
  const code = (...wishes) => bestLanguage(wishes)?.code;
  assert.equal(code('de-AT', 'en'), 'de');
  assert.equal(code('pt-BR'), 'br');
  assert.equal(code('pt'), 'br');
  assert.equal(code('pt-PT'), 'br');
  assert.equal(code('zh-TW'), 'zh');
  assert.equal(code('zh-Hans-CN'), 'zh');
  assert.equal(code('AR-eg'), 'ar');
  assert.equal(code('ja', 'cs-CZ', 'de'), 'cs');
  assert.equal(code('br'), undefined, 'Breton is not Brazilian');
  assert.equal(code('ja'), undefined);
  assert.equal(bestLanguage(undefined), undefined);
});

test('the language at first: the remembered one, the browser\'s, English', async () => {
  const first = async (options) => (await createI18n({ load, ...options })).language.code;
  assert.equal(await first({ storage: fakeStorage({ 'auth-gate-language': 'hu' }), wishes: ['de'] }), 'hu');
  assert.equal(await first({ storage: fakeStorage({ 'auth-gate-language': 'xx' }), wishes: ['de'] }), 'de');
  assert.equal(await first({ storage: fakeStorage(), wishes: ['ja'] }), 'en');
  assert.equal(await first({ storage: null, wishes: undefined }), 'en');
});

test('a choice is remembered, and told to who listens', async () => {
  const storage = fakeStorage();
  const i18n = await createI18n({ load, storage, wishes: ['en'] });
  const heard = [];
  const stop = i18n.onChange(() => heard.push(i18n.t('common.save')));
  await i18n.setLanguage('de');
  stop();
  await i18n.setLanguage('fr');
  assert.deepEqual(heard, ['Speichern']);
  assert.equal(storage.items['auth-gate-language'], 'fr');
  await assert.rejects(i18n.setLanguage('xx'), RangeError);
  assert.equal(i18n.language.code, 'fr');
});

test('storage that is blocked is no obstacle', async () => {
  const blocked = { getItem() { throw new Error('blocked'); }, setItem() { throw new Error('blocked'); } };
  const i18n = await createI18n({ load, storage: blocked, wishes: ['it'] });
  await i18n.setLanguage('es');
  assert.equal(i18n.t('common.save'), 'Guardar');
});

test('of two switches the second holds, whichever catalogue comes first', async () => {
  const arrivals = {};
  const slow = (code) => (code === 'en' ? load('en') : new Promise((resolve) => { arrivals[code] = () => resolve(catalogues[code]); }));
  const i18n = await createI18n({ load: slow, storage: null, wishes: ['en'] });
  const switches = [i18n.setLanguage('de'), i18n.setLanguage('cs')];
  arrivals.cs();
  await switches[1];
  arrivals.de();
  await switches[0];
  assert.equal(i18n.language.code, 'cs');
});

test('a catalogue that does not load: English at first, the old language at a switch', async () => {
  const broken = async (code) => {
    if (code === 'ru') throw new Error('404');
    return catalogues[code];
  };
  const first = await i18nIn('ru', { load: broken });
  assert.equal(first.language.code, 'en');
  const later = await i18nIn('de', { load: broken });
  await assert.rejects(later.setLanguage('ru'));
  assert.equal(later.t('common.save'), 'Speichern');
  await assert.rejects(createI18n({ load: async () => { throw new Error('404'); }, storage: null }));
});

test('plural forms', async () => {
  const texts = async (code, counts) => {
    const i18n = await i18nIn(code);
    return counts.map((count) => i18n.t('admin.dry_run_count', { count }));
  };
  const [one, few, many] = await texts('ru', [21, 3, 11]);
  assert.match(one, /^Пропущен 21 запрос,/);
  assert.match(few, /^Пропущено 3 запроса,/);
  assert.match(many, /^Пропущено 11 запросов,/);
  const [none, arabicTwo, arabicFew] = await texts('ar', [0, 2, 5]);
  assert.equal(none, catalogues.ar['admin.dry_run_count'].zero);
  assert.equal(arabicTwo, catalogues.ar['admin.dry_run_count'].two);
  assert.match(arabicFew, /طلبات/);
  assert.match((await texts('de', [12345]))[0], /^12\.345 Anfragen/);
});

test('filling in takes values as they are', async () => {
  const i18n = await createI18n({ load: async () => ({ 'x.a': '{a} and {b}', 'x.c': 'c' }), storage: null, wishes: ['de'] });
  assert.equal(i18n.t('x.a', { a: '$& {b}', b: '<b>' }), '$& {b} and <b>');
  assert.equal(i18n.t('x.a', { a: 1 }), '1 and {b}');
  assert.equal(i18n.t('x.none'), 'x.none');
  assert.equal(i18n.t('toString'), 'toString');
});

test('a text that a language lacks is English', async () => {
  const i18n = await i18nIn('de', { load: async (code) => (code === 'en' ? { 'x.a': { one: '{count} day', other: '{count} days' } } : {}) });
  assert.equal(i18n.t('x.a', { count: 1000 }), '1,000 days');
});

test('catalogues can be added to', async () => {
  const extra = async (code) => ({ 'trips.title': code === 'de' ? 'Reisen' : 'Trips', 'common.save': 'Sichern' });
  const i18n = await i18nIn('de', { load: [load, extra] });
  assert.equal(i18n.t('trips.title'), 'Reisen');
  assert.equal(i18n.t('common.save'), 'Sichern');
  assert.equal(i18n.t('common.cancel'), 'Abbrechen');
});

test('what a server says is translated where it is known', async () => {
  const i18n = await i18nIn('nl');
  assert.equal(i18n.translated('server.', 'Invalid code'), 'Ongeldige code');
  assert.equal(i18n.translated('server.', 'Something else'), 'Something else');
  assert.equal(i18n.translated('server.', 'Der Code stimmt nicht', 'INVALID_CODE'), 'Ongeldige code');
  assert.equal(i18n.translated('server.', 'Something else', 'NOT_KNOWN'), 'Something else');
});

test('an error of single sign-on is a sentence, also one that is not known', async () => {
  const i18n = await i18nIn('en');
  const codes = ['missing_params', 'invalid_state', 'not_configured', 'issuer_not_https', 'token_failed', 'no_id_token', 'id_token_invalid',
    'subject_mismatch', 'no_email', 'registration_disabled', 'server_error', 'access_denied', 'temporarily_unavailable', 'login_required'];
  for (const code of codes) assert.match(ssoErrorText(i18n, code), /^[A-Z].* .*\.$/, code);
  for (const code of codes) assert.notEqual(ssoErrorText(i18n, code), ssoErrorText(i18n, 'something_else').replace('something_else', code));
  assert.equal(ssoErrorText(i18n, 'something_else'), 'Signing in with SSO failed (something_else).');
  assert.equal(ssoErrorText(i18n, 'Call 555 at once!'), 'Signing in with SSO failed (?).');
  assert.equal(ssoErrorText(i18n, 'access_denied', 'AADSTS50105: <b>not</b>\n\u202eassigned {code} {text} '),
    'You said no at the provider. The provider says: AADSTS50105: <b>not</b> assigned {code} {text}');
  for (const nothing of [undefined, null, '', ' \n\u200b']) assert.equal(ssoErrorText(i18n, 'access_denied', nothing), 'You said no at the provider.');
  assert.equal(ssoErrorText(i18n, 'access_denied', 'x'.repeat(600)), `You said no at the provider. The provider says: ${'x'.repeat(512)}`);
});
