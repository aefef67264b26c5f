import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withToken } from '../lib/url.js';

const CASES = {
  '/a': '/a?token=T',
  '/a?': '/a?token=T',
  '/a?b=1': '/a?b=1&token=T',
  '/a?b=1&': '/a?b=1&token=T',
  '/a#c': '/a?token=T#c',
  '/a?b=1#c': '/a?b=1&token=T#c',
  '/a#c?b=1': '/a?token=T#c?b=1',
  '/a?b#': '/a?b&token=T#',
  'https://h:1/a%20b?c=%C5%BD+d': 'https://h:1/a%20b?c=%C5%BD+d&token=T',
  'ws://h/ws': 'ws://h/ws?token=T',
  'a/b': 'a/b?token=T',
  '': '?token=T',
  '/a?token=old': '/a?token=T',
  '/a?b=1&token=old&c=2&token=older#d': '/a?b=1&c=2&token=T#d',
  '/a?%74oken=old&xtoken=1&Token=2': '/a?xtoken=1&Token=2&token=T',
  '/a?%zz=1&token': '/a?%zz=1&token=T',
  '/a?b=?&c=/': '/a?b=?&c=/&token=T',
};

test('the token goes behind what is there, and before the fragment', () => {
  for (const [url, expected] of Object.entries(CASES)) assert.equal(withToken(url, 'T', 'token'), expected, url);
});

test('the parameter may have another name, and others stay', () => {
  assert.equal(withToken('/a?token=b&access_token=old&access%5Ftoken=older#c', 'T', 'access_token'), '/a?token=b&access_token=T#c');
});
