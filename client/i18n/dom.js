// Keeps a page in the user's language. The page's HTML names the keys:
//
//   <h1 data-i18n="settings.title"></h1>
//   <input data-i18n-attr="placeholder:search.hint aria-label:search.label">
//
// Texts are set as text and attributes as attributes: nothing in a catalogue becomes markup.

// Translates root and its descendants.
export function translate(i18n, root) {
  for (const node of matching(root, '[data-i18n]')) {
    node.textContent = i18n.t(node.dataset.i18n);
  }
  for (const node of matching(root, '[data-i18n-attr]')) {
    for (const pair of node.dataset.i18nAttr.split(/\s+/)) {
      const [attribute, key] = pair.split(':');
      node.setAttribute(attribute, i18n.t(key));
    }
  }
}

// Translates the whole document, including its `lang` and `dir`, now and after each switch.
export function translateDocument(i18n, document = globalThis.document) {
  const apply = () => {
    document.documentElement.lang = i18n.language.tag;
    document.documentElement.dir = i18n.language.dir;
    translate(i18n, document.documentElement);
  };
  apply();
  return i18n.onChange(apply);
}

// Fills a <select> with the languages, each under its own name, and switches when one is chosen.
export function languagePicker(i18n, select) {
  const option = ({ code, tag, name }) => {
    const node = new Option(name, code);
    node.lang = tag;
    return node;
  };
  const show = () => { select.value = i18n.language.code; };
  select.replaceChildren(...i18n.languages.map(option));
  select.addEventListener('change', () => i18n.setLanguage(select.value).catch(show));
  show();
  return i18n.onChange(show);
}

function matching(root, selector) {
  return [...(root.matches(selector) ? [root] : []), ...root.querySelectorAll(selector)];
}
