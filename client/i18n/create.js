// Texts in the user's language, wherever the catalogues come from. index.js says how to use it.

import { bestLanguage, LANGUAGES } from './languages.js';

const STORAGE_KEY = 'auth-gate-language';
const FALLBACK = 'en';

// languages: the available ones, as in LANGUAGES. load: maps a code to a promise of its catalogue; if there are several, the
// later one wins. wishes: BCP 47 tags, best first. storage: remembers the choice, may be null. Rejects if the English catalogue
// cannot be loaded; if another one cannot, its texts are in English.
export async function createI18n({
  languages = LANGUAGES,
  load,
  wishes = globalThis.navigator?.languages,
  storage = browserStorage(),
}) {
  const loaders = [load].flat();
  const loadAll = async (code) => Object.assign(Object.create(null), ...await Promise.all(loaders.map((one) => one(code))));
  const byCode = (code) => languages.find((language) => language.code === code);

  const english = await loadAll(FALLBACK);
  const listeners = new Set();
  let language;
  let texts;
  let latest = 0;

  async function use(chosen) {
    const turn = ++latest;
    const loaded = chosen.code === FALLBACK ? english : await loadAll(chosen.code);
    // After two switches the second one wins, whichever catalogue arrives first.
    if (turn !== latest) return;
    language = chosen;
    texts = loaded;
    for (const listener of listeners) listener();
  }

  const start = byCode(recall(storage)) ?? bestLanguage(wishes, languages) ?? byCode(FALLBACK);
  await use(start).catch(() => use(byCode(FALLBACK)));

  return {
    languages,
    get language() { return language; },

    t(key, params = {}) {
      const [text, tag] = key in texts ? [texts[key], language.tag] : [english[key] ?? key, FALLBACK];
      return fill(typeof text === 'string' ? text : pluralForm(text, params.count, tag), params, tag);
    },

    // A server's message in the user's language: by its code, or by its English text, if the catalogue has either under this
    // prefix. Otherwise the text as it is.
    translated(prefix, text, code) {
      const byName = `${prefix}${String(code ?? '').toLowerCase()}`;
      const key = byName in english ? byName : Object.keys(english).find((one) => one.startsWith(prefix) && english[one] === text);
      return key ? this.t(key) : text;
    },

    // Switches and remembers the choice. Throws a RangeError for an unknown code; rejects if the catalogue cannot be loaded.
    async setLanguage(code) {
      const chosen = byCode(code);
      if (!chosen) throw new RangeError(`unknown language: ${code}`);
      await use(chosen);
      remember(storage, language.code);
    },

    // Calls back after each switch; returns a function that unsubscribes.
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function pluralForm(forms, count, tag) {
  return forms[new Intl.PluralRules(tag).select(count ?? 0)] ?? forms.other;
}

function fill(text, params, tag) {
  return text.replace(/\{(\w+)\}/g, (placeholder, name) => {
    if (!Object.hasOwn(params, name)) return placeholder;
    const value = params[name];
    return typeof value === 'number' ? new Intl.NumberFormat(tag).format(value) : String(value);
  });
}

// Reading localStorage throws if the browser blocks it; then nothing is remembered.
function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

function recall(storage) {
  try {
    return storage?.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

function remember(storage, code) {
  try {
    storage?.setItem(STORAGE_KEY, code);
  } catch {
    // Storage is full or blocked: the choice applies to this page only.
  }
}
