export interface Language {
  /** The name of the catalogue's file, and the value that a page remembers. `br` is Brazilian Portuguese. */
  readonly code: string;
  /** The BCP 47 tag. */
  readonly tag: string;
  /** The name in the language itself. */
  readonly name: string;
  readonly dir: 'ltr' | 'rtl';
}

export const LANGUAGES: readonly Language[];

/** The first of the preferred BCP 47 tags that one of the languages serves. */
export function bestLanguage(wishes: readonly string[] | null | undefined, languages?: readonly Language[]): Language | undefined;
