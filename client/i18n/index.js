// Texts in the user's language.
//
//   const i18n = await createI18n();
//   i18n.t('mfa.step_scan');
//   i18n.t('admin.dry_run_count', { count: 3 });
//
// A catalogue is a flat JSON object: a key's value is its text, or an object of texts by plural category
// ({"one": …, "other": …}), from which `count` chooses. `{name}` in a text is replaced with the parameter of that name.

import { createI18n as create } from './create.js';

export { bestLanguage, LANGUAGES } from './languages.js';

// Loads `<code>.json` from a folder, given as a URL with a final slash.
export function catalogueFolder(folder) {
  return async (code) => {
    const response = await fetch(new URL(`${code}.json`, folder));
    if (!response.ok) throw new Error(`no catalogue ${code}: status ${response.status}`);
    return response.json();
  };
}

// The texts of the gate's own pages, for pages that add their own: `load: [ownCatalogue, catalogueFolder(…)]`.
export const ownCatalogue = catalogueFolder(new URL('./', import.meta.url));

// Options as in create.js; the default texts are the gate's own.
export const createI18n = (options = {}) => create({ load: ownCatalogue, ...options });
