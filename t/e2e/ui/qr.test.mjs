// A third-party decoder reads every QR code that we generate.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import jsQR from 'jsqr';
import { encodeQr } from '../../../client/ui/qr.js';

const QUIET = 4;
const SCALE = 3;

function decode(rows) {
  const size = (rows.length + 2 * QUIET) * SCALE;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const dark = rows[Math.floor(y / SCALE) - QUIET]?.[Math.floor(x / SCALE) - QUIET];
      if (dark) pixels.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3);
    }
  }
  return jsQR(pixels, size, size, { inversionAttempts: 'dontInvert' });
}

test('every version', () => {
  const versions = new Set();
  for (let length = 1; length <= 412; length += 3) {
    const text = Array.from({ length }, (_, index) => String.fromCharCode(33 + (index * 7 + length) % 90)).join('');
    const code = decode(encodeQr(text));
    assert.equal(code?.data, text, `${length} bytes`);
    versions.add(code.version);
  }
  assert.equal(versions.size, 15);
});

test('key URIs and other texts', () => {
  for (const text of ['otpauth://totp/Wayfarer:alice%40example.test?secret=JBSWY3DPEHPK3PXP&issuer=Wayfarer', 'Größe 中文 العربية 🔑', '\0', '1']) {
    assert.equal(decode(encodeQr(text))?.data, text);
  }
});

test('damage is corrected', () => {
  const rows = encodeQr('otpauth://totp/Wayfarer:alice%40example.test?secret=JBSWY3DPEHPK3PXP&issuer=Wayfarer');
  for (let row = 12; row < 15; row += 1) rows[row].fill(true, 12, 18);
  assert.match(decode(rows)?.data ?? '', /^otpauth:/);
});
