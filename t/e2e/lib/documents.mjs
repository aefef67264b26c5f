// The pieces of JavaScript and HTML in the documents, to be run as they are.

import { readFileSync } from 'node:fs';

const ROOT = new URL('../../../', import.meta.url);
const PIECE = /^( *)```(js|html)\n(.*?)^ *```$/gms;
const IMPORT = /^import (\* as (\w+)|\{[^}]*\}) from '([^']+)';/gm;

// All of a document: [{kind, code}]
export function piecesOf(document) {
  const text = readFileSync(new URL(document, ROOT), 'utf8');
  return [...text.matchAll(PIECE)].map(([, indent, kind, code]) => ({ kind, code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), '') }));
}

// The body of an async function: imports, which only modules may have, are made while it runs, from where `places` says.
export const asBody = (code, places = {}) => code.replace(IMPORT, (all, names, whole, from) => (
  `const ${whole ?? names} = await import('${places[from] ?? from}');`));
