// Puts the client's ES modules into one script: each becomes a function of its own, in the order in which they need each other.
// It knows the forms of import and export that the client uses, and fails at others.

import { readFileSync } from 'node:fs';

const CLIENT = new URL('../', import.meta.url);
const IMPORT = /^(import|export) \{([^}]*)\} from '([^']+)';\n/gm;
const EXPORT = /^export ((?:async )?(?:function|class|const) (\w+))/gm;

const nameOf = (url) => `${url.href.slice(CLIENT.href.length).replace(/\W+/g, '_')}`;
const listed = (text, colon) => text.split(',').map((one) => one.trim().replace(/ as /, colon)).filter(Boolean).join(', ');

// Returns a script with one constant for each module, an object of what it exports: `ui_dialog_js`.
export function bundle(entries) {
  const scripts = new Map();
  for (const entry of entries) add(new URL(entry, CLIENT), scripts);
  return [...scripts.values()].join('\n');
}

function add(url, scripts) {
  if (scripts.has(url.href)) return;
  scripts.set(url.href, '');
  const exported = [];
  const text = readFileSync(url, 'utf8')
    .replace(IMPORT, (all, kind, names, from) => {
      const other = new URL(from, url);
      add(other, scripts);
      const own = `const { ${listed(names, ': ')} } = ${nameOf(other)};\n`;
      if (kind === 'export') exported.push(listed(names, ': '));
      return own;
    })
    .replace(EXPORT, (all, declaration, name) => {
      exported.push(name);
      return declaration;
    });
  if (/^(import|export)\b|import\.meta/m.test(text)) throw new Error(`${url.pathname}: an import or export that cannot be bundled`);
  // Behind those that it needs: a Map keeps the order of insertion.
  scripts.delete(url.href);
  scripts.set(url.href, `const ${nameOf(url)} = (() => {\n${text}\nreturn { ${exported.join(', ')} };\n})();\n`);
}
