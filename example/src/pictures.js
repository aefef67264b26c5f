// Landscapes, painted at start: real PNG files that a browser can show.

import { PNG } from 'pngjs';

const ORIGINAL = { width: 960, height: 640 };
const THUMBNAIL = { width: 240, height: 160 };

const SCENES = [
  { id: '5f0c1f8e-0001-4c7a-9d2e-7b1f64a0c001', name: 'Dawn over Lake Bled.png', takenAt: '2026-05-03T05:41:00Z',
    sky: [[38, 52, 110], [255, 176, 130]], ridges: [[150, 120, 160], [30, 34, 70]], sun: [0.68, 0.52], seed: 1 },
  { id: '5f0c1f8e-0002-4c7a-9d2e-7b1f64a0c002', name: 'Noon in the Julian Alps.png', takenAt: '2026-05-04T12:07:00Z',
    sky: [[52, 120, 200], [205, 232, 250]], ridges: [[140, 175, 200], [28, 78, 66]], sun: [0.24, 0.2], seed: 4 },
  { id: '5f0c1f8e-0003-4c7a-9d2e-7b1f64a0c003', name: 'Evening at Piran.png', takenAt: '2026-05-06T19:32:00Z',
    sky: [[70, 28, 84], [255, 140, 66]], ridges: [[196, 92, 92], [44, 18, 48]], sun: [0.45, 0.6], seed: 7 },
  { id: '5f0c1f8e-0004-4c7a-9d2e-7b1f64a0c004', name: 'Night on Mangart.png', takenAt: '2026-05-07T22:58:00Z',
    sky: [[6, 10, 30], [44, 70, 120]], ridges: [[50, 66, 110], [6, 10, 22]], sun: [0.78, 0.22], seed: 11 },
];

const RIDGES = 4;

export function paintPictures() {
  return SCENES.map((scene) => ({
    id: scene.id,
    name: scene.name,
    takenAt: scene.takenAt,
    ...ORIGINAL,
    original: paint(scene, ORIGINAL),
    thumbnail: paint(scene, THUMBNAIL),
  }));
}

function paint(scene, { width, height }) {
  const png = new PNG({ width, height, colorType: 2 });
  for (let column = 0; column < width; column++) {
    const x = column / width;
    const tops = Array.from({ length: RIDGES }, (_, ridge) => ridgeTop(x, ridge, scene.seed));
    for (let row = 0; row < height; row++) {
      const colour = colourAt(scene, tops, x, row / height, height / width);
      png.data.set([...colour, 255], (row * width + column) * 4);
    }
  }
  return PNG.sync.write(png, { colorType: 2 });
}

function colourAt({ sky, ridges, sun }, tops, x, y, aspect) {
  const ridge = tops.findLastIndex((top) => y > top);
  if (ridge >= 0) return mix(ridges[0], ridges[1], ridge / (RIDGES - 1));
  const distance = Math.hypot(x - sun[0], (y - sun[1]) * aspect);
  const glow = distance < 0.05 ? 0.95 : Math.exp(-(distance - 0.05) * 9) * 0.6;
  return mix(mix(sky[0], sky[1], Math.min(1, y * 1.3)), [255, 246, 220], glow);
}

// Nearer ridges lie lower and roll more gently.
function ridgeTop(x, ridge, seed) {
  const phase = seed * 1.7 + ridge * 2.3;
  const rough = 5 - ridge * 0.6;
  return 0.5 + ridge * 0.13
    + 0.06 * Math.sin(x * rough + phase)
    + 0.03 * Math.sin(x * rough * 2.7 + phase * 1.9)
    + 0.012 * Math.sin(x * rough * 7.1 + phase * 3.1);
}

function mix(from, to, share) {
  return from.map((value, i) => Math.round(value + (to[i] - value) * share));
}
