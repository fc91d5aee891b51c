// A still of what is on screen, as PNG with a visible watermark and its facts inside the file.

import { session } from '../lib/account.js';
import { purposeLabel, purposeText } from '../lib/purpose.js';
import { clockOffset, iso, stamp, zoneLabel } from '../lib/zone.js';

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** A PNG with an international text chunk before its first image data (PNG 3rd edition §11.3.3.4). */
export function withFacts(png, facts) {
  const text = new TextEncoder().encode(`iTXtTributary\0\0\0\0\0${JSON.stringify(facts)}`);
  const chunk = new Uint8Array(text.length + 8);
  const d = new DataView(chunk.buffer);
  d.setUint32(0, text.length - 4);
  chunk.set(text, 4);
  d.setUint32(text.length + 4, crc(text));
  const head = 33; // signature and IHDR
  const out = new Uint8Array(png.length + chunk.length);
  out.set(png.subarray(0, head));
  out.set(chunk, head);
  out.set(png.subarray(head), head + chunk.length);
  return out;
}

/** Saves the picture. `about` is {channel, name, wall, media, kind, state}. Resolves with the name of the file. */
export async function saveSnapshot(video, still, about) {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth || still.width;
  canvas.height = video.videoHeight || still.height;
  const pen = canvas.getContext('2d');
  pen.drawImage(still.hidden ? video : still, 0, 0, canvas.width, canvas.height);
  const line = `${session.user?.name ?? ''} · ${stamp(about.wall)} ${zoneLabel(about.wall)} · ${purposeLabel()}`;
  const size = Math.max(12, Math.round(canvas.height / 36));
  pen.font = `${size}px sans-serif`;
  const width = pen.measureText(`${about.name} · ${line}`).width;
  pen.fillStyle = 'rgba(0,0,0,.55)';
  pen.fillRect(0, canvas.height - size * 1.8, Math.min(canvas.width, width + size * 1.4), size * 1.8);
  pen.fillStyle = '#fff';
  pen.fillText(`${about.name} · ${line}`, size * 0.7, canvas.height - size * 0.6);
  const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
  const facts = {
    camera: about.channel, name: about.name, kind: about.kind, state: about.state, wallTime: iso(about.wall),
    mediaTime: about.media,
    clockOffsetMs: Math.round(clockOffset()), viewer: session.user?.name, purpose: purposeText(),
    taken: new Date().toISOString(),
  };
  const file = withFacts(new Uint8Array(await blob.arrayBuffer()), facts);
  const name = `${about.channel}_${iso(about.wall).replace(/[-:]/g, '').slice(0, 15)}.png`;
  const url = URL.createObjectURL(new Blob([file], { type: 'image/png' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  return name;
}
