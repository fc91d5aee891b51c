// QR codes (ISO/IEC 18004), drawn here so that no secret goes anywhere: bytes, error correction M, versions 1 to 20.

const CHECK = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

const size = (version) => version * 4 + 17;

/** Bits for data and its check, without what patterns and format take. */
function capacity(version) {
  let bits = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const marks = Math.floor(version / 7) + 2;
    bits -= (25 * marks - 10) * marks - 55 + (version >= 7 ? 36 : 0);
  }
  return Math.floor(bits / 8);
}

const room = (version) => capacity(version) - CHECK[version - 1] * BLOCKS[version - 1];

/** The product in GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1. */
function times(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

function generator(degree) {
  const poly = new Array(degree).fill(0);
  poly[degree - 1] = 1;
  let root = 1;
  for (let i = 0; i < degree; i += 1) {
    for (let j = 0; j < degree; j += 1) poly[j] = times(poly[j], root) ^ (j + 1 < degree ? poly[j + 1] : 0);
    root = times(root, 2);
  }
  return poly;
}

function remainder(data, divisor) {
  const rest = new Array(divisor.length).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    divisor.forEach((value, i) => {
      rest[i] ^= times(value, factor);
    });
  }
  return rest;
}

/** Mode, length, the bytes, and what fills up. */
function dataOf(bytes, version) {
  const bits = [];
  const put = (value, count) => {
    for (let i = count - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
  };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, room(version) * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let pad = 0xec; data.length < room(version); pad ^= 0xec ^ 0x11) data.push(pad);
  return data;
}

/** The blocks one beside the other, each with its check. */
function interleaved(data, version) {
  const count = BLOCKS[version - 1];
  const check = CHECK[version - 1];
  const whole = capacity(version);
  const short = Math.floor(whole / count) - check;
  const divisor = generator(check);
  const blocks = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const length = short + (i >= count - (whole % count) ? 1 : 0);
    const part = data.slice(at, at + length);
    at += length;
    blocks.push({ part, rest: remainder(part, divisor) });
  }
  const out = [];
  for (let i = 0; i <= short; i += 1) for (const { part } of blocks) if (i < part.length) out.push(part[i]);
  for (let i = 0; i < check; i += 1) for (const { rest } of blocks) out.push(rest[i]);
  return out;
}

const MASKS = [(x, y) => (x + y) % 2, (_, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2];

class Grid {
  constructor(version) {
    this.version = version;
    this.n = size(version);
    this.dark = Array.from({ length: this.n }, () => new Array(this.n).fill(false));
    this.fixed = Array.from({ length: this.n }, () => new Array(this.n).fill(false));
  }

  set(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.n || y >= this.n) return;
    this.dark[y][x] = Boolean(dark);
    this.fixed[y][x] = true;
  }

  patterns() {
    const { n } = this;
    for (let i = 0; i < n; i += 1) {
      this.set(6, i, i % 2 === 0);
      this.set(i, 6, i % 2 === 0);
    }
    for (const [cx, cy] of [[3, 3], [n - 4, 3], [3, n - 4]]) {
      for (let dy = -4; dy <= 4; dy += 1) {
        for (let dx = -4; dx <= 4; dx += 1) {
          const ring = Math.max(Math.abs(dx), Math.abs(dy));
          this.set(cx + dx, cy + dy, ring !== 2 && ring !== 4);
        }
      }
    }
    const marks = this.marks();
    const last = marks.length - 1;
    marks.forEach((x, i) => marks.forEach((y, j) => {
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let dy = -2; dy <= 2; dy += 1) {
        for (let dx = -2; dx <= 2; dx += 1) this.set(x + dx, y + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
      }
    }));
    this.format(0);
    if (this.version >= 7) this.number();
  }

  /** Where the small marks stand, on both axes. */
  marks() {
    if (this.version === 1) return [];
    const count = Math.floor(this.version / 7) + 2;
    const step = Math.ceil((this.version * 4 + 4) / (count * 2 - 2)) * 2;
    const out = [6];
    for (let at = this.n - 7; out.length < count; at -= step) out.splice(1, 0, at);
    return out;
  }

  /** Error correction M and the mask, twice. */
  format(mask) {
    let rest = mask;
    for (let i = 0; i < 10; i += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((mask << 10) | rest) ^ 0x5412;
    const bit = (i) => (bits >> i) & 1;
    const { n } = this;
    for (let i = 0; i < 6; i += 1) this.set(8, i, bit(i));
    this.set(8, 7, bit(6));
    this.set(8, 8, bit(7));
    this.set(7, 8, bit(8));
    for (let i = 9; i < 15; i += 1) this.set(14 - i, 8, bit(i));
    for (let i = 0; i < 8; i += 1) this.set(n - 1 - i, 8, bit(i));
    for (let i = 8; i < 15; i += 1) this.set(8, n - 15 + i, bit(i));
    this.set(8, n - 8, true);
  }

  number() {
    let rest = this.version;
    for (let i = 0; i < 12; i += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (this.version << 12) | rest;
    for (let i = 0; i < 18; i += 1) {
      const [a, b] = [this.n - 11 + (i % 3), Math.floor(i / 3)];
      this.set(a, b, (bits >> i) & 1);
      this.set(b, a, (bits >> i) & 1);
    }
  }

  /** The words in their zigzag, two columns at a time from the right. */
  fill(words) {
    let at = 0;
    for (let right = this.n - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.n; step += 1) {
        for (const x of [right, right - 1]) {
          const y = (right + 1) & 2 ? step : this.n - 1 - step;
          if (this.fixed[y][x] || at >= words.length * 8) continue;
          this.dark[y][x] = Boolean((words[at >> 3] >> (7 - (at & 7))) & 1);
          at += 1;
        }
      }
    }
  }

  flip(mask) {
    for (let y = 0; y < this.n; y += 1) {
      for (let x = 0; x < this.n; x += 1) {
        if (!this.fixed[y][x] && MASKS[mask](x, y) === 0) this.dark[y][x] = !this.dark[y][x];
      }
    }
  }

  /** How hard it is to read: squares and long runs of one colour, and too much of either. */
  penalty() {
    const { n, dark } = this;
    let sum = 0;
    let count = 0;
    for (const across of [true, false]) {
      for (let i = 0; i < n; i += 1) {
        let run = 0;
        for (let j = 0; j < n; j += 1) {
          const same = j > 0 && (across ? dark[i][j] === dark[i][j - 1] : dark[j][i] === dark[j - 1][i]);
          run = same ? run + 1 : 1;
          if (run === 5) sum += 3;
          else if (run > 5) sum += 1;
        }
      }
    }
    for (let y = 0; y < n; y += 1) {
      for (let x = 0; x < n; x += 1) {
        if (dark[y][x]) count += 1;
        if (x && y && dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y][x - 1]
          && dark[y][x] === dark[y - 1][x - 1]) sum += 3;
      }
    }
    return sum + Math.floor(Math.abs(count * 20 - n * n * 10) / (n * n)) * 10;
  }
}

/** The dark cells of the code of a text, row by row; null when the text is too long. */
export function qrCode(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = CHECK.findIndex((_, i) => room(i + 1) * 8 >= 12 + (i < 9 ? 0 : 8) + bytes.length * 8) + 1;
  if (!version) return null;
  const words = interleaved(dataOf(bytes, version), version);
  let best = null;
  for (let mask = 0; mask < 8; mask += 1) {
    const grid = new Grid(version);
    grid.patterns();
    grid.fill(words);
    grid.flip(mask);
    grid.format(mask);
    const penalty = grid.penalty();
    if (!best || penalty < best.penalty) best = { penalty, rows: grid.dark };
  }
  return best.rows;
}
