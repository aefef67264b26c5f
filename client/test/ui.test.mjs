// Checks the settings pages' files without a browser: they work under a strict Content-Security-Policy, and their colours
// have enough contrast. t/e2e/ui tests them in a browser.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeQr } from '../ui/qr.js';

const UI = new URL('../ui/', import.meta.url);
const read = (file) => readFileSync(new URL(file, UI), 'utf8');
const pages = ['admin.html', 'settings.html'];

test('no inline script, style or handler', () => {
  for (const page of pages) {
    const html = read(page);
    assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/, page);
    for (const [script] of html.matchAll(/<script[^>]*>[^<]*/g)) assert.match(script, /\ssrc="[\w-]+\.js">$/, page);
  }
  for (const file of readdirSync(UI).filter((name) => name.endsWith('.js'))) {
    assert.doesNotMatch(read(file), /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\.style\b|\bstyle:/, file);
  }
});

test('without JavaScript a page says what it needs', () => {
  for (const page of pages) assert.match(read(page), /<noscript><p [^>]*>These settings need JavaScript\.<\/p><\/noscript>/);
});

test('every address is relative and leads somewhere', () => {
  for (const page of pages) {
    const addresses = [...read(page).matchAll(/\s(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    // These links are configurable: the script sets them from the page's <meta>.
    const own = addresses.filter((address) => !['/', '/login'].includes(address));
    assert.ok(own.length >= 5, page);
    for (const address of own) assert.ok(!address.startsWith('/') && existsSync(new URL(address, UI)), `${page}: ${address}`);
  }
});

test('every id is there once, and every reference to one is right', () => {
  for (const page of pages) {
    const html = read(page);
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    assert.deepEqual(ids, [...new Set(ids)], page);
    const references = [...html.matchAll(/\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"/g)].flatMap(([, list]) => list.split(' '));
    assert.deepEqual(references.filter((id) => !ids.includes(id)), [], page);
  }
});

const luminance = (colour) => {
  const long = colour.length === 4 ? colour.replace(/[0-9a-f]/g, '$&$&') : colour;
  const [red, green, blue] = [1, 3, 5].map((start) => parseInt(long.slice(start, start + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one, other) => {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
};

test('texts and controls stand out, light and dark (WCAG 1.4.3, 1.4.11)', () => {
  const palettes = [...read('card.css').matchAll(/:root \{([^}]*)\}/g)]
    .map(([, body]) => Object.fromEntries([...body.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)].map(([, name, colour]) => [name, colour])));
  assert.equal(palettes.length, 2);
  const pairs = {
    4.5: [
      ['ink', 'paper'], ['ink', 'card'], ['ink', 'tint'], ['soft', 'paper'], ['soft', 'card'], ['accent', 'card'], ['accent', 'paper'],
      ['accent-strong', 'tint'], ['on-accent', 'accent'], ['on-accent', 'accent-strong'], ['warn', 'card'], ['warn', 'warn-tint'],
    ],
    3: [['field', 'card'], ['field', 'paper'], ['focus', 'card'], ['focus', 'paper'], ['accent', 'card']],
  };
  for (const palette of palettes) {
    for (const [least, list] of Object.entries(pairs)) {
      for (const [front, back] of list) {
        const found = contrast(palette[front], palette[back]);
        assert.ok(found >= Number(least), `${front} on ${back}: ${found.toFixed(2)}`);
      }
    }
  }
});

test('a QR code has its size, and too long a text is refused', () => {
  assert.equal(encodeQr('x').length, 21);
  assert.equal(encodeQr('x'.repeat(412)).length, 77);
  assert.throws(() => encodeQr('x'.repeat(413)), RangeError);
  assert.throws(() => encodeQr('ü'.repeat(207)), RangeError);
});
