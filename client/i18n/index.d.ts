import type { Language } from './languages.js';

export { bestLanguage, LANGUAGES, type Language } from './languages.js';

/** A text, or one for each of the language's plural categories. */
export type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Catalogue = Record<string, Text>;
export type Loader = (code: string) => Promise<Catalogue>;

export interface I18nOptions {
  /** Those on offer; English has to be among them. Default: LANGUAGES. */
  languages?: readonly Language[];
  /** Gives a language's catalogue; of several loaders the later one's texts win. Default: the gate's own texts. */
  load?: Loader | readonly Loader[];
  /** BCP 47 tags, best first. Default: the browser's. */
  wishes?: readonly string[];
  /** Remembers the choice. Default: localStorage, where it may be used. */
  storage?: Pick<Storage, 'getItem' | 'setItem'> | null;
}

export interface I18n {
  readonly languages: readonly Language[];
  /** The one in use. */
  readonly language: Language;
  /**
   * The text of a key, in English where the language has none, and the key itself where English has none either.
   * `{name}` is replaced by the parameter of that name; `count` chooses the plural form.
   */
  t(key: string, params?: Record<string, string | number>): string;
  /** A text that a server says in English, in the user's language where a key below the prefix has it. */
  translated(prefix: string, text: string): string;
  /** Switches and remembers. A RangeError for a code that is not on offer; rejects when its catalogue does not load. */
  setLanguage(code: string): Promise<void>;
  /** Calls back after each switch; returns a function that ends this. */
  onChange(listener: () => void): () => void;
}

/** Loads `<code>.json` from a folder, given as a URL with a final slash. */
export function catalogueFolder(folder: string | URL): Loader;

/** The texts of the gate's own pages. */
export const ownCatalogue: Loader;

/** Rejects when the English catalogue does not load; where another does not, English is used. */
export function createI18n(options?: I18nOptions): Promise<I18n>;
