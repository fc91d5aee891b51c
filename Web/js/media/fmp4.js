// The little of ISO 14496-12 that the player needs: which track a fragment belongs to, and how to leave one out.

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const name = (d, at) => String.fromCharCode(d.getUint8(at), d.getUint8(at + 1), d.getUint8(at + 2),
  d.getUint8(at + 3));

function* boxes(d, start, end) {
  for (let at = start; at + 8 <= end;) {
    const size = d.getUint32(at);
    if (size < 8 || at + size > end) return;
    yield { type: name(d, at + 4), start: at, body: at + 8, end: at + size };
    at += size;
  }
}

function child(d, box, type) {
  for (const inner of boxes(d, box.body, box.end)) if (inner.type === type) return inner;
  return null;
}

/** The track of the first run of a fragment, or 0 when the bytes are no fragment. */
export function trackOf(bytes) {
  const d = view(bytes);
  for (const box of boxes(d, 0, d.byteLength)) {
    if (box.type !== 'moof') continue;
    const run = child(d, box, 'traf');
    const header = run && child(d, run, 'tfhd');
    return header ? d.getUint32(header.body + 4) : 0;
  }
  return 0;
}

/** True when the bytes begin with an initialisation segment. */
export const isInit = (bytes) => bytes.length > 8 && name(view(bytes), 4) === 'ftyp';

/** The initialisation segment without one track: its boxes become free space of the same size. */
export function withoutTrack(bytes, track) {
  const copy = bytes.slice();
  const d = view(copy);
  const blank = (box) => 'free'.split('').forEach((c, i) => d.setUint8(box.start + 4 + i, c.charCodeAt(0)));
  for (const movie of boxes(d, 0, d.byteLength)) {
    if (movie.type !== 'moov') continue;
    for (const box of boxes(d, movie.body, movie.end)) {
      if (box.type === 'trak') {
        const header = child(d, box, 'tkhd');
        const at = header && header.body + (d.getUint8(header.body) === 1 ? 20 : 12);
        if (at && d.getUint32(at) === track) blank(box);
      } else if (box.type === 'mvex') {
        for (const extends_ of boxes(d, box.body, box.end)) {
          if (extends_.type === 'trex' && d.getUint32(extends_.body + 4) === track) blank(extends_);
        }
      }
    }
  }
  return copy;
}
