// Reed-Solomon codes over GF(2^8) with the QR code's polynomial x^8 + x^4 + x^3 + x^2 + 1.

const EXP = new Uint8Array(255);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power += 1) {
  EXP[power] = value;
  LOG[value] = power;
  value = value << 1 ^ (value & 0x80 ? 0x11d : 0);
}

const multiply = (a, b) => (a && b ? EXP[(LOG[a] + LOG[b]) % 255] : 0);

// The product of (x - 2^i) for i below the degree, without its leading 1; highest power first.
function generator(degree) {
  let polynomial = [1];
  for (let power = 0; power < degree; power += 1) {
    const shifted = [...polynomial, 0];
    polynomial.forEach((factor, index) => { shifted[index + 1] ^= multiply(factor, EXP[power]); });
    polynomial = shifted;
  }
  return polynomial.slice(1);
}

// The given number of error correction codewords for a block.
export function errorCorrection(block, count) {
  const divisor = generator(count);
  const rest = new Array(count).fill(0);
  for (const codeword of block) {
    const factor = codeword ^ rest.shift();
    rest.push(0);
    divisor.forEach((term, index) => { rest[index] ^= multiply(term, factor); });
  }
  return rest;
}
