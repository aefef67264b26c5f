// The page's texts in the user's language: the gate's own catalogues, and those in i18n/.

import { languagePicker, translateDocument } from '/auth-gate/i18n/dom.js';
import { catalogueFolder, createI18n, ownCatalogue } from '/auth-gate/i18n/index.js';

export const i18n = await createI18n({ load: [ownCatalogue, catalogueFolder(new URL('./i18n/', import.meta.url))] });

export const t = (key, params) => i18n.t(key, params);

// Sets a text that follows the language.
export function setText(node, key) {
  node.dataset.i18n = key;
  node.textContent = t(key);
}

translateDocument(i18n);
languagePicker(i18n, document.getElementById('language'));
