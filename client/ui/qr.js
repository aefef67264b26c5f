// QR codes (ISO/IEC 18004) of short texts: byte mode, error correction level M, versions 1 to 15 (up to 412 bytes).

import { errorCorrection } from './reed-solomon.js';

const MAX_VERSION = 15;
const LEVEL_M = 0b00;
const FINDER_CENTRE = 3;

// Indexed by version, from 1: the number of data blocks, and the error correction codewords per block (table 9).
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10];
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24];
// The row and column coordinates of the alignment patterns' centres (annex E).
const ALIGNMENT = [
  [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50], [6, 30, 54],
  [6, 32, 58], [6, 34, 62], [6, 26, 46, 66], [6, 26, 48, 70],
];

// Table 10.
const MASKS = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (row, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => (row * column) % 2 + (row * column) % 3 === 0,
  (row, column) => ((row * column) % 2 + (row * column) % 3) % 2 === 0,
  (row, column) => ((row + column) % 2 + (row * column) % 3) % 2 === 0,
];

// Returns the symbol's rows without the quiet zone, each an array of booleans: true is dark. Throws a RangeError if the
// text's UTF-8 does not fit.
export function encodeQr(text) {
  const bytes = new TextEncoder().encode(text);
  for (let version = 1; version <= MAX_VERSION; version += 1) {
    const skeleton = functionPatterns(version);
    const free = skeleton.flat().filter((module) => module === null).length;
    const dataLength = Math.floor(free / 8) - BLOCKS[version - 1] * CORRECTION[version - 1];
    const data = dataCodewords(bytes, version, dataLength);
    if (data) return bestMasked(skeleton, interleaved(data, version));
  }
  throw new RangeError(`too long for a QR code: ${bytes.length} bytes`);
}

function dataCodewords(bytes, version, length) {
  const lengthBits = version < 10 ? 8 : 16;
  const bits = [...bitsOf(0b0100, 4), ...bitsOf(bytes.length, lengthBits)];
  for (const byte of bytes) bits.push(...bitsOf(byte, 8));
  if (bits.length > length * 8) return null;
  bits.push(...bitsOf(0, Math.min(4, length * 8 - bits.length)));
  while (bits.length % 8 !== 0) bits.push(0);
  for (let pad = 0xec; bits.length < length * 8; pad ^= 0xec ^ 0x11) bits.push(...bitsOf(pad, 8));
  return Array.from({ length }, (_, index) => bits.slice(index * 8, index * 8 + 8).reduce((sum, bit) => sum * 2 + bit));
}

// Interleaves the data blocks and then their error correction, codeword by codeword. If the data does not divide evenly, the
// later blocks are one codeword longer.
function interleaved(data, version) {
  const count = BLOCKS[version - 1];
  const short = Math.floor(data.length / count);
  const shortBlocks = count - data.length % count;
  let start = 0;
  const blocks = Array.from({ length: count }, (_, index) => {
    const end = start + short + (index < shortBlocks ? 0 : 1);
    const block = data.slice(start, end);
    start = end;
    return block;
  });
  const corrections = blocks.map((block) => errorCorrection(block, CORRECTION[version - 1]));
  return [...columnwise(blocks), ...columnwise(corrections)];
}

function columnwise(blocks) {
  const longest = Math.max(...blocks.map((block) => block.length));
  const out = [];
  for (let index = 0; index < longest; index += 1) {
    for (const block of blocks) if (index < block.length) out.push(block[index]);
  }
  return out;
}

// Everything except data and mask, with null in their places. Light modules reserve the place of the format.
function functionPatterns(version) {
  const size = 17 + 4 * version;
  const grid = Array.from({ length: size }, () => new Array(size).fill(null));
  for (let index = 0; index < size; index += 1) {
    grid[6][index] = index % 2 === 0;
    grid[index][6] = index % 2 === 0;
  }
  const far = size - 1 - FINDER_CENTRE;
  for (const [row, column] of [[FINDER_CENTRE, FINDER_CENTRE], [FINDER_CENTRE, far], [far, FINDER_CENTRE]]) {
    drawSquares(grid, row, column, 4, (ring) => ring !== 2 && ring !== 4);
  }
  const centres = ALIGNMENT[version - 1];
  for (const row of centres) {
    for (const column of centres) {
      const corner = (row === 6 && column === 6) || (row === 6 && column === size - 7) || (row === size - 7 && column === 6);
      if (!corner) drawSquares(grid, row, column, 2, (ring) => ring !== 1);
    }
  }
  drawFormat(grid, 0);
  if (version >= 7) drawVersion(grid, version);
  return grid;
}

function drawSquares(grid, row, column, reach, isDark) {
  for (let y = -reach; y <= reach; y += 1) {
    for (let x = -reach; x <= reach; x += 1) {
      if (grid[row + y]?.[column + x] === undefined) continue;
      grid[row + y][column + x] = isDark(Math.max(Math.abs(x), Math.abs(y)));
    }
  }
}

// Level and mask, twice, with their BCH code (section 7.9).
function drawFormat(grid, mask) {
  const size = grid.length;
  const bits = bitsOf(withRemainder(LEVEL_M << 3 | mask, 0x537, 10) ^ 0x5412, 15).reverse();
  bits.forEach((bit, index) => {
    const dark = bit === 1;
    grid[index < 6 ? index : index < 8 ? index + 1 : size - 15 + index][8] = dark;
    grid[8][index < 8 ? size - 1 - index : index === 8 ? 7 : 14 - index] = dark;
  });
  grid[size - 8][8] = true;
}

// The version, twice, with its BCH code (section 7.10).
function drawVersion(grid, version) {
  const size = grid.length;
  bitsOf(withRemainder(version, 0x1f25, 12), 18).reverse().forEach((bit, index) => {
    const long = Math.floor(index / 3);
    const short = size - 11 + index % 3;
    grid[long][short] = bit === 1;
    grid[short][long] = bit === 1;
  });
}

// The value, followed by its remainder modulo the generator polynomial, with the given number of bits.
function withRemainder(value, generator, bits) {
  let rest = value << bits;
  for (let high = 31 - Math.clz32(rest); rest >= 1 << bits; high = 31 - Math.clz32(rest)) {
    rest ^= generator << (high - bits);
  }
  return value << bits | rest;
}

function bestMasked(skeleton, codewords) {
  const places = dataPlaces(skeleton);
  const bits = codewords.flatMap((codeword) => bitsOf(codeword, 8));
  const candidates = MASKS.map((inverts, mask) => {
    const grid = skeleton.map((row) => [...row]);
    // Left-over places have no bit and count as 0.
    places.forEach(([row, column], index) => { grid[row][column] = (bits[index] === 1) !== inverts(row, column); });
    drawFormat(grid, mask);
    return { grid, penalty: penaltyOf(grid) };
  });
  return candidates.reduce((best, one) => (one.penalty < best.penalty ? one : best)).grid;
}

// Pairs of columns from the right, upwards and downwards in turn, around the vertical timing pattern.
function dataPlaces(skeleton) {
  const size = skeleton.length;
  const places = [];
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right -= 1;
    for (let step = 0; step < size; step += 1) {
      const row = upwards ? size - 1 - step : step;
      for (const column of [right, right - 1]) if (skeleton[row][column] === null) places.push([row, column]);
    }
    upwards = !upwards;
  }
  return places;
}

// The penalty for patterns that make a symbol hard to read (section 7.8.3).
function penaltyOf(grid) {
  const lines = [...grid, ...grid.map((_, index) => grid.map((row) => row[index]))];
  const text = lines.map((line) => line.map(Number).join(''));
  const dark = grid.flat().filter(Boolean).length;
  const share = dark * 100 / grid.length ** 2;
  return sum(text, longRuns) + sum(text, finderLookalikes) + blocks(grid) + 10 * Math.floor(Math.abs(share - 50) / 5);
}

const sum = (items, of) => items.reduce((total, item) => total + of(item), 0);
const longRuns = (line) => sum(line.match(/0{5,}|1{5,}/g) ?? [], (run) => run.length - 2);
const finderLookalikes = (line) => 40 * (line.match(/(?=00001011101|10111010000)/g) ?? []).length;

function blocks(grid) {
  let penalty = 0;
  for (let row = 1; row < grid.length; row += 1) {
    for (let column = 1; column < grid.length; column += 1) {
      const dark = grid[row][column];
      const same = dark === grid[row - 1][column] && dark === grid[row][column - 1] && dark === grid[row - 1][column - 1];
      if (same) penalty += 3;
    }
  }
  return penalty;
}

function bitsOf(value, count) {
  return Array.from({ length: count }, (_, index) => value >>> (count - 1 - index) & 1);
}
