// The page's catalogues are complete in every language and match the page.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LANGUAGES } from '../../client/i18n/languages.js';
import { catalogueProblems, usageProblems } from '../../client/test/i18n-check.mjs';

const PAGE = new URL('../public/', import.meta.url);
const CLIENT = new URL('../../client/i18n/', import.meta.url);

const read = (file, folder = PAGE) => readFileSync(new URL(file, folder), 'utf8');
const catalogues = Object.fromEntries(readdirSync(new URL('i18n/', PAGE))
  .map((file) => [file.replace('.json', ''), JSON.parse(read(`i18n/${file}`))]));

test('there is a catalogue for each language and no other', () => {
  assert.deepEqual(Object.keys(catalogues).sort(), LANGUAGES.map(({ code }) => code).sort());
});

test('no key or placeholder is missing or left over', () => {
  assert.deepEqual(catalogueProblems(catalogues, LANGUAGES), []);
});

test('the page uses every key, and no other', () => {
  const others = JSON.parse(read('en.json', CLIENT));
  const sources = readdirSync(PAGE).filter((file) => /\.(html|js)$/.test(file)).map((file) => read(file));
  const notOfThePage = Object.keys(others).filter((key) => !Object.hasOwn(catalogues.en, key));
  assert.deepEqual(usageProblems(sources, { ...others, ...catalogues.en }, [...notOfThePage, 'server.', 'sso.']), []);
});
