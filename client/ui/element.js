// Makes elements without parsing markup, which a page's Trusted Types may forbid.

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  node.append(...children);
  return node;
}

// An element with a text of the catalogue.
export const labelled = (name, key, attributes) => element(name, { ...attributes, 'data-i18n': key });
