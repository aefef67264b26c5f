// The languages that have catalogues, each under its own name.

// `code` is the name of the catalogue's file and the value that a page remembers; `tag` is the BCP 47 tag for `lang`, Intl
// and the browser's preferences. The two differ for Brazilian Portuguese: it is `br` here, but `br` is Breton in BCP 47.
export const LANGUAGES = Object.freeze([
  { code: 'de', tag: 'de', name: 'Deutsch' },
  { code: 'en', tag: 'en', name: 'English' },
  { code: 'es', tag: 'es', name: 'Español' },
  { code: 'fr', tag: 'fr', name: 'Français' },
  { code: 'hu', tag: 'hu', name: 'Magyar' },
  { code: 'nl', tag: 'nl', name: 'Nederlands' },
  { code: 'br', tag: 'pt-BR', name: 'Português (Brasil)' },
  { code: 'cs', tag: 'cs', name: 'Čeština' },
  { code: 'ru', tag: 'ru', name: 'Русский' },
  { code: 'zh', tag: 'zh-Hans', name: '中文（简体）' },
  { code: 'it', tag: 'it', name: 'Italiano' },
  { code: 'ar', tag: 'ar', name: 'العربية', dir: 'rtl' },
].map((language) => Object.freeze({ dir: 'ltr', ...language })));

const primary = (tag) => tag.toLowerCase().split(/[-_]/)[0];

// The first of the preferred tags (`navigator.languages`) that one of the languages serves, or undefined. The region is
// ignored: Brazilian Portuguese serves `pt-PT`, and Chinese serves `zh-TW`.
export function bestLanguage(wishes, languages = LANGUAGES) {
  for (const wish of wishes ?? []) {
    const found = languages.find(({ tag }) => primary(tag) === primary(wish));
    if (found) return found;
  }
  return undefined;
}
