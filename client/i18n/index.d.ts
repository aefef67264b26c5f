import type { Language } from './languages.js';

export { bestLanguage, LANGUAGES, type Language } from './languages.js';

/** A text, or one text for each of the language's plural categories. */
export type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Catalogue = Record<string, Text>;
export type Loader = (code: string) => Promise<Catalogue>;

export interface I18nOptions {
  /** The available languages, which must include English. Default: LANGUAGES. */
  languages?: readonly Language[];
  /** Loads a language's catalogue; with several loaders, the later one's texts win. Default: the gate's own texts. */
  load?: Loader | readonly Loader[];
  /** BCP 47 tags, best first. Default: the browser's. */
  wishes?: readonly string[];
  /** Remembers the choice. Default: localStorage, if it is available. */
  storage?: Pick<Storage, 'getItem' | 'setItem'> | null;
}

export interface I18n {
  readonly languages: readonly Language[];
  /** The current language. */
  readonly language: Language;
  /**
   * The text of a key; in English if the language has none, and the key itself if English has none either.
   * `{name}` is replaced with the parameter of that name; `count` chooses the plural form.
   */
  t(key: string, params?: Record<string, string | number>): string;
  /**
   * A server's message in the user's language: the text of the key `prefix` + lower-case `code`, or of the key under the prefix
   * whose English text this is. Without either, `text`.
   */
  translated(prefix: string, text: string, code?: string): string;
  /** Switches and remembers the choice. Throws a RangeError for an unknown code; rejects if the catalogue does not load. */
  setLanguage(code: string): Promise<void>;
  /** Calls back after each switch; returns a function that unsubscribes. */
  onChange(listener: () => void): () => void;
}

/** Loads `<code>.json` from a folder, given as a URL with a final slash. */
export function catalogueFolder(folder: string | URL): Loader;

/** The texts of the gate's own pages. */
export const ownCatalogue: Loader;

/** Rejects if the English catalogue does not load; if another one does not, English is used. */
export function createI18n(options?: I18nOptions): Promise<I18n>;
