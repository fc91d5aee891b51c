// Holds on the timeline: a frame around what is kept, drawn with the lanes, and a mark that keys can reach.

import { h } from '../lib/dom.js';
import { holdBook } from '../lib/holds.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { holdLines } from './hold-words.js';

const EDGE = 2;
const WORD_WIDTH = 56; // pixels from which there is room for the word beside the lock
const COMPACT_WIDTH = 20;

/** Belongs to a timeline, which has `tell(lines, x)`, `hush()` and announces `hold` {hold}. */
export class HoldMarks {
  #marks = new Map(); // hold id → button

  constructor(host) {
    this.host = host;
    this.layer = h('div', { class: 'hold-marks' });
  }

  /** The holds of a channel that reach a moment. */
  at(channel, at) {
    return holdBook.of(channel).filter((hold) => at >= hold.from && at < hold.to);
  }

  /** Draws the frames of a lane. `x` turns a moment into pixels. */
  draw(pen, channel, { y, height, width, x, colour }) {
    pen.fillStyle = colour;
    for (const hold of holdBook.of(channel)) {
      const [a, b] = [Math.round(x(hold.from)), Math.round(x(hold.to))];
      if (b < 0 || a > width) continue;
      const [left, right] = [Math.max(-EDGE, a), Math.min(width + EDGE, Math.max(b, a + EDGE))];
      pen.fillRect(left, y, right - left, EDGE);
      pen.fillRect(left, y + height - EDGE, right - left, EDGE);
      pen.fillRect(left, y, EDGE, height);
      pen.fillRect(right - EDGE, y, EDGE, height);
    }
  }

  /** Puts the marks of the selected camera where their frames begin; of overlapping ones side by side. */
  place(channel, { width, x }) {
    const gone = new Set(this.#marks.keys());
    let free = 0;
    const list = holdBook.of(channel).map((hold) => ({ hold, a: x(hold.from), b: x(hold.to) }))
      .filter(({ a, b }) => b > 0 && a < width).sort((one, other) => one.a - other.a);
    for (const { hold, a, b } of list) {
      const left = Math.max(a + EDGE, free, 0);
      if (left > width - COMPACT_WIDTH) continue;
      const word = Math.min(b, width) - left > WORD_WIDTH;
      const mark = this.#mark(hold);
      mark.classList.toggle('compact', !word);
      mark.style.setProperty('left', `${Math.round(left)}px`);
      free = left + (word ? WORD_WIDTH : COMPACT_WIDTH);
      gone.delete(hold.id);
    }
    for (const id of gone) {
      this.#marks.get(id).remove();
      this.#marks.delete(id);
    }
  }

  #mark(hold) {
    let mark = this.#marks.get(hold.id);
    if (!mark) {
      const known = () => holdBook.find(hold.id) ?? hold;
      const tell = () => this.host.tell(holdLines(known()), mark.offsetLeft + mark.offsetWidth / 2);
      mark = h('button', {
        type: 'button', class: 'hold-mark', data: { hold: hold.id }, onpointerenter: tell, onfocus: tell,
        onpointerleave: () => this.host.hush(), onblur: () => this.host.hush(),
        onclick: () => this.host.dispatchEvent(new CustomEvent('hold', { detail: { hold: known() } })),
      }, icon('lock', 12), h('span', { t: 'hold.kept' }));
      this.#marks.set(hold.id, mark);
      this.layer.append(mark);
    }
    mark.setAttribute('aria-label', t('hold.tip', { reason: hold.reason }));
    return mark;
  }
}
