// A QR code as an SVG element, always dark on light: most scanners refuse the inverse.

import { encodeQr } from './qr.js';

const SVG = 'http://www.w3.org/2000/svg';
const QUIET = 4;

// Throws as encodeQr does.
export function qrSvg(text) {
  const rows = encodeQr(text);
  const size = rows.length + 2 * QUIET;
  const svg = svgElement('svg', { viewBox: `0 0 ${size} ${size}`, 'aria-hidden': 'true', 'shape-rendering': 'crispEdges' });
  svg.append(
    svgElement('rect', { width: size, height: size, fill: '#fff' }),
    svgElement('path', { d: outline(rows), fill: '#000' }),
  );
  return svg;
}

function outline(rows) {
  return rows.flatMap((row, y) => [...row.map((dark) => (dark ? '1' : '0')).join('').matchAll(/1+/g)]
    .map((run) => `M${run.index + QUIET} ${y + QUIET}h${run[0].length}v1h-${run[0].length}z`)).join('');
}

function svgElement(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  return node;
}
