// Checks the proof of one entry of the access log in this browser: the server is not asked to vouch for itself.

const TITLE = 'c2sp.org/tlog-proof@v1';

/** Whether this browser can compute hashes: only over HTTPS or on this machine. */
export const canCheck = () => Boolean(globalThis.crypto?.subtle);

/** {entry, index, hashes, origin, size, root, body, signatures} of a proof's text; throws when it is none. */
export function parseProof(text) {
  const gap = text.indexOf('\n\n');
  const lines = text.slice(0, gap).split('\n');
  if (gap < 0 || lines.shift() !== TITLE) throw new Error('no proof');
  const entry = lines[0].startsWith('extra ') ? bytes(lines.shift().slice(6)) : null;
  const index = Number(lines.shift().replace(/^index /, ''));
  const note = text.slice(gap + 2);
  const end = note.indexOf('\n\n');
  const body = note.slice(0, end + 1);
  const [origin, size, root] = body.split('\n');
  const signatures = note.slice(end + 2).split('\n').filter(Boolean).map((line) => {
    const [, name, value] = line.split(' ');
    return { name, bytes: bytes(value) };
  });
  return { entry, index, hashes: lines.map(bytes), origin, size: Number(size), root: bytes(root), body, signatures };
}

/** Whether the entry is the one that the head was made over (RFC 6962 §2.1.1). */
export async function isIncluded({ entry, index, hashes, size, root }) {
  if (!entry || !(index < size)) return false;
  let hash = await sha256([0], entry);
  let [node, last] = [index, size - 1];
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = await sha256([1], sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
    } else {
      hash = await sha256([1], hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(hash, root);
}

/** Whether `key` (name+number+Base64) signed the head; null when this browser does not know Ed25519. */
export async function isSigned({ body, signatures }, key) {
  const [name, number, value] = key.split('+', 2).concat(key.split('+').slice(2).join('+'));
  const raw = bytes(value);
  const id = [0, 2, 4, 6].map((at) => parseInt(number.slice(at, at + 2), 16));
  const found = signatures.find((s) => s.name === name && id.every((byte, at) => s.bytes[at] === byte));
  if (!found || raw[0] !== 1) return false;
  try {
    const imported = await crypto.subtle.importKey('raw', raw.slice(1), { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, found.bytes.slice(4), new TextEncoder().encode(body));
  } catch {
    return null;
  }
}

async function sha256(...parts) {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

const same = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
