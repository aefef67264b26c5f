// Media files that the tests make themselves, some megabytes each.

// A tone of so many seconds: 16 bits, two channels.
export function wav(seconds, rate = 44_100) {
  const size = seconds * rate * 4;
  const file = Buffer.alloc(44 + size);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + size, 4);
  file.write('WAVEfmt ', 8);
  const format = [[16, 4], [1, 2], [2, 2], [rate, 4], [rate * 4, 4], [4, 2], [16, 2]];
  format.reduce((at, [value, width]) => file.writeUIntLE(value, at, width), 16);
  file.write('data', 36);
  file.writeUInt32LE(size, 40);
  for (let at = 44; at < file.length; at += 2) file.writeInt16LE(Math.round(9000 * Math.sin(at / 40)), at);
  return file;
}

const uint = (value, width) => {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, Math.min(width, 6));
  return width <= 6 ? bytes : Buffer.concat([Buffer.alloc(width - 6), bytes.subarray(0, 6)]);
};
const float = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};

// An element of EBML, with a size of eight bytes.
const element = (id, ...parts) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from(id, 'hex'), Buffer.from([1]), uint(content.length, 7), content]);
};

// The frame in a lossy WebP picture is a key frame of VP8.
function frameOf(webp) {
  const at = webp.indexOf('VP8 ');
  return webp.subarray(at + 8, at + 8 + webp.readUInt32LE(at + 4));
}

// A silent film that shows each picture for a second, with an index for seeking.
export function webm(pictures, width, height) {
  const info = [
    element('2ad7b1', uint(1_000_000, 4)), element('4489', float(pictures.length * 1000)), element('4d80', 'x'), element('5741', 'x'),
  ];
  const track = [
    element('d7', uint(1, 1)), element('73c5', uint(1, 1)), element('83', uint(1, 1)), element('86', 'V_VP8'),
    element('e0', element('b0', uint(width, 2)), element('ba', uint(height, 2))),
  ];
  const head = [element('1549a966', ...info), element('1654ae6b', element('ae', ...track))];
  const clusters = pictures.map((picture, i) => (
    element('1f43b675', element('e7', uint(i * 1000, 4)), element('a3', [0x81, 0, 0, 0x80], frameOf(picture)))));
  const cues = (begin) => {
    let at = begin;
    return element('1c53bb6b', ...clusters.map((cluster, i) => {
      const place = element('b7', element('f7', uint(1, 1)), element('f1', uint(at, 6)));
      const cue = element('bb', element('b3', uint(i * 1000, 4)), place);
      at += cluster.length;
      return cue;
    }));
  };
  const before = Buffer.concat(head).length;
  return Buffer.concat([
    element(
      '1a45dfa3', element('4286', uint(1, 1)), element('42f7', uint(1, 1)), element('42f2', uint(4, 1)), element('42f3', uint(8, 1)),
      element('4282', 'webm'), element('4287', uint(2, 1)), element('4285', uint(2, 1)),
    ),
    element('18538067', ...head, cues(before + cues(0).length), ...clusters),
  ]);
}
