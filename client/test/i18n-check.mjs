// The rules for catalogues, both of the gate's pages and of others.

const PLACEHOLDER = /\{(\w+)\}/g;

// Returns the problems of catalogues compared with the English one, as lines. `catalogues` is keyed by code, `languages` is as in
// LANGUAGES.
export function catalogueProblems(catalogues, languages) {
  const english = catalogues.en;
  return languages.flatMap(({ code, tag }) => {
    const catalogue = catalogues[code];
    if (!catalogue) return [`${code}: no catalogue`];
    const problems = [
      ...keysMissing(english, catalogue).map((key) => `${key} is missing`),
      ...keysMissing(catalogue, english).map((key) => `${key} is left over`),
      ...Object.keys(english).filter((key) => key in catalogue).flatMap((key) => textProblems(key, english[key], catalogue[key], tag)),
    ];
    return problems.map((problem) => `${code}: ${problem}`);
  });
}

// Returns the problems of the keys that sources use: `sources` are the texts of HTML and script files. A key in a script is a
// string that begins like a catalogue's keys; a key under a prefix in `lookedUp` is found by its text.
export function usageProblems(sources, english, lookedUp = []) {
  const used = usedKeys(sources, english);
  const known = Object.keys(english);
  return [
    ...used.filter((key) => !known.includes(key)).map((key) => `${key} is used but in no catalogue`),
    ...known.filter((key) => !used.includes(key) && !lookedUp.some((prefix) => key.startsWith(prefix)))
      .map((key) => `${key} is in the catalogues but not used`),
  ];
}

function usedKeys(sources, english) {
  const prefixes = [...new Set(Object.keys(english).map((key) => key.split('.')[0]))];
  const inScript = new RegExp(`['"](?:[a-z-]+:)?((?:${prefixes.join('|')})\\.[a-z0-9_]+)['"]`, 'g');
  const inMarkup = /data-i18n="([^"]*)"/g;
  const inAttribute = /data-i18n-attr="([^"]*)"/g;
  const found = (pattern, source) => [...source.matchAll(pattern)].map(([, match]) => match);
  const files = /\.(html|js|css|svg|json)$/;
  return [...new Set(sources.flatMap((source) => [
    ...found(inScript, source).filter((key) => !files.test(key)),
    ...found(inMarkup, source),
    ...found(inAttribute, source).flatMap((pairs) => pairs.split(/\s+/).map((pair) => pair.split(':')[1])),
  ]))];
}

const keysMissing = (all, some) => Object.keys(all).filter((key) => !Object.hasOwn(some, key));
const placeholders = (text) => [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => name))].sort();
const formsOf = (text) => (typeof text === 'string' ? [text] : Object.values(text));

function textProblems(key, english, text, tag) {
  const problems = [];
  if ((typeof english === 'string') !== (typeof text === 'string')) return [`${key} is a plural in one language only`];
  if (typeof text !== 'string') {
    const wanted = new Intl.PluralRules(tag).resolvedOptions().pluralCategories;
    problems.push(
      ...wanted.filter((category) => !(category in text)).map((category) => `${key} lacks the form "${category}"`),
      ...Object.keys(text).filter((category) => !wanted.includes(category)).map((category) => `${key} has a form "${category}" too many`),
    );
  }
  // The form for one or two may spell the number out; all forms together have the same parameters as English.
  const expected = placeholders(formsOf(english).join(' '));
  const actual = placeholders(formsOf(text).join(' '));
  if (expected.join() !== actual.join()) problems.push(`${key} has other placeholders: {${actual.join('}, {')}}`);
  if (formsOf(text).some((form) => form.trim() === '' || form !== form.trim())) problems.push(`${key} is empty or has blanks around it`);
  return problems;
}
