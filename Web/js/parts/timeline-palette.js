// Colours and hatches of the timeline. Causes differ by pattern as well as by colour.

const CAUSES = {
  'device-offline': ['--bad', 'cross'],
  network: ['--warn', 'slash'],
  'recorder-stopped': ['--violet', 'dots'],
  'disk-full': ['--bad', 'solid'],
  'no-plan': ['--line-strong', 'slash'],
  purged: ['--muted', 'back'],
  'file-lost': ['--bad', 'back'],
  'disk-lost': ['--violet', 'back'],
  'clock-step': ['--info', 'bars'],
  unknown: ['--muted', 'cross'],
};

export class Palette {
  causes = Object.keys(CAUSES);
  #patterns = new Map();

  constructor(host) {
    this.host = host;
    this.read();
  }

  /** Takes the colours of the theme. */
  read() {
    const style = getComputedStyle(this.host);
    const v = (name) => style.getPropertyValue(name).trim();
    this.#patterns.clear();
    this.value = v;
    Object.assign(this, {
      lane: v('--lane'), recorded: v('--recorded'), planned: v('--planned'), density: v('--density'),
      accent: v('--accent'), head: v('--head'), hold: v('--hold'),
      hover: v('--muted'), text: v('--text'), muted: v('--muted'), tick: v('--line-strong'),
      tickStrong: v('--muted'), corner: v('--panel'),
      selection: v('--selection'), future: v('--future'), gapText: v('--text'), gapTextBack: v('--panel'),
      font: `11px ${v('--font')}`, small: `10px ${v('--font')}`,
    });
    this.elsewhere = this.#pattern('elsewhere', v('--recorded'), 'dots');
  }

  gap(cause) {
    const [colour, shape] = CAUSES[cause] ?? CAUSES.unknown;
    return this.#pattern(cause, this.value(colour), shape);
  }

  #pattern(name, colour, shape) {
    if (this.#patterns.has(name)) return this.#patterns.get(name);
    const tile = document.createElement('canvas');
    tile.width = tile.height = 8;
    const pen = tile.getContext('2d');
    pen.fillStyle = colour;
    pen.strokeStyle = colour;
    pen.lineWidth = 1.6;
    pen.globalAlpha = 0.3;
    pen.fillRect(0, 0, 8, 8);
    pen.globalAlpha = 1;
    const line = (x1, y1, x2, y2) => {
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
      pen.stroke();
    };
    if (shape === 'solid') pen.fillRect(0, 0, 8, 8);
    if (shape === 'slash' || shape === 'cross') for (const o of [-8, 0, 8]) line(o, 8, o + 8, 0);
    if (shape === 'back' || shape === 'cross') for (const o of [-8, 0, 8]) line(o, 0, o + 8, 8);
    if (shape === 'bars') line(4, 0, 4, 8);
    if (shape === 'dots') {
      pen.fillRect(1, 1, 2.4, 2.4);
      pen.fillRect(5, 5, 2.4, 2.4);
    }
    const pattern = pen.createPattern(tile, 'repeat');
    this.#patterns.set(name, pattern);
    return pattern;
  }
}
