// Alarms on the timeline: a mark where one happened, which the pointer and keys can reach.

import { may } from '../lib/account.js';
import { api, query } from '../lib/api.js';
import { alarmBook } from '../lib/alarms.js';
import { h } from '../lib/dom.js';
import { iso, parse, stamp } from '../lib/zone.js';
import { alarmLine } from './alarm-words.js';

const MOST = 200;
const WIDE = 12; // pixels of a mark: of those that would overlap only the most urgent stands

/** Belongs to a timeline, which has `tell(lines, x)`, `hush()` and announces `alarm` {alarm}. */
export class AlarmMarks {
  #list = [];
  #key = '';
  #range = null;
  #marks = new Map(); // alarm id → button
  #heard = ({ detail }) => this.#take(detail.alarm);

  constructor(host, changed) {
    this.host = host;
    this.changed = changed;
    this.layer = h('div', { class: 'alarm-marks' });
  }

  connect() {
    alarmBook.addEventListener('alarm', this.#heard);
  }

  disconnect() {
    alarmBook.removeEventListener('alarm', this.#heard);
  }

  #take(alarm) {
    const { channel } = this.#range ?? {};
    if (!channel || (alarm.camera !== channel && `${alarm.device}_${alarm.source}` !== channel)) return;
    this.#list = this.#list.filter((a) => a.id !== alarm.id).concat(alarm);
    this.changed();
  }

  /** Makes sure that the alarms of an interval are known; asks for twice as much to each side. */
  want(channel, from, to) {
    const known = this.#range;
    if (!channel || !may('viewAlarms')) return;
    if (known?.channel === channel && from >= known.from && to <= known.to
      && to - from > (known.to - known.from) / 20) return;
    const reach = (to - from) * 2;
    const range = { channel, from: from - reach, to: to + reach };
    const key = JSON.stringify(range);
    this.#key = key;
    this.#range = range;
    api.get(`/alarms${query({ channel, from: iso(range.from), to: iso(range.to), limit: MOST })}`)
      .then(({ items }) => {
        if (this.#key !== key) return;
        this.#list = items;
        this.changed();
      }, () => {
        if (this.#key === key) this.#range = null;
      });
  }

  /** Puts the marks where `x` says. */
  place({ width, x }) {
    const gone = new Set(this.#marks.keys());
    let free = -WIDE;
    const list = this.#list.map((alarm) => ({ alarm, left: x(parse(alarm.moment)) }))
      .filter(({ left }) => left >= 0 && left <= width).sort((one, other) => one.left - other.left);
    for (const { alarm, left } of list) {
      if (left - WIDE / 2 < free) continue;
      free = left + WIDE / 2;
      const mark = this.#mark(alarm);
      mark.style.setProperty('left', `${Math.round(left - WIDE / 2)}px`);
      gone.delete(alarm.id);
    }
    for (const id of gone) {
      this.#marks.get(id).remove();
      this.#marks.delete(id);
    }
  }

  #mark(alarm) {
    let mark = this.#marks.get(alarm.id);
    if (!mark) {
      const known = () => this.#list.find((a) => a.id === alarm.id) ?? alarm;
      const tell = () => this.host.tell([stamp(parse(known().moment)), alarmLine(known())],
        mark.offsetLeft + mark.offsetWidth / 2);
      mark = h('button', {
        type: 'button', class: `alarm-mark level-${alarm.priority}`, data: { alarm: alarm.id },
        onpointerenter: tell, onfocus: tell, onpointerleave: () => this.host.hush(),
        onblur: () => this.host.hush(),
        onclick: () => this.host.dispatchEvent(new CustomEvent('alarm', { detail: { alarm: known() } })),
      });
      this.#marks.set(alarm.id, mark);
      this.layer.append(mark);
    }
    mark.setAttribute('aria-label', alarmLine(alarm));
    return mark;
  }
}
