// HTML: attributes with a JWT are renamed before the browser parses them, and resolved afterwards.

const TAG = /<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>/gi;
const ATTRIBUTE = /([\s"'/])(?:xlink:)?(src|srcset|poster|data|href)(\s*=\s*)("[^"]*eyJ[^"]*"|'[^']*eyJ[^']*'|[^\s"'>]*eyJ[^\s>]*)/gi;

// TrustedHTML cannot be changed here; the observer handles the elements that it creates.
const renamed = (html) => (typeof html === 'string' && html.includes(MARK) ? html.replace(TAG, renamedIn) : html);

const renamedIn = (tag) => tag.replace(ATTRIBUTE, (all, before, name, equals, value) => {
  const hasJwt = findAll(value.replace(/^["']|["']$/g, ''), patternOf(lower(name))).length > 0;
  return hasJwt ? `${before}${HOLD}${name}${equals}${value}` : all;
});

function patchHtml(owner, names, swept) {
  for (const name of names) {
    patchProperty(owner, name, {
      set(value, native) {
        const root = swept(this, name);
        native.call(this, renamed(value));
        if (root) sweep(root);
      },
    });
  }
}
patchHtml(Element.prototype, ['innerHTML', 'outerHTML'], (element, name) => (name === 'innerHTML' ? element : element.parentNode));
patchHtml(ShadowRoot.prototype, ['innerHTML'], (root) => root);
for (const owner of [Element.prototype, ShadowRoot.prototype]) {
  patch(owner, 'setHTMLUnsafe', (native) => function setHTMLUnsafe(html, ...others) {
    native.call(this, renamed(html), ...others);
    sweep(this);
  });
}
patch(Element.prototype, 'insertAdjacentHTML', (native) => function insertAdjacentHTML(position, html) {
  native.call(this, position, renamed(html));
  sweep(this.parentNode ?? this);
});
patch(Range.prototype, 'createContextualFragment', (native) => function createContextualFragment(html) {
  const fragment = native.call(this, renamed(html));
  sweep(fragment);
  return fragment;
});
patch(DOMParser.prototype, 'parseFromString', (native) => function parseFromString(text, type) {
  return native.call(this, type === 'text/html' ? renamed(text) : text, type);
});
patch(Document, 'parseHTMLUnsafe', (native) => function parseHTMLUnsafe(html, ...others) {
  return native.call(this, renamed(html), ...others);
});
for (const name of ['write', 'writeln']) {
  patch(Document.prototype, name, (native) => function write(...texts) { native.apply(this, texts.map(renamed)); });
}
patch(Element.prototype, 'attachShadow', (native) => function attachShadow(init) {
  const root = native.call(this, init);
  observe(root);
  return root;
});
