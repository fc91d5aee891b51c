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

function child(d, box, ...path) {
  for (const type of path) box = box && [...boxes(d, box.body, box.end)].find((inner) => inner.type === type);
  return box ?? null;
}

const wide = (d, at) => d.getUint32(at) * 4294967296 + d.getUint32(at + 4);

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

/** The number and the time scale of the first track of pictures, or null. */
export function pictureTrackOf(init) {
  const d = view(init);
  for (const movie of boxes(d, 0, d.byteLength)) {
    if (movie.type !== 'moov') continue;
    for (const track of boxes(d, movie.body, movie.end)) {
      if (track.type !== 'trak') continue;
      const handler = child(d, track, 'mdia', 'hdlr');
      const [media, header] = [child(d, track, 'mdia', 'mdhd'), child(d, track, 'tkhd')];
      if (!handler || !media || !header || name(d, handler.body + 8) !== 'vide') continue;
      const after = (box) => box.body + (d.getUint8(box.body) === 1 ? 20 : 12);
      return { id: d.getUint32(after(header)), scale: d.getUint32(after(media)) };
    }
  }
  return null;
}

/** When each picture of the fragments is shown, in seconds, in decoding order. */
export function pictureTimes(bytes, track) {
  const times = [];
  const d = view(bytes);
  for (const movie of boxes(d, 0, d.byteLength)) {
    if (movie.type !== 'moof') continue;
    for (const part of boxes(d, movie.body, movie.end)) {
      const header = part.type === 'traf' && child(d, part, 'tfhd');
      if (!header || d.getUint32(header.body + 4) !== track.id) continue;
      const begin = child(d, part, 'tfdt');
      let at = begin ? (d.getUint8(begin.body) === 1 ? wide(d, begin.body + 4) : d.getUint32(begin.body + 4)) : 0;
      for (const run of boxes(d, part.body, part.end)) {
        if (run.type === 'trun') at = runTimes(d, run, header, at, track.scale, times);
      }
    }
  }
  return times;
}

// The fields a sample of a `trun` may have, in their order.
const DURATION = 0x100, SIZE = 0x200, FLAGS = 0x400, OFFSET = 0x800;

function runTimes(d, run, header, at, scale, times) {
  const flags = d.getUint32(run.body) & 0xffffff;
  const count = d.getUint32(run.body + 4);
  const fixed = defaultDuration(d, header);
  const step = 4 * [DURATION, SIZE, FLAGS, OFFSET].filter((f) => flags & f).length;
  let entry = run.body + 8 + (flags & 1 ? 4 : 0) + (flags & 4 ? 4 : 0);
  for (let n = 0; n < count && entry + step <= run.end; n += 1, entry += step) {
    const shift = flags & OFFSET ? d.getInt32(entry + step - 4) : 0;
    times.push((at + shift) / scale);
    at += flags & DURATION ? d.getUint32(entry) : fixed;
  }
  return at;
}

function defaultDuration(d, header) {
  const flags = d.getUint32(header.body) & 0xffffff;
  if (!(flags & 8)) return 0;
  return d.getUint32(header.body + 8 + (flags & 1 ? 8 : 0) + (flags & 2 ? 4 : 0));
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
