import type { I18n } from './index.js';

/** Sets the texts of `data-i18n="key"` and the attributes of `data-i18n-attr="attribute:key …"`, at and below root. */
export function translate(i18n: I18n, root: Element): void;

/** Keeps the document translated, including its `lang` and `dir`. Returns a function that stops this. */
export function translateDocument(i18n: I18n, document?: Document): () => void;

/** Fills a select with the languages and switches when one is chosen. Returns a function that stops it from following switches. */
export function languagePicker(i18n: I18n, select: HTMLSelectElement): () => void;
