// A QR code as a drawing: dark cells on white, with the margin that readers need.

import { h, svg } from '../lib/dom.js';
import { qrCode } from '../lib/qr.js';

const MARGIN = 4;

/** The picture of a text; `label` is the key of what it is. A text that is too long has none. */
export function qrPicture(text, label) {
  const rows = qrCode(text);
  if (!rows) return h('p', { class: 'muted', t: 'factor.noPicture' });
  const side = rows.length + 2 * MARGIN;
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + MARGIN} ${y + MARGIN}h1v1h-1z` : ''))).join('');
  const figure = h('div', { class: 'qr', role: 'img', tLabel: label });
  figure.append(svg('svg', { viewBox: `0 0 ${side} ${side}`, 'shape-rendering': 'crispEdges' },
    svg('rect', { width: side, height: side, fill: '#fff' }), svg('path', { d: path, fill: '#000' })));
  return figure;
}
